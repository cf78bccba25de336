import { say } from '../core';
import type { Said } from '../core';
import { compose as multiply, isDiagonal } from './matrix';
import type { Matrix } from './matrix';
import type { IImage } from './model';
import type { IAffine } from './transform';

/** A level in pixels of level 0, as the transformations say: pixel centre = `ratio` × pixel + `shift`, per axis. */
export interface IRelative {
  readonly ratio: readonly number[];
  readonly shift: readonly number[];
}

/** Where a level lies. `shift` is absent where it is not told, or not believed: then it lies corner on corner. */
export interface IPlaced {
  readonly ratio: readonly number[];
  readonly shift?: readonly number[];
  readonly notice?: Said;
}

/** The level shows something else along this axis than level 0 does, so it cannot stand for it. */
export interface IMisfit {
  readonly misfit: number;
}

/** Closer to a whole number than this is that number: 0.3 / 0.1 is 3, and plane 6 is plane 2 there, not plane 1. */
const WHOLE = 1e-9;

function snapped(ratio: number): number {
  const whole = Math.round(ratio);
  return Math.abs(ratio - whole) <= WHOLE * whole ? whole : ratio;
}

/** M0⁻¹ · Mk where it leaves the axes axes, in their direction; what all levels have in common drops out. */
export function relativeTo(inverse: Matrix | null, { matrix }: IAffine): IRelative | undefined {
  const relative = inverse && multiply(inverse, matrix);
  if (!relative || !isDiagonal(relative) || relative.some((row, i) => !(row[i] > 0))) {
    return undefined;
  }
  return { ratio: relative.map((row, i) => snapped(row[i])), shift: relative.map(row => row[relative.length]) };
}

/** Corner of the first pixel, in pixels of level 0, where translations name centres of pixels. */
export function cornerOf(ratio: number, shift: number): number {
  return shift - (ratio - 1) / 2;
}

const CONTRADICTED = say`The scales of the levels contradict their sizes; the sizes are used.`;
const AWAY = say`The translation of a level leads away from the image; it is placed by its size.`;

/** Axes of level 0 up to this length, in pixels, are short: two pixels would hide a wrong factor of 2. */
const SHORT = 15;
/** A level begins this many pixels of level 0 inside of it, or more: it covers a part. Less is another view of centres. */
const PART = 0.5;

function shapeRatio(fine: number, coarse: number): number {
  return fine > 0 && coarse > 0 ? fine / coarse : 1;
}

/**
 * Whether `off` pixels of a level of `coarse` can come from rounding: less than one a step along z, t and short axes, two or
 * a tenth elsewhere, for there are writers that pad.
 */
function isRounding(off: number, coarse: number, steps: number, strict: boolean): boolean {
  return strict ? off < steps : off <= Math.max(2, 0.1 * coarse);
}

/** Whether a whole factor of at least 2 leads from one size to the other. */
function isThinned(fine: number, coarse: number): boolean {
  const factor = coarse > 0 ? Math.floor(fine / coarse + 0.5) : 0;
  return factor >= 2 && Math.abs(fine / factor - coarse) < 1;
}

/**
 * Places a level of shape `level` on level 0 of shape `base`: by what is told where that goes with the sizes along every
 * axis, be it that the level covers a part and says so; else by the sizes. Where one axis contradicts (some writers repeat
 * the first level's scale), no axis is believed. Along channels and axes without a meaning positions are counted, not
 * measured, and must be as many; along time they may be thinned out.
 *
 * @param steps - levels from level 0 to this one, each of which may have rounded
 */
export function placeOn(
  base: readonly number[],
  level: readonly number[],
  told: IRelative | undefined,
  steps: number,
  { t, z, y, x }: IImage['at']
): IPlaced | IMisfit {
  const axes = base.map((_, axis) => axis);
  const measured = axes.filter(axis => axis === t || axis === z || axis === y || axis === x);
  const other = axes.find(axis => !measured.includes(axis) && base[axis] !== level[axis]);
  if (other !== undefined) {
    return { misfit: other };
  }
  const sizes = axes.map(axis => (measured.includes(axis) ? shapeRatio(base[axis], level[axis]) : 1));
  const believed =
    told &&
    believe(base, level, told, measured, (off, axis) =>
      isRounding(off, level[axis], Math.max(1, steps), axis === t || axis === z || base[axis] <= SHORT)
    );
  if (believed !== 'contradicted' && believed !== undefined) {
    return believed;
  }
  if (t !== undefined && base[t] !== level[t] && !isThinned(base[t], level[t])) {
    return { misfit: t };
  }
  return { ratio: sizes, ...(believed === 'contradicted' && { notice: CONTRADICTED }) };
}

/** What is told, where it goes with the sizes. */
function believe(
  base: readonly number[],
  level: readonly number[],
  told: IRelative,
  measured: readonly number[],
  rounds: (off: number, axis: number) => boolean
): IPlaced | 'contradicted' {
  const begin = (axis: number): number => cornerOf(told.ratio[axis], told.shift[axis]);
  const end = (axis: number): number => begin(axis) + told.ratio[axis] * level[axis];
  const touches = measured.every(
    axis => base[axis] === 0 || level[axis] === 0 || (begin(axis) < base[axis] && end(axis) > 0)
  );
  const part = touches && measured.some(axis => begin(axis) > PART);
  const fits = measured.every(axis => {
    const ratio = told.ratio[axis];
    const beyond = Math.max(0, -begin(axis), end(axis) - base[axis]) / ratio;
    return rounds(Math.abs(base[axis] / ratio - level[axis]), axis) || (part && rounds(beyond, axis));
  });
  if (!fits) {
    return 'contradicted';
  }
  const along = (values: readonly number[], counted: number): number[] =>
    values.map((value, axis) => (measured.includes(axis) ? value : counted));
  const ratio = along(told.ratio, 1);
  return touches ? { ratio, shift: along(told.shift, 0) } : { ratio, notice: AWAY };
}
