import { openNode, type IArray, type IImage } from '../../ngff';
import { MemoryStore, withTrace, type IReadableStore } from '../../stores';
import { madeValue, makeImage, type IMadeImage } from '../../testing/images';
import { InlineDecoder } from '../decoder';
import { tileSize } from '../levelsource';
import { Pyramid } from '../pyramid';

/** 1303 × 1001 pixels, factors 3 and 4 in y and x, 2 in z; chunks that divide nothing evenly. */
const MADE: IMadeImage = {
  axes: ['c', 'z', 'y', 'x'],
  levels: [
    { path: 's0', shape: [2, 8, 501, 653], chunks: [1, 4, 200, 300], scale: [1, 1, 0.5, 0.5] },
    { path: 's1', shape: [2, 4, 167, 217], chunks: [1, 4, 64, 50], scale: [1, 2, 1.5, 1.5] },
    { path: 's2', shape: [2, 4, 41, 54], chunks: [2, 1, 64, 64], scale: [1, 2, 6, 6] }
  ],
  absent: ['s1/0.0.1.2', 's0/1.1.2.2']
};

interface IBench {
  pyramid: Pyramid;
  image: IImage;
  /** Keys of chunks read from the store. */
  reads: string[];
  /** Decodes done. */
  decodes: () => number;
}

class CountingDecoder extends InlineDecoder {
  count = 0;

  override decode(array: IArray, bytes: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    this.count += 1;
    return super.decode(array, bytes, signal);
  }
}

// Made once: a test changes nothing in it.
const objects = new Map<IMadeImage, Map<string, Uint8Array>>();

async function bench(
  made: IMadeImage = MADE,
  wrap: (store: IReadableStore) => IReadableStore = store => store
): Promise<IBench> {
  const reads: string[] = [];
  const stored = objects.get(made) ?? makeImage(made);
  objects.set(made, stored);
  const traced = withTrace(wrap(new MemoryStore(stored)), {
    started: key => void reads.push(key),
    ended: () => undefined
  });
  const image = await openNode(traced);
  if (image.kind !== 'image') {
    throw new Error(image.kind);
  }
  reads.length = 0;
  const decoder = new CountingDecoder();
  return { pyramid: new Pyramid(image, traced, decoder), image, reads, decodes: () => decoder.count };
}

