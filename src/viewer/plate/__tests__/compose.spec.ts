import { BioImageError, say } from '../../../core';
import type { IImage } from '../../../ngff';
import type { ILevelSource, IPlaneTile } from '../../../pixels';
import { compose } from '../compose';

const SIDE = 32;
const image = { defaults: { t: 0, z: 0 }, levels: [{ array: { dtype: 'uint8' } }] } as unknown as IImage;
const damaged = new BioImageError('BAD_CHUNK', say`damaged`);

/** Draws an even white plane of one chunk a half; the right half is in the state given. */
function drawn(state: number, more: Partial<IPlaneTile> = {}, absent = Uint8Array.of(0, state)) {
  const tile: IPlaneTile = { words: new Uint8Array(SIDE * SIDE).fill(255), width: SIDE, height: SIDE, absent, maskSize: [2, 1], ...more };
  const level = { width: SIDE, height: SIDE, level: 0, area: () => Promise.resolve(tile) } as unknown as ILevelSource;
  return compose(image, level, [{ index: 0, color: 'FFFFFF', window: [0, 255] }], SIDE, new AbortController().signal);
}

/** Red, green and blue of a half, over all of its pixels. */
function half(data: Uint8ClampedArray, side: 'left' | 'right'): number[][] {
  const found: number[][] = [];
  for (let i = 0; i < SIDE * SIDE; i++) {
    if (i % SIDE < SIDE / 2 === (side === 'left')) {
      found.push([...data.subarray(i * 4, i * 4 + 4)]);
    }
  }
  return found;
}

describe('A picture of a well of which a part', () => {
  it.each([
    ['is damaged', 2, { damaged }, new Set(['219,89,74,255', '64,41,41,255'])],
    ['is absent', 1, {}, new Set(['107,107,107,255', '140,140,140,255'])],
    ['is like the rest', 0, {}, new Set(['255,255,255,255'])]
  ])('%s shows the rest and marks that part', async (_, state, more, colours) => {
    const { data, damaged: flaw } = await drawn(state, more);
    expect(new Set(half(data, 'left').map(String))).toEqual(new Set(['255,255,255,255']));
    expect(new Set(half(data, 'right').map(String))).toEqual(colours);
    expect(flaw).toBe(state === 2 ? damaged : undefined);
  });

  it('fails where no part can be shown, and is absent where there is none', async () => {
    await expect(drawn(2, { damaged }, Uint8Array.of(2, 1))).rejects.toBe(damaged);
    await expect(drawn(1, {}, Uint8Array.of(1, 1))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
