import { objectOf, countOf, field, jsonOf, listOf, textOf } from '../../fields';
import type { IRelayAnswer, Relay, RelayQuery } from '../../source';

/** Id of the service that answers for IDR's web site: JSON API, web client and search engine. */
export const IDR = 'idr';
/** Items asked for per page; a server with a smaller maximum gives less without saying so, except in `meta`. */
const PAGE_LIMIT = 1000;
/** Pages of one list that are read at most: a server that always has more must not hold the panel for ever. */
const MAX_PAGES = 100;

/** A page of a list of the JSON API. */
export interface IOmeroPage {
  readonly items: readonly unknown[];
  /** Of all pages together, where the server counts them. */
  readonly total?: number;
  readonly answer: IRelayAnswer;
}

/** One page of a list; the envelope is `{data: […], meta: {offset, limit, maxLimit, totalCount}}`, `meta` not always. */
export async function omeroPage(
  relay: Relay,
  path: string,
  query: RelayQuery & { limit: number; offset: number },
  signal: AbortSignal
): Promise<IOmeroPage> {
  const answer = await relay(IDR, `api/v0/m/${path}/`, { query }, signal);
  const json = jsonOf(answer, path);
  const total = countOf(field(json, 'meta', 'totalCount'));
  return { items: listOf(field(json, 'data')), answer, ...(total === undefined ? {} : { total }) };
}

/**
 * Every item of a list. The next page starts after what came, not after what was asked for: `limit` is clamped silently.
 * Without a count the list goes on until a page is empty.
 */
export async function omeroList(
  relay: Relay,
  path: string,
  query: RelayQuery,
  signal: AbortSignal
): Promise<{ items: unknown[]; answers: IRelayAnswer[] }> {
  const items: unknown[] = [];
  const answers: IRelayAnswer[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const {
      items: more,
      total,
      answer
    } = await omeroPage(relay, path, { ...query, limit: PAGE_LIMIT, offset: items.length }, signal);
    items.push(...more);
    answers.push(answer);
    if (more.length === 0 || (total !== undefined && items.length >= total)) {
      break;
    }
  }
  return { items, answers };
}

/** One object by its number; the manual shows `data` as a list of one, too. */
export async function omeroObject(
  relay: Relay,
  path: string,
  signal: AbortSignal
): Promise<IRelayAnswer & { data: unknown }> {
  const answer = await relay(IDR, `api/v0/m/${path}/`, {}, signal);
  const data = field(jsonOf(answer, path), 'data');
  return { ...answer, data: Array.isArray(data) ? (data as unknown[])[0] : data };
}

/** What every object of the JSON API has; `undefined` without a number. Nulls are left out of answers. */
export function omeroNamed(
  value: unknown
): { id: number; name?: string; description?: string; children?: number } | undefined {
  const id = countOf(field(value, '@id'));
  if (id === undefined) {
    return undefined;
  }
  return {
    id,
    name: textOf(field(value, 'Name')),
    description: textOf(field(value, 'Description')),
    children: countOf(field(value, 'omero:childCount'))
  };
}

/** Pixels of an image, as far as they are said. */
export function omeroSize(value: unknown): { x?: number; y?: number; z?: number; c?: number; t?: number } | undefined {
  const pixels = objectOf(field(value, 'Pixels'));
  if (pixels === undefined) {
    return undefined;
  }
  const size: { x?: number; y?: number; z?: number; c?: number; t?: number } = {};
  for (const axis of ['x', 'y', 'z', 'c', 't'] as const) {
    const pixelsAlong = countOf(field(pixels, `Size${axis.toUpperCase()}`));
    if (pixelsAlong !== undefined) {
      size[axis] = pixelsAlong;
    }
  }
  return Object.keys(size).length === 0 ? undefined : size;
}

/** The address of the data behind an image, where IDR has noted it: `s3://host/bucket/key`, or a path of its own. */
export function omeroLsid(value: unknown): string | undefined {
  return textOf(field(value, 'omero:details', 'externalInfo', 'Lsid'));
}
