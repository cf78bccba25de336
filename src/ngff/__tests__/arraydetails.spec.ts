import { parseJson } from '../../core';
import { MemoryStore } from '../../stores';
import { BYTES, keyed, sharding, v2, V2, v3, V3 } from '../../testing';
import { openArray, readArray } from '..';
import type { DataType, IArray } from '..';

const fills: [DataType, unknown, unknown, string][] = [
  ['uint8', 255, 255, 'ff'],
  ['int8', -2, -2, 'fe'],
  ['int8', '0', 0, '00'],
  ['uint16', undefined, 0, '0000'],
  ['int32', -1, -1, 'ffffffff'],
  // the nearest double of the largest value, as JSON gives it
  ['uint64', 2 ** 64, 2n ** 64n - 1n, 'ffffffffffffffff'],
  ['int64', 2 ** 63, 2n ** 63n - 1n, 'ffffffffffffff7f'],
  ['int64', -5, -5n, 'fbffffffffffffff'],
  ['uint64', '18446744073709551614', 2n ** 64n - 2n, 'feffffffffffffff'],
  ['bool', true, true, '01'],
  ['bool', null, false, '00'],
  ['float32', 'NaN', NaN, '0000c07f'],
  ['float32', '0x7fc00001', NaN, '0100c07f'],
  ['float32', '-Infinity', -Infinity, '000080ff'],
  ['float64', 1.5, 1.5, '000000000000f83f'],
  ['float64', NaN, NaN, '000000000000f87f'],
  ['float16', 1, 1, '003c'],
  ['float16', -2.5, -2.5, '00c1'],
  ['float16', 65504, 65504, 'ff7b'],
  ['float16', 6e-8, 2 ** -24, '0100'],
  ['float16', 0.1, 0.0999755859375, '662e'],
  ['float16', 'Infinity', Infinity, '007c'],
  ['float16', 'NaN', NaN, '007e'],
  ['float16', '0xfc00', -Infinity, '00fc']
];

describe('the fill value', () => {
  it.each(fills)('of %s, %p, is %p', (dtype, value, expected, hex) => {
    const array = readArray('a', v3({ data_type: dtype, fill_value: value }));
    expect(array.fill).toEqual(expected);
    expect(Buffer.from(array.fillBytes).toString('hex')).toBe(hex);
  });

  it('may be a bare NaN, as zarr-python writes it', () => {
    const text = JSON.stringify(v2({ dtype: '<f4' })).replace('"fill_value":0', '"fill_value":NaN');
    expect(readArray('a', parseJson(new TextEncoder().encode(text), 'a')).fill).toBeNaN();
  });

  it('of all 16-bit floats is the number of those bits', () => {
    for (let bits = 0; bits < 0x7c00; bits += 7) {
      const { fill } = readArray(
        'a',
        v3({ data_type: 'float16', fill_value: `0x${bits.toString(16).padStart(4, '0')}` })
      );
      const back = readArray('a', v3({ data_type: 'float16', fill_value: fill }));
      expect(back.fillBytes).toEqual(Uint8Array.of(bits & 255, bits >> 8));
    }
  });
});

describe('the key of a chunk', () => {
  const key = (document: unknown, chunk: number[], path = 'a b/0'): string =>
    readArray(path, document).objectKey(chunk);
  it.each([
    ['v2', v2({}), [1, 2], 'a b/0/1.2'],
    ['v2 with slashes', v2({ dimension_separator: '/' }), [1, 2], 'a b/0/1/2'],
    ['v2 of no axes', v2({ shape: [], chunks: [] }), [], 'a b/0/0'],
    ['v3', v3({}), [1, 2], 'a b/0/c/1/2'],
    ['v3 with dots', keyed({ separator: '.' }), [1, 2], 'a b/0/c.1.2'],
    ['v3 of the default', v3({ chunk_key_encoding: { name: 'default' } }), [1, 2], 'a b/0/c/1/2'],
    [
      'v3 of no axes',
      v3({ shape: [], chunk_grid: { name: 'regular', configuration: { chunk_shape: [] } } }),
      [],
      'a b/0/c'
    ],
    ['v3 with keys of v2', keyed({}, 'v2'), [1, 2], 'a b/0/1.2'],
    ['v3 with keys of v2 and slashes', keyed({ separator: '/' }, 'v2'), [1, 2], 'a b/0/1/2'],
    ['a shard', v3({ codecs: [sharding()] }), [5, 2], 'a b/0/c/1/1']
  ])('%s', (_, document, chunk, expected) => {
    expect(key(document, chunk)).toBe(expected);
  });

  it('at the root of the store has no folder', () => {
    expect(key(v3({}), [0, 0], '')).toBe('c/0/0');
  });
});

describe('a sharded array', () => {
  const array: IArray = readArray('a', v3({ codecs: [sharding({ index_location: 'start' })] }));

  it('is decoded by its inner chunks', () => {
    expect(array).toMatchObject({
      chunks: [16, 32],
      codecs: ['bytes', 'zstd'],
      shard: { shape: [64, 64], perShard: [4, 2], indexAt: 'start', indexBytes: 132, indexCrc: true },
      decodeDoc: { shape: [16, 32], chunk_grid: { configuration: { chunk_shape: [16, 32] } } }
    });
  });

  it('may have an index without a checksum', () => {
    expect(readArray('a', v3({ codecs: [sharding({ index_codecs: [BYTES] })] })).shard).toMatchObject({
      indexAt: 'end',
      indexBytes: 128,
      indexCrc: false
    });
  });

  it('may have shards larger than any chunk', () => {
    const large = v3({
      shape: [1e6, 1e6],
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [65536, 65536] } },
      codecs: [sharding()]
    });
    expect(readArray('a', large).shape).toEqual([1e6, 1e6]);
  });
});

describe('opening an array', () => {
  const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

  it('takes v3 before v2, at the root or below it', async () => {
    const store = new MemoryStore({ 'zarr.json': json(V3), '.zarray': json(V2), 'b/.zarray': json(V2) });
    expect((await openArray(store)).zarrFormat).toBe(3);
    expect(await openArray(store, 'b')).toMatchObject({ zarrFormat: 2, path: 'b' });
  });

  it('knows when there is none', async () => {
    await expect(openArray(new MemoryStore({}))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('tells broken JSON from an absent array', async () => {
    await expect(openArray(new MemoryStore({ '.zarray': Buffer.from('{bad') }))).rejects.toMatchObject({
      code: 'BAD_METADATA',
      where: 'json in .zarray'
    });
  });

  it('takes the reason of a signal that has fired', async () => {
    const reason = new Error('left');
    await expect(openArray(new MemoryStore({ '.zarray': json(V2) }), '', AbortSignal.abort(reason))).rejects.toBe(
      reason
    );
  });
});
