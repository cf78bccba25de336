/* eslint-disable jupyter/no-untranslated-string -- titles of studies are data */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BioImageError, Said, say } from '../../core';
import type { IFileEntry, IImageRecord, IPage, IQuery } from '../../entities';
import { startArchives } from '../../testing/archives';
import type { IArchives } from '../../testing/archives';
import type { Relay } from '..';
import { BiaApi } from '../sources/bia/api';
import { BiaSearch } from '../sources/bia/search';
import { BiaSource } from '../sources/bia/source';

const { signal } = new AbortController();
const OLD = 'https://uk1s3.embassy.ebi.ac.uk/bia-integrator-data/';
const NEW = 'https://livingobjects.ebi.ac.uk/bioimaging-integrator-data/';
let archives: IArchives;

beforeAll(async () => {
  archives = await startArchives();
});
beforeEach(() => archives.control({}));
afterAll(() => archives.close());

/** With both services, or with one of them. */
function make(services: 'both' | 'api' | 'search' = 'both', relay: Relay = archives.relay): BiaSource {
  const api = services === 'search' ? undefined : new BiaApi(relay);
  const index = services === 'api' ? undefined : new BiaSearch(relay);
  return new BiaSource(api, index, () => Promise.resolve(archives.rewrites));
}

async function all<T>(ask: (query: IQuery) => Promise<IPage<T>>, query: Partial<IQuery> = {}): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await ask({ text: '', limit: 100, ...query, cursor });
    expect(page.items.length).toBeLessThanOrEqual(query.limit ?? 100);
    found.push(...page.items);
    ({ cursor } = page);
    expect(++pages).toBeLessThan(500);
  } while (cursor !== undefined);
  return found;
}
const images = (accession: string, query: Partial<IQuery> = {}, source = make()): Promise<IImageRecord[]> =>
  all(one => source.images(accession, one, signal), query);
const files = (accession: string, query: Partial<IQuery> = {}, source = make()): Promise<IFileEntry[]> =>
  all(one => source.files(accession, one, signal), query);
const asked = async (part: string): Promise<string[]> => (await archives.requests()).filter(one => one.includes(part));

/** Rows of the counts made from the raw files. */
function counts(source: string): { study: string; images: number; viewable: number; note: string }[] {
  return readFileSync(path.resolve('fixtures', 'recorded-counts.tsv'), 'utf8')
    .split('\n')
    .map(line => line.split('\t'))
    .filter(([name]) => name === source)
    .map(([, study, found, viewable, , note]) => ({ study, images: Number(found), viewable: Number(viewable), note }));
}

describe('recorded studies of the BioImage Archive', () => {
  const table: string[] = [];
  const noteOf = (note: string, name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(note)?.[1]);
  afterAll(() => {
    process.stdout.write(`study or image\timages\tviewable\tdatasets\tfiles\n${table.join('\n')}\n`);
  });

  it.each(counts('bia-search-study'))(
    '$study is found with its numbers',
    async ({ study, images: total, viewable, note }) => {
      const { items } = await make().search({ text: study }, signal);
      expect(items.map(one => [one.accession, one.images, one.viewable])).toEqual([[study, total, viewable]]);
      const details = await make().study(study, signal);
      expect(details.datasets).toHaveLength(noteOf(note, 'datasets'));
      expect(details).toMatchObject({ images: total, files: noteOf(note, 'files'), bytes: noteOf(note, 'bytes') });
      const found = await images(study);
      table.push(
        [study, found.length, found.filter(one => one.viewable).length, details.datasets.length, details.files].join(
          '\t'
        )
      );
      expect([found.length, found.filter(one => one.viewable).length]).toEqual([total, viewable]);
    }
  );

  it.each(counts('bia-api'))('$study loads through the API', async ({ study, images: total, viewable }) => {
    const details = await make().study(study, signal);
    const found = await images(study);
    table.push(
      [study, found.length, found.filter(one => one.viewable).length, details.datasets.length, details.files].join('\t')
    );
    expect([found.length, found.filter(one => one.viewable).length]).toEqual([total, viewable]);
    expect(details.viewable).toBe(viewable);
  });

  it.each(counts('bia-search-image'))('the image $study opens', async ({ study: uuid }) => {
    const image = await make().image(uuid, signal);
    table.push([uuid, 1, Number(image.viewable), '', ''].join('\t'));
    expect(image).toMatchObject({ id: uuid, source: 'bia', viewable: true });
    expect(image.uri).toMatch(/^https:\/\/livingobjects\.ebi\.ac\.uk\/bioimaging-integrator-data\/.*\.ome\.zarr\/0$/);
  });
});

