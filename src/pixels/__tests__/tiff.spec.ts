import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ByteLru } from '../../core';
import { ITEM_BYTES, type IArray, type IImage, type INode } from '../../ngff';
import type { IReadableStore } from '../../stores';
import { openTiff } from '../../tiff';
import { sharedPath } from '../../testing/shared';
import {
  folderStore,
  hasPython,
  makeTiffs,
  type IExpectedLevel,
  type IExpectedTiff,
  type ITiffs
} from '../../testing/tiffs';
import { InlineDecoder } from '../decoder';
import { ChunkReader, type IChunkData } from '../reader';

const decoder = new InlineDecoder();

/** All values of an array in C order. */
async function wholeArray(store: IReadableStore, array: IArray): Promise<Uint8Array> {
  const reader = new ChunkReader(store, array, decoder, new ByteLru<IChunkData>(1 << 20));
  const item = ITEM_BYTES[array.dtype];
  const { shape, chunks } = array;
  const out = new Uint8Array(shape.reduce((product, size) => product * size, item));
  const grid = shape.map((size, axis) => Math.ceil(size / chunks[axis]));
  const strides = (sizes: readonly number[]): number[] =>
    sizes.map((_, i) => sizes.slice(i + 1).reduce((a, b) => a * b, item));
  const [to, from] = [strides(shape), strides(chunks)];
  const total = grid.reduce((a, b) => a * b, 1);
  for (let n = 0; n < total; n++) {
    const index = grid.map((size, axis) => Math.floor(n / grid.slice(axis + 1).reduce((a, b) => a * b, 1)) % size);
    const { words } = await reader.chunk(index);
    const data = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    const copy = (axis: number, source: number, target: number): void => {
      const start = index[axis] * chunks[axis];
      const count = Math.min(chunks[axis], shape[axis] - start);
      if (axis === shape.length - 1) {
        out.set(data.subarray(source, source + count * item), target + start * item);
        return;
      }
      for (let i = 0; i < count; i++) {
        copy(axis + 1, source + i * from[axis], target + (start + i) * to[axis]);
      }
    };
    copy(0, 0, 0);
  }
  return out;
}

function axesOf({ axes, at }: IImage): string {
  return axes
    .map((_, i) => (i === at.t ? 't' : i === at.z ? 'z' : i === at.y ? 'y' : i === at.x ? 'x' : i > at.x ? 's' : 'c'))
    .join('');
}

function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

/** What is wrong with a level; '' where it is exact. */
async function compare(
  store: IReadableStore,
  image: IImage,
  level: number,
  expected: IExpectedLevel,
  tolerance: number
): Promise<string> {
  const { array } = image.levels[level];
  const found = `${axesOf(image)} ${array.shape.join('×')} ${array.dtype}`;
  const wanted = `${expected.axes} ${expected.shape.join('×')} ${expected.dtype}`;
  if (found !== wanted) {
    return `is ${found}, not ${wanted}`;
  }
  const bytes = await wholeArray(store, array);
  if (Buffer.compare(bytes, expected.bytes) === 0) {
    return '';
  }
  const most = difference(bytes, expected.bytes);
  return most <= tolerance ? '' : `differs by up to ${most}`;
}

async function nodeOf(store: IReadableStore, key: string, series: number, count: number): Promise<INode> {
  return openTiff(store, key, count > 1 ? series : undefined);
}

/** Differences of all series and levels of a file, and how many levels were compared. */
async function check(store: IReadableStore, expected: IExpectedTiff): Promise<{ faults: string[]; levels: number }> {
  const key = path.basename(expected.file);
  const faults: string[] = [];
  let levels = 0;
  for (const [i, series] of expected.series.entries()) {
    try {
      const node = await nodeOf(store, key, i, expected.series.length);
      if (node.kind !== 'image') {
        faults.push(`${key}/${i} is a ${node.kind}`);
        continue;
      }
      if (node.levels.length !== series.levels.length) {
        faults.push(`${key}/${i} has ${node.levels.length} levels, not ${series.levels.length}`);
      }
      for (const [n, level] of series.levels.entries()) {
        if (n < node.levels.length) {
          const fault = await compare(store, node, n, level, 0);
          levels += 1;
          if (fault !== '') {
            faults.push(`${key}/${i} level ${n} ${fault}`);
          }
        }
      }
    } catch (error) {
      faults.push(`${key}/${i}: ${String(error)}`);
    }
  }
  return { faults, levels };
}

const python = hasPython();

(python ? describe : describe.skip)('TIFF files made by tifffile and libtiff', () => {
  let made: ITiffs;

  beforeAll(() => {
    made = makeTiffs();
  }, 60_000);

  afterAll(() => made.dispose());

  it('are read exactly as tifffile reads them', async () => {
    const store = folderStore(made.folder);
    const results = await Promise.all(made.expected.map(async expected => check(store, expected)));
    expect(results.flatMap(({ faults }) => faults)).toEqual([]);
    expect(results.reduce((sum, { levels }) => sum + levels, 0)).toBeGreaterThan(300);
  }, 60_000);

  it('that are not supported are refused by the name of what they use', async () => {
    const store = folderStore(made.folder);
    const names = readdirSync(made.folder).filter(name => name.startsWith('refused'));
    const messages = await Promise.all(
      names.map(async name =>
        openTiff(store, name).then(
          () => `${name} opened`,
          (error: { code: string; message: string }) =>
            `${name.slice(8, -4)}: ${error.code} ${error.message.replace(/^.*: /, '')}`
        )
      )
    );
    expect(messages.sort()).toEqual([
      'ccitt: UNSUPPORTED TIFF with the compression CCITT group 4.',
      'complex: UNSUPPORTED TIFF with complex samples of 64 bits.',
      'jpeg2000: UNSUPPORTED TIFF with the compression JPEG 2000.',
      'jpegxl: UNSUPPORTED TIFF with the compression JPEG XL.',
      'jpegxr: UNSUPPORTED TIFF with the compression JPEG XR.',
      'lerc: UNSUPPORTED TIFF with the compression LERC.',
      'lzma: UNSUPPORTED TIFF with the compression LZMA.',
      'png: UNSUPPORTED TIFF with the compression PNG.',
      'webp: UNSUPPORTED TIFF with the compression WebP.'
    ]);
  });
});

const shared = sharedPath('data', 'ome-tiff');

(python && shared ? describe : describe.skip)('TIFF files of the sample data', () => {
  it('are read exactly as tifffile reads them', async () => {
    const folders = readdirSync(path.join(shared ?? '', '..'), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.(tiff?|svs)$/i.test(entry.name) && /ome-tiff|viv/.test(entry.parentPath))
      .map(entry => path.join(entry.parentPath, entry.name));
    const read = makeTiffs(folders);
    // tifffile puts an image of several files together only from the file that describes it; we do from each of them.
    const master = read.expected.find(({ file }) => file.endsWith('master/multifile-Z1.ome.tiff'));
    const results = await Promise.all(
      read.expected.map(async ({ file, series }) => {
        const whole = file.includes('/multifile/') ? master?.series : undefined;
        return check(folderStore(path.dirname(file)), { file, series: whole ?? series });
      })
    );
    read.dispose();
    expect(results.flatMap(({ faults }) => faults)).toEqual([]);
    expect(results.reduce((sum, { levels }) => sum + levels, 0)).toBeGreaterThanOrEqual(29);
  }, 60_000);
});
