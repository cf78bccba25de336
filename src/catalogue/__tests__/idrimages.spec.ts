/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { BioImageError, say } from '../../core';
import type { IImageRecord, IPage, IQuery } from '../../entities';
import { pictureOf } from '../sources/idr/thumbnails';
import { IdrWorld, json, SAMPLE_TABLE } from './idrworld';
import { reading } from '../../testing/reading';

const { signal } = new AbortController();
const NEW = 'https://new.example';
const PICTURES = json('omero', 'thumbnails_plate_325.json').values as string[];

/** All pages of a study's images. */
async function allImages(world: IdrWorld, accession: string, query: Partial<IQuery> = {}): Promise<IImageRecord[]> {
  const source = world.source();
  const items: IImageRecord[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page: IPage<IImageRecord> = await source.images(accession, { text: '', limit: 7, ...query, cursor }, signal);
    expect(page.items.length).toBeLessThanOrEqual(query.limit ?? 7);
    items.push(...page.items);
    cursor = page.cursor;
    expect(++pages).toBeLessThan(200);
  } while (cursor !== undefined);
  return items;
}

/** A world in which idr0062 has two datasets, of 22 images together as the table of studies says. */
function blin(): IdrWorld {
  const world = new IdrWorld();
  world.lists.set(`projects/${world.numberOf('idr0062')}/datasets`, [
    { '@id': 1, Name: 'Blastocysts', 'omero:childCount': 12 },
    { '@id': 2, Name: 'Monolayers' }
  ]);
  const image = json('omero-docs-samples', 'list-images.json') as { data: { '@id': number }[] };
  const images = (count: number, first: number): typeof image.data =>
    Array.from({ length: count }, (_, at) => ({ ...image.data[0], '@id': first + at, Name: `B${first + at}.tif` }));
  world.lists.set('datasets/1/images', images(12, 6_001_235));
  world.lists.set('datasets/2/images', images(10, 7_000_000));
  return world;
}

