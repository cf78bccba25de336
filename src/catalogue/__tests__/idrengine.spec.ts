import { isStudy } from '..';
import type { CatalogueItem } from '..';
import { BioImageError, Said, say } from '../../core';
import type { FacetValues, IImageRecord, IPage } from '../../entities';
import { IMAGE_FACETS, IMAGE_KEYS } from '../sources/idr/keys';
import { IdrWorld, json } from './idrworld';
import { reading } from '../../testing/reading';

const { signal } = new AbortController();
const ENGINE = 'idr/searchengine/api/v1/resources';
const ADE8 = json('searchengine', 'search_gene_ade8.json') as unknown as { results: { results: { id: number }[] } };

/** A world in which the search engine finds the recorded images in one screen and in one project. */
function found(images: readonly unknown[] = ADE8.results.results): IdrWorld {
  const world = new IdrWorld();
  const screen = world.numberOf('idr0007');
  world.instead.set(`${ENGINE}/submitquery/containers/`, {
    Error: 'none',
    results: {
      results: [
        { id: screen, name: 'idr0007-srikumar-sumo/screenA', type: 'screen', 'image count': 41, key_values: [] },
        { id: world.numberOf('idr0062'), name: 'idr0062-blin-nuclearsegmentation/experimentA', type: 'project' },
        { id: 424_242, type: 'screen', name: 'idr9999-nobody' },
        { id: null, type: 'screen' },
        { id: 1, type: 'dataset' }
      ]
    }
  });
  world.instead.set(`${ENGINE}/submitquery/`, {
    Error: 'none',
    results: { results: images, size: images.length, bookmark: [9] }
  });
  return world;
}

const namesOf = ({ items }: IPage<CatalogueItem>): string[] =>
  items.map(item => (isStudy(item) ? item.accession : item.id));
const bodies = (world: IdrWorld): unknown[] => world.asked.map(({ body }) => body).filter(body => body !== undefined);
const search = (world: IdrWorld, filters: FacetValues, limit = 100, text = ''): Promise<IPage<CatalogueItem>> =>
  world.source().search({ text, limit, filters }, signal);

