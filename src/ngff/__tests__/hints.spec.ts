import { isBioImageError } from '../../core';
import type { IDocuments } from '../../stores';
import { buildNode } from '..';
import type { IImage, INode } from '..';
import { reading } from '../../testing/reading';

type Json = Record<string, unknown>;

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

function build(documents: Json): { node: INode; asked: string[] } {
  const known: IDocuments = new Map();
  for (;;) {
    const built = buildNode(known);
    if ('node' in built) {
      return { node: built.node, asked: [...known.keys()] };
    }
    built.missing.forEach(key => known.set(key, Object.hasOwn(documents, key) ? bytes(documents[key]) : null));
  }
}

function codeOf(documents: Json): string {
  try {
    build(documents);
    return 'nothing';
  } catch (error) {
    return isBioImageError(error) ? error.code : String(error);
  }
}

/** An image of 4 times, `c` channels and 10 planes with these display settings. */
function shown(omero: unknown, c = 3): IImage {
  const shape = [4, c, 10, 8, 8];
  const axes = [...'tczyx'].map(name => ({ name }));
  const { node } = build({
    '.zattrs': { multiscales: [{ version: '0.4', axes, datasets: [{ path: '0' }] }], omero },
    '0/.zarray': { zarr_format: 2, shape, chunks: [1, 1, 1, 8, 8], dtype: '|u1', fill_value: 0, order: 'C' }
  });
  return node as IImage;
}

const channel = (hint: unknown): IImage['channels'][number] => shown({ channels: [hint] }, 1).channels[0];

