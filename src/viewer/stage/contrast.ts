import type { DataType, IChannel } from '../../ngff';

/** Values between which a channel's minimum and maximum can be set, and the size of one step. */
export interface IBounds {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** Range of the data types whose whole range fits a slider. */
const SMALL: Partial<Record<DataType, readonly [number, number]>> = {
  bool: [0, 1],
  int8: [-128, 127],
  uint8: [0, 255]
};

/** Steps of a slider over fractions. */
const STEPS = 1000;

/** Lowest and highest value of integer types; 64 bits as the nearest doubles. */
function limits(dtype: DataType): readonly [number, number] {
  const bits = /^(u?)int(\d+)$/.exec(dtype);
  if (!bits) {
    return SMALL[dtype] ?? [-Infinity, Infinity];
  }
  const size = 2 ** Number(bits[2]);
  return bits[1] ? [0, size - 1] : [-size / 2, size / 2 - 1];
}

/** Whether values of this type have fractions. */
export function isFractional(dtype: DataType): boolean {
  return dtype.startsWith('float');
}

/** The window that the metadata give, if it can be drawn. */
export function windowRange(channel: IChannel): readonly [number, number] | undefined {
  const window = channel.window;
  return window && Number.isFinite(window.start) && Number.isFinite(window.end) && window.start < window.end
    ? [window.start, window.end]
    : undefined;
}

/** A range to start with where neither metadata nor pixels give one. */
export function fallbackRange(dtype: DataType): readonly [number, number] {
  const [low, high] = limits(dtype);
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [0, 1];
}

/**
 * The sliders' ends: the whole type where it is small, else the metadata's window, else around the range found in the pixels;
 * always wide enough for `range` itself.
 */
export function boundsFor(dtype: DataType, range: readonly [number, number], channel: IChannel): IBounds {
  const [least, most] = limits(dtype);
  const span = range[1] - range[0];
  let [low, high] = SMALL[dtype] ?? [range[0] - span / 2, range[1] + span];
  const window = channel.window;
  if (!SMALL[dtype] && window && Number.isFinite(window.min) && Number.isFinite(window.max) && window.min < window.max) {
    [low, high] = [window.min, window.max];
  }
  low = Math.max(least, Math.min(low, range[0]));
  high = Math.min(most, Math.max(high, range[1]));
  return isFractional(dtype)
    ? { low, high, step: (high - low) / STEPS }
    : { low: Math.floor(low), high: Math.ceil(high), step: 1 };
}

/** Moves one end of a range so that minimum < maximum remains; the other end gives way. */
export function moveEnd(
  range: readonly [number, number],
  end: 'minimum' | 'maximum',
  value: number,
  bounds: IBounds
): readonly [number, number] {
  const gap = bounds.step || Number.EPSILON;
  const inside = Math.min(bounds.high, Math.max(bounds.low, value));
  if (end === 'minimum') {
    const low = Math.min(inside, bounds.high - gap);
    return [low, Math.max(range[1], low + gap)];
  }
  const high = Math.max(inside, bounds.low + gap);
  return [Math.min(range[0], high - gap), high];
}
