import { BioImageError, isBioImageError } from '../core';
import type { IArray } from './array';
import type { IAxes } from './axes';
import { parseArray } from './exact';
import { columnNorms, compose as multiply, invert, isDiagonal } from './matrix';
import type { Matrix } from './matrix';
import type { ILevel } from './model';
import { under } from './path';
import { compose } from './transform';
import type { IAffine } from './transform';

/** One dataset as the metadata names it; `path` is checked. */
export interface IDataset {
  readonly path: string;
  readonly transformations: unknown;
}

/** A dataset whose array can be read. */
export interface IFound {
  readonly dataset: IDataset;
  readonly array: IArray;
}

/** Key of an array's own document. */
export function documentKey(path: string, zarrFormat: 2 | 3): string {
  return under(path, zarrFormat === 2 ? '.zarray' : 'zarr.json');
}

function readOne(dataset: IDataset, zarrFormat: 2 | 3, bytes: Uint8Array | null | undefined): IArray {
  const key = documentKey(dataset.path, zarrFormat);
  if (!bytes) {
    throw new BioImageError('NOT_FOUND', `There is no array ${dataset.path}.`, { where: key });
  }
  return parseArray(dataset.path, bytes, key);
}

/**
 * Reads the arrays of all datasets. An array that is not there is left out with a notice, as is a coarser one that cannot
 * be read or does not go with the first one; the first one that is there sets rank and type for all, so what is wrong
 * with it is thrown.
 */
export function readArrays(
  datasets: readonly IDataset[],
  zarrFormat: 2 | 3,
  documents: ReadonlyMap<string, Uint8Array | null>,
  notices: string[]
): IFound[] {
  const found: IFound[] = [];
  let missing: BioImageError | undefined;
  for (const dataset of datasets) {
    try {
      const array = readOne(dataset, zarrFormat, documents.get(documentKey(dataset.path, zarrFormat)));
      const first = found[0]?.array;
      if (first && (first.shape.length !== array.shape.length || first.dtype !== array.dtype)) {
        notices.push(`Level ${dataset.path} is left out: its axes or data type are not those of level ${first.path}.`);
      } else {
        found.push({ dataset, array });
      }
    } catch (error) {
      if (!isBioImageError(error) || (found.length === 0 && error.code !== 'NOT_FOUND')) {
        throw error;
      }
      missing ??= error;
      notices.push(`Level ${dataset.path} is left out: ${error.message}`);
    }
  }
  if (found.length === 0 && missing) {
    throw missing;
  }
  return found;
}

/** Finest first, as every version demands; levels of equal size keep their order. */
function finestFirst(found: readonly IFound[], { at }: IAxes, notices: string[]): IFound[] {
  const area = ({ array }: IFound): number => array.shape[at.y] * array.shape[at.x];
  const sorted = [...found].sort((a, b) => area(b) - area(a));
  if (sorted.some((level, i) => level !== found[i])) {
    notices.push('The levels are not listed from fine to coarse; they are shown in that order.');
  }
  return sorted;
}

/** Whether `ratio` maps `fine` pixels to `coarse` ones; writers round either way, level after level. */
export function extentExplains(ratio: number, fine: number, coarse: number): boolean {
  return Math.abs(fine / ratio - coarse) <= Math.max(2, 0.1 * coarse);
}

function shapeRatio(fine: number, coarse: number): number {
  return fine > 0 && coarse > 0 ? fine / coarse : 1;
}

/** A level in pixels of level 0, as the transformations say: pixel centre = `ratio` × pixel + `shift`, per axis. */
interface IRelative {
  readonly ratio: readonly number[];
  readonly shift: readonly number[];
}

/** Closer to a whole number than this is that number: 0.3 / 0.1 is 3, and plane 6 is plane 2 there, not plane 1. */
const WHOLE = 1e-9;

function snapped(ratio: number): number {
  const whole = Math.round(ratio);
  return Math.abs(ratio - whole) <= WHOLE * whole ? whole : ratio;
}

/** M0⁻¹ · Mk where it leaves the axes axes, in their direction; what all levels have in common drops out. */
function relativeTo(inverse: Matrix | null, { matrix }: IAffine): IRelative | undefined {
  const relative = inverse && multiply(inverse, matrix);
  if (!relative || !isDiagonal(relative) || relative.some((row, i) => !(row[i] > 0))) {
    return undefined;
  }
  return { ratio: relative.map((row, i) => snapped(row[i])), shift: relative.map(row => row[relative.length]) };
}

const CONTRADICTED = 'The scales of the levels contradict their sizes; the sizes are used.';
const TURNED = 'The levels are turned against each other; they are placed by their sizes.';
const COMMON = 'The image is turned or sheared in its coordinate system; it is shown along its pixels.';

/**
 * Ratio per axis: that of the transformations where both levels have a scale and it goes with the shapes, else that of
 * the shapes. Where one axis contradicts (some writers repeat the first level's scale), no axis is believed.
 */
function ratioOf(
  base: IFound,
  level: IFound,
  relative: IRelative | undefined,
  at: { y: number; x: number }
): { ratio: number[]; contradicted: boolean } {
  const shapes = level.array.shape.map((size, i) => shapeRatio(base.array.shape[i], size));
  const explained = relative?.ratio.every((ratio, i) =>
    extentExplains(ratio, base.array.shape[i], level.array.shape[i])
  );
  const ratio = explained && relative ? relative.ratio : shapes;
  return {
    ratio: ratio.map((value, i) => (i === at.y || i === at.x ? Math.max(1, value) : value)),
    contradicted: relative !== undefined && !explained
  };
}

/** Less than this many pixels of level 0 is rounding, not a shift. */
const NO_SHIFT = 1e-6;

/** Physical size and position of every level. `whole` is the multiscale's own transformation list, applied last. */
export function placeLevels(
  found: readonly IFound[],
  axes: IAxes,
  whole: unknown,
  notices: string[]
): { levels: ILevel[]; calibrated: boolean } {
  const rank = axes.axes.length;
  const said = new Set<string>();
  const sorted = finestFirst(found, axes, notices);
  const affines = sorted.map(({ dataset }) => compose(whole, rank, said, compose(dataset.transformations, rank, said)));
  const [first] = affines;
  const inverse = invert(first.matrix);
  const relatives = affines.map(affine => relativeTo(inverse, affine));
  const placed = sorted.map((level, i) =>
    ratioOf(sorted[0], level, first.sized && affines[i].sized ? relatives[i] : undefined, axes.at)
  );
  if (placed.some(({ contradicted }) => contradicted)) {
    said.add(CONTRADICTED);
  }
  if (relatives.includes(undefined)) {
    said.add(TURNED);
  } else if (!isDiagonal(first.matrix)) {
    said.add(COMMON);
  }
  notices.push(...said);
  const shift = (i: number, axis: number): number => relatives[i]?.shift[axis] ?? 0;
  const shifted = affines.some((_, i) => axes.axes.some((__, axis) => Math.abs(shift(i, axis)) > NO_SHIFT));
  const unit = columnNorms(first.matrix);
  const levels = sorted.map(({ dataset, array }, index): ILevel => {
    const { ratio } = placed[index];
    return {
      index,
      path: dataset.path,
      array,
      ratio,
      scale: ratio.map((r, axis) => r * unit[axis]),
      translation: affines[index].matrix.map(row => row[rank]),
      offset: ratio.map((r, axis) => (shifted && relatives[index] ? shift(index, axis) - (r - 1) / 2 : 0))
    };
  });
  return { levels, calibrated: first.sized };
}
