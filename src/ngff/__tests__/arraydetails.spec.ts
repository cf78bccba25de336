import { parseJson } from '../../core';
import { MemoryStore } from '../../stores';
import { BYTES, keyed, sharding, v2, V2, v3, V3 } from '../../testing';
import { openArray, openNode, readArray } from '..';
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
  ['uint16', '7.0', 7, '0700'],
  ['bool', true, true, '01'],
  ['bool', 'true', true, '01'],
  ['bool', 'false', false, '00'],
  ['bool', '1', true, '01'],
  ['bool', '0', false, '00'],
  ['float32', '0', 0, '00000000'],
  ['float32', '0.0', 0, '00000000'],
  ['float64', '-1.5e3', -1500, '000000000070' + '97c0'],
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

  it.each([
    ['int64', '9007199254740993', 9007199254740993n],
    ['uint64', '18446744073709551614', 18446744073709551614n],
    ['<i8', '-9007199254740993', -9007199254740993n],
    ['>u8', '18446744073709551615', 18446744073709551615n]
  ])('of 64 bits is read from its digits: %s, %s', async (type, digits, fill) => {
    const old = !type.endsWith('64');
    const document = old ? v2({ dtype: type, fill_value: 77 }) : v3({ data_type: type, fill_value: 77 });
    const text = JSON.stringify(document).replace('"fill_value":77', `"fill_value":${digits}`);
    const store = new MemoryStore(new Map([[old ? '.zarray' : 'zarr.json', new TextEncoder().encode(text)]]));
    expect((await openArray(store)).fill).toBe(fill);
    const node = await openNode(store);
    expect(node.kind === 'image' && node.levels[0].array.fill).toBe(fill);
  });

  it('of a codec is read from its digits too', async () => {
    const codecs = [{ name: 'scale_offset', configuration: { offset: 77 } }, BYTES];
    const text = JSON.stringify(v3({ data_type: 'int64', codecs })).replace('"offset":77', '"offset":9007199254740993');
    const store = new MemoryStore(new Map([['zarr.json', new TextEncoder().encode(text)]]));
    const { decodeDoc } = await openArray(store);
    expect(JSON.stringify(decodeDoc)).toContain('9007199254740993');
  });

  it.each(['TRUE', '2', '', 'yes'])('of a boolean is no other text: %p', fill_value => {
    expect(() => readArray('a', v3({ data_type: 'bool', fill_value }))).toThrow(/fill_value/);
  });

  it.each(['1,5', '0x', ' 1', '1e999999', '--1'])('of a float is no other text: %p', fill_value => {
    expect(() => readArray('a', v3({ data_type: 'float32', fill_value }))).toThrow(/fill_value/);
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

describe('a field that Zarr v3 does not know', () => {
  it('is left alone where it need not be understood', () => {
    expect(readArray('a', v3({ other: { name: 'x', must_understand: false } })).shape).toEqual(
      readArray('a', v3({})).shape
    );
    expect(() => readArray('a', v3({ other: { name: 'x' } }))).toThrow(/extension other/);
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
