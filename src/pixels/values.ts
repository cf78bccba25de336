import { halfValue, ITEM_BYTES, type DataType } from '../ngff';

/** A pixel's exact value: 64-bit integers as bigint, booleans as boolean; null = no data, the chunk is not in the store. */
export type PixelValue = number | bigint | boolean | null;

/**
 * A pixel's value as JSON carries it: what JSON has no number for is a text (64-bit integers, `NaN`, `Infinity`,
 * `-Infinity`); 16- and 32-bit floats are their exact doubles.
 */
export function jsonValue(value: PixelValue): string | number | boolean | null {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;
}

/** A pixel's value as people read it, to the last digit; the sign of a zero too. `noData` stands for none. */
export function shownValue(value: PixelValue, noData: string): string {
  return value === null ? noData : Object.is(value, -0) ? '-0' : String(value);
}

type Reader = (view: DataView, at: number) => number | bigint | boolean;

/** Per type: the value at a byte offset of little-endian data. */
const READERS: Readonly<Record<DataType, Reader>> = {
  bool: (view, at) => view.getUint8(at) !== 0,
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  int16: (view, at) => view.getInt16(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int64: (view, at) => view.getBigInt64(at, true),
  uint64: (view, at) => view.getBigUint64(at, true),
  float16: (view, at) => halfValue(view.getUint16(at, true)),
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true)
};

/** Value number `index` of little-endian `data`. */
export function valueAt(data: ArrayBufferView, dtype: DataType, index: number): number | bigint | boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return READERS[dtype](view, index * ITEM_BYTES[dtype]);
}

type Values =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** Little-endian data as the typed array of its type; 16-bit floats are converted, booleans stay 0 and 1. */
export function typedValues(data: ArrayBufferView, dtype: DataType): Values {
  const count = data.byteLength / ITEM_BYTES[dtype];
  const { buffer, byteOffset } = data.byteOffset % ITEM_BYTES[dtype] === 0 ? data : copied(data);
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(buffer, byteOffset, count);
    case 'int8':
      return new Int8Array(buffer, byteOffset, count);
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, count);
    case 'int16':
      return new Int16Array(buffer, byteOffset, count);
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, count);
    case 'int32':
      return new Int32Array(buffer, byteOffset, count);
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, count);
    case 'uint64':
      return new BigUint64Array(buffer, byteOffset, count);
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count), halfValue);
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return new Float64Array(buffer, byteOffset, count);
  }
}

function copied(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}

/**
 * Smallest and largest value of little-endian data as numpy's `min` and `max` give them: one NaN makes both NaN.
 * Null where there is no value.
 */
export function rangeOf(
  data: ArrayBufferView,
  dtype: DataType
): [number | bigint | boolean, number | bigint | boolean] | [null, null] {
  const values = typedValues(data, dtype);
  if (values.length === 0) {
    return [null, null];
  }
  const [low, high] = extremes<number | bigint>(values);
  return dtype === 'bool' ? [low !== 0, high !== 0] : [low, high];
}

function extremes<T extends number | bigint>(values: { readonly length: number; readonly [index: number]: T }): [T, T] {
  let low = values[0];
  let high = values[0];
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    if (value !== value) {
      return [value, value];
    }
    if (value < low) {
      low = value;
    }
    if (value > high) {
      high = value;
    }
  }
  return [low, high];
}
