import { Said, say } from '../core';
import { compose as multiply, diagonal, identity, isUsable } from './matrix';
import type { Matrix } from './matrix';

/** World coordinates = matrix × (pixel, 1); one row per axis. */
export interface IAffine {
  readonly matrix: Matrix;
  /** Something told the size of a pixel: a scale, or any other transformation but a translation. */
  readonly sized: boolean;
}

/** Outside of this no unit makes sense, and sums and quotients would leave the range of doubles. */
const MAX_SIZE = 1e24;
/** Transformations within transformations; no real metadata goes beyond three. */
const MAX_DEPTH = 16;
/** Transformations in one list: no real metadata has more than two, and each costs a product of matrices. */
const MAX_LIST = 100;

const isScale = (n: number): boolean => n > 1 / MAX_SIZE && n < MAX_SIZE;
const isNumber = (n: number): boolean => Math.abs(n) < MAX_SIZE;

function numbers(value: unknown, length: number, fits: (n: number) => boolean): number[] | undefined {
  return Array.isArray(value) &&
    value.length === length &&
    value.every((n): n is number => typeof n === 'number' && fits(n))
    ? value
    : undefined;
}

function field(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

/** What a transformation makes of `rank` coordinates, or why it cannot be used; a text is that reason. */
type Reading = { readonly matrix: Matrix; readonly sized: boolean } | Said;
type Reader = (value: object, rank: number, depth: number) => Reading;

/** `rows` numbers each of `columns`. */
function grid(value: unknown, rows: number, columns: number): number[][] | undefined {
  const read = Array.isArray(value) && value.length === rows ? value.map(row => numbers(row, columns, isNumber)) : [];
  return read.length === rows && read.every(row => row !== undefined) ? read : undefined;
}

const scale: Reader = (value, rank) => {
  const list = numbers(field(value, 'scale'), rank, isScale);
  return list
    ? { matrix: diagonal(list), sized: true }
    : say`A scale is not a list of one positive number per axis; it is not used.`;
};

const translation: Reader = (value, rank) => {
  const list = numbers(field(value, 'translation'), rank, isNumber);
  return list
    ? { matrix: identity(rank).map((row, i) => [...row.slice(0, rank), list[i]]), sized: false }
    : say`A translation is not a list of one number per axis; it is not used.`;
};

const sequence: Reader = (value, rank, depth) => {
  const said = new Set<Said>();
  const { matrix, sized } = compose(field(value, 'transformations'), rank, said, undefined, depth + 1);
  // A part of a sequence alone would lead to another place than the whole.
  return said.size > 0 ? [...said][0] : { matrix, sized };
};

const affine: Reader = (value, rank) => {
  const given = field(value, 'affine');
  const matrix = grid(given, rank, rank + 1) ?? grid(given, rank + 1, rank + 1)?.slice(0, rank);
  return matrix
    ? { matrix, sized: true }
    : say`An affine transformation is not a matrix that goes with the axes; it is not used.`;
};

const rotation: Reader = (value, rank) => {
  const matrix = grid(field(value, 'rotation'), rank, rank);
  return matrix
    ? { matrix: matrix.map(row => [...row, 0]), sized: true }
    : say`A rotation is not a matrix that goes with the axes; it is not used.`;
};

/** Axis numbers `0 … rank - 1`, each at most once. */
function axesOf(value: unknown, rank: number): number[] | undefined {
  const list = Array.isArray(value)
    ? value.filter((n): n is number => typeof n === 'number' && Number.isInteger(n) && n >= 0 && n < rank)
    : [];
  return Array.isArray(value) && list.length === value.length && new Set(list).size === list.length ? list : undefined;
}

/** Output axis i is input axis `mapAxis[i]`. */
const mapAxis: Reader = (value, rank) => {
  const order = axesOf(field(value, 'mapAxis'), rank);
  return order?.length === rank
    ? { matrix: order.map(from => Array.from({ length: rank + 1 }, (_, i) => (i === from ? 1 : 0))), sized: true }
    : say`A mapping of axes does not name every axis once; it is not used.`;
};

/** Each part transforms some axes into as many; together they must make every axis once. */
const byDimension: Reader = (value, rank, depth) => {
  const refusal = say`A transformation by dimensions does not make every axis once; it is not used.`;
  const parts = field(value, 'transformations');
  if (!Array.isArray(parts) || parts.length > MAX_LIST) {
    return refusal;
  }
  const rows = new Map<number, number[]>();
  let sized = false;
  for (const part of parts as readonly unknown[]) {
    const holder = typeof part === 'object' && part !== null ? part : {};
    const inputs = axesOf(field(holder, 'inputAxes'), rank);
    const outputs = axesOf(field(holder, 'outputAxes'), rank);
    if (!inputs || !outputs || inputs.length !== outputs.length || outputs.some(axis => rows.has(axis))) {
      return refusal;
    }
    const inner = read(field(holder, 'transformation') ?? holder, inputs.length, depth + 1);
    if (inner instanceof Said) {
      return inner;
    }
    outputs.forEach((axis, i) => {
      const row = new Array<number>(rank + 1).fill(0);
      inputs.forEach((from, k) => (row[from] = inner.matrix[i][k]));
      row[rank] = inner.matrix[i][inputs.length];
      rows.set(axis, row);
    });
    sized ||= inner.sized;
  }
  const matrix = Array.from({ length: rank }, (_, axis) => rows.get(axis));
  return matrix.every(row => row !== undefined) ? { matrix, sized } : refusal;
};

/** Every transformation that is affine and keeps the number of axes; a new one is one reader and one line. */
const READERS: ReadonlyMap<unknown, Reader> = new Map([
  // Of a level that leads into a named system (0.6) it is a statement: one pixel is one unit.
  ['identity', (value, rank) => ({ matrix: identity(rank), sized: field(value, 'output') !== undefined })],
  ['scale', scale],
  ['translation', translation],
  ['sequence', sequence],
  ['affine', affine],
  ['rotation', rotation],
  ['mapAxis', mapAxis],
  ['byDimension', byDimension],
  ['bijection', (value, rank, depth) => read(field(value, 'forward'), rank, depth + 1)]
] satisfies readonly (readonly [string, Reader])[]);

/**
 * Types of transformations that are read; `fixtures/transforms.json` holds these readers and those of the server
 * (`services/affine.py`) to each other.
 */
export const TYPES: readonly string[] = [...READERS.keys()].map(String);

function read(value: unknown, rank: number, depth: number): Reading {
  const holder = typeof value === 'object' && value !== null ? value : {};
  const type = field(holder, 'type');
  const reader = depth < MAX_DEPTH ? READERS.get(type) : undefined;
  return (
    reader?.(holder, rank, depth) ??
    say`A coordinate transformation of type ${String(type).slice(0, 40)} is not used: positions are approximate.`
  );
}

/**
 * Applies a list of coordinate transformations one after the other to `before` (OME-Zarr 0.4, section 3.3; 0.6 for those
 * beside scale and translation). What cannot be used is left out with a notice, for the picture does not depend on it.
 */
export function compose(
  list: unknown,
  rank: number,
  notices: Set<Said>,
  before: IAffine = { matrix: identity(rank), sized: false },
  depth = 0
): IAffine {
  if (list === undefined) {
    return before;
  }
  if (!Array.isArray(list) || list.length > MAX_LIST) {
    notices.add(say`The coordinate transformations are not a list of a few; they are not used.`);
    return before;
  }
  return list.reduce<IAffine>((sum, value: unknown) => {
    if (typeof value !== 'object' || value === null) {
      return sum;
    }
    const reading = read(value, rank, depth);
    if (reading instanceof Said) {
      notices.add(reading);
      return sum;
    }
    const matrix = multiply(reading.matrix, sum.matrix);
    if (!isUsable(matrix, MAX_SIZE)) {
      notices.add(say`A coordinate transformation leads out of all bounds; it is not used.`);
      return sum;
    }
    return { matrix, sized: sum.sized || reading.sized };
  }, before);
}
