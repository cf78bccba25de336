import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isBioImageError } from '../../core';
import { buildNode, type INode } from '..';

interface ICase {
  readonly name: string;
  readonly documents: Readonly<Record<string, unknown>>;
  readonly code?: string;
  readonly kind?: string;
  readonly paths?: readonly string[];
  readonly names?: readonly string[];
  /** How the notice about what was left out begins. */
  readonly refused?: string;
}

/** What the server's reader (`services/ngff.py`) makes of the same documents too. */
const CASES = JSON.parse(readFileSync(path.resolve('fixtures', 'lists.json'), 'utf8')) as ICase[]; // our own file

function pathsOf(node: INode): string[] {
  const listed =
    node.kind === 'plate'
      ? node.wells
      : node.kind === 'well'
        ? node.fields
        : node.kind === 'collection'
          ? node.series
          : [];
  return listed.map(({ path: place }) => place);
}

function outcome({ documents }: ICase): unknown {
  const bytes = Object.entries(documents).map(
    ([key, value]) => [key, value === null ? null : new TextEncoder().encode(JSON.stringify(value))] as const
  );
  try {
    const built = buildNode(new Map(bytes));
    return 'node' in built ? built.node : built.missing;
  } catch (error) {
    return isBioImageError(error) ? error.code : error;
  }
}

describe('a list with entries that cannot be read', () => {
  it.each(CASES)('$name', one => {
    const found = outcome(one) as INode | string; // `documents` is complete
    if (one.code !== undefined || typeof found === 'string') {
      expect(found).toBe(one.code);
      return;
    }
    const said = found.notices.map(String).filter(notice => notice.includes('cannot be read and are left out'));
    expect([found.kind, pathsOf(found), said.map(text => text.split(' cannot be read')[0])]).toEqual([
      one.kind,
      one.paths,
      one.refused === undefined ? [] : [one.refused]
    ]);
    if (one.names && found.kind === 'plate') {
      expect(found.wells.map(({ name }) => name)).toEqual(one.names);
    }
  });

  it('keeps the names of the series that are left', () => {
    const images = ['a', 'b', 'c'].map(
      name => `<Image Name="${name}"><Pixels SizeX="1" SizeY="1" SizeZ="1" SizeC="1" SizeT="1" Type="uint8"/></Image>`
    );
    const text = new TextEncoder();
    const json = (value: unknown): Uint8Array => text.encode(JSON.stringify(value));
    const built = buildNode(
      new Map<string, Uint8Array | null>([
        ['zarr.json', null],
        ['.zattrs', json({ 'bioformats2raw.layout': 3 })],
        ['OME/.zattrs', json({ series: ['0', '../x', '2'] })],
        ['OME/METADATA.ome.xml', text.encode(`<OME>${images.join('')}</OME>`)]
      ])
    );
    expect(built).toMatchObject({
      node: {
        series: [
          { path: '0', name: 'a' },
          { path: '2', name: 'c' }
        ]
      }
    });
  });

  it('says where it was cut, and which layout it has', () => {
    const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    const numbered = Array.from({ length: 300 }, (_, i) => [`${i}/.zattrs`, json({})] as const);
    const built = buildNode(
      new Map<string, Uint8Array | null>([
        ['zarr.json', null],
        ['.zattrs', json({ 'bioformats2raw.layout': '3' })],
        ['OME/.zattrs', null],
        ['OME/METADATA.ome.xml', null],
        ...numbered
      ])
    );
    expect('node' in built && built.node.notices.map(String)).toEqual([
      'The layout "3" of bioformats2raw is read like layout 3.',
      'Only the first 256 images were looked for; there may be more.',
      'The images were found by their numbers; nothing lists them.'
    ]);
  });

  it('says that v2 is read where only v2 has an image', () => {
    const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    const built = buildNode(
      new Map([
        ['zarr.json', json({ zarr_format: 3, node_type: 'group', attributes: {} })],
        ['.zattrs', json({ labels: ['a'] })]
      ])
    );
    expect('node' in built && built.node.notices.map(String)).toEqual([
      'Zarr v2 and v3 metadata lie side by side; v2 is read, for it has the image.'
    ]);
  });
});
