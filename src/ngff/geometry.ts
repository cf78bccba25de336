import { say, unitRatio } from '../core';
import type { Said } from '../core';
import type { IImage } from './model';

/**
 * Index along one axis of level `level` that covers index `index` of level 0; an index beyond level 0 means its last one.
 * `axis` is a name, or a position in the array. 0 without that axis, `null` where the level does not reach there; what a
 * level lacks by rounding only at its end, at most a pixel for every step, is its last index.
 */
export function indexAtLevel(image: IImage, level: number, axis: 't' | 'z' | number, index: number): number | null {
  const position = typeof axis === 'number' ? axis : image.at[axis];
  if (position === undefined) {
    return 0;
  }
  const { ratio, offset, array } = image.levels[level];
  const [scale, corner, length] = [ratio[position], offset[position], array.shape[position]];
  const whole = image.levels[0].array.shape[position];
  if (whole === 0 || length === 0) {
    return 0;
  }
  const found = Math.floor((Math.min(index, whole - 1) + 0.5 - corner) / scale);
  if (found < 0) {
    return null;
  }
  const reaches = corner + scale * (length + Math.max(1, level)) > whole;
  return found < length ? found : reaches ? length - 1 : null;
}

/**
 * Region `[y0, y1, x0, x1]` in pixels of level 0, ends excluded, as pixels of level `level`: `[floor((a - o) / s),
 * ceil((b - o) / s))`, clipped to the level, where s is the level's ratio and o the corner of its first pixel.
 */
export function regionAtLevel(
  image: IImage,
  level: number,
  region: readonly [number, number, number, number]
): [number, number, number, number] {
  const { ratio, offset, array } = image.levels[level];
  const range = (from: number, to: number, axis: number): [number, number] => {
    const length = array.shape[axis];
    const along = (edge: number): number => (edge - offset[axis]) / ratio[axis];
    const start = Math.min(Math.max(0, Math.floor(along(from))), length);
    return [start, Math.min(Math.max(start, Math.ceil(along(to))), length)];
  };
  const [y0, y1, x0, x1] = region;
  return [...range(y0, y1, image.at.y), ...range(x0, x1, image.at.x)];
}

/** Where the levels of one image lie over another one. Pairs are along x and y. */
export interface IPlacement {
  /** One per level of the image that is laid over, finest first. */
  readonly levels: readonly {
    /** Size of the level's pixel in pixels of the base's level 0. */
    readonly scale: readonly [number, number];
    /** Corner of the level's first pixel in pixels of the base's level 0. */
    readonly offset: readonly [number, number];
  }[];
  /**
   * Plane of level 0 of the image laid over that belongs to plane `index` of level 0 of the base; `null` where it does not
   * reach there. 0 where it lacks the axis or has one plane, which then belongs to every plane of the base.
   */
  planeAt(axis: 't' | 'z', index: number): number | null;
  readonly notices: readonly Said[];
}

/** Position on one axis in pixels of the base: `scale` × pixel + `offset`, corners. */
interface ILine {
  readonly scale: number;
  readonly offset: number;
  readonly notice?: Said;
}

type Axis = 't' | 'z' | 'y' | 'x';

const size = (image: IImage, axis: number | undefined): number =>
  axis === undefined ? 1 : image.levels[0].array.shape[axis];

/** Whether any level of either image begins elsewhere than level 0 of the base; then translations name centres of pixels. */
function shifted(label: IImage, base: IImage, axis: Axis, factor: number): boolean {
  const [i, k] = [label.at[axis], base.at[axis]];
  if (i === undefined || k === undefined) {
    return false;
  }
  const { scale, translation } = base.levels[0];
  const differs = (position: number): boolean => Math.abs(position - translation[k]) > 1e-6 * scale[k];
  return (
    label.levels.some(level => differs(level.translation[i] * factor)) ||
    base.levels.some(level => differs(level.translation[k]))
  );
}

/** Whether `ratio` maps `fine` pixels to `coarse` ones; writers round either way. */
function extentExplains(ratio: number, fine: number, coarse: number): boolean {
  return Math.abs(fine / ratio - coarse) <= Math.max(2, 0.1 * coarse);
}

