import type { FacetValues } from '../entities';
import { FACETS } from '../entities';
import type { IFavourite } from './favourites';
import { MAX_FAVOURITES } from './favourites';
import { TEXT_LENGTH } from './recognise';

/** Where the panel's state is kept between visits; whoever hosts it knows where that is. */
export interface IPanelMemory {
  /** What was saved last; read leniently, whatever it is. */
  load(): Promise<unknown>;
  /** Takes plain JSON; called at rest, not at every change. `before` is what was a favourite when it was called last. */
  save(state: IPanelState, before: readonly IFavourite[]): void;
  /** Calls back when what is kept as favourites has changed, by whomever. */
  follow?(listener: (favourites: unknown) => void): void;
}

/** What of the panel survives a reload, as plain JSON. */
export interface IPanelState {
  readonly text: string;
  readonly filters: FacetValues;
  readonly filtersOpen: boolean;
  /** Of the list, in CSS pixels. */
  readonly scroll: number;
  /** The folder that is browsed; '' is the root. */
  readonly place: { readonly source: string; readonly path: string } | null;
  /** The study whose page is open, with what its page keeps for itself. */
  readonly study: { readonly source: string; readonly accession: string; readonly page?: unknown } | null;
  readonly favourites: readonly IFavourite[];
  /** Texts searched for, newest first. */
  readonly searches: readonly string[];
}

/** Searches kept. */
export const MAX_SEARCHES = 20;
/** Characters of a name or value that was kept. */
const NAME_LENGTH = 2048;
/** Values that can have been chosen in one facet. */
const MAX_VALUES = 50;

/** An address with a query or a fragment may be signed: who reads it can read the data, so that it is not kept. */
export function isSecret(text: string): boolean {
  return /^\s*https?:[^?#]*[?#]/i.test(text);
}

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function nameOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= NAME_LENGTH ? value : null;
}

function namesOf(value: unknown, most: number): string[] {
  const names = listOf(value).slice(0, most).map(nameOf);
  return [...new Set(names.filter(name => name !== null))];
}

function readFilters(value: unknown): FacetValues {
  const fields = fieldsOf(value);
  const pairs = FACETS.map(id => [id, namesOf(Object.hasOwn(fields, id) ? fields[id] : null, MAX_VALUES)] as const);
  return Object.fromEntries(pairs.filter(([, values]) => values.length > 0));
}

/** A marked study or image as a list of one; empty where it is none. */
export function readFavourite(value: unknown): IFavourite[] {
  const fields = fieldsOf(value);
  const title = nameOf(fields.title);
  const source = nameOf(fields.source);
  const uri = nameOf(fields.uri);
  const accession = nameOf(fields.accession);
  if (fields.kind === 'image' && uri !== null) {
    return [{ kind: 'image', uri, title: title ?? uri, ...(source === null ? {} : { source }) }];
  }
  if (fields.kind === 'study' && source !== null && accession !== null) {
    return [{ kind: 'study', source, accession, title: title ?? accession }];
  }
  return [];
}

/** Marked studies and images; what is none of them is left out. */
export function readFavourites(value: unknown): IFavourite[] {
  return listOf(value).slice(0, MAX_FAVOURITES).flatMap(readFavourite);
}

function readStudy(value: unknown): IPanelState['study'] {
  const { source, accession, page } = fieldsOf(value);
  const names = [nameOf(source), nameOf(accession)];
  return names[0] === null || names[1] === null ? null : { source: names[0], accession: names[1], page };
}

function readPlace(value: unknown): IPanelState['place'] {
  const { source, path } = fieldsOf(value);
  const name = nameOf(source);
  return name === null || (path !== '' && nameOf(path) === null) ? null : { source: name, path: path as string };
}

/** A saved state; whatever is missing or odd in it is as on a first visit. */
export function readState(value: unknown): IPanelState {
  const fields = fieldsOf(value);
  const { text, scroll } = fields;
  return {
    text: typeof text === 'string' && !isSecret(text) ? text.slice(0, TEXT_LENGTH) : '',
    filters: readFilters(fields.filters),
    filtersOpen: fields.filtersOpen === true,
    scroll: typeof scroll === 'number' && Number.isFinite(scroll) ? Math.max(0, scroll) : 0,
    study: readStudy(fields.study),
    favourites: readFavourites(fields.favourites),
    searches: namesOf(fields.searches, MAX_SEARCHES).filter(one => !isSecret(one)),
    place: readPlace(fields.place)
  };
}
