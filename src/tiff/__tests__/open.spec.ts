import { BioImageError, say } from '../../core';
import { MemoryStore, type IReadableStore } from '../../stores';
import { greyTags, pixelsAt, tiffBytes, type ITag } from '../../testing/tiffbytes';
import type { IImage } from '../../ngff';
import { DistantStore } from '../../ngff/__tests__/distant';
import { openTiff } from '..';
import { reading } from '../../testing/reading';

const PIXELS = new Uint8Array(8 * 8 * 3).map((_, i) => i);

const text = (values: string): ITag => ({ tag: 270, type: 2, values });
const rgb: ITag[] = [
  { tag: 258, type: 3, values: [8, 8, 8] },
  { tag: 262, type: 3, values: [2] },
  { tag: 277, type: 3, values: [3] },
  { tag: 279, type: 4, values: [192] }
];

function one(...more: ITag[]): Uint8Array {
  return tiffBytes([greyTags(8, 8, more)], PIXELS).bytes;
}

async function image(files: Record<string, Uint8Array>, series?: number): Promise<IImage> {
  const node = await openTiff(new MemoryStore(files), Object.keys(files)[0], series);
  if (node.kind !== 'image') {
    throw new Error(`a ${node.kind}`);
  }
  return node;
}

function xml(pixels: string, inner = ''): ITag {
  return text(
    `<?xml version="1.0"?><OME><Image Name="i"><Pixels Type="uint8" ${pixels}>${inner}</Pixels></Image></OME>`
  );
}

