import { isBioImageError } from '../../core';
import { BYTES, keyed, sharding, v2, v3 } from '../../testing';
import { ITEM_BYTES, readArray } from '..';
import type { DataType } from '..';

/** Code and text of the failure, or what was read. */
function outcome(document: unknown): string {
  try {
    const array = readArray('0', document);
    return `read ${array.shape.join('x')}`;
  } catch (error) {
    return isBioImageError(error) ? `${error.code} ${error.message}` : `unexpected ${String(error)}`;
  }
}

const REFUSED: [string, unknown, RegExp][] = [
  ['a document that is a list', [], /^BAD_METADATA/],
  ['null', null, /^BAD_METADATA/],
  ['a number', 42, /^BAD_METADATA/],
  ['another format', v2({ zarr_format: 1 }), /^UNSUPPORTED.*zarr_format 1/],
  ['a v3 group', v3({ node_type: 'group' }), /^BAD_METADATA.*node_type/],
  // A08
  ...[[-1, 4], [4.5, 4], ['44', 4], [null, 4], [2 ** 53, 4], [Infinity, 4], 'x', undefined].map(
    (shape): [string, unknown, RegExp] => [`shape ${String(shape)}`, v2({ shape }), /^BAD_METADATA.*shape/]
  ),
  ['shape of v3', v3({ shape: [-1, 4] }), /^BAD_METADATA.*shape/],
  // A09
  ...[[0, 64], [-4, 64], [64], [64, 64, 1], [1.5, 64], null].map((chunks): [string, unknown, RegExp] => [
    `chunks ${String(chunks)}`,
    v2({ chunks }),
    /^BAD_METADATA.*chunk/
  ]),
  [
    'chunks of v3',
    v3({ chunk_grid: { name: 'regular', configuration: { chunk_shape: [64] } } }),
    /^BAD_METADATA.*chunk/
  ],
  ['another grid', v3({ chunk_grid: { name: 'rectangular', configuration: {} } }), /^UNSUPPORTED.*rectangular/],
  // A10
  ['a chunk of 7 GB', v2({ chunks: [60000, 60000] }), /^TOO_LARGE.*6866 MiB/],
  [
    'a chunk of 7 GB, v3',
    v3({ chunk_grid: { name: 'regular', configuration: { chunk_shape: [60000, 60000] } } }),
    /^TOO_LARGE/
  ],
  ['chunks beyond doubles', v2({ chunks: [2 ** 52, 2 ** 52] }), /^TOO_LARGE/],
  ['33 axes', v2({ shape: Array(33).fill(1), chunks: Array(33).fill(1) }), /^UNSUPPORTED.*33 axes/],
  // A12
  ...['|O', '<f99', '<U10', '|S7', '<M8[ns]', '|u2', 'u2', '=u2'].map((dtype): [string, unknown, RegExp] => [
    `dtype ${dtype}`,
    v2({ dtype }),
    /^UNSUPPORTED.*data type/
  ]),
  ['a structured dtype', v2({ dtype: [['a', '<u2']] }), /^UNSUPPORTED.*structured/],
  ['no dtype', v2({ dtype: 7 }), /^BAD_METADATA.*dtype/],
  ['a string type', v3({ data_type: 'string' }), /^UNSUPPORTED.*string/],
  ['an extension type', v3({ data_type: { name: 'numpy.datetime64', configuration: {} } }), /^UNSUPPORTED.*datetime64/],
  ['a type called like a method', v3({ data_type: 'constructor' }), /^UNSUPPORTED.*constructor/],
  // A13
  ...['<script>', 300000, -1, 1.5, 'NaN', true, [0], {}].map((fill_value): [string, unknown, RegExp] => [
    `fill value ${JSON.stringify(fill_value)}`,
    v2({ fill_value }),
    /^BAD_METADATA.*fill_value/
  ]),
  ['300 of uint8', v2({ dtype: '|u1', fill_value: 300 }), /^BAD_METADATA.*does not fit uint8/],
  ['an integer for a boolean', v2({ dtype: '|b1', fill_value: 7 }), /^BAD_METADATA/],
  ['text for a float', v3({ data_type: 'float32', fill_value: 'nan' }), /^BAD_METADATA/],
  ['bits of another size', v3({ data_type: 'float32', fill_value: '0x7fc0' }), /^BAD_METADATA/],
  ['a float beyond its type', v3({ data_type: 'float32', fill_value: 1e300 }), /^BAD_METADATA.*does not fit/],
  // A14
  ['codec evil', v3({ codecs: [BYTES, { name: 'evil' }] }), /^UNSUPPORTED.*evil/],
  ['compressor evil', v2({ compressor: { id: 'evil' } }), /^UNSUPPORTED.*evil/],
  ['compressor of a filter', v2({ compressor: { id: 'delta' } }), /^UNSUPPORTED.*delta/],
  ['filter evil', v2({ filters: [{ id: '../evil' }] }), /^UNSUPPORTED.*evil/],
  ['3,000 codecs', v3({ codecs: Array(3000).fill(BYTES) }), /^UNSUPPORTED.*3000/],
  ['3,000 filters', v2({ filters: Array(3000).fill({ id: 'delta' }) }), /^UNSUPPORTED.*3000/],
  ['a codec twice', v3({ codecs: [BYTES, { name: 'gzip' }, { name: 'numcodecs.gzip' }] }), /^UNSUPPORTED.*gzip twice/],
  ['two serializers', v3({ codecs: [BYTES, BYTES] }), /^UNSUPPORTED.*bytes twice/],
  ['no serializer', v3({ codecs: [{ name: 'gzip' }] }), /^BAD_METADATA.*codecs/],
  ['no codecs', v3({ codecs: [] }), /^BAD_METADATA.*codecs/],
  ['codecs in no order', v3({ codecs: [{ name: 'gzip' }, BYTES] }), /^BAD_METADATA.*codecs/],
  ...[[0, 0], [0], [0, 2], 'Q', [0, 1, 2], undefined].map((order): [string, unknown, RegExp] => [
    `transpose ${String(order)}`,
    v3({ codecs: [{ name: 'transpose', configuration: { order } }, BYTES] }),
    /^BAD_METADATA.*order/
  ]),
  ['differences of booleans', v2({ dtype: '|b1', filters: [{ id: 'delta', dtype: '|b1' }] }), /^UNSUPPORTED.*bool/],
  [
    'differences cut to integers',
    v2({ filters: [{ id: 'delta', dtype: '<u2', astype: '<f4' }] }),
    /^UNSUPPORTED.*float32 for uint16/
  ],
  ['bytes shuffled by less than nothing', v2({ filters: [{ id: 'shuffle', elementsize: -1 }] }), /^BAD_METADATA/],
  ['a checksum in the middle', v2({ filters: [{ id: 'crc32', location: 'middle' }] }), /^BAD_METADATA.*location/],
  [
    'rounding by a coin',
    v3({ codecs: [{ name: 'cast_value', configuration: { data_type: 'float32', rounding: 'coin' } }, BYTES] }),
    /^BAD_METADATA.*rounding/
  ],
  [
    'scaled values without a scale',
    v2({ dtype: '<f4', filters: [{ id: 'fixedscaleoffset', offset: 1 }] }),
    /^BAD_METADATA.*scale/
  ],
  [
    'a strange byte order',
    v3({ codecs: [{ name: 'bytes', configuration: { endian: 'middle' } }] }),
    /^BAD_METADATA.*endian/
  ],
  ['a strange memory order', v2({ order: 'K' }), /^BAD_METADATA.*order/],
  // A15
  ...['/../../', '%2F%2e%2e%2F', '?x=', '%252e', '', '//', 7].flatMap((separator): [string, unknown, RegExp][] => [
    [`separator ${String(separator)}`, v2({ dimension_separator: separator }), /^BAD_METADATA.*dimension_separator/],
    [`separator ${String(separator)} of v3`, keyed({ separator }), /^BAD_METADATA.*separator/]
  ]),
  ['another key encoding', keyed({}, 'suffix'), /^UNSUPPORTED.*suffix/],
  ['an unknown storage transformer', v3({ storage_transformers: [{ name: 'evil' }] }), /^UNSUPPORTED.*evil/],
  ['names of other axes', v3({ dimension_names: ['y'] }), /^BAD_METADATA.*dimension_names/],
  // shards
  ['inner chunks that do not divide', v3({ codecs: [sharding({ chunk_shape: [16, 30] })] }), /^BAD_METADATA.*divide/],
  ['inner chunks of 0', v3({ codecs: [sharding({ chunk_shape: [16, 0] })] }), /^BAD_METADATA/],
  [
    'a codec around the shard',
    v3({ codecs: [sharding(), { name: 'gzip' }] }),
    /^UNSUPPORTED.*shards with the codec gzip around them/
  ],
  [
    'a transposed shard',
    v3({ codecs: [{ name: 'transpose', configuration: { order: [1, 0] } }, sharding()] }),
    /^UNSUPPORTED.*shards with the codec transpose before them/
  ],
  ['shards in shards', v3({ codecs: [sharding({ codecs: [sharding()] })] }), /^UNSUPPORTED.*shards within shards/],
  [
    'a compressed index',
    v3({ codecs: [sharding({ index_codecs: [BYTES, { name: 'gzip' }] })] }),
    /^UNSUPPORTED.*shard index written through bytes, gzip \(bytes and crc32c are read\)/
  ],
  [
    'a big-endian index',
    v3({ codecs: [sharding({ index_codecs: [{ name: 'bytes', configuration: { endian: 'big' } }] })] }),
    /^UNSUPPORTED.*shard index in big-endian byte order/
  ],
  ['an index in the middle', v3({ codecs: [sharding({ index_location: 'middle' })] }), /^BAD_METADATA.*index_location/]
];

