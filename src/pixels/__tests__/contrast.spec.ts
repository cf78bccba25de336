import type { DataType } from '../../ngff';
import { contrastLimits } from '../contrast';
import { jsonValue, rangeOf, shownValue, typedValues, valueAt } from '../values';

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
    expect(limits(Uint8Array.of(9, 9, 9), 'uint8')).toEqual([0, 18]);
    expect(limits(Uint8Array.of(255, 255), 'uint8')).toEqual([0, 255]);
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

  it('are sane for planes of one value, of nothing but NaN, and almost all zero', () => {
    const plane = (value: number): Float64Array => new Float64Array(10_000).fill(value);
    for (const value of [0, 255, -7, 1e-310, -1e300, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53]) {
      const [low, high] = limits(plane(value), 'float64');
      expect([value, low < high, Number.isFinite(low), Number.isFinite(high)]).toEqual([value, true, true, true]);
      expect(low <= value && value <= high).toBe(true);
    }
    expect(limits(plane(NaN), 'float64')).toEqual([0, 1]);
    expect(limits(plane(-Infinity), 'float64')).toEqual([0, 1]);
    const sparse = plane(0);
    sparse[4321] = 12;
    expect(limits(sparse, 'float64')).toEqual([0, 12]);
    expect(limits(new Int32Array(100).fill(-5), 'int32')).toEqual([-10, 0]);
    expect(limits(Uint16Array.of(...new Uint16Array(100), 65535), 'uint16')).toEqual([0, 65535]);
  });

  it('look at all columns of a plane', () => {
    // Every sixteenth column is dark; 2^20 values are looked at in steps.
    const plane = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i % 16 === 0 ? 0 : 200));
    expect(limits(plane, 'uint8')).toEqual([0, 200]);
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
    expect(valueAt(Uint16Array.of(bits), 'float16', 0)).toBe(value);
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

  // Bits, numpy's text of the value (`repr(float(v))` for floats), and how JSON carries it.
  const bits = (size: 2 | 4 | 8, value: bigint): Uint8Array =>
    new Uint8Array(BigUint64Array.of(value).buffer).slice(0, size);
  it.each<[DataType, Uint8Array, string, unknown]>([
    ['bool', bits(2, 1n).slice(0, 1), 'true', true],
    ['int8', Uint8Array.of(128), '-128', -128],
    ['uint8', Uint8Array.of(255), '255', 255],
    ['int16', bits(2, 0x8000n), '-32768', -32768],
    ['uint16', bits(2, 0xffffn), '65535', 65535],
    ['int32', bits(4, 0x80000000n), '-2147483648', -2147483648],
    ['uint32', bits(4, 0xffffffffn), '4294967295', 4294967295],
    ['int64', bits(8, 2n ** 63n), '-9223372036854775808', '-9223372036854775808'],
    ['int64', bits(8, 2n ** 53n + 1n), '9007199254740993', '9007199254740993'],
    ['uint64', bits(8, 2n ** 64n - 1n), '18446744073709551615', '18446744073709551615'],
    ['float16', bits(2, 0x0001n), '5.960464477539063e-8', 5.960464477539063e-8],
    ['float16', bits(2, 0x8000n), '-0', -0],
    ['float16', bits(2, 0x7e01n), 'NaN', 'NaN'],
    ['float32', bits(4, 0x00000001n), '1.401298464324817e-45', 1.401298464324817e-45],
    ['float32', bits(4, 0x3dcccccdn), '0.10000000149011612', 0.10000000149011612],
    ['float32', bits(4, 0x7fc12345n), 'NaN', 'NaN'],
    ['float32', bits(4, 0xff800000n), '-Infinity', '-Infinity'],
    ['float64', bits(8, 1n), '5e-324', 5e-324],
    ['float64', bits(8, 0x7ff0000000000000n), 'Infinity', 'Infinity'],
    ['float64', bits(8, 0x7ff8dead0000beefn), 'NaN', 'NaN'],
    ['float64', bits(8, 0x8000000000000000n), '-0', -0],
    ['float64', bits(8, 0x4340000000000001n), '9007199254740994', 9007199254740994]
  ])('of %s are told to the last digit: %#', (dtype, data, text, json) => {
    const value = valueAt(data, dtype, 0);
    expect(shownValue(value, '')).toBe(text);
    expect(jsonValue(value)).toBe(json);
    const [low, high] = rangeOf(data, dtype);
    expect([low, high].map(one => shownValue(one, ''))).toEqual([text, text]);
  });

  it('that are not there have a word', () => {
    expect([shownValue(null, 'no data'), jsonValue(null)]).toEqual(['no data', null]);
  });
});
