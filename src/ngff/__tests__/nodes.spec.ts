import { isBioImageError } from '../../core';
import type { IDocuments } from '../../stores';
import { buildNode, checkDatasetPath } from '..';
import type { IImage, INode } from '..';
import { reading } from '../../testing/reading';

type Json = Record<string, unknown>;

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const array = (shape: number[], more: Json = {}): Json => ({
  zarr_format: 2,
  shape,
  chunks: shape.map(size => Math.max(1, Math.min(size, 64))),
  dtype: '<u2',
  fill_value: 0,
  order: 'C',
  filters: null,
  compressor: null,
  ...more
});

const axes = (names: string): Json[] =>
  [...names].map(name => ({
    name,
    type: name === 't' ? 'time' : name === 'c' ? 'channel' : 'space',
    unit: 'micrometer'
  }));

const level = (path: unknown, scale?: unknown, translation?: unknown): Json => ({
  path,
  coordinateTransformations: [
    ...(scale === undefined ? [] : [{ type: 'scale', scale }]),
    ...(translation === undefined ? [] : [{ type: 'translation', translation }])
  ]
});

/** Builds from everything at once: what is not among the documents is absent. */
function build(documents: Json): INode {
  const known: IDocuments = new Map();
  for (;;) {
    const built = buildNode(known);
    if ('node' in built) {
      return built.node;
    }
    built.missing.forEach(key => known.set(key, Object.hasOwn(documents, key) ? bytes(documents[key]) : null));
  }
}

function image(multiscale: Json, arrays: Json, more: Json = {}): IImage {
  const node = build({ '.zattrs': { multiscales: [{ version: '0.4', ...multiscale }], ...more }, ...arrays });
  if (node.kind !== 'image') {
    throw new Error(node.kind);
  }
  return node;
}

const yx = (datasets: Json[], arrays: Json, more: Json = {}): IImage =>
  image({ axes: axes('yx'), datasets }, arrays, more);
const plain = (more: Json = {}, multiscale: Json = {}): IImage =>
  image(
    { axes: axes('cyx'), datasets: [level('0', [1, 2, 2])], ...multiscale },
    { '0/.zarray': array([3, 50, 60]) },
    more
  );

function codeOf(documents: Json): string {
  try {
    build(documents);
    return 'nothing';
  } catch (error) {
    return isBioImageError(error) ? error.code : String(error);
  }
}

describe('what a document may be', () => {
  it.each([
    ['{bad', 'BAD_METADATA'],
    ['[]', 'BAD_METADATA'],
    ['null', 'BAD_METADATA'],
    ['"x"', 'BAD_METADATA'],
    ['42', 'BAD_METADATA'],
    [`{"attributes":${'['.repeat(100_000)}`, 'BAD_METADATA']
  ])('zarr.json %.20s', (text, code) => {
    expect(codeOf({ 'zarr.json': text })).toBe(code);
    expect(codeOf({ '.zattrs': text })).toBe(code);
  });

  it('keeps keys that are names of methods as data', () => {
    expect(
      codeOf({ 'zarr.json': '{"node_type":"group","attributes":{"__proto__":{"multiscales":[]},"toString":2}}' })
    ).toBe('nothing');
    expect(({} as Json).multiscales).toBeUndefined();
  });

  it('takes v3 where both formats are there, and says so', () => {
    const multiscales = [{ axes: axes('yx'), datasets: [level('0', [1, 1])] }];
    const v3 = {
      zarr_format: 3,
      node_type: 'array',
      shape: [9, 9],
      data_type: 'uint8',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [9, 9] } },
      codecs: ['bytes']
    };
    const node = build({
      'zarr.json': { zarr_format: 3, node_type: 'group', attributes: { ome: { version: '0.5', multiscales } } },
      '.zattrs': { multiscales: [{ version: '0.4', ...multiscales[0] }] },
      '0/zarr.json': v3,
      '0/.zarray': array([7, 7])
    });
    expect(node).toMatchObject({
      zarrFormat: 3,
      version: '0.5',
      levels: [{ array: { shape: [9, 9] } }],
      notices: [reading('side by side')]
    });
  });

  it('asks for the levels that are named, each once, and for nothing else', () => {
    const documents: IDocuments = new Map([
      ['zarr.json', null],
      [
        '.zattrs',
        bytes({ multiscales: [{ version: '0.4', axes: axes('yx'), datasets: [level('a/b'), level('c'), level('c')] }] })
      ]
    ]);
    expect(buildNode(documents)).toEqual({ missing: ['a/b/.zarray', 'c/.zarray'] });
    expect(buildNode(new Map())).toEqual({ missing: ['zarr.json', '.zattrs'] });
  });

  it('reads the version where each version keeps it, and tries what it does not know', () => {
    expect(plain().notices.map(String)).toEqual([]);
    expect(plain({}, { version: '9.9' })).toMatchObject({ version: '9.9', notices: [reading('9.9')] });
    expect(plain({}, { version: undefined })).toMatchObject({
      version: '0.4',
      notices: [reading('not named')]
    });
  });
});

