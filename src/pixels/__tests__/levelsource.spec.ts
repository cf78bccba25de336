import { imageOf } from '../../ngff/__tests__/made';
import { LevelSource } from '../levelsource';
import type { ChunkReader } from '../reader';

const scale = (...by: number[]): Record<string, unknown> => ({ type: 'scale', scale: by });

describe('a level that does not reach a plane', () => {
  // Planes 2 and 3 of 6; a reader that is asked for anything would throw.
  const image = imageOf('zyx', [
    { shape: [6, 40, 60], transformations: [scale(1, 1, 1)] },
    { shape: [2, 20, 30], transformations: [scale(1, 2, 2), { type: 'translation', translation: [2, 0.5, 0.5] }] }
  ]);
  const [, level] = image.levels;
  const source = new LevelSource(image, level, { array: level.array } as unknown as ChunkReader);

  it.each([0, 1, 4, 5])('has no data at plane %p', async z => {
    const tile = await source.tileAt(0, 0, { t: 0, c: 0, z });
    expect(tile).toMatchObject({ width: 30, height: 20, absent: Uint8Array.of(1), maskSize: [1, 1] });
    expect(tile.words).toEqual(new Uint8Array(600));
    expect(tile.damaged).toBeUndefined();
    expect(source.value(3, 4, { t: 0, c: 0, z })).toBeNull();
  });

  it('is read where it does', () => {
    expect(() => source.value(3, 4, { t: 0, c: 0, z: 2 })).toThrow(TypeError);
  });
});
