import { shardBytes, type IImage } from '../ngff';
import type { ByteRange, IReadableStore, IReadOptions } from '../stores';

/**
 * Largest shard that is read whole, in bytes of pixels: its size, its index and its chunks one after the other take three
 * round trips, in which a usual line brings more than this.
 */
const MAX_WHOLE_BYTES = 1024 * 1024;

/** Reads small shards whole, once, and answers ranges of them out of the caching store beneath. */
class WholeShards implements IReadableStore {
  readonly name: string;
  private readonly _store: IReadableStore;
  /** Beginnings of the keys of small shards. */
  private readonly _small: readonly string[];

  constructor(store: IReadableStore, small: readonly string[]) {
    this.name = store.name;
    this._store = store;
    this._small = small;
  }

  get(key: string, options?: IReadOptions): Promise<Uint8Array | undefined> {
    return this._store.get(key, options);
  }

  async getRange(key: string, range: ByteRange, options?: IReadOptions): Promise<Uint8Array | undefined> {
    if (this._small.some(prefix => key.startsWith(prefix)) && (await this._store.get(key, options)) === undefined) {
      return undefined;
    }
    return this._store.getRange(key, range, options);
  }
}

/**
 * `store`, which keeps what it has read, for an image whose shards are worth no index of their own: shards of at most
 * 1 MiB of pixels are read as one object.
 */
export function withWholeShards(store: IReadableStore, image: IImage): IReadableStore {
  const small = image.levels.filter(({ array }) => (shardBytes(array) ?? Infinity) <= MAX_WHOLE_BYTES);
  return small.length === 0
    ? store
    : new WholeShards(
        store,
        small.map(({ path }) => (path === '' ? '' : `${path}/`))
      );
}
