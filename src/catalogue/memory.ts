import { BioImageError, say, throwIfAborted } from '../core';
import type { IPage, IQuery, IStoreEntry } from '../entities';
import { matchesText } from './listing';
import { pageOf } from './paging';
import type { CatalogueItem, ICatalogueEnvironment, ICatalogueSource, IListedStore, Relay } from './source';

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
    return pageOf(found, query);
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
      return Promise.resolve(
        text === undefined ? undefined : new Uint8Array(Array.from(text, one => one.charCodeAt(0)))
      );
    },
    relay: () => Promise.reject(new BioImageError('UPSTREAM_DOWN', say`There is no network here.`)),
    services: () => Promise.resolve([]),
    rewrites: () => Promise.resolve([])
  };
}

/**
 * A relay over answers in memory, for tests: `<service>/<path>` or `<service>/<path>?<query>` → what is answered (an object
 * as JSON, a text as it is, an error as a rejection). What is not there is NOT_FOUND. `asked` records every request.
 */
export function memoryRelay(answers: Readonly<Record<string, unknown>>): { relay: Relay; asked: string[] } {
  const asked: string[] = [];
  const relay: Relay = (service, path, { query = {}, body }, signal) => {
    throwIfAborted(signal);
    const words = new URLSearchParams(
      Object.entries(query).flatMap(([name, value]) =>
        (Array.isArray(value) ? (value as readonly string[]) : [value])
          .filter(one => one !== undefined)
          .map(one => [name, String(one)])
      )
    ).toString();
    const place = `${service}/${path}`;
    const whole = words === '' ? place : `${place}?${words}`;
    asked.push(body === undefined ? whole : `POST ${whole} ${JSON.stringify(body)}`);
    const answer = Object.hasOwn(answers, whole)
      ? answers[whole]
      : Object.hasOwn(answers, place)
        ? answers[place]
        : null;
    if (answer instanceof Error) {
      return Promise.reject(answer);
    }
    if (answer === null) {
      return Promise.reject(new BioImageError('NOT_FOUND', say`There is nothing at this address.`));
    }
    const isText = typeof answer === 'string';
    const bytes = new TextEncoder().encode(isText ? answer : JSON.stringify(answer));
    return Promise.resolve({ bytes, type: isText ? 'text/plain' : 'application/json', from: 'service' });
  };
  return { relay, asked };
}
