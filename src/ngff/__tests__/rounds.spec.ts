import { MemoryStore, withCache } from '../../stores';
import type { IReadableStore } from '../../stores';
import { indexAtLevel, openNode } from '..';
import type { IImage } from '..';
import { BARE_STACK, DELAY, DistantStore, FLAT, imageStore, json, LAYOUTS, STACK } from './distant';
import type { ILayout, IShape } from './distant';
import { reading } from '../../testing/reading';

/** Keys of what the first view of the coarsest level needs. */
function firstView(image: IImage): string[] {
  const { array, index } = image.levels[image.levels.length - 1];
  const plane = (axis: 't' | 'z'): number => indexAtLevel(image, index, axis, image.defaults[axis]) ?? 0;
  const wanted = array.shape.map((size, i) => {
    const count = Math.ceil(size / array.chunks[i]);
    const { t, c, z } = image.at;
    return i === t
      ? [Math.floor(plane('t') / array.chunks[i])]
      : i === z
        ? [Math.floor(plane('z') / array.chunks[i])]
        : i === c
          ? [
              ...new Set(
                image.channels
                  .filter(({ active }) => active)
                  .map(channel => Math.floor(channel.index / array.chunks[i]))
              )
            ]
          : Array.from({ length: count }, (_, at) => at);
  });
  const chunks = wanted.reduce<number[][]>((made, list) => made.flatMap(head => list.map(at => [...head, at])), [[]]);
  return [...new Set(chunks.map(chunk => array.objectKey(chunk)))];
}

interface IOpened {
  distant: DistantStore;
  /** Round in which the coarsest level's own document and chunks are there. */
  coarsest: number;
  /** Round in which every document is there as well. */
  all: number;
}

async function open(
  layout: ILayout,
  image: IShape,
  width: number,
  expected?: Parameters<typeof openNode>[2]
): Promise<IOpened> {
  const distant = new DistantStore(imageStore(layout, image), width);
  const cached = withCache(distant, 1 << 24);
  const node = await openNode(cached, undefined, expected);
  if (node.kind !== 'image') {
    throw new Error(node.kind);
  }
  const wanted = firstView(node);
  const chunks = await Promise.all(wanted.map(key => cached.get(key)));
  expect(chunks.every(bytes => bytes !== undefined)).toBe(true);
  const { path } = node.levels[node.levels.length - 1];
  const own = [...wanted, `${path}/${layout.format === 2 ? '.zarray' : 'zarr.json'}`];
  return { distant, coarsest: distant.roundOf(own), all: distant.rounds };
}

const PLAIN_FLAT: IShape = { ...FLAT, shape: [3, 1024, 1024], levels: 3, omero: undefined };

/** Rounds of each layout: v2 `0`, `s0`, `scale0`, then v3. */
const TABLE: [string, IShape, number, number[], number[]?][] = [
  ['2-D, 3 channels, 4 levels; 6 connections', FLAT, 6, [2, 2, 2, 2, 2, 2], [2, 2, 3, 2, 2, 3]],
  ['2-D, 3 channels, 6 levels; 6 connections', { ...FLAT, levels: 6 }, 6, [2, 2, 2, 2, 2, 2], [3, 3, 3, 3, 3, 3]],
  ['2-D, 3 channels, 4 levels; HTTP/2', FLAT, 1000, [2, 2, 2, 2, 2, 2]],
  ['2-D, 3 channels, 3 levels; 6 connections', { ...FLAT, shape: [3, 1024, 1024], levels: 3 }, 6, [2, 2, 2, 2, 2, 2]],
  ['2-D, channels not listed, 3 levels; 6 connections', PLAIN_FLAT, 6, [2, 2, 2, 2, 2, 2]],
  ['stack, default plane named; 6 connections', STACK, 6, [2, 2, 2, 2, 2, 2]],
  ['stack, default plane named; HTTP/2', STACK, 1000, [2, 2, 2, 2, 2, 2]],
  ['stack without omero; 6 connections', BARE_STACK, 6, [2, 2, 3, 2, 2, 3]],
  ['stack without omero; HTTP/2', BARE_STACK, 1000, [2, 2, 3, 2, 2, 3]]
];

/** As the image beside has been found. */
const beside = ({ format, name }: ILayout, levels: number): Parameters<typeof openNode>[2] => ({
  expected: { zarrFormat: format, levels: Array.from({ length: levels }, (_, k) => `${name.slice(0, -1)}${k}`) }
});

