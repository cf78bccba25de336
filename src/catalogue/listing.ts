import { say, throwIfAborted } from '../core';
import type { IImageRecord, IPage, IQuery, IStoreEntry } from '../entities';
import { formatOf } from './formats';
import { pageOf } from './paging';
import type { ICatalogueEnvironment, ICatalogueSource } from './source';

/** Entries remembered per store for searching by name: as many as a panel may ever show. */
const MAX_REMEMBERED = 10_000;
/** Entries per page of a listing. */
export const PAGE = 200;

/** The store of the session's own files: its images are named as the file browser names them. */
const FILES = 'files';

/** Metadata documents of a Zarr group: a folder that holds one of them may be an image, whatever its name. */
const GROUP_DOCUMENTS = ['zarr.json', '.zattrs', '.zgroup', '.zmetadata'];
/** Folders inside a Zarr group that are no images of their own: levels, series and chunks, and the original's metadata. */
const PARTS = /^(\d+|c|OME|s\d+|scale\d+)$/;

/** What the row of a folder that is an image itself says. */
const ITSELF = 'This folder as an image';

/** What a search of names has to say. */
const ONLY_LISTED = say`only listed folders were searched: others are once they have been opened.`;

/** True when every word of the text is part of the name, whatever the case. */
export function matchesText(name: string, text: string): boolean {
  const low = name.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every(word => low.includes(word));
}

function uriOf(store: string, key: string): string {
  // A path with a colon could be taken for a scheme, and is written out.
  return store === FILES && key !== '' && !key.includes(':') ? key : `store:${store}/${key}`;
}

/**
 * A store's entry as a record; plain files that are no images are left out (`null`). Storage does not say what a prefix
 * holds: there the ending of the name decides, and no request is made for it.
 */
function toRecord(store: string, source: string, folder: string, entry: IStoreEntry): IImageRecord | null {
  const key = folder === '' ? entry.name : `${folder}/${entry.name}`;
  const base = { id: key, source, uri: uriOf(store, key), title: entry.name };
  const format = formatOf(entry.name);
  if (entry.kind === 'file' && (format?.kind === 'zip' || format?.kind === 'tiff')) {
    const size = entry.size === undefined ? {} : { bytes: entry.size };
    return { ...base, kind: 'image', viewable: true, format: format.format, ...size };
  }
  if (entry.kind === 'zarr' || (entry.kind === 'folder' && format?.kind === 'zarr')) {
    return { ...base, kind: 'image', viewable: true };
  }
  if (entry.kind === 'folder') {
    return { ...base, kind: 'folder', viewable: false };
  }
  return null;
}

/** The folder that is being looked at, as an image. */
function itself(store: string, source: string, path: string): IImageRecord {
  const title = path.slice(path.lastIndexOf('/') + 1);
  return {
    // The root of a store has no name.
    id: path === '' ? '.' : path,
    source,
    uri: uriOf(store, path),
    title: title === '' ? store : title,
    description: ITSELF,
    kind: 'image',
    viewable: true
  };
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
    return { ...pageOf(found, query, PAGE), ...(this.isWhole ? {} : { exact: false, notices: [ONLY_LISTED] }) };
  }

  /** True where every folder that is known has been listed to its end, so that there is no other name in the store. */
  private get isWhole(): boolean {
    const folders = [...this.known.values()].filter(({ kind }) => kind === 'folder');
    return this.known.size < MAX_REMEMBERED && ['', ...folders.map(({ id }) => id)].every(id => this.listed.has(id));
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
    if (page.cursor === undefined) {
      this.listed.add(path);
    }
    const isGroup = this.isGroup(path, query.cursor, page.items);
    const records = page.items
      .filter(({ name, kind }) => !isGroup || kind === 'file' || !PARTS.test(name))
      .map(entry => toRecord(this.store, this.id, path, entry))
      .filter(record => record !== null);
    for (const record of records) {
      if (this.known.size < MAX_REMEMBERED) {
        this.known.set(record.id, record);
      }
    }
    const items = isGroup === 'found here' ? [itself(this.store, this.id, path), ...records] : records;
    return { items, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
  }

  /** Whether the folder is a Zarr group, as far as its pages have shown, and whether this is the page that first shows it. */
  private isGroup(path: string, cursor: string | undefined, entries: readonly IStoreEntry[]): 'found here' | boolean {
    if (cursor === undefined) {
      this.groups.delete(path);
    }
    if (this.groups.has(path)) {
      return true;
    }
    const found = entries.some(({ name, kind }) => kind === 'file' && GROUP_DOCUMENTS.includes(name));
    if (found && this.groups.size < MAX_REMEMBERED) {
      this.groups.add(path);
    }
    return found ? 'found here' : false;
  }

  private readonly known = new Map<string, IImageRecord>();
  /** Folders whose last page has come. */
  private readonly listed = new Set<string>();
  private readonly groups = new Set<string>();
}