describe('a pyramid', () => {
  it('draws every tile of every level from the pixels of the formula', async () => {
    const { pyramid, reads } = await bench();
    for (const source of pyramid.levels) {
      const z = 5;
      const zAtLevel = source.level === 0 ? 5 : 2;
      for (let y = 0; y * source.tile[1] < source.height; y++) {
        for (let x = 0; x * source.tile[0] < source.width; x++) {
          const tile = await source.tileAt(x, y, { t: 0, z, c: 1 });
          const [left, top] = [x * source.tile[0], y * source.tile[1]];
          expect([tile.width, tile.height]).toEqual([
            Math.min(source.tile[0], source.width - left),
            Math.min(source.tile[1], source.height - top)
          ]);
          expect(wrongPixels(tile, source.level, [1, zAtLevel, top, left])).toBe(0);
        }
      }
    }
    expect(new Set(reads).size).toBe(reads.length);
  });

  it('places levels by their own scale and offset', async () => {
    const { pyramid } = await bench({
      ...MADE,
      levels: MADE.levels.map((level, i) => ({ ...level, translation: [0, 0, [0, 0.5, 2.75][i], [0, 0.5, 2.75][i]] }))
    });
    // The middle of a block of n pixels lies (n − 1)/2 pixels from the middle of its first: the corners coincide.
    expect(pyramid.levels.map(({ scale, offset }) => [scale, offset])).toEqual([
      [
        [1, 1],
        [0, 0]
      ],
      [
        [3, 3],
        [0, 0]
      ],
      [
        [12, 12],
        [0, 0]
      ]
    ]);
  });

  it('marks chunks that are not there, at the resolution of chunks', async () => {
    const { pyramid } = await bench();
    const tile = await pyramid.levels[1].tileAt(0, 0, { t: 0, z: 0, c: 0 });
    const cell = [tile.width / tile.maskSize[0], tile.height / tile.maskSize[1]];
    expect(cell.every(Number.isInteger)).toBe(true);
    for (let y = 0; y < tile.height; y++) {
      for (let x = 0; x < tile.width; x++) {
        const absent = Math.floor(y / 64) === 1 && Math.floor(x / 50) === 2;
        expect(tile.absent[Math.floor(y / cell[1]) * tile.maskSize[0] + Math.floor(x / cell[0])]).toBe(absent ? 1 : 0);
      }
    }
    const all = await pyramid.levels[0].tileAt(2, 1, { t: 0, z: 7, c: 1 });
    expect([all.maskSize, [...all.absent]]).toEqual([[1, 1], [1]]);
  });

  it('fetches and decodes each chunk once, however the rectangles overlap and however deep in z', async () => {
    const { pyramid, reads, decodes } = await bench();
    const source = pyramid.levels[0];
    const areas = [0, 1, 2, 3].map(i => ({ x0: i * 90, y0: i * 30, x1: i * 90 + 333, y1: i * 30 + 222 }));
    await Promise.all([0, 1, 2, 3].flatMap(z => areas.map(area => source.area(area, { t: 0, z, c: 0 }))));
    expect([reads.length, decodes()]).toEqual([6, 6]);
    for (const z of [3, 2, 1, 0]) {
      await source.tileAt(0, 0, { t: 0, z, c: 0 });
    }
    expect([reads.length, decodes()]).toEqual([6, 6]);
  });

  it('gives exact values from what is decoded, and asks for nothing', async () => {
    const { pyramid, reads } = await bench();
    const source = pyramid.levels[0];
    const at = { t: 0, z: 7, c: 1 };
    expect(source.value(3, 4, at)).toBeUndefined();
    await source.tileAt(0, 0, at);
    await source.tileAt(2, 1, at);
    const before = reads.length;
    expect(source.value(3.7, 4.2, at)).toBe(madeValue(0, [1, 7, 4, 3]));
    expect(source.value(640, 450, at)).toBeNull();
    expect([source.value(-1, 0, at), source.value(653, 0, at), source.value(0, 0, { ...at, z: 0 })]).toEqual([
      undefined,
      undefined,
      undefined
    ]);
    expect(reads.length).toBe(before);
  });

  it('counts what is outstanding', async () => {
    const { pyramid } = await bench();
    const seen: number[] = [];
    const listening = pyramid.onPending(() => seen.push(pyramid.pending));
    const job = pyramid.levels[0].tileAt(0, 0, { t: 0, z: 0, c: 0 });
    // The tile is two chunks high.
    expect(pyramid.pending).toBe(2);
    await job;
    expect([pyramid.pending, seen]).toEqual([0, [1, 2, 1, 0]]);
    listening.dispose();
    await pyramid.levels[0].tileAt(1, 0, { t: 0, z: 0, c: 0 });
    expect(seen).toHaveLength(4);
  });

  it('takes contrast from the coarsest level, once per channel and plane', async () => {
    const { pyramid, reads } = await bench();
    const [low, high] = await pyramid.contrast(0, 0, 0);
    expect(low).toBeLessThan(high);
    expect(reads).toEqual(['s2/0/0/0/0']);
    expect(await pyramid.contrast(0, 0, 0)).toEqual([low, high]);
    expect(reads).toHaveLength(1);
  });

  const ALL: readonly string[] = [0, 1, 2, 3].map(z => `0.${z}.0.0`); // both channels lie in one chunk

  it('takes contrast from a finer level where the coarsest one is not there', async () => {
    const whole = (await bench({ ...MADE, levels: MADE.levels.slice(0, 2) })).pyramid;
    const absent = [...(MADE.absent ?? []), ...ALL.map(chunk => `s2/${chunk}`)];
    const { pyramid } = await bench({ ...MADE, absent });
    expect(await pyramid.contrast(0, 0, 0)).toEqual(await whole.contrast(0, 0, 0));
  });

  it('takes contrast from another plane where its own is nowhere', async () => {
    const levels = MADE.levels.slice(2);
    const absent = ['s2/0.1.0.0'];
    const { pyramid } = await bench({ ...MADE, levels, absent });
    expect(await pyramid.contrast(0, 0, 1)).toEqual(await pyramid.contrast(0, 0, 2));
    const nothing = await bench({ ...MADE, levels, absent: ALL.map(chunk => `s2/${chunk}`) });
    expect(await nothing.pyramid.contrast(0, 0, 1)).toEqual([0, 1]);
  });

  it('stops everything when it is disposed', async () => {
    const { pyramid } = await bench(MADE, hanging);
    const [first, second] = [
      pyramid.levels[0].tileAt(0, 0, { t: 0, z: 0, c: 0 }),
      pyramid.contrast(0, 0, 0, new AbortController().signal)
    ];
    const ends = Promise.all(
      [first, second].map(job =>
        job.then(
          () => 'done',
          (error: Error) => error.name
        )
      )
    );
    pyramid.dispose();
    expect(await ends).toEqual(['AbortError', 'AbortError']);
    await new Promise(resolve => setTimeout(resolve));
    expect(pyramid.pending).toBe(0);
  });

  it('marks a chunk that cannot be read as damaged and draws the others', async () => {
    const { pyramid } = await bench(MADE, store => ({
      name: 'cut',
      get: async (key, options) => (key === 's1/0/0/0/0' ? new Uint8Array(7) : store.get(key, options)),
      getRange: (key, range, options) => store.getRange(key, range, options)
    }));
    const tile = await pyramid.levels[1].tileAt(0, 0, { t: 0, z: 0, c: 0 });
    expect(tile.damaged?.code).toBe('BAD_CHUNK');
    const cell = [tile.width / tile.maskSize[0], tile.height / tile.maskSize[1]];
    expect(tile.absent[0]).toBe(2);
    expect(tile.absent[Math.floor(55 / cell[0])]).toBe(0);
    expect(tile.words[55]).toBe(madeValue(1, [0, 0, 0, 55]));
    expect(pyramid.levels[1].value(3, 3, { t: 0, z: 0, c: 0 })).toBeUndefined();
  });
});

