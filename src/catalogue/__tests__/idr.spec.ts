/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { isStudy } from '..';
import type { IPage, IStudy } from '../../entities';
import { BioImageError, say } from '../../core';
import { idr } from '../sources/idr';
import { RETRY_AFTER } from '../sources/idr/list';
import type { CatalogueItem } from '..';
import { contractOf } from './contract';
import { IdrWorld, recorded } from './idrworld';

const { signal } = new AbortController();
const studiesOf = ({ items }: IPage<CatalogueItem>): IStudy[] => items.filter(isStudy);
const facetOf = ({ facets = [] }: IPage<CatalogueItem>, id: string): Record<string, number> =>
  Object.fromEntries((facets.find(facet => facet.id === id)?.values ?? []).map(({ value, count }) => [value, count]));

contractOf({ name: 'IDR', match: 'blin', make: () => Promise.resolve(new IdrWorld().source()) });

describe('IDR as a provider', () => {
  it('makes a source where the relay knows the service, and none elsewhere', async () => {
    const world = new IdrWorld();
    expect((await idr.create(world.environment())).map(({ id, label, rank }) => [id, label, rank])).toEqual([
      ['idr', 'IDR', 20]
    ]);
    expect(await idr.create(world.environment(['biostudies']))).toEqual([]);
  });
});

