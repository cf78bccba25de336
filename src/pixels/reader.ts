import { BioImageError, type ByteLru, type ErrorCode, isBioImageError, say, SharedTask } from '../core';
import type { Said } from '../core';
import { ITEM_BYTES, type IArray, type IPlace } from '../ngff';
import { UpstreamError, type IReadableStore } from '../stores';
import type { IDecoder } from './decoder';
import { damaged } from './guard/sizes';
import { noServerDecoder, type IServerDecoder } from './remote';
import { ShardReader } from './shards';

/** One decoded chunk. */
export interface IChunkData {
  /** Raw words in C order; 64-bit values as two little-endian 32-bit words each. Shared: not to be written to. */
  readonly words: Uint8Array | Uint16Array | Uint32Array;
  /** Of the chunk, axes of the array; edge chunks have their full size. */
  readonly shape: readonly number[];
  /** The chunk is not in the store; `words` repeat the fill value. */
  readonly absent: boolean;
}

const ENCODED_MOST = 64 << 20; // bytes
const DECODED_MOST = 256 << 20; // bytes
const FAILURES = 4096; // chunks: of more, the first ones are read again when they are asked for

/** Failures that lie in the data: reading again gives the same. What a store or a connection does may differ next time. */
const LASTING: readonly ErrorCode[] = ['BAD_CHUNK', 'BAD_METADATA', 'UNSUPPORTED', 'TOO_LARGE'];

/**
 * The chunks of one array, each fetched and decoded once however many ask for it. Those who leave do not disturb the others;
 * when all have left, the request is cancelled down to the store. What was decoded stays in `cache`, which several readers
 * may share. A chunk whose data cannot be decoded fails again without being read, until `forgetFailures`: contrast and
 * every tile that holds part of the chunk ask for it.
 */
export class ChunkReader {
  private readonly _store: IReadableStore;
  private readonly _decoder: IDecoder;
  private readonly _cache: ByteLru<IChunkData>;
  private readonly _shards: ShardReader;
  private readonly _running = new Map<string, SharedTask<IChunkData>>();
  private readonly _failed = new Map<string, BioImageError>();
  private readonly _changed: (() => void) | undefined;
  private readonly _server: IServerDecoder;
  private _absent: IChunkData | undefined;
  readonly array: IArray;

  /**
   * @param changed - called whenever `pending` has changed
   * @param server - decodes what the browser cannot
   */
  constructor(
    store: IReadableStore,
    array: IArray,
    decoder: IDecoder,
    cache: ByteLru<IChunkData>,
    changed?: () => void,
    server: IServerDecoder = noServerDecoder(say`there is no session that could decode it`)
  ) {
    this._store = store;
    this._decoder = decoder;
    this._cache = cache;
    this._shards = new ShardReader(store, array);
    this._changed = changed;
    this._server = server;
    this.array = array;
  }

  /** Chunks that are being fetched or decoded. */
  get pending(): number {
    return this._running.size;
  }

  /** The chunk if it is decoded already; undefined = not read, or no longer kept. */
  peek(index: readonly number[]): IChunkData | undefined {
    return this._cache.get(this._key(index));
  }

  /**
   * The chunk at `index` (one number per axis of the array).
   *
   * @throws TOO_LARGE (over 64 MiB encoded or 256 MiB decoded), BAD_CHUNK, what the store throws, or the signal's reason
   */
  async chunk(index: readonly number[], signal?: AbortSignal): Promise<IChunkData> {
    const key = this._key(index);
    const known = this._cache.get(key);
    if (known) {
      return known;
    }
    const failed = this._failed.get(key);
    if (failed) {
      throw failed;
    }
    let task = this._running.get(key);
    if (!task || task.abandoned) {
      task = this._start(key, index);
    }
    return task.join(signal);
  }

  /** Chunks that could not be decoded are read again when they are next asked for. */
  forgetFailures(): void {
    this._failed.clear();
  }

  private _start(key: string, index: readonly number[]): SharedTask<IChunkData> {
    const task: SharedTask<IChunkData> = new SharedTask(async signal => {
      try {
        const chunk = await this._read(index, signal);
        // All absent chunks of an array share one buffer, so each is counted as next to nothing.
        this._cache.set(key, chunk, chunk.absent ? 64 : chunk.words.byteLength);
        return chunk;
      } catch (error) {
        if (isBioImageError(error) && LASTING.includes(error.code)) {
          this._remember(key, error);
        }
        throw error;
      } finally {
        // An abandoned task may have been followed by a new one.
        if (this._running.get(key) === task) {
          this._running.delete(key);
          this._changed?.();
        }
      }
    });
    this._running.set(key, task);
    this._changed?.();
    return task;
  }

