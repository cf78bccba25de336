import { BioImageError, ByteLru, crc32c, say, SharedTask } from '../core';
import type { IArray, IPlace } from '../ngff';
import type { ByteRange, IReadableStore } from '../stores';
import { damaged } from './guard/sizes';

/** The parsed index of one shard. */
interface IIndex {
  /** Offset and length of each inner chunk, C order of the inner chunks. */
  readonly entries: BigUint64Array;
  /** Where inner chunks that are there start, and where they end, each in ascending order. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

const INDEX_MOST = 16 << 20; // bytes of one index
const INDEX_CACHE = 32 << 20; // bytes of indices kept per array; parsed, an index takes twice its bytes
const CHUNK_MOST = 64 << 20; // bytes of one encoded chunk
const NONE = 0xffff_ffff_ffff_ffffn; // offset and length of an inner chunk that is not there

/**
 * Finds inner chunks in shards (`sharding_indexed`, Zarr v3). The index of a shard is read once, at the start or at the end
 * of the object as the array says, compared with its CRC-32C where it has one, and kept.
 */
export class ShardReader {
  private readonly _store: IReadableStore;
  private readonly _array: IArray;
  private readonly _known = new ByteLru<{ index: IIndex | null }>(INDEX_CACHE);
  private readonly _running = new Map<string, SharedTask<IIndex | null>>();

  constructor(store: IReadableStore, array: IArray) {
    this._store = store;
    this._array = array;
  }

  /**
   * The place of decoded unit `chunk` (indices of inner chunks over the whole array).
   *
   * @throws BAD_CHUNK where the index is damaged or points to nonsense, TOO_LARGE, or what the store throws
   */
  async locate(chunk: readonly number[], signal?: AbortSignal): Promise<IPlace | null> {
    const { shard } = this._array;
    const key = this._array.objectKey(chunk);
    if (!shard) {
      return { key };
    }
    const index = await this._index(key, shard, signal);
    if (index === null) {
      return null;
    }
    // The index is an array of shape perShard + (2): C order of the inner chunks, offset and length of each.
    const at = shard.perShard.reduce((sum, count, axis) => sum * count + (chunk[axis] % count), 0);
    const [offset, length] = [index.entries[2 * at], index.entries[2 * at + 1]];
    if (offset === NONE && length === NONE) {
      return null;
    }
    const range = checkedRange(offset, length);
    if (overlaps(index, range) || (shard.indexAt === 'start' && range.start < shard.indexBytes)) {
      throw damaged(say`the index of a shard gives the same bytes twice`);
    }
    return { key, range };
  }

  private async _index(key: string, shard: NonNullable<IArray['shard']>, signal?: AbortSignal): Promise<IIndex | null> {
    const known = this._known.get(key);
    if (known) {
      return known.index;
    }
    let task = this._running.get(key);
    if (!task || task.abandoned) {
      const made = new SharedTask(async inner => {
        try {
          const index = await this._read(key, shard, inner);
          this._known.set(key, { index }, index ? 2 * index.entries.byteLength : 64);
          return index;
        } finally {
          if (this._running.get(key) === made) {
            this._running.delete(key);
          }
        }
      });
      task = made;
      this._running.set(key, task);
    }
    return task.join(signal);
  }

  private async _read(key: string, shard: NonNullable<IArray['shard']>, signal: AbortSignal): Promise<IIndex | null> {
    if (shard.indexBytes > INDEX_MOST) {
      throw damaged(say`the index of a shard is larger than 16 MiB`);
    }
    const range: ByteRange =
      shard.indexAt === 'start' ? { start: 0, end: shard.indexBytes } : { suffix: shard.indexBytes };
    const bytes = await this._store.getRange(key, range, { signal });
    return bytes === undefined ? null : parseIndex(bytes, shard);
  }
}

function parseIndex(bytes: Uint8Array, shard: NonNullable<IArray['shard']>): IIndex {
  if (bytes.length !== shard.indexBytes) {
    throw damaged(say`the index of a shard is cut off`);
  }
  const body = bytes.slice(0, bytes.length - (shard.indexCrc ? 4 : 0)); // a copy, because views of 64 bits must be aligned
  if (shard.indexCrc) {
    const stored = new DataView(bytes.buffer, bytes.byteOffset + body.length, 4).getUint32(0, true);
    if (crc32c(body) !== stored) {
      throw damaged(say`the checksum of the index of a shard does not match`);
    }
  }
  const entries = new BigUint64Array(body.buffer);
  if (entries.length !== 2 * shard.perShard.reduce((product, count) => product * count, 1)) {
    throw damaged(say`the index of a shard has another length than the array says`);
  }
  // Entries that are nonsense by themselves fail when they are asked for; the others are not to suffer.
  const present = Array.from({ length: entries.length / 2 }, (_, i) => i).filter(
    i => entries[2 * i + 1] <= BigInt(CHUNK_MOST)
  );
  return {
    entries,
    starts: Float64Array.from(present, i => Number(entries[2 * i])).sort(),
    ends: Float64Array.from(present, i => Number(entries[2 * i] + entries[2 * i + 1])).sort()
  };
}

/** How many of the ascending `values` are below `limit`, or not above it where `inclusive`. */
function countBelow(values: Float64Array, limit: number, inclusive: boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < limit || (inclusive && values[middle] === limit)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * True where another inner chunk has bytes of this one's range. No writer shares bytes between inner chunks, and the pixels
 * of uncompressed ones would be another chunk's without an error.
 */
function overlaps({ starts, ends }: IIndex, { start, end }: { start: number; end: number }): boolean {
  // Those that begin before our end, less those that end before our beginning: ourselves and whoever overlaps.
  return countBelow(starts, end, false) - countBelow(ends, start, true) > 1;
}

function checkedRange(offset: bigint, length: bigint): { start: number; end: number } {
  if (length === 0n || offset + length > BigInt(Number.MAX_SAFE_INTEGER) || length > 1n << 40n) {
    throw damaged(say`the index of a shard points outside of it`);
  }
  if (length > BigInt(CHUNK_MOST)) {
    throw new BioImageError(
      'TOO_LARGE',
      say`Too large to preview (a chunk of ${Number(length >> 20n)} MiB; 64 MiB are read at most).`,
      { hint: say`Choose a coarser level, or use the code snippet: it loads the data piece by piece.` }
    );
  }
  return { start: Number(offset), end: Number(offset + length) };
}