describe('rounds until the coarsest level is there', () => {
  it.each(TABLE)('%s', async (text, image, width, coarsest, all = coarsest) => {
    const opened = await Promise.all(LAYOUTS.map(layout => open(layout, image, width)));
    const lines = LAYOUTS.map(({ format, name }, i) => {
      const { log } = opened[i].distant;
      const absent = log.filter(entry => entry.absent).length;
      return `  v${format} ${name}: coarsest level after ${opened[i].coarsest} rounds, all documents after ${opened[i].all}; ${log.length} requests, ${absent} of them 404`;
    });
    console.info([text, ...lines].join('\n'));
    expect(opened.map(result => result.coarsest)).toEqual(coarsest);
    expect(opened.map(result => result.all)).toEqual(all);
  });

  it.each([
    ['stack without omero', BARE_STACK, [2, 2, 2, 2, 2, 2]],
    ['stack without omero, 4 levels', { ...BARE_STACK, levels: 4 }, [2, 2, 2, 2, 2, 2]],
    ['2-D, 3 channels, 6 levels', { ...FLAT, levels: 6 }, [2, 2, 2, 2, 2, 2]],
    ['one level', { ...FLAT, shape: [3, 512, 512], levels: 1 }, [2, 2, 2, 2, 2, 2]]
  ])('is two where an image of the same layout was opened before: %s', async (_, image, expected) => {
    const opened = await Promise.all(LAYOUTS.map(layout => open(layout, image, 6, beside(layout, image.levels))));
    expect(opened.map(({ all }) => all)).toEqual(expected);
    expect(opened.map(({ distant }) => distant.log.filter(({ round }) => round === 1).length)).toEqual(
      LAYOUTS.map(() => 6)
    );
  });

  it.each([
    ['the other format, levels 0', { format: 2, name: '0' }, { format: 3, name: '0' }, 2],
    ['fewer levels', { format: 3, name: 'scale0' }, { format: 3, name: 'scale0' }, 2],
    ['another name', { format: 2, name: 'scale0' }, { format: 2, name: 's0' }, 3]
  ] as [string, ILayout, ILayout, number][])('takes an expectation that is wrong: %s', async (_, was, is, rounds) => {
    const { all } = await open(is, BARE_STACK, 6, beside(was, 5));
    expect(all).toBe(rounds);
  });

  it('is two where level 0 answers late, without guessing at planes', async () => {
    const distant = new DistantStore(imageStore({ format: 3, name: '0' }, BARE_STACK), 6);
    const late: IReadableStore = {
      name: 'late level 0',
      get: async (key, options) => {
        const bytes = await distant.get(key, options);
        await new Promise(resolve => setTimeout(resolve, key === '0/zarr.json' ? DELAY / 2 : 0));
        return bytes;
      },
      getRange: distant.getRange.bind(distant)
    };
    await openNode(withCache(late, 1 << 24));
    await new Promise(resolve => setTimeout(resolve, DELAY));
    const chunks = distant.log.filter(({ key }) => key.includes('/c/'));
    expect(chunks.map(({ key, round }) => [key, round]).sort()).toEqual([
      ['2/c/0/0/16/0/0', 2],
      ['2/c/0/1/16/0/0', 2]
    ]);
  });

  it('is two for a sharded image, whose coarsest shard is asked for whole and then read in parts', async () => {
    const { distant, all } = await open({ format: 3, name: '0' }, { ...FLAT, sharded: true }, 6);
    expect(all).toBe(2);
    const slow: IReadableStore = {
      name: 'slow shards',
      get: async (key, options) => {
        await new Promise(resolve => setTimeout(resolve, key.startsWith('3/c/') ? 2 * DELAY : 0));
        return distant.get(key, options);
      },
      getRange: async (key, range) => distant.getRange(key, range)
    };
    const cached = withCache(slow, 1 << 24);
    await openNode(cached);
    expect(await cached.getRange('3/c/0/0/0', { suffix: 20 })).toBeDefined();
    expect(distant.log.filter(({ key }) => key === '3/c/0/0/0')).toHaveLength(2); // once by each of the two openings
  });

  it("uses consolidated metadata to guess, and the arrays' own to read", async () => {
    const layout: ILayout = { format: 3, name: 'deep/0' };
    const memory = imageStore(layout, { ...BARE_STACK, chunks: [1, 1, 4, 128, 128] });
    const root = JSON.parse(new TextDecoder().decode(await memory.get('zarr.json')));
    const coarsest = JSON.parse(new TextDecoder().decode(await memory.get('deep/2/zarr.json')));
    root.consolidated_metadata = {
      kind: 'inline',
      metadata: { 'deep/2': coarsest, __proto__: 1, 'deep/0': { shape: [1] } }
    };
    const changed: IReadableStore = {
      name: 'consolidated',
      get: async key => (key === 'zarr.json' ? json(root) : memory.get(key)),
      getRange: memory.getRange.bind(memory)
    };
    const distant = new DistantStore(changed, 1000);
    const node = (await openNode(withCache(distant, 1 << 24))) as IImage;
    expect(node.levels[0].array.shape).toEqual([4, 2, 32, 1024, 1024]);
    const asked = distant.log.map(({ key }) => key);
    expect(firstView(node).filter(key => !asked.includes(key))).toEqual([]);
    expect(distant.rounds).toBe(2);
  });

  it('never asks for more than six things at once before anything is known', async () => {
    const { distant } = await open({ format: 2, name: '0' }, FLAT, 1000);
    expect(distant.log.filter(({ round }) => round === 1)).toHaveLength(6);
  });

  it('is one for a plate', async () => {
    const plate = {
      rows: [{ name: 'A' }],
      columns: [{ name: '1' }],
      wells: [{ path: 'A/1', rowIndex: 0, columnIndex: 0 }]
    };
    const distant = new DistantStore(new MemoryStore({ '.zattrs': json({ plate }) }), 6);
    expect(await openNode(withCache(distant, 1 << 20))).toMatchObject({ kind: 'plate', wells: [{ name: 'A1' }] });
    expect(distant.rounds).toBe(1);
  });

  it('reads nothing ahead where there is no cache', async () => {
    const distant = new DistantStore(imageStore({ format: 3, name: '0' }, FLAT), 6);
    await openNode(distant, undefined, { speculate: false });
    expect(distant.log.map(({ key }) => key).sort()).toEqual([
      '.zattrs',
      '0/zarr.json',
      '1/zarr.json',
      '2/zarr.json',
      '3/zarr.json',
      'zarr.json'
    ]);
  });

  it('takes the reason of a signal that fires meanwhile, and leaves nothing running', async () => {
    const distant = new DistantStore(imageStore({ format: 3, name: '0' }, FLAT), 6);
    const controller = new AbortController();
    const reason = new Error('left');
    setTimeout(() => controller.abort(reason), DELAY * 1.5);
    await expect(openNode(withCache(distant, 1 << 24), controller.signal)).rejects.toBe(reason);
    const before = distant.log.length;
    await new Promise(resolve => setTimeout(resolve, DELAY * 2));
    expect(distant.log).toHaveLength(before);
  });

  it('does not mind what it read ahead in vain', async () => {
    const memory = imageStore({ format: 3, name: '0' }, FLAT);
    const failing: IReadableStore = {
      name: 'failing',
      get: async key => {
        if (key.includes('/c/')) {
          throw new Error('broken');
        }
        return memory.get(key);
      },
      getRange: async (key, range) => memory.getRange(key, range)
    };
    expect(await openNode(failing)).toMatchObject({ kind: 'image' });
  });

  it('fails for a level whose document cannot be read, and knows it from an absent one', async () => {
    const memory = imageStore({ format: 3, name: '0' }, FLAT);
    const broken = (answer: () => Promise<undefined>): IReadableStore => ({
      name: 'broken',
      get: async key => (key === '2/zarr.json' ? answer() : memory.get(key)),
      getRange: async (key, range) => memory.getRange(key, range)
    });
    await expect(openNode(broken(() => Promise.reject(new Error('down'))))).rejects.toThrow('down');
    expect(await openNode(broken(async () => undefined))).toMatchObject({
      levels: [{ path: '0' }, { path: '1' }, { path: '3' }],
      notices: [reading('Level 2')]
    });
  });

  it('lets a failing probe of one format pass where the other is there', async () => {
    const memory = imageStore({ format: 2, name: '0' }, FLAT);
    const store: IReadableStore = {
      name: 'without CORS on 404',
      get: async key => (await memory.get(key)) ?? Promise.reject(new Error('network')),
      getRange: async (key, range) => memory.getRange(key, range)
    };
    expect(await openNode(store)).toMatchObject({ kind: 'image', zarrFormat: 2 });
  });
});
