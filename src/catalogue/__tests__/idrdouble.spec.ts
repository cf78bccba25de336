import { isStudy } from '..';
import type { CatalogueItem, ICatalogueEnvironment } from '..';
import { BioImageError } from '../../core';
import type { FacetValues, IImageRecord, IPage } from '../../entities';
import { startArchives } from '../../testing/archives';
import type { IArchives } from '../../testing/archives';
import { projectPython } from '../../testing/sessionserver';
import { sharedPath } from '../../testing/shared';
import { memoryEnvironment } from '../memory';
import { omeroPage } from '../sources/idr/omero';
import { IdrSource } from '../sources/idr/source';
import { contractOf } from './contract';
import { recorded } from './idrworld';

const { signal } = new AbortController();
let archives: IArchives;

/** Rows of the table of expected counts for IDR's studies. */
const EXPECTED = recorded('..', 'recorded-counts.tsv')
  .split('\n')
  .map(line => line.split('\t'))
  .filter(([source]) => source === 'idr-studies');

const environment = (): ICatalogueEnvironment => ({
  ...memoryEnvironment([], {}),
  relay: archives.relay,
  services: () => Promise.resolve(archives.services),
  rewrites: () => Promise.resolve(archives.rewrites)
});
const make = (): IdrSource => new IdrSource(environment(), archives.services);
const namesOf = ({ items }: IPage<CatalogueItem>): string[] =>
  items.map(item => (isStudy(item) ? item.accession : item.id));
const find = (filters: FacetValues, limit = 50, text = ''): Promise<IPage<CatalogueItem>> =>
  make().search({ text, limit, filters }, signal);

const describeWithPython = projectPython() === null ? describe.skip : describe;

