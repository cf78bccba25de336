import { BioImageError, ByteLru, isAbort, isBioImageError, say } from '../../core';
import { readArray, type IArray } from '../../ngff';
import { MemoryStore, type IReadableStore, type IReadOptions } from '../../stores';
import { InlineDecoder, type IDecoder } from '../decoder';
import { ChunkReader, type IChunkData } from '../reader';
import { chunksOver, readRegion } from '../region';

/** A store whose answers come when the test says so. */
class SlowStore implements IReadableStore {
  readonly name = 'slow';
  readonly asked: string[] = [];
  readonly aborted: string[] = [];
  private readonly _waiting: (() => void)[] = [];

  get(key: string, { signal }: IReadOptions = {}): Promise<Uint8Array | undefined> {
    this.asked.push(key);
    return new Promise((resolve, reject) => {
      this._waiting.push(() => resolve(key === '9' ? undefined : Uint8Array.of(1, 2, 3, 4)));
      signal?.addEventListener('abort', () => {
        this.aborted.push(key);
        reject(signal.reason as Error);
      });
    });
  }

  getRange(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  answer(): void {
    this._waiting.splice(0).forEach(send => send());
  }
}

const ARRAY = readArray('', {
  zarr_format: 2,
  shape: [40],
  chunks: [4],
  dtype: '|u1',
  fill_value: 7,
  order: 'C',
  filters: null,
  compressor: null
});

function reading(
  store: IReadableStore,
  decoder: IDecoder = new InlineDecoder(),
  array: IArray = ARRAY,
  bytes = 1 << 20
): ChunkReader {
  return new ChunkReader(store, array, decoder, new ByteLru<IChunkData>(bytes));
}

const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve));
const outcome = (job: Promise<unknown>): Promise<unknown> =>
  job.then(
    () => 'ok',
    (error: Error & { code?: string }) => (isAbort(error) ? 'AbortError' : error.code)
  );

describe('a reader of chunks', () => {
  it('reads a chunk once for all who ask while it comes, and once it is there', async () => {
    const store = new SlowStore();
    const reader = reading(store);
    const jobs = [reader.chunk([0]), reader.chunk([0]), reader.chunk([0])];
    await turn();
    expect([store.asked, reader.pending]).toEqual([['0'], 1]);
    store.answer();
    const [first, ...others] = await Promise.all(jobs);
    expect(others.every(other => other === first)).toBe(true);
    expect([...(await reader.chunk([0])).words, store.asked.length, reader.pending]).toEqual([1, 2, 3, 4, 1, 0]);
  });

  it('lets one leave without disturbing another', async () => {
    const store = new SlowStore();
    const reader = reading(store);
    const leaving = new AbortController();
    const [left, stays, silent] = [
      reader.chunk([0], leaving.signal),
      reader.chunk([0], new AbortController().signal),
      reader.chunk([0])
    ].map(outcome);
    await turn();
    leaving.abort();
    expect(await left).toBe('AbortError');
    store.answer();
    expect([await stays, await silent, store.aborted]).toEqual(['ok', 'ok', []]);
  });

  it('cancels the store when all have left, and can be asked again', async () => {
    const store = new SlowStore();
    const reader = reading(store);
    const [a, b] = [new AbortController(), new AbortController()];
    const jobs = [outcome(reader.chunk([0], a.signal)), outcome(reader.chunk([0], b.signal))];
    await turn();
    a.abort();
    await turn();
    expect(store.aborted).toEqual([]);
    b.abort();
    expect(await Promise.all(jobs)).toEqual(['AbortError', 'AbortError']);
    expect(store.aborted).toEqual(['0']);
    const again = outcome(reader.chunk([0]));
    await turn();
    store.answer();
    expect([await again, store.asked.length]).toEqual(['ok', 2]);
  });

  it('starts anew where the work of those who left goes on', async () => {
    const waiting: ((bytes: Uint8Array) => void)[] = [];
    // Nothing stops here, as a decode that runs does not.
    const deaf: IReadableStore = {
      name: 'deaf',
      get: () => new Promise(resolve => waiting.push(resolve)),
      getRange: async () => undefined
    };
    const reader = reading(deaf);
    const leave = new AbortController();
    const left = outcome(reader.chunk([0], leave.signal));
    await turn();
    leave.abort();
    await turn();
    const again = reader.chunk([0]);
    await turn();
    waiting[0](Uint8Array.of(1, 1, 1, 1));
    await turn();
    expect([await left, waiting.length, reader.pending]).toEqual(['AbortError', 2, 1]);
    waiting[1](Uint8Array.of(2, 2, 2, 2));
    expect([...(await again).words]).toEqual([2, 2, 2, 2]);
  });

  it('gives the fill value and says so where there is no chunk, in one buffer for all', async () => {
    const reader = reading(new MemoryStore({}));
    const [one, two] = await Promise.all([reader.chunk([0]), reader.chunk([1])]);
    expect([one.absent, [...one.words]]).toEqual([true, [7, 7, 7, 7]]);
    expect(two.words).toBe(one.words);
    expect(reader.peek([1])?.absent).toBe(true);
  });

  it('reads data that cannot be decoded once, until it is told to try again', async () => {
    const objects = new Map([['0', Uint8Array.of(1)]]);
    const store = new MemoryStore(objects);
    const get = jest.spyOn(store, 'get');
    const reader = reading(store);
    for (let times = 0; times < 3; times++) {
      expect(await outcome(reader.chunk([0]))).toBe('BAD_CHUNK');
    }
    expect(get).toHaveBeenCalledTimes(1);
    objects.set('0', Uint8Array.of(4, 3, 2, 1));
    reader.forgetFailures();
    expect([...(await reader.chunk([0])).words]).toEqual([4, 3, 2, 1]);
  });

  it('asks a store that failed again', async () => {
    const store = new MemoryStore({ '0': Uint8Array.of(4, 3, 2, 1) });
    jest.spyOn(store, 'get').mockRejectedValueOnce(new BioImageError('UPSTREAM_DOWN', say`Nobody answers.`));
    const reader = reading(store);
    expect(await outcome(reader.chunk([0]))).toBe('UPSTREAM_DOWN');
    expect([...(await reader.chunk([0])).words]).toEqual([4, 3, 2, 1]);
  });

  it('does not take a decoder at its word', async () => {
    const short: IDecoder = { decode: async () => new Uint8Array(3), warm: () => undefined, dispose: () => undefined };
    expect(await outcome(reading(new MemoryStore({ '0': Uint8Array.of(1, 2, 3, 4) }), short).chunk([0]))).toBe(
      'BAD_CHUNK'
    );
  });

  it('refuses before it asks where a chunk would be too large', async () => {
    const store = new SlowStore();
    const large: IArray = { ...ARRAY, chunks: [(256 << 20) + 1], shape: [2 ** 32] };
    expect(await outcome(reading(store, new InlineDecoder(), large).chunk([0]))).toBe('TOO_LARGE');
    expect(store.asked).toEqual([]);
  });

  it('forgets the oldest when the cache is full', async () => {
    const objects = Object.fromEntries([0, 1, 2].map(i => [String(i), Uint8Array.of(i, i, i, i)]));
    const reader = reading(new MemoryStore(objects), new InlineDecoder(), ARRAY, 8);
    for (const i of [0, 1, 2]) {
      await reader.chunk([i]);
    }
    expect([0, 1, 2].map(i => reader.peek([i]) !== undefined)).toEqual([false, true, true]);
  });
});

