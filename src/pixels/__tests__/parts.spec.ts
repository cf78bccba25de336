import { ByteLru } from '../../core';
import type { IDecodeParts } from '../../entities';
import type { IArray, IPlace } from '../../ngff';
import { MemoryStore } from '../../stores';
import { encodeFrame, streamOf } from '../../testing';
import { plainArray } from '../../testing/images';
import { InlineDecoder } from '../decoder';
import { PartsDecoder } from '../parts';
import { ChunkReader, type IChunkData } from '../reader';

const SHAPE = [2, 2, 1] as const;
const codec = { name: 'webp', configuration: {}, shape: SHAPE, dtype: 'uint8' } as const;

/** Units of 2 × 2 pixels; the place of unit n is byte 10 n of its file. */
function arrayOf(more: (index: number) => Partial<IPlace> = () => ({})): IArray {
  return {
    ...plainArray([2, 2]),
    zarrFormat: 0,
    shape: [2, 2000],
    dtype: 'uint8',
    decodedBy: 'server',
    codecs: ['tiff.webp'],
    locate: async ([, index]) => ({
      key: 'a.tif',
      range: { start: 10 * index, end: 10 * index + 10 },
      server: { codec, pieces: [[0, 10, 2, 0]] },
      ...more(index)
    })
  };
}

type Header = Record<string, unknown>;

function reader(header: (i: number) => Header, array = arrayOf(), bytes = (i: number) => [i, i, i, i]) {
  const asked: IDecodeParts[] = [];
  const decodeParts = async (_: string, request: IDecodeParts): Promise<ReadableStream<Uint8Array>> => {
    asked.push(request);
    const frames = request.parts.map(({ start }, i) =>
      encodeFrame({ i, status: 200, ...header(start / 10) }, Uint8Array.from(bytes(start / 10)))
    );
    return streamOf([...frames, encodeFrame({ end: frames.length })]);
  };
  const server = PartsDecoder.of({ decodeParts }, 's', 'a folder');
  const cache = new ByteLru<IChunkData>(1 << 20);
  return { asked, reader: new ChunkReader(new MemoryStore({}), array, new InlineDecoder(), cache, undefined, server) };
}

const outcome = async (work: Promise<IChunkData>): Promise<unknown> =>
  work.then(
    ({ words }) => [...words],
    (error: { code: string }) => error.code
  );

describe('parts of files that the session decodes', () => {
  it('are asked for together, by their places in the store, as far as they are decoded alike', async () => {
    const other = { ...codec, name: 'png' };
    const array = arrayOf(index => (index === 3 ? { server: { codec: other, pieces: [[0, 10, 2, 0]] } } : {}));
    const { asked, reader: chunks } = reader(() => ({}), array);
    const found = await Promise.all([5, 1, 3, 5].map(async index => outcome(chunks.chunk([0, index]))));
    expect(found).toEqual([5, 1, 3, 5].map(value => [value, value, value, value]));
    expect(asked.map(({ tiff, parts }) => [tiff?.name, parts.map(({ key, start }) => [key, start])])).toEqual([
      ['webp', [['a folder/a.tif', 50], ['a folder/a.tif', 10]]],
      ['png', [['a folder/a.tif', 30]]]
    ]);
  });

  it('stay within the bounds of one request', async () => {
    const pieces = Array.from({ length: 200 }, () => [123_456_789, 123_456_789, 1, 0] as const);
    const array = arrayOf(index => (index < 700 ? {} : { server: { codec, pieces } }));
    const { asked, reader: chunks } = reader(() => ({}), array);
    await Promise.all(Array.from({ length: 150 }, async (_, i) => chunks.chunk([0, 600 + i])));
    expect(asked.reduce((sum, { parts }) => sum + parts.length, 0)).toBe(150);
    for (const request of asked) {
      expect(request.parts.length).toBeLessThanOrEqual(64);
      expect(JSON.stringify(request).length).toBeLessThan(64 * 1024);
    }
  });

  it('are finished in the page where something is left to be done', async () => {
    const more = { parts: [[0, 4, 2]], compression: 'values', predictor: 1, photometric: 3, reversed: false, little: true };
    const palette = Uint8Array.from({ length: 768 }, (_, i) => 255 - Math.floor(i / 3));
    const array: IArray = {
      ...arrayOf(() => ({ more: { ...more, palette } })),
      chunks: [2, 2, 3],
      shape: [2, 2000, 3],
      decodeDoc: { dtype: 'uint8', rows: 2, columns: 2, samples: 3, bits: 8 }
    };
    const { reader: chunks } = reader(() => ({}), array);
    expect(await outcome(chunks.chunk([0, 7, 0]))).toEqual(new Array(12).fill(248));
  });

  it('that are decoded in the page are not asked for', async () => {
    const store = new MemoryStore({ 'a.tif': Uint8Array.from({ length: 40 }, (_, i) => i) });
    const more = { parts: [[0, 4, 2]], compression: 'none', predictor: 1, photometric: 1, reversed: false, little: true };
    const range = { start: 20, end: 24 };
    const array: IArray = {
      ...arrayOf(() => ({ range, server: undefined, more })),
      decodeDoc: { dtype: 'uint8', rows: 2, columns: 2, samples: 1, bits: 8 }
    };
    const cache = new ByteLru<IChunkData>(1 << 20);
    const chunks = new ChunkReader(store, array, new InlineDecoder(), cache);
    expect(await outcome(chunks.chunk([0, 1]))).toEqual([20, 21, 22, 23]);
  });

  it.each<[string, Header, string]>([
    ['ends before a part', { status: 416, code: 'BAD_REQUEST' }, 'BAD_CHUNK'],
    ['is gone', { status: 404, code: 'ABSENT' }, 'CHANGED'],
    ['holds no picture there', { status: 422, code: 'BAD_CHUNK', message: 'no' }, 'BAD_CHUNK'],
    ['needs a package', { status: 415, code: 'UNSUPPORTED', message: 'no' }, 'UNSUPPORTED'],
    ['comes in an unknown encoding', { encoding: 'br' }, 'UPSTREAM_BAD']
  ])('fail by themselves where the file %s', async (_, header, code) => {
    const { reader: chunks } = reader(index => (index === 2 ? header : {}));
    const found = await Promise.all([1, 2, 3].map(async index => outcome(chunks.chunk([0, index]))));
    expect(found).toEqual([[1, 1, 1, 1], code, [3, 3, 3, 3]]);
  });

  it('of another length, or of a file that changed, are no pixels', async () => {
    const long = reader(() => ({}), arrayOf(), () => [1, 2, 3, 4, 5]);
    expect(await outcome(long.reader.chunk([0, 1]))).toBe('BAD_CHUNK');
    const changing = reader(index => ({ etag: index < 3 ? '"1"' : '"2"' }));
    expect(await outcome(changing.reader.chunk([0, 1]))).toEqual([1, 1, 1, 1]);
    expect(await outcome(changing.reader.chunk([0, 3]))).toBe('CHANGED');
    expect(await outcome(changing.reader.chunk([0, 2]))).toEqual([2, 2, 2, 2]);
  });

  it('are refused by name where the server cannot do it', async () => {
    const server = PartsDecoder.of({}, 's', '');
    const chunks = new ChunkReader(new MemoryStore({}), arrayOf(), new InlineDecoder(), new ByteLru(9), undefined, server);
    await expect(chunks.chunk([0, 1])).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('codec WebP; browsers lack it, and the server part')
    });
  });
});