describe('a path in the metadata', () => {
  it.each([
    '../0',
    '%2e%2e/0',
    '%252e%252e%252f',
    'a\\..\\b',
    'a/./b',
    '',
    'a\0b',
    'a\nb',
    '/0',
    '0/',
    '//evil',
    './0',
    './https:%2F%2Fevil.example%2Fx',
    './data:%2C',
    'javascript:alert(1)',
    'https://evil.example',
    'data:,x',
    null,
    7,
    {}
  ])('%p is refused', path => {
    expect(
      codeOf({
        '.zattrs': { multiscales: [{ version: '0.4', axes: axes('yx'), datasets: [level('0'), level(path)] }] }
      })
    ).toBe('BAD_METADATA');
    expect(() => checkDatasetPath(path, 'path')).toThrow(/path/);
  });

  it.each(['a?x', 'a#f', 'a%3Fx', '100%', 'a b', 'ä', '0/1/2', '..a'])('%p is a name', path => {
    expect(yx([level(path)], { [`${path}/.zarray`]: array([4, 4]) }).levels[0].path).toBe(path);
  });
});

describe('levels', () => {
  const two = { 'a/.zarray': array([64, 64]), 'b/.zarray': array([32, 32]) };

  it('beyond 32 are left out', () => {
    const many = Array.from({ length: 1000 }, (_, i) => i);
    const arrays = Object.fromEntries(many.map(i => [`${i}/.zarray`, array([1000 - i, 1000 - i])]));
    const opened = yx(
      many.map(i => level(String(i))),
      arrays
    );
    expect(opened.levels).toHaveLength(32);
    expect(opened.notices.map(String)).toContainEqual(reading('first 32 of 1000'));
  });

  it.each([
    ['of another rank', array([3, 32, 32])],
    ['of another type', array([32, 32], { dtype: '<f4' })],
    ['that cannot be read', array([32, 32], { compressor: { id: 'evil' } })],
    ['that is not sane', array([-1, 32])]
  ])('%s are left out where they are coarser', (_, second) => {
    const opened = yx([level('a'), level('b'), level('c')], {
      ...two,
      'b/.zarray': second,
      'c/.zarray': array([16, 16])
    });
    expect(opened.levels.map(({ path, index }) => [path, index])).toEqual([
      ['a', 0],
      ['c', 1]
    ]);
    expect(opened.notices.map(String)).toContainEqual(reading(/^Level b is left out/));
  });

  it.each([
    ['BAD_METADATA', array([-1, 32])],
    ['TOO_LARGE', array([64, 64], { chunks: [60000, 60000] })],
    ['UNSUPPORTED', array([64, 64], { dtype: '|O' })]
  ])('are nothing without the first one: %s', (code, first) => {
    const multiscales = [{ version: '0.4', axes: axes('yx'), datasets: [level('a'), level('b')] }];
    expect(codeOf({ '.zattrs': { multiscales }, ...two, 'a/.zarray': first })).toBe(code);
  });

  it('may lack the first one where it is not there at all', () => {
    const opened = yx([level('gone', [1, 1]), level('a', [2, 2]), level('b', [4, 4])], two);
    expect(opened.levels).toMatchObject([
      { path: 'a', ratio: [1, 1], scale: [2, 2] },
      { path: 'b', ratio: [2, 2], scale: [4, 4] }
    ]);
    expect(opened.notices.map(String)).toEqual([reading('There is no array gone')]);
  });

  it('come finest first whatever their order', () => {
    const opened = yx([level('b', [4, 4]), level('a', [2, 2])], two);
    expect(opened.levels).toMatchObject([
      { path: 'a', scale: [2, 2] },
      { path: 'b', ratio: [2, 2] }
    ]);
    expect(opened.notices.map(String)).toEqual([reading('fine to coarse')]);
  });

  it('take their ratio from the scales, and from the shapes where there is none or it contradicts', () => {
    const odd = { 'a/.zarray': array([65, 63]), 'b/.zarray': array([33, 31]) };
    expect(yx([level('a', [0.5, 0.5]), level('b', [1, 1])], odd).levels[1].ratio).toEqual([2, 2]);
    expect(yx([level('a'), level('b')], odd).levels[1].ratio).toEqual([65 / 33, 63 / 31]);
    const same = yx([level('a', [0.5, 0.5]), level('b', [0.5, 0.5])], two);
    expect(same.levels[1]).toMatchObject({ ratio: [2, 2], scale: [1, 1] });
    expect(same.notices.map(String)).toEqual([reading('contradict')]);
  });

  it('multiply the scale of all levels', () => {
    const whole = {
      coordinateTransformations: [
        { type: 'scale', scale: [10, 10] },
        { type: 'translation', translation: [5, 0] }
      ]
    };
    const opened = image(
      { axes: axes('yx'), datasets: [level('a', [1, 1], [3, 4]), level('b', [2, 2], [3.5, 4.5])], ...whole },
      two
    );
    expect(opened.levels).toMatchObject([
      { scale: [10, 10], translation: [35, 40], offset: [0, 0] },
      { scale: [20, 20], translation: [40, 45], offset: [0, 0] }
    ]);
  });

  it('lie corner on corner where no level is moved against another', () => {
    const all = (a?: number[], b?: number[]): readonly number[] =>
      yx([level('a', [1, 1], a), level('b', [2, 2], b)], two).levels[1].offset;
    expect(all()).toEqual([0, 0]);
    expect(all([7, 7], [7, 7])).toEqual([0, 0]);
    expect(all([0, 0], [0.5, 0.5])).toEqual([0, 0]);
    expect(all([0, 0], [1, 0])).toEqual([0.5, -0.5]);
  });

  it.each([[0], [-1], [NaN], [Infinity], [1e308], ['1']])('have no unit where a scale is %p', bad => {
    const opened = yx([level('a', [bad, 1]), level('b', [2, 2])], two);
    expect(opened.levels.map(({ scale }) => scale)).toEqual([
      [1, 1],
      [2, 2]
    ]);
    expect(opened.axes[0].unit).toBeUndefined();
    expect(opened.notices.map(String)).toContainEqual(reading('scale'));
  });

  it('may be rotated: then the picture is not', () => {
    const rotated = { path: 'a', coordinateTransformations: [{ type: 'rotation', rotation: [] }] };
    expect(yx([rotated], two).notices.map(String)).toContainEqual(reading('rotation'));
  });

  it('may be empty', () => {
    expect(yx([level('a', [1, 1])], { 'a/.zarray': array([0, 64]) }).levels[0].array.shape).toEqual([0, 64]);
  });
});

