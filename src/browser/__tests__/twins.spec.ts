/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { nullTranslator } from '@jupyterlab/translation';

import type { IFacet, IStudy } from '../../entities';
import { Anchor } from '../anchor';
import { RowList } from '../rows';
import { statusText } from '../statuswords';
import { HEADING, ROW } from '../virtual';
import type { IArchiveOptions } from './archive';
import { Archive, study } from './archive';
import { modelOf, titles } from './modelbench';

const trans = nullTranslator.load('test');
const organism = (count: number): IFacet[] => [
  { id: 'organism', exact: true, values: [{ value: 'Homo sapiens', label: 'Homo sapiens', count }] }
];
const studies = (source: string, ...names: string[]): IStudy[] =>
  names.map(name => study(source, name, { title: `cells ${name} of ${source}` }));
const bia = (options: IArchiveOptions = {}): Archive =>
  new Archive('bia', 'BIA', studies('bia', 'S-BIAD1', 'S-BIAD2', 'A1'), { rank: 1, ...options });
const bst = (options: IArchiveOptions = {}): Archive =>
  new Archive('bst', 'BST', studies('bst', 's-biad2', 'S-BSST1', 'S-BIAD1', 'S-BSST2', 'A1'), { rank: 2, ...options });

describe('a study that two archives list', () => {
  it('stands once, under the first of them, and is counted in the status line', async () => {
    const { model } = modelOf([bst(), bia()]);
    await model.search('cells');
    expect(titles(model)).toEqual([
      'cells S-BIAD1 of bia',
      'cells S-BIAD2 of bia',
      'cells A1 of bia',
      'cells S-BSST1 of bst',
      'cells S-BSST2 of bst',
      // Not an accession that archives have in common.
      'cells A1 of bst'
    ]);
    expect(statusText(model, trans)).toBe('BIA: 3 · BST: 5 (2 listed by BIA)');
  });

  it('is opened by Enter, as the only one of that name', async () => {
    const same = (id: string, rank: number): Archive =>
      new Archive(id, id, [study(id, 'S-BIAD1', { title: 'S-BIAD1' })], { rank });
    const { model } = modelOf([same('bia', 1), same('bst', 2)]);
    model.type('S-BIAD1');
    expect(await model.commit()).toMatchObject({ item: { source: 'bia', accession: 'S-BIAD1' } });
    model.dispose();
  });

  it('stands where it is as long as the other one has not answered, or is left out itself', async () => {
    const slow = bia({ delay: 1e9 });
    const { model } = modelOf([slow, bst()]);
    void model.search('cells');
    await new Promise(resolve => setTimeout(resolve, 5));
    expect(titles(model)).toHaveLength(5);
    model.dispose();
    const other = modelOf([bia(), bst({ filters: ['organism'] })]);
    await other.model.setFilters({ organism: ['x'] });
    expect(titles(other.model)).toHaveLength(5);
    other.model.dispose();
  });

  it('counts once in the facets, where there are at least so many', async () => {
    const { model } = modelOf([
      bia({ page: { facets: organism(40) } }),
      bst({ page: { facets: organism(55) } }),
      new Archive('idr', 'IDR', studies('idr', 'idr0001'), { page: { facets: organism(7) } })
    ]);
    await model.search('cells');
    const facet = model.facets.find(({ id }) => id === 'organism');
    expect([facet?.values[0].count, facet?.exact]).toEqual([62, false]);
  });
});

describe('a list that rows are left out of', () => {
  const rows = (places?: readonly number[]): RowList =>
    new RowList([
      {
        id: 'a',
        heading: { kind: 'recent' },
        count: places?.length ?? 100,
        row: index => ({ key: `${index}`, kind: 'more', source: '', status: 'ready' }),
        places
      }
    ]);
  const fewer = Array.from({ length: 100 }, (_, index) => index).filter(index => index % 10 !== 3);

  it('keeps what is looked at in its place', () => {
    const box = { scrollTop: 0 };
    const view = { scroll: 0, chosen: null };
    const anchor = new Anchor(() => 0);
    anchor.follow(box, rows(), view, 1, 400, true);
    box.scrollTop = HEADING + 50 * ROW + 7;
    anchor.scrolled(box, rows(), view);
    anchor.follow(box, rows(fewer), view, 1, 400, true);
    expect(box.scrollTop).toBe(HEADING + 45 * ROW + 7);
    anchor.follow(box, rows(), view, 1, 400, true);
    expect(box.scrollTop).toBe(HEADING + 50 * ROW + 7);
  });

  it('calls rows by their old places', () => {
    const list = rows(fewer);
    expect([list.slot(45), list.indexOf({ section: 'a', offset: 50 })]).toEqual([{ section: 'a', offset: 50 }, 45]);
    expect([list.indexOf({ section: 'a', offset: 53 }), list.nearest({ section: 'a', offset: 53 })]).toEqual([-1, 47]);
    expect([list.nearest({ section: 'a', offset: 500 }), list.nearest({ section: 'x', offset: 5 })]).toEqual([89, 0]);
  });
});