describe('images of a project', () => {
  it('are those of its datasets, the viewable one first, none lost and none twice', async () => {
    const items = await allImages(blin(), 'idr0062');
    expect(items.map(({ id }) => id)).toEqual([
      'image:6001240',
      ...Array.from({ length: 12 }, (_, at) => `image:${6_001_235 + at}`).filter(id => id !== 'image:6001240'),
      ...Array.from({ length: 10 }, (_, at) => `image:${7_000_000 + at}`)
    ]);
    expect(items).toHaveLength(22);
    expect(items.filter(({ viewable }) => viewable)).toEqual([items[0]]);
  });

  it('say where the newest OME-Zarr of an image is, and of the others why they are not shown', async () => {
    const [first, second] = await allImages(blin(), 'idr0062');
    expect(first).toEqual({
      id: 'image:6001240',
      source: 'idr',
      uri: `${NEW}/idr/zarr/v0.4/idr0062A/6001240.zarr`,
      title: '6001240.zarr',
      kind: 'image',
      version: '0.4',
      viewable: true,
      format: 'ome.zarr',
      licence: 'CC BY 4.0',
      size: { x: 271, y: 275, z: 236, c: 2 },
      study: { accession: 'idr0062', title: 'Nuclear segmentation' },
      page: 'https://idr.openmicroscopy.org/webclient/img_detail/6001240/',
      facets: { ome_zarr: ['yes'], dimensions: ['3D', 'several channels'] }
    });
    expect(second).toMatchObject({
      id: 'image:6001235',
      uri: '',
      title: 'B6001235.tif',
      viewable: false,
      reason: reading('No OME-Zarr copy'),
      size: { x: 512, y: 512, z: 29, c: 2, t: 1 },
      dataset: 'dataset:1',
      page: 'https://idr.openmicroscopy.org/webclient/img_detail/6001235/'
    });
  });

  it('go on from one container to the next, of either kind, and past a project without datasets', async () => {
    const world = new IdrWorld();
    const { datasets } = await world.source().study('idr0097', signal);
    const [first, second, screen] = datasets.map(({ id }) => Number(id.split(':')[1]));
    world.lists.set(`projects/${first}/datasets`, [{ '@id': 1 }, { '@id': 2 }]);
    world.lists.set('datasets/1/images', [{ '@id': 11 }]);
    world.lists.set('datasets/2/images', [{ '@id': 21 }, { '@id': 22 }]);
    world.lists.set(`projects/${second}/datasets`, []);
    world.lists.set(`screens/${screen}/plates`, [{ '@id': 11 }]);
    expect((await allImages(world, 'idr0097', { limit: 2 })).map(({ id }) => id)).toEqual([
      'image:11',
      'image:21',
      'image:22',
      'plate:11'
    ]);
    expect((await allImages(world, 'idr0097', { dataset: `screen:${screen}` })).map(({ id }) => id)).toEqual([
      'plate:11'
    ]);
  });

  it('can be those of one dataset, where viewable ones keep their place', async () => {
    const items = await allImages(blin(), 'idr0062', { dataset: 'dataset:1' });
    expect(items.map(({ id, viewable }) => [id, viewable])).toEqual(
      Array.from({ length: 12 }, (_, at) => [`image:${6_001_235 + at}`, at === 5])
    );
    expect(await allImages(blin(), 'idr0062', { dataset: `project:${blin().numberOf('idr0062')}` })).toHaveLength(22);
    expect(await allImages(blin(), 'idr0062', { dataset: 'dataset:99' })).toEqual([]);
    expect(await allImages(blin(), 'idr0062', { dataset: 'screen:1' })).toEqual([]);
  });

  it('are filtered by title here, since OMERO has no filter by name', async () => {
    const world = blin();
    expect((await allImages(world, 'idr0062', { text: 'b70 5' })).map(({ title }) => title)).toEqual(['B7000005.tif']);
    expect(await allImages(world, 'idr0062', { text: 'nothing' })).toEqual([]);
    const known = Object.keys(world.asked.find(({ path }) => path.endsWith('1/images/'))?.query ?? {});
    expect(known).toEqual(['limit', 'offset']);
  });

  it('have a total where it is exact', async () => {
    const source = blin().source();
    expect(await source.images('idr0062', { text: '' }, signal)).toMatchObject({ total: 22, exact: true });
    expect(await source.images('idr0062', { text: 'b' }, signal)).not.toHaveProperty('total');
    expect(await source.images('idr0097', { text: '', limit: 1 }, signal).catch(() => ({}))).not.toHaveProperty(
      'exact',
      true
    );
  });

  it('that are known are shown while OMERO does not answer; the next page says what happened', async () => {
    const world = blin();
    const source = world.source();
    await source.search({ text: '' }, signal);
    const down = new BioImageError('UPSTREAM_DOWN', say`down`);
    const project = `projects/${world.numberOf('idr0062')}/datasets`;
    world.instead.set(`idr/api/v0/m/${project}/`, down);
    const page = await source.images('idr0062', { text: '' }, signal);
    expect(page.items.map(({ id }) => id)).toEqual(['image:6001240']);
    expect(world.paths).not.toContain('idr/webgateway/get_thumbnails/');
    await expect(source.images('idr0062', { text: '', cursor: page.cursor }, signal)).rejects.toBe(down);
    world.instead.clear();
    expect((await source.images('idr0062', { text: '', cursor: page.cursor }, signal)).items).toHaveLength(21);
  });

  it('end on a page that is empty though more were promised', async () => {
    const world = blin();
    world.instead.set('idr/api/v0/m/datasets/1/images/', { data: [], meta: { totalCount: 12 } });
    expect(await allImages(world, 'idr0062')).toHaveLength(11);
  });

  it('lose what is missing or odd, and nothing else', async () => {
    const world = blin();
    world.lists.set('datasets/1/images', [
      { '@id': 1 },
      { '@id': 2, Name: 5, Pixels: { SizeX: '7', SizeY: null, SizeZ: -1 }, 'omero:details': null } as never,
      { Name: 'without a number' } as never,
      null as never
    ]);
    const items = await allImages(world, 'idr0062', { dataset: 'dataset:1' });
    expect(items.map(({ title, size }) => [title, size])).toEqual([
      ['image 1', undefined],
      ['5', { x: 7 }]
    ]);
  });

  it.each([
    ['s3://new.example/idr/zarr/v0.5/1.zarr/?anonymous=true', `${NEW}/idr/zarr/v0.5/1.zarr`, undefined],
    [
      's3://uk1s3.embassy.ebi.ac.uk/bia-integrator-data/S-BIAD1/a.zarr/0',
      `${NEW}/bioimaging-integrator-data/S-BIAD1/a.zarr`,
      'moved'
    ],
    ['s3://uk1s3.embassy.ebi.ac.uk/bia-idr/S-BIAD1/a.zarr/0', '', 'gone'],
    ['/bia-idr/S-BIAD1/a.zarr/0', '', 'gone'],
    ['urn:lsid:example.org:image:1', '', 'none']
  ])('know where their data is from %s', async (Lsid, uri, state) => {
    const world = blin();
    world.lists.set('datasets/1/images', [{ '@id': 1, 'omero:details': { externalInfo: { Lsid } } }]);
    const [item] = await allImages(world, 'idr0062', { dataset: 'dataset:1' });
    expect([item.uri, item.viewable, item.formerUri !== undefined]).toEqual([
      uri,
      uri !== '',
      state === 'moved' || state === 'gone'
    ]);
    expect(item.reason !== undefined).toBe(uri === '');
  });

  it('start again at a cursor that is none', async () => {
    const source = blin().source();
    const first = await source.images('idr0062', { text: '', limit: 3 }, signal);
    for (const cursor of ['', 'x', '9', '-1.0', '1.2.3.4']) {
      expect(await source.images('idr0062', { text: '', limit: 3, cursor }, signal)).toEqual(first);
    }
    expect((await source.images('idr0062', { text: '', cursor: '9.9.9' }, signal)).items).toEqual([]);
  });
});