  private _remember(key: string, error: BioImageError): void {
    if (this._failed.size >= FAILURES) {
      this._failed.clear();
    }
    this._failed.set(key, error);
  }

  private async _read(index: readonly number[], signal: AbortSignal): Promise<IChunkData> {
    const { chunks, dtype } = this.array;
    const size = chunks.reduce((product, length) => product * length, ITEM_BYTES[dtype]);
    if (size > DECODED_MOST) {
      throw tooLarge(say`chunks`, size, DECODED_MOST);
    }
    const byServer = this.array.decodedBy === 'server' && !this.array.locate;
    if (byServer && !this._server.part) {
      const decoded = await this._server.decode(this.array, index, signal);
      return decoded ? this._present(decoded, size) : this._missing(size);
    }
    const place = this.array.locate
      ? await this.array.locate(index, this._store, signal)
      : await this._shards.locate(index, signal);
    if (place && (byServer || place.server)) {
      return this._divided(place, index, size, signal);
    }
    const bytes = place && (await this._fetch(place, signal));
    if (!bytes) {
      return this._missing(size);
    }
    if (bytes.length > ENCODED_MOST) {
      throw tooLarge(say`an encoded chunk`, bytes.length, ENCODED_MOST);
    }
    return this._present(await this._decoder.decode(this.array, bytes, signal, place.more), size);
  }

  /** A unit that the server decodes, at least in part. */
  private async _divided(
    place: IPlace,
    index: readonly number[],
    size: number,
    signal: AbortSignal
  ): Promise<IChunkData> {
    const { array, _server: server } = this;
    if (!server.part) {
      const decoded = await server.decode(array, index, signal);
      return decoded ? this._present(decoded, size) : this._missing(size);
    }
    const unit = await server.part(array, place, signal);
    if (!unit) {
      return this._missing(size);
    }
    const { bytes, more } = unit;
    return this._present(more ? await this._decoder.decode(array, bytes, signal, more) : bytes, size);
  }

  private _present(decoded: Uint8Array, size: number): IChunkData {
    const { chunks, dtype } = this.array;
    if (decoded.length !== size) {
      throw damaged(say`it has ${decoded.length} bytes where ${size} are expected`);
    }
    return { words: wordsOf(decoded, ITEM_BYTES[dtype]), shape: chunks, absent: false };
  }

  private _missing(size: number): IChunkData {
    return (this._absent ??= { words: filled(this.array, size), shape: this.array.chunks, absent: true });
  }

  private async _fetch({ key, range }: IPlace, signal: AbortSignal): Promise<Uint8Array | undefined> {
    if (!range) {
      return this._store.get(key, { signal });
    }
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this._store.getRange(key, range, { signal });
    } catch (error) {
      // The range comes from the object's own index, which tells of bytes that are not there.
      const beyond = (error instanceof UpstreamError && error.beyond) || isBioImageError(error, 'BAD_REQUEST');
      throw beyond ? damaged(this._outside(), error) : error;
    }
    // The index was there a moment ago, so the object is: that is a change or a cut, and no absent chunk.
    if (bytes?.length !== range.end - range.start) {
      throw damaged(this._outside());
    }
    return bytes;
  }

  private _outside(): Said {
    return this.array.locate ? say`the file ends before it` : say`the index of a shard points outside of it`;
  }

  private _key(index: readonly number[]): string {
    return `${this.array.path}|${index.join(',')}`;
  }
}

function tooLarge(what: Said, bytes: number, most: number): BioImageError {
  const [size, limit] = [bytes, most].map(value => Math.ceil(value / 2 ** 20));
  return new BioImageError(
    'TOO_LARGE',
    say`Too large to preview (${what} of ${size} MiB; ${limit} MiB are read at most).`,
    {
      hint: say`Choose a coarser level, or use the code snippet: it loads the data piece by piece.`
    }
  );
}

/** Bytes as words of the item's size; 64 bits are two words. */
export function wordsOf(bytes: Uint8Array, itemBytes: number): IChunkData['words'] {
  const width = Math.min(itemBytes, 4);
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  switch (width) {
    case 1:
      return aligned;
    case 2:
      return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2);
    default:
      return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
  }
}

function filled(array: IArray, size: number): IChunkData['words'] {
  const bytes = new Uint8Array(size);
  fillBytes(bytes, array.fillBytes);
  return wordsOf(bytes, array.fillBytes.length);
}

/** Repeats the element `item` over `target`, whose length is a multiple of the item's. */
export function fillBytes(target: Uint8Array, item: Uint8Array): void {
  if (item.every(byte => byte === item[0])) {
    target.fill(item[0]);
    return;
  }
  target.set(item);
  // Doubling: each step copies all that is there already.
  for (let done = item.length; done < target.length; done *= 2) {
    target.copyWithin(done, 0, Math.min(done, target.length - done));
  }
}
