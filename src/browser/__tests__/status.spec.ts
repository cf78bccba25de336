/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { nullTranslator } from '@jupyterlab/translation';

import type { CatalogueItem } from '../../catalogue';
import { BioImageError, say } from '../../core';
import type { FacetValues, IPage } from '../../entities';
import { Group } from '../group';
import type { INotice } from '../notice';
import { groupText, noticeText, statusText } from '../statuswords';
import { ageText, facetLabel, viewableText } from '../words';
import { Archive, picture, study } from './archive';
import { modelOf } from './modelbench';

const trans = nullTranslator.load('test');
const studies = [study('a', 'A1'), study('a', 'A2')];
const text = (page: Partial<IPage<CatalogueItem>>, filters: FacetValues = {}): string => {
  const group = new Group(new Archive('a', 'IDR', []), filters);
  group.add({ items: studies, ...page });
  return groupText(group, trans);
};

describe('the words of a source', () => {
  it.each([
    ['IDR: 2', {}],
    ['IDR: 2', { total: 2 }],
    ['IDR: 0 (only some folders)', { items: [], total: 0, exact: false, notices: [say`only some folders`] }],
    ['IDR: more than 2', { cursor: 'x' }],
    ['IDR: 2 of 4,480 studies', { total: 4480, cursor: 'x' }],
    ['IDR: 2 of about 4,480 studies', { total: 4480, exact: false, cursor: 'x' }],
    ['IDR: 2 of 12 results', { items: [picture('a', 'x'), study('a', 'A1')], total: 12, cursor: 'x' }],
    [
      'IDR: 2 of about 12 results',
      { items: [study('a', 'A1'), picture('a', 'x')], total: 12, exact: false, cursor: 'x' }
    ],
    [
      'IDR: 2 (13 lists could not be read)',
      { notices: [say`13 lists could not be read: https://a.example/very/long`] }
    ],
    ['IDR: about 2', { exact: false }],
    ['IDR: 1 of 12 images', { items: [picture('a', 'x')], total: 12, cursor: 'x' }],
    ['IDR: 2 (from 3 hours ago)', { from: { kind: 'cache' as const, age: 3 * 3600 } }],
    ['IDR: 2', { from: { kind: 'recorded' as const } }]
  ])('are %j', (words, page) => {
    expect(text(page)).toBe(words);
  });

  it('say what it cannot be filtered by, and count what is left of what it gave', () => {
    expect(text({}, { organism: ['x'], gene: ['y'] })).toBe('IDR cannot be filtered by organism, gene');
    expect(text({}, { ome_zarr: ['yes'] })).toBe('IDR cannot tell in a search what can be viewed');
    const items = [study('a', 'A1', { facets: { gene: ['y'] } }), study('a', 'A2')];
    expect(text({ items, total: 900 }, { gene: ['Y'] })).toBe('IDR: 1');
    expect(text({ items, total: 900, cursor: 'x' }, { gene: ['Y'] })).toBe('IDR: more than 1');
  });
});

describe('the status line', () => {
  it('says for each source what happened, and once what is a recorded sample', async () => {
    const failure = new BioImageError('UPSTREAM_DOWN', say`It does not answer.`);
    const { model } = modelOf([
      new Archive('a', 'A', [study('a', 'A1')], { page: { from: { kind: 'recorded' } } }),
      new Archive('b', 'B', [study('b', 'B1')], { page: { from: { kind: 'recorded' } } }),
      new Archive('c', 'C', [], { failure })
    ]);
    await model.search('study');
    expect(statusText(model, trans)).toBe(
      'A: 1 · B: 1 · C: failed, It does not answer. · recorded samples, not the archives’ own answers'
    );
    model.asking.cancel();
    const started = model.search('study');
    model.asking.cancel();
    await started;
    expect(statusText(model, trans)).toBe('A: cancelled · B: cancelled · C: cancelled');
  });

  it.each<[string, INotice]>([
    ['Asking IDR for 12…', { kind: 'asking', source: 'IDR', name: '12' }],
    ['A1 cannot be opened: there is no source x here.', { kind: 'no-source', source: 'x', name: 'A1' }],
    ['x cannot be viewed. TIFF', { kind: 'not-viewable', title: 'x', reason: say`TIFF` }],
    ['Removed from the favourites.', { kind: 'removed', favourite: { kind: 'image', uri: 'x', title: 'x' } }]
  ])('says %j', (words, notice) => {
    expect(noticeText(notice, trans)).toBe(words);
  });
});

describe('words', () => {
  it.each([
    [undefined, 'from an earlier answer'],
    [10, 'from 1 minute ago'],
    [1800, 'from 30 minutes ago'],
    [3599, 'from 60 minutes ago'],
    [3600, 'from 1 hour ago'],
    [7200, 'from 2 hours ago'],
    [3 * 86_400, 'from 3 days ago']
  ])('for an age of %j s are %j', (age, words) => {
    expect(ageText(age, trans)).toBe(words);
  });

  it.each([
    [{ images: 5, viewable: 3 }, '3 of 5 images can be viewed'],
    [{ images: 1, viewable: 1 }, '1 of 1 image can be viewed'],
    [{ images: 5 }, '5 images'],
    [{ viewable: 1 }, '1 image can be viewed'],
    [{}, 'images are listed on its page']
  ])('for a study with %j are %j', (changes, words) => {
    expect(viewableText(study('a', 'A1', changes), trans)).toBe(words);
  });

  it('for a facet are those of people', () => {
    expect(['imaging_method', 'sirna'].map(id => facetLabel(id as 'sirna', trans))).toEqual([
      'Imaging method',
      'siRNA'
    ]);
  });
});

describe('sources without anything to say', () => {
  it('are named together after those that found something, and what could not be read is said', async () => {
    const { model } = modelOf([
      new Archive('a', 'A', []),
      new Archive('b', 'B', [study('b', 'B1')], { page: { notices: [say`3 rows could not be read`] } }),
      new Archive('c', 'C', [])
    ]);
    await model.search('study');
    expect(statusText(model, trans)).toBe('B: 1 (3 rows could not be read) · nothing in A, C');
  });
});
