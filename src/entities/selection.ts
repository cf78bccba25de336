import { BioImageError, say } from '../core';

/**
 * A part of an image, as people, links and commands name it. Indices start at 0 and are those of level 0; ranges exclude
 * their end. What is absent is left to the image: its default z and t, its visible channels, its whole extent.
 */
export interface ISelection {
  /** Pins the level that is drawn; 0 is full resolution. */
  level?: number;
  t?: number;
  /** Channels in the order wanted. */
  c?: number[];
  z?: number;
  /** `[y0, y1, x0, x1]` in level-0 pixels. */
  region?: [number, number, number, number];
  /** What is shown of what the address names, by its key relative to that: a series of a collection, a member of a group. */
  inside?: string;
  /** A well of a plate by its name, such as `A1`. */
  well?: string;
  /** A field of that well. */
  field?: number;
  /** Label images to draw on top, by name. */
  labels?: string[];
  /** Of an array without axes of its own: which of them are drawn. */
  plane?: IArrayPlane;
}

/**
 * A plane of an array of any number of axes; positions of axes count from 0, in the array's order. An alias, not an interface:
 * it travels as JSON, whose type asks for an index signature.
 */
export type IArrayPlane = {
  /** The axis drawn downwards, and the one drawn to the right; not the same. */
  y: number;
  x: number;
  /** Index along every axis of the array; those of `y` and `x` mean nothing. */
  at?: number[];
};

/** Bound of the names and lists in a selection; far above any real one. */
const MAX_LIST = 1024;
const MAX_NAME = 256;
/** Of a key of a store, in UTF-16 units. */
const MAX_KEY = 1024;

function bad(field: string): BioImageError {
  return new BioImageError('BAD_REQUEST', say`The selection is not valid: ${field}.`, { where: field });
}

function index(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw bad(field);
  }
  return value;
}

function name(value: unknown, field: string, limit = MAX_NAME): string {
  if (typeof value !== 'string' || value.length > limit) {
    throw bad(field);
  }
  return value;
}

function list<T>(value: unknown, field: string, read: (value: unknown, field: string) => T): T[] {
  if (!Array.isArray(value) || value.length > MAX_LIST) {
    throw bad(field);
  }
  return value.map(item => read(item, field));
}

function region(value: unknown, field: string): [number, number, number, number] {
  const numbers = list(value, field, index);
  const [y0, y1, x0, x1] = numbers;
  if (numbers.length !== 4 || y0 >= y1 || x0 >= x1) {
    throw bad(field);
  }
  return [y0, y1, x0, x1];
}

function arrayPlane(value: unknown, field: string): IArrayPlane {
  if (typeof value !== 'object' || value === null || !('y' in value) || !('x' in value)) {
    throw bad(field);
  }
  const [y, x] = [index(value.y, `${field}.y`), index(value.x, `${field}.x`)];
  if (y === x) {
    throw bad(field);
  }
  const at = 'at' in value && value.at !== undefined ? list(value.at, `${field}.at`, index) : undefined;
  return { y, x, ...(at && { at }) };
}

/** One reader per field; a field that is not named here is dropped. */
const FIELDS: { [K in keyof ISelection]-?: (value: unknown, field: string) => NonNullable<ISelection[K]> } = {
  level: index,
  t: index,
  c: (value, field) => list(value, field, index),
  z: index,
  region,
  inside: (value, field) => name(value, field, MAX_KEY),
  well: (value, field) => name(value, field),
  field: index,
  labels: (value, field) => list(value, field, name),
  plane: arrayPlane
};

/**
 * A selection from data of any origin (a link, a command's arguments, a cell output). Absent and null mean the empty
 * selection, unknown fields are dropped; a wrong type, a negative index or an empty region is `BAD_REQUEST`.
 */
export function readSelection(value: unknown): ISelection {
  if (value === undefined || value === null) {
    return {};
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw bad('selection');
  }
  const given = new Map(Object.entries(value) as [string, unknown][]);
  const entries = Object.entries(FIELDS)
    .filter(([field]) => given.get(field) !== undefined && given.get(field) !== null)
    .map(([field, read]) => [field, read(given.get(field), field)] as const);
  // Every entry was made by the reader of its own field.
  return Object.fromEntries(entries);
}
