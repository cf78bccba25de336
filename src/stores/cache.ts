import { ByteLru, isBioImageError, orAborted, SharedTask, throwIfAborted } from '../core';
import { absoluteRange, itemId } from './range';
import type { ByteRange, ICachedStore, IHold, IReadableStore, IReadOptions } from './types';

/** What an entry costs beside its bytes; keeps a flood of absent objects within the bound. */
const ENTRY_BYTES = 128;

/** `bytes` undefined: the object is known not to exist. */
interface IEntry {
  bytes: Uint8Array | undefined;
}

/** A place in the cache that can answer a read: the very item, or the whole object for a range of it. */
interface ISource {
  id: string;
  take: (entry: IEntry) => Uint8Array | undefined;
}

const asIs = (entry: IEntry): Uint8Array | undefined => entry.bytes;

/** A planned item that reads wait for. `null` tells them to go by themselves. */
class Held {
  /** Holds that still want reads to wait. */
  holders = 0;
  readonly settled: Promise<IEntry | null>;
  settle!: (entry: IEntry | null) => void;

  constructor() {
    this.settled = new Promise(resolve => {
      this.settle = resolve;
    });
  }
}

class CachedStore implements ICachedStore {
  readonly name: string;
  private readonly _store: IReadableStore;
  private readonly _entries: ByteLru<IEntry>;
  private readonly _running = new Map<string, SharedTask<Uint8Array | undefined>>();
  private readonly _held = new Map<string, Held>();
  private _all: Held | null = null;

  constructor(store: IReadableStore, maxBytes: number) {
    this.name = store.name;
    this._store = store;
    this._entries = new ByteLru(maxBytes);
  }

  async get(key: string, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._read([{ id: itemId(key), take: asIs }], options.signal, signal => this._store.get(key, { signal }));
  }

  async getRange(key: string, range: ByteRange, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    const sources = [
      { id: itemId(key, range), take: asIs },
      { id: itemId(key), take: (entry: IEntry) => cut(entry.bytes, range, key) }
    ];
    return this._read(sources, options.signal, signal => this._store.getRange(key, range, { signal }));
  }

  put(key: string, range: ByteRange | null, bytes: Uint8Array | undefined): void {
    const id = itemId(key, range);
    this._keep(id, { bytes });
    this._settle(id, { bytes });
  }

  hold(items: Iterable<{ key: string; range?: ByteRange }>): IHold {
    const mine = new Map<string, Held>();
    for (const { key, range } of items) {
      const id = itemId(key, range);
      if (!mine.has(id) && this._entries.get(id) === undefined) {
        const held = this._held.get(id) ?? new Held();
        held.holders += 1;
        this._held.set(id, held);
        mine.set(id, held);
      }
    }
    return {
      release: () => {
        for (const [id, held] of mine) {
          held.holders -= 1;
          if (held.holders === 0 && this._held.get(id) === held) {
            this._settle(id, null);
          }
        }
        mine.clear();
      }
    };
  }

  holdAll(): IHold {
    const held = (this._all ??= new Held());
    held.holders += 1;
    let released = false;
    return {
      release: () => {
        held.holders -= released ? 0 : 1;
        released = true;
        if (held.holders === 0 && this._all === held) {
          this._all = null;
          held.settle(null);
        }
      }
    };
  }

  private _keep(id: string, entry: IEntry): void {
    this._entries.set(id, entry, ENTRY_BYTES + id.length * 2 + (entry.bytes?.length ?? 0));
  }

  private _settle(id: string, entry: IEntry | null): void {
    const held = this._held.get(id);
    this._held.delete(id);
    held?.settle(entry);
  }

  /** From the cache, else from whoever has planned the item, else shared with whoever reads it already, else anew. */
  private async _read(
    sources: readonly ISource[],
    signal: AbortSignal | undefined,
    read: (signal: AbortSignal) => Promise<Uint8Array | undefined>
  ): Promise<Uint8Array | undefined> {
    throwIfAborted(signal);
    for (;;) {
      for (const { id, take } of sources) {
        const entry = this._entries.get(id);
        if (entry) {
          return take(entry);
        }
      }
      const planned = sources.find(source => this._held.has(source.id));
      const held = planned ? this._held.get(planned.id) : this._all;
      if (!held) {
        const whole = this._runningWhole(sources);
        const entry = whole && (await entryOf(whole, signal));
        return entry ? sources[1].take(entry) : this._share(sources[0].id, read).join(signal);
      }
      // What is put is handed over directly: a small cache may have dropped it again already.
      const given = await orAborted(held.settled, signal);
      if (given && planned) {
        return planned.take(given);
      }
    }
  }

  /** The read of the whole object that goes on already, where a range of it is wanted and nobody reads that. */
  private _runningWhole(sources: readonly ISource[]): SharedTask<Uint8Array | undefined> | undefined {
    const running = sources.length > 1 && !this._running.has(sources[0].id) && this._running.get(sources[1].id);
    return running && !running.abandoned ? running : undefined;
  }

  private _share(
    id: string,
    read: (signal: AbortSignal) => Promise<Uint8Array | undefined>
  ): SharedTask<Uint8Array | undefined> {
    const running = this._running.get(id);
    if (running && !running.abandoned) {
      return running;
    }
    const task: SharedTask<Uint8Array | undefined> = new SharedTask(async signal => {
      try {
        const bytes = await read(signal);
        this._keep(id, { bytes });
        return bytes;
      } finally {
        if (this._running.get(id) === task) {
          this._running.delete(id);
        }
      }
    });
    this._running.set(id, task);
    return task;
  }
}

/**
 * What the running read of a whole object gives; `null` where that fails, for a part may be had all the same: of an
 * object that is too large to be read whole, for example.
 */
async function entryOf(whole: SharedTask<Uint8Array | undefined>, signal?: AbortSignal): Promise<IEntry | null> {
  try {
    return { bytes: await whole.join(signal) };
  } catch (error) {
    throwIfAborted(signal);
    if (isBioImageError(error)) {
      return null;
    }
    throw error;
  }
}

function cut(bytes: Uint8Array | undefined, range: ByteRange, where: string): Uint8Array | undefined {
  if (!bytes) {
    return undefined;
  }
  const { start, end } = absoluteRange(range, bytes.length, where);
  return bytes.subarray(start, end);
}

/**
 * Remembers what `store` has answered, absent objects included, within `maxBytes`. Equal reads that run at the same
 * time share one request, which is cancelled when the last of them has gone; a range waits for the whole object where
 * that is being read. Live for one opening: an object that
 * appears later is found after a reload.
 */
export function withCache(store: IReadableStore, maxBytes: number): ICachedStore {
  return new CachedStore(store, maxBytes);
}
