import { BioImageError } from '../core';

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
  /** A well of a plate by its name, such as `A1`. */
  well?: string;
  /** A field of that well. */
  field?: number;
  /** Label images to draw on top, by name. */
  labels?: string[];
}

/** Bound of the names and lists in a selection; far above any real one. */
const MAX_LIST = 1024;
const MAX_NAME = 256;

function bad(field: string): BioImageError {
  return new BioImageError('BAD_REQUEST', `The selection is not valid: ${field}.`, { where: field });
}

function index(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw bad(field);
  }
  return value;
}

function name(value: unknown, field: string): string {
  if (typeof value !== 'string' || value.length > MAX_NAME) {
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

/** One reader per field; a field that is not named here is dropped. */
const FIELDS: { [K in keyof ISelection]-?: (value: unknown, field: string) => NonNullable<ISelection[K]> } = {
  level: index,
  t: index,
  c: (value, field) => list(value, field, index),
  z: index,
  region,
  well: name,
  field: index,
  labels: (value, field) => list(value, field, name)
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
