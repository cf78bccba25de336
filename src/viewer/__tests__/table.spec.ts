import type { DataType } from '../../ngff';
import { BioImageError } from '../../core';
import { damagedTile, packTile } from '../stage/content';
import { kindOf, packTable } from '../stage/table';
import { CELL, KIND } from '../stage/shader';

describe('channel table', () => {
  it('holds colour, visibility and ramp of each channel', () => {
    const words = packTable(
      [
        { visible: true, color: 'FF8000', range: [100, 300] },
        { visible: false, color: '0000FF', range: [-1, 1] },
        { visible: true, color: '00FF00' }
      ]
    );
    const floats = new Float32Array(words.buffer);
    expect(words).toHaveLength(3 * 8);
    expect(Array.from(floats.slice(0, 4))).toEqual([1, Math.fround(128 / 255), 0, 1]);
    expect(Array.from(floats.slice(4, 8))).toEqual([0, 0, 1, 0]);
    expect(floats[11]).toBe(0); // visible, but its range is not known yet
    expect(Array.from(floats.slice(12, 15))).toEqual([100, Math.fround(1 / 200), 1]);
    expect(Array.from(floats.slice(16, 18))).toEqual([-1, 0.5]);
  });

  it('makes a step of a window too narrow to divide by', () => {
    const floats = new Float32Array(packTable([{ visible: true, color: 'FFFFFF', range: [0, 1e-45] }]).buffer);
    expect(Number.isFinite(floats[5])).toBe(true);
  });

  it.each<[DataType, number]>([
    ['bool', KIND.unsigned],
    ['uint8', KIND.unsigned],
    ['uint16', KIND.unsigned],
    ['uint32', KIND.unsigned],
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
  const error = new BioImageError('BAD_CHUNK', 'broken');

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

  it('has an empty and a damaged form', () => {
    expect(packTile([], [], { t: 0, z: 0 }).slots).toEqual([]);
    const damaged = damagedTile(error, [3], { t: 0, z: 0 });
    expect(Array.from(damaged.mask)).toEqual([CELL.damaged | (3 << 8)]);
    expect(damaged.damaged).toBe(error);
  });
});
