import { BioImageError, cleanText, say } from '../../../core';
import { countOf, field, jsonOf, listOf, textOf } from '../../fields';
import type { IRelayAnswer, Relay, RelayQuery } from '../../source';
import { containerKey } from './containers';
import type { ContainerKind, KeyValue } from './containers';
import { IMAGE_KEYS } from './keys';
import type { ImageFacet } from './keys';
import { IDR } from './omero';
import { uniqueById } from './unique';

const ROOT = 'searchengine/api/v1/resources';

/** A condition on a key of an image's annotations, or on the name of its container. Values are compared without case. */
interface IClause {
  readonly name: string;
  readonly value: string;
  readonly operator: 'equals';
  readonly resource: 'image' | 'container';
}

/** A question to the search engine: all of `and_filters`, and one of each list of `or_filters`. */
export interface IEngineQuery {
  readonly resource: 'image';
  readonly query_details: {
    readonly and_filters: readonly IClause[];
    readonly or_filters: readonly (readonly IClause[])[];
    readonly case_sensitive: false;
  };
}

/** A container as the search engine lists it. */
export interface IEngineContainer {
  /** As {@link containerKey} writes it. */
  readonly key: string;
  readonly name?: string;
  readonly images?: number;
}

/** An image as the search engine finds it. */
export interface IEngineImage {
  readonly id: number;
  readonly name?: string;
  /** Name of its project or screen. */
  readonly container?: string;
  readonly containerKey?: string;
  /** OMERO's number of its dataset; an image of a plate has none. */
  readonly dataset?: number;
  /** Its annotations; keys repeat. */
  readonly values: readonly KeyValue[];
}

/** One page of image hits, 1000 at most. */
export interface IEnginePage {
  readonly images: readonly IEngineImage[];
  /** Of all pages. */
  readonly size: number;
  /** What asks for the next page; absent where there is none. */
  readonly bookmark?: readonly unknown[];
  readonly answer: IRelayAnswer;
}

/**
 * One answer of the engine. CATALOGUE_BAD where it holds an error, with its words; NOT_FOUND where the engine has no such
 * resource, which it says with 404 and plain text.
 */
async function ask(
  relay: Relay,
  path: string,
  options: { query?: RelayQuery; body?: unknown },
  signal: AbortSignal
): Promise<{ json: unknown; answer: IRelayAnswer }> {
  const answer = await relay(IDR, `${ROOT}/${path}`, options, signal);
  const json = jsonOf(answer, path);
  // An error comes with status 200; answers that are none say null, nothing, or the word "none".
  const error = textOf(field(json, 'Error')) ?? textOf(field(json, 'error'));
  if (error !== undefined && error.toLowerCase() !== 'none') {
    throw new BioImageError('CATALOGUE_BAD', say`IDR’s search engine says: ${cleanText(error)}`, { where: path });
  }
  return { json, answer };
}

/** The hits of an answer. Without any, `results` is an empty list instead of an object that holds one. */
function hitsOf(json: unknown): readonly unknown[] {
  return listOf(field(json, 'results', 'results'));
}

function kindOf(value: unknown): ContainerKind | undefined {
  const text = textOf(value)?.toLowerCase();
  return text === 'project' || text === 'screen' ? text : undefined;
}

function readContainers(json: unknown): IEngineContainer[] {
  const containers: IEngineContainer[] = [];
  for (const hit of hitsOf(json)) {
    const id = countOf(field(hit, 'id'));
    const kind = kindOf(field(hit, 'type'));
    if (id !== undefined && kind !== undefined) {
      const images = countOf(field(hit, 'image count'));
      containers.push({ key: containerKey(kind, id), name: textOf(field(hit, 'name')), images });
    }
  }
  return containers;
}

/** All containers with their number of images, in one call. */
export async function containerImages(
  relay: Relay,
  signal: AbortSignal
): Promise<{ containers: IEngineContainer[]; answer: IRelayAnswer }> {
  const { json, answer } = await ask(relay, 'container_images/', { query: { data_source: 'idr' } }, signal);
  return { containers: readContainers(json), answer };
}