describe('A TIFF file', () => {
  it('without anything else is one grey plane', async () => {
    expect(await image({ 'a.tif': one() })).toMatchObject({
      zarrFormat: 0,
      axes: [{ name: 'y' }, { name: 'x' }],
      at: { y: 0, x: 1 },
      rgb: false,
      channels: [{ index: 0, active: true }],
      notices: []
    });
  });

  it('with colours is one, by what it says and not by a length of 3', async () => {
    const colour = await image({ 'a.tif': one(...rgb) });
    expect(colour).toMatchObject({ rgb: true, at: { y: 0, x: 1, c: 2 } });
    expect(colour.channels.map(({ label, color }) => [label, color])).toEqual([
      ['Red', 'FF0000'],
      ['Green', '00FF00'],
      ['Blue', '0000FF']
    ]);
    const grey = await image({ 'a.tif': one(...rgb.filter(({ tag }) => tag !== 262)) });
    expect(grey).toMatchObject({ rgb: false, at: { c: 2 } });
  });

  it.each<[number, RegExp]>([
    [0, /0 means white/],
    [3, /palette/],
    [5, /CMYK/]
  ])('of photometric interpretation %i says what is shown', async (value, notice) => {
    const { notices } = await image({ 'a.tif': one({ tag: 262, type: 3, values: [value] }) });
    expect(notices.map(String)).toEqual([reading(notice)]);
  });

  it('with OME-XML has its axes, sizes, channels and colours', async () => {
    const bytes = tiffBytes(
      Array.from({ length: 6 }, (_, i) =>
        greyTags(
          8,
          8,
          i === 0
            ? [
                xml(
                  'DimensionOrder="XYZCT" SizeX="8" SizeY="8" SizeZ="3" SizeC="2" SizeT="1" PhysicalSizeX="0.5" PhysicalSizeY="0.5" PhysicalSizeZ="2"',
                  '<Channel Name="DAPI" Color="65535"/><Channel Name="GFP" Color="16711935"/><TiffData/>'
                )
              ]
            : []
        )
      ),
      PIXELS
    ).bytes;
    const node = await image({ 'a.ome.tif': bytes });
    expect(node.axes.map(({ name, unit }) => [name, unit])).toEqual([
      ['c', undefined],
      ['z', 'micrometer'],
      ['y', 'micrometer'],
      ['x', 'micrometer']
    ]);
    expect(node.levels[0]).toMatchObject({
      scale: [1, 2, 0.5, 0.5],
      array: { shape: [2, 3, 8, 8], chunks: [1, 1, 8, 8] }
    });
    expect(node).toMatchObject({ name: 'i', defaults: { z: 1 }, hasOmero: true });
    expect(node.channels.map(({ label, color }) => [label, color])).toEqual([
      ['DAPI', '0000FF'],
      ['GFP', '00FF00']
    ]);
  });

  it('with more than one image is a collection, and each opens by its number', async () => {
    const two = ['a', 'b'].map(
      (name, i) =>
        `<Image Name="${name}"><Pixels DimensionOrder="XYZCT" SizeX="8" SizeY="8" SizeZ="1" SizeC="1" SizeT="1" Type="uint8"><TiffData IFD="${i}"/></Pixels></Image>`
    );
    const bytes = tiffBytes([greyTags(8, 8, [text(`<OME>${two.join('')}</OME>`)]), greyTags(8, 8)], PIXELS).bytes;
    const size = { x: 8, y: 8, z: 1, c: 1, t: 1 };
    expect(await openTiff(new MemoryStore({ 'a.tif': bytes }), 'a.tif')).toMatchObject({
      kind: 'collection',
      name: 'a.tif',
      series: [
        { path: '0', name: 'a', size },
        { path: '1', name: 'b', size }
      ]
    });
    expect(await image({ 'a.tif': bytes }, 1)).toMatchObject({ name: 'b' });
    await expect(image({ 'a.tif': bytes }, 2)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of several channels of colours shows the samples as channels, the others one at a time', async () => {
    const more = [
      ...rgb,
      xml('DimensionOrder="XYCZT" SizeX="8" SizeY="8" SizeZ="1" SizeC="6" SizeT="1"', '<TiffData/>')
    ];
    const bytes = tiffBytes([greyTags(8, 8, more), greyTags(8, 8, rgb)], PIXELS).bytes;
    expect(await image({ 'a.tif': bytes })).toMatchObject({
      at: { y: 1, x: 2, c: 3 },
      others: [{ axis: 0, index: 0 }],
      rgb: true,
      levels: [{ array: { shape: [2, 8, 8, 3] } }]
    });
  });

  it('of a set tells which files are missing, and has no data there', async () => {
    const data = ['a.tif', 'b.tif'].map(
      (name, z) => `<TiffData IFD="0" FirstZ="${z}"><UUID FileName="${name}">urn:uuid:${z}</UUID></TiffData>`
    );
    const tag = xml('DimensionOrder="XYZCT" SizeX="8" SizeY="8" SizeZ="2" SizeC="1" SizeT="1"', data.join(''));
    const files = { 'a.tif': one(tag) };
    const node = await image(files);
    expect(node.notices.map(String)).toEqual([reading(/1 of the 1 other files/)]);
    const store = new MemoryStore(files);
    const first = await node.levels[0].array.locate?.([0, 0, 0], store);
    const second = await node.levels[0].array.locate?.([1, 0, 0], store);
    expect(first).toMatchObject({ key: 'a.tif', range: { start: 8, end: 72 } });
    expect(second).toBeNull();
  });

  it('that only points to a description reads it, or says that it is missing', async () => {
    const companion = `<OME><Image Name="c"><Pixels DimensionOrder="XYZCT" SizeX="8" SizeY="8" SizeZ="1" SizeC="1" SizeT="1" Type="uint8">
      <TiffData IFD="0"><UUID FileName="a.tif">urn:uuid:1</UUID></TiffData></Pixels></Image></OME>`;
    const bytes = one(text('<OME><BinaryOnly MetadataFile="c.companion.ome" UUID="urn:uuid:9"/></OME>'));
    const both = { 'a.tif': bytes, 'c.companion.ome': new TextEncoder().encode(companion) };
    expect(await image(both)).toMatchObject({ name: 'c', describedBy: 'c.companion.ome' });
    await expect(image({ 'a.tif': bytes })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('of ImageJ has its axes, sizes and display range, also where one directory stands for all planes', async () => {
    const description = [
      'ImageJ=1.53',
      'images=6',
      'channels=2',
      'slices=3',
      'hyperstack=true',
      'mode=grayscale',
      'unit=micron',
      'spacing=2.5',
      'min=3.0',
      'max=90.0',
      ''
    ].join('\n');
    const tags = [
      text(description),
      { tag: 282, type: 4, values: [4] } as const,
      { tag: 283, type: 4, values: [4] } as const
    ];
    const bytes = tiffBytes(
      [greyTags(8, 8, tags)],
      new Uint8Array(384).map((_, i) => i)
    ).bytes;
    const node = await image({ 'a.tif': bytes });
    expect(node).toMatchObject({
      axes: [{ name: 'c' }, { name: 'z', unit: 'micrometer' }, { name: 'y' }, { name: 'x' }]
    });
    expect(node.levels[0].scale).toEqual([1, 2.5, 0.25, 0.25]);
    expect(node.channels.map(({ window }) => window)).toEqual([undefined, undefined]);
    // c fastest: plane (c 1, z 2) is the sixth
    const place = await node.levels[0].array.locate?.([1, 2, 0, 0], new MemoryStore({ 'a.tif': bytes }));
    expect(place?.range).toEqual({ start: 8 + 5 * 64, end: 8 + 6 * 64 });
    const single = await image({ 'a.tif': one(text('ImageJ=1.53\nmin=3.0\nmax=90.0\n')) });
    expect(single.channels).toMatchObject([{ window: { start: 3, end: 90 } }]);
  });

  it('of equal pages is a stack along z, of different ones a collection', async () => {
    const stack = tiffBytes([greyTags(8, 8), greyTags(8, 8)], PIXELS).bytes;
    expect(await image({ 'a.tif': stack })).toMatchObject({
      at: { z: 0 },
      notices: [reading(/they are shown along z/)]
    });
    const different = tiffBytes([greyTags(8, 8), greyTags(4, 8)], PIXELS).bytes;
    expect(await openTiff(new MemoryStore({ 'a.tif': different }), 'a.tif')).toMatchObject({
      kind: 'collection',
      series: [{ size: { x: 8 } }, { size: { x: 4 } }]
    });
  });

  it('with a page that is not supported opens the others', async () => {
    const odd = greyTags(8, 8, [{ tag: 259, type: 3, values: [65000] }]);
    const bytes = tiffBytes([greyTags(8, 8), odd], PIXELS).bytes;
    expect(await image({ 'a.tif': bytes })).toMatchObject({
      notices: [reading(/^Page 1 is left out: .*compression/)]
    });
  });

  it.each([0, 100_000])('opens where a store gives no range beyond the end (%i bytes of pixels)', async length => {
    const tags = [text('ImageJ=1.5\nimages=1\n'), { tag: 282, type: 4, values: [4] } as const];
    const { bytes } = tiffBytes([greyTags(8, 8, tags), greyTags(4, 4)], new Uint8Array(64 + length));
    const strict: IReadableStore = {
      name: 'strict',
      get: () => Promise.resolve(bytes),
      getRange: (_key, range) =>
        'suffix' in range || range.end > bytes.length
          ? Promise.reject(new BioImageError('UPSTREAM_BAD', say`a part without its place`))
          : Promise.resolve(bytes.subarray(range.start, range.end))
    };
    expect(await openTiff(strict, 'a.tif')).toMatchObject({ kind: 'image', levels: [{ array: { shape: [8, 8] } }] });
  });

  it('that is not there is not found', async () => {
    await expect(openTiff(new MemoryStore({}), 'a.tif')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('A pyramid over a slow line', () => {
  it.each([
    [0, 'together', 2],
    [100_000, 'apart', 3]
  ])(
    'with %i bytes between its directories (%s) shows where its coarsest tile lies after %i rounds',
    async (gap, _, most) => {
      const store = new DistantStore(new MemoryStore({ 'a.ome.tif': pyramid(gap) }), 6);
      const node = await openTiff(store, 'a.ome.tif');
      const opened = store.rounds;
      if (node.kind !== 'image') {
        throw new Error(node.kind);
      }
      const { array } = node.levels[2];
      expect(array.shape).toEqual([2, 64, 64]);
      expect(await array.locate?.([0, 0, 0], store)).toMatchObject({ range: { start: 16 } });
      expect(opened).toBeLessThanOrEqual(3);
      expect(store.rounds).toBeLessThanOrEqual(most);
    }
  );
});

/** Two channels of three levels each; directories behind 200 kB of pixels, as most programs write them. */
function pyramid(gap: number): Uint8Array {
  const options = { big: true, gap };
  const tiled = (side: number, more: ITag[] = []): ITag[] => {
    const count = (side / 64) ** 2;
    return greyTags(side, side, [
      { tag: 322, type: 4, values: [64] },
      { tag: 323, type: 4, values: [64] },
      { tag: 324, type: 16, values: Array.from({ length: count }, () => pixelsAt(options)) },
      { tag: 325, type: 16, values: Array.from({ length: count }, () => 4096) },
      ...more
    ]).filter(({ tag }) => ![273, 278, 279].includes(tag));
  };
  const sizes = { tag: 330, type: 16, values: [0, 0] } as const;
  const description = xml(
    'DimensionOrder="XYZCT" SizeX="256" SizeY="256" SizeZ="1" SizeC="2" SizeT="1"',
    '<TiffData/>'
  );
  const pixels = new Uint8Array(200_000);
  const make = (subs: number[][]): { bytes: Uint8Array; offsets: number[] } =>
    tiffBytes(
      [
        tiled(256, [description, { ...sizes, values: subs[0] }]),
        tiled(256, [{ ...sizes, values: subs[1] }]),
        tiled(128),
        tiled(64),
        tiled(128),
        tiled(64)
      ],
      pixels,
      options
    );
  const { offsets } = make([
    [0, 0],
    [0, 0]
  ]);
  return make([offsets.slice(2, 4), offsets.slice(4, 6)]).bytes;
}

describe('A slide of several channels', () => {
  it('keeps its pyramid together where a thumbnail stands in between', async () => {
    const tiled = (side: number): ITag[] =>
      greyTags(side, side, [
        { tag: 322, type: 4, values: [16] },
        { tag: 323, type: 4, values: [16] },
        { tag: 324, type: 4, values: Array.from({ length: (side / 16) ** 2 }, () => 8) },
        { tag: 325, type: 4, values: Array.from({ length: (side / 16) ** 2 }, () => 256) }
      ]).filter(({ tag }) => ![273, 278, 279].includes(tag));
    const pages = [tiled(64), tiled(64), greyTags(8, 8, rgb), tiled(32), tiled(32), tiled(16), tiled(16)];
    const { bytes } = tiffBytes(pages, new Uint8Array(256));
    const store = new MemoryStore({ 'a.qptiff': bytes });
    expect(await openTiff(store, 'a.qptiff')).toMatchObject({
      kind: 'collection',
      series: [{ size: { x: 64 } }, { size: { x: 8 } }]
    });
    const slide = await image({ 'a.qptiff': bytes }, 0);
    expect(slide.levels.map(({ array }) => array.shape)).toEqual([
      [2, 64, 64],
      [2, 32, 32],
      [2, 16, 16]
    ]);
    expect(slide.levels.map(({ ratio }) => ratio)).toEqual([
      [1, 1, 1],
      [1, 2, 2],
      [1, 4, 4]
    ]);
  });
});