/** A store whose chunks never come. */
function hanging(store: IReadableStore): IReadableStore {
  return {
    name: 'hanging',
    get: (key, options) =>
      /zgroup|zattrs|zarray|zarr.json/.test(key)
        ? store.get(key, options)
        : new Promise((_, reject) =>
            options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error))
          ),
    getRange: (key, range, options) => store.getRange(key, range, options)
  };
}

function wrongPixels(
  tile: { words: ArrayLike<number>; width: number; height: number; absent: Uint8Array; maskSize: [number, number] },
  level: number,
  [c, z, top, left]: number[]
): number {
  const cell = [tile.width / tile.maskSize[0], tile.height / tile.maskSize[1]];
  let wrong = 0;
  for (let y = 0; y < tile.height; y++) {
    for (let x = 0; x < tile.width; x++) {
      const absent = tile.absent[Math.floor(y / cell[1]) * tile.maskSize[0] + Math.floor(x / cell[0])];
      const expected = absent ? 0 : madeValue(level, [c, z, top + y, left + x]);
      wrong += tile.words[y * tile.width + x] === expected ? 0 : 1;
    }
  }
  return wrong;
}

describe('the size of a tile', () => {
  it.each([
    [512, 4000, 512],
    [256, 4000, 256],
    [64, 4000, 512],
    [100, 4000, 500],
    [200, 4000, 400],
    [255, 4000, 510],
    [300, 4000, 300],
    [1024, 4000, 1024],
    [1500, 4000, 750],
    [4096, 4096, 1024],
    [2000, 90, 90],
    [64, 64, 64],
    [1, 1, 1]
  ])('for chunks of %i in %i pixels is %i', (chunk, length, tile) => {
    expect(tileSize(chunk, length)).toBe(tile);
  });
});

describe('the sources for Viv', () => {
  it('speak its interface', async () => {
    const { pyramid } = await bench();
    const [finest, , coarsest] = pyramid.vivSources();
    expect(finest).toMatchObject({
      shape: [2, 8, 501, 653],
      labels: ['c', 'z', 'y', 'x'],
      dtype: 'Uint16',
      tileSize: 256
    });
    expect(finest.meta.physicalSizes).toEqual({
      x: { size: 0.5, unit: 'micrometer' },
      y: { size: 0.5, unit: 'micrometer' },
      z: { size: 1, unit: 'micrometer' }
    });
    const tile = await finest.getTile({ x: 2, y: 1, selection: { c: 1, z: 2 } });
    expect([tile.width, tile.height, tile.data[0]]).toEqual([653 - 2 * 256, 501 - 256, madeValue(0, [1, 2, 256, 512])]);
    const raster = await coarsest.getRaster({ selection: { z: 6 } });
    expect([raster.width, raster.height, raster.data[54 * 40 + 53]]).toEqual([54, 41, madeValue(2, [0, 3, 40, 53])]);
  });
});
