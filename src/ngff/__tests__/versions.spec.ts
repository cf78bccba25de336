import { buildNode } from '..';
import type { INode } from '..';
import { KINDS } from '../kinds';
import { SCHEMAS } from '../spec/schemas';
import { paragraphOf, rulesOf, VERSIONS, versionNamed } from '../versions';
import type { IVersion } from '../versions';
import { codeOf } from './made';
import { reading } from '../../testing/reading';

type Json = Record<string, unknown>;

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Metadata of a version in its own words; `values` get the version where it keeps it. */
function written(version: IVersion, values: Json): Map<string, Uint8Array | null> {
  const { zarrFormat, namespace, versionIn, id } = version;
  const inner = versionIn === 'group' ? { version: id, ...values } : values;
  const attributes = namespace === '' ? inner : { [namespace]: inner };
  return new Map<string, Uint8Array | null>(
    zarrFormat === 3
      ? [
          ['zarr.json', bytes({ zarr_format: 3, node_type: 'group', attributes })],
          ['.zattrs', null]
        ]
      : [
          ['zarr.json', null],
          ['.zattrs', bytes(attributes)]
        ]
  );
}

const part = (version: IVersion, values: Json): Json =>
  version.versionIn === 'parts' ? { version: version.id, ...values } : values;

const axes = [...'tczyx'].map(name => ({ name, type: name === 't' ? 'time' : name === 'c' ? 'channel' : 'space' }));
const scale = (by: number): Json => ({
  type: 'scale',
  scale: [1, 1, 1, by, by],
  input: { path: 's' },
  output: { name: 'own' }
});

/** An image of two levels as this version writes it. */
function imageIn(version: IVersion): Json {
  const levels = [1, 2].map((by, i) => ({
    path: `s${i}`,
    ...(version.id > '0.3' && { coordinateTransformations: [scale(by)] })
  }));
  const frame =
    version.id >= '0.6'
      ? { coordinateSystems: [{ name: 'own', axes }] }
      : version.fixedAxes
        ? {}
        : { axes: version.id === '0.3' ? [...'tczyx'] : axes };
  return version.id === '1.0-dev'
    ? { multiscale: { ...frame, levels } }
    : { multiscales: [part(version, { ...frame, datasets: levels })] };
}

function arrayIn(version: IVersion, size: number): Json {
  const shape = [1, 2, 3, size, size];
  return version.zarrFormat === 2
    ? {
        zarr_format: 2,
        shape,
        chunks: shape,
        dtype: '|u1',
        order: 'C',
        fill_value: 0,
        filters: null,
        compressor: null,
        dimension_separator: version.separator
      }
    : {
        zarr_format: 3,
        node_type: 'array',
        shape,
        data_type: 'uint8',
        chunk_grid: { name: 'regular', configuration: { chunk_shape: shape } },
        fill_value: 0,
        codecs: [{ name: 'bytes' }]
      };
}

function build(documents: Map<string, Uint8Array | null>): INode {
  for (;;) {
    const built = buildNode(documents);
    if ('node' in built) {
      return built.node;
    }
    built.missing.forEach(key => documents.set(key, null));
  }
}

describe.each(VERSIONS.map(version => [version.id, version] as const))('OME-Zarr %s', (id, version) => {
  it('is known by its name and by those of its development, and no other version is', () => {
    expect(versionNamed(id)).toBe(version);
    expect(VERSIONS.filter(({ names }) => names.test(id))).toEqual([version]);
    expect(versionNamed(`${id}0`) === version).toBe(id.endsWith('-dev'));
  });

  it('is an image in its own words, with its axes, levels and no word of repair', () => {
    const documents = written(version, imageIn(version));
    [64, 32].forEach((size, i) =>
      documents.set(`s${i}/${version.zarrFormat === 2 ? '.zarray' : 'zarr.json'}`, bytes(arrayIn(version, size)))
    );
    const node = build(documents);
    expect(node).toMatchObject({ kind: 'image', version: id, at: { t: 0, c: 1, z: 2, y: 3, x: 4 } });
    expect(node.kind === 'image' && node.levels.map(({ ratio }) => ratio[4])).toEqual([1, 2]);
    expect(node.notices.filter(notice => !String(notice).includes('in development'))).toEqual([]);
    if (node.kind === 'image' && version.zarrFormat === 2) {
      expect(node.levels[0].array.objectKey([0, 0, 0, 0, 0])).toBe(`s0/${Array(5).fill(0).join(version.separator)}`);
    }
  });

  it('is a plate, a well and a list of labels', () => {
    const plate = {
      rows: [{ name: 'A' }],
      columns: [{ name: '1' }],
      wells: [{ path: 'A/1', rowIndex: 0, columnIndex: 0 }]
    };
    expect(build(written(version, { plate: part(version, plate) }))).toMatchObject({ kind: 'plate', version: id });
    expect(build(written(version, { well: part(version, { images: [{ path: '0' }] }) }))).toMatchObject({
      kind: 'well'
    });
    expect(build(written(version, { labels: ['a'] }))).toMatchObject({ kind: 'collection', series: [{ path: 'a' }] });
  });

  it('is recognised by its form alone where that is its own', () => {
    const values = imageIn(version);
    const { rules, declared } = rulesOf(
      JSON.parse(JSON.stringify(values).replaceAll(`"version":"${id}",`, '')) as Json,
      version.zarrFormat
    );
    expect(declared).toBe(false);
    expect(rules.id).toBe(id >= '0.6' ? id : version.zarrFormat === 2 ? '0.4' : '0.5');
  });

  it('has schemas, or is a proposal; and its paragraphs have names', () => {
    expect(Object.hasOwn(SCHEMAS, id) || id === '1.0-dev').toBe(true);
    expect(paragraphOf(version, 'plate')).toBe(`OME-Zarr ${id}, "plate" metadata`);
  });
});