describeWithPython('IDR against its double', () => {
  beforeAll(async () => {
    archives = await startArchives({ shared: sharedPath('fixtures', 'recorded') ?? undefined });
  });
  afterAll(() => archives.close());
  beforeEach(() => archives.control({}));

  contractOf({ name: 'IDR', match: 'rad52', make: () => Promise.resolve(make()) });

  it('lists every recorded study in six requests, and searches without any', async () => {
    const source = make();
    const page = await source.search({ text: '', limit: 500 }, signal);
    expect(
      page.items
        .filter(isStudy)
        .map(({ accession, images }) => [accession, String(images)])
        .sort()
    ).toEqual(EXPECTED.filter(([, study]) => study !== 'all').map(([, study, images]) => [study, images]));
    expect(await archives.requests()).toHaveLength(6);
    await source.search({ text: 'rad52', filters: { organism: ['Saccharomyces cerevisiae'] } }, signal);
    expect(await archives.requests()).toHaveLength(6);
  });

  it('reads every study and the beginning of its images, each record viewable or with a reason', async () => {
    const source = make();
    const table: string[] = [];
    for (const [, accession] of EXPECTED.filter(([, study]) => study !== 'all')) {
      const study = await source.study(accession, signal);
      const { items, total } = await source.images(accession, { text: '', limit: 24 }, signal);
      expect(study.notices.map(String)).toEqual([]);
      expect(items.length).toBeGreaterThan(0);
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      expect(items.every(item => (item.viewable ? item.uri !== '' : item.reason !== undefined))).toBe(true);
      const states = items.map(({ viewable }) => viewable);
      expect(states).toEqual([...states].sort((one, other) => Number(other) - Number(one)));
      table.push(`${accession}\t${study.images}\t${total}\t${study.viewable}`);
    }
    // One row a study: images, records that are listed (plates of screens count once), viewable.
    console.info(table.join('\n'));
    expect(table).toHaveLength(143);
  }, 120_000);

  it('lists all of a project, paging through its datasets', async () => {
    const source = make();
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page: IPage<IImageRecord> = await source.images('idr0101', { text: '', limit: 48, cursor }, signal);
      ids.push(...page.items.map(({ id }) => id));
      expect(page.items.filter(({ thumbnail }) => thumbnail === undefined).map(({ id }) => id)).toEqual([]);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(new Set(ids).size).toBe(ids.length);
    const { datasets, images: all } = await source.study('idr0101', signal);
    expect(ids.length).toBe(all);
    expect(ids.length).toBe(datasets.reduce((sum, { images = 0 }) => sum + images, 0));
    const asked = (await archives.requests()).filter(line => line.includes('thumbnail'));
    expect(asked.every(line => line.split('id=').length - 1 <= 24)).toBe(true);
  }, 30_000);

  describe('OMERO', () => {
    it('clamps a limit to 1000 without a word, and a page past the end is empty', async () => {
      const page = await omeroPage(archives.relay, 'projects', { limit: 5000, offset: 0 }, signal);
      expect(page.total).toBe(page.items.length);
      expect((await omeroPage(archives.relay, 'projects', { limit: 10, offset: 9000 }, signal)).items).toEqual([]);
    });

    it('answers an unknown route with HTML and 404, and a download with the page of a login', async () => {
      await expect(omeroPage(archives.relay, 'nothing', { limit: 1, offset: 0 }, signal)).rejects.toMatchObject({
        code: 'NOT_FOUND'
      });
      await expect(archives.relay('idr', 'webgateway/archived_files/1', {}, signal)).rejects.toMatchObject({
        code: 'CATALOGUE_BAD'
      });
    });

    it('closes or degrades what is never asked for: rendered images, imgData, thumbnails with a size', async () => {
      const source = make();
      const { items } = await source.images('idr0062', { text: '', limit: 5 }, signal);
      await source.image(items[0].id, signal);
      const lines = (await archives.requests()).join('\n');
      expect(lines).not.toMatch(/imgData|render_|archived_files|birds_eye/);
      await expect(archives.relay('idr', 'webgateway/render_image/1/0/0/', {}, signal)).rejects.toThrow(BioImageError);
      await expect(archives.relay('idr', 'webclient/render_thumbnail/1/200/', {}, signal)).rejects.toMatchObject({
        code: 'NOT_FOUND'
      });
    });

    it('has screens and projects of the same number, which do not get each other’s annotations', async () => {
      const source = make();
      const page = await source.search({ text: '', limit: 500 }, signal);
      const heriche = page.items.filter(isStudy).find(({ accession }) => accession === 'idr0002');
      expect(heriche?.title).toContain('mitotic chromsome condensaton');
      expect(page.items.filter(isStudy).filter(({ title }) => title === heriche?.title)).toHaveLength(1);
    });

    it('leaves out what is null', async () => {
      const record = await make().image('image:6001240', signal);
      expect(record).toMatchObject({ id: 'image:6001240', viewable: true, study: { accession: 'idr0062' } });
    });

    it('is down: the published table is listed, and it says so', async () => {
      await archives.control({ fail: { idr: 503 } });
      const page = await make().search({ text: '', limit: 500 }, signal);
      expect(page.total).toBe(143);
      expect(String(page.notices?.[0])).toContain('table of studies');
      expect(page.from?.kind).toBe('cache');
    });
  });

  describe('the search engine', () => {
    it('finds recorded images of a gene, and the studies they are in', async () => {
      const page = await find({ gene: ['ade8'] });
      expect(namesOf(page).filter(name => name.startsWith('idr'))).not.toEqual([]);
      expect(namesOf(page)).toContain('image:15573');
      expect(page.total).toBe(page.items.length);
    });

    it('answers no hit with a list', async () => {
      expect(await find({ gene: ['no such gene'] })).toMatchObject({ items: [], total: 0 });
    });

    it('answers an error with 200', async () => {
      await archives.control({
        fail: { searchengine: { status: 200, body: '{"Error": "busy"}', type: 'application/json' } }
      });
      const page = make();
      expect(String((await page.search({ text: '' }, signal)).notices?.[0])).toContain('search engine');
      await expect(page.search({ text: '', filters: { gene: ['ade8'] } }, signal)).rejects.toMatchObject({
        code: 'CATALOGUE_BAD',
        message: expect.stringContaining('busy')
      });
    });

    it('answers an unknown resource with 404 as text', async () => {
      await expect(archives.relay('idr', 'searchengine/api/v1/resources/nothing/', {}, signal)).rejects.toMatchObject({
        code: 'NOT_FOUND'
      });
    });

    it('keeps to the studies that pass the other filters', async () => {
      const page = await find({ cell_line: ['hela'], organism: ['Homo sapiens'] });
      const studies = page.items.filter(isStudy).map(({ accession }) => accession);
      const images = page.items.filter((item): item is IImageRecord => !isStudy(item));
      expect(images.length).toBeGreaterThan(0);
      expect(images.filter(({ study }) => !studies.includes(study?.accession ?? ''))).toEqual([]);
    });

    it('is paged by bookmarks', async () => {
      const source = make();
      const query = { text: '', limit: 700, filters: { cell_line: ['hela'] } };
      const first = await source.search(query, signal);
      expect(first.total).toBeGreaterThan(4_000_000);
      const second = await source.search({ ...query, cursor: first.cursor }, signal);
      const third = await source.search({ ...query, cursor: second.cursor }, signal);
      expect([first, second, third].map(({ items }) => items.length)).toEqual([700, 303, 700]);
      const posts = (await archives.requests()).filter(line => line.startsWith('POST') && !line.includes('containers'));
      expect(posts.map(line => /"bookmark":(\[\d+\])/.exec(line)?.[1])).toEqual([undefined, '[1000]']);
    }, 30_000);

    it('suggests values, and its 49,753 symbols of genes are never loaded', async () => {
      const found = await make().suggest('ade8', signal);
      expect(found[0]).toEqual({ text: 'ADE8', facet: 'gene', count: 41, source: 'idr' });
      expect((await archives.requests()).join('\n')).not.toMatch(/searchvaluesusingkey|\/keys\//);
    });
  });

  it('stops asking when the search is given up', async () => {
    await archives.control({ delay: { idr: 5 } });
    const controller = new AbortController();
    const work = make().search({ text: '' }, controller.signal);
    setTimeout(() => controller.abort(new DOMException('gone', 'AbortError')), 300);
    await expect(work).rejects.toThrow('gone');
    await new Promise(resolve => setTimeout(resolve, 300));
    expect((await archives.aborted()).length).toBeGreaterThan(0);
    expect((await archives.requests()).join('\n')).not.toContain('annotations');
  });
});