describe('the search of the BioImage Archive', () => {
  it.each(['old', 'new', 'both'])('asks the set of routes that is there: %s', async endpoints => {
    await archives.control({ 'bia-search': { endpoints } });
    const source = make();
    const { items, total, exact } = await source.search({ text: 'confocal' }, signal);
    expect(items.length).toBeGreaterThan(0);
    expect([total, exact]).toEqual([items.length, true]);
    await source.search({ text: `${'x'.repeat(499)}\u{1f52c}` }, signal);
    await source.search({ text: '' }, signal);
    // The set that is missing is tried once and then no more.
    expect(await asked('website/browse')).toHaveLength(endpoints === 'old' ? 1 : 3);
  });

  it('says where it went when neither set is there, and that is no empty result', async () => {
    await archives.control({ fail: { 'bia-search': 404 } });
    await expect(make().search({ text: 'mouse' }, signal)).rejects.toMatchObject({ code: 'CATALOGUE_BAD' });
  });

  it('says that a total of more than can be counted is a lower bound', async () => {
    await archives.control({ 'bia-search': { relation: 'gte' } });
    expect(await make().search({ text: 'mouse' }, signal)).toMatchObject({ exact: false });
  });

  it('never asks for a page that is refused: more than 100 hits, page 1001, beyond 10,000 hits', async () => {
    await archives.control({ 'bia-search': { many: 11_000 } });
    const source = make();
    const page = await source.search({ text: '', limit: 5000 }, signal);
    expect(page.items).toHaveLength(100);
    const last = await source.search({ text: '', limit: 100, cursor: '100/100' }, signal);
    expect(last.items).toHaveLength(100);
    expect(last.cursor).toBeUndefined();
    const end = await source.search({ text: '', limit: 1, cursor: '1000/1' }, signal);
    expect(end.cursor).toBeUndefined();
    await source.search({ text: '', cursor: '1001/1' }, signal);
    expect(await asked('page=1001')).toEqual([]);
  });

  it('shows no marks of what was found', async () => {
    const { items } = await make().search({ text: 'mouse' }, signal);
    expect(items.length).toBeGreaterThan(0);
    expect(JSON.stringify(items)).not.toContain('HIT__');
  });

  it('gives facets as they are written, and filters by their keys in lower case', async () => {
    const source = make();
    const { facets = [], items } = await source.search({ text: '' }, signal);
    expect(facets.map(({ id }) => id)).toEqual(['organism', 'imaging_method', 'year', 'licence']);
    const values = (id: string): string[] =>
      (facets.find(one => one.id === id)?.values ?? []).map(({ value }) => value);
    expect(values('organism')).toContain('Mus musculus');
    expect(values('licence').sort()).toEqual(['CC BY 4.0', 'CC0 1.0']);
    expect(values('year').every(year => /^\d{4}$/.test(year))).toBe(true);
    for (const facet of facets) {
      for (const { value, count } of facet.values) {
        const found = await source.search({ text: '', filters: { [facet.id]: [value] } }, signal);
        expect([facet.id, value, found.total]).toEqual([facet.id, value, count]);
      }
    }
    const some = await source.search({ text: '', filters: { licence: ['CC0 1.0', 'CC BY 4.0'] } }, signal);
    expect(some.total).toBe(items.length);
    expect(await asked('facet.organism=mus+musculus')).not.toEqual([]);
    // A value that this source has not seen itself: another source may have given it.
    await archives.control({});
    expect(
      (await make().search({ text: '', filters: { licence: ['CC BY 4.0'], organism: ['MUS MUSCULUS'] } }, signal)).total
    ).toBeGreaterThan(0);
    expect(
      await asked(
        'facet.organism=mus+musculus&facet.licence=https%3A%2F%2Fcreativecommons.org%2Flicenses%2Fby%2F4.0%2F'
      )
    ).toHaveLength(1);
  });

  it('is asked for what was converted to OME-Zarr where it can tell, and chosen from what came where it cannot', async () => {
    const filters = { ome_zarr: ['yes'] };
    await archives.control({ 'bia-search': { many: 60 } });
    const newer = await all(one => make().search(one, signal), { filters, limit: 20 });
    expect(await asked('has.converted_image=true')).toHaveLength(1);
    expect(await make().search({ text: '', filters }, signal)).toMatchObject({ total: newer.length, exact: true });
    expect(newer.length).toBeGreaterThan(3);
    await archives.control({ 'bia-search': { many: 60, endpoints: 'old' } });
    const page = await make().search({ text: '', filters, limit: 20 }, signal);
    expect([page.total, page.facets]).toEqual([undefined, undefined]);
    expect(await all(one => make().search(one, signal), { filters, limit: 20 })).toEqual(newer);
    // Nobody can be asked for those without.
    await archives.control({});
    const without = await make().search({ text: '', filters: { ome_zarr: ['no'] } }, signal);
    expect(without.items.every(({ viewable }) => viewable === 0)).toBe(true);
    await make().search({ text: '', filters: { ome_zarr: ['yes', 'no'] } }, signal);
    expect(await asked('has.converted_image')).toEqual([]);
  });

  it('finds accessions alone where there is no search service, and says so', async () => {
    const source = make('api');
    expect((await source.search({ text: 's-biad1556' }, signal)).items).toMatchObject([
      { accession: 'S-BIAD1556', images: 1, viewable: 1 }
    ]);
    expect(await source.search({ text: 'mouse' }, signal)).toMatchObject({ items: [], notices: [expect.any(Said)] });
    expect(await source.search({ text: 'S-BIAD999999' }, signal)).toMatchObject({ items: [], total: 0 });
  });
});

