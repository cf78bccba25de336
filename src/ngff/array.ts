import { asArray, asInteger, asObject, asString, BioImageError, invalid, say } from '../core';
import type { IReadableStore } from '../stores';
import { readCodecsV2 } from './codecs';
import { dtypeV2, ITEM_BYTES, readDtypeV2, readDtypeV3 } from './dtype';
import type { DataType } from './dtype';
import { refuseExtensions } from './extensions';
import { readFill } from './fill';
import type { IFill } from './fill';
import { readChunkShape, readPipeline } from './sharding';
import type { IShard } from './sharding';

/** One Zarr array, v2 or v3, as far as reading its pixels needs it. All lists are in the array's axis order. */
export interface IArray extends IFill {
  /** Key of the array's folder, relative to the store's root; '' is the root itself. */
  readonly path: string;
  /** 0: an image of a TIFF file, see `src/tiff`. */
  readonly zarrFormat: 0 | 2 | 3;
  /** Pixels along each axis; 0 is an empty array. */
  readonly shape: readonly number[];
  /** The unit that is decoded: the inner chunk where sharded. Pixels along each axis, at least 1. */
  readonly chunks: readonly number[];
  readonly dtype: DataType;
  readonly dimensionNames?: readonly (string | null)[];
  readonly shard?: IShard;
  /** Codec names of the decoded unit, outermost last; for v2 the filters, then the compressor. */
  readonly codecs: readonly string[];
  /** The document a decoder works by: an array of one chunk, the decoded unit, without shards; see `readUnit`. */
  readonly decodeDoc: Record<string, unknown>;
  /** Who can decode it: a browser lacks some codecs, which the server of the session has. */
  readonly decodedBy: 'browser' | 'server';
  /**
   * Finds a decoded unit where keys and shards do not tell: then it is asked instead of `objectKey`. `null`: not there.
   * `store` is rooted as `path` is. Throws what the store throws, BAD_METADATA, BAD_CHUNK, or the signal's reason.
   */
  locate?(chunk: readonly number[], store: IReadableStore, signal?: AbortSignal): Promise<IPlace | null>;
  /** Key in the store, `path` included, of the object that holds the decoded unit `chunk` (counted in decoded units). */
  objectKey(chunk: readonly number[]): string;
}

/** Where a decoded unit lies: an object or a range of one. */
export interface IPlace {
  readonly key: string;
  /** Ends excluded. */
  readonly range?: { readonly start: number; readonly end: number };
  /** What decoding this unit needs beyond the array's `decodeDoc` (tables of one TIFF directory); plain data. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Where the page lacks the codec: what the session's server does. `more` is then what is left to do with the answer. */
  readonly server?: IServerPart;
}

/** How the session's server decodes a unit out of the range of a file; plain data, its form is that of the request. */
export interface IServerPart {
  readonly codec: {
    readonly name: string;
    readonly configuration: Readonly<Record<string, unknown>>;
    /** Rows, columns and samples of what comes out. */
    readonly shape: readonly [number, number, number];
    readonly dtype: DataType;
  };
  /** Each compressed by itself: offset in the range, length in bytes (0: stays 0), rows, and rows before these to leave out. */
  readonly pieces: readonly (readonly [number, number, number, number])[];
}

/** Bytes of the pixels of one whole shard, as far as it lies in the array; `undefined` where there are no shards. */
export function shardBytes({ shard, shape, dtype }: IArray): number | undefined {
  return shard?.shape.reduce((bytes, size, i) => bytes * Math.min(size, shape[i]), ITEM_BYTES[dtype]);
}

/** Zarr arrays of more axes exist nowhere, numpy stops here. */
const MAX_RANK = 32;
/** Decoded bytes of one chunk; a larger one would not fit beside the rest of a session of 4 GB. */
const MAX_CHUNK_BYTES = 256 * 1024 * 1024;

type KeyEncoder = (chunk: readonly number[]) => string;

function readShape(value: unknown, where: string): number[] {
  const shape = asArray(value, where).map((size, i) => asInteger(size, `${where}[${i}]`, 0, Number.MAX_SAFE_INTEGER));
  if (shape.length > MAX_RANK) {
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: ${shape.length} axes.`, { where });
  }
  return shape;
}

/** Anything but `.` or `/` could lead the request out of the array's folder. */
function readSeparator(value: unknown, fallback: string, where: string): string {
  const separator = value ?? fallback;
  if (separator !== '.' && separator !== '/') {
    throw invalid(where, say`is neither "." nor "/"`);
  }
  return separator;
}

function refuseLarge(chunks: readonly number[], dtype: DataType, where: string): void {
  const size = chunks.reduce((product, length) => product * length, ITEM_BYTES[dtype]);
  if (size > MAX_CHUNK_BYTES) {
    const mib = Math.round(size / 2 ** 20);
    throw new BioImageError(
      'TOO_LARGE',
      say`Too large to preview (one chunk is ${mib} MiB). Use the code snippet instead.`,
      { where }
    );
  }
}

function prefixed(path: string, encode: KeyEncoder, shard: IShard | undefined): KeyEncoder {
  const base = path === '' ? '' : `${path}/`;
  return chunk => base + encode(shard ? chunk.map((at, i) => Math.floor(at / shard.perShard[i])) : chunk);
}

function readV2(path: string, document: Record<string, unknown>, where: string): IArray {
  const shape = readShape(document.shape, `${where}: shape`);
  const chunks = readChunkShape(document.chunks, shape.length, `${where}: chunks`);
  const { dtype, big } = readDtypeV2(document.dtype, `${where}: dtype`);
  refuseLarge(chunks, dtype, `${where}: chunks`);
  const order = document.order ?? 'C';
  if (order !== 'C' && order !== 'F') {
    throw invalid(`${where}: order`, say`is neither C nor F`);
  }
  const separator = readSeparator(document.dimension_separator, '.', `${where}: dimension_separator`);
  const { steps, decodedBy } = readCodecsV2(document, { dtype, big }, shape.length, `${where}: `);
  return {
    path,
    zarrFormat: 2,
    shape,
    chunks,
    dtype,
    ...readFill(document.fill_value, dtype, `${where}: fill_value`),
    codecs: steps.map(({ name }) => name),
    decodedBy,
    decodeDoc: {
      zarr_format: 2,
      shape: chunks,
      chunks,
      dtype: dtypeV2(dtype, big),
      fill_value: 0,
      order,
      filters: Array.isArray(document.filters) && document.filters.length > 0 ? document.filters : null,
      compressor: document.compressor || null
    },
    objectKey: prefixed(path, chunk => chunk.join(separator) || '0', undefined)
  };
}

function readGrid(value: unknown, rank: number, where: string): number[] {
  const grid = asObject(value, where);
  const name = asString(grid.name, `${where}.name`);
  if (name !== 'regular') {
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: chunk grid ${name.slice(0, 40)}.`, {
      where
    });
  }
  return readChunkShape(asObject(grid.configuration, `${where}.configuration`).chunk_shape, rank, `${where}: chunks`);
}

