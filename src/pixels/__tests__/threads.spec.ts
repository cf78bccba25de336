import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import Blosc from 'numcodecs/blosc';
import { isAbort, type BioImageError } from '../../core';
import { readArray } from '../../ngff';
import { MemoryStore } from '../../stores';
import { greyTags, tiffBytes, type ITag } from '../../testing/tiffbytes';
import { openTiff } from '../../tiff';
import { DecodePool, type IPoolWorker } from '../pool';
import type { Request } from '../protocol';

const SIDE = 256;
const ARRAY = readArray('', {
  zarr_format: 2,
  shape: [SIDE, SIDE],
  chunks: [SIDE, SIDE],
  dtype: '<u2',
  fill_value: 0,
  order: 'C',
  filters: null,
  compressor: { id: 'blosc', cname: 'zstd', clevel: 3, shuffle: 1, blocksize: 0 }
});

let folder: string;
let started = 0;
/** Decodes sent to threads. */
let posted = 0;

/** A thread of Node where the pool expects a worker of a browser. */
function startThread(): IPoolWorker {
  started += 1;
  const thread = new Thread(path.join(folder, 'bundle.cjs'));
  const worker: IPoolWorker = {
    onmessage: null,
    onerror: null,
    postMessage(message: Request, transfer?: unknown) {
      posted += message.type === 'decode' ? 1 : 0;
      thread.postMessage(message, transfer as ArrayBuffer[]);
    },
    terminate: () => void thread.terminate()
  };
  thread.on('message', (data: unknown) => {
    worker.onmessage?.call(worker as Worker, new MessageEvent('message', { data }));
  });
  thread.on('error', error => {
    worker.onerror?.call(worker as Worker, { message: error.message } as ErrorEvent);
  });
  return worker;
}

function plane(seed: number): Uint8Array {
  return new Uint8Array(Uint16Array.from({ length: SIDE * SIDE }, (_, i) => (i * 37 + seed * 1009) ^ (i >>> 5)).buffer);
}

const encode = (bytes: Uint8Array): Promise<Uint8Array> =>
  Promise.resolve(Blosc.fromConfig({ id: 'blosc', cname: 'zstd', clevel: 3, shuffle: 1 }).encode(bytes));
const outcome = async (job: Promise<Uint8Array>): Promise<string> => {
  try {
    return String((await job).length);
  } catch (error) {
    return isAbort(error) ? 'AbortError' : (error as BioImageError).code;
  }
};

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'decode-'));
  execFileSync(process.execPath, [
    path.resolve('src/pixels/__tests__/bundle.mjs'),
    path.resolve('src/pixels/__tests__/thread.ts'),
    folder
  ]);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('a decode pool over real threads', () => {
  let pool: DecodePool;

  beforeEach(() => {
    [started, posted] = [0, 0];
    pool = new DecodePool(startThread);
    pool.warm(ARRAY.codecs);
  });
  afterEach(() => pool.dispose());

  it('decodes forty chunks exactly with two threads', async () => {
    const planes = Array.from({ length: 40 }, (_, i) => plane(i));
    const encoded = await Promise.all(planes.map(encode));
    const decoded = await Promise.all(encoded.map(bytes => pool.decode(ARRAY, bytes)));
    expect(decoded.every((bytes, i) => Buffer.compare(bytes, planes[i]) === 0)).toBe(true);
    expect(started).toBe(2);
  }, 30_000);

  it('is right again after damaged chunks, each of which costs its thread', async () => {
    const good = await encode(plane(1));
    const cut = good.slice(0, good.length >>> 1);
    const hollow = good.slice().fill(0, good.length >>> 1);
    const jobs = [good, cut, good, hollow, good, good].map(bytes => outcome(pool.decode(ARRAY, bytes)));
    expect(await Promise.all(jobs)).toEqual(['131072', 'BAD_CHUNK', '131072', 'BAD_CHUNK', '131072', '131072']);
    expect(Buffer.compare(await pool.decode(ARRAY, good), plane(1))).toBe(0);
    // Two at first and one for each thread that was given up, the last of which only where there was work left for it.
    expect([3, 4]).toContain(started);
  }, 30_000);

  it('decodes a unit of a TIFF file by what its directory says', async () => {
    const data = Uint8Array.of(0x81, 7, 0x81, 9); // PackBits: 128 times 7, 128 times 9
    const tags: ITag[] = [
      { tag: 259, type: 3, values: [32773] },
      { tag: 279, type: 4, values: [data.length] }
    ];
    const grey = greyTags(16, 16).filter(({ tag }) => tag !== 259 && tag !== 279);
    const store = new MemoryStore({ 'a.tif': tiffBytes([[...grey, ...tags]], data).bytes });
    const image = await openTiff(store, 'a.tif');
    const array = image.kind === 'image' ? image.levels[0].array : ARRAY;
    const place = await array.locate?.([0, 0], store);
    const decoded = await pool.decode(array, data, undefined, place?.more);
    expect([decoded.length, decoded[0], decoded[127], decoded[128], decoded[255]]).toEqual([256, 7, 7, 9, 9]);
  }, 30_000);

  it('drops what is queued when nobody wants it', async () => {
    const bytes = await encode(plane(3));
    // A signal each, as tiles have.
    const leave = Array.from({ length: 40 }, () => new AbortController());
    const jobs = leave.map(({ signal }) => outcome(pool.decode(ARRAY, bytes, signal)));
    leave.forEach(controller => controller.abort());
    expect(new Set(await Promise.all(jobs))).toEqual(new Set(['AbortError']));
    expect([pool.queued, await outcome(pool.decode(ARRAY, bytes))]).toEqual([0, '131072']);
    // Two ran when they were given up, none of the other 38 was ever sent, and no thread was lost.
    expect([posted, started]).toEqual([3, 2]);
  }, 30_000);
});