function byShapes(label: IImage, base: IImage, axis: Axis): ILine {
  const [own, whole] = [size(label, label.at[axis]), size(base, base.at[axis])];
  return { scale: own > 0 && whole > 0 ? whole / own : 1, offset: 0 };
}

/**
 * By physical scale where both images have one. It is not believed where the sizes are equal and the scales are not, or
 * where the label would reach beyond the image without being moved: writers leave the scale of labels at 1.
 */
function lineOf(label: IImage, base: IImage, axis: Axis, moved: boolean): ILine {
  const [i, k] = [label.at[axis], base.at[axis]];
  const shapes = byShapes(label, base, axis);
  if (i === undefined || k === undefined || !label.calibrated || !base.calibrated) {
    return shapes;
  }
  const factor = unitRatio(label.axes[i].unit, base.axes[k].unit) ?? 1;
  const [own, whole] = [label.levels[0], base.levels[0]];
  const scale = (own.scale[i] * factor) / whole.scale[k];
  const shift = (own.translation[i] * factor - whole.translation[k]) / whole.scale[k];
  const reach = shift + scale * own.array.shape[i];
  const beyond = reach > whole.array.shape[k] && !extentExplains(scale, whole.array.shape[k], own.array.shape[i]);
  const equal = own.array.shape[i] === whole.array.shape[k] && Math.abs(scale - 1) > 1e-3;
  if (!Number.isFinite(scale) || !Number.isFinite(shift) || ((beyond || equal) && shift === 0)) {
    return { ...shapes, notice: say`The scale of the label image contradicts its size; the size is used.` };
  }
  return { scale, offset: moved ? shift - (scale - 1) / 2 : 0 };
}

/**
 * Lays `label` over `base`: by their physical scales where both have one (units are converted), else by their sizes. A
 * label image may have fewer axes, another number of planes, its own pyramid, and may cover a part only (OME-Zarr 0.4,
 * section 3.6, asks for the same extent).
 */
export function placeOver(label: IImage, base: IImage): IPlacement {
  const factor = (axis: Axis): number => {
    const [i, k] = [label.at[axis], base.at[axis]];
    return i === undefined || k === undefined ? 1 : (unitRatio(label.axes[i].unit, base.axes[k].unit) ?? 1);
  };
  const axes: readonly Axis[] = ['t', 'z', 'y', 'x'];
  const moved = axes.some(axis => axis !== 't' && shifted(label, base, axis, factor(axis)));
  const lines = { y: lineOf(label, base, 'y', moved), x: lineOf(label, base, 'x', moved) };
  // A pixel is placed along both axes in the same way, or it would be stretched.
  const trusted = lines.x.notice === undefined && lines.y.notice === undefined;
  const [x, y] = trusted ? [lines.x, lines.y] : [byShapes(label, base, 'x'), byShapes(label, base, 'y')];
  const z = trusted ? lineOf(label, base, 'z', moved) : byShapes(label, base, 'z');
  const levels = label.levels.map(({ ratio, offset }) => {
    const along = (line: ILine, axis: number): [number, number] => [
      line.scale * ratio[axis],
      line.offset + line.scale * offset[axis]
    ];
    const [placedX, placedY] = [along(x, label.at.x), along(y, label.at.y)];
    return { scale: [placedX[0], placedY[0]] as const, offset: [placedX[1], placedY[1]] as const };
  });
  const notice = lines.x.notice ?? lines.y.notice ?? z.notice;
  return {
    levels,
    planeAt(axis, index) {
      const count = size(label, label.at[axis]);
      if (count <= 1) {
        return 0;
      }
      if (base.at[axis] === undefined) {
        return label.defaults[axis];
      }
      // Time points are counted, not measured: labels are made for all of them or for the first ones.
      const line = axis === 'z' ? z : { scale: 1, offset: 0 };
      const plane = Math.floor((index + 0.5 - line.offset) / line.scale);
      return plane >= 0 && plane < count ? plane : null;
    },
    notices: notice === undefined ? [] : [notice]
  };
}
