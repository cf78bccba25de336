import { BioImageError, say } from '../core';
import type { Said } from '../core';
import type { IArrayPlane } from '../entities';
import type { IArray } from './array';
import { readChannels } from './channels';
import type { IAxis, IImage } from './model';

/** Axes of a plain array whose planes can be shown. */
export const MAX_BARE_AXES = 9;

/** Dimension names as axes; one that is not there is numbered by the reader of the axes. */
export function bareNames(names: readonly (string | null)[]): readonly unknown[] | undefined {
  return names.some(name => name !== null && name !== '') ? names : undefined;
}

/** An array of one axis as one of two: a single row. Its chunks and shards lie where they lay. */
export function asRow(array: IArray): IArray {
  const { shape, chunks, shard, dimensionNames } = array;
  const row: IArray = {
    ...array,
    shape: [1, ...shape],
    chunks: [1, ...chunks],
    dimensionNames: ['row', dimensionNames?.at(0) ?? 'axis 0'],
    ...(shard && { shard: { ...shard, shape: [1, ...shard.shape], perShard: [1, ...shard.perShard] } }),
    objectKey: chunk => array.objectKey(chunk.slice(1))
  };
  return array.locate
    ? {
        ...row,
        locate: (chunk, store, signal) => array.locate?.(chunk.slice(1), store, signal) ?? Promise.resolve(null)
      }
    : row;
}

/** Axes of a length over 1 that are not named by `at`, each at its first position. */
export function othersOf({ shape }: IArray, at: IImage['at']): { axis: number; index: number }[] {
  const named = new Set<number>(Object.values(at));
  return shape.flatMap((size, axis) => (size > 1 && !named.has(axis) ? [{ axis, index: 0 }] : []));
}

function bad(field: string, why: Said): BioImageError {
  return new BioImageError('BAD_REQUEST', say`The selection is not valid: ${field} ${why}.`, { where: field });
}

function checkAxis(image: IImage, axis: number, field: string): void {
  if (!Number.isSafeInteger(axis) || axis < 0 || axis >= image.axes.length) {
    throw bad(field, say`is no axis of an array of ${image.axes.length}`);
  }
}

function checkIndex(image: IImage, axis: number, index: number, field: string): void {
  const size = image.levels[0].array.shape[axis];
  if (!Number.isSafeInteger(index) || index < 0 || index >= Math.max(1, size)) {
    throw bad(field, say`lies outside of the ${size} positions of ${image.axes[axis].name}`);
  }
}

const isNamed = (axis: IAxis, type: IAxis['type'], name: string): boolean =>
  axis.name.toLowerCase() === name ||
  (axis.type === type && !['t', 'c', 'z', 'y', 'x'].includes(axis.name.toLowerCase()));

/**
 * Which of the axes beside the plane become t, c and z: those that are called so or are of that type; then, for what has no
 * meaning of its own, z and t, the longest first, because sliders are at hand for these. None becomes c unless it is called
 * so: channels are drawn on top of each other.
 */
function roles(image: IImage, plane: IArrayPlane): IImage['at'] {
  const { shape } = image.levels[0].array;
  const left = image.axes.map((_, axis) => axis).filter(axis => axis !== plane.y && axis !== plane.x);
  const take = (fits: (axis: number) => boolean): number | undefined => {
    const found = left.findIndex(fits);
    return found < 0 ? undefined : left.splice(found, 1)[0];
  };
  const c = take(axis => isNamed(image.axes[axis], 'channel', 'c'));
  let t = take(axis => isNamed(image.axes[axis], 'time', 't'));
  let z = take(axis => image.axes[axis].name.toLowerCase() === 'z');
  const longest = (): number | undefined => {
    const most = Math.max(1, ...left.map(axis => shape[axis]));
    return most > 1 ? take(axis => shape[axis] === most) : undefined;
  };
  z ??= longest();
  t ??= longest();
  return {
    ...(t !== undefined && { t }),
    ...(c !== undefined && { c }),
    ...(z !== undefined && { z }),
    y: plane.y,
    x: plane.x
  };
}

/**
 * The same pixels with other axes drawn: `plane.y` downwards, `plane.x` to the right, the rest as sliders in a sensible
 * order, the ones left over in `others`. `plane.at` sets their positions. BAD_REQUEST for an axis or a position that is not
 * there, and where both axes are the same.
 */
export function withAxes(image: IImage, plane: IArrayPlane): IImage {
  checkAxis(image, plane.y, 'plane.y');
  checkAxis(image, plane.x, 'plane.x');
  if (plane.y === plane.x) {
    throw bad('plane', say`names one axis twice`);
  }
  if (plane.at && plane.at.length !== image.axes.length) {
    throw bad('plane.at', say`has ${plane.at.length} positions for ${image.axes.length} axes`);
  }
  const given = (axis: number): number | undefined => plane.at?.[axis];
  plane.at?.forEach((index, axis) => {
    if (axis !== plane.y && axis !== plane.x) {
      checkIndex(image, axis, index, `plane.at[${axis}]`);
    }
  });
  const at = roles(image, plane);
  const { array } = image.levels[0];
  const same = at.c === image.at.c;
  const count = at.c === undefined ? 1 : array.shape[at.c];
  const middle = at.z === undefined ? 0 : Math.floor(array.shape[at.z] / 2);
  const kept = at.z !== undefined && at.z === image.at.z ? image.defaults.z : middle;
  return {
    ...image,
    at,
    others: othersOf(array, at).map(({ axis, index }) => ({ axis, index: given(axis) ?? index })),
    channels: same ? image.channels : readChannels(undefined, count, []),
    hasOmero: same && image.hasOmero,
    defaults: {
      t: at.t === undefined ? 0 : (given(at.t) ?? (at.t === image.at.t ? image.defaults.t : 0)),
      z: at.z === undefined ? 0 : (given(at.z) ?? kept)
    },
    rgb: image.rgb && same && at.y === image.at.y && at.x === image.at.x
  };
}

/** The image with another position of one of its `others`. BAD_REQUEST for any other axis, or a position that is not there. */
export function withPosition(image: IImage, axis: number, index: number): IImage {
  if (!image.others.some(other => other.axis === axis)) {
    throw bad('axis', say`is none of those that are left over`);
  }
  checkIndex(image, axis, index, 'index');
  return { ...image, others: image.others.map(other => (other.axis === axis ? { axis, index } : other)) };
}