describe('images of a screen', () => {
  const plates = (json('omero', 'plates_screen_102.json').plates as { id: number; name: string }[]).map(
    ({ id, name }) => ({
      '@id': id,
      Name: name
    })
  );

  it('are its plates, as plates', async () => {
    const world = new IdrWorld();
    world.lists.set('screens/102/plates', plates);
    const items = await allImages(world, 'idr0002');
    expect(items.map(({ id, title, kind }) => [id, title, kind])).toEqual(
      plates.map(({ '@id': id, Name }) => [`plate:${id}`, Name, 'plate'])
    );
    expect(items[0]).toMatchObject({
      dataset: 'screen:102',
      page: 'https://idr.openmicroscopy.org/webclient/?show=plate-422'
    });
    expect(await world.source().images('idr0002', { text: '' }, signal)).toMatchObject({ total: 12, exact: true });
    expect(world.paths).not.toContain('idr/webgateway/get_thumbnails/');
  });

  it('begin with the plates whose OME-Zarr is known', async () => {
    const world = new IdrWorld();
    world.lists.set(`screens/${world.numberOf('idr0001')}/plates`, [{ '@id': 2550 }, { '@id': 2551, Name: 'JL_1' }]);
    const items = await allImages(world, 'idr0001');
    expect(items.map(({ id, kind, viewable, uri }) => [id, kind, viewable, uri])).toEqual([
      ['plate:2551', 'plate', true, `${NEW}/idr/zarr/v0.4/idr0001A/2551.zarr`],
      ['plate:2550', 'plate', false, '']
    ]);
  });

  it('have a plate once, where another table knows it by the image that stands for it', async () => {
    const world = new IdrWorld();
    // The first image of idr0013 in the table of downloads opens this plate.
    const row = `0.4,${NEW}/idr/zarr/v0.4/idr0013A/3451.zarr,1,1,1,1,1,XYZCT,384,1,CC BY 4.0,idr0013,,2024,1483351,`;
    world.instead.set('ngff-samples/_data/table.csv', [SAMPLE_TABLE.split('\n')[0], row].join('\n'));
    world.lists.set('screens/1101/plates', [{ '@id': 3451 }]).set('screens/1302/plates', [{ '@id': 3452 }]);
    const items = await allImages(world, 'idr0013');
    expect(items.map(({ id, viewable }) => [id, viewable])).toEqual([
      ['plate:3451', true],
      ['plate:3452', false]
    ]);
  });

  it('open the plate where the table of downloads knows it by its first image', async () => {
    const [item] = (await new IdrWorld().source().images('idr0013', { text: '', limit: 1 }, signal)).items;
    expect(item).toMatchObject({
      id: 'image:1483351',
      kind: 'plate',
      viewable: true,
      uri: `${NEW}/bioimaging-integrator-data/S-BIAD865/729ccf2c-9301-47f7-9eb9-b8c1eeeee5cf/729ccf2c-9301-47f7-9eb9-b8c1eeeee5cf.zarr`,
      formerUri: expect.stringContaining('https://uk1s3.embassy.ebi.ac.uk/bia-integrator-data/S-BIAD865/')
    });
  });
});

