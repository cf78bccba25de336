import { open, root, isZarritaError, type AbsolutePath, type Readable } from 'zarrita';
import { BioImageError, isBioImageError } from '../core';
import { damaged } from './guard/sizes';
import { installCodecs, LENGTH_CHECK } from './guard/codecs';
import { looksLikeMarkup } from './guard/text';
import { asWords, bytesOf, toCOrder } from './order';

/** What a decoder needs to know of an array; plain data, so that it can be posted to a worker. */
export interface IDecodeSpec {
  /** The document of `IArray.decodeDoc`: one decoded unit, no sharding, unsigned words for 16-bit floats and booleans. */
  readonly document: Readonly<Record<string, unknown>>;
  /** 0: a unit of a TIFF file, see `src/tiff`. */
  readonly zarrFormat: 0 | 2 | 3;
  readonly chunks: readonly number[];
  readonly itemBytes: number;
  readonly codecs: readonly string[];
}

const LENGTH_KEEPERS = /^(numcodecs\.)?(transpose|bytes|delta|bitround|fixedscaleoffset|scale_offset|cast_value)$/;

/**
 * Decodes the units of one array. zarrita's codec pipeline is private, so it is given a store of two entries: the array's
 * document, and the bytes at hand as chunk 0.
 *
 * One job at a time per decoder; one that has thrown must not be used again.
 */
export class ChunkDecoder {
  private _bytes: Uint8Array | undefined;
  private readonly _spec: IDecodeSpec;
  private _chunk: ((index: number[]) => Promise<{ data: unknown; shape: number[]; stride: number[] }>) | undefined;

  constructor(spec: IDecodeSpec) {
    installCodecs();
    this._spec = spec;
  }

  /**
   * The unit's values as C-order little-endian bytes, exactly prod(chunks) · itemBytes of them.
   *
   * @throws BAD_CHUNK, UPSTREAM_BAD (a text came instead), UNSUPPORTED, BAD_METADATA
   */
  async decode(bytes: Uint8Array): Promise<Uint8Array> {
    const { chunks, itemBytes, codecs } = this._spec;
    const count = chunks.reduce((product, size) => product * size, 1);
    if (bytes.length === 0) {
      throw damaged('it is empty');
    }
    // A bare LZ4 block has no mark of its own: a text in its place is one of the many ways it can be damaged.
    if (!/(^|\.)lz4$/.test(codecs.at(-1) ?? '') && looksLikeMarkup(bytes)) {
      throw new BioImageError('UPSTREAM_BAD', 'The store gave a web page or an error text instead of pixels.');
    }
    this._bytes = bytes;
    try {
      this._chunk ??= await this._open();
      const { data, shape, stride } = await this._chunk(chunks.map(() => 0));
      if (!ArrayBuffer.isView(data) || data.byteLength !== count * itemBytes) {
        throw damaged('its length is not what the array says');
      }
      return bytesOf(toCOrder({ data: asWords(data, itemBytes), shape, stride }));
    } catch (error) {
      throw named(error);
    } finally {
      this._bytes = undefined;
    }
  }

  private async _open(): Promise<NonNullable<ChunkDecoder['_chunk']>> {
    const { document, zarrFormat } = this._spec;
    if (zarrFormat === 0) {
      throw new BioImageError('UNSUPPORTED', 'This format is not supported: TIFF.');
    }
    const text = new TextEncoder().encode(JSON.stringify(withLengthCheck(document, zarrFormat)));
    const store: Readable = {
      get: async (key: AbsolutePath) => (/\/(\.zarray|zarr\.json)$/.test(key) ? text : this._bytes)
    };
    const options = { kind: 'array', attrs: false } as const;
    const array = await (zarrFormat === 2 ? open.v2(root(store), options) : open.v3(root(store), options));
    return index => array.getChunk(index);
  }
}

/**
 * The document with our length check as the first bytes-to-bytes codec, so decoded last: zarrita fills a short chunk with
 * zeros and drops what is too long.
 */
export function withLengthCheck(document: Readonly<Record<string, unknown>>, format: 2 | 3): Record<string, unknown> {
  const insert = <T>(list: readonly T[], name: (item: T) => string, item: T): T[] => {
    const at = list.findIndex(entry => !LENGTH_KEEPERS.test(name(entry)));
    return at < 0 ? [...list, item] : [...list.slice(0, at), item, ...list.slice(at)];
  };
  if (format === 2) {
    const filters = (document.filters ?? []) as readonly { id: string }[];
    return { ...document, filters: insert(filters, filter => filter.id, { id: LENGTH_CHECK }) };
  }
  const codecs = document.codecs as readonly { name: string; configuration?: object }[];
  return { ...document, codecs: insert(codecs, codec => codec.name, { name: `numcodecs.${LENGTH_CHECK}` }) };
}

/** Our own error out of whatever zarrita or a codec threw. */
function named(error: unknown): BioImageError {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (isBioImageError(at)) {
      return at;
    }
  }
  if (isZarritaError(error, 'UnknownCodecError')) {
    return new BioImageError('UNSUPPORTED', `This format is not supported: codec ${error.codec.slice(0, 40)}.`, {
      cause: error
    });
  }
  if (isZarritaError(error, 'InvalidMetadataError')) {
    return new BioImageError('BAD_METADATA', "This image's description is not valid: codecs.", { cause: error });
  }
  return damaged('it cannot be decoded', error);
}
