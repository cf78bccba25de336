import { throwIfAborted } from '../core';
import type { IImageRecord, IPage, IQuery, IStoreEntry } from '../entities';
import type { ICatalogueEnvironment, ICatalogueSource } from './source';

/** Entries remembered per store for searching by name: as many as a panel may ever show. */
export const MAX_REMEMBERED = 10_000;
/** Entries per page of a listing. */
export const PAGE = 200;

/** The store of the session's own files: its images are named as the file browser names them. */
const FILES = 'files';

const IMAGE_NAME = /\.zarr(\.zip)?$/i;

/** True when every word of the text is part of the name, whatever the case. */
export function matchesText(name: string, text: string): boolean {
  const low = name.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every(word => low.includes(word));
}

/** A store's entry as a record; plain files that are no images are left out (`null`). */
export function toRecord(store: string, source: string, folder: string, entry: IStoreEntry): IImageRecord | null {
  const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
  // A path with a colon could be taken for a scheme, and is written out.
  const uri = store === FILES && !key.includes(':') ? key : `store:${store}/${key}`;
  const base = { id: key, source, uri, title: entry.name };
  if (entry.kind === 'zarr' || (entry.kind === 'folder' && IMAGE_NAME.test(entry.name))) {
    return { ...base, kind: 'image', viewable: true };
  }
  if (entry.kind === 'folder') {
    return { ...base, kind: 'folder', viewable: false };
  }
  return null;
}

/**
 * A store of the session as a catalogue: its root is what it shows by itself, its folders can be browsed, and a search
 * goes over the names that have been listed so far (a store has no index, and walking it would cost a request per folder).
 */
export class StoreSource implements ICatalogueSource {
  readonly id: string;
  readonly rank: number;
  readonly landing: 'items' | 'folder';

  constructor(
    private readonly store: string,
    readonly label: string,
    private readonly list: ICatalogueEnvironment['list'],
    options: { id?: string; rank?: number; landing?: 'items' | 'folder' } = {}
  ) {
    this.id = options.id ?? `store:${store}`;
    this.rank = options.rank ?? 200;
    this.landing = options.landing ?? 'folder';
  }

  async search(query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    throwIfAborted(signal);
    if (query.text.trim() === '') {
      return this.browse('', query, signal);
    }
    if (this.known.size === 0) {
      await this.browse('', { text: '', limit: PAGE }, signal);
    }
    const found = [...this.known.values()].filter(item => matchesText(item.title, query.text.trim()));
    const start = Number(query.cursor ?? 0);
    const end = start + (query.limit ?? PAGE);
    return {
      items: found.slice(start, end),
      total: found.length,
      ...(end < found.length ? { cursor: String(end) } : {})
    };
  }

  async browse(path: string, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    throwIfAborted(signal);
    const page = await this.list(
      this.store,
      path,
      { cursor: query.cursor, limit: Math.min(query.limit ?? PAGE, PAGE) },
      signal
    );
    // An answer that came in spite of the abort belongs to nobody any more.
    throwIfAborted(signal);
    const items: IImageRecord[] = [];
    for (const entry of page.items) {
      const record = toRecord(this.store, this.id, path, entry);
      if (record !== null) {
        items.push(record);
        if (this.known.size < MAX_REMEMBERED) {
          this.known.set(record.id, record);
        }
      }
    }
    return { items, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
  }

  private readonly known = new Map<string, IImageRecord>();
}
