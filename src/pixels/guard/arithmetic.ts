import { say } from '../../core';
import { halfBits, halfValue, integerRange, ITEM_BYTES, type DataType, type IElement } from '../../ngff';
import { typedValues } from '../values';
import { damaged } from './sizes';

/** Takes one step on values back: little-endian bytes of the encoded type into those of the decoded one. */
export type ValueStep = (bytes: Uint8Array) => Uint8Array;

const INTEGER = /^u?int/;
const WIDE = /^u?int64$/;

/** Rounds a double to a float type, ties to even. */
function rounding(dtype: DataType): (value: number) => number {
  return dtype === 'float32' ? Math.fround : dtype === 'float16' ? value => halfValue(halfBits(value)) : value => value;
}

/** Writes values of one type; integers too large for it keep their lowest bits, as in C. */
class Writer {
  readonly bytes: Uint8Array;
  /** Of a number: a whole one where the type is an integer of at most 32 bits. */
  readonly number: (at: number, value: number) => void;
  readonly wide: (at: number, value: bigint) => void;

  constructor(dtype: DataType, count: number) {
    this.bytes = new Uint8Array(count * ITEM_BYTES[dtype]);
    this.wide = () => undefined;
    if (dtype === 'float16') {
      const bits = new Uint16Array(this.bytes.buffer);
      this.number = (at, value) => void (bits[at] = halfBits(value));
      return;
    }
    const values = typedValues(this.bytes, dtype);
    if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
      this.wide = (at, value) => void (values[at] = value);
      this.number = (at, value) => void (values[at] = BigInt(value));
    } else {
      this.number = (at, value) => void (values[at] = value);
    }
  }
}

function unfit(dtype: DataType): Error {
  return damaged(say`a value of it does not fit ${dtype}`);
}

/** Turns whole numbers that must lie in the range of an integer type into it. */
function fitted(dtype: DataType, writer: Writer): (at: number, whole: number) => void {
  const [low, high] = integerRange(dtype);
  // Doubles next to the limits of 64 bits: 2^63 and 2^64 themselves are too large already.
  const [least, most] = [Number(low), Number(high)];
  const beyond = WIDE.test(dtype);
  return (at, whole) => {
    if (!(whole >= least && (beyond ? whole < most : whole <= most))) {
      throw unfit(dtype);
    }
    writer.number(at, whole);
  };
}

/** `astype` of numpy. A fraction is cut; one that does not fit its type is damage, for there the machine decides. */
function cast(values: ReturnType<typeof typedValues>, from: DataType, to: DataType, writer: Writer): void {
  if (to === 'bool') {
    for (let i = 0; i < values.length; i++) {
      writer.number(i, Number(values[i]) === 0 ? 0 : 1);
    }
    return;
  }
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) {
      if (WIDE.test(to)) {
        writer.wide(i, values[i]);
      } else {
        writer.number(i, INTEGER.test(to) ? Number(BigInt.asIntN(32, values[i])) : Number(values[i]));
      }
    }
    return;
  }
  const put = !INTEGER.test(from) && from !== 'bool' && INTEGER.test(to) ? fitted(to, writer) : writer.number;
  const cut = put !== writer.number;
  // numpy makes 16-bit floats of integers by way of 32-bit ones.
  const narrow = to === 'float16' && INTEGER.test(from) ? Math.fround : (value: number): number => value;
  for (let i = 0; i < values.length; i++) {
    put(i, cut ? Math.trunc(values[i]) : narrow(values[i]));
  }
}

/** Same values in another type, as numpy's `astype`. */
export function castTo(from: IElement, to: IElement): ValueStep {
  if (from.dtype === to.dtype) {
    return bytes => bytes; // not even the payload of a NaN changes
  }
  return bytes => {
    const values = typedValues(bytes, from.dtype);
    const writer = new Writer(to.dtype, values.length);
    cast(values, from.dtype, to.dtype, writer);
    return writer.bytes;
  };
}

/** Sums of differences, added up in the decoded type (numcodecs `delta`). */
export function undelta(from: IElement, to: IElement): ValueStep {
  return bytes => {
    const values = typedValues(castTo(from, to)(bytes), to.dtype);
    const writer = new Writer(to.dtype, values.length);
    if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
      let sum = 0n;
      for (let i = 0; i < values.length; i++) {
        sum = BigInt.asIntN(64, sum + values[i]);
        writer.wide(i, sum);
      }
      return writer.bytes;
    }
    const round = INTEGER.test(to.dtype) ? (value: number): number => value | 0 : rounding(to.dtype);
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      sum = i === 0 ? values[i] : round(sum + values[i]);
      writer.number(i, sum);
    }
    return writer.bytes;
  };
}

