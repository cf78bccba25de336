import type { FacetValues, IFacet } from '../../entities';
import { firstValues } from '../facets';
import { chosenCount, passes, withValue } from '../filters';
import type { BrowserModel } from '../model';
import { Archive, picture, study } from './archive';
import { modelOf, titles } from './modelbench';

const facet = (id: IFacet['id'], values: Record<string, number>, exact = true): IFacet => ({
  id,
  exact,
  values: Object.entries(values).map(([value, count]) => ({ value, label: value, count }))
});

const counts = (model: BrowserModel, id: IFacet['id']): [string, number | undefined][] =>
  (model.facets.find(one => one.id === id)?.values ?? []).map(({ label, count }) => [label, count]);

describe('filters', () => {
  it('are chosen and given up whatever the case, and leave nothing empty behind', () => {
    let filters: FacetValues = withValue({}, 'organism', 'Homo sapiens', true);
    filters = withValue(filters, 'year', '2020', true);
    expect([filters, chosenCount(filters)]).toEqual([{ organism: ['Homo sapiens'], year: ['2020'] }, 2]);
    expect(withValue(filters, 'organism', 'homo SAPIENS', false)).toEqual({ year: ['2020'] });
    expect(withValue(filters, 'year', '2021', true).year).toEqual(['2020', '2021']);
  });

  it('go by what an item says, and by what else is known of it', () => {
    const item = study('a', 'A1', {
      released: '2020-03-01',
      licence: { text: 'CC0' },
      viewable: 2,
      facets: { gene: ['TP53'] }
    });
    const has = (filters: FacetValues): boolean => passes(item, filters, Object.keys(filters) as IFacet['id'][]);
    expect(has({ year: ['2019', '2020'], licence: ['cc0'], ome_zarr: ['yes'], gene: ['tp53'], source: ['a'] })).toBe(
      true
    );
    expect([has({ year: ['2019'] }), has({ organism: ['x'] }), has({ gene: ['x'] })]).toEqual([false, false, false]);
    expect(passes(picture('a', 'x', { viewable: false }), { ome_zarr: ['yes'] }, ['ome_zarr'])).toBe(false);
  });
});

