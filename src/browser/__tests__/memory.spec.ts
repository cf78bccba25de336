/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { memoryEnvironment, StoreSource } from '../../catalogue';
import type { IFavourite } from '../favourites';
import { favouriteKey, Favourites } from '../favourites';
import { MAX_SEARCHES, readState } from '../memory';
import { Archive, study } from './archive';
import { MemoryOfOne, modelOf, titles } from './modelbench';

const mark: IFavourite = { kind: 'image', uri: 'https://a.example/x.zarr', title: 'x', source: 'a' };
const EMPTY = {
  text: '',
  filters: {},
  filtersOpen: false,
  scroll: 0,
  place: null,
  study: null,
  favourites: [],
  searches: []
};

/** A generator of 32-bit numbers (mulberry32): the same garbage every time. */
function numbers(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

describe('the panel’s memory', () => {
  const source = (): Archive => new Archive('idr', 'IDR', [study('idr', 'idr0001', { released: '2020' })]);

  it('brings back text, filters, list, study, favourites and searches', async () => {
    const memory = new MemoryOfOne();
    const { model } = modelOf([source()], { memory });
    await model.start();
    model.type('study');
    await model.commit();
    await model.setFilters({ year: ['2020'] });
    model.kept.openFilters(true);
    model.asking.view.scroll = 321;
    model.toggleFavourite(mark);
    await model.openStudy('idr', 'idr0001');
    model.dispose();

    const later = modelOf([source()], { memory });
    await later.model.start();
    const { text, filters, kept, asking, study: open } = later.model;
    expect([text, filters, kept.filtersOpen, asking.view.scroll]).toEqual(['study', { year: ['2020'] }, true, 321]);
    expect([kept.favourites.list, kept.searches, open?.accession]).toEqual([[mark], ['study'], 'idr0001']);
    expect(titles(later.model)).toEqual(['Study idr0001']);
    later.model.dispose();
  });

  it('does not come back over what has been begun meanwhile, and joins what has been marked', async () => {
    const memory = new MemoryOfOne({ ...EMPTY, text: 'old', favourites: [mark], searches: ['old'] });
    let give = (): void => undefined;
    memory.load = () => new Promise(resolve => (give = () => resolve(memory.saved)));
    const { model } = modelOf([source()], { memory });
    const started = model.start();
    const other: IFavourite = { kind: 'study', source: 'idr', accession: 'idr0001', title: 'y' };
    model.toggleFavourite(other);
    model.type('new');
    give();
    await started;
    expect([model.text, model.kept.favourites.list, model.kept.searches]).toEqual(['new', [other, mark], ['old']]);
    model.dispose();
  });

  it('is not waited for longer than a second, and nothing is saved over what has not been read', async () => {
    jest.useFakeTimers();
    const memory = new MemoryOfOne();
    memory.load = () => new Promise(() => undefined);
    const own = source();
    const { model } = modelOf([own], { memory });
    void model.start();
    model.kept.openFilters(true);
    await jest.advanceTimersByTimeAsync(5000);
    model.type('study');
    await jest.advanceTimersByTimeAsync(5000);
    expect([titles(model), memory.saves]).toEqual([['Study idr0001'], 0]);
    model.dispose();
    jest.useRealTimers();
  });

  it('is saved once when changes rest, and at the end', async () => {
    jest.useFakeTimers();
    const memory = new MemoryOfOne();
    const { model } = modelOf([source()], { memory });
    await model.start();
    for (const text of ['a', 'ab', 'abc']) {
      model.type(text);
      await jest.advanceTimersByTimeAsync(100);
    }
    expect(memory.saves).toBe(0);
    await jest.advanceTimersByTimeAsync(1000);
    expect([memory.saves, memory.saved]).toMatchObject([1, { text: 'abc' }]);
    model.type('abcd');
    model.dispose();
    expect([memory.saves, memory.saved]).toMatchObject([2, { text: 'abcd' }]);
    jest.useRealTimers();
  });

  it('keeps nothing of an address that may be signed, nor brings one back', async () => {
    const memory = new MemoryOfOne();
    const { model } = modelOf([source()], { memory });
    await model.start();
    const signed = 'https://a.example/x.zarr?X-Amz-Signature=abc';
    for (const text of [signed, 'HTTPS://a.example/x.zarr#key', 'is it zarr?']) {
      model.type(text);
      await model.commit();
    }
    model.type(signed);
    model.dispose();
    expect(memory.saved).toMatchObject({ text: '', searches: ['is it zarr?'] });
    expect(readState({ text: signed, searches: [signed, 'x'] })).toMatchObject({ text: '', searches: ['x'] });
  });

  it('brings back the folder that is browsed, when its store has come', async () => {
    const memory = new MemoryOfOne();
    const store = (): StoreSource => {
      const { list } = memoryEnvironment([], { data: { deep: [{ name: 'x.zarr', kind: 'zarr' }] } });
      return new StoreSource('data', 'Data', list);
    };
    const { model } = modelOf([store()], { memory });
    await model.start();
    await model.browse('store:data', 'deep');
    model.asking.view.scroll = 7;
    model.dispose();

    const later = modelOf([], { memory, populate: () => Promise.resolve(void later.sources.list.push(store())) });
    await later.model.start();
    expect([later.model.place?.path, titles(later.model)]).toEqual(['deep', ['x.zarr']]);
    expect(later.model.asking.view.scroll).toBe(7);
    await later.model.up();
    await later.model.up();
    later.model.dispose();
    expect(memory.saved).toMatchObject({ place: null });
  });

  it('keeps a folder whose store has not come yet, and gives it up for what is done meanwhile', async () => {
    const place = { source: 'store:data', path: '' };
    const memory = new MemoryOfOne({ ...EMPTY, place });
    const { model } = modelOf([source()], { memory });
    await model.start();
    model.kept.openFilters(true);
    model.kept.flush();
    expect(memory.saved).toMatchObject({ place });
    await model.search('study');
    model.dispose();
    expect(memory.saved).toMatchObject({ place: null, text: 'study' });
  });

  it('can fail: the panel begins as on a first visit', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const memory = new MemoryOfOne();
    memory.load = () => Promise.reject(new Error('no storage'));
    const { model } = modelOf([source()], { memory });
    await model.start();
    expect([model.text, warn.mock.calls.length]).toEqual(['', 1]);
    warn.mockRestore();
    model.dispose();
  });
});