describe('the channels', () => {
  it('are numbered where nothing describes them', () => {
    expect(shown(undefined).channels).toEqual(
      [0, 1, 2].map(index => ({ index, label: `Channel ${index}`, active: true }))
    );
    expect(shown(undefined).hasOmero).toBe(false);
  });

  it.each([[7], ['x'], [[]], [{}], [{ channels: 'x' }], [{ channels: {} }], [{ channels: [null, 7, 'x'] }], [null]])(
    'survive %j as display settings',
    omero => {
      expect(shown(omero).channels.map(({ label, active }) => [label, active])).toEqual(
        [0, 1, 2].map(i => [`Channel ${i}`, true])
      );
    }
  );

  it('have labels that differ', () => {
    const labels = (names: unknown[]): string[] =>
      shown({ channels: names.map(label => ({ label })) }, names.length).channels.map(({ label }) => label);
    expect(labels(['DNA', 'DNA', 'actin'])).toEqual(['DNA 1', 'DNA 2', 'actin']);
    expect(labels(['DNA', 'DNA 1', 'DNA'])).toEqual(['DNA 2', 'DNA 1', 'DNA 3']);
    expect(labels(['', '  ', 'Channel 1'])).toEqual(['Channel 0', 'Channel 1 1', 'Channel 1 2']);
    expect(labels([405, null, '<img src=x onerror=alert(1)>'])).toEqual([
      '405',
      'Channel 1',
      '<img src=x onerror=alert(1)>'
    ]);
    expect(labels(['x'.repeat(1000)])[0]).toHaveLength(80);
  });

  it.each([
    ['00ff7F', '00FF7F'],
    ['#00ff7f', '00FF7F'],
    ['red;background:url(//evil)', undefined],
    ['GGGGGG', undefined],
    ['f00', undefined],
    ['00ff7f00', undefined],
    [255, undefined]
  ])('have a colour of six digits or none: %p', (color, expected) => {
    expect(channel({ color }).color).toBe(expected);
  });

  it.each([
    ['as given', { min: 0, max: 255, start: 5, end: 90 }, { min: 0, max: 255, start: 5, end: 90 }],
    ['without ends', { min: 1, max: 9 }, { min: 1, max: 9, start: 1, end: 9 }],
    ['without a range', { start: 1, end: 9 }, { min: 1, max: 9, start: 1, end: 9 }],
    ['turned round', { min: 255, max: 0, start: 90, end: 5 }, { min: 0, max: 255, start: 5, end: 90 }],
    ['beyond its range', { min: 10, max: 20, start: 5, end: 90 }, { min: 5, max: 90, start: 5, end: 90 }],
    ['negative', { min: -9, max: -1, start: -8, end: -2 }, { min: -9, max: -1, start: -8, end: -2 }],
    ['empty', { start: 7, end: 7 }, undefined],
    ['of texts', { start: '1', end: '2' }, undefined],
    ['of nothing', {}, undefined],
    ['that is none', 7, undefined]
  ])('have a window %s', (_, window, expected) => {
    expect(channel({ window }).window).toEqual(expected);
  });

  it('are on where the settings do not say, up to six; one is always on', () => {
    const active = (omero: unknown, count: number): number[] =>
      shown(omero, count)
        .channels.filter(each => each.active)
        .map(({ index }) => index);
    expect(active(undefined, 9)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(active({ channels: [{ active: false }, {}, { active: true }] }, 3)).toEqual([1, 2]);
    expect(active({ channels: [{ active: false }, { active: false }] }, 2)).toEqual([0]);
    expect(active({ channels: Array(9).fill({ active: true }) }, 9)).toHaveLength(9);
  });

  it('are those of the image, however many are described', () => {
    const opened = shown({ channels: Array.from({ length: 5000 }, () => 'x').map(label => ({ label })) });
    expect(opened.channels.map(({ label }) => label)).toEqual(['x 1', 'x 2', 'x 3']);
    expect(opened.notices.map(String)).toContainEqual(reading('5000 channels, the image has 3'));
    const many = shown(undefined, 5000);
    expect(many.channels).toHaveLength(256);
    expect(many.notices.map(String)).toContainEqual(reading('256 of 5000'));
  });
});

describe('the first plane', () => {
  it.each([
    [undefined, { t: 0, z: 5 }],
    [
      { defaultT: 3, defaultZ: 0 },
      { t: 3, z: 0 }
    ],
    [
      { defaultT: 4, defaultZ: 71 },
      { t: 0, z: 5 }
    ],
    [
      { defaultT: -1, defaultZ: 1.5 },
      { t: 0, z: 5 }
    ],
    [{ defaultZ: '3' }, { t: 0, z: 5 }],
    [null, { t: 0, z: 5 }]
  ])('by %j is %j', (rdefs, expected) => {
    expect(shown({ rdefs }).defaults).toEqual(expected);
  });
});

describe('a plate', () => {
  const names = (count: number): Json[] => Array.from({ length: count }, (_, i) => ({ name: String(i + 1) }));
  const plate = (wells: Json[], more: Json = {}): Json => ({
    '.zattrs': { plate: { version: '0.4', rows: [{ name: 'A' }, { name: 'B' }], columns: names(3), wells, ...more } }
  });

  it('has wells by name, also where only their paths tell the place', () => {
    const { node, asked } = build(
      plate([{ path: 'A/3', rowIndex: 0, columnIndex: 2 }, { path: 'B/1' }], { name: 'p' })
    );
    expect(node).toMatchObject({
      kind: 'plate',
      name: 'p',
      wells: [
        { name: 'A3', path: 'A/3', row: 0, column: 2 },
        { name: 'B1', row: 1, column: 0 }
      ],
      notices: []
    });
    expect(asked).toEqual(['zarr.json', '.zattrs']);
  });

  it('leaves out wells outside of it and second ones', () => {
    const { node } = build(
      plate([
        { path: 'A/1', rowIndex: 0, columnIndex: 0 },
        { path: 'x', rowIndex: 1e9, columnIndex: 0 },
        { path: 'A/1', rowIndex: 0, columnIndex: 0 }
      ])
    );
    expect(node).toMatchObject({
      wells: [{ name: 'A1' }],
      notices: [reading('outside'), reading('already')]
    });
  });

  it('of 1,536 wells is read, of 100,000 is too large', () => {
    const wells = (count: number): Json[] =>
      Array.from({ length: count }, (_, i) => ({ path: `1/${i + 1}`, rowIndex: 0, columnIndex: i }));
    const { node } = build(plate(wells(1536), { columns: names(1536) }));
    expect(node).toMatchObject({ notices: [] });
    expect(codeOf(plate(wells(100_000)))).toBe('TOO_LARGE');
  });

  it.each(['../A', 'https://x/y', 'A//1'])('with a well at %s is refused', path => {
    expect(codeOf(plate([{ path, rowIndex: 0, columnIndex: 0 }]))).toBe('BAD_METADATA');
  });
});

describe('a collection', () => {
  const root = { '.zattrs': { 'bioformats2raw.layout': 3 } };
  const series = (documents: Json): readonly string[] => {
    const { node } = build({ ...root, ...documents });
    return node.kind === 'collection' ? node.series.map(({ path }) => path) : [];
  };

  it('has the series that are listed, in their order', () => {
    expect(series({ 'OME/.zattrs': { series: ['2', '0'] }, 'OME/METADATA.ome.xml': '<OME/>' })).toEqual(['2', '0']);
  });

  it('has as many as the XML describes, with their names and sizes', () => {
    const pixels = '<Pixels SizeX="7" SizeY="5" SizeZ="3" SizeC="2" SizeT="1" DimensionOrder="XYZCT" Type="uint8"/>';
    const xml = `<OME><Image ID="1" Name=" a&amp;b ">${pixels}</Image><!-- <Image/> --><Image ID="2">${pixels}</Image></OME>`;
    expect(build({ ...root, 'OME/METADATA.ome.xml': xml }).node).toMatchObject({
      series: [
        { path: '0', name: 'a&b', size: { x: 7, y: 5, z: 3, c: 2, t: 1 } },
        { path: '1', name: '' }
      ]
    });
  });

  it('is found by number where the XML cannot be read, and says so', () => {
    const documents = { 'OME/METADATA.ome.xml': '<!DOCTYPE x [<!ENTITY a "b">]><OME>&a;</OME>', '0/.zattrs': {} };
    const { node } = build({ ...root, ...documents });
    expect(node).toMatchObject({ series: [{ path: '0', name: '' }] });
    expect(node.notices.map(String)).toContainEqual(reading(/OME-XML cannot be read/));
  });

  it('has those that are found by number where nothing lists them, asked for in groups', () => {
    const found = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${i}/.zattrs`, {}]));
    expect(series(found)).toEqual(Array.from({ length: 11 }, (_, i) => String(i)));
    const { asked } = build({ ...root, ...found });
    expect(asked.filter(key => key.endsWith('/.zattrs'))).toHaveLength(17); // OME and two groups of eight
  });

  it('lists nothing outside of itself', () => {
    expect(codeOf({ ...root, 'OME/.zattrs': { series: ['../x'] } })).toBe('BAD_METADATA');
    expect(codeOf({ '.zattrs': { labels: ['..'] } })).toBe('BAD_METADATA');
  });

  it('is a plate where both are there', () => {
    expect(build({ '.zattrs': { ...root['.zattrs'], plate: { rows: [], columns: [], wells: [] } } }).node.kind).toBe(
      'plate'
    );
  });
});