/** What images must have: one of the values of each facet, under any of the facet's keys; and one of the containers. */
export function engineQuery(
  filters: readonly (readonly [ImageFacet, readonly string[]])[],
  containers: readonly string[] = []
): IEngineQuery {
  const groups: IClause[][] = filters.map(([facet, values]) =>
    values.flatMap(value =>
      IMAGE_KEYS[facet].map(name => ({ name, value, operator: 'equals' as const, resource: 'image' as const }))
    )
  );
  if (containers.length > 0) {
    groups.push(containers.map(value => ({ name: 'name', value, operator: 'equals', resource: 'container' })));
  }
  return {
    resource: 'image',
    query_details: {
      and_filters: groups.filter(group => group.length === 1).map(([clause]) => clause),
      or_filters: groups.filter(group => group.length > 1),
      case_sensitive: false
    }
  };
}

/** The containers that have images which match. */
export async function findContainers(
  relay: Relay,
  query: IEngineQuery,
  signal: AbortSignal
): Promise<{ containers: IEngineContainer[]; answer: IRelayAnswer }> {
  const { json, answer } = await ask(relay, 'submitquery/containers/', { body: query }, signal);
  return { containers: readContainers(json), answer };
}

/** Hits of images name a key `name`, hits of containers `key`. */
function readPairs(value: unknown): KeyValue[] {
  const pairs: KeyValue[] = [];
  for (const pair of listOf(value)) {
    const name = textOf(field(pair, 'name')) ?? textOf(field(pair, 'key'));
    const text = textOf(field(pair, 'value'));
    if (name !== undefined && text !== undefined) {
      pairs.push([name, text]);
    }
  }
  return pairs;
}

/** A hit without a number is none. An image is in a screen or in a project; the other of the two is null or left out. */
function readImage(hit: unknown): IEngineImage | undefined {
  const id = countOf(field(hit, 'id'));
  if (id === undefined) {
    return undefined;
  }
  const kind = (['screen', 'project'] as const).find(one => textOf(field(hit, `${one}_name`)) !== undefined);
  const number = kind === undefined ? undefined : countOf(field(hit, `${kind}_id`));
  return {
    id,
    name: textOf(field(hit, 'name')),
    container: kind === undefined ? undefined : textOf(field(hit, `${kind}_name`)),
    containerKey: kind === undefined || number === undefined ? undefined : containerKey(kind, number),
    dataset: countOf(field(hit, 'dataset_id')),
    values: readPairs(field(hit, 'key_values'))
  };
}

/** One page of the images that match; the engine's pages are reached by the bookmark of the page before. */
export async function findImages(
  relay: Relay,
  query: IEngineQuery,
  bookmark: readonly unknown[] | undefined,
  signal: AbortSignal
): Promise<IEnginePage> {
  const body = bookmark === undefined ? query : { ...query, bookmark };
  const { json, answer } = await ask(relay, 'submitquery/', { body }, signal);
  const hits = hitsOf(json);
  const images = uniqueById(hits.map(readImage).filter(image => image !== undefined));
  const next = listOf(field(json, 'results', 'bookmark'));
  const size = countOf(field(json, 'results', 'size')) ?? hits.length;
  return { images, size, answer, ...(hits.length > 0 && next.length > 0 ? { bookmark: next } : {}) };
}

/** A value of an image key that contains what is being typed. */
export interface IEngineValue {
  /** Key of the annotation, such as `Gene Symbol`. */
  readonly key: string;
  readonly value: string;
  /** How many images have it. */
  readonly images: number;
}

/** Values for completion. They are asked for as text is typed: one key alone can have 49,753 of them. */
export async function searchValues(relay: Relay, text: string, signal: AbortSignal): Promise<IEngineValue[]> {
  const { json } = await ask(relay, 'image/searchvalues/', { query: { value: text } }, signal);
  const values: IEngineValue[] = [];
  for (const one of listOf(field(json, 'data'))) {
    const key = textOf(field(one, 'Key'));
    const value = textOf(field(one, 'Value'));
    if (key !== undefined && value !== undefined) {
      values.push({ key, value, images: countOf(field(one, 'Number of images')) ?? 0 });
    }
  }
  return values;
}
