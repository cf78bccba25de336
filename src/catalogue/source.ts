import type { IImageRecord, IPage, IQuery, IStoreEntry, IStoreInfo, IStudy } from '../entities';

/** What a search or a folder can hold. A record of an image (or a folder of images) has a `uri`, a study an `accession`. */
export type CatalogueItem = IImageRecord | IStudy;

/** Tells a study from a record by the field that only studies have. */
export function isStudy(item: CatalogueItem): item is IStudy {
  return 'accession' in item;
}

/**
 * One place where images can be found: an archive, a store of this session, a list of samples.
 *
 * Contract, checked for every entry of the table by the contract suite:
 * - every item names this source in `source`, and an image record has an `id` that is unique within it;
 * - a page holds at most `query.limit` items; `cursor` is there exactly when more can be asked for;
 * - an aborted signal rejects with its reason, and nothing is asked of the service afterwards;
 * - a failure rejects with a `BioImageError`; an empty answer is a page without items.
 */
export interface ICatalogueSource {
  /** Stable id, used in the `sources` of a search: `samples`, `store:<id>`, … */
  readonly id: string;
  /** Name shown to people. */
  readonly label: string;
  /** Sources are listed by rank, then in the order they were added. */
  readonly rank?: number;
  /**
   * What the panel shows of the source before anything is typed: what an empty search answers (`items`), one row that
   * opens its root (`folder`), or nothing, which is the default and costs no request.
   */
  readonly landing?: 'items' | 'folder';
  /** One page of what matches the text; an empty text asks for what the source shows by itself. */
  search(query: IQuery, signal: AbortSignal): Promise<IPage<CatalogueItem>>;
  /** One page of a folder, where the source has folders. `path` is '' for its root, and has no trailing slash. */
  browse?(path: string, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>>;
}

/** A store of this session, as far as a catalogue needs to know it. */
export type IListedStore = Pick<IStoreInfo, 'id' | 'label'>;

/** What the built-in sources are handed: nothing here fetches by itself. */
export interface ICatalogueEnvironment {
  /** The stores of this session; rejects where the server cannot be asked. */
  stores(): Promise<readonly IListedStore[]>;
  /** One page of a store's listing under `prefix` ('' is its root). */
  list(
    store: string,
    prefix: string,
    page: { cursor?: string; limit: number },
    signal: AbortSignal
  ): Promise<IPage<IStoreEntry>>;
  /** A whole small object of a store; `undefined` where it is not there. */
  read(store: string, key: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** For sources that read a service by themselves. */
  fetch: typeof fetch;
}

/** One line of the table of built-in sources: what it makes may depend on the stores of the session. */
export interface ISourceProvider {
  readonly id: string;
  create(environment: ICatalogueEnvironment): Promise<readonly ICatalogueSource[]>;
}
