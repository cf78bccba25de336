import { throwIfAborted } from '../../core';
import { MemoryStore, withCache } from '../../stores';
import type { ByteRange, IReadableStore, IReadOptions } from '../../stores';
import { indexAtLevel, openNode } from '..';
import type { IImage } from '..';

/** Delay of every answer in ms; longer than a computer takes between two rounds, short enough for many of them. */
const DELAY = 60;

/**
 * A store as a browser sees it: every answer takes its time, `width` requests run at once (HTTP/1.1: 6 to a host), the
 * rest waits in the order of asking. A request's round is one more than that of the latest answer before it went out.
 */
class DistantStore implements IReadableStore {
  readonly name = 'distant';
  readonly log: { key: string; round: number; absent: boolean }[] = [];
  private readonly _queue: (() => void)[] = [];
  private _running = 0;
  private _answered = 0;

  constructor(
    private readonly _store: IReadableStore,
    private readonly _width: number
  ) {}

  get rounds(): number {
    return Math.max(...this.log.map(({ round }) => round));
  }

  /** Round of the latest of these keys. */
  roundOf(keys: readonly string[]): number {
    return Math.max(...this.log.filter(({ key }) => keys.includes(key)).map(({ round }) => round));
  }

  async get(key: string, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._ask(key, () => this._store.get(key), options.signal);
  }

  async getRange(key: string, range: ByteRange, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._ask(key, () => this._store.getRange(key, range), options.signal);
  }

  private async _ask(
    key: string,
    read: () => Promise<Uint8Array | undefined>,
    signal?: AbortSignal
  ): Promise<Uint8Array | undefined> {
    if (this._running >= this._width) {
      await new Promise<void>(resolve => this._queue.push(resolve));
    }
    this._running += 1;
    const round = this._answered + 1;
    try {
      throwIfAborted(signal);
      await new Promise(resolve => setTimeout(resolve, DELAY));
      throwIfAborted(signal);
      const bytes = await read();
      this.log.push({ key, round, absent: bytes === undefined });
      return bytes;
    } finally {
      this._answered = Math.max(this._answered, round);
      this._running -= 1;
      this._queue.shift()?.();
    }
  }
}

interface ILayout {
  format: 2 | 3;
  name: string;
}

interface IShape {
  axes: string;
  shape: number[];
  chunks: number[];
  levels: number;
  omero?: Record<string, unknown>;
  sharded?: boolean;
}

const LAYOUTS: ILayout[] = ([2, 3] as const).flatMap(format => ['0', 's0', 'scale0'].map(name => ({ format, name })));

const CHANNELS = { channels: ['DNA', 'actin', 'tubulin'].map(label => ({ label })) };
const FLAT: IShape = { axes: 'cyx', shape: [3, 2048, 2048], chunks: [1, 512, 512], levels: 4, omero: CHANNELS };
const STACK: IShape = {
  axes: 'tczyx',
  shape: [4, 2, 32, 1024, 1024],
  chunks: [1, 1, 1, 256, 256],
  levels: 3,
  omero: { ...CHANNELS, channels: CHANNELS.channels.slice(0, 2), rdefs: { defaultZ: 12 } }
};
const BARE_STACK: IShape = { ...STACK, omero: undefined };

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function arrayDocument(format: 2 | 3, shape: number[], { chunks, sharded }: IShape): unknown {
  if (format === 2) {
    return {
      zarr_format: 2,
      shape,
      chunks,
      dtype: '<u2',
      fill_value: 0,
      order: 'C',
      filters: null,
      compressor: null,
      dimension_separator: '/'
    };
  }
  const bytes = { name: 'bytes', configuration: { endian: 'little' } };
  const outer = chunks.map((size, i) => (i < chunks.length - 2 ? size : Math.ceil(shape[i] / size) * size));
  const sharding = {
    name: 'sharding_indexed',
    configuration: { chunk_shape: chunks, codecs: [bytes], index_codecs: [bytes, { name: 'crc32c' }] }
  };
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: 'uint16',
    chunk_grid: { name: 'regular', configuration: { chunk_shape: sharded ? outer : chunks } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: 0,
    codecs: sharded ? [sharding] : [bytes],
    attributes: {}
  };
}

