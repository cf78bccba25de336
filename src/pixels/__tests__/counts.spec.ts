import { openNode, type IArray } from '../../ngff';
import { MemoryStore, openZip, withCache, withTrace, type ByteRange, type IReadableStore } from '../../stores';
import { boxes, madeValue } from '../../testing/images';
import { zipOf } from '../../testing/zips';
import { InlineDecoder } from '../decoder';
import { Pyramid } from '../pyramid';

/** One layout of an image of one level, and of a second of half the size. */
interface ILayout {
  readonly name: string;
  readonly format: 2 | 3;
  /** z, y, x. */
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  /** Inner chunks along each axis of one shard. */
  readonly perShard?: readonly number[];
  readonly archive?: boolean;
}

const SHAPE = [130, 1100, 1300];

const LAYOUTS: readonly ILayout[] = ([2, 3, 'sharded', 'sharded in a zip'] as const).flatMap(form => {
  const shard = { perShard: [1, 2, 2], archive: form === 'sharded in a zip' };
  const more = typeof form === 'number' ? { format: form } : { format: 3 as const, ...shard };
  const named = typeof form === 'number' ? `v${form}` : form;
  return [
    { name: `${named}, 512 px`, shape: [3, ...SHAPE.slice(1)], chunks: [1, 512, 512], ...more },
    { name: `${named}, 1000 px`, shape: [3, ...SHAPE.slice(1)], chunks: [1, 1000, 1000], ...more },
    { name: `${named}, 64 deep`, shape: [130, 300, 200], chunks: [64, 128, 128], ...more }
  ];
});

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Half of an axis, but for z. */
const halved = (shape: readonly number[]): number[] => shape.map((size, axis) => (axis === 0 ? size : size >> 1));

function documentOf({ format, shape, chunks, perShard }: ILayout): unknown {
  if (format === 2) {
    const more = { filters: null, compressor: null, order: 'C', fill_value: 0, dimension_separator: '/' };
    return { zarr_format: 2, shape, chunks, dtype: '<u2', ...more };
  }
  const bytes = { name: 'bytes', configuration: { endian: 'little' } };
  const configuration = { chunk_shape: chunks, codecs: [bytes], index_codecs: [bytes] };
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: 'uint16',
    fill_value: 0,
    chunk_grid: {
      name: 'regular',
      configuration: { chunk_shape: perShard ? chunks.map((size, axis) => size * perShard[axis]) : chunks }
    },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    codecs: perShard ? [{ name: 'sharding_indexed', configuration }] : [bytes]
  };
}

/** Pixels are the address of their row: cheap to make, and enough to find a chunk that stands in for another. */
function chunkOf(level: number, chunks: readonly number[], at: readonly number[]): Uint8Array {
  const words = new Uint16Array(chunks.reduce((product, size) => product * size, 1));
  const [rows, width] = [chunks[0] * chunks[1], chunks[2]];
  for (let row = 0; row < rows; row++) {
    const [z, y] = [at[0] * chunks[0] + Math.floor(row / chunks[1]), at[1] * chunks[1] + (row % chunks[1])];
    words.fill(madeValue(level, [z, y, at[2]]), row * width, (row + 1) * width);
  }
  return new Uint8Array(words.buffer);
}

function shardOf(level: number, layout: ILayout, at: readonly number[], count: readonly number[]): Uint8Array {
  const perShard = layout.perShard ?? [1, 1, 1];
  const inner = boxes(perShard).map(index => index.map((value, axis) => at[axis] * perShard[axis] + value));
  const parts = inner.map(index =>
    index.every((value, axis) => value < count[axis]) ? chunkOf(level, layout.chunks, index) : null
  );
  const body = parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
  const out = new Uint8Array(body + 16 * parts.length);
  const index = new DataView(out.buffer, body);
  let offset = 0;
  parts.forEach((part, i) => {
    index.setBigUint64(16 * i, part ? BigInt(offset) : 2n ** 64n - 1n, true);
    index.setBigUint64(16 * i + 8, part ? BigInt(part.length) : 2n ** 64n - 1n, true);
    out.set(part ?? [], offset);
    offset += part?.length ?? 0;
  });
  return out;
}

function objectsOf(layout: ILayout): Map<string, Uint8Array> {
  const { format, perShard, chunks } = layout;
  const objects = new Map<string, Uint8Array>();
  const axes = ['z', 'y', 'x'].map(name => ({ name, type: 'space' }));
  const datasets = [0, 1].map(k => ({
    path: `${k}`,
    coordinateTransformations: [{ type: 'scale', scale: [1, 1 << k, 1 << k] }]
  }));
  const multiscales = [{ version: format === 2 ? '0.4' : undefined, axes, datasets }];
  if (format === 2) {
    objects.set('.zgroup', json({ zarr_format: 2 })).set('.zattrs', json({ multiscales }));
  } else {
    const attributes = { ome: { version: '0.5', multiscales } };
    objects.set('zarr.json', json({ zarr_format: 3, node_type: 'group', attributes }));
  }
  [layout.shape, halved(layout.shape)].forEach((shape, level) => {
    objects.set(`${level}/${format === 2 ? '.zarray' : 'zarr.json'}`, json(documentOf({ ...layout, shape })));
    const count = shape.map((size, axis) => Math.ceil(size / chunks[axis]));
    const shards = perShard ? count.map((size, axis) => Math.ceil(size / perShard[axis])) : count;
    for (const at of boxes(shards)) {
      const key = `${level}/${format === 2 ? at.join('/') : ['c', ...at].join('/')}`;
      objects.set(key, perShard ? shardOf(level, layout, at, count) : chunkOf(level, chunks, at));
    }
  });
  return objects;
}

