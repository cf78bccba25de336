import { isStudy } from '..';
import type { CatalogueItem } from '..';
import { BioImageError, say } from '../../core';
import type { FacetValues, IPage } from '../../entities';
import type { IdrSource } from '../sources/idr/source';
import { IdrWorld } from './idrworld';
import { reading } from '../../testing/reading';

const { signal } = new AbortController();
const ENGINE = 'idr/searchengine/api/v1/resources';
const VALUES = `${ENGINE}/image/searchvalues/`;

/** A world in which three images have the gene PAX7, and other values contain its name. */
function world(): IdrWorld {
  const made = new IdrWorld();
  made.instead.set(VALUES, {
    data: [
      { Key: 'Gene Symbol', Value: 'PAX7A', 'Number of images': 900 },
      { Key: 'Comment', Value: 'PAX7', 'Number of images': 800 },
      { Key: 'Antibody', Value: 'PAX7', 'Number of images': 2 },
      { Key: 'Gene Symbol', Value: 'PAX7', 'Number of images': 3 }
    ]
  });
  const results = [1, 2, 3].map(id => ({ id, name: `image ${id}` }));
  made.instead.set(`${ENGINE}/submitquery/`, { Error: 'none', results: { results, size: 3 } });
  return made;
}

const namesOf = ({ items }: IPage<CatalogueItem>): string[] =>
  items.map(item => (isStudy(item) ? item.accession : item.id));
const search = (
  source: IdrSource,
  text: string,
  more: { filters?: FacetValues; limit?: number; cursor?: string } = {}
): Promise<IPage<CatalogueItem>> => source.search({ text, ...more }, signal);
const engine = ({ asked }: IdrWorld): unknown[] =>
  asked
    .filter(({ path }) => /searchvalues|submitquery/.test(path))
    .map(({ path, query, body }) => [path.split('/').at(-2), body ?? query]);

describe('words that are a value of images of IDR', () => {
  it('find these images, in the facet where most of them have it', async () => {
    const made = world();
    expect(await search(made.source(), ' pax7 ')).toMatchObject({
      items: [{ id: 'image:1' }, { id: 'image:2' }, { id: 'image:3' }],
      total: 3,
      exact: true
    });
    const clause = { value: 'PAX7', operator: 'equals', resource: 'image' };
    const or = ['Gene Symbol', 'Gene Identifier'].map(name => ({ name, ...clause }));
    expect(engine(made)).toEqual([
      ['searchvalues', { value: 'pax7' }],
      [
        'submitquery',
        { resource: 'image', query_details: { and_filters: [], or_filters: [or], case_sensitive: false } }
      ]
    ]);
  });

  it('find studies first, and images go on over pages without being asked for again', async () => {
    const made = world();
    made.instead.set(VALUES, { data: [{ Key: 'Cell Line', Value: 'Blin', 'Number of images': 3 }] });
    const source = made.source();
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page: IPage<CatalogueItem> = await search(source, 'blin', { limit: 2, cursor });
      expect(page.total).toBe(4);
      names.push(...namesOf(page));
      expect(names.length).toBeLessThan(10);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(names).toEqual(['idr0062', 'image:1', 'image:2', 'image:3']);
    expect(engine(made)).toHaveLength(2);
  });

  it('are whole values: what is part of one, or has no facet of images, finds none', async () => {
    const made = world();
    expect(await search(made.source(), 'PAX')).toMatchObject({ items: [], total: 0, exact: true });
    made.instead.set(VALUES, { data: [{ Key: 'Organism', Value: 'PAX7', 'Number of images': 3 }] });
    expect(await search(made.source(), 'PAX7')).toMatchObject({ items: [], total: 0, exact: true });
  });

  it.each<[string, FacetValues | undefined, number]>([
    ['P', undefined, 0],
    ['PAX7 in muscle', undefined, 0],
    ['idr0062', undefined, 0],
    ['PAX7', { organism: ['Mus musculus'] }, 0],
    ['PAX7', { source: ['idr'] }, 2],
    ['HeLa cells', {}, 1]
  ])('are one or two, and no name or filter says what is meant: %s %j', async (text, filters, requests) => {
    const made = world();
    await search(made.source(), text, { filters });
    expect(engine(made)).toHaveLength(requests);
  });

  it('cost the studies nothing where the search engine fails, which is said', async () => {
    const made = world();
    made.instead.set(VALUES, new BioImageError('UPSTREAM_DOWN', say`down`));
    const source = made.source();
    const page = await search(source, 'blin');
    expect(namesOf(page)).toEqual(['idr0062']);
    expect(page).toMatchObject({ exact: false, notices: [reading('search engine did not answer')] });
    await expect(search(source, 'blin', { cursor: 'images.0.0.' })).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  });

  it('do not make the studies wait longer than four seconds', async () => {
    const made = world();
    const environment = made.environment();
    const { IdrSource } = await import('../sources/idr/source');
    const never = new Promise<never>(() => undefined);
    const source = new IdrSource(
      {
        ...environment,
        relay: (service, path, options, inner) =>
          path.includes('searchvalues') ? never : made.relay(service, path, options, inner)
      },
      ['idr']
    );
    await search(source, 'blin nuclear segmentation');
    jest.useFakeTimers();
    try {
      const page = search(source, 'blin');
      await jest.advanceTimersByTimeAsync(4_000);
      expect(namesOf(await page)).toEqual(['idr0062']);
    } finally {
      jest.useRealTimers();
    }
  });
});
