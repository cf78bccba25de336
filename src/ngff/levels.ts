import { BioImageError, isBioImageError, say } from '../core';
import type { Said } from '../core';
import type { IArray } from './array';
import type { IAxes } from './axes';
import { parseArray } from './exact';
import { columnNorms, invert, isDiagonal } from './matrix';
import type { ILevel } from './model';
import { under } from './path';
import { cornerOf, placeOn, relativeTo } from './relative';
import type { IPlaced } from './relative';
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
    throw new BioImageError('NOT_FOUND', say`There is no array ${dataset.path}.`, { where: key });
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
  notices: Said[]
): IFound[] {
  const found: IFound[] = [];
  let missing: BioImageError | undefined;
  for (const dataset of datasets) {
    try {
      const array = readOne(dataset, zarrFormat, documents.get(documentKey(dataset.path, zarrFormat)));
      const first = found[0]?.array;
      if (first && (first.shape.length !== array.shape.length || first.dtype !== array.dtype)) {
        notices.push(
          say`Level ${dataset.path} is left out: its axes or data type are not those of level ${first.path}.`
        );
      } else {
        found.push({ dataset, array });
      }
    } catch (error) {
      if (!isBioImageError(error) || (found.length === 0 && error.code !== 'NOT_FOUND')) {
        throw error;
      }
      missing ??= error;
      notices.push(say`Level ${dataset.path} is left out: ${error.said.message}`);
    }
  }
  if (found.length === 0 && missing) {
    throw missing;
  }
  return found;
}

/** Finest first, as every version demands; levels of equal size keep their order. */
function finestFirst(found: readonly IFound[], { at }: IAxes, notices: Said[]): IFound[] {
  const area = ({ array }: IFound): number => array.shape[at.y] * array.shape[at.x];
  const sorted = [...found].sort((a, b) => area(b) - area(a));
  if (sorted.some((level, i) => level !== found[i])) {
    notices.push(say`The levels are not listed from fine to coarse; they are shown in that order.`);
  }
  return sorted;
}

const TURNED = say`The levels are turned against each other; they are placed by their sizes.`;
const COMMON = say`The image is turned or sheared in its coordinate system; it is shown along its pixels.`;
const UNSIZED = say`A level has no scale of its own that can be used; it is placed by its size.`;

/** Less than this many pixels of level 0 is rounding, not a shift. */
const NO_SHIFT = 1e-6;

/** Shifts are mostly whole or half pixels of level 0; what arithmetic leaves beside them would reach for one pixel more. */
function snapped(offset: number): number {
  const near = Math.floor(2 * offset + 0.5) / 2;
  return Math.abs(offset - near) < NO_SHIFT ? near : offset;
}

interface IKept {
  readonly level: IFound;
  readonly affine: IAffine;
  readonly placed: IPlaced;
}

/** Every level with its place on the first one; one that cannot stand for that is left out with a notice. */
function placeAll(
  sorted: readonly IFound[],
  affines: readonly IAffine[],
  { axes, at }: IAxes,
  said: Set<Said>
): { kept: IKept[]; left: Said[] } {
  const [first] = affines;
  const inverse = invert(first.matrix);
  const base = sorted[0].array;
  const left: Said[] = [];
  const kept = sorted.flatMap((level, i): IKept[] => {
    const affine = affines[i];
    const sized = first.sized && affine.sized;
    const told = sized ? relativeTo(inverse, affine) : undefined;
    const { path, shape } = level.array;
    const placed = placeOn(base.shape, shape, told, i, at);
    if ('misfit' in placed) {
      const { misfit } = placed;
      left.push(
        say`Level ${path} is left out: it has ${shape[misfit]} along ${axes[misfit].name}, level ${base.path} has ${base.shape[misfit]}.`
      );
      return [];
    }
    if (told ? placed.notice !== undefined : first.sized) {
      said.add(placed.notice ?? (sized ? TURNED : UNSIZED));
    }
    return [{ level, affine, placed }];
  });
  return { kept, left };
}

/**
 * Physical size and position of every level. `whole` is the multiscale's own transformation list, applied last. Levels that
 * cannot stand for the first one are left out with a notice.
 */
export function placeLevels(
  found: readonly IFound[],
  axes: IAxes,
  whole: unknown,
  notices: Said[]
): { levels: ILevel[]; calibrated: boolean } {
  const rank = axes.axes.length;
  const said = new Set<Said>();
  const sorted = finestFirst(found, axes, notices);
  const affines = sorted.map(({ dataset }) => compose(whole, rank, said, compose(dataset.transformations, rank, said)));
  const [first] = affines;
  const { kept, left } = placeAll(sorted, affines, axes, said);
  if (!said.has(TURNED) && !isDiagonal(first.matrix)) {
    said.add(COMMON);
  }
  notices.push(...left, ...new Map([...said].map(text => [String(text), text])).values()); // each once
  const moved = (axis: number): boolean => kept.some(({ placed }) => Math.abs(placed.shift?.[axis] ?? 0) > NO_SHIFT);
  const anywhere = axes.axes.some((_, axis) => moved(axis));
  // Along t and z planes are counted: a translation of y and x alone says nothing of them.
  const shifted = (axis: number): boolean => (axis === axes.at.y || axis === axes.at.x ? anywhere : moved(axis));
  const unit = columnNorms(first.matrix);
  const levels = kept.map(({ level: { dataset, array }, affine, placed: { ratio: told, shift } }, index): ILevel => {
    const ratio = told.map((value, axis) => (axis === axes.at.y || axis === axes.at.x ? Math.max(1, value) : value));
    return {
      index,
      path: dataset.path,
      array,
      ratio,
      scale: ratio.map((r, axis) => r * unit[axis]),
      // A level that is placed by its size begins where the first one does.
      translation: (shift ? affine : first).matrix.map(row => row[rank]),
      offset: ratio.map((r, axis) => (shift && shifted(axis) ? snapped(cornerOf(r, shift[axis])) : 0))
    };
  });
  return { levels, calibrated: first.sized };
}
