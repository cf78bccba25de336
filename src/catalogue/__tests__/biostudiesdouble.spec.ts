import type { IFileEntry, IImageRecord, IPage, IQuery } from '../../entities';
import { sharedPath } from '../../testing';
import { startArchives } from '../../testing/archives';
import type { IArchives } from '../../testing/archives';
import { BioStudiesSource } from '../sources/biostudies/source';

const { signal } = new AbortController();
let archives: IArchives;

beforeAll(async () => {
  const shared = sharedPath('fixtures', 'recorded');
  archives = await startArchives(shared === null ? {} : { shared });
});
beforeEach(() => archives.control({}));
afterAll(() => archives.close());

const make = (): BioStudiesSource => new BioStudiesSource(archives.relay);

async function all<T>(ask: (query: IQuery) => Promise<IPage<T>>, query: Partial<IQuery> = {}): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ text: '', limit: 100, ...query, cursor });
    found.push(...page.items);
    ({ cursor } = page);
  } while (cursor !== undefined);
  return found;
}
const images = (accession: string, query: Partial<IQuery> = {}, source = make()): Promise<IImageRecord[]> =>
  all(one => source.images(accession, one, signal), query);
const files = (accession: string, query: Partial<IQuery> = {}, source = make()): Promise<IFileEntry[]> =>
  all(one => source.files(accession, one, signal), query);

describe('the search of BioStudies', () => {
  it('asks for no more than 100 studies, which is where the service clamps without a word', async () => {
    await archives.control({ biostudies: { many: 300 } });
    const { items, cursor } = await make().search({ text: 'invented', limit: 5000 }, signal);
    expect(items).toHaveLength(100);
    expect(cursor).toBe('2/100');
    expect((await archives.requests()).filter(one => one.includes('pageSize=100'))).toHaveLength(1);
  });

  it('says that totals above a thousand are estimates, and pages to the end though they drift', async () => {
    await archives.control({ biostudies: { many: 1234 } });
    const source = make();
    const { total, exact } = await source.search({ text: 'number', limit: 100 }, signal);
    expect(exact).toBe(false);
    expect(total).toBeGreaterThanOrEqual(1234);
    const found = await all(one => source.search({ ...one, text: 'invented study number' }, signal));
    expect(new Set(found.map(({ accession }) => accession)).size).toBe(1234);
  });

  it.each(['old', 'new'])('finds nothing where the %s server has no hits', async mode => {
    await archives.control({ biostudies: { mode } });
    const page = await make().search({ text: 'nothingatall' }, signal);
    expect(page).toMatchObject({ items: [], total: 0 });
    expect(page.cursor).toBeUndefined();
  });

  it('takes what is typed as plain text, not as a query of Lucene', async () => {
    const source = make();
    for (const text of [
      'a:b',
      '(x',
      'zebrafish AND',
      '"half',
      'c++ || d',
      'what? ever*',
      '\\',
      '/re/',
      `${'x'.repeat(499)}\u{1f52c}`,
      'half \ud800',
      'S-BIAD1492'
    ]) {
      await expect(source.search({ text }, signal)).resolves.toMatchObject({ items: expect.anything() as unknown });
    }
    const [asked] = (await archives.requests()).filter(one => one.includes('search') && one.includes('BIAD1492'));
    expect(new URL(`http://a${asked.split(' ')[1]}`).searchParams.get('query')).toBe('S\\-BIAD1492');
    expect((await source.search({ text: 's-biad1492' }, signal)).items.map(({ accession }) => accession)).toEqual([
      'S-BIAD1492'
    ]);
  });

  it('counts years and types of files once, with the first page, and filters by them', async () => {
    const source = make();
    const { facets = [], cursor } = await source.search({ text: '', limit: 10 }, signal);
    expect(facets.map(({ id, exact }) => [id, exact])).toEqual([
      ['year', false],
      ['file_type', false]
    ]);
    expect(facets[1].values.map(({ value }) => value)).not.toContain('n/a');
    await source.search({ text: '', limit: 10, cursor }, signal);
    expect((await archives.requests()).filter(one => one.includes('/facets'))).toHaveLength(1);
    const [year] = facets[0].values;
    const found = await all(one => source.search(one, signal), { filters: { year: [year.value] } });
    expect(found).toHaveLength(year.count);
    expect(found.every(({ released = '' }) => released.startsWith(year.value))).toBe(true);
    const typed = await all(one => source.search(one, signal), { filters: { file_type: ['SVS'] } });
    expect(typed.map(({ accession }) => accession).filter(one => one === 'S-BSMS4')).toHaveLength(
      sharedPath() === null ? 0 : 1
    );
  });

  it('shows studies without counts where these fail', async () => {
    const relay: typeof archives.relay = (service, path, options, own) =>
      archives.relay(service, path.replace('/facets', '/nothing'), options, own);
    const page = await new BioStudiesSource(relay).search({ text: 'zebrafish' }, signal);
    expect(page.items.length).toBeGreaterThan(0);
    expect(page.facets).toBeUndefined();
  });

  it('gives snippets without their marks', async () => {
    const { items } = await make().search({ text: 'zebrafish' }, signal);
    expect(items[0].description).toContain('zebrafish');
    expect(items[0].description).not.toMatch(/[<>]|&\w+;/);
  });

  it('tells that an agent was refused', async () => {
    await archives.control({ biostudies: { agent: 'refused' } });
    await expect(make().search({ text: 'cells' }, signal)).rejects.toMatchObject({ code: 'UPSTREAM_DENIED' });
  });
});

