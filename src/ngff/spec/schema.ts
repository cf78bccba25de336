import { say } from '../../core';
import type { Said, SaidPart } from '../../core';
import { record } from '../versions';
import type { Json } from '../versions';

/** One objection of a schema. */
export interface IProblem {
  /** RFC 6901 pointer into what was checked; '' is all of it. */
  readonly pointer: string;
  /** What is wrong there, to be read after the name of the place: `must have "axes"`. */
  readonly text: Said;
}

/** Schemas of one version by their `$id`. */
export type Schemas = ReadonlyMap<string, Json>;

/** Objections that are kept; a plate may have the same mistake in every well. */
const MAX_PROBLEMS = 500;
/** Members within members; real metadata has a dozen, and each costs some frames of the stack. */
const MAX_DEPTH = 64;

/** One segment of a pointer (RFC 6901). */
export function segment(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Where a check stands: the value, its pointer, and the schema that its references are relative to. */
interface IPlace {
  readonly value: unknown;
  readonly pointer: string;
  /** Members on the way to it. */
  readonly depth: number;
  readonly base: string;
}

type Rule = (limit: unknown, place: IPlace, check: Checker, schema: Json) => IProblem[];

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  array: Array.isArray,
  boolean: value => typeof value === 'boolean',
  integer: value => typeof value === 'number' && Number.isInteger(value),
  null: value => value === null,
  number: value => typeof value === 'number' && Number.isFinite(value),
  object: value => typeof value === 'object' && value !== null && !Array.isArray(value),
  string: value => typeof value === 'string'
};

/** Equal as JSON: the order of keys does not count. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    TYPES.object(inner) ? Object.fromEntries(Object.entries(record(inner)).sort(([a], [b]) => (a < b ? -1 : 1))) : inner
  );
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const told = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** Names one of which is meant. */
const anyOf = (names: readonly string[]): SaidPart =>
  names.reduce<SaidPart>((a, b) => (a === '' ? b : say`${a} or ${b}`), '');

/** `text` where the value is of the type that the rule is about and `wrong` holds. */
function when(wrong: boolean, { pointer }: IPlace, text: Said): IProblem[] {
  return wrong ? [{ pointer, text }] : [];
}

function bound(fits: (value: number, limit: number) => boolean, words: Said): Rule {
  return (limit, place) =>
    when(
      typeof place.value === 'number' && !fits(place.value, Number(limit)),
      place,
      say`must be ${words} ${told(limit)}`
    );
}

function length(fits: (value: number, limit: number) => boolean, words: Said): Rule {
  return (limit, place) =>
    when(
      Array.isArray(place.value) && !fits(place.value.length, Number(limit)),
      place,
      say`must have ${words} ${told(limit)} entries`
    );
}

/** What entries are like, where the schema says it by constants: `type "space"`. */
function likeness(schema: Json): Said {
  const named = Object.entries(record(schema.properties)).flatMap(([key, inner]): Said | Said[] => {
    const { const: only, enum: some } = record(inner);
    return only !== undefined
      ? say`${key} ${told(only)}`
      : some === undefined
        ? []
        : say`${key} of ${list(some).map(told).join(', ')}`;
  });
  return named.length > 0 ? say`with ${named.reduce((a, b) => say`${a} and ${b}`)}` : say`of a certain form`;
}

const contains: Rule = (inner, place, check, { minContains = 1, maxContains }) => {
  if (!Array.isArray(place.value)) {
    return [];
  }
  const count = place.value.filter((value, i) => check.at(inner, place, i, value).length === 0).length;
  const [least, most] = [Number(minContains), maxContains === undefined ? Infinity : Number(maxContains)];
  const range = most === Infinity ? say`at least ${least}` : say`${least} to ${most}`;
  return when(
    count < least || count > most,
    place,
    say`must have ${range} entries ${likeness(record(inner))}; it has ${count}`
  );
};

/** Of several forms the one that fits best tells what is wrong: the one whose constants hold, with the fewest objections. */
function closest(tried: readonly (readonly IProblem[])[]): readonly IProblem[] {
  const constants = (problems: readonly IProblem[]): number =>
    problems.filter(({ text }) => String(text).startsWith('must be "')).length;
  return [...tried].sort((a, b) => constants(a) - constants(b) || a.length - b.length)[0] ?? [];
}

function someOf(most: number): Rule {
  return (forms, place, check) => {
    const tried = list(forms).map(form => check.of(form, place));
    const fitting = tried.filter(problems => problems.length === 0).length;
    if (fitting === 0) {
      return [...closest(tried)];
    }
    return when(fitting > most, place, say`fits more than one of the forms that exclude each other`);
  };
}

const properties: Rule = (inner, place, check) =>
  TYPES.object(place.value)
    ? Object.entries(record(inner)).flatMap(([key, schema]) =>
        Object.hasOwn(record(place.value), key) ? check.at(schema, place, key, record(place.value)[key]) : []
      )
    : [];

const required: Rule = (names, place) =>
  TYPES.object(place.value)
    ? list(names)
        .filter(name => !Object.hasOwn(record(place.value), String(name)))
        .map(name => ({ pointer: place.pointer, text: say`must have ${told(name)}` }))
    : [];

const additionalProperties: Rule = (inner, place, check, schema) =>
  TYPES.object(place.value)
    ? Object.entries(record(place.value))
        .filter(([key]) => !Object.hasOwn(record(schema.properties), key))
        .flatMap(([key, value]) =>
          inner === false
            ? [{ pointer: place.pointer, text: say`must not have ${told(key)}` }]
            : check.at(inner, place, key, value)
        )
    : [];