/** `value / scale + offset` in the encoded float type, or in doubles where integers are encoded (numcodecs). */
export function unscale(from: IElement, to: IElement, scale: number, offset: number): ValueStep {
  const round = rounding(from.dtype);
  const [by, more] = [round(scale), round(offset)];
  const middle: IElement = { dtype: INTEGER.test(from.dtype) ? 'float64' : from.dtype, big: false };
  return bytes => {
    const values = typedValues(bytes, from.dtype);
    const writer = new Writer(middle.dtype, values.length);
    for (let i = 0; i < values.length; i++) {
      writer.number(i, round(round(Number(values[i]) / by) + more));
    }
    return castTo(middle, to)(writer.bytes);
  };
}

/** `value / scale + offset` in the array's own type (Zarr extension `scale_offset`); integers must divide. */
export function unscaleWithin({ dtype }: IElement, scale: number | bigint, offset: number | bigint): ValueStep {
  if (!INTEGER.test(dtype)) {
    return unscale({ dtype, big: false }, { dtype, big: false }, Number(scale), Number(offset));
  }
  const [by, more] = [BigInt(scale), BigInt(offset)];
  const [low, high] = integerRange(dtype);
  return bytes => {
    const values = typedValues(bytes, dtype);
    const writer = new Writer(dtype, values.length);
    for (let i = 0; i < values.length; i++) {
      const value = BigInt(values[i]);
      const whole = value / by + more;
      if (value % by !== 0n || whole < low || whole > high) {
        throw unfit(dtype);
      }
      if (WIDE.test(dtype)) {
        writer.wide(i, whole);
      } else {
        writer.number(i, Number(whole));
      }
    }
    return writer.bytes;
  };
}

const ROUND: Readonly<Record<string, (value: number) => number>> = {
  'nearest-even': value => {
    const floor = Math.floor(value);
    return value - floor === 0.5 ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(value);
  },
  'towards-zero': Math.trunc,
  'towards-positive': Math.ceil,
  'towards-negative': Math.floor,
  'nearest-away': value => Math.trunc(value + Math.sign(value) * (Math.abs(value) < 2 ** 52 ? 0.5 : 0))
};

/** Checked configuration of `cast_value`. */
export interface ICastValue {
  readonly rounding: string;
  readonly range: 'clamp' | 'wrap' | null;
  /** Pairs [value on disk, value of the array] that are not computed. */
  readonly map: readonly (readonly [number | bigint, number | bigint])[];
}

/** Values of another numeric type (Zarr extension `cast_value`): rounded, and fitted or refused, as configured. */
export function castValue(from: IElement, to: IElement, { rounding: way, range, map }: ICastValue): ValueStep {
  // JSON knows one NaN, and 0 is both zeros.
  const listed = new Map(map.map(([source, target]) => [source, target]));
  return bytes => {
    const values = typedValues(bytes, from.dtype);
    const writer = new Writer(to.dtype, values.length);
    const put = INTEGER.test(to.dtype) ? whole(to.dtype, writer, ROUND[way], range) : plain(writer);
    for (let i = 0; i < values.length; i++) {
      put(i, listed.get(values[i]) ?? values[i]);
    }
    return writer.bytes;
  };
}

const plain =
  (writer: Writer) =>
  (at: number, value: number | bigint): void =>
    writer.number(at, Number(value));

function whole(
  dtype: DataType,
  writer: Writer,
  round: (value: number) => number,
  range: ICastValue['range']
): (at: number, value: number | bigint) => void {
  const [low, high] = integerRange(dtype);
  const span = high - low + 1n;
  return (at, value) => {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw unfit(dtype);
    }
    let given = typeof value === 'bigint' ? value : BigInt(round(value));
    if (given < low || given > high) {
      if (range === null) {
        throw unfit(dtype);
      }
      given = range === 'clamp' ? (given < low ? low : high) : ((((given - low) % span) + span) % span) + low;
    }
    if (WIDE.test(dtype)) {
      writer.wide(at, given);
    } else {
      writer.number(at, Number(given));
    }
  };
}

/** Booleans out of bits, the first in the highest; the first byte counts the bits that are padding (numcodecs). */
export function unpackBits(count: number): ValueStep {
  return bytes => {
    const bits = 8 * (bytes.length - 1);
    if (bytes.length === 0 || bytes[0] > 7 || bits - bytes[0] !== count) {
      throw damaged(say`its packed bits are not as many as its values`);
    }
    const out = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      out[i] = (bytes[1 + (i >>> 3)] >>> (7 - (i & 7))) & 1;
    }
    return out;
  };
}