describe('axes', () => {
  const at = (names: unknown, shape: number[], version = '0.4'): IImage =>
    image({ version, axes: names, datasets: [{ path: '0' }] }, { '0/.zarray': array(shape) });

  it('are assumed where they are missing', () => {
    expect(at(undefined, [1, 2, 3, 4, 5], '0.1')).toMatchObject({ at: { t: 0, c: 1, z: 2, y: 3, x: 4 }, notices: [] });
    expect(at(undefined, [3, 4, 5]).notices.map(String)).toEqual([reading('z, y, x are assumed')]);
  });

  it('are names alone in 0.3', () => {
    expect(at(['c', 'y', 'x'], [3, 4, 5], '0.3').axes).toEqual([
      { name: 'c', type: 'channel' },
      { name: 'y', type: 'space' },
      { name: 'x', type: 'space' }
    ]);
  });

  it('of the same name are told apart', () => {
    const opened = at(axes('yyx'), [3, 4, 5]);
    expect(opened.axes.map(({ name }) => name)).toEqual(['y', 'axis 1', 'x']);
    expect(String(opened.notices[0])).toContain('Two axes');
  });

  it('of unknown type or without a name are shown all the same', () => {
    const opened = at([{ name: 'λ', type: 'phase' }, {}, { name: 'n'.repeat(10_000) }, 7], [2, 3, 4, 5]);
    expect(opened.axes.map(({ type }) => type)).toEqual(['other', 'other', 'other', 'other']);
    expect(opened.axes.map(({ name }) => name.length)).toEqual([1, 6, 80, 6]);
    expect(opened.at).toEqual({ y: 2, x: 3 });
    expect(opened.notices.map(String)).toContainEqual(reading('Only position 0 is shown along λ, axis 1'));
  });

  it.each([
    ['too few', axes('x'), [5], 'UNSUPPORTED'],
    ['too many', axes('abctzyx'), [1, 1, 1, 1, 1, 5, 5], 'UNSUPPORTED'],
    ['not those of the array', axes('yx'), [3, 4, 5], 'BAD_METADATA']
  ])('%s are refused', (_, names, shape, code) => {
    expect(
      codeOf({
        '.zattrs': { multiscales: [{ version: '0.4', axes: names, datasets: [level('0')] }] },
        '0/.zarray': array(shape)
      })
    ).toBe(code);
  });
});

describe('the name', () => {
  it('is that of the multiscale, else that of the display settings, and is cut', () => {
    expect(plain({}, { name: 'a' }).name).toBe('a');
    expect(plain({ omero: { name: 'b' } }).name).toBe('b');
    expect(plain({}, { name: 7 }).name).toBe('');
    expect(plain({}, { name: 'x'.repeat(1e5) }).name).toHaveLength(200);
  });
});