describe('the list of studies of IDR', () => {
  it('holds every recorded study with the number of images counted from the raw table', async () => {
    const page = await new IdrWorld().source().search({ text: '', limit: 500 }, signal);
    const expected = recorded('..', 'recorded-counts.tsv')
      .split('\n')
      .map(line => line.split('\t'))
      .filter(([source, study]) => source === 'idr-studies' && study !== 'all');
    expect(page.total).toBe(143);
    const found = Object.fromEntries(studiesOf(page).map(({ accession, images }) => [accession, images]));
    expect(found).toEqual(Object.fromEntries(expected.map(([, study, images]) => [study, Number(images)])));
    expect(Object.values(found).reduce<number>((sum, images) => sum + (images ?? 0), 0)).toBe(14_084_893);
  });

  it('costs six requests, and a search afterwards that can mean no gene none', async () => {
    const world = new IdrWorld();
    const source = world.source();
    await source.search({ text: '' }, signal);
    expect([...world.paths].sort()).toEqual([
      'idr-tables/_data/download_urls.tsv',
      'idr/api/v0/m/projects/',
      'idr/api/v0/m/screens/',
      'idr/searchengine/api/v1/resources/container_images/',
      'idr/webclient/api/annotations/',
      'ngff-samples/_data/table.csv'
    ]);
    await source.search({ text: 'mitotic', filters: { organism: ['Homo sapiens'] } }, signal);
    await source.search({ text: 'blin nuclear segmentation', cursor: '0' }, signal);
    expect(world.asked).toHaveLength(6);
  });

  it('is read once by callers at the same time', async () => {
    const world = new IdrWorld();
    const source = world.source();
    await Promise.all([source.search({ text: 'a' }, signal), source.search({ text: 'b' }, signal)]);
    expect(world.asked).toHaveLength(6);
  });

  it('is not lost for the others when one caller leaves', async () => {
    const world = new IdrWorld();
    const source = world.source();
    const leaving = new AbortController();
    const left = source.search({ text: '' }, leaving.signal);
    const stayed = source.search({ text: '' }, signal);
    leaving.abort(new DOMException('gone', 'AbortError'));
    await expect(left).rejects.toThrow('gone');
    expect((await stayed).total).toBe(143);
  });

  it('drops containers without children', async () => {
    const world = new IdrWorld();
    const { datasets } = await world.source().study('idr0062', signal);
    expect(datasets.map(({ id }) => id)).toEqual([`project:${world.numberOf('idr0062')}`]);
  });

  it('asks for annotations once, by screen and by project', async () => {
    const world = new IdrWorld();
    await world.source().search({ text: '' }, signal);
    const [{ query }, ...more] = world.asked.filter(({ path }) => path.includes('annotations'));
    expect(more).toEqual([]);
    expect(query).toMatchObject({ type: 'map', ns: 'idr.openmicroscopy.org/study/info', limit: 500, page: 1 });
    expect([query.project, query.screen].map(ids => (ids as string[]).length)).toEqual([
      world.projects.length - 2,
      world.screens.length
    ]);
  });

  it('reads all pages of annotations', async () => {
    const world = new IdrWorld();
    const other = { link: { parent: { class: 'ImageI', id: 1 } }, values: [['Organism', 'nobody']] };
    world.annotations.unshift(...Array.from({ length: 500 }, () => other));
    const page = await world.source().search({ text: 'segmentation' }, signal);
    expect(studiesOf(page).map(({ title }) => title)).toEqual(['Nuclear segmentation']);
    expect(world.asked.filter(({ path }) => path.includes('annotations'))).toHaveLength(2);
  });

  it('joins annotations by class and number, since numbers of screens and projects overlap', async () => {
    const page = await new IdrWorld().source().search({ text: 'idr0002' }, signal);
    expect(studiesOf(page)[0]).toMatchObject({
      source: 'idr',
      accession: 'idr0002',
      title: 'Focused mitotic chromsome condensaton screen using HeLa cells',
      images: 1152,
      released: '2016-05-26',
      licence: { text: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
      page: 'https://idr.openmicroscopy.org/study/idr0002/',
      facets: {
        organism: ['Homo sapiens'],
        imaging_method: ['fluorescence microscopy'],
        study_type: ['high content screen'],
        year: ['2016'],
        licence: ['CC BY 4.0']
      }
    });
    expect(studiesOf(page)[0].authors?.slice(0, 2)).toEqual(['Hériché JK', 'Lees JG']);
  });

  it('groups containers by accession, of both kinds', async () => {
    const source = new IdrWorld().source();
    expect((await source.study('idr0097', signal)).datasets.map(({ id }) => id.split(':')[0]).sort()).toEqual([
      'project',
      'project',
      'screen'
    ]);
  });

  it('keeps a container that has no accession, known by its number', async () => {
    const world = new IdrWorld();
    world.projects.push({ '@id': 11_601, Name: 'New data', Description: 'Example Project' }, { '@id': 7 });
    const source = world.source();
    const found = studiesOf(await source.search({ text: 'example project' }, signal));
    expect(found.map(({ accession, title, page }) => [accession, title, page])).toEqual([
      ['project:11601', 'New data', 'https://idr.openmicroscopy.org/webclient/?show=project-11601']
    ]);
    expect((await source.study('project:7', signal)).title).toBe('project:7');
  });

  it.each([
    ['a limit that the server lowers without saying so', 20, true],
    ['a server without meta', 200, false],
    ['both', 20, false]
  ])('has all pages: %s', async (_, maxLimit, hasMeta) => {
    const world = Object.assign(new IdrWorld(), { maxLimit, hasMeta });
    expect((await world.source().search({ text: '' }, signal)).total).toBe(143);
  });

  it('is found by name, title, author, organism, method, licence, study type and year', async () => {
    const source = new IdrWorld().source();
    for (const text of [
      'heriche-condensation',
      'IDR0002',
      'mitotic hela',
      'Ellenberg',
      'homo sapiens',
      'high content 2016'
    ]) {
      expect(studiesOf(await source.search({ text }, signal)).map(({ accession }) => accession)).toContain('idr0002');
    }
    expect((await source.search({ text: 'heriche zebrafish' }, signal)).items).toEqual([]);
  });

  it('finds the one study that a text names: an accession with more, a page, a DOI, a container', async () => {
    const world = new IdrWorld();
    const source = world.source();
    const id = world.numberOf('idr0062');
    for (const text of [
      'idr0062A',
      'idr0062-blin-nuclearsegmentation',
      'https://doi.org/10.17867/10000117',
      `https://idr.openmicroscopy.org/webclient/?show=project-${id}`
    ]) {
      expect(studiesOf(await source.search({ text }, signal)).map(({ accession }) => accession)).toEqual(['idr0062']);
    }
  });

  it('counts facets exactly over all that match, each as if its own filter were not there', async () => {
    const source = new IdrWorld().source();
    const all = await source.search({ text: '', limit: 1 }, signal);
    expect(facetOf(all, 'organism')).toEqual({ 'Homo sapiens': 1, 'Mus musculus': 1 });
    const mouse = await source.search({ text: '', filters: { organism: ['mus musculus'] } }, signal);
    expect(mouse.total).toBe(1);
    expect(facetOf(mouse, 'organism')).toEqual({ 'Homo sapiens': 1, 'Mus musculus': 1 });
    expect(facetOf(mouse, 'study_type')).toEqual({ '3D': 1 });
    expect(facetOf(mouse, 'year')).toEqual({ '2019': 1 });
  });

  it('shows as a picture of a study an image whose OME-Zarr is known', async () => {
    const source = new IdrWorld().source();
    const found = async (text: string): Promise<unknown> =>
      studiesOf(await source.search({ text }, signal))[0].thumbnail;
    expect(await found('idr0062')).toBe('https://new.example/idr/zarr/v0.4/idr0062A/6001240.zarr');
    expect([await found('idr0001'), await found('idr0002')]).toEqual([undefined, undefined]);
  });

  it('counts the images whose OME-Zarr a table knows, and beside images no plates', async () => {
    const source = new IdrWorld().source();
    const found = studiesOf(await source.search({ text: '', limit: 500, filters: { ome_zarr: ['yes'] } }, signal));
    // Sixteen of the table of downloads; the samples add one image and one plate to other studies, and a plate to idr0010.
    const named = (numbers: number[], viewable: number | undefined): [string, number | undefined][] =>
      numbers.map(n => [`idr${String(n).padStart(4, '0')}`, viewable]);
    expect(Object.fromEntries(found.map(({ accession, viewable }) => [accession, viewable]))).toEqual({
      ...Object.fromEntries(named([1, 4, 10, 11, 12, 13, 15, 16, 25, 33, 35, 36, 64, 90], undefined)),
      ...Object.fromEntries(named([26, 51, 54, 62], 1))
    });
    const plates = async (accession: string): Promise<unknown> =>
      (await source.study(accession, signal)).attributes.find(({ name }) => name === 'Plates that can be viewed');
    expect(await plates('idr0010')).toEqual({ name: 'Plates that can be viewed', value: '2' });
    expect(await plates('idr0054')).toBeUndefined();
  });
});

describe('the list of studies where something does not answer', () => {
  const down = new BioImageError('UPSTREAM_DOWN', say`down`);
  const html = '<!DOCTYPE html><html><body>Log in</body></html>';

  it.each([
    ['is down', down],
    ['answers a page of HTML', html],
    ['is not there', undefined]
  ])('comes from its published table where the JSON API %s, and says so', async (_, failure) => {
    const world = new IdrWorld();
    world.instead.set('idr/api/v0/m/projects/', failure);
    const page = await world.source().search({ text: '', limit: 500 }, signal);
    expect(page).toMatchObject({ total: 143, from: { kind: 'cache' } });
    expect(String(page.notices?.[0])).toContain('table of studies');
    expect(studiesOf(page).reduce((sum, { images = 0 }) => sum + images, 0)).toBe(14_084_893);
    expect(String((await world.source().study('idr0062', signal)).notices[0])).toContain('table of studies');
  });

  it('rejects with the failure of the service where the table does not answer either, and tries again', async () => {
    const world = new IdrWorld();
    const source = world.source();
    world.instead
      .set('idr/api/v0/m/screens/', down)
      .set('idr-tables/_data/studies.tsv', new BioImageError('NOT_FOUND', say`no`));
    await expect(source.search({ text: '' }, signal)).rejects.toBe(down);
    world.instead.clear();
    expect((await source.search({ text: '' }, signal)).total).toBe(143);
  });

  it('has names without annotations, images without counts, and no viewable number without tables', async () => {
    const world = new IdrWorld();
    world.instead
      .set('idr/webclient/api/annotations/', html)
      .set('idr/searchengine/api/v1/resources/container_images/', { Error: 'Elasticsearch is gone' })
      .set('idr-tables/_data/download_urls.tsv', down)
      .set('ngff-samples/_data/table.csv', html);
    const page = await world.source().search({ text: 'idr0002' }, signal);
    expect(studiesOf(page)[0]).toMatchObject({ accession: 'idr0002', title: 'idr0002-heriche-condensation/screenA' });
    expect(studiesOf(page)[0]).not.toHaveProperty('images');
    expect(studiesOf(page)[0]).not.toHaveProperty('viewable');
    expect(page.notices?.map(String)).toHaveLength(4);
  });

  it('is asked for again after a minute, not at every key', async () => {
    const world = new IdrWorld();
    let clock = 0;
    const source = world.source(undefined, () => clock);
    world.instead.set('ngff-samples/_data/table.csv', down);
    await source.search({ text: 'a' }, signal);
    world.instead.clear();
    clock = RETRY_AFTER - 1;
    expect((await source.search({ text: 'a' }, signal)).notices).toHaveLength(1);
    clock = RETRY_AFTER;
    expect((await source.search({ text: 'a' }, signal)).notices).toBeUndefined();
    expect(world.asked).toHaveLength(12);
  });

  it('does without the tables that the relay does not know', async () => {
    const world = new IdrWorld();
    const page = await world.source(['idr']).search({ text: '' }, signal);
    expect([page.total, page.notices]).toEqual([143, undefined]);
    expect(world.asked).toHaveLength(4);
  });
});

describe('a study of IDR', () => {
  it('has people, licence, DOI, publications, and everything else as attributes', async () => {
    const source = new IdrWorld().source();
    const study = await source.study('idr0062', signal);
    expect(study).toMatchObject({
      title: 'Nuclear segmentation',
      doi: '10.17867/10000117',
      people: [{ name: 'Blin G' }, { name: 'Sadurska D' }, { name: 'Lowell S' }],
      licence: { text: 'CC BY 4.0' },
      notices: [`The datasets of idr0062-blin-nuclearsegmentation/experimentA could not be read.`]
    });
    expect(study.attributes).toEqual([
      { name: 'Organism', value: 'Mus musculus' },
      { name: 'Imaging Method', value: 'confocal microscopy' },
      { name: 'Study Type', value: '3D' },
      { name: 'BioStudies Accession', value: 'S-BIAD9', url: 'https://www.ebi.ac.uk/biostudies/studies/S-BIAD9' },
      { name: 'External URL', value: 'www.example.org/<b>' },
      { name: 'Download', value: expect.stringContaining('idr0062'), url: expect.stringContaining('https://') }
    ]);
    const screen = await source.study('IDR0002', signal);
    expect(screen.publications).toEqual([
      {
        title: expect.stringContaining('Integration of biological data'),
        doi: '10.1091/mbc.E13-04-0221',
        pubmed: '24943848'
      }
    ]);
    expect(screen.datasets).toEqual([{ id: 'screen:102', title: 'screenA', description: '12 plates.', images: 1152 }]);
    expect(screen.attributes.find(({ name }) => name === 'PMC ID')).toEqual({
      name: 'PMC ID',
      value: 'PMC4142622',
      url: 'https://www.ncbi.nlm.nih.gov/pmc/articles/PMC4142622'
    });
  });

  it('has the datasets of its projects with their counts', async () => {
    const world = new IdrWorld();
    world.lists.set(`projects/${world.numberOf('idr0062')}/datasets`, [
      { '@id': 1, Name: 'Blastocysts', 'omero:childCount': 22 },
      { '@id': 2, 'omero:childCount': 0 },
      { '@id': 3 }
    ]);
    expect((await world.source().study('idr0062', signal)).datasets).toEqual([
      { id: 'dataset:1', title: 'experimentA: Blastocysts', images: 22 },
      { id: 'dataset:3', title: 'experimentA: dataset 3' }
    ]);
  });

  it('shows of a description its own text', async () => {
    const world = new IdrWorld();
    Object.assign(world.screens.find(one => one['@id'] === 102) ?? {}, {
      Description:
        'Publication Title\nSame again\n\nScreen Description\nMitosis in HeLa.\n\nVersion History\n2016 first'
    });
    expect((await world.source().study('idr0002', signal)).abstract).toBe('Mitosis in HeLa.');
  });

  it('is not found where there is none', async () => {
    const source = new IdrWorld().source();
    for (const name of ['idr9999', '10.17867/1', 'screen:1', 'constructor']) {
      await expect(source.study(name, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});
