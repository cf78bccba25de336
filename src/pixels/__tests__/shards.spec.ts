import { ByteLru, crc32c } from '../../core';
import { readArray, type IArray } from '../../ngff';
import { MemoryStore, withTrace } from '../../stores';
import { InlineDecoder } from '../decoder';
import { ChunkReader, type IChunkData } from '../reader';
import { ShardReader } from '../shards';

const NONE = 2n ** 64n - 1n;

interface IMadeShard {
  array: IArray;
  objects: Map<string, Uint8Array>;
  asked: string[];
  reader: ChunkReader;
}

/** 4 × 4 pixels of uint8 in shards of 2 × 4 with inner chunks of 2 × 2; the second inner chunk of shard 0 is not there. */
function made(at: 'start' | 'end', crc: boolean): IMadeShard {
  const bytes = { name: 'bytes' };
  const configuration = {
    chunk_shape: [2, 2],
    codecs: [bytes],
    index_codecs: crc ? [bytes, { name: 'crc32c' }] : [bytes],
    index_location: at
  };
  const array = readArray('a', {
    zarr_format: 3,
    node_type: 'array',
    shape: [4, 4],
    data_type: 'uint8',
    fill_value: 9,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: [2, 4] } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    codecs: [{ name: 'sharding_indexed', configuration }]
  });
  const first = at === 'start' ? 32 + (crc ? 4 : 0) : 0;
  const shard = (entries: bigint[], body: Uint8Array): Uint8Array => {
    const index = new Uint8Array(BigUint64Array.from(entries).buffer);
    const check = crc ? new Uint8Array(Uint32Array.of(crc32c(index)).buffer) : new Uint8Array();
    return Uint8Array.from(at === 'start' ? [...index, ...check, ...body] : [...body, ...index, ...check]);
  };
  const objects = new Map([
    ['a/c/0/0', shard([BigInt(first), 4n, NONE, NONE], Uint8Array.of(1, 2, 3, 4))],
    ['a/c/1/0', shard([BigInt(first + 4), 4n, BigInt(first), 4n], Uint8Array.of(5, 6, 7, 8, 11, 12, 13, 14))]
  ]);
  const asked: string[] = [];
  const store = withTrace(new MemoryStore(objects), {
    started: (key, range) => void asked.push(`${key} ${JSON.stringify(range)}`),
    ended: () => undefined
  });
  return {
    array,
    objects,
    asked,
    reader: new ChunkReader(store, array, new InlineDecoder(), new ByteLru<IChunkData>(1000))
  };
}

const CASES = [
  ['start', true],
  ['start', false],
  ['end', true],
  ['end', false]
] as const;

describe.each(CASES)('a shard with its index at the %s, checksum %s', (at, crc) => {
  it('gives each inner chunk, the fill value for one that is not there, and reads the index once', async () => {
    const { reader, asked } = made(at, crc);
    const chunks = await Promise.all(
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1]
      ].map(index => reader.chunk(index))
    );
    expect(chunks.map(({ words, absent }) => [[...words], absent])).toEqual([
      [[1, 2, 3, 4], false],
      [[9, 9, 9, 9], true],
      [[11, 12, 13, 14], false],
      [[5, 6, 7, 8], false]
    ]);
    await reader.chunk([0, 0]);
    expect(asked).toHaveLength(5);
  });

  it('is absent as a whole where the object is', async () => {
    const { reader, objects } = made(at, crc);
    objects.delete('a/c/0/0');
    expect((await reader.chunk([0, 0])).absent).toBe(true);
  });
});

it('lets one leave while another waits for the same index', async () => {
  const { array, objects } = made('end', true);
  let aborted = 0;
  const waiting: (() => void)[] = [];
  const memory = new MemoryStore(objects);
  const shards = new ShardReader(
    {
      name: 'slow',
      get: () => Promise.resolve(undefined),
      getRange: (key, range, options) =>
        new Promise((resolve, reject) => {
          options?.signal?.addEventListener('abort', () => {
            aborted += 1;
            reject(options.signal?.reason as Error);
          });
          waiting.push(() => resolve(memory.getRange(key, range)));
        })
    },
    array
  );
  const leave = new AbortController();
  const left = shards.locate([0, 0], leave.signal).catch((error: Error) => error.name);
  const stays = shards.locate([0, 1]);
  leave.abort();
  expect(await left).toBe('AbortError');
  waiting.forEach(send => send());
  expect([await stays, aborted, waiting.length]).toEqual([null, 0, 1]);
});