describe('reading an array', () => {
  it.each(REFUSED)('refuses %s', (_, document, expected) => {
    expect(outcome(document)).toMatch(expected);
  });

  it.each([
    ['no pixels', v2({ shape: [0, 90] }), 'read 0x90'],
    ['no axes', v2({ shape: [], chunks: [] }), 'read '],
    ['32 axes', v2({ shape: Array(32).fill(1), chunks: Array(32).fill(1) }), `read ${Array(32).fill(1).join('x')}`],
    ['chunks larger than the array', v2({ shape: [16, 16], chunks: [128, 128] }), 'read 16x16'],
    ['codecs by name alone', v3({ codecs: ['bytes', 'crc32c'] }), 'read 100x90'],
    ['null where nothing is meant', v3({ dimension_names: null, fill_value: null }), 'read 100x90'],
    [
      'a transformer that may be ignored',
      v3({ storage_transformers: [{ name: 'x', must_understand: false }] }),
      'read 100x90'
    ]
  ])('takes %s', (_, document, expected) => {
    expect(outcome(document)).toBe(expected);
  });

  it.each(Object.keys(ITEM_BYTES) as DataType[])('reads %s', dtype => {
    const array = readArray('a', v3({ data_type: dtype }));
    expect(array.dtype).toBe(dtype);
    expect(array.fillBytes).toEqual(new Uint8Array(ITEM_BYTES[dtype]));
    expect(array.decodeDoc.data_type).toBe(dtype);
  });

  it.each([
    ['>u2', 'uint16', '>u2'],
    ['<f2', 'float16', '<f2'],
    ['>f2', 'float16', '>f2'],
    ['|b1', 'bool', '|b1'],
    ['|i1', 'int8', '|i1'],
    ['<u1', 'uint8', '|u1'],
    ['>i8', 'int64', '>i8']
  ])('reads the v2 type %s', (dtype, expected, decoded) => {
    const array = readArray('a', v2({ dtype }));
    expect([array.dtype, array.decodeDoc.dtype]).toEqual([expected, decoded]);
  });

  it('gives the decoder one whole chunk', () => {
    expect(
      readArray(
        'a/b',
        v2({ order: 'F', compressor: { id: 'blosc', cname: 'lz4' }, filters: [{ id: 'shuffle', elementsize: 2 }] })
      ).decodeDoc
    ).toEqual({
      zarr_format: 2,
      shape: [64, 64],
      chunks: [64, 64],
      dtype: '<u2',
      fill_value: 0,
      order: 'F',
      filters: [{ id: 'shuffle', elementsize: 2 }],
      compressor: { id: 'blosc', cname: 'lz4' }
    });
  });
});
