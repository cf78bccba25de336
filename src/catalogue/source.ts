import type {
  FacetId,
  IFileEntry,
  IImageRecord,
  IPage,
  IQuery,
  IRelayAnswer,
  IRewrite,
  IStoreEntry,
  IStoreInfo,
  IStudy,
  IStudyDetails,
  ISuggestion,
  RelayQuery
} from '../entities';

export type { IRelayAnswer, IRewrite, RelayQuery } from '../entities';

/** What a search or a folder can hold. A record of an image (or a folder of images) has a `uri`, a study an `accession`. */
export type CatalogueItem = IImageRecord | IStudy;

/** Tells a study from a record by the field that only studies have. */
export function isStudy(item: CatalogueItem): item is IStudy {
  return 'accession' in item;
}

/** What a text is the name of, in a source that knows such names. */
export type IRecognised =
  { readonly kind: 'study'; readonly accession: string } | { readonly kind: 'image'; readonly id: string };

/**
 * One place where images can be found: an archive, a store of this session, a list of samples.
 *
 * Contract, checked for every entry of the table by the contract suite:
 * - every item names this source in `source`, and an image record has an `id` that is unique within it;
 * - a page holds at most `query.limit` items; `cursor` is there exactly when more can be asked for;
 * - an aborted signal rejects with its reason, and nothing is asked of the service afterwards;
 * - a failure rejects with a `BioImageError`; an empty answer is a page without items;
 * - a field of an answer that is missing or odd costs that field, never the item; an item without an id is left out.
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
  /** Facets that its search filters by. Of the others the panel shows only items that carry the value themselves. */
  readonly filters?: readonly FacetId[];
  /** One page of what matches the text; an empty text asks for what the source shows by itself. */
  search(query: IQuery, signal: AbortSignal): Promise<IPage<CatalogueItem>>;
  /** One page of a folder, where the source has folders. `path` is '' for its root, and has no trailing slash. */
  browse?(path: string, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>>;
  /** What the text names here, by its form alone: an accession, a DOI, an image id, the address of a page. No request. */
  recognise?(text: string): IRecognised | null;
  /** The page of a study; NOT_FOUND where there is none. */
  study?(accession: string, signal: AbortSignal): Promise<IStudyDetails>;
  /** One page of a study's images, viewable ones first. `query.text` filters by title, `query.dataset` by dataset. */
  images?(accession: string, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>>;
  /** One page of a study's files. */
  files?(accession: string, query: IQuery, signal: AbortSignal): Promise<IPage<IFileEntry>>;
  /** One image by its id; NOT_FOUND where there is none. */
  image?(id: string, signal: AbortSignal): Promise<IImageRecord>;
  /** A few completions of what is being typed, best first. */
  suggest?(text: string, signal: AbortSignal): Promise<readonly ISuggestion[]>;
}

/** A store of this session, as far as a catalogue needs to know it. */
export type IListedStore = Pick<IStoreInfo, 'id' | 'label'> & Partial<Pick<IStoreInfo, 'prefixes' | 'kind'>>;

/**
 * Asks a service of the operator's list; `path` is below the service's root, plain text, encoded here. Rejects with
 * NOT_FOUND (404), UPSTREAM_DENIED (401, 403), UPSTREAM_DOWN, UPSTREAM_SLOW, BUSY (429 after back-off), TOO_LARGE,
 * CATALOGUE_BAD (any other answer), STORE_DENIED (a service or path that is not on the list).
 */
export type Relay = (
  service: string,
  path: string,
  options: { query?: RelayQuery; /** Sent as JSON with POST. */ body?: unknown },
  signal: AbortSignal
) => Promise<IRelayAnswer>;

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
  readonly relay: Relay;
  /** Ids of the services that the relay knows, in the operator's order. */
  services(): Promise<readonly string[]>;
  /** Where storage has moved, longest prefix first. */
  rewrites(): Promise<readonly IRewrite[]>;
  /** Setting of the person: for how long an answer is used again, in ms; for ever where absent. Read at each use. */
  maxAge?(): number;
  /** Settings of the person: catalogues of their own, as addresses or paths of CSV files. */
  readonly ownCatalogues?: readonly string[];
}

/** One line of the table of built-in sources: what it makes may depend on the stores and services of the session. */
export interface ISourceProvider {
  readonly id: string;
  /** Depends on `ownCatalogues`, and is asked again when they change. */
  readonly isOwn?: boolean;
  create(environment: ICatalogueEnvironment): Promise<readonly ICatalogueSource[]>;
}