/** Zarr v3 core, "chunk_key_encoding": `default` puts `c` in front, `v2` is the key of Zarr v2. */
function readKeyEncoding(value: unknown, where: string): KeyEncoder {
  const encoding =
    value === undefined ? { name: 'default' } : typeof value === 'string' ? { name: value } : asObject(value, where);
  const configuration =
    'configuration' in encoding ? asObject(encoding.configuration ?? {}, `${where}.configuration`) : {};
  const name = asString(encoding.name, `${where}.name`);
  if (name === 'default') {
    const separator = readSeparator(configuration.separator, '/', `${where}.separator`);
    return chunk => ['c', ...chunk].join(separator);
  }
  if (name === 'v2') {
    const separator = readSeparator(configuration.separator, '.', `${where}.separator`);
    return chunk => chunk.join(separator) || '0';
  }
  throw new BioImageError('UNSUPPORTED', say`This format is not supported: chunk key encoding ${name.slice(0, 40)}.`, {
    where
  });
}

/**
 * Storage transformers change where a chunk lies, so an unknown one makes the array unreadable (Zarr v3 core). The one
 * of zarr-java's samples only adds a list of further places: what lies at the plain key is still the chunk.
 */
function checkTransformers(value: unknown, where: string): void {
  for (const item of asArray(value ?? [], where)) {
    const transformer = asObject(item, where);
    if (transformer.name !== 'chunk-manifest-json' && transformer.must_understand !== false) {
      throw new BioImageError(
        'UNSUPPORTED',
        say`This format is not supported: storage transformer ${String(transformer.name).slice(0, 40)}.`,
        {
          where
        }
      );
    }
  }
}

function readNames(value: unknown, rank: number, where: string): (string | null)[] | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  const names = asArray(value, where).map((name, i) => (name === null ? null : asString(name, `${where}[${i}]`)));
  if (names.length !== rank) {
    throw invalid(where, say`does not name ${rank} axes`);
  }
  return names;
}

function readV3(path: string, document: Record<string, unknown>, where: string): IArray {
  refuseExtensions(document, where);
  const shape = readShape(document.shape, `${where}: shape`);
  const outer = readGrid(document.chunk_grid, shape.length, `${where}: chunk_grid`);
  const dtype = readDtypeV3(document.data_type, `${where}: data_type`);
  checkTransformers(document.storage_transformers, `${where}: storage_transformers`);
  const { chunks, codecs, decodedBy, shard } = readPipeline(document.codecs, outer, dtype, `${where}: codecs`);
  refuseLarge(chunks, dtype, `${where}: ${shard ? 'codecs[0]' : 'chunk_grid'}.configuration.chunk_shape`);
  const dimensionNames = readNames(document.dimension_names, shape.length, `${where}: dimension_names`);
  return {
    path,
    zarrFormat: 3,
    shape,
    chunks,
    dtype,
    ...readFill(document.fill_value, dtype, `${where}: fill_value`),
    ...(dimensionNames && { dimensionNames }),
    ...(shard && { shard }),
    codecs: codecs.map(({ name }) => name),
    decodedBy,
    decodeDoc: {
      zarr_format: 3,
      node_type: 'array',
      shape: chunks,
      data_type: dtype,
      chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      fill_value: 0,
      codecs,
      attributes: {}
    },
    objectKey: prefixed(path, readKeyEncoding(document.chunk_key_encoding, `${where}: chunk_key_encoding`), shard)
  };
}

/**
 * Reads a `.zarray` or a `zarr.json` of an array at `path` ('' = the store's root). Strict: what cannot be read exactly
 * is refused here, before any chunk is asked for. Throws BAD_METADATA naming the field, UNSUPPORTED naming what is not
 * known, TOO_LARGE for a decoded chunk over 256 MiB.
 */
export function readArray(path: string, document: unknown): IArray {
  const object = asObject(document, path === '' ? 'the array' : `array ${path}`);
  const format = object.zarr_format;
  const file = format === 2 ? '.zarray' : 'zarr.json';
  const where = path === '' ? file : `${path}/${file}`;
  if (format !== 2 && format !== 3) {
    throw new BioImageError(
      'UNSUPPORTED',
      say`This format is not supported: zarr_format ${String(format).slice(0, 20)}.`,
      { where }
    );
  }
  if (format === 3 && object.node_type !== 'array') {
    throw invalid(`${where}: node_type`, say`is not array`);
  }
  return format === 2 ? readV2(path, object, where) : readV3(path, object, where);
}
