import { indexAtLevel, regionAtLevel } from '..';
import type { IImage } from '..';
import { imageOf } from './made';
import type { Json } from './made';
import { reading } from '../../testing/reading';

const scale = (...by: number[]): Json => ({ type: 'scale', scale: by });
const shift = (...by: number[]): Json => ({ type: 'translation', translation: by });

describe('a level that is moved against the first one', () => {
  const along = (image: IImage, count: number): (number | null)[] =>
    Array.from({ length: count }, (_, z) => indexAtLevel(image, 1, 'z', z));

  it('has the planes that its place says, and none outside of it', () => {
    const third = imageOf('zyx', [
      { shape: [9, 64, 64], transformations: [scale(1, 1, 1)] },
      { shape: [3, 32, 32], transformations: [scale(3, 2, 2), shift(2, 0.5, 0.5)] }
    ]);
    expect(along(third, 9)).toEqual([null, 0, 0, 0, 1, 1, 1, 2, 2]);
    const part = imageOf('zyx', [
      { shape: [9, 64, 64], transformations: [scale(1, 1, 1)] },
      { shape: [4, 32, 32], transformations: [scale(1, 2, 2), shift(4, 0.5, 0.5)] }
    ]);
    expect(along(part, 9)).toEqual([null, null, null, null, 0, 1, 2, 3, null]);
  });

  it('ends where the first one ends, but for rounding', () => {
    const second = imageOf('zyx', [
      { shape: [7, 64, 64], transformations: [scale(1, 1, 1)] },
      { shape: [3, 32, 32], transformations: [scale(2, 2, 2), shift(0, 0.5, 0.5)] }
    ]);
    expect(second.levels[1].offset).toEqual([0, 0, 0]);
    expect(along(second, 7)).toEqual([0, 0, 1, 1, 2, 2, 2]);
  });

  it('has a region where it is drawn', () => {
    const right = imageOf('yx', [
      { shape: [64, 64], transformations: [scale(1, 1)] },
      { shape: [32, 28], transformations: [scale(2, 2), shift(0.5, 8.5)] }
    ]);
    expect([right.levels[1].ratio, right.levels[1].offset, right.notices]).toEqual([[2, 2], [0, 8], []]);
    expect(regionAtLevel(right, 1, [1, 37, 8, 20])).toEqual([0, 19, 0, 6]);
    expect(regionAtLevel(right, 1, [0, 64, 0, 9])).toEqual([0, 32, 0, 1]);
    expect(regionAtLevel(right, 1, [0, 64, 0, 8])).toEqual([0, 32, 0, 0]);
  });

  it('lies on the image where its own place is not told, or leads away', () => {
    const first = { shape: [4, 64, 64], transformations: [scale(0.5, 0.5, 0.5), shift(10, 100, 200)] };
    const bare = imageOf('zyx', [first, { shape: [4, 32, 32] }]);
    const away = imageOf('zyx', [first, { shape: [4, 32, 32], transformations: [scale(0.5, 1, 1)] }]);
    for (const [image, notice] of [
      [bare, /no scale of its own/],
      [away, /leads away/]
    ] as const) {
      expect(image.levels[1]).toMatchObject({ ratio: [1, 2, 2], offset: [0, 0, 0], translation: [10, 100, 200] });
      expect(image.notices.map(String)).toEqual([reading(notice)]);
    }
  });
});

describe('a level that cannot stand for the first one is left out with a notice', () => {
  it.each<[string, string, number[], number[], number[], boolean]>([
    ['fewer channels', 'cyx', [3, 64, 64], [1, 32, 32], [1, 2, 2], false],
    ['fewer channels, said by the scale', 'cyx', [3, 64, 64], [2, 32, 32], [1.5, 2, 2], false],
    ['fewer times', 'tyx', [6, 64, 64], [5, 32, 32], [1, 2, 2], false],
    ['half the times', 'tyx', [6, 64, 64], [3, 32, 32], [2, 2, 2], true],
    ['half the times, an old scale', 'tyx', [6, 64, 64], [3, 32, 32], [1, 2, 2], true]
  ])('%s', (_, names, fine, coarse, by, stays) => {
    const image = imageOf(names, [
      { shape: fine, transformations: [scale(1, 1, 1)] },
      { shape: coarse, transformations: [scale(...by)] }
    ]);
    expect(image.levels).toHaveLength(stays ? 2 : 1);
    const said = `Level 1 is left out: it has ${coarse[0]} along ${names[0]}, level 0 has ${fine[0]}.`;
    expect(image.notices.map(String).includes(said)).toBe(!stays);
  });
});

describe('a scale that was not adapted is told by the sizes of', () => {
  it.each<[string, string, number[], number[], number[], number[]]>([
    ['few planes', 'zyx', [4, 64, 64], [2, 32, 32], [1, 2, 2], [2, 2, 2]],
    ['few pixels', 'yx', [4, 4], [2, 2], [1, 1], [2, 2]],
    ['few pixels, rounded up', 'yx', [5, 5], [3, 3], [1, 1], [5 / 3, 5 / 3]]
  ])('%s', (_, names, fine, coarse, by, ratio) => {
    const image = imageOf(names, [
      { shape: fine, transformations: [scale(...fine.map(() => 1))] },
      { shape: coarse, transformations: [scale(...by)] }
    ]);
    expect(image.levels[1].ratio).toEqual(ratio);
    expect(image.notices.map(String)).toEqual([reading(/contradict/)]);
  });
});