describe('a filter that only images of IDR have', () => {
  it('finds the studies with such images, then the images, with the exact number of both', async () => {
    const world = found();
    const page = await search(world, { gene: ['ade8'] });
    expect(namesOf(page).slice(0, 3)).toEqual(['idr0062', 'idr0007', 'image:15573']);
    expect(page).toMatchObject({ total: 43, exact: true });
    expect(page.items).toHaveLength(43);
    expect(page.cursor).toBeUndefined();
    const image = page.items.find((item): item is IImageRecord => !isStudy(item));
    expect(image?.facets).toMatchObject({
      gene: ['YDR408C', 'ADE8'],
      organism: ['Saccharomyces cerevisiae'],
      phenotype: ['GFP localization: cytosol', 'protein localized in cytosol phenotype', 'CMPO_0000393']
    });
    expect(image).toMatchObject({ viewable: false, uri: '', reason: expect.any(Said) });
  });

  it.each(IMAGE_FACETS)('asks for each key of %s', async facet => {
    const world = found();
    await search(world, { [facet]: ['a "value"'] });
    const clauses = IMAGE_KEYS[facet].map(name => ({
      name,
      value: 'a "value"',
      operator: 'equals',
      resource: 'image'
    }));
    expect(bodies(world)[0]).toEqual({
      resource: 'image',
      query_details: {
        and_filters: clauses.length === 1 ? clauses : [],
        or_filters: clauses.length === 1 ? [] : [clauses],
        case_sensitive: false
      }
    });
  });

  it('takes values of one facet as alternatives, and facets together', async () => {
    const world = found();
    await search(world, { compound: ['a', 'b'], cell_line: ['HeLa'] });
    expect(bodies(world)[0]).toMatchObject({
      query_details: {
        and_filters: [{ name: 'Cell Line', value: 'HeLa' }],
        or_filters: [
          [
            { name: 'Compound Name', value: 'a' },
            { name: 'Compound Name', value: 'b' }
          ]
        ]
      }
    });
  });

  it('keeps to the studies that pass the other filters', async () => {
    const world = found();
    const page = await search(world, { gene: ['ade8'], organism: ['Mus musculus'] });
    expect(namesOf(page)[0]).toBe('idr0062');
    expect(page.items.filter(isStudy)).toHaveLength(1);
    expect(bodies(world).at(-1)).toMatchObject({
      query_details: {
        and_filters: [{ name: 'name', value: 'idr0062-blin-nuclearsegmentation/experimentA', resource: 'container' }]
      }
    });
  });

  it('finds studies alone with words beside it, and where OME-Zarr is wanted', async () => {
    expect(namesOf(await search(found(), { gene: ['ade8'] }, 100, 'srikumar'))).toEqual(['idr0007']);
    expect(namesOf(await search(found(), { gene: ['ade8'], ome_zarr: ['yes'] }))).toEqual(['idr0062']);
  });

  it('asks nothing about images where no study is left', async () => {
    const world = found();
    expect(await search(world, { gene: ['ade8'], organism: ['Nobody'] })).toMatchObject({ items: [], total: 0 });
    expect(bodies(world)).toHaveLength(1);
  });

  it('pages through studies and images without losing or repeating one, at one request per page of the engine', async () => {
    const world = found();
    const source = world.source();
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page: IPage<CatalogueItem> = await source.search(
        { text: '', limit: 4, filters: { gene: ['ade8'] }, cursor },
        signal
      );
      expect(page.items.length).toBeLessThanOrEqual(4);
      expect(page.total).toBe(43);
      names.push(...namesOf(page));
      expect(names.length).toBeLessThan(3_000);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(names).toEqual(['idr0062', 'idr0007', ...ADE8.results.results.map(({ id }) => `image:${id}`)]);
    expect(bodies(world)).toHaveLength(2);
  });

  it('follows bookmarks to the last page of the engine', async () => {
    const all = Array.from({ length: 2_300 }, (_, at) => ({ id: at + 1 }));
    const world = found();
    const relay = world.relay;
    const asked: unknown[] = [];
    const environment = world.environment();
    const { IdrSource } = await import('../sources/idr/source');
    const source = new IdrSource(
      {
        ...environment,
        relay: (service, path, options, inner) => {
          if (path.endsWith('/submitquery/')) {
            const bookmark = (options.body as { bookmark?: number[] }).bookmark;
            asked.push(bookmark);
            const start = bookmark?.[0] ?? 0;
            const results = all.slice(start, start + 1000);
            world.instead.set(`${ENGINE}/submitquery/`, {
              results: { results, size: all.length, total_pages: 3, bookmark: [start + results.length] }
            });
          }
          return relay(service, path, options, inner);
        }
      },
      ['idr']
    );
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page: IPage<CatalogueItem> = await source.search(
        { text: '', limit: 300, filters: { gene: ['a'] }, cursor },
        signal
      );
      names.push(...namesOf(page));
      expect(names.length).toBeLessThan(3_000);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(names.slice(2)).toEqual(all.map(({ id }) => `image:${id}`));
    expect(asked).toEqual([undefined, [1000], [2000]]);
  });

  it('shows the studies where the images cannot be had, and says so', async () => {
    const world = found();
    world.instead.set(`${ENGINE}/submitquery/`, { Error: 'busy' });
    const source = world.source();
    const query = { text: '', limit: 4, filters: { gene: ['ade8'] } };
    const page = await source.search(query, signal);
    expect(namesOf(page)).toEqual(['idr0062', 'idr0007']);
    expect(page).toMatchObject({ exact: false, notices: [reading('images themselves')] });
    await expect(source.search({ ...query, cursor: 'images.0.0.[9]' }, signal)).rejects.toMatchObject({
      code: 'CATALOGUE_BAD'
    });
  });

  it('begins at the beginning with a cursor that is none', async () => {
    const source = found().source();
    const query = { text: '', limit: 3, filters: { gene: ['ade8'] } };
    const first = await source.search(query, signal);
    for (const cursor of ['', 'x', 'images', 'images.1.2', '-1']) {
      expect(await source.search({ ...query, cursor }, signal)).toEqual(first);
    }
    expect(namesOf(await source.search({ ...query, cursor: 'images.0.0.{"no' }, signal))[0]).toBe('image:15573');
  });
});

