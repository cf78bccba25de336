/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import type { IStoreInfo } from '../../entities';
import type { IImage } from '../../ngff';
import { buildNode } from '../../ngff';
import { imageOf } from '../../ngff/__tests__/made';
import { childOf, resolveUri } from '../../stores';
import { snippetAccess, snippetInput } from '../snippetinput';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A v2 image t 2, c 3, z 5, y 101, x 90, whose second level is half as large in y and x and has every other plane. */
function image(): IImage {
  const level = (path: string, shape: number[], scale: number[]): [string, unknown, object] => [
    path,
    { zarr_format: 2, shape, chunks: shape, dtype: '<u2', compressor: null, filters: null, fill_value: 0, order: 'C' },
    { path, coordinateTransformations: [{ type: 'scale', scale }] }
  ];
  const levels = [level('s0', [2, 3, 5, 101, 90], [1, 1, 1, 1, 1]), level('s1', [2, 3, 3, 51, 45], [1, 1, 2, 2, 2])];
  const axes = [...'tczyx'].map(name => ({ name, type: name === 't' ? 'time' : name === 'c' ? 'channel' : 'space' }));
  const channels = [true, true, false].map((active, index) => ({ label: `C${index}`, active, color: 'FFFFFF' }));
  const documents = new Map<string, Uint8Array | null>([
    ['.zgroup', bytes({ zarr_format: 2 })],
    [
      '.zattrs',
      bytes({
        multiscales: [{ version: '0.4', name: 'Cells', axes, datasets: levels.map(([, , dataset]) => dataset) }],
        omero: { channels }
      })
    ],
    ['zarr.json', null],
    ...levels.map(([path, array]): [string, Uint8Array] => [`${path}/.zarray`, bytes(array)])
  ]);
  const built = buildNode(documents);
  if (!('node' in built) || built.node.kind !== 'image') {
    throw new Error('not an image');
  }
  return built.node;
}

const store = (changes: Partial<IStoreInfo>): IStoreInfo => {
  return { id: 'data', label: 'Data', kind: 'folder', prefixes: [], prefer: 'session', absentIs403: false, access: {}, ...changes };
};
const FILE = { kind: 'file', path: '/data/x.zarr' } as const;

describe('the input of a snippet', () => {
  it('has the level that is pinned, else the one that is drawn, else full resolution', () => {
    expect(snippetInput(image(), 'x', FILE, { level: 1 }, 0)).toMatchObject({ level: 1, levelPath: 's1', shape: [2, 3, 3, 51, 45] });
    expect(snippetInput(image(), 'x', FILE, {}, 1)).toMatchObject({ level: 1, levelPath: 's1' });
    expect(snippetInput(image(), 'x', FILE, {})).toMatchObject({ level: 0, levelPath: 's0', dtype: 'uint16', zarrFormat: 2 });
  });

  it('drops t and z where they are given, and keeps c in its order', () => {
    const { slices } = snippetInput(image(), 'x', FILE, { t: 1, z: 4, c: [2, 0] });
    expect(slices).toEqual([{ index: 1 }, { list: [2, 0] }, { index: 4 }, null, null]);
  });

  it('counts t and z in the level', () => {
    expect(snippetInput(image(), 'x', FILE, { z: 4, c: [0, 1, 2], level: 1 }).slices[2]).toEqual({ index: 2 });
  });

  it('loads what is drawn of a level that covers a part', () => {
    const part = imageOf('zyx', [
      { shape: [9, 64, 64], transformations: [{ type: 'scale', scale: [1, 1, 1] }] },
      {
        shape: [4, 32, 28],
        transformations: [
          { type: 'scale', scale: [1, 2, 2] },
          { type: 'translation', translation: [4, 0.5, 8.5] }
        ]
      }
    ]);
    const of = (z: number, region: [number, number, number, number]): unknown =>
      snippetInput(part, 'x', FILE, { z, region, level: 1 }).slices;
    expect(of(6, [0, 10, 8, 20])).toEqual([{ index: 2 }, { start: 0, stop: 5 }, { start: 0, stop: 6 }]);
    expect(() => of(3, [0, 10, 8, 20])).toThrow('Level 1 does not reach z 3.');
    expect(() => of(6, [0, 10, 0, 8])).toThrow('The region lies outside the image.');
  });

  it('takes the visible channels where none are named', () => {
    expect(snippetInput(image(), 'x', FILE, {}).slices[1]).toEqual({ list: [0, 1] });
    expect(snippetInput(image(), 'x', FILE, { c: [0, 1, 2] }).slices[1]).toBeNull();
  });

  it.each([
    [0, [10, 21, 5, 6], [{ start: 10, stop: 21 }, { start: 5, stop: 6 }]],
    [1, [10, 21, 5, 6], [{ start: 5, stop: 11 }, { start: 2, stop: 3 }]],
    [1, [0, 1000, 80, 1000], [{ start: 0, stop: 51 }, { start: 40, stop: 45 }]]
  ])('covers on level %d the region %j as floor and ceiling, clipped', (level, region, expected) => {
    const { slices } = snippetInput(image(), 'x', FILE, { level, region: region as [number, number, number, number] });
    expect(slices.slice(3)).toEqual(expected);
  });

  it.each([{ level: 2 }, { t: 2 }, { z: 5 }, { c: [3] }, { region: [200, 300, 0, 10] as [number, number, number, number] }])(
    'refuses %j, which the image does not have',
    selection => {
      expect(() => snippetInput(image(), 'x', FILE, selection)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }) as Error);
    }
  );
});

