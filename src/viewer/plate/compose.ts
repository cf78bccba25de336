import { BioImageError, say } from '../../core';
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
  /** Why parts of it are marked as damaged. */
  readonly damaged?: BioImageError;
}

/** States of a pixel, as bits, over the channels. */
const THERE = 1;
const ABSENT = 2;
const DAMAGED = 4;

/**
 * Draws a plane of a level: channels added up as light; what is not there or damaged is marked as on the stage. Display
 * only. Rejects where nothing is there: with what is wrong with the chunks, else with NOT_FOUND.
 */
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
  const states = new Uint8Array(shape.width * shape.height);
  tiles.forEach((tile, i) => add(data, states, shape, tile, typedValues(tile.words, dtype), tints[i]));
  const damaged = tiles.find(tile => tile.damaged)?.damaged;
  if (!states.some(state => state & THERE)) {
    throw damaged ?? new BioImageError('NOT_FOUND', say`There are no pixels at this address.`);
  }
  hatch(data, states, shape.width);
  return { ...shape, data, damaged };
}

/** Adds one channel to the light and to the states. */
function add(
  data: Uint8ClampedArray,
  states: Uint8Array,
  shape: { width: number; height: number },
  tile: IPlaneTile,
  values: ArrayLike<number | bigint>,
  { color, window: [low, high] }: ITint
): void {
  const [red, green, blue] = [0, 2, 4].map(at => parseInt(color.slice(at, at + 2), 16) || 0);
  const [cellWidth, cellHeight] = [tile.width / tile.maskSize[0], tile.height / tile.maskSize[1]];
  const range = high - low || 1;
  // a tile of which nothing is known has one cell
  const whole = tile.damaged !== undefined && !tile.absent.includes(2);
  for (let y = 0; y < shape.height; y++) {
    const sy = Math.min(tile.height - 1, Math.floor(((y + 0.5) * tile.height) / shape.height));
    for (let x = 0; x < shape.width; x++) {
      const sx = Math.min(tile.width - 1, Math.floor(((x + 0.5) * tile.width) / shape.width));
      const cell = Math.floor(sy / cellHeight) * tile.maskSize[0] + Math.floor(sx / cellWidth);
      const at = y * shape.width + x;
      if (whole || tile.absent[cell] !== 0) {
        states[at] |= whole || tile.absent[cell] === 2 ? DAMAGED : ABSENT;
        continue;
      }
      states[at] |= THERE;
      const value = Number(values[sy * tile.width + sx]);
      const light = Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, (value - low) / range));
      data[at * 4] += light * red;
      data[at * 4 + 1] += light * green;
      data[at * 4 + 2] += light * blue;
    }
  }
}

/** Pixels from one line of a mark to the next. */
const STRIPE = 6;
const LATTICE = 8;

/** Grey stripes where nothing is, a red lattice where it is damaged, thin stripes where a channel is missing. */
function hatch(data: Uint8ClampedArray, states: Uint8Array, width: number): void {
  states.forEach((state, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const stripe = (x + y) % STRIPE;
    const at = i * 4;
    data[at + 3] = 255;
    if (state & DAMAGED) {
      const line = (x + y) % LATTICE < 2 || (((x - y) % LATTICE) + LATTICE) % LATTICE < 2;
      data.set(line ? [219, 89, 74] : [64, 41, 41], at);
    } else if (!(state & THERE)) {
      data.fill(stripe * 2 >= STRIPE ? 140 : 107, at, at + 3);
    } else if (state & ABSENT && stripe === 0) {
      for (const band of [0, 1, 2]) {
        data[at + band] = 0.3 * data[at + band] + 0.7 * 140;
      }
    }
  });
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