describe('the kinds of groups', () => {
  it.each(KINDS.map(kind => [kind.id, kind] as const))(
    '%s has a key of its own and refuses what is no metadata of it',
    (_, kind) => {
      const documents = new Map<string, Uint8Array | null>([
        [
          'zarr.json',
          bytes({ zarr_format: 3, node_type: 'group', attributes: { ome: { version: '0.5', [kind.keys[0]]: 7 } } })
        ],
        ['.zattrs', null]
      ]);
      expect(KINDS.filter(other => other.keys.some(key => kind.keys.includes(key)))).toEqual([kind]);
      if (kind.id === 'bioformats2raw') {
        expect(build(documents).kind).toBe('collection');
      } else {
        expect(codeOf(() => build(documents))).toBe('BAD_METADATA');
      }
    }
  );

  it('take common words for theirs only under the namespace', () => {
    const attributes = { scene: 'forest', collection: 'spring' };
    const documents = new Map<string, Uint8Array | null>([
      ['zarr.json', bytes({ zarr_format: 3, node_type: 'group', attributes })],
      ['.zattrs', null]
    ]);
    expect(build(documents)).toMatchObject({ kind: 'group', attributes });
  });
});

describe('a plain group', () => {
  it('has the members of consolidated metadata, arrays where they can be read, and nothing outside of itself', () => {
    const array = {
      zarr_format: 2,
      shape: [4],
      chunks: [4],
      dtype: '|u1',
      order: 'C',
      fill_value: 0,
      filters: null,
      compressor: null
    };
    const metadata = {
      '.zattrs': {},
      'b/.zgroup': {},
      'b/c/.zarray': array,
      'a/.zarray': { bad: 1 },
      '../x/.zarray': array,
      '__proto__/.zgroup': {}
    };
    const node = build(
      new Map<string, Uint8Array | null>([
        ['zarr.json', null],
        ['.zattrs', bytes({ some: 'thing' })],
        ['.zgroup', bytes({})],
        ['.zarray', null],
        ['.zmetadata', bytes({ metadata })]
      ])
    );
    expect(node).toMatchObject({ kind: 'group', zarrFormat: 2, attributes: { some: 'thing' } });
    const members = node.kind === 'group' ? (node.members ?? []) : [];
    expect(members.map(({ path, type, array: found }) => [path, type, found?.shape])).toEqual([
      ['__proto__', 'group', undefined],
      ['a', 'array', undefined],
      ['b', 'group', undefined],
      ['b/c', 'array', [4]]
    ]);
    expect(node.notices.map(String)).toContainEqual(reading(/^1 members are left out/));
  });

  it('is to be listed where nothing is consolidated, and shows 10,000 members at most', () => {
    expect(
      build(
        new Map([
          ['zarr.json', bytes({ zarr_format: 3, node_type: 'group' })],
          ['.zattrs', null]
        ])
      )
    ).not.toHaveProperty('members');
    const metadata = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`g${i}`, { node_type: 'group' }]));
    const node = build(
      new Map([
        ['zarr.json', bytes({ zarr_format: 3, node_type: 'group', consolidated_metadata: { metadata } })],
        ['.zattrs', null]
      ])
    );
    expect(node.kind === 'group' && node.members?.length).toBe(10_000);
  });
});