describe('a study of BioStudies', () => {
  it.each(['200', '302', 'link'])('is read where the service answers in the way %s', async study => {
    await archives.control({ biostudies: { study } });
    const { title, datasets } = await make().study('s-biad1492', signal);
    expect(title).toBe('Synthetic images and segmentation masks simulating HL-60 cell nucleus in 3D');
    expect(datasets).toHaveLength(2);
    const wanted = study === 'link' ? 1 : 0;
    const copies = (await archives.requests()).filter(one =>
      one.endsWith('/biostudies-ftp/biostudies/fire/S-BIAD/492/S-BIAD1492/S-BIAD1492.json')
    );
    expect(copies.length).toBeGreaterThanOrEqual(wanted);
  });

  it('that is unknown is not found, though /info answers with an empty object', async () => {
    await expect(make().study('S-BIAD987654', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await archives.requests()).some(one => one.endsWith('/info'))).toBe(true);
  });

  it('that is not public is denied', async () => {
    await expect(make().study('S-BIAD90403', signal)).rejects.toMatchObject({ code: 'UPSTREAM_DENIED' });
  });

  it('is none where the name could lead elsewhere, and nothing is asked', async () => {
    for (const name of ['', '..', 'a/b', 'S-BIAD1?x', 'x'.repeat(100)]) {
      await expect(make().study(name, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await archives.requests()).toEqual([]);
  });

  it('is asked for once, for its page, its images and its files', async () => {
    const source = make();
    await Promise.all([source.study('S-BIAD1492', signal), source.images('S-BIAD1492', { text: '' }, signal)]);
    await source.files('S-BIAD1492', { text: '' }, signal);
    const asked = await archives.requests();
    expect(asked).toHaveLength(4);
    expect(new Set(asked).size).toBe(4);
  });

  it('counts its files as /info says', async () => {
    expect(await make().study('S-BIAD1492', signal)).toMatchObject({ files: 13 });
  });
});

describe('images in the file lists of BioStudies', () => {
  it('are viewable where a Zarr lies in the storage file by file or as a folder', async () => {
    const found = await images('S-BIAD90001');
    expect(found.map(({ title, viewable, uri, bytes }) => [title, viewable, uri, bytes])).toEqual(
      expect.arrayContaining([
        [
          'cells-2d.ome.zarr',
          true,
          'https://ftp.ebi.ac.uk/pub/databases/biostudies/S-BIAD/001/S-BIAD90001/Files/cells/cells-2d.ome.zarr',
          100324
        ],
        [
          'labels.ome.zarr',
          true,
          'https://ftp.ebi.ac.uk/pub/databases/biostudies/S-BIAD/001/S-BIAD90001/Files/cells/labels.ome.zarr',
          540000
        ],
        [
          'stack-zt.ome.zarr',
          true,
          'https://ftp.ebi.ac.uk/pub/databases/biostudies/S-BIAD/001/S-BIAD90001/Files/timelapse/stack-zt.ome.zarr',
          7000000
        ]
      ])
    );
    expect(found.map(({ viewable }) => viewable)).toEqual([true, true, true, true, false]);
    expect(found.slice(3).map(({ title, convertible, reason }) => [title, convertible, reason])).toEqual([
      ['embryo#1+2.tif', undefined, undefined],
      ['overview=50%.png', true, 'PNG has to be converted to OME-Zarr before it can be viewed.']
    ]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
  });

  it('are counted on the page of the study once they have been looked for, without another request', async () => {
    const source = make();
    const before = await source.study('S-BIAD90001', signal);
    expect(before.datasets.map(one => one.viewable)).toContain(undefined);
    expect(before.viewable).toBeUndefined();
    const parts = before.datasets.map(({ id }) => images('S-BIAD90001', { dataset: id }, source));
    const found = await Promise.all(parts);
    const asked = (await archives.requests()).length;
    const after = await source.study('S-BIAD90001', signal);
    expect(after.datasets.map(one => [one.images, one.viewable])).toEqual(
      found.map(list => [list.length, list.filter(({ viewable }) => viewable).length])
    );
    expect(after).toMatchObject({ images: 5, viewable: 4, files: before.files });
    expect((await archives.requests()).length).toBe(asked);
  });

  it('that are zipped are opened in their archive file', async () => {
    const found = await images('S-BIAD90002');
    expect(found.map(({ title, viewable, convertible }) => [title, viewable, convertible])).toEqual([
      ['cells-2d.ome.zarr.zip', true, undefined],
      ['labels.zarr.zip', true, undefined]
    ]);
    expect(found[0].uri).toMatch(/\/Files\/.*cells-2d\.ome\.zarr\.zip$/);
  });

  it('are a plate where it is a folder', async () => {
    const found = await images('S-BIAD90003');
    expect(found.map(({ title, viewable }) => [title, viewable])).toEqual([['plate-2x3.ome.zarr', true]]);
  });

  it('are paged without loss, viewable ones first, however small the pages', async () => {
    const whole = await images('S-BIAD90001');
    for (const limit of [1, 2, 3, 4]) {
      expect((await images('S-BIAD90001', { limit })).map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
    }
  });

  it('are filtered by text and by dataset', async () => {
    const source = make();
    const { datasets } = await source.study('S-BIAD90001', signal);
    const parts = await Promise.all(datasets.map(({ id }) => images('S-BIAD90001', { dataset: id }, source)));
    expect(parts.map(({ length }) => length).reduce((sum, one) => sum + one, 0)).toBe(5);
    expect((await images('S-BIAD90001', { text: 'TIMELAPSE raw' }, source)).map(({ title }) => title)).toEqual([
      'embryo#1+2.tif'
    ]);
    expect(await images('S-BIAD90001', { dataset: 'no such dataset' }, source)).toEqual([]);
  });

  it('are found by their id, and nothing else is', async () => {
    const source = make();
    for (const image of await images('S-BIAD90001', {}, source)) {
      expect(await source.image(image.id, signal)).toEqual(image);
    }
    for (const id of ['', 'S-BIAD90001', 'S-BIAD90001/x/y', 'S-BIAD90001/x/%', 'a/b/c/d']) {
      await expect(source.image(id, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  it('of a list that is not there cost that list alone', async () => {
    const page = await make().images('S-BIAD90001', { text: '' }, signal);
    expect(page).toMatchObject({ total: 5 });
    await expect(make().images('S-BIAD1043', { text: '' }, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are found among 100,000 files in one request, a page at a time', async () => {
    await archives.control({ biostudies: { files: 100_000 } });
    const source = make();
    const page = await source.images('S-BIAD90004', { text: '', limit: 50 }, signal);
    expect(page).toMatchObject({ total: 100_000 });
    expect(page.items.every(({ viewable }) => viewable)).toBe(true);
    let count = 0;
    let { cursor } = page;
    for (count = page.items.length; cursor !== undefined;) {
      const next: IPage<IImageRecord> = await source.images('S-BIAD90004', { text: '', limit: 1000, cursor }, signal);
      count += next.items.length;
      ({ cursor } = next);
    }
    expect(count).toBe(100_000);
    expect((await archives.requests()).filter(one => one.includes('/files/'))).toHaveLength(1);
  }, 60_000);
});

describe('files of BioStudies', () => {
  it('are listed whole and in order, with addresses that name each of them', async () => {
    const found = await files('S-BIAD90001', { limit: 2 });
    expect(found).toHaveLength(9);
    expect(found.find(({ path }) => path.endsWith('embryo#1+2.tif'))).toMatchObject({
      kind: 'file',
      bytes: 52000000,
      uri: 'https://ftp.ebi.ac.uk/pub/databases/biostudies/S-BIAD/001/S-BIAD90001/Files/timelapse/raw/embryo%231%2B2.tif'
    });
    expect(found.filter(({ image }) => image !== undefined).map(({ path }) => path)).toEqual(
      ['timelapse/stack-zt.ome.zarr', 'timelapse/raw/embryo#1+2.tif', 'cells/labels.ome.zarr'].sort(
        (a, b) => found.findIndex(({ path }) => path === a) - found.findIndex(({ path }) => path === b)
      )
    );
  });

  it('of names that the storage writes in its own way are fetched from the archive’s site', async () => {
    const { relay } = archives;
    const source = new BioStudiesSource(async (service, path, options, own) => {
      const answer = await relay(service, path, options, own);
      return path.endsWith('/info')
        ? { ...answer, bytes: new TextEncoder().encode('{"hasZippedFolders": true}') }
        : answer;
    });
    const found = await files('S-BIAD90001', {}, source);
    expect(found.find(({ path }) => path.endsWith('embryo#1+2.tif'))?.uri).toBe(
      'https://www.ebi.ac.uk/biostudies/files/S-BIAD90001/timelapse/raw/embryo%231%2B2.tif'
    );
    const listed = await images('S-BIAD90001', {}, source);
    expect(listed.filter(({ viewable }) => viewable).map(({ title }) => title)).toEqual([
      'stack-zt.ome.zarr',
      'cells-2d.ome.zarr',
      'labels.ome.zarr'
    ]);
    // A folder that is listed as one entry lies there as an archive; one that is listed file by file lies there so.
    expect(listed.find(({ title }) => title === 'labels.ome.zarr')?.uri).toMatch(/labels\.ome\.zarr\.zip$/);
    expect(listed.find(({ title }) => title === 'cells-2d.ome.zarr')?.uri).toMatch(/cells-2d\.ome\.zarr$/);
  });

  it('are filtered by text over every list', async () => {
    expect((await files('S-BIAD90001', { text: 'csv', limit: 1 })).map(({ path }) => path)).toEqual([
      'timelapse/measurements.csv'
    ]);
  });
});

describe('somebody who goes', () => {
  it('stops the request at the service', async () => {
    await archives.control({ delay: { biostudies: 5 } });
    const controller = new AbortController();
    const searching = make().search({ text: 'cells' }, controller.signal);
    await new Promise(resolve => setTimeout(resolve, 200));
    controller.abort(new DOMException('gone', 'AbortError'));
    await expect(searching).rejects.toThrow('gone');
    await new Promise(resolve => setTimeout(resolve, 200));
    expect((await archives.aborted()).length).toBe((await archives.requests()).length);
  });
});