describe('a saved state', () => {
  it.each([
    undefined,
    null,
    'text',
    [],
    {
      text: 5,
      filters: 'x',
      filtersOpen: 'yes',
      scroll: NaN,
      study: { source: 'a' },
      favourites: {},
      searches: [1, '']
    },
    {
      filters: { organism: [], gene: [3], __proto__: ['x'], unknown: ['x'] },
      favourites: [null, { kind: 'image' }, 7]
    },
    { place: { source: 'store:data' } },
    { place: { source: '', path: '' } },
    { study: { source: '', accession: 'x' }, scroll: -1, favourites: [{ kind: 'study', source: 'a' }] }
  ])('that is garbage (%#) is as on a first visit', saved => {
    expect(readState(saved)).toEqual(EMPTY);
  });

  it('is cut to what anybody could have left', () => {
    const searches = Array.from({ length: 100 }, (_, index) => `search ${index}`);
    const favourites = Array.from({ length: 1000 }, (_, index) => ({ ...mark, uri: `https://a.example/${index}` }));
    const state = readState({
      text: 'x'.repeat(5000),
      searches,
      favourites,
      filters: { gene: ['y'.repeat(5000), 'TP53'] }
    });
    expect([state.text.length, state.searches.length, state.favourites.length]).toEqual([1024, MAX_SEARCHES, 500]);
    expect(state.filters).toEqual({ gene: ['TP53'] });
  });

  it('of 2,000 random shapes is read without an exception, and read again as the same', () => {
    const next = numbers(1);
    const names = [
      'text',
      'filters',
      'study',
      'favourites',
      'searches',
      'scroll',
      'kind',
      'uri',
      'source',
      'accession',
      'year'
    ];
    const make = (depth: number): unknown => {
      const kind = next() % (depth > 3 ? 6 : 9);
      const leaves = ['image', 'study', '', null, next(), next() % 2 === 0];
      if (kind < leaves.length) {
        return leaves[kind];
      }
      const items = Array.from({ length: next() % 5 }, () => make(depth + 1));
      return kind === 6 ? items : Object.fromEntries(items.map(item => [names[next() % names.length], item]));
    };
    for (let round = 0; round < 2000; round++) {
      const state = readState(make(0));
      expect(readState(JSON.parse(JSON.stringify(state)))).toEqual(state);
    }
  });
});

describe('favourites', () => {
  const other: IFavourite = { kind: 'study', source: 'idr', accession: 'idr0001', title: 'y' };

  it('are marked, unmarked, and put back where they were', () => {
    const changed = jest.fn();
    const favourites = new Favourites(changed);
    expect([favourites.toggle(mark), favourites.toggle(other), favourites.list]).toEqual([true, true, [other, mark]]);
    expect([favourites.toggle({ ...mark, title: 'another title' }), favourites.has(mark)]).toEqual([false, false]);
    favourites.undo();
    favourites.undo();
    expect([favourites.list, changed.mock.calls.length]).toEqual([[other, mark], 4]);
  });

  it('are told apart by what they are of', () => {
    expect(new Set([mark, other, { ...other, source: 'bia' }].map(favouriteKey)).size).toBe(3);
  });

  it('stand first where nothing is asked for, and removing one can be taken back', async () => {
    const { model } = modelOf([], { recent: [{ uri: 'x.zarr', title: 'x' }] });
    await model.start();
    model.toggleFavourite(mark);
    expect([titles(model), model.notice]).toEqual([['favourite', 'recent'], { kind: 'added', favourite: mark }]);
    model.toggleFavourite(mark);
    expect([titles(model), model.notice?.kind]).toEqual([['recent'], 'removed']);
    model.undo();
    expect([titles(model), model.notice]).toEqual([['favourite', 'recent'], null]);
  });
});
