import { BioImageError, invalid, say } from '../core';
import type { Said } from '../core';
import { cut } from './model';
import type { IAxis, IImage } from './model';

/** Positions and names of an image's axes. */
export interface IAxes {
  readonly axes: IAxis[];
  readonly at: IImage['at'];
}

const NAMED_TYPES: ReadonlyMap<string, IAxis['type']> = new Map([
  ['t', 'time'],
  ['c', 'channel'],
  ['z', 'space'],
  ['y', 'space'],
  ['x', 'space']
]);

const TYPES = new Set<unknown>(['time', 'channel', 'space']);

/** Axis order of OME-Zarr 0.1 and 0.2, and what a shorter array is most likely to mean. */
const USUAL: readonly (readonly string[])[] = [
  [],
  [],
  ['y', 'x'],
  ['z', 'y', 'x'],
  ['c', 'z', 'y', 'x'],
  ['t', 'c', 'z', 'y', 'x']
];

/** Axes of a plain array that are shorter than this are no side of a picture, where longer ones lie beside each other. */
const SIDE = 8;

/**
 * Names for the axes of an array that names none and whose last two can hardly be the picture, as in (y, x, 3): the last two
 * neighbours that are both of some length are y and x, the others have the usual names in their order. Never is one taken
 * for colours by its length. `undefined`: the usual order will do.
 */
export function namesByLength(shape: readonly number[]): string[] | undefined {
  const isSide = (axis: number): boolean => axis >= 0 && shape[axis] >= SIDE;
  let x = shape.length - 1;
  while (x > 0 && !(isSide(x - 1) && isSide(x))) {
    x--;
  }
  if (x === 0 || x === shape.length - 1) {
    return undefined;
  }
  const rest = usualNames(shape.length).slice(0, -2);
  return shape.map((_, axis) => (axis === x ? 'x' : axis === x - 1 ? 'y' : rest.shift()!));
}

function usualNames(rank: number): readonly string[] {
  return USUAL[rank] ?? [...Array.from({ length: Math.max(0, rank - 5) }, (_, i) => `axis ${i}`), ...USUAL[5]];
}

/** An image of more has never been seen (OME-Zarr allows 5). */
const MAX_AXES = 6;

function byName(name: string, type: unknown, unit: unknown): IAxis {
  const kind = TYPES.has(type)
    ? (type as IAxis['type'])
    : type === undefined
      ? NAMED_TYPES.get(name.toLowerCase())
      : undefined; // checked by the set
  return {
    name: cut(name, 80),
    type: kind ?? 'other',
    ...(typeof unit === 'string' && unit !== '' && { unit: cut(unit, 40) })
  };
}

function readAxis(value: unknown, index: number): IAxis {
  // OME-Zarr 0.3 has plain names, later versions objects.
  if (typeof value === 'string' && value !== '') {
    return byName(value, undefined, undefined);
  }
  if (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    value.name !== ''
  ) {
    return byName(value.name, 'type' in value ? value.type : undefined, 'unit' in value ? value.unit : undefined);
  }
  return { name: `axis ${index}`, type: 'other' };
}

/** Equal names would make a selection ambiguous: the later one is numbered. */
function withoutTwins(axes: readonly IAxis[], notices: Said[]): IAxis[] {
  return axes.map((axis, i) => {
    if (axes.findIndex(({ name }) => name === axis.name) === i) {
      return axis;
    }
    notices.push(say`Two axes are called ${axis.name}; the later one is shown as axis ${i}.`);
    return { name: `axis ${i}`, type: 'other' };
  });
}

/** Last axis that fits, for the fastest varying axes come last in every version. */
function lastIndex(axes: readonly IAxis[], fits: (axis: IAxis, index: number) => boolean): number {
  for (let i = axes.length - 1; i >= 0; i--) {
    if (fits(axes[i], i)) {
      return i;
    }
  }
  return -1;
}

function locate(axes: readonly IAxis[], notices: Said[]): IImage['at'] {
  const named = (name: string): number => axes.findIndex(axis => axis.name.toLowerCase() === name);
  const isSpace = (axis: IAxis): boolean => axis.type === 'space';
  let x = named('x');
  let y = named('y');
  if (x < 0 || y < 0) {
    x = lastIndex(axes, isSpace);
    y = lastIndex(axes, (axis, i) => isSpace(axis) && i !== x);
    if (x < 0 || y < 0) {
      [y, x] = [axes.length - 2, axes.length - 1];
    }
    notices.push(say`The axes do not name y and x; ${axes[y].name} and ${axes[x].name} are drawn.`);
  }
  const free = (i: number): boolean => i !== x && i !== y;
  const first = (type: IAxis['type'], name: string): number => {
    const byType = axes.findIndex((axis, i) => free(i) && axis.type === type);
    return named(name) >= 0 && free(named(name)) ? named(name) : byType;
  };
  const t = first('time', 't');
  const c = first('channel', 'c');
  const z = first('space', 'z');
  return { ...(t >= 0 && { t }), ...(c >= 0 && { c }), ...(z >= 0 && { z }), y, x };
}

/**
 * The axes of an image of `rank` axes. `listed` is the metadata's list, `undefined` where the version has none (0.1,
 * 0.2) or it is missing: then the usual order is assumed, the last two being y and x. Throws UNSUPPORTED for less than 2
 * and more than `most` axes, BAD_METADATA where the list's length is not the array's rank.
 */
export function readAxes(
  listed: readonly unknown[] | undefined,
  rank: number,
  fixedOrder: boolean,
  notices: Said[],
  most = MAX_AXES
): IAxes {
  if (rank < 2 || rank > most) {
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: an image of ${rank} axes.`, {
      where: 'axes'
    });
  }
  if (listed === undefined) {
    const usual = usualNames(rank);
    if (!fixedOrder) {
      notices.push(say`The axes are not named; ${usual.join(', ')} are assumed.`);
    }
    const axes = usual.map(name => byName(name, undefined, undefined));
    return { axes, at: locate(axes, notices) };
  }
  if (listed.length !== rank) {
    throw invalid('axes', say`names ${listed.length} axes, the array has ${rank}`);
  }
  const axes = withoutTwins(
    listed.map((value, i) => readAxis(value, i)),
    notices
  );
  return { axes, at: locate(axes, notices) };
}
