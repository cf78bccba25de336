import {
  CHUNK,
  CHUNKS,
  META_V2,
  META_V3,
  ORACLE,
  planeWith,
  raw,
  SIDE,
  text,
  type IHostileCase,
  type Outcome
} from './case';

const v2 = (more: object): Map<string, Uint8Array> => planeWith('.zarray', text({ ...META_V2, ...more }));
const v3 = (more: object): Map<string, Uint8Array> => planeWith('zarr.json', text({ ...META_V3, ...more }));

/** Rows over one array: variant → objects. */
function rows(
  row: string,
  expected: readonly Outcome[],
  variants: Record<string, () => Map<string, Uint8Array>>,
  more: Partial<IHostileCase> = {}
): IHostileCase[] {
  return Object.entries(variants).map(([variant, objects]) => ({
    row,
    variant,
    objects,
    expected,
    oracle: ORACLE,
    ...more
  }));
}

const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap(part => [...part]));

/** Two chunks of 32-bit floats, of which the second is not there and reads as the fill value. */
function floats(fill: string, value: number): Partial<IHostileCase> & { objects: () => Map<string, Uint8Array> } {
  const first = Float32Array.of(0.5, -0.25, 1e-40, 3);
  const document = JSON.stringify({
    ...META_V2,
    shape: [1, 8],
    chunks: [1, 4],
    dtype: '<f4',
    fill_value: 'FILL'
  }).replace('"FILL"', fill);
  return {
    objects: () =>
      new Map([
        ['.zarray', text(document)],
        ['0.0', raw(first)]
      ]),
    oracle: raw(Float32Array.of(...first, value, value, value, value))
  };
}

/** An array of one chunk. */
function single(more: object, bytes: Uint8Array, shape = [1, 4]): Pick<IHostileCase, 'objects' | 'oracle'> {
  return {
    objects: () =>
      new Map([
        ['.zarray', text({ ...META_V2, shape, chunks: shape, ...more })],
        [shape.map(() => 0).join('.') || '0', bytes]
      ]),
    oracle: bytes
  };
}

/** The plane as an image of one level at `path`, stored under `key`. */
function image(path: unknown, key: string | null, attributes: object = {}): () => Map<string, Uint8Array> {
  return () => {
    const axes = ['y', 'x'].map(name => ({ name, type: 'space' }));
    const datasets = [{ path, coordinateTransformations: [{ type: 'scale', scale: [1, 1] }] }];
    const group = JSON.stringify({ multiscales: [{ version: '0.4', axes, datasets }], ...attributes });
    // A computed key cannot spell __proto__; the text can.
    const objects = new Map([
      ['.zgroup', text({ zarr_format: 2 })],
      ['.zattrs', text(group.replace('"POLLUTE"', '"__proto__"'))]
    ]);
    if (key !== null) {
      objects.set(`${key}/.zarray`, text(META_V2));
      CHUNKS.forEach((bytes, chunk) => objects.set(`${key}/${chunk}`, bytes));
    }
    return objects;
  };
}

function rank(length: number): Pick<IHostileCase, 'objects' | 'oracle'> {
  return single(
    { dtype: '|u1' },
    Uint8Array.of(9),
    Array.from({ length }, () => 1)
  );
}

const big = { noStock: 'would allocate 3.6 GB' };
const bytesCodec = { name: 'bytes', configuration: { endian: 'little' } };
const gzip = { name: 'gzip', configuration: { level: 1 } };

