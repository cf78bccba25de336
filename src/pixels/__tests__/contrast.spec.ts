import type { DataType } from '../../ngff';
import { contrastLimits } from '../contrast';
import { halfToNumber, rangeOf, typedValues, valueAt } from '../values';

const limits = (
  words: ArrayBufferView,
  dtype: DataType,
  present: ((index: number) => boolean) | null = null
): [number, number] => contrastLimits([{ words, present }], dtype);

describe('contrast limits', () => {
  it('leave out a thousandth at either end', () => {
    const values = Uint16Array.from({ length: 10_001 }, (_, i) => i);
    expect(limits(values, 'uint16')).toEqual([10, 9990]);
  });

  it('keep negative values', () => {
    expect(
      limits(
        Int16Array.from({ length: 1001 }, (_, i) => i - 2000),
        'int16'
      )
    ).toEqual([-1999, -1001]);
    expect(limits(Float32Array.of(-5, -4, -3), 'float32')).toEqual([-5, -3]);
  });

  it('ignore what is no number', () => {
    expect(limits(Float64Array.of(NaN, 1, Infinity, 3, -Infinity), 'float64')).toEqual([1, 3]);
    expect(limits(Float32Array.of(NaN, NaN), 'float32')).toEqual([0, 1]);
  });

  it('take the extremes where the ground is even', () => {
    const values = new Uint8Array(100_000).fill(7);
    values[5000] = 200;
    expect(limits(values, 'uint8')).toEqual([7, 200]);
  });

  it('are never empty', () => {
    expect(limits(Uint8Array.of(9, 9, 9), 'uint8')).toEqual([9, 10]);
    expect(limits(new Uint16Array(0), 'uint16')).toEqual([0, 1]);
    const [low, high] = limits(BigUint64Array.of(2n ** 64n - 1n, 2n ** 64n - 1n), 'uint64');
    expect(high).toBeGreaterThan(low);
    const [least, most] = limits(Float64Array.of(1e300), 'float64');
    expect(most).toBeGreaterThan(least);
  });

  it('are taken from 64-bit labels, 16-bit floats and booleans', () => {
    expect(limits(BigInt64Array.of(-3n, 5n, 1n), 'int64')).toEqual([-3, 5]);
    expect(limits(Uint16Array.of(0x3c00, 0xc000), 'float16')).toEqual([-2, 1]);
    expect(limits(Uint8Array.of(1, 1), 'bool')).toEqual([0, 1]);
  });

  it('ignore what is not there', () => {
    expect(limits(Uint8Array.of(0, 0, 50, 60), 'uint8', index => index >= 2)).toEqual([50, 60]);
  });
});

describe('values', () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e01, NaN]
  ])('of 16-bit floats: %#x', (bits, value) => {
    expect(halfToNumber(bits)).toBe(value);
  });

  it('are exact in every type, also where the bytes are not aligned', () => {
    const shifted = new Uint8Array(17);
    new DataView(shifted.buffer).setBigUint64(9, 2n ** 63n + 5n, true);
    const view = shifted.subarray(1);
    expect([valueAt(view, 'uint64', 1), valueAt(view, 'int64', 1)]).toEqual([2n ** 63n + 5n, -(2n ** 63n) + 5n]);
    expect(typedValues(view, 'uint64')[1]).toBe(2n ** 63n + 5n);
    expect([valueAt(Uint8Array.of(2), 'bool', 0), valueAt(Uint8Array.of(255), 'int8', 0)]).toEqual([true, -1]);
    expect(Object.is(valueAt(Float32Array.of(0.1), 'float32', 0), Math.fround(0.1))).toBe(true);
  });

  it('have a range as numpy tells it', () => {
    expect(rangeOf(Float32Array.of(1, NaN, 3), 'float32')).toEqual([NaN, NaN]);
    expect(rangeOf(Float32Array.of(NaN, 1), 'float32')).toEqual([NaN, NaN]);
    expect(rangeOf(BigInt64Array.of(3n, -9n), 'int64')).toEqual([-9n, 3n]);
    expect(rangeOf(Uint8Array.of(0, 0), 'bool')).toEqual([false, false]);
    expect(rangeOf(new Uint8Array(), 'uint8')).toEqual([null, null]);
  });
});
