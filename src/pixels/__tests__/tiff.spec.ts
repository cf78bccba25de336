import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ByteLru } from '../../core';
import type { IImage, INode } from '../../ngff';
import type { IReadableStore } from '../../stores';
import { openTiff } from '../../tiff';
import { sharedPath } from '../../testing/shared';
import {
  axesOf,
  folderStore,
  hasPython,
  makeTiffs,
  wholeArray,
  type IExpectedLevel,
  type IExpectedTiff,
  type ITiffs
} from '../../testing/tiffs';
import { InlineDecoder } from '../decoder';
import { ChunkReader, type IChunkData } from '../reader';

const decoder = new InlineDecoder();

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
  const bytes = await wholeArray(new ChunkReader(store, array, decoder, new ByteLru<IChunkData>(1 << 20)));
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
    await expect(openTiff(store, 'refused-complex.tif')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('TIFF with complex samples of 64 bits')
    });
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
