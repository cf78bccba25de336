import { asArray, asObject, asString, isBioImageError, optional, parseJson, throwIfAborted } from '../core';
import type { IImageRecord, IPage, IQuery } from '../entities';
import { matchesText } from './listing';
import { pageOf } from './paging';
import type { ICatalogueEnvironment, ICatalogueSource } from './source';

/** Bytes of an index: room for thousands of images, and nothing that would have to be paged. */
const MAX_INDEX_BYTES = 2 * 2 ** 20;

const KINDS: readonly unknown[] = ['image', 'plate', 'collection'];

/**
 * The records of an index: a JSON list of `{path, title, description?, kind?, version?, licence?}`, paths relative to the
 * root of the store. Throws BAD_METADATA naming the field.
 */
function readIndex(bytes: Uint8Array, store: string, source: string): IImageRecord[] {
  return asArray(parseJson(bytes, 'index', MAX_INDEX_BYTES), 'index').map((value, at) => {
    const where = `index[${at}]`;
    const entry = asObject(value, where);
    const text = (name: string): string | undefined => optional(entry[name], `${where}.${name}`, asString);
    const path = asString(entry.path, `${where}.path`);
    return {
      id: path,
      source,
      uri: `store:${store}/${path}`,
      title: text('title') ?? path,
      description: text('description'),
      kind: KINDS.includes(entry.kind) ? (entry.kind as IImageRecord['kind']) : 'image',
      version: text('version'),
      viewable: true,
      licence: text('licence')
    };
  });
}

/**
 * A store whose root has an index of its images, with titles and descriptions: these are listed and searched. Without an
 * index, or with one that cannot be read as such, it is the store's own listing.
 */
export class IndexedSource implements ICatalogueSource {
  constructor(
    private readonly listing: ICatalogueSource & Required<Pick<ICatalogueSource, 'browse'>>,
    private readonly store: string,
    /** Key of the index in the store. */
    private readonly key: string,
    private readonly read: ICatalogueEnvironment['read']
  ) {}

  get id(): string {
    return this.listing.id;
  }

  get label(): string {
    return this.listing.label;
  }

  get rank(): number | undefined {
    return this.listing.rank;
  }

  get landing(): ICatalogueSource['landing'] {
    return this.listing.landing;
  }

  async search(query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    throwIfAborted(signal);
    const records = await this.records(signal);
    throwIfAborted(signal);
    if (records === null) {
      return this.listing.search(query, signal) as Promise<IPage<IImageRecord>>;
    }
    const text = query.text.trim();
    const words = ({ id, title, description = '' }: IImageRecord): string => `${title} ${description} ${id}`;
    const found = text === '' ? records : records.filter(record => matchesText(words(record), text));
    return pageOf(found, query);
  }

  /** Folders are those of the listing: an index has none, and a listing may show some. */
  browse(path: string, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    return this.listing.browse(path, query, signal);
  }

  /** The index, read once; `null` where there is none. A store that cannot be asked is asked again the next time. */
  private async records(signal: AbortSignal): Promise<readonly IImageRecord[] | null> {
    if (this.known === undefined) {
      const bytes = await this.read(this.store, this.key, signal);
      try {
        this.known = bytes === undefined ? null : readIndex(bytes, this.store, this.id);
      } catch (error) {
        if (!isBioImageError(error, 'BAD_METADATA')) {
          throw error;
        }
        this.known = null;
      }
    }
    return this.known;
  }

  private known: readonly IImageRecord[] | null | undefined;
}
