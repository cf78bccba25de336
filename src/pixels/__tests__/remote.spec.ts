import { gzipSync } from 'node:zlib';
import { ByteLru, say } from '../../core';
import type { IArray } from '../../ngff';
import { MemoryStore } from '../../stores';
import { encodeFrame, FrameSource, outcomeOf, streamOf } from '../../testing';
import { plainArray } from '../../testing/images';
import { InlineDecoder } from '../decoder';
import { ChunkReader, type IChunkData } from '../reader';
import { noServerDecoder, SessionDecoder, type IServerDecoder } from '../remote';

const ARRAY: IArray = { ...plainArray([4]), path: '0', shape: [4000], decodedBy: 'server', codecs: ['bz2'] };

interface IAsked {
  store: string;
  array: string;
  chunks: readonly (readonly number[])[];
  signal: AbortSignal;
}

type Answer = (asked: IAsked) => ReadableStream<Uint8Array>;

const bytes = (index: number): Uint8Array => new Uint8Array(4).fill(index % 251);

const good: Answer = ({ chunks }) =>
  streamOf([
    ...chunks.map(([index], i) => encodeFrame({ i, status: 200 }, bytes(index))).reverse(),
    encodeFrame({ end: chunks.length })
  ]);

function remote(answer: Answer = good, root = 'i.zarr'): { server: IServerDecoder; asked: IAsked[] } {
  const asked: IAsked[] = [];
  const decode = async (
    store: string,
    array: string,
    chunks: readonly (readonly number[])[],
    signal: AbortSignal
  ): Promise<ReadableStream<Uint8Array>> => {
    const one = { store, array, chunks, signal };
    asked.push(one);
    return answer(one);
  };
  return { server: new SessionDecoder({ decode }, 's', root), asked };
}

const readerOf = (server?: IServerDecoder): ChunkReader =>
  new ChunkReader(new MemoryStore({}), ARRAY, new InlineDecoder(), new ByteLru<IChunkData>(1 << 20), undefined, server);

describe('units that the session decodes', () => {
  it('are asked for together, and each once', async () => {
    const { server, asked } = remote();
    const reader = readerOf(server);
    const wanted = [3, 1, 2, 3, 1];
    const chunks = await Promise.all(wanted.map(index => reader.chunk([index])));
    expect(chunks.map(({ words }) => words[0])).toEqual(wanted);
    await reader.chunk([3]);
    expect(asked.map(({ store, array, chunks: indices }) => [store, array, indices])).toEqual([
      ['s', 'i.zarr/0', [[3], [1], [2]]]
    ]);
  });

  it('travel at most 64 in a request, and those of another array in another', async () => {
    const { server, asked } = remote();
    const label = server.below('labels/a');
    await Promise.all([
      ...Array.from({ length: 130 }, (_, i) => server.decode(ARRAY, [i])),
      label.decode(ARRAY, [0]),
      label.decode({ ...ARRAY, path: '' }, [0])
    ]);
    expect(asked.map(({ array, chunks }) => `${array} ${chunks.length}`)).toEqual([
      'i.zarr/0 64',
      'i.zarr/0 64',
      'i.zarr/0 2',
      'i.zarr/labels/a/0 1',
      'i.zarr/labels/a 1'
    ]);
  });

  it('may be of an array that is the root of its store', async () => {
    const { server, asked } = remote(good, '');
    await server.decode({ ...ARRAY, path: '' }, [0]);
    expect(asked[0].array).toBe('');
  });

  it('are handed out as they come', async () => {
    const source = new FrameSource();
    const { server } = remote(() => source.stream);
    const [first, second] = [server.decode(ARRAY, [0]), server.decode(ARRAY, [1])];
    await new Promise(resolve => setTimeout(resolve, 5));
    source.write({ i: 1, status: 200 }, bytes(1));
    expect(await second).toEqual(bytes(1));
    source.write({ i: 0, status: 404, code: 'ABSENT' });
    expect(await first).toBeNull();
    source.end();
  });

  it('may be compressed for the way, and be absent', async () => {
    const { server } = remote(({ chunks }) =>
      streamOf([
        encodeFrame({ i: 0, status: 200, encoding: 'gzip' }, new Uint8Array(gzipSync(bytes(7)))),
        encodeFrame({ i: 1, status: 404 }),
        encodeFrame({ end: chunks.length })
      ])
    );
    const reader = readerOf(server);
    const [a, b] = await Promise.all([reader.chunk([7]), reader.chunk([8])]);
    expect([[...a.words], a.absent, b.absent]).toEqual([[7, 7, 7, 7], false, true]);
  });

  it.each<[string, Record<string, unknown>, Uint8Array, string]>([
    ['too short', { status: 200 }, bytes(1).subarray(1), 'BAD_CHUNK'],
    ['too long', { status: 200 }, new Uint8Array(5), 'BAD_CHUNK'],
    ['a bomb', { status: 200, encoding: 'gzip' }, new Uint8Array(gzipSync(new Uint8Array(1 << 20))), 'BAD_CHUNK'],
    ['a gzip that is none', { status: 200, encoding: 'gzip' }, new Uint8Array(30), 'BAD_CHUNK'],
    [
      'a gzip cut off',
      { status: 200, encoding: 'gzip' },
      new Uint8Array(gzipSync(bytes(1))).subarray(0, -6),
      'BAD_CHUNK'
    ],
    ['of an unknown encoding', { status: 200, encoding: 'br' }, bytes(1), 'UPSTREAM_BAD'],
    ['damaged in the store', { status: 422, code: 'BAD_CHUNK', message: 'No.' }, new Uint8Array(), 'BAD_CHUNK'],
    ['of a codec nobody knows', { status: 415, code: 'UNSUPPORTED', message: 'No.' }, new Uint8Array(), 'UNSUPPORTED']
  ])('fail where one is %s; the others are good', async (_text, header, body, code) => {
    const { server } = remote(({ chunks }) =>
      streamOf([
        encodeFrame({ i: 0, ...header }, body),
        encodeFrame({ i: 1, status: 200 }, bytes(1)),
        encodeFrame({ end: chunks.length })
      ])
    );
    const [bad, other] = [outcomeOf(server.decode(ARRAY, [0])), server.decode(ARRAY, [1])];
    expect([await bad, await other]).toEqual([code, bytes(1)]);
  });

  it('are cancelled when the last who wanted them has left', async () => {
    const source = new FrameSource();
    const { server, asked } = remote(() => source.stream);
    const reader = readerOf(server);
    const leave = [new AbortController(), new AbortController()];
    const jobs = leave.map(({ signal }, i) => outcomeOf(reader.chunk([i], signal)));
    await new Promise(resolve => setTimeout(resolve, 5));
    leave[0].abort();
    await new Promise(resolve => setTimeout(resolve, 5));
    expect([asked.length, asked[0].signal.aborted]).toEqual([1, false]);
    leave[1].abort();
    expect(await Promise.all(jobs)).toEqual(['ABORTED', 'ABORTED']);
    expect([asked[0].signal.aborted, source.cancelled, reader.pending]).toEqual([true, true, 0]);
  });

  it('tell who cannot help', async () => {
    const old = new SessionDecoder({}, 's', '');
    await expect(old.decode(ARRAY, [0])).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/codec bz2; browsers lack it, and the server part .* too old/)
    });
    await expect(readerOf().chunk([0])).rejects.toMatchObject({
      message: expect.stringMatching(/there is no session/)
    });
    const none = noServerDecoder(say`so it is`, say`Do this.`).below('labels/x');
    await expect(none.decode(ARRAY, [0])).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: 'Do this.' });
  });
});
