import { ITEM_BYTES } from '../../ngff';
import type { IImage } from '../../ngff';
import type { IBox, ILevelGeometry } from './geometry';

/** Values that the server decodes for a reduced picture at most, in bytes. */
export const REDUCED_BYTES = 64 * 2 ** 20;

/** Chunks that it reads for one at most. */
const REDUCED_CHUNKS = 4096;

/** Width and height in pixels of the level that is read. */
export type PixelSize = readonly [number, number];

/** How much of a view a reduced picture would show. */
export interface IReducedPart {
  readonly part: PixelSize;
  /** All that is in the view. */
  readonly view: PixelSize;
}

/**
 * What the server would read of a view that is drawn from the coarsest level: all of it, or the largest square around its
 * middle, cut to the view, whose chunks may be decoded. A part of 0 × 0: not even the chunk in the middle may be.
 */
export function reducedPart(image: IImage, level: ILevelGeometry, channels: readonly number[], view: IBox): IReducedPart {
  const cost = costOf(image, channels);
  const [left, right] = within(view.left, view.right, level, 0, level.width);
  const [top, bottom] = within(view.top, view.bottom, level, 1, level.height);
  const [cx, cy] = [(left + right) / 2, (top + bottom) / 2];
  const [wide, high] = [(right - left) / 2, (bottom - top) / 2];
  const sizeAt = (half: number): { size: PixelSize; bytes: number } => {
    const [w, h] = [Math.min(half, wide), Math.min(half, high)];
    const [x, y] = [edges(cx - w, cx + w), edges(cy - h, cy + h)];
    return { size: [x[1] - x[0], y[1] - y[0]], bytes: cost(x, y) };
  };
  const whole = sizeAt(Math.max(wide, high));
  if (whole.bytes <= REDUCED_BYTES) {
    return { part: whole.size, view: whole.size };
  }
  let [low, most] = [0, Math.max(wide, high)];
  while (most - low > 0.5) {
    const half = (low + most) / 2;
    if (sizeAt(half).bytes <= REDUCED_BYTES) {
      low = half;
    } else {
      most = half;
    }
  }
  const { size } = sizeAt(low);
  return { part: size[0] < 2 || size[1] < 2 ? [0, 0] : size, view: whole.size };
}

/** Bytes of the chunks that touch a part once they are decoded, or of its values if those are more. */
function costOf({ levels, at }: IImage, channels: readonly number[]): (x: PixelSize, y: PixelSize) => number {
  const { chunks, dtype } = levels[levels.length - 1].array;
  const bytes = ITEM_BYTES[dtype];
  const chunkBytes = chunks.reduce((product, size) => product * size, bytes);
  const layers = at.c === undefined ? 1 : new Set(channels.map(c => Math.floor(c / chunks[at.c!]))).size;
  const along = ([from, to]: PixelSize, size: number): number => Math.ceil(to / size) - Math.floor(from / size);
  return (x, y) => {
    const count = along(x, chunks[at.x]) * along(y, chunks[at.y]) * layers;
    const values = (x[1] - x[0]) * (y[1] - y[0]) * Math.max(1, channels.length) * bytes;
    return count > REDUCED_CHUNKS ? Infinity : Math.max(count * chunkBytes, values);
  };
}

/** Two places in level-0 pixels as pixels of a level, cut to it. */
function within(low: number, high: number, level: ILevelGeometry, axis: 0 | 1, size: number): [number, number] {
  const cut = (value: number): number => Math.min(size, Math.max(0, (value - level.offset[axis]) / level.scale[axis]));
  return [cut(low), cut(high)];
}

function edges(low: number, high: number): PixelSize {
  return [Math.floor(low), Math.ceil(high)];
}
