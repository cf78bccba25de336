import type { DataType } from '../../ngff';
import { BioImageError, say } from '../../core';
import { damagedTile, packTile } from '../stage/content';
import { kindOf, packTable } from '../stage/table';
import { CELL, KIND } from '../stage/shader';

/** What the shader makes of a value, in its 32-bit floats, from the table alone. */
function drawn(range: readonly [number, number], dtype: DataType, value: number | bigint): number {
  const { data } = packTable([{ visible: true, color: 'FFFFFF', range }], dtype);
  const floats = new Float32Array(data.buffer);
  const scale = data[7] | 0;
  const rest = [floats[4], floats[10], floats[11]];
  const base = BigInt(data[8]) | (BigInt(data[9]) << 32n);
  const f = Math.fround;
  let above: number;
  if (typeof value === 'bigint') {
    const from = dtype.startsWith('u') ? base : BigInt.asIntN(dtype.endsWith('64') ? 64 : 32, base);
    above = f(f(Number(value - from)) - rest[0]);
  } else if (dtype === 'float64') {
    const [first, second] = [f(value * 2 ** -scale), f(value * 2 ** -scale - f(value * 2 ** -scale))];
    const third = f(value * 2 ** -scale - first - second);
    above = f(f(f(first - rest[0]) + f(second - rest[1])) + f(third - rest[2]));
  } else {
    above = f(f(f(f(value * 2 ** -scale) - rest[0]) - rest[1]) - rest[2]);
  }
  return Math.min(1, Math.max(0, f(above * floats[5])));
}

describe('channel table', () => {
  it('holds colour, visibility and ramp of each channel', () => {
    const { width, height, data } = packTable(
      [
        { visible: true, color: 'FF8000', range: [100, 300] },
        { visible: false, color: '0000FF', range: [-1, 1] },
        { visible: true, color: '00FF00' },
        { visible: true, color: 'FFFFFF', range: [0, 255], alpha: true }
      ],
      'uint8'
    );
    const floats = new Float32Array(data.buffer);
    expect([width, height, data.length]).toEqual([4, 3, 4 * 12]);
    expect(Array.from(floats.slice(0, 4))).toEqual([1, Math.fround(128 / 255), 0, 1]);
    expect(Array.from(floats.slice(4, 8))).toEqual([0, 0, 1, 0]);
    expect(floats[11]).toBe(0); // visible, but its range is not known yet
    expect(floats[15]).toBe(2);
    expect(Array.from(floats.slice(16, 19))).toEqual([100, Math.fround(1 / 200), 1]);
    expect(Array.from(floats.slice(20, 22))).toEqual([-1, 0.5]);
  });

  it('makes a step of a window too narrow to divide by', () => {
    const floats = new Float32Array(packTable([{ visible: true, color: 'FFFFFF', range: [0, Number.MIN_VALUE] }], 'float64').data.buffer);
    expect(Number.isFinite(floats[5])).toBe(true);
  });

  const NEAR_2_60 = 2 ** 60;
  it.each<[DataType, [number, number], number | bigint, number]>([
    ['uint8', [0, 255], 51, 0.2],
    ['int8', [-128, 127], -77, 0.2],
    ['uint16', [60000.25, 60001.25], 60001, 0.75],
    ['uint32', [4294967040, 4294967295], 4294967091n, 0.2],
    ['uint32', [-100, 4294967295], 0n, 0],
    ['int32', [-2147483648, -2147483393], -2147483597n, 0.2],
    ['int64', [-NEAR_2_60, -NEAR_2_60 + 1024], -(2n ** 60n) + 256n, 0.25],
    ['int64', [-(2 ** 63), 2 ** 63], 0n, 0.5],
    ['uint64', [2 ** 63, 2 ** 63 + 4096], 2n ** 63n + 1024n, 0.25],
    ['uint64', [-1024, 3072], 0n, 0.25],
    ['uint64', [0.5, 1.5], 1n, 0.5],
    ['float32', [-3e38, 3e38], 0, 0.5],
    ['float32', [0, 1e-40], 5e-41, 0.5],
    ['float32', [16777216, 16777220], 16777218, 0.5],
    ['float64', [1e9, 1e9 + 1e-4], 1e9 + 2.5e-5, 0.25],
    ['float64', [1e300, 3e300], 1.5e300, 0.25],
    ['float64', [-1e-300, 1e-300], 0, 0.5],
    ['float64', [1, 1 + 4 * Number.EPSILON], 1 + Number.EPSILON, 0.25]
  ])('stretches %s over %j: %s is drawn as %d', (dtype, range, value, part) => {
    expect(Math.abs(drawn(range, dtype, value) - part)).toBeLessThan(1 / 255 / 2);
  });

  it.each<[DataType, number]>([
    ['bool', KIND.unsigned],
    ['uint8', KIND.unsigned],
    ['uint16', KIND.unsigned],
    ['uint32', KIND.uint32],
    ['int8', KIND.int8],
    ['int64', KIND.int64],
    ['uint64', KIND.uint64],
    ['float16', KIND.float16],
    ['float64', KIND.float64]
  ])('reads %s as kind %d', (dtype, kind) => {
    expect(kindOf(dtype)).toBe(kind);
  });
});

describe('tile for upload', () => {
  const part = (first: number, absent: number[], damaged?: BioImageError) => ({
    words: Uint16Array.of(first, first + 1),
    width: 2,
    height: 1,
    absent: Uint8Array.from(absent),
    maskSize: [2, 1] as [number, number],
    damaged
  });
  const error = new BioImageError('BAD_CHUNK', say`broken`);

  it('joins the channels and carries state and channel in the mask', () => {
    const tile = packTile([part(10, [0, 1]), part(20, [0, 0])], [1, 5], { t: 2, z: 3 });
    expect(tile.words).toEqual(Uint16Array.of(10, 11, 20, 21));
    expect(Array.from(tile.mask)).toEqual([1 << 8, CELL.absent | (1 << 8), 5 << 8, 5 << 8]);
    expect(tile.plane).toEqual({ t: 2, z: 3 });
    expect(tile.byteLength).toBe(8 + 16);
  });

  it('does not copy a single channel', () => {
    const one = part(10, [0, 0]);
    expect(packTile([one], [0], { t: 0, z: 0 }).words).toBe(one.words);
  });

  it('marks only the damaged cells where they are known, else the whole channel', () => {
    const known = packTile([part(1, [0, CELL.damaged], error)], [0], { t: 0, z: 0 });
    expect(Array.from(known.mask)).toEqual([0, CELL.damaged]);
    const unknown = packTile([part(1, [0, 0], error), part(2, [0, 0])], [0, 1], { t: 0, z: 0 });
    expect(Array.from(unknown.mask)).toEqual([CELL.damaged, CELL.damaged, 1 << 8, 1 << 8]);
    expect(unknown.damaged).toBe(error);
  });

  it('is empty where no channel has a chunk', () => {
    const plane = { t: 0, z: 0 };
    expect(packTile([part(1, [1, 1]), part(2, [1, 1])], [0, 1], plane).empty).toBe(true);
    expect(packTile([part(1, [1, 1]), part(2, [1, 0])], [0, 1], plane).empty).toBe(false);
    expect(damagedTile(error, [0], plane).empty).toBe(false);
  });

  it('has an empty and a damaged form', () => {
    expect(packTile([], [], { t: 0, z: 0 }).slots).toEqual([]);
    const damaged = damagedTile(error, [3], { t: 0, z: 0 });
    expect(Array.from(damaged.mask)).toEqual([CELL.damaged | (3 << 8)]);
    expect(damaged.damaged).toBe(error);
  });
});
