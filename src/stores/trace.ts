import { isAbort } from '../core';
import type { ByteRange, IReadableStore, IReadOptions, IStoreObserver } from './types';

/** Tells an observer of every read: what waits, what came, what was cancelled. */
export function withTrace(store: IReadableStore, observer: IStoreObserver): IReadableStore {
  const watch = async (
    key: string,
    range: ByteRange | undefined,
    options: IReadOptions,
    read: () => Promise<Uint8Array | undefined>
  ): Promise<Uint8Array | undefined> => {
    observer.started(key, range);
    let bytes: Uint8Array | undefined;
    try {
      bytes = await read();
    } catch (error) {
      observer.ended(key, options.signal?.aborted || isAbort(error) ? 'aborted' : 'failed', 0);
      throw error;
    }
    observer.ended(key, bytes ? 'ok' : 'absent', bytes?.length ?? 0);
    return bytes;
  };
  return {
    name: store.name,
    get: (key, options = {}) => watch(key, undefined, options, () => store.get(key, options)),
    getRange: (key, range, options = {}) => watch(key, range, options, () => store.getRange(key, range, options))
  };
}