export const METADATA_CASES: readonly IHostileCase[] = [
  ...rows('A01', ['BAD_METADATA'], {
    '.zarray {bad': () => planeWith('.zarray', text('{bad')),
    'zarr.json {bad': () => planeWith('zarr.json', text('{bad')),
    'empty .zarray': () => planeWith('.zarray', new Uint8Array())
  }),
  ...rows(
    'A02',
    ['BAD_METADATA'],
    Object.fromEntries(
      ['[]', 'null', '"x"', '42'].map(json => [`zarr.json ${json}`, () => planeWith('zarr.json', text(json))])
    )
  ),
  ...(
    [
      ['NaN', NaN],
      ['Infinity', Infinity],
      ['-Infinity', -Infinity]
    ] as const
  ).map(([fill, value]): IHostileCase => ({
    row: 'A03',
    variant: `bare ${fill}`,
    expected: ['pixels'],
    oracle: ORACLE,
    ...floats(fill, value)
  })),
  ...rows('A04', ['pixels'], { 'byte order mark': () => planeWith('.zarray', joined(BOM, text(META_V2))) }),
  ...rows('A04', ['BAD_METADATA'], {
    'UTF-16': () => planeWith('.zarray', Uint8Array.from(Buffer.from(`\ufeff${JSON.stringify(META_V2)}`, 'utf16le'))),
    'invalid UTF-8': () =>
      planeWith(
        '.zarray',
        joined(text('{"a":"'), Uint8Array.of(0xff, 0xfe), text(`",${JSON.stringify(META_V2).slice(1)}`))
      )
  }),
  ...rows('A05', ['BAD_METADATA'], {
    '100,000 nested arrays': () => planeWith('.zarray', text('['.repeat(100_000) + ']'.repeat(100_000)))
  }),
  ...rows(
    'A06',
    ['pixels'],
    {
      'attributes __proto__, constructor, toString': image('0', '0', {
        POLLUTE: { polluted: true },
        constructor: { prototype: { polluted: true } },
        toString: 1
      })
    },
    { image: true }
  ),
  ...rows('A07', ['pixels'], {
    'shape twice': () => planeWith('.zarray', text(JSON.stringify(META_V2).replace('{', '{"shape":[1,1],')))
  }),
  ...rows('A08', ['BAD_METADATA'], {
    ...Object.fromEntries(
      [-1, 4.5, '44', null, 2 ** 53].map(size => [`shape ${JSON.stringify(size)}`, () => v2({ shape: [size, SIDE] })])
    ),
    'shape null': () => v2({ shape: null }),
    'shape 1e400': () => planeWith('.zarray', text(JSON.stringify(META_V2).replace(`[${SIDE},`, '[1e400,')))
  }),
  ...rows('A08', ['pixels'], { 'shape 0': () => v2({ shape: [0, SIDE] }) }, { oracle: new Uint8Array() }),
  ...rows(
    'A09',
    ['BAD_METADATA'],
    Object.fromEntries(
      [[0, CHUNK], [-1, CHUNK], [CHUNK], [CHUNK, CHUNK, 1]].map(chunks => [
        `chunks ${JSON.stringify(chunks)}`,
        () => v2({ chunks })
      ])
    )
  ),
  ...rows(
    'A10',
    ['TOO_LARGE'],
    {
      '60000 × 60000, no chunk': () =>
        new Map([['.zarray', text({ ...META_V2, shape: [60000, 60000], chunks: [60000, 60000] })]])
    },
    {
      region: [
        [0, 2],
        [0, 2]
      ],
      ...big
    }
  ),
  ...[0, 33].map((length): IHostileCase => ({
    row: 'A11',
    variant: `rank ${length}`,
    expected: ['UNSUPPORTED'],
    image: true,
    ...rank(length)
  })),
  ...[1, 2, 6, 9].map((length): IHostileCase => ({
    row: 'A11',
    variant: `rank ${length}`,
    expected: ['pixels'],
    image: true,
    ...rank(length)
  })),
  ...rows('A12', ['UNSUPPORTED'], {
    ...Object.fromEntries(['|O', '<f99', '<U10', '<c8', '<M8[ns]'].map(dtype => [dtype, () => v2({ dtype })])),
    structured: () =>
      v2({
        dtype: [
          ['a', '<u2'],
          ['b', '<f4']
        ]
      }),
    'v3 complex64': () => v3({ data_type: 'complex64' }),
    'v3 r16': () => v3({ data_type: 'r16' })
  }),
  {
    row: 'A12',
    variant: 'float16',
    expected: ['pixels'],
    ...single({ dtype: '<f2' }, raw(Uint16Array.of(0x3c00, 0xc000, 0x7e00, 1)))
  },
  {
    row: 'A12',
    variant: 'int64',
    expected: ['pixels'],
    ...single({ dtype: '<i8' }, raw(BigInt64Array.of(2n ** 62n + 1n, -1n, -(2n ** 63n), 0n)))
  },
  {
    row: 'A12',
    variant: 'uint64',
    expected: ['pixels'],
    ...single({ dtype: '<u8' }, raw(BigUint64Array.of(2n ** 64n - 1n, 1n, 2n ** 53n + 1n, 0n)))
  },
  { row: 'A12', variant: 'bool', expected: ['pixels'], ...single({ dtype: '|b1' }, Uint8Array.of(1, 0, 1, 1)) },
  ...rows(
    'A13',
    ['BAD_METADATA'],
    Object.fromEntries(
      ['<script>', 300, 'NaN', -1, 1.5].map(fill => [
        `${JSON.stringify(fill)} on uint8`,
        () => v2({ dtype: '|u1', fill_value: fill })
      ])
    ),
    {
      oracle: ORACLE
    }
  ),
  ...rows('A13', ['pixels'], {
    'missing (0)': () => v2({ fill_value: undefined }),
    'null (0)': () => v2({ fill_value: null })
  }),
  ...rows('A14', ['UNSUPPORTED', 'BAD_METADATA'], {
    'v3 codec evil': () => v3({ codecs: [bytesCodec, { name: 'evil', configuration: {} }] }),
    'v2 compressor evil': () => v2({ compressor: { id: 'evil' } }),
    'codec constructor': () => v3({ codecs: [bytesCodec, { name: 'constructor', configuration: {} }] }),
    '3,000 codecs': () => v3({ codecs: [bytesCodec, ...Array.from({ length: 3000 }, () => gzip)] }),
    'codec twice': () => v3({ codecs: [bytesCodec, bytesCodec] }),
    'transpose [0,0]': () => v3({ codecs: [{ name: 'transpose', configuration: { order: [0, 0] } }, bytesCodec] })
  }),
  ...rows('A15', ['BAD_METADATA'], {
    ...Object.fromEntries(
      ['/../../', '%2F%2e%2e%2F', '?x=', '%252e', '', '..'].flatMap(separator => [
        [`v2 ${JSON.stringify(separator)}`, () => v2({ dimension_separator: separator })],
        [
          `v3 ${JSON.stringify(separator)}`,
          () => v3({ chunk_key_encoding: { name: 'v2', configuration: { separator } } })
        ]
      ])
    )
  }),
  ...rows(
    'A16',
    ['BAD_METADATA'],
    Object.fromEntries(
      [
        './https:%2F%2Fevil.example%2Fx',
        '//evil.example/x',
        'https://evil.example/x',
        './data:%2Cx',
        'javascript:alert(1)',
        '/0'
      ].map(path => [path, image(path, '0')])
    ),
    { image: true }
  ),
  ...rows(
    'A17',
    ['BAD_METADATA', 'PATH_DENIED'],
    Object.fromEntries(
      ['../0', '%2e%2e/0', '%252e%252e%252f0', 'a\\..\\b', 'a/./b', 'a/../0', '', '\u0000', 'a\nb'].map(path => [
        JSON.stringify(path),
        image(path, '0')
      ])
    ),
    { image: true }
  ),
  ...rows(
    'A17',
    ['pixels'],
    Object.fromEntries(['a?x', 'a#f', 'a%3Fx', '100%', 'é ü'].map(path => [JSON.stringify(path), image(path, path)])),
    { image: true }
  )
];