describe('the access of a snippet', () => {
  const access = (uri: string, one: IStoreInfo, path = ''): unknown => snippetAccess(childOf(resolveUri(uri, [one]), path));

  it.each([
    [{ root: '/data' }, { kind: 'file', path: '/data/a b#%.zarr' }],
    [{ root: '/' }, { kind: 'file', path: '/a b#%.zarr' }],
    [{ endpoint: 'https://s3.example', bucket: 'open' }, { kind: 's3', endpoint: 'https://s3.example', bucket: 'open', key: 'a b#%.zarr' }],
    [
      { endpoint: 'https://s3.example', bucket: 'open', prefix: 'deep/er' },
      { kind: 's3', endpoint: 'https://s3.example', bucket: 'open', key: 'deep/er/a b#%.zarr' }
    ],
    [{ url: 'https://a.example/base/' }, { kind: 'https', url: 'https://a.example/base/a%20b%23%25.zarr' }]
  ])('through %j is %j', (how, expected) => {
    expect(access('store:data/a b#%.zarr', store({ access: how }))).toEqual(expected);
  });

  it('says where a missing object is answered by 403', () => {
    const one = store({ access: { url: 'https://a.example' }, absentIs403: true });
    expect(access('store:data/x', one)).toEqual({ kind: 'https', url: 'https://a.example/x', absentIs403: true });
  });

  it('leads to a field of a plate', () => {
    expect(access('store:data/p.zarr', store({ access: { root: '/data' } }), 'A/1/0')).toEqual({ kind: 'file', path: '/data/p.zarr/A/1/0' });
  });

  it('is the public address where the store says nothing, and where there is no store', () => {
    const open = store({ prefixes: ['https://a.example/open'], direct: 'https://a.example/open' });
    expect(access('https://a.example/open/x%23.zarr', open)).toEqual({ kind: 'https', url: 'https://a.example/open/x%23.zarr' });
    expect(access('https://b.example/x.zarr/', open, 'A/1')).toEqual({ kind: 'https', url: 'https://b.example/x.zarr/A/1' });
  });

  it('is refused for a store that a kernel cannot reach', () => {
    expect(() => access('store:data/x.zarr', store({}))).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }) as Error);
  });
});