describe('traps of the search engine', () => {
  const answering = (answer: unknown): IdrWorld => {
    const world = found();
    world.instead.set(`${ENGINE}/submitquery/containers/`, answer);
    return world;
  };

  it('no hit is a list in place of an object', async () => {
    expect(await search(answering({ results: [], Error: 'none' }), { gene: ['x'] })).toMatchObject({
      items: [],
      total: 0
    });
    const world = found();
    world.instead.set(`${ENGINE}/submitquery/`, { results: [] });
    expect(namesOf(await search(world, { gene: ['x'] }))).toEqual(['idr0062', 'idr0007']);
  });

  it.each([
    [
      { Error: 'Your query\u202e is <b>wrong</b>\n' },
      /^IDR’s search engine says: Your query⟨U\+202E⟩ is <b>wrong<\/b>$/
    ],
    [{ Error: 'x'.repeat(100_000) }, /^.{150,230}$/],
    [{ error: 'no' }, /says: no$/],
    ['<html>Log in</html>', /not understood/],
    ['', /not understood/]
  ])('an error comes with status 200: %#', async (answer, message) => {
    const failure: unknown = await search(answering(answer), { gene: ['x'] }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CATALOGUE_BAD', message: expect.stringMatching(message) });
  });

  it('an unknown resource is 404 as text, and no empty answer', async () => {
    await expect(search(answering(new BioImageError('NOT_FOUND', say`no`)), { gene: ['x'] })).rejects.toMatchObject({
      code: 'NOT_FOUND'
    });
    expect(namesOf(await search(found(), { gene: ['x'] }))).not.toEqual([]);
  });

  it('a failure is not remembered', async () => {
    const world = answering({ Error: 'busy' });
    const source = world.source();
    const query = { text: '', filters: { gene: ['x'] } };
    await expect(source.search(query, signal)).rejects.toMatchObject({ code: 'CATALOGUE_BAD' });
    world.instead.set(`${ENGINE}/submitquery/containers/`, { results: [] });
    expect((await source.search(query, signal)).items).toEqual([]);
  });

  it.each([
    [null],
    [5],
    [{}],
    [{ results: {} }],
    [{ results: { results: 'x' } }],
    [{ results: { results: [null, 5, [], {}] } }]
  ])('an odd answer has no hits: %j', async answer => {
    expect(await search(answering(answer), { gene: ['x'] })).toMatchObject({ items: [] });
  });
});

describe('suggestions of IDR', () => {
  const value = (Key: string, Value: string | null, images: unknown): unknown => ({
    Key,
    Value,
    'Number of images': images,
    data_source: 'idr'
  });
  const suggesting = (data: unknown): IdrWorld => {
    const world = new IdrWorld();
    world.instead.set(`${ENGINE}/image/searchvalues/`, data);
    return world;
  };

  it('are in the order of exact match, key that people search by, number of images', async () => {
    const world = suggesting({
      data: [
        value('Comments', 'pax6 control', 9_000),
        value('Gene Symbol', 'pax6b', 20),
        value('Gene Symbol', 'pax6a', 30),
        value('Phenotype', 'loss of pax6', 25),
        value('Comments', 'PAX6', 1),
        value('Gene Symbol', 'pax6', 10),
        value('Gene Identifier', 'PAX6', 4),
        value('Cell Line', null, 4),
        null
      ]
    });
    expect(await world.source().suggest(' pax6 ', signal)).toEqual([
      { text: 'pax6', facet: 'gene', count: 10, source: 'idr' },
      { text: 'PAX6', count: 1, source: 'idr' },
      { text: 'pax6a', facet: 'gene', count: 30, source: 'idr' },
      { text: 'loss of pax6', facet: 'phenotype', count: 25, source: 'idr' },
      { text: 'pax6b', facet: 'gene', count: 20, source: 'idr' },
      { text: 'pax6 control', count: 9_000, source: 'idr' }
    ]);
    expect(world.asked).toEqual([
      { service: 'idr', path: 'searchengine/api/v1/resources/image/searchvalues/', query: { value: 'pax6' } }
    ]);
  });

  it('are a few of many, and no list of values is ever loaded', async () => {
    const { values } = json('searchengine', 'gene_symbol_values.json') as { values: string[] };
    const world = suggesting({ data: values.map(text => value('Gene Symbol', text, 1)) });
    const source = world.source();
    await source.search({ text: '' }, signal);
    expect(await source.suggest('cg5', signal)).toHaveLength(8);
    expect(world.paths.filter(path => /searchvaluesusingkey|keys/.test(path))).toEqual([]);
  });

  it('name studies too, once these have been listed', async () => {
    const world = suggesting({ data: [] });
    const source = world.source();
    expect(await source.suggest('blin', signal)).toEqual([]);
    await source.search({ text: '' }, signal);
    expect(await source.suggest('blin', signal)).toEqual([{ text: 'idr0062-blin-nuclearsegmentation', source: 'idr' }]);
  });

  it('are none for a single letter, without a request', async () => {
    const world = suggesting({ data: [value('Gene Symbol', 'a', 1)] });
    expect(await world.source().suggest('a', signal)).toEqual([]);
    expect(await world.source().suggest('  ', signal)).toEqual([]);
    expect(world.asked).toEqual([]);
  });

  it('reject with the reason of an aborted signal, and with a failure', async () => {
    const gone = AbortSignal.abort(new DOMException('gone', 'AbortError'));
    await expect(suggesting({ data: [] }).source().suggest('pax6', gone)).rejects.toThrow('gone');
    await expect(suggesting({ Error: 'no' }).source().suggest('pax6', signal)).rejects.toMatchObject({
      code: 'CATALOGUE_BAD'
    });
  });
});
