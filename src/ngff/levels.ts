import { BioImageError, isBioImageError, parseJson } from '../core';
import { readArray } from './array';
import type { IArray } from './array';
import type { IAxes } from './axes';
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
  return readArray(dataset.path, parseJson(bytes, key));
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
function explains(ratio: number, fine: number, coarse: number): boolean {
  return Math.abs(fine / ratio - coarse) <= Math.max(2, 0.1 * coarse);
}

function shapeRatio(fine: number, coarse: number): number {
  return fine > 0 && coarse > 0 ? fine / coarse : 1;
}

/**
 * Ratio per axis: that of the scales where both levels have one and it goes with the shapes, else that of the shapes.
 * Where one axis contradicts (some writers repeat the first level's scale), no axis is believed.
 */
function ratioOf(
  base: IFound,
  level: IFound,
  baseScale: IAffine,
  scale: IAffine,
  at: { y: number; x: number }
): { ratio: number[]; scaled: boolean } {
  const shapes = level.array.shape.map((size, i) => shapeRatio(base.array.shape[i], size));
  const plane = (ratio: number, i: number): number => (i === at.y || i === at.x ? Math.max(1, ratio) : ratio);
  if (!baseScale.scale || !scale.scale) {
    return { ratio: shapes.map(plane), scaled: false };
  }
  const scales = scale.scale.map((s, i) => s / (baseScale.scale?.[i] ?? s));
  const scaled = scales.every((ratio, i) => explains(ratio, base.array.shape[i], level.array.shape[i]));
  return { ratio: (scaled ? scales : shapes).map(plane), scaled };
}

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
  const first = affines[0];
  const placed = sorted.map((level, i) => ratioOf(sorted[0], level, first, affines[i], axes.at));
  if (first.scale && placed.some(({ scaled }, i) => !scaled && affines[i].scale)) {
    said.add('The scales of the levels contradict their sizes; the sizes are used.');
  }
  notices.push(...said);
  const shift = (i: number, axis: number): number => affines[i].translation?.[axis] ?? 0;
  const shifted = affines.some((_, i) => axes.axes.some((__, axis) => shift(i, axis) !== shift(0, axis)));
  const levels = sorted.map(({ dataset, array }, index): ILevel => {
    const { ratio } = placed[index];
    const unit = (axis: number): number => first.scale?.[axis] ?? 1;
    return {
      index,
      path: dataset.path,
      array,
      ratio,
      scale: ratio.map((r, axis) => r * unit(axis)),
      translation: ratio.map((_, axis) => shift(index, axis)),
      offset: ratio.map((r, axis) => (shifted ? (shift(index, axis) - shift(0, axis)) / unit(axis) - (r - 1) / 2 : 0))
    };
  });
  return { levels, calibrated: first.scale !== undefined };
}