const type: Rule = (names, place) => {
  const allowed = Array.isArray(names) ? names.map(String) : [String(names)];
  return when(!allowed.some(name => TYPES[name]?.(place.value)), place, say`must be of type ${anyOf(allowed)}`);
};

const NOTHING: Rule = () => [];

/** Every keyword of the specification's schemas; a new one is a line here, and a test tells that it is missing. */
export const RULES: Readonly<Record<string, Rule>> = {
  $comment: NOTHING,
  $defs: NOTHING,
  $id: NOTHING,
  $ref: (reference, place, check) => check.reference(String(reference), place),
  $schema: NOTHING,
  additionalProperties,
  allOf: (forms, place, check) => list(forms).flatMap(form => check.of(form, place)),
  anyOf: someOf(Infinity),
  const: (only, place) => when(canonical(only) !== canonical(place.value), place, say`must be ${told(only)}`),
  contains,
  default: NOTHING,
  description: NOTHING,
  enum: (some, place) =>
    when(
      !list(some).some(allowed => canonical(allowed) === canonical(place.value)),
      place,
      say`must be one of ${list(some).map(told).join(', ')}`
    ),
  exclusiveMinimum: bound((value, limit) => value > limit, say`greater than`),
  items: (inner, place, check) =>
    Array.isArray(place.value) ? place.value.flatMap((value, i) => check.at(inner, place, i, value)) : [],
  maxContains: NOTHING, // with `contains`
  maxItems: length((value, limit) => value <= limit, say`at most`),
  maximum: bound((value, limit) => value <= limit, say`at most`),
  minContains: NOTHING, // with `contains`
  minItems: length((value, limit) => value >= limit, say`at least`),
  minLength: (least, place) =>
    when(typeof place.value === 'string' && [...place.value].length < Number(least), place, say`must not be empty`),
  minimum: bound((value, limit) => value >= limit, say`at least`),
  not: (inner, place, check) =>
    when(check.of(inner, place).length === 0, place, say`has a form that is not allowed here`),
  oneOf: someOf(1),
  pattern: (pattern, place) =>
    when(
      typeof place.value === 'string' && !new RegExp(String(pattern), 'u').test(place.value),
      place,
      say`must match ${String(pattern)}`
    ),
  properties,
  required,
  title: NOTHING,
  type,
  uniqueItems: (unique, place) =>
    when(
      unique === true && Array.isArray(place.value) && new Set(place.value.map(canonical)).size < place.value.length,
      place,
      say`must not have equal entries`
    )
};

/** The part of a schema that a fragment names: `/$defs/axis`. */
function partOf(schema: Json, fragment: string): unknown {
  return fragment
    .split('/')
    .filter(part => part !== '')
    .reduce<unknown>((part, name) => record(part)[decodeURIComponent(name)], schema);
}

/**
 * One check of one document. What was found of a part is kept: forms that refer to themselves (transformations within
 * transformations) would otherwise be looked at again for every form around them.
 */
class Checker {
  private readonly _known = new WeakMap<object, Map<unknown, IProblem[]>>();

  constructor(private readonly _schemas: Schemas) {}

  of(schema: unknown, place: IPlace): IProblem[] {
    if (typeof schema !== 'object' || schema === null) {
      return when(schema === false, place, say`must not be here`);
    }
    const { value } = place;
    const known = typeof value === 'object' && value !== null ? this._foundBy(schema) : undefined;
    const found = known?.get(value);
    if (found) {
      return found;
    }
    const { $id } = schema as Json; // checked just above
    const here = typeof $id === 'string' ? { ...place, base: $id } : place;
    const problems = Object.entries(schema as Json).flatMap(([keyword, limit]) =>
      Object.hasOwn(RULES, keyword) ? RULES[keyword](limit, here, this, schema as Json) : []
    );
    const kept = problems.slice(0, MAX_PROBLEMS);
    known?.set(value, kept);
    return kept;
  }

  private _foundBy(schema: object): Map<unknown, IProblem[]> {
    const known = this._known.get(schema) ?? new Map<unknown, IProblem[]>();
    this._known.set(schema, known);
    return known;
  }

  /** A member of the value. */
  at(schema: unknown, place: IPlace, key: string | number, value: unknown): IProblem[] {
    const { pointer, depth, base } = place;
    return depth > MAX_DEPTH
      ? [{ pointer, text: say`is nested too deeply` }]
      : this.of(schema, { value, pointer: pointer + segment(key), depth: depth + 1, base });
  }

  reference(reference: string, place: IPlace): IProblem[] {
    const target = new URL(reference, place.base);
    const fragment = target.hash.slice(1);
    target.hash = '';
    const schema = this._schemas.get(target.href);
    return schema ? this.of(partOf(schema, fragment), { ...place, base: target.href }) : [];
  }
}

/**
 * What the schema has against a value: a small interpreter of the part of JSON Schema 2020-12 that the specification uses.
 * A validator that compiles its schemas (`new Function`) is refused by pages with a content security policy, and is larger
 * than all schemas together. References to schemas that are not among `schemas` hold.
 */
export function check(schema: Json, value: unknown, schemas: Schemas): IProblem[] {
  const problems = new Checker(schemas).of(schema, { value, pointer: '', depth: 0, base: 'schema:' });
  const seen = new Map(problems.map(problem => [`${problem.pointer} ${String(problem.text)}`, problem]));
  return [...seen.values()];
}
