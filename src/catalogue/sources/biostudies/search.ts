import type { FacetId, FacetValues, IFacet, IStudy } from '../../../entities';
import { studyPage } from '../../accession';
import { facetValues } from '../../facets';
import { countOf, dateOf, field, listOf, textOf } from '../../fields';
import { questionOf } from '../../question';
import type { RelayQuery } from '../../source';

/** Most studies on a page; the service clamps what is more without saying so. */
export const MAX_PAGE = 100;
/** Studies on a page where nobody says how many. */
const PAGE = 20;

/** The service's names of our facets. */
const FACET_NAMES: Readonly<Partial<Record<FacetId, string>>> = {
  year: 'facet.released_year',
  file_type: 'facet.file_type'
};
/** Facets that a search is filtered by; the service has none for organisms or methods. */
export const FILTERS = Object.keys(FACET_NAMES) as readonly FacetId[];

/** Values that stand for "missing". */
const NONE = /^(n\/a|none)?$/i;

/** Plain text as a query of the Lucene syntax: special characters escaped, and words that are operators in lower case. */
export function plainQuery(text: string): string {
  return questionOf(text)
    .replace(/\b(AND|OR|NOT)\b/g, word => word.toLowerCase())
    .replace(/[+\-!(){}[\]^"~*?:\\/]|&&|\|\|/g, found => Array.from(found, one => `\\${one}`).join(''));
}

/** Parameters for the filters of a query; values go in lower case, as the service keeps them. */
export function filterParameters(filters: FacetValues = {}): RelayQuery {
  const chosen = FILTERS.flatMap(id => {
    const values = filters[id] ?? [];
    return values.length === 0 ? [] : [[FACET_NAMES[id] ?? '', values.map(value => value.toLowerCase())] as const];
  });
  return Object.fromEntries(chosen);
}

/** Page and size out of a cursor (`<page>/<size>`); a cursor that is not ours is the first page. */
export function pageOf(cursor: string | undefined, limit: number | undefined): { page: number; size: number } {
  const [, page, size] = /^(\d{1,7})\/(\d{1,3})$/.exec(cursor ?? '') ?? [];
  const wanted = Math.min(Math.max(1, Math.floor(limit ?? PAGE)), MAX_PAGE);
  return page === undefined || Number(page) < 1 || Number(size) < 1 || Number(size) > MAX_PAGE
    ? { page: 1, size: wanted }
    : { page: Number(page), size: Number(size) };
}

/** Characters that a snippet of HTML writes as words. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
  '&amp;': '&'
};

/** Text of a snippet in which hits are marked up; the result is plain text, whatever it looks like. */
function withoutMarkup(value: unknown): string | undefined {
  const plain = textOf(value)?.replace(/<\/?[a-z][^<>]*>/gi, '');
  return textOf(plain?.replace(/&(?:lt|gt|quot|#39|#x27|amp);/g, found => ENTITIES[found]));
}

/** A hit as a study: it has no counts of images, no licence and no organism. Authors are one text. */
function studyOf(hit: unknown, source: string): IStudy | undefined {
  const accession = textOf(field(hit, 'accession'));
  if (accession === undefined) {
    return undefined;
  }
  const description = withoutMarkup(field(hit, 'content'));
  const released = dateOf(field(hit, 'release_date'));
  const authors = (textOf(field(hit, 'author')) ?? '').split(/,\s+/).filter(name => name !== '');
  return {
    source,
    accession,
    title: textOf(field(hit, 'title')) ?? accession,
    ...(description === undefined ? {} : { description }),
    ...(authors.length === 0 ? {} : { authors }),
    ...(released === undefined ? {} : { released }),
    page: studyPage(accession),
    facets: facetValues({ year: [released?.slice(0, 4)] })
  };
}

/** The studies of an answer, how many there are in all, and whether there is another page. */
export function readHits(
  answer: unknown,
  source: string,
  { page, size }: { page: number; size: number }
): { items: IStudy[]; total?: number; exact: boolean; more: boolean } {
  // The older server leaves `hits` out where nothing was found.
  const hits = listOf(field(answer, 'hits'));
  const items = new Map<string, IStudy>();
  for (const hit of hits) {
    const study = studyOf(hit, source);
    if (study !== undefined && !items.has(study.accession)) {
      items.set(study.accession, study);
    }
  }
  const total = countOf(field(answer, 'totalHits'));
  const exact = field(answer, 'isTotalHitsExact') !== false;
  // An estimate may be too low: a full page then means that there may be more.
  const more = hits.length >= size && (!exact || total === undefined || page * size < total);
  return { items: [...items.values()], ...(total === undefined ? {} : { total }), exact, more };
}

/** The facets of an answer that are ours, with their counts. The service answers the largest values alone. */
export function readFacets(answer: unknown): IFacet[] {
  const lists = listOf(answer);
  return FILTERS.flatMap(id => {
    const values = lists
      .filter(list => textOf(field(list, 'name')) === FACET_NAMES[id])
      .flatMap(list => listOf(field(list, 'children')))
      .flatMap(child => {
        const value = textOf(field(child, 'value')) ?? textOf(field(child, 'name'));
        const count = countOf(field(child, 'hits'));
        return value === undefined || count === undefined || NONE.test(value)
          ? []
          : [{ value, label: textOf(field(child, 'name')) ?? value, count }];
      })
      .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
    return values.length === 0 ? [] : [{ id, values, exact: false }];
  });
}
