import { throwIfAborted } from '../core';
import { checkKey } from './keys';
import { absoluteRange, checkRange } from './range';
import type { ByteRange, IReadableStore, IReadOptions } from './types';

/** Objects in memory: for tests, and for what is small enough to come along. */
export class MemoryStore implements IReadableStore {
  readonly name = 'memory';
  private readonly _objects: ReadonlyMap<string, Uint8Array>;

  /** The map is read at every access, so later changes of it show. */
  constructor(objects: Map<string, Uint8Array> | Record<string, Uint8Array>) {
    this._objects = objects instanceof Map ? objects : new Map(Object.entries(objects));
  }

  async get(key: string, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    checkKey(key);
    await pause(options.signal);
    return this._objects.get(key);
  }

  async getRange(key: string, range: ByteRange, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    checkKey(key);
    checkRange(range, key);
    await pause(options.signal);
    const bytes = this._objects.get(key);
    if (!bytes) {
      return undefined;
    }
    const { start, end } = absoluteRange(range, bytes.length, key);
    return bytes.subarray(start, end);
  }
}

/** One turn, so that reads from memory can be cancelled as those from anywhere else. */
async function pause(signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  await Promise.resolve();
  throwIfAborted(signal);
}
