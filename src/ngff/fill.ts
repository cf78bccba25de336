import { invalid, say } from '../core';
import { integerRange, ITEM_BYTES } from './dtype';
import type { DataType } from './dtype';

/** A fill value and its one element of little-endian bytes. */
export interface IFill {
  readonly fill: number | bigint | boolean;
  readonly fillBytes: Uint8Array;
}

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity]
]);
/** Some writers put every fill value into quotes. */
const DECIMAL = /^-?\d{1,330}(?:\.\d{0,330})?(?:[eE][+-]?\d{1,4})?$/;
const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false]
]);

/**
 * Whole number from JSON. Decimal text is accepted: Bio-Formats wrote `"0"`, others `"0.0"`. JSON numbers carry 53 bits, so the two
 * largest 64-bit integers, the usual "no data" marks, arrive as the power of two above them and are taken back.
 */
function readInteger(value: unknown, dtype: DataType, where: string): bigint {
  const [min, max] = integerRange(dtype);
  let whole: bigint;
  if (typeof value === 'number' && Number.isInteger(value)) {
    whole = BigInt(value);
  } else if (typeof value === 'string' && /^-?\d{1,20}(?:\.0{0,20})?$/.test(value)) {
    whole = BigInt(value.split('.')[0]);
  } else {
    throw invalid(where, say`is not a whole number`);
  }
  if (typeof value === 'number' && ITEM_BYTES[dtype] === 8 && whole === max + 1n) {
    whole = max;
  }
  if (whole < min || whole > max) {
    throw invalid(where, say`does not fit ${dtype}`);
  }
  return whole;
}

/** The 16 bits of a half-precision float nearest to `value`, ties to even (IEEE 754). */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) {
    return 0x7e00;
  }
  if (size >= 65520) {
    return sign | 0x7c00;
  }
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1e-8)));
  const scaled = size / 2 ** (exponent - 10); // whole part = 11 bits of mantissa for normal numbers
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  // A carry out of the mantissa moves into the exponent by itself, because the fields are neighbours.
  return sign | (exponent === -14 ? rounded : ((exponent + 15) << 10) + rounded - 1024);
}

function hexBytes(text: string, size: number): Uint8Array | null {
  if (!new RegExp(`^0x[0-9a-fA-F]{${2 * size}}$`).test(text)) {
    return null;
  }
  // Zarr v3 core, "fill_value": hexadecimal text names the bits, most significant digit first.
  return Uint8Array.from({ length: size }, (_, i) => parseInt(text.slice(2 * (size - i), 2 * (size - i) + 2), 16));
}

/** The value of an IEEE 754 binary16 given by its bits. */
export function halfValue(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  const size =
    exponent === 31
      ? mantissa
        ? NaN
        : Infinity
      : exponent
        ? (1 + mantissa / 1024) * 2 ** (exponent - 15)
        : mantissa * 2 ** -24;
  return bits & 0x8000 ? -size : size;
}

function floatOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.length === 2
    ? halfValue(view.getUint16(0, true))
    : bytes.length === 4
      ? view.getFloat32(0, true)
      : view.getFloat64(0, true);
}

function readFloat(value: unknown, dtype: DataType, where: string): IFill {
  const size = ITEM_BYTES[dtype];
  if (typeof value === 'string' && !SPECIAL.has(value) && !DECIMAL.test(value)) {
    const bytes = hexBytes(value, size);
    if (!bytes) {
      throw invalid(where, say`is not a number`);
    }
    return { fill: floatOf(bytes), fillBytes: bytes };
  }
  const number = typeof value === 'string' ? (SPECIAL.get(value) ?? Number(value)) : value;
  if (typeof number !== 'number') {
    throw invalid(where, say`is not a number`);
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 2) {
    view.setUint16(0, halfBits(number), true);
  } else if (size === 4) {
    view.setFloat32(0, number, true);
  } else {
    view.setFloat64(0, number, true);
  }
  const fill = floatOf(bytes);
  if (Number.isFinite(number) && !Number.isFinite(fill)) {
    throw invalid(where, say`does not fit ${dtype}`);
  }
  return { fill, fillBytes: bytes };
}

/**
 * Reads `fill_value`. Missing and `null` (Zarr v2: "undefined contents") mean 0. Integers must fit their type, nothing
 * wraps; floats may be `"NaN"`, `"Infinity"`, `"-Infinity"` or hexadecimal bits; all may be decimal text. 64-bit integers come as `bigint`.
 * Throws BAD_METADATA.
 */
export function readFill(value: unknown, dtype: DataType, where: string): IFill {
  const given = value ?? (dtype === 'bool' ? false : 0);
  if (dtype === 'bool') {
    const truth = typeof given === 'string' ? TRUTH.get(given) : given;
    if (truth !== false && truth !== true && truth !== 0 && truth !== 1) {
      throw invalid(where, say`is neither true nor false`);
    }
    return { fill: Boolean(truth), fillBytes: Uint8Array.of(truth ? 1 : 0) };
  }
  if (dtype.startsWith('float')) {
    return readFloat(given, dtype, where);
  }
  const whole = readInteger(given, dtype, where);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, whole), true);
  return { fill: ITEM_BYTES[dtype] === 8 ? whole : Number(whole), fillBytes: bytes.slice(0, ITEM_BYTES[dtype]) };
}