describe('the API of the BioImage Archive', () => {
  it('is always told how many objects are wanted', async () => {
    const source = make();
    await source.study('S-BIAD1553', signal);
    await images('S-BIAD1553', { limit: 2 }, source);
    await files('S-BIAD1492', { limit: 3 }, source);
    const lists = (await asked('/bia/')).filter(one =>
      /\/(dataset|image|file_reference|image_representation)(\?|$)|filter_uuid/.test(one)
    );
    expect(lists.length).toBeGreaterThan(5);
    expect(lists.every(one => /[?&]page_size=[1-9]/.test(one))).toBe(true);
  });

  it('is paged by uuid, without loss and without a total', async () => {
    const source = make();
    const whole = await files('S-BIAD1492', {}, source);
    expect(whole).toHaveLength(13);
    for (const limit of [1, 2, 5]) {
      expect((await files('S-BIAD1492', { limit }, source)).map(({ path: name }) => name)).toEqual(
        whole.map(({ path: name }) => name)
      );
    }
    expect(await asked('start_from_uuid=')).not.toEqual([]);
    const filtered = await files('S-BIAD1492', { text: 'HIGHsnr c75', limit: 1 }, source);
    expect(filtered.length).toBeGreaterThan(0);
    expect(filtered.every(({ path: name }) => name.includes('c75_highSNR'))).toBe(true);
    const high = whole.filter(({ path: name }) => name.includes('highSNR'));
    expect(high.length).toBeGreaterThan(4);
    expect(await files('S-BIAD1492', { text: 'highsnr', limit: 1 }, source)).toEqual(high);
  });

  it('knows no study by the answer null', async () => {
    await expect(make().study('S-BIAD999999', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(make().study('../study', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that is busy leaves the study to the search, which says what is missing', async () => {
    await archives.control({ fail: { bia: 429 } });
    const details = await make().study('S-BIAD1553', signal);
    expect(details).toMatchObject({ accession: 'S-BIAD1553', images: 5, viewable: 5 });
    expect(details.notices.join()).toContain('API cannot be reached');
    const found = await images('S-BIAD1553', { limit: 2 });
    expect(found.map(({ viewable }) => viewable)).toEqual([true, true, true, true, true]);
    await expect(make('api').study('S-BIAD1553', signal)).rejects.toMatchObject({ code: 'BUSY' });
  });

  it('still gives addresses from before the storage moved, which are put right and kept', async () => {
    const now = await images('S-BIAD1495');
    await archives.control({ bia: { host: 'old' } });
    const found = await images('S-BIAD1495');
    expect(found.map(({ uri }) => uri)).toEqual(now.map(({ uri }) => uri));
    expect(found.every(({ uri, formerUri = '' }) => uri.startsWith(NEW) && formerUri.startsWith(OLD))).toBe(true);
    expect(now.every(({ formerUri }) => formerUri === undefined)).toBe(true);
  });

  it('is asked few questions for a whole study and its images', async () => {
    const source = make();
    await source.study('S-BIAD1495', signal);
    await source.images('S-BIAD1495', { text: '' }, signal);
    expect((await archives.requests()).length).toBeLessThanOrEqual(9);
  });
});

describe('an image of the BioImage Archive', () => {
  it('that lies under a virtual-host name opens by its path, in the form the archive recommends', async () => {
    const [image] = await images('EMPIAR-10326');
    expect(image).toMatchObject({
      title: 'slice_01393_z=6.9272um.tif',
      description: 'EM04226_01',
      uri: 'https://livingobjects.ebi.ac.uk/bioimaging-01-pub/phase1test/EMPIAR-10326-IM1.ome.zarr',
      viewable: true,
      format: 'ome.zarr',
      size: { x: 5632, y: 5632, z: 4490, c: 1, t: 1 },
      study: { accession: 'EMPIAR-10326' },
      facets: { dimensions: ['3D'], ome_zarr: ['yes'] }
    });
    // Nobody measured it.
    expect(image.bytes).toBeUndefined();
    expect(JSON.stringify(image)).not.toContain('voxel');
  });

  it('is found in one request where the archive recommends no form of it', async () => {
    const found = await images('S-BIAD634');
    expect(found.map(({ id, viewable }) => [id, viewable])).toEqual([
      ['0931a00e-d4dc-4c82-9809-4fdeffb1fc2e', true],
      ['2b3c7b46-c31f-4b0a-ac1b-29c2dee8eebf', true]
    ]);
    expect(found[0].title).toBe('otherspecimen_3.tif');
    expect(await asked('file_uri_fragment')).toHaveLength(1);
    expect(await asked('/image_representation?')).toHaveLength(0);
  });

  it('is asked for by itself where that request is refused', async () => {
    const refusing: Relay = (service, at, options, own) =>
      at.endsWith('file_uri_fragment')
        ? Promise.reject(new BioImageError('BUSY', say`busy`))
        : archives.relay(service, at, options, own);
    const found = await images('S-BIAD634', {}, make('api', refusing));
    expect(found.map(({ viewable }) => viewable)).toEqual([true, true]);
  });

  it('is the same by its id as in the list', async () => {
    const source = make();
    for (const image of await images('S-BIAD1553', {}, source)) {
      expect(await source.image(image.id, signal)).toEqual(image);
    }
    await expect(source.image('no uuid', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(source.image('00000000-0000-4000-8000-0000000000ff', signal)).rejects.toMatchObject({
      code: 'NOT_FOUND'
    });
  });

  it('is filtered by dataset and by text', async () => {
    const source = make();
    const { datasets } = await source.study('S-BIAD1553', signal);
    const parts = await Promise.all(datasets.map(({ id }) => images('S-BIAD1553', { dataset: id }, source)));
    expect(parts.map(({ length }) => length)).toEqual(datasets.map(one => one.images));
    expect(datasets.map(one => one.viewable)).toEqual(datasets.map(one => one.images));
    const [first] = parts.flat();
    const found = await images('S-BIAD1553', { text: first.title.toUpperCase() }, source);
    expect(found.map(({ id }) => id)).toContain(first.id);
    expect(await images('S-BIAD1553', { text: 'no image is called so' }, source)).toEqual([]);
  });
});
