import { nullTranslator } from '@jupyterlab/translation';

import type { ICatalogueSource } from '../../catalogue';
import { memoryEnvironment, PROVIDERS } from '../../catalogue';
import type { IArchives } from '../../testing/archives';
import { startArchives } from '../../testing/archives';
import type { BrowserModel } from '../model';
import { statusText } from '../statuswords';
import { modelOf } from './modelbench';

/** The archives; tables of addresses have specs of their own. */
const ARCHIVES = ['bia', 'idr', 'biostudies'];
const trans = nullTranslator.load('test');

let archives: IArchives;
const sources = async (): Promise<ICatalogueSource[]> => {
  const environment = {
    ...memoryEnvironment([], {}),
    relay: archives.relay,
    services: () => Promise.resolve(archives.services),
    rewrites: () => Promise.resolve(archives.rewrites)
  };
  const providers = PROVIDERS.filter(({ id }) => ARCHIVES.includes(id));
  return (await Promise.all(providers.map(provider => provider.create(environment)))).flat();
};
const group = (model: BrowserModel, id: string): BrowserModel['groups'][number] | undefined =>
  model.groups.find(({ source }) => source.id === id);
const until = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 400 && !condition(); tries++) {
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  expect(condition()).toBe(true);
};

beforeAll(async () => {
  archives = await startArchives();
}, 30_000);
afterEach(() => archives.control({}));
afterAll(() => archives.close(), 30_000);

describe('the panel over the archives’ doubles', () => {
  it('merges their studies by rank, with facets over all of them', async () => {
    const { model } = modelOf(await sources());
    await model.search('embryo');
    expect(model.groups.map(({ source, status }) => [source.id, status])).toEqual(ARCHIVES.map(id => [id, 'ready']));
    expect(model.groups.map(({ shown }) => shown.length > 0)).toEqual([true, true, true]);
    const ids = model.facets.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['source', 'organism', 'imaging_method', 'year']));
    expect(statusText(model, trans)).toMatch(/^BioImage Archive: .*\d.* · IDR: .*\d.* · BioStudies: .*\d/);
    model.dispose();
  });

  it('filters by a value of a facet, and says of BioStudies that it cannot', async () => {
    const { model } = modelOf(await sources());
    await model.search('embryo');
    const organism = model.facets.find(({ id }) => id === 'organism')?.values[0].value ?? '';
    await model.setFilters({ organism: [organism] });
    expect(statusText(model, trans)).toContain('BioStudies cannot be filtered by organism');
    expect(model.list.count).toBeGreaterThan(0);
    expect(model.groups.map(({ status }) => status)).toEqual(['ready', 'ready', 'ready']);
    model.dispose();
  });

  it.each([
    ['S-BIAD1492', 'bia'],
    ['idr0062', 'idr'],
    ['S-BIAD90001', 'biostudies']
  ])('opens the page of %s by its name, in the archive that has it', async (name, source) => {
    const { model } = modelOf(await sources());
    const row = await model.follow(name);
    expect(row).toMatchObject({ kind: 'hit', hit: { accession: name } });
    if (row?.kind === 'hit' && row.hit.kind === 'study') {
      await model.openHit(row.hit);
    }
    expect([model.study?.accession, model.study?.source.id, model.study?.status]).toEqual([name, source, 'ready']);
    model.dispose();
  });

  it('shows the fast one before the slow one has answered, and gives up the requests that are cancelled', async () => {
    await archives.control({ delay: { biostudies: 5 } });
    const { model } = modelOf(await sources());
    void model.search('embryo');
    await until(() => group(model, 'idr')?.status === 'ready');
    expect([model.list.count > 0, group(model, 'biostudies')?.status]).toEqual([true, 'loading']);
    model.asking.cancel();
    expect(group(model, 'biostudies')?.status).toBe('cancelled');
    let given: string[] = [];
    for (let tries = 0; tries < 100 && given.length === 0; tries++) {
      given = await archives.aborted();
      await new Promise(resolve => setTimeout(resolve, 25));
    }
    expect(given.every(one => one.startsWith('GET /biostudies/'))).toBe(true);
    expect(given.length).toBeGreaterThan(0);
    model.dispose();
  });

  it('keeps the others when one fails, and shows it once it has been tried again', async () => {
    await archives.control({ fail: { biostudies: 404 } });
    const { model } = modelOf(await sources());
    await model.search('embryo');
    expect(model.groups.map(({ status }) => status)).toEqual(['ready', 'ready', 'failed']);
    await archives.control({});
    await model.retry('biostudies');
    expect(group(model, 'biostudies')?.shown.length).toBeGreaterThan(0);
    model.dispose();
  });

  it('suggests genes and filters by one', async () => {
    const { model } = modelOf(await sources());
    model.type('ade8');
    await until(() => model.suggestions.items.length > 0);
    const gene = model.suggestions.items.find(one => one.kind === 'source' && one.facet === 'gene');
    expect(gene).toMatchObject({ text: expect.stringMatching(/^ADE8$/i) as string });
    await model.choose(gene!);
    expect(model.text).toBe('');
    expect(group(model, 'idr')?.shown.length).toBeGreaterThan(0);
    model.dispose();
  });
});