describe('thumbnails', () => {
  const withPictures = (world: IdrWorld, answer: unknown): IdrWorld => {
    world.instead.set('idr/webgateway/get_thumbnails/', answer);
    return world;
  };

  it('come in batches of 24 at most, in the default size only', async () => {
    const world = withPictures(blin(), { 6001235: PICTURES[0], 7000009: PICTURES[1] });
    world.lists.set(
      'datasets/2/images',
      Array.from({ length: 40 }, (_, at) => ({ '@id': 7_000_000 + at }))
    );
    const { items } = await world.source().images('idr0062', { text: '', limit: 100 }, signal);
    const asked = world.asked.filter(({ path }) => path.includes('thumbnail'));
    expect(asked.map(({ path, query }) => [path, (query.id as string[]).length])).toEqual([
      ['webgateway/get_thumbnails/', 24],
      ['webgateway/get_thumbnails/', 24],
      ['webgateway/get_thumbnails/', 4]
    ]);
    expect(items.find(({ id }) => id === 'image:6001235')?.thumbnail).toBe(PICTURES[0]);
    expect(items.filter(({ thumbnail }) => thumbnail !== undefined)).toHaveLength(2);
  });

  it.each([
    ['a page of HTML', '<html></html>'],
    ['404', new BioImageError('NOT_FOUND', say`no`)],
    ['nothing', {}],
    ['null', null]
  ])('cost themselves and nothing else where the answer is %s', async (_, answer) => {
    const { items } = await withPictures(blin(), answer).source().images('idr0062', { text: '', limit: 100 }, signal);
    expect(items).toHaveLength(22);
    expect(items.some(item => 'thumbnail' in item)).toBe(false);
  });

  it('are pictures in the answer itself and nothing else', () => {
    expect(PICTURES.map(pictureOf)).toEqual(PICTURES);
    for (const value of [
      null,
      '',
      'https://evil.example/1.jpg',
      'data:image/svg+xml;base64,PHN2Zz4=',
      'data:text/html;base64,PHN2Zz4=',
      `${PICTURES[0]}" onerror="x`,
      `data:image/jpeg;base64,${'A'.repeat(200_000)}`,
      { length: 5 }
    ]) {
      expect(pictureOf(value)).toBeUndefined();
    }
  });
});