class CountingDecoder extends InlineDecoder {
  count = 0;

  override decode(array: IArray, bytes: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    this.count += 1;
    return super.decode(array, bytes, signal);
  }
}

interface IView {
  readonly level: number;
  readonly z: number;
  /** Of the corner, and the size, in pixels of the level. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** Panning, zooming and going through a deep chunk, with steps back. */
function views({ shape, chunks }: ILayout): IView[] {
  const size = Math.min(400, shape[2] >> 1);
  const path = Array.from({ length: 12 }, (_, i) => ({ level: 0, z: 0, x: i * 37, y: i * 29, size }));
  const zoom = [1, 0, 1, 0, 0].map(level => ({ level, z: 1, x: 20, y: 20, size: size >> level }));
  const depth = Math.min(shape[0], chunks[0] + 6);
  const through = Array.from({ length: depth }, (_, z) => ({ level: 0, z, x: 100, y: 100, size: size >> 1 }));
  return [...path, ...[...path].reverse(), ...zoom, ...through, ...[...through].reverse()];
}

const rows: string[] = [];

describe('chunks fetched, decoded and needed', () => {
  afterAll(() => console.info(['layout: needed, fetched, decoded, ratio', ...rows].join('\n')));

  it.each(LAYOUTS.map(layout => [layout.name, layout] as const))('are as many: %s', async (name, layout) => {
    const objects = objectsOf(layout);
    const source: IReadableStore = layout.archive
      ? (await openZip(new MemoryStore({ 'a.zip': zipOf(objects) }), 'a.zip')).store
      : new MemoryStore(objects);
    const fetched = new Map<string, number>();
    const counted = withTrace(source, {
      started: (key: string, range?: ByteRange) => {
        // A chunk is an object, or an explicit range of a shard; its index is a read from the end.
        if (/^\d\/(c\/)?\d/.test(key) && !(range && 'suffix' in range)) {
          const id = range ? `${key} ${range.start}` : key;
          fetched.set(id, (fetched.get(id) ?? 0) + 1);
        }
      },
      ended: () => undefined
    });
    // The cache of encoded bytes is small here, so that it hides nothing.
    const image = await openNode(withCache(counted, 1 << 12), undefined, { speculate: false });
    if (image.kind !== 'image') {
      throw new Error(image.kind);
    }
    const decoder = new CountingDecoder();
    const pyramid = new Pyramid(image, withCache(counted, 1 << 12), decoder, 256 << 20);
    const needed = new Set<string>();
    let wrong = 0;
    for (const { level, z, x, y, size } of views(layout)) {
      const { chunks } = image.levels[level].array;
      const tiles = pyramid.levels[level];
      const [x1, y1] = [Math.min(x + size, tiles.width), Math.min(y + size, tiles.height)];
      // As the tile set asks: by whole tiles, several at once.
      const [across, down] = tiles.tile;
      const jobs: Promise<void>[] = [];
      for (let row = Math.floor(y / down); row * down < y1; row++) {
        for (let column = Math.floor(x / across); column * across < x1; column++) {
          const [left, top] = [column * across, row * down];
          const right = Math.min(left + across, tiles.width);
          const bottom = Math.min(top + down, tiles.height);
          for (let cy = Math.floor(top / chunks[1]); cy * chunks[1] < bottom; cy++) {
            for (let cx = Math.floor(left / chunks[2]); cx * chunks[2] < right; cx++) {
              needed.add(`${level} ${Math.floor(z / chunks[0])} ${cy} ${cx}`);
            }
          }
          const job = tiles.tileAt(column, row, { t: 0, z, c: 0 }).then(tile => {
            const told = tile.words[tile.words.length - 1];
            const last = [z, bottom - 1, Math.floor((right - 1) / chunks[2])];
            wrong += tile.damaged || told !== madeValue(level, last) ? 1 : 0;
          });
          jobs.push(job);
        }
      }
      await Promise.all(jobs);
    }
    const total = [...fetched.values()].reduce((sum, count) => sum + count, 0);
    rows.push(`${name}: ${needed.size}, ${total}, ${decoder.count}, ${(total / needed.size).toFixed(2)}`);
    expect(wrong).toBe(0);
    expect(decoder.count).toBe(needed.size);
    expect(total / needed.size).toBeLessThanOrEqual(1.05);
    expect(total / needed.size).toBeGreaterThanOrEqual(1);
  });
});