/** An image whose levels halve in y and x, with a byte in every chunk of every level. */
function imageStore({ format, name }: ILayout, image: IShape): MemoryStore {
  const objects = new Map<string, Uint8Array>();
  const prefix = name.slice(0, -1);
  const datasets = Array.from({ length: image.levels }, (_, k) => ({
    path: `${prefix}${k}`,
    coordinateTransformations: [
      { type: 'scale', scale: [...image.axes].map(axis => ('yx'.includes(axis) ? 2 ** k : 1)) }
    ]
  }));
  const axes = [...image.axes].map(axis => ({
    name: axis,
    type: axis === 't' ? 'time' : axis === 'c' ? 'channel' : 'space'
  }));
  const attributes = {
    multiscales: [{ version: format === 2 ? '0.4' : undefined, axes, datasets }],
    omero: image.omero
  };
  objects.set('.zgroup', json({ zarr_format: 2 }));
  if (format === 3) {
    objects.clear();
    objects.set(
      'zarr.json',
      json({ zarr_format: 3, node_type: 'group', attributes: { ome: { version: '0.5', ...attributes } } })
    );
  } else {
    objects.set('.zattrs', json(attributes));
  }
  datasets.forEach(({ path }, k) => {
    const shape = image.shape.map((size, i) => ('yx'.includes(image.axes[i]) ? size / 2 ** k : size));
    objects.set(`${path}/${format === 2 ? '.zarray' : 'zarr.json'}`, json(arrayDocument(format, shape, image)));
    const grid = shape.map((size, i) => Math.ceil(size / image.chunks[i]));
    const whole = grid.reduce<number[][]>(
      (made, count) => made.flatMap(head => Array.from({ length: count }, (_, i) => [...head, i])),
      [[]]
    );
    whole.forEach(chunk => objects.set([path, ...(format === 3 ? ['c'] : []), ...chunk].join('/'), Uint8Array.of(1)));
  });
  return new MemoryStore(objects);
}

/** Keys of what the first view of the coarsest level needs. */
function firstView(image: IImage): string[] {
  const { array, index } = image.levels[image.levels.length - 1];
  const plane = (axis: 't' | 'z'): number => indexAtLevel(image, index, axis, image.defaults[axis]);
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

async function open(layout: ILayout, image: IShape, width: number): Promise<IOpened> {
  const distant = new DistantStore(imageStore(layout, image), width);
  const cached = withCache(distant, 1 << 24);
  const node = await openNode(cached);
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

/** Rounds of each layout: v2 `0`, `s0`, `scale0`, then v3. */
const TABLE: [string, IShape, number, number[], number[]?][] = [
  ['2-D, 3 channels, 4 levels; 6 connections', FLAT, 6, [2, 2, 2, 2, 2, 2], [2, 2, 3, 2, 2, 3]],
  ['2-D, 3 channels, 6 levels; 6 connections', { ...FLAT, levels: 6 }, 6, [2, 2, 2, 2, 2, 2], [3, 3, 3, 3, 3, 3]],
  ['2-D, 3 channels, 4 levels; HTTP/2', FLAT, 1000, [2, 2, 2, 2, 2, 2]],
  ['2-D, 3 channels, 3 levels; 6 connections', { ...FLAT, shape: [3, 1024, 1024], levels: 3 }, 6, [2, 2, 2, 2, 2, 2]],
  ['stack, default plane named; 6 connections', STACK, 6, [2, 2, 2, 2, 2, 2]],
  ['stack, default plane named; HTTP/2', STACK, 1000, [2, 2, 2, 2, 2, 2]],
  ['stack without omero; 6 connections', BARE_STACK, 6, [2, 2, 3, 2, 2, 3]],
  ['stack without omero; HTTP/2', BARE_STACK, 1000, [2, 2, 3, 2, 2, 3]]
];

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

  it('is two for a sharded image whose coarsest shard is asked for whole', async () => {
    const { all } = await open({ format: 3, name: '0' }, { ...FLAT, sharded: true }, 6);
    expect(all).toBe(2);
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
      notices: [expect.stringContaining('Level 2')]
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