describe('a region', () => {
  const array = readArray('a', {
    zarr_format: 2,
    shape: [3, 4, 5],
    chunks: [2, 3, 2],
    dtype: '<i8',
    fill_value: -1,
    order: 'C',
    filters: null,
    compressor: null
  });
  const objects = new Map<string, Uint8Array>();
  const value = (z: number, y: number, x: number): bigint => BigInt(z * 100 + y * 10 + x) << 33n;
  for (const [z, y, x] of chunksOver(
    [
      [0, 3],
      [0, 4],
      [0, 5]
    ],
    array.chunks
  )) {
    const values = new BigInt64Array(12);
    values.forEach((_, i) => {
      values[i] = value(z * 2 + Math.floor(i / 6), y * 3 + (Math.floor(i / 2) % 3), x * 2 + (i % 2));
    });
    objects.set(`a/${z}.${y}.${x}`, new Uint8Array(values.buffer));
  }
  objects.delete('a/0.1.1');

  it.each<[string, [number, number][]]>([
    [
      'all of it',
      [
        [0, 3],
        [0, 4],
        [0, 5]
      ]
    ],
    [
      'across borders of chunks',
      [
        [1, 3],
        [2, 4],
        [1, 4]
      ]
    ],
    [
      'one value',
      [
        [2, 3],
        [3, 4],
        [4, 5]
      ]
    ],
    [
      'nothing',
      [
        [1, 1],
        [0, 4],
        [0, 5]
      ]
    ]
  ])('is put together right: %s', async (_, slices) => {
    const { data, shape, read, absent } = await readRegion(
      reading(new MemoryStore(objects), new InlineDecoder(), array),
      slices
    );
    expect(shape).toEqual(slices.map(([a, b]) => b - a));
    const expected: bigint[] = [];
    for (let z = slices[0][0]; z < slices[0][1]; z++) {
      for (let y = slices[1][0]; y < slices[1][1]; y++) {
        for (let x = slices[2][0]; x < slices[2][1]; x++) {
          expected.push(z < 2 && y === 3 && (x === 2 || x === 3) ? -1n : value(z, y, x));
        }
      }
    }
    expect([...new BigInt64Array(data.buffer)]).toEqual(expected);
    const touched = expected.length === 0 ? 0 : [...chunksOver(slices, array.chunks)].length;
    expect(read + absent).toBe(touched);
  });

  it('must lie inside of the array', async () => {
    const reader = reading(new MemoryStore(objects), new InlineDecoder(), array);
    const codes = await Promise.all(
      [
        [
          [0, 4],
          [0, 1],
          [0, 1]
        ],
        [
          [-1, 1],
          [0, 1],
          [0, 1]
        ],
        [[0, 1]],
        [
          [1, 0],
          [0, 1],
          [0, 1]
        ],
        [
          [0, 0.5],
          [0, 1],
          [0, 1]
        ]
      ].map(slices =>
        readRegion(reader, slices as [number, number][]).catch((error: unknown) =>
          isBioImageError(error, 'BAD_REQUEST')
        )
      )
    );
    expect(codes).toEqual([true, true, true, true, true]);
  });
});
