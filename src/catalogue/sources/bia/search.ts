import { BioImageError, isBioImageError, say } from '../../../core';
import type { FacetId, FacetValues, IFacet } from '../../../entities';
import { HAS_OME_ZARR } from '../../facets';
import { countOf, field, jsonOf, listOf, objectOf, textOf } from '../../fields';
import { licenceOf } from '../../licence';
import { questionOf } from '../../question';
import type { IRelayAnswer, Relay, RelayQuery } from '../../source';
import { readAll } from './wire';

/** Service of the relay that is asked. */
export const SERVICE = 'bia-search';
/** Most hits on a page, and the last page that is answered. */
const MAX_PAGE_SIZE = 100;
const MAX_PAGE = 1000;
/** No hit behind this one is answered. */
const WINDOW = 10_000;
/** Hits on a page where nobody says how many. */
const PAGE = 20;
/** Spellings kept of the values of facets. */
const MAX_SPELLINGS = 5000;

/** Facets: our name, the parameter that filters, the key in the answer. */
const FACETS: readonly { id: FacetId; parameter: string; key: string }[] = [
  { id: 'organism', parameter: 'facet.organism', key: 'scientific_name' },
  { id: 'imaging_method', parameter: 'facet.imaging_method', key: 'imaging_method' },
  { id: 'year', parameter: 'facet.year', key: 'release_date' },
  { id: 'licence', parameter: 'facet.licence', key: 'licence' }
];
/** Facets that a search is filtered by. */
export const FILTERS: readonly FacetId[] = [...FACETS.map(({ id }) => id), 'ome_zarr'];

/** The two sets of routes of a young service: kind of document → path. The newer one is tried first. */
const ROUTES = {
  study: ['website/browse/study', 'search/fts'],
  anyStudy: ['website/browse/study', 'search/advanced'],
  image: ['website/image', 'search/fts/image']
} as const;

/** A page of documents as the index holds them; nothing of its form goes further than this folder. */
export interface IDocuments {
  readonly documents: readonly unknown[];
  readonly answer: IRelayAnswer;
  readonly total?: number;
  readonly exact: boolean;
  readonly cursor?: string;
  readonly facets: readonly IFacet[];
  /** True where the newer routes answered, which alone know whether something of a study was converted. */
  readonly isNewer: boolean;
}

/** Page and size out of a cursor (`<page>/<size>`); a cursor that is not ours is the first page. */
export function pageOf(cursor: string | undefined, limit: number | undefined): { page: number; size: number } {
  const [, page, size] = /^(\d{1,4})\/(\d{1,3})$/.exec(cursor ?? '') ?? [];
  const isOurs = page !== undefined && Number(page) >= 1 && Number(size) >= 1 && Number(size) <= MAX_PAGE_SIZE;
  return isOurs
    ? { page: Math.min(Number(page), MAX_PAGE), size: Number(size) }
    : { page: 1, size: Math.min(Math.max(1, Math.floor(limit ?? PAGE)), MAX_PAGE_SIZE) };
}

/**
 * The archive's search. It answers with keys of facets in lower case: how a value is written is learnt from the documents,
 * and turned back for a filter.
 */
export class BiaSearch {
  /** Which set of routes answers; the newer one until it is not found. */
  private set: 0 | 1 = 0;
  private readonly spellings = new Map<string, string>();
  /** Facet and label → keys of the index, for labels that stand for another text, such as licences. */
  private readonly keys = new Map<string, readonly string[]>();

  constructor(private readonly relay: Relay) {}

  /** Remembers how values are written. */
  learn(values: readonly string[]): void {
    for (const value of values) {
      if (this.spellings.size < MAX_SPELLINGS && value !== value.toLowerCase()) {
        this.spellings.set(value.toLowerCase(), value);
      }
    }
  }

