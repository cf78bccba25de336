import { typedValues } from '../../pixels';
import type { ILevelSource, IPlaneTile, Pyramid } from '../../pixels';
import type { IImage } from '../../ngff';

/** One channel of a picture: raw values drawn as black and as full colour. */
export interface ITint {
  readonly index: number;
  /** Six hexadecimal digits. */
  readonly color: string;
  readonly window: readonly [number, number];
}

/** Pixels of a level above which no picture of a cell is made from it. */
const MOST = 4096 * 4096;

/** The coarsest level that still has `size` pixels along its longer side; the finest where none has. `null`: too large to read. */
export function levelFor(levels: readonly ILevelSource[], size: number): ILevelSource | null {
  const fitting = levels.filter(({ width, height }) => Math.max(width, height) >= size);
  const level = fitting.at(-1) ?? levels[0];
  return level.width * level.height <= MOST ? level : null;
}

/** Pixels of a picture in red, green, blue, alpha; 8 bits each. */
export interface IPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Draws a plane of a level: channels added up as light, what is not there transparent. Display only. */
export async function compose(
  image: IImage,
  level: ILevelSource,
  tints: readonly ITint[],
  size: number,
  signal: AbortSignal
): Promise<IPixels> {
  const { width, height } = level;
  const whole = { x0: 0, y0: 0, x1: width, y1: height };
  const { t, z } = image.defaults;
  const tiles = await Promise.all(tints.map(({ index }) => level.area(whole, { t, z, c: index }, signal)));
  const scale = Math.min(1, size / Math.max(width, height));
  const shape = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const data = new Uint8ClampedArray(shape.width * shape.height * 4);
  const { dtype } = image.levels[level.level].array;
  let there = false;
  tiles.forEach((tile, i) => {
    if (tile.damaged && tile.absent.every(cell => cell !== 0)) {
      throw tile.damaged;
    }
    there = add(data, shape, tile, typedValues(tile.words, dtype), tints[i]) || there;
  });
  return { ...shape, data: there ? data : new Uint8ClampedArray(data.length) };
}

/** Adds one channel; true where any of it was there. */
function add(
  data: Uint8ClampedArray,
  shape: { width: number; height: number },
  tile: IPlaneTile,
  values: ArrayLike<number | bigint>,
  { color, window: [low, high] }: ITint
): boolean {
  const [red, green, blue] = [0, 2, 4].map(at => parseInt(color.slice(at, at + 2), 16) || 0);
  const [cellWidth, cellHeight] = [tile.width / tile.maskSize[0], tile.height / tile.maskSize[1]];
  const range = high - low || 1;
  let there = false;
  for (let y = 0; y < shape.height; y++) {
    const sy = Math.min(tile.height - 1, Math.floor(((y + 0.5) * tile.height) / shape.height));
    for (let x = 0; x < shape.width; x++) {
      const sx = Math.min(tile.width - 1, Math.floor(((x + 0.5) * tile.width) / shape.width));
      const cell = Math.floor(sy / cellHeight) * tile.maskSize[0] + Math.floor(sx / cellWidth);
      if (tile.absent[cell] !== 0) {
        continue;
      }
      const value = Number(values[sy * tile.width + sx]);
      const light = Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, (value - low) / range));
      const at = (y * shape.width + x) * 4;
      data[at] += light * red;
      data[at + 1] += light * green;
      data[at + 2] += light * blue;
      data[at + 3] = 255;
      there = true;
    }
  }
  return there;
}

/** Contrast over several images: the widest of their own. */
export async function commonWindow(
  pyramids: readonly Pyramid[],
  channel: number,
  signal: AbortSignal
): Promise<[number, number] | null> {
  const limits = await Promise.all(
    pyramids
      .filter(({ image }) => channel < image.channels.length)
      .map(pyramid => pyramid.contrast(channel, pyramid.image.defaults.t, pyramid.image.defaults.z, signal))
  );
  return limits.length ? [Math.min(...limits.map(([low]) => low)), Math.max(...limits.map(([, high]) => high))] : null;
}
