import { throwIfAborted } from '../core';
import type { IPage, IQuery, IStoreEntry } from '../entities';
import { matchesText } from './listing';
import type { CatalogueItem, ICatalogueEnvironment, ICatalogueSource, IListedStore } from './source';

/** A source over a list in memory, optionally slow or failing: runs the panel without any service. */
export class MemorySource implements ICatalogueSource {
  /** Searches begun and aborted so far. */
  readonly counts = { begun: 0, aborted: 0 };

  constructor(
    readonly id: string,
    readonly label: string,
    private readonly items: readonly CatalogueItem[],
    private readonly options: { rank?: number; delay?: number /* ms */; failure?: Error; landing?: 'items' } = {}
  ) {
    this.rank = options.rank;
    this.landing = options.landing;
  }

  readonly rank?: number;
  readonly landing?: 'items';

  async search(query: IQuery, signal: AbortSignal): Promise<IPage<CatalogueItem>> {
    throwIfAborted(signal);
    this.counts.begun++;
    if (this.options.delay !== undefined) {
      await this.wait(this.options.delay, signal);
    }
    if (this.options.failure !== undefined) {
      throw this.options.failure;
    }
    const text = query.text.trim();
    const found = text === '' ? this.items : this.items.filter(({ title }) => matchesText(title, text));
    const start = Number(query.cursor ?? 0);
    const end = start + (query.limit ?? found.length);
    return {
      items: found.slice(start, end),
      total: found.length,
      ...(end < found.length ? { cursor: String(end) } : {})
    };
  }

  private wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          this.counts.aborted++;
          reject(signal.reason as Error);
        },
        { once: true }
      );
    });
  }
}

/** An environment over folders in memory: store id → path → entries; and objects: `<store id>/<key>` → text. */
export function memoryEnvironment(
  stores: readonly IListedStore[],
  folders: Record<string, Record<string, readonly IStoreEntry[]>>,
  objects: Record<string, string> = {}
): ICatalogueEnvironment {
  return {
    stores: () => Promise.resolve(stores),
    list: (store, prefix, { cursor, limit }, signal) => {
      throwIfAborted(signal);
      const all = folders[store]?.[prefix] ?? [];
      const start = Number(cursor ?? 0);
      const end = start + limit;
      return Promise.resolve({
        items: all.slice(start, end),
        ...(end < all.length ? { cursor: String(end) } : {})
      });
    },
    read: (store, key, signal) => {
      throwIfAborted(signal);
      const text = objects[`${store}/${key}`] as string | undefined;
      return Promise.resolve(text === undefined ? undefined : new Uint8Array(Array.from(text, one => one.charCodeAt(0))));
    },
    fetch: () => Promise.reject(new TypeError('no network here'))
  };
}
