import type { DataType } from '../../ngff';
import { KIND } from './shader';

/** How one channel is shown. */
export interface IChannelView {
  visible: boolean;
  /** Six hexadecimal digits, RRGGBB. */
  color: string;
  /** Raw values drawn as black and as full colour; minimum < maximum. `undefined` until known: the channel draws nothing. */
  range?: readonly [number, number];
  /** Says how much of the others is seen, and has no colour of its own. */
  alpha?: boolean;
}

/** Texels of a table, ready for a texture of raw words with four in each. */
export interface ITexels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint32Array;
}

/** The shader's reading of a data type's words. */
export function kindOf(dtype: DataType): number {
  switch (dtype) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'float16':
    case 'float32':
    case 'float64':
      return KIND[dtype];
    case 'bool':
    case 'uint8':
    case 'uint16':
      return KIND.unsigned;
  }
}

/** Bits of the wide integer types: these are subtracted as words, see `intensityshader.ts`. */
const WORDS: Partial<Record<DataType, { bits: 32 | 64; signed: boolean }>> = {
  uint32: { bits: 32, signed: false },
  int32: { bits: 32, signed: true },
  uint64: { bits: 64, signed: false },
  int64: { bits: 64, signed: true }
};

/** Powers of two beyond this would not be finite when a number is multiplied by them. */
const MOST_SCALE = 1000;

/** Where a window starts, as the shader subtracts it. */
interface IStart {
  /** Two words, low first. */
  base: readonly [number, number];
  rest: readonly [number, number, number];
  /** Power of two that `rest`, and what is left after subtracting, are counted in. */
  scale: number;
}

/** A double as a sum of three 32-bit floats. */
function inParts(value: number): [number, number, number] {
  const first = Math.fround(value);
  const second = Math.fround(value - first);
  return [first, second, Math.fround(value - first - second)];
}

function startOf([low, high]: readonly [number, number], dtype: DataType): IStart {
  const words = WORDS[dtype];
  if (words) {
    const { bits, signed } = words;
    const [least, most] = signed ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] : [0n, 2n ** BigInt(bits) - 1n];
    let whole = BigInt(Math.floor(low));
    whole = whole < least ? least : whole > most ? most : whole;
    const raw = BigInt.asUintN(64, whole);
    // the fraction of a number that has one is exact; one beyond the type is so far off that it need not be
    return { base: [Number(raw & 0xffffffffn), Number(raw >> 32n)], rest: [Math.max(-3e38, Math.min(3e38, low - Number(whole))), 0, 0], scale: 0 };
  }
  const floats = dtype.startsWith('float');
  const size = Math.floor(Math.log2(Math.max(Math.abs(low), Math.abs(high))));
  const scale = floats ? Math.max(-MOST_SCALE, Math.min(MOST_SCALE, size)) : 0;
  return { base: [0, 0], rest: inParts(low * 2 ** -scale), scale };
}

/**
 * The channel table (one column per channel, three rows of four 32-bit words, most of them float bits): colour and 0 for
 * hidden, 1 for visible or 2 for alpha; minimum, 1 / (maximum − minimum), gamma and scale; the minimum's words and the rest of
 * its parts.
 */
export function packTable(channels: readonly IChannelView[], dtype: DataType): ITexels {
  const width = channels.length;
  const data = new Uint32Array(width * 12);
  const floats = new Float32Array(data.buffer);
  channels.forEach((channel, i) => {
    const rgb = parseInt(channel.color, 16);
    floats.set([(rgb >> 16) / 255, ((rgb >> 8) & 255) / 255, (rgb & 255) / 255], i * 4);
    floats[i * 4 + 3] = channel.visible && channel.range ? (channel.alpha ? 2 : 1) : 0;
    const range = channel.range ?? [0, 1];
    const { base, rest, scale } = startOf(range, dtype);
    const second = (width + i) * 4;
    const third = (2 * width + i) * 4;
    // a window narrower than a 32-bit float can divide by becomes a step
    const gain = 1 / (range[1] * 2 ** -scale - range[0] * 2 ** -scale);
    floats.set([rest[0], Math.min(gain, 3e38), 1], second);
    data[second + 3] = scale >>> 0;
    data.set(base, third);
    floats.set([rest[1], rest[2]], third + 2);
  });
  return { width, height: 3, data };
}