describe('facets over several sources', () => {
  it('add up what services count and what has been loaded, in the order of the facets', async () => {
    const counting = new Archive('a', 'A', [study('a', 'A1')], {
      filters: ['organism', 'year'],
      page: { facets: [facet('year', { 2020: 7 }), facet('organism', { 'Homo sapiens': 40, 'Danio rerio': 2 })] }
    });
    const listing = new Archive('b', 'B', [
      study('b', 'B1', { facets: { organism: ['homo sapiens'] }, released: '2020-01-01' }),
      study('b', 'B2', { facets: { organism: ['Mus musculus'] } })
    ]);
    const { model } = modelOf([counting, listing]);
    await model.search('study');
    expect(model.facets.map(({ id }) => id)).toEqual(['source', 'organism', 'year']);
    expect(counts(model, 'organism')).toEqual([
      ['Homo sapiens', 41],
      ['Danio rerio', 2],
      ['Mus musculus', 1]
    ]);
    expect(counts(model, 'year')).toEqual([['2020', 8]]);
    expect(counts(model, 'source')).toEqual([
      ['B', 2],
      ['A', 1]
    ]);
  });

  it('are lower bounds where only a part has been loaded, or the service says so', async () => {
    const items = Array.from({ length: 150 }, (_, index) => study('a', `A${index}`, { facets: { gene: ['TP53'] } }));
    const guess = new Archive('b', 'B', [study('b', 'B1')], { page: { facets: [facet('organism', { x: 1 }, false)] } });
    const { model } = modelOf([new Archive('a', 'A', items), guess]);
    await model.search('study');
    const exact = (id: IFacet['id']): boolean | undefined => model.facets.find(one => one.id === id)?.exact;
    expect([exact('gene'), exact('organism'), counts(model, 'gene')]).toEqual([false, false, [['TP53', 100]]]);
    await model.more('a');
    expect([exact('gene'), counts(model, 'gene')]).toEqual([true, [['TP53', 150]]]);
  });

  it('go to the sources; one that cannot filter shows only items that have the value', async () => {
    const filtering = new Archive('a', 'A', [study('a', 'A1')], { filters: ['organism'] });
    const listing = new Archive('b', 'B', [
      study('b', 'B1', { facets: { organism: ['Homo sapiens'] } }),
      study('b', 'B2', { facets: { organism: ['Mus musculus'] } })
    ]);
    const { model } = modelOf([filtering, listing]);
    await model.search('study');
    await model.setFilters({ organism: ['homo sapiens'] });
    expect(filtering.asked.at(-1)).toBe('["study",{"organism":["homo sapiens"]}]');
    expect(titles(model)).toEqual(['Study A1', 'Study B1']);
    expect(model.groups.map(({ cannot }) => cannot)).toEqual([[], []]);
  });

  it('leave out a source that neither filters by the facet nor has items with it', async () => {
    const { model } = modelOf([
      new Archive('a', 'A', [study('a', 'A1')], { filters: ['organism'] }),
      new Archive('b', 'B', [study('b', 'B1')])
    ]);
    await model.search('study');
    await model.setFilters({ organism: ['Homo sapiens'] });
    expect([titles(model), model.groups.map(({ cannot }) => cannot)]).toEqual([['Study A1'], [[], ['organism']]]);
    await model.setFilters({});
    expect(titles(model)).toEqual(['Study A1', 'Study B1']);
  });

  it('keep the alternatives of a chosen value, in the order they had', async () => {
    const items = ['x', 'x', 'y'].map((value, index) => study('a', `A${index}`, { facets: { organism: [value] } }));
    const { model } = modelOf([new Archive('a', 'A', items)]);
    await model.search('study');
    expect(counts(model, 'organism')).toEqual([
      ['x', 2],
      ['y', 1]
    ]);
    const answered = model.setFilters({ organism: ['y'] });
    expect(counts(model, 'organism').map(([label]) => label)).toEqual(['x', 'y']);
    await answered;
    expect(counts(model, 'organism')).toEqual([
      ['x', 2],
      ['y', 1]
    ]);
    expect(model.facets.find(({ id }) => id === 'organism')?.exact).toBe(false);
  });

  it('keep the order of values while other facets are chosen, until another text is searched for', async () => {
    const of = (organism: string, year: string, index: number): ReturnType<typeof study> =>
      study('a', `A${index}`, { facets: { organism: [organism], year: [year] } });
    const items = ['x', 'x', 'x', 'y', 'y'].map((one, index) => of(one, index < 2 ? '2019' : '2020', index));
    const { model } = modelOf([new Archive('a', 'A', items)]);
    await model.search('study');
    const labels = (): [string, number | undefined][] => counts(model, 'organism');
    expect(labels().map(([label]) => label)).toEqual(['x', 'y']);
    await model.setFilters({ year: ['2020'] });
    expect(labels()).toEqual([
      ['x', 1],
      ['y', 2]
    ]);
    await model.search('study a');
    expect(labels().map(([label]) => label)).toEqual(['y', 'x']);
  });

  it('ask only the chosen sources, and still offer the others', async () => {
    const a = new Archive('a', 'A', [study('a', 'A1')]);
    const b = new Archive('b', 'B', [study('b', 'B1')]);
    const { model } = modelOf([a, b]);
    await model.setFilters({ source: ['b'] });
    expect([titles(model), a.counts.begun]).toEqual([['Study B1'], 0]);
    expect(counts(model, 'source').map(([label]) => label)).toEqual(['B', 'A']);
  });

  it('filter without any text, and only what can be viewed', async () => {
    const items = [study('a', 'A1', { viewable: 3 }), study('a', 'A2', { viewable: 0 }), study('a', 'A3')];
    const { model } = modelOf([new Archive('a', 'A', items)]);
    await model.start();
    expect(titles(model)).toEqual([]);
    await model.setFilters({ ome_zarr: ['yes'] });
    expect(titles(model)).toEqual(['Study A1']);
  });

  it('show the most frequent values first, and those that are chosen', () => {
    const values = Array.from({ length: 30 }, (_, index) => ({
      value: `v${index}`,
      label: `v${index}`,
      count: 30 - index
    }));
    const shown = firstValues({ id: 'gene', values, exact: true }, { gene: ['v20'] }, 3);
    expect(shown.map(({ value }) => value)).toEqual(['v0', 'v1', 'v2', 'v20']);
  });
});
