import { MemoryStore } from '../../stores';
import type { IImage } from '../../ngff';
import { greyTags, tiffBytes, type ITag } from '../../testing/tiffbytes';
import { openTiff } from '..';
import { reading } from '../../testing/reading';

const PLANE = 64; // bytes: 8 × 8 pixels

const described = (value: unknown): ITag => ({ tag: 270, type: 2, values: JSON.stringify(value) });

async function opened(pages: readonly (readonly ITag[])[]): Promise<{ image: IImage; store: MemoryStore }> {
  const made = pages.map(more => greyTags(8, 8, more));
  const store = new MemoryStore({ 'a.tif': tiffBytes(made, new Uint8Array(6 * PLANE)).bytes });
  const image = await openTiff(store, 'a.tif');
  if (image.kind !== 'image') {
    throw new Error(`a ${image.kind}`);
  }
  return { image, store };
}

/** Number of the plane that is read at an index, by its place in the file. */
async function planeAt(
  { image, store }: Awaited<ReturnType<typeof opened>>,
  index: readonly number[]
): Promise<number> {
  const place = await image.levels[0].array.locate?.([...index, 0, 0], store);
  return ((place?.range?.start ?? NaN) - 8) / PLANE;
}

describe('A series with its shape in the description', () => {
  it('has its axes, in the order in which they vary', async () => {
    const strips = [0, 1, 2, 3, 4, 5].map((page): ITag[] => [
      { tag: 273, type: 4, values: [8 + page * PLANE] },
      ...(page === 0 ? [described({ shape: [3, 2, 8, 8], axes: 'ZTYX' })] : [])
    ]);
    const made = await opened(strips);
    expect(made.image.axes.map(({ name }) => name)).toEqual(['t', 'z', 'y', 'x']);
    expect(made.image.levels[0].array.shape).toEqual([2, 3, 8, 8]);
    expect(made.image.notices.map(String)).toEqual([]);
    expect([await planeAt(made, [1, 0]), await planeAt(made, [0, 2])]).toEqual([1, 4]);
  });

  it('has all its planes where only the first one has a directory', async () => {
    const made = await opened([[described({ shape: [2, 3, 8, 8], axes: 'TCYX', truncated: true })]]);
    expect(made.image.levels[0].array.shape).toEqual([2, 3, 8, 8]);
    expect([await planeAt(made, [0, 0]), await planeAt(made, [1, 2])]).toEqual([0, 5]);
    const other = await opened([[described({ shape: [2, 3, 8, 8], axes: 'QWYX', truncated: true })]]);
    expect(other.image.axes.map(({ name }) => name)).toEqual(['z', 'y', 'x']);
    expect(await planeAt(other, [4])).toBe(4);
  });

  it('says so where planes without a directory cannot be found', async () => {
    const packed: ITag = { tag: 259, type: 3, values: [5] };
    const { image } = await opened([[described({ shape: [6, 8, 8], truncated: true }), packed]]);
    expect(image.levels[0].array.shape).toEqual([8, 8]);
    expect(image.notices.map(String)).toEqual([reading(/^The file tells of 6 planes and describes only the first/)]);
  });

  it.each([
    ['another size', { shape: [2, 9, 8], axes: 'ZYX' }],
    ['other planes', { shape: [3, 8, 8], axes: 'ZYX' }],
    ['no shape', { shape: 'shape' }],
    ['no numbers', { shape: [null, 8, 8] }],
    ['planes without end', { shape: [2 ** 31, 2 ** 31, 8, 8], truncated: true }]
  ])('is what its pages are where the description tells of %s', async (_, value) => {
    const { image } = await opened([[described(value)], []]);
    expect(image.levels[0].array.shape).toEqual([2, 8, 8]);
    expect(image.notices.map(String)).toEqual([reading(/^Nothing tells what the 2 pages/)]);
  });
});
