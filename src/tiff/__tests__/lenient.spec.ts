import { MemoryStore } from '../../stores';
import type { IImage } from '../../ngff';
import { greyTags, tiffBytes, type ITag } from '../../testing/tiffbytes';
import { openTiff } from '..';
import { reading } from '../../testing/reading';

const PIXELS = new Uint8Array(64).map((_, i) => i + 1);

const text = (values: string): ITag => ({ tag: 270, type: 2, values });
const grey = (...pages: ITag[][]): Uint8Array =>
  tiffBytes(
    pages.map(more => greyTags(8, 8, more)),
    PIXELS
  ).bytes;

async function image(files: Record<string, Uint8Array>, key = 'a.tif'): Promise<IImage> {
  const node = await openTiff(new MemoryStore(files), key);
  if (node.kind !== 'image') {
    throw new Error(`a ${node.kind}`);
  }
  return node;
}

const xml = (inner: string, more = ''): ITag =>
  text(
    `<OME><Image Name="i"><Pixels DimensionOrder="XYZCT" SizeX="8" SizeY="8" SizeC="1" SizeT="1" Type="uint8" ${more}>${inner}</Pixels></Image></OME>`
  );

describe('OME-XML that is wrong', () => {
  it.each([
    ['has entities', '<!DOCTYPE o [<!ENTITY a "x">]><OME><Image Name="&a;"/></OME>'],
    ['ends in the middle', '<?xml version="1.0"?><OME><Image Name="a">'],
    [
      'has a negative size',
      '<OME><Image><Pixels SizeX="-8" SizeY="8" SizeZ="1" SizeC="1" SizeT="1" Type="uint8"/></Image></OME>'
    ]
  ])('costs what it would have told, and not the pixels: it %s', async (_, document) => {
    const node = await image({ 'a.tif': grey([text(document)]) });
    expect(node.levels[0].array.shape).toEqual([8, 8]);
    expect(node.notices.map(String)).toEqual([reading(/^The OME-XML cannot be read; .* not valid/)]);
  });

  it('about the type of the pixels is told', async () => {
    const node = await image({ 'a.tif': grey([xml('<TiffData/>', 'SizeZ="1"')]) });
    expect(node.notices.map(String)).toEqual([]);
    const other = greyTags(8, 8, [
      xml('<TiffData/>', 'SizeZ="1"'),
      { tag: 258, type: 3, values: [16] },
      { tag: 279, type: 4, values: [128] }
    ]);
    const wide = await image({ 'a.tif': tiffBytes([other], new Uint8Array(128)).bytes });
    expect(wide.notices.map(String)).toEqual(['OME-XML tells of uint8 pixels, the file has uint16.']);
  });

  it('about the page says which page the file lacks', async () => {
    await expect(image({ 'a.tif': grey([xml('<TiffData IFD="5"/>', 'SizeZ="1"')]) })).rejects.toMatchObject({
      code: 'BAD_METADATA',
      message: expect.stringContaining('a.tif: OME-XML names page 5, which the file does not have')
    });
  });
});

it('OME-XML without TiffData counts a page of colours as one, also before the next image', async () => {
  const colours: ITag[] = [
    { tag: 258, type: 3, values: [8, 8, 8] },
    { tag: 262, type: 3, values: [2] },
    { tag: 277, type: 3, values: [3] },
    { tag: 279, type: 4, values: [48] }
  ];
  const sized = (width: number, more: readonly ITag[]): ITag[] => greyTags(width, 4, more);
  const described = (width: number, channels: number): string =>
    `<Image><Pixels DimensionOrder="XYZCT" SizeX="${width}" SizeY="4" SizeZ="1" SizeC="${channels}" SizeT="1" Type="uint8">
      <Channel SamplesPerPixel="${channels}"/></Pixels></Image>`;
  const document = text(`<OME>${described(4, 3)}${described(4, 3)}${described(3, 1)}</OME>`);
  const pages = [sized(4, [...colours, document]), sized(4, colours), sized(3, [])];
  const { bytes } = tiffBytes(pages, PIXELS);
  const store = new MemoryStore({ 'a.tif': bytes });
  for (const [series, shape] of [
    [4, 4, 3],
    [4, 4, 3],
    [4, 3]
  ].entries()) {
    expect(await openTiff(store, 'a.tif', series)).toMatchObject({ notices: [], levels: [{ array: { shape } }] });
  }
});

describe('A file of a set', () => {
  const files = (name: string): Record<string, Uint8Array> => ({
    'x/a.tif': grey([
      xml(
        `<TiffData IFD="0"/><TiffData IFD="0" FirstZ="1"><UUID FileName="${name}">urn:uuid:2</UUID></TiffData>`,
        'SizeZ="2"'
      )
    ]),
    'x/sub/b.tif': grey([]),
    'b.tif': grey([])
  });

  it('may lie in a folder beside it', async () => {
    const made = files('sub/b.tif');
    const node = await image(made, 'x/a.tif');
    expect(node.notices.map(String)).toEqual([]);
    expect(await node.levels[0].array.locate?.([1, 0, 0], new MemoryStore(made))).toMatchObject({ key: 'x/sub/b.tif' });
  });

  it.each(['../b.tif', '/b.tif', 'sub/../../b.tif'])('may not lie elsewhere: %s', async name => {
    const made = files(name);
    const node = await image(made, 'x/a.tif');
    expect(node.notices.map(String)).toEqual([reading(/outside of the folder/)]);
    expect(await node.levels[0].array.locate?.([1, 0, 0], new MemoryStore(made))).toBeNull();
  });
});

it('A picture that is meant to be turned says so', async () => {
  const node = await image({ 'a.tif': grey([{ tag: 274, type: 3, values: [6] }]) });
  expect(node.notices.map(String)).toEqual([reading(/turned or mirrored \(orientation 6\)/)]);
  expect((await image({ 'a.tif': grey([{ tag: 274, type: 3, values: [1] }]) })).notices).toEqual([]);
});

describe('Strips that are not in the file', () => {
  /** Strips of two rows, 16 bytes each. */
  const strips = (lengths: readonly number[], compression: number): ITag[] => [
    { tag: 259, type: 3, values: [compression] },
    { tag: 273, type: 4, values: lengths.map((length, i) => (length > 0 ? 8 + i * 16 : 0)) },
    { tag: 278, type: 4, values: [2] },
    { tag: 279, type: 4, values: lengths }
  ];

  it.each([1, 5])('are no data, and their neighbours are themselves (compression %i)', async compression => {
    const made = { 'a.tif': grey(strips([16, 0, 16, 16], compression)) };
    const { array } = (await image(made)).levels[0];
    const store = new MemoryStore(made);
    expect(array.chunks).toEqual([2, 8]);
    const places = await Promise.all([0, 1, 2, 3].map(async row => array.locate?.([row, 0], store)));
    expect(places.map(place => place?.range)).toEqual([
      { start: 8, end: 24 },
      undefined,
      { start: 40, end: 56 },
      { start: 56, end: 72 }
    ]);
    expect(places[1]).toBeNull();
  });

  it.each([1, 5])('on a later plane only are damage, not values of 0 (compression %i)', async compression => {
    const pages = [strips([16, 16, 16, 16], compression), strips([16, 0, 16, 16], compression)];
    const made = { 'a.tif': grey(...pages) };
    const { array } = (await image(made)).levels[0];
    expect(array.chunks).toEqual([1, 8, 8]);
    await expect(array.locate?.([1, 0, 0], new MemoryStore(made))).rejects.toMatchObject({
      code: 'BAD_CHUNK',
      message: expect.stringContaining('some of its strips are not in the file')
    });
  });
});