  /** One page of documents of a kind. */
  async find(
    kind: 'study' | 'image',
    { text, filters, cursor, limit }: { text: string; filters?: FacetValues; cursor?: string; limit?: number },
    signal: AbortSignal
  ): Promise<IDocuments> {
    const { page, size } = pageOf(cursor, limit);
    const question = questionOf(text);
    const query = {
      ...(question === '' ? {} : { query: question }),
      ...this.parameters(filters),
      ...(kind === 'study' && isConverted(filters) === true ? { 'has.converted_image': true } : {}),
      'pagination.page': page,
      'pagination.page_size': size
    };
    const asked = question === '' && kind === 'study' ? 'anyStudy' : kind;
    const { answer, set } = await this.ask(asked, query, signal);
    const value = jsonOf(answer, 'search');
    const hits = listOf(field(value, 'hits', 'hits'));
    if (objectOf(field(value, 'hits')) === undefined) {
      throw new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: 'hits' });
    }
    const total = countOf(field(value, 'hits', 'total', 'value')) ?? countOf(field(value, 'hits', 'total'));
    const exact = field(value, 'hits', 'total', 'relation') !== 'gte';
    // What lies behind these bounds is answered with 422, and never asked for.
    const isLast = hits.length < size || page >= MAX_PAGE || (page + 1) * size > WINDOW;
    const more = !isLast && (total === undefined || !exact || page * size < total);
    return {
      documents: hits.map(hit => field(hit, '_source')),
      answer,
      ...(total === undefined ? {} : { total }),
      exact,
      ...(more ? { cursor: `${page + 1}/${size}` } : {}),
      facets: this.facets(field(value, 'facets')),
      isNewer: set === 0
    };
  }

  /** Asks the set of routes that answers: the newer one first, the older one where that is not there, and then again. */
  private async ask(
    kind: keyof typeof ROUTES,
    query: RelayQuery,
    signal: AbortSignal
  ): Promise<{ answer: IRelayAnswer; set: 0 | 1 }> {
    const { set } = this;
    try {
      return { answer: await this.relay(SERVICE, ROUTES[kind][set], { query }, signal), set };
    } catch (error) {
      if (!isBioImageError(error, 'NOT_FOUND')) {
        throw error;
      }
      const other = set === 0 ? 1 : 0;
      try {
        const answer = await this.relay(SERVICE, ROUTES[kind][other], { query }, signal);
        this.set = other;
        return { answer, set: other };
      } catch (again) {
        if (isBioImageError(again, 'NOT_FOUND')) {
          const message = say`The search of the BioImage Archive is no longer where it was.`;
          throw new BioImageError('CATALOGUE_BAD', message, { where: ROUTES[kind][other], cause: again });
        }
        throw again;
      }
    }
  }

  /** Filters as the service takes them: repeated parameters are alternatives. */
  private parameters(filters: FacetValues = {}): RelayQuery {
    return Object.fromEntries(
      FACETS.flatMap(({ id, parameter }) => {
        const values = (filters[id] ?? []).flatMap(value => this.keys.get(`${id}\n${value}`) ?? [keyOf(id, value)]);
        return values.length === 0 ? [] : [[parameter, values]];
      })
    );
  }

  /** Facets with their counts; keys that are written alike are counted together. */
  private facets(value: unknown): IFacet[] {
    return FACETS.flatMap(({ id, key }) => {
      const counts = new Map<string, { count: number; keys: string[] }>();
      for (const { key: raw, count } of readAll(bucketsOf(field(value, key)), one => bucketOf(id, one))) {
        const label = this.labelOf(id, raw);
        const known = counts.get(label) ?? { count: 0, keys: [] };
        counts.set(label, { count: known.count + count, keys: [...known.keys, raw] });
      }
      for (const [label, { keys }] of counts) {
        if (this.keys.size < MAX_SPELLINGS) {
          this.keys.set(`${id}\n${label}`, keys);
        }
      }
      const values = [...counts]
        .map(([label, { count }]) => ({ value: label, label, count }))
        .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
      const others = countOf(field(value, key, 'sum_other_doc_count')) ?? 0;
      return values.length === 0 ? [] : [{ id, values, exact: others === 0 }];
    });
  }

  private labelOf(id: FacetId, key: string): string {
    if (id === 'licence') {
      return licenceOf(key)?.text ?? key;
    }
    const spelling = this.spellings.get(key.toLowerCase());
    // Of an organism that no document has spelled yet, the genus begins with a capital letter.
    return (
      spelling ?? (id === 'organism' && key === key.toLowerCase() ? key.charAt(0).toUpperCase() + key.slice(1) : key)
    );
  }
}

/** Whether studies with an OME-Zarr are wanted, or those without; `undefined` where it does not matter. */
export function isConverted({ ome_zarr: values = [] }: FacetValues = {}): boolean | undefined {
  const isWanted = values.some(value => value.toLowerCase() === HAS_OME_ZARR);
  return values.length === 0 || (isWanted && values.length > 1) ? undefined : isWanted;
}

/** The key that the index has for a value nobody has seen among its facets. */
function keyOf(id: FacetId, value: string): string {
  return ((id === 'licence' ? licenceOf(value)?.url : undefined) ?? value).toLowerCase();
}

/** The list of buckets of an aggregation, which may be nested in aggregations that only narrow it down. */
function bucketsOf(value: unknown, depth = 0): readonly unknown[] {
  const buckets = field(value, 'buckets');
  if (Array.isArray(buckets) || Array.isArray(value)) {
    return listOf(buckets ?? value);
  }
  return depth > 3
    ? []
    : (Object.values(objectOf(value) ?? {})
        .map(inner => bucketsOf(objectOf(inner), depth + 1))
        .find(found => found.length > 0) ?? []);
}

/** Key and count of a bucket; the key of a year is a time, and the year stands beside it. */
function bucketOf(id: FacetId, value: unknown): { key: string; count: number } | undefined {
  const count = countOf(field(value, 'doc_count'));
  const key = id === 'year' ? textOf(field(value, 'key_as_string'))?.slice(0, 4) : textOf(field(value, 'key'));
  return count === undefined || count === 0 || key === undefined ? undefined : { key, count };
}
