import { ITEM_BYTES } from '../../ngff';
import type { IImage } from '../../ngff';
import type { ISize } from './camera';
import type { IBox, ILevelGeometry } from './geometry';

/** Values that the server decodes for a reduced picture at most, in bytes. */
export const REDUCED_BYTES = 64 * 2 ** 20;

/** Chunks that it reads for one at most. */
const REDUCED_CHUNKS = 4096;

/** What it reads at most chunk by chunk, keeping of each only what the picture has: bytes once decoded, chunks, bytes of one. */
const SAMPLED_BYTES = 8 * 2 ** 30;
const SAMPLED_CHUNKS = 32_768;
const SAMPLED_CHUNK = 32 * 2 ** 20;
/** Times as coarse as asked for at most, and pixels of such a picture's longer side at least, as in the server. */
const COARSEST = 65;
const LEAST = 96;

/** Bytes of values that it decodes in a second, roughly: the answer to whether it is seconds or minutes. */
const PACE = 150 * 2 ** 20;

/** Width and height in pixels of the level that is read. */
export type PixelSize = readonly [number, number];

/** How much of a view a reduced picture would show. */
export interface IReducedPart {
  readonly part: PixelSize;
  /** All that is in the view. */
  readonly view: PixelSize;
  /** Bytes that are decoded for it, and about how many seconds that takes, where it is more than can be held at a time. */
  readonly sampled?: { readonly bytes: number; readonly seconds: number };
}

/**
 * What the server would read of a view that is drawn from the coarsest level: all of it, at once or chunk by chunk, or the
 * largest square around its middle, cut to the view, whose chunks may be decoded. A part of 0 × 0: not even the chunk in the
 * middle may be. `screen`: pixels of the picture.
 */
export function reducedPart(image: IImage, level: ILevelGeometry, channels: readonly number[], view: IBox, screen: ISize): IReducedPart {
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
  const bytes = sampledBytes(image, channels, [left, right, top, bottom], screen);
  if (bytes <= SAMPLED_BYTES) {
    return { part: whole.size, view: whole.size, sampled: { bytes, seconds: Math.ceil(bytes / PACE) } };
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

/** Bytes of all chunks that have a pixel of the picture, once they are decoded; infinite where that is too much. */
function sampledBytes({ levels, at }: IImage, channels: readonly number[], box: readonly number[], screen: ISize): number {
  const { chunks, dtype } = levels[levels.length - 1].array;
  const chunkBytes = chunks.reduce((product, size) => product * size, ITEM_BYTES[dtype]);
  const layers = at.c === undefined ? 1 : new Set(channels.map(c => Math.floor(c / chunks[at.c!]))).size;
  if (chunkBytes > SAMPLED_CHUNK) {
    return Infinity;
  }
  const along = (low: number, high: number, size: number, side: number, coarser: number): number => {
    const [from, to] = edges(low, high);
    // Where the picture is coarser than the chunks, whole ones are passed over.
    const every = size * Math.max(1, Math.floor(Math.floor((to - from) / side) / size)) * coarser;
    return Math.floor((to - 1) / every) - Math.floor(from / every) + 1;
  };
  for (let coarser = 1; coarser < COARSEST; coarser++) {
    const [wide, high] = [
      along(box[0], box[1], chunks[at.x], screen.width, coarser),
      along(box[2], box[3], chunks[at.y], screen.height, coarser)
    ];
    const count = wide * high * layers;
    if (coarser > 1 && Math.max(wide, high) < LEAST) {
      return Infinity;
    }
    if (count <= SAMPLED_CHUNKS && count * chunkBytes <= SAMPLED_BYTES) {
      return count * chunkBytes;
    }
  }
  return Infinity;
}

/** Two places in level-0 pixels as pixels of a level, cut to it. */
function within(low: number, high: number, level: ILevelGeometry, axis: 0 | 1, size: number): [number, number] {
  const cut = (value: number): number => Math.min(size, Math.max(0, (value - level.offset[axis]) / level.scale[axis]));
  return [cut(low), cut(high)];
}

function edges(low: number, high: number): PixelSize {
  return [Math.floor(low), Math.ceil(high)];
}
