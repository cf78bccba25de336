import { asInteger, asObject, BioImageError, invalid, optional, say } from '../core';
import type { Said } from '../core';
import { checkPipeline, readCodecList } from './codecs';
import type { DecodedBy, ICodec } from './codecs';
import type { DataType } from './dtype';

const SHARDING = 'sharding_indexed';

/** How inner chunks lie in a shard (ZEP 2, codec `sharding_indexed`). */
export interface IShard {
  /** Pixels of one shard, in axis order. */
  readonly shape: readonly number[];
  /** Inner chunks along each axis of one shard. */
  readonly perShard: readonly number[];
  readonly indexAt: 'start' | 'end';
  /** Bytes of the index: 16 for each inner chunk, plus 4 where a checksum follows. */
  readonly indexBytes: number;
  readonly indexCrc: boolean;
}

/** A pipeline whose decoded unit is known. */
export interface IPipeline {
  /** Shape of the decoded unit: the inner chunk where sharded. */
  readonly chunks: readonly number[];
  readonly codecs: readonly ICodec[];
  readonly decodedBy: DecodedBy;
  readonly shard?: IShard;
}

/** Every bad shape of the same kind gets the same words. */
export function readChunkShape(value: unknown, rank: number, where: string): number[] {
  const shape = Array.isArray(value) ? value.map((size: unknown, i) => asInteger(size, `${where}[${i}]`, 1)) : null;
  if (!shape || shape.length !== rank) {
    throw invalid(where, say`is not a list of ${rank} chunk sizes`);
  }
  return shape;
}

/** Layouts that are valid, that no writer of images is known to make, and that zarr-python reads. */
function unread(what: Said, where: string): BioImageError {
  return new BioImageError('UNSUPPORTED', say`This format is not supported: ${what}.`, {
    hint: say`Read it with zarr in Python, or write it again with sharding_indexed as the only codec outside of the shards.`,
    where
  });
}

/** Only the plain index is read: little-endian numbers, with or without CRC32C. Returns whether the checksum is there. */
function readIndexCodecs(value: unknown, where: string): boolean {
  const codecs = value === undefined ? [{ name: 'bytes' }, { name: 'crc32c' }] : readCodecList(value, where);
  const [first, second] = codecs;
  if (first?.name !== 'bytes' || codecs.length > 2 || (second && second.name !== 'crc32c')) {
    const names = codecs.map(({ name }) => name).join(', ');
    throw unread(
      say`a shard index written through ${names.slice(0, 60) || say`no codec`} (bytes and crc32c are read)`,
      where
    );
  }
  if ((first.configuration?.endian ?? 'little') !== 'little') {
    throw unread(say`a shard index in big-endian byte order (little-endian is read)`, where);
  }
  return second !== undefined;
}

function readSharding(codec: ICodec, outer: readonly number[], dtype: DataType, where: string): IPipeline {
  const configuration = asObject(codec.configuration, where);
  const chunks = readChunkShape(configuration.chunk_shape, outer.length, `${where}.chunk_shape`);
  const perShard = outer.map((size, i) => size / chunks[i]);
  const bad = perShard.findIndex(count => !Number.isInteger(count));
  if (bad >= 0) {
    throw invalid(`${where}.chunk_shape[${bad}]`, say`does not divide the shard`);
  }
  const inner = readCodecList(configuration.codecs, `${where}.codecs`);
  if (inner.some(({ name }) => name === SHARDING)) {
    throw unread(say`shards within shards`, `${where}.codecs`);
  }
  const indexCrc = readIndexCodecs(configuration.index_codecs, `${where}.index_codecs`);
  const indexAt = optional(configuration.index_location, `${where}.index_location`, value => value) ?? 'end';
  if (indexAt !== 'start' && indexAt !== 'end') {
    throw invalid(`${where}.index_location`, say`is neither start nor end`);
  }
  const indexBytes = 16 * perShard.reduce((a, b) => a * b, 1) + (indexCrc ? 4 : 0);
  return {
    chunks,
    codecs: inner,
    decodedBy: checkPipeline(inner, dtype, outer.length, `${where}.codecs`).decodedBy,
    shard: { shape: outer, perShard, indexAt, indexBytes, indexCrc }
  };
}

/**
 * Reads a Zarr v3 `codecs` list over chunks of shape `outer`. Sharding is read where it is the only step, as every
 * writer does it; steps around it would apply to the whole shard and make its inner chunks unreachable one by one.
 */
export function readPipeline(value: unknown, outer: readonly number[], dtype: DataType, where: string): IPipeline {
  const codecs = readCodecList(value, where);
  const at = codecs.findIndex(({ name }) => name === SHARDING);
  if (at < 0) {
    return { chunks: outer, codecs, decodedBy: checkPipeline(codecs, dtype, outer.length, where).decodedBy };
  }
  if (codecs.length > 1) {
    const name = codecs[at === 0 ? 1 : 0].name.slice(0, 60);
    throw unread(
      at === 0 ? say`shards with the codec ${name} around them` : say`shards with the codec ${name} before them`,
      where
    );
  }
  return readSharding(codecs[0], outer, dtype, `${where}[0].configuration`);
}
