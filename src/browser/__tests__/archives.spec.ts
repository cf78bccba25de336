/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { BioImageError, say } from '../../core';
import type { BrowserModel } from '../model';
import { Archive, picture, recogniser, study } from './archive';
import { modelOf, titles } from './modelbench';

const statuses = (model: BrowserModel): string[] => model.groups.map(({ status }) => status);

describe('three archives at once', () => {
  const make = (): { model: BrowserModel; fast: Archive; slow: Archive; never: Archive } => {
    const fast = new Archive('fast', 'Fast', [study('fast', 'F1', { title: 'cells 1' })], { rank: 3, delay: 50 });
    const slow = new Archive('slow', 'Slow', [study('slow', 'S1', { title: 'cells 2' })], { rank: 1, delay: 5000 });
    const never = new Archive('never', 'Never', [], { rank: 2, delay: 1e9 });
    return { ...modelOf([fast, slow, never]), fast, slow, never };
  };
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('shows the first answer after 50 ms, the second in its own place after 5 s, and works without the third', async () => {
    const { model } = make();
    model.type('cells');
    await jest.advanceTimersByTimeAsync(250 + 49);
    expect(titles(model)).toEqual([]);
    await jest.advanceTimersByTimeAsync(2);
    expect(titles(model)).toEqual(['cells 1']);
    await jest.advanceTimersByTimeAsync(5000);
    expect(titles(model)).toEqual(['cells 2', 'cells 1']);
    expect(statuses(model)).toEqual(['ready', 'loading', 'ready']);
  });

  it('stops in the services when cancelled, keeps what has come, and tries again one by one', async () => {
    const { model, fast, slow, never } = make();
    void model.search('cells');
    await jest.advanceTimersByTimeAsync(100);
    model.asking.cancel();
    expect([fast, slow, never].map(({ counts }) => counts.aborted)).toEqual([0, 1, 1]);
    expect(statuses(model)).toEqual(['cancelled', 'cancelled', 'ready']);
    expect([titles(model), model.asking.isSearching]).toEqual([['cells 1'], false]);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(statuses(model)).toEqual(['cancelled', 'cancelled', 'ready']);
    void model.retry('slow');
    await jest.advanceTimersByTimeAsync(5001);
    expect([titles(model), never.counts.begun]).toEqual([['cells 2', 'cells 1'], 1]);
  });

  it('stops in the services as soon as somebody types on', async () => {
    const { model, slow, never } = make();
    void model.search('cells');
    await jest.advanceTimersByTimeAsync(100);
    model.type('cells a');
    expect([slow, never].map(({ counts }) => counts.aborted)).toEqual([1, 1]);
  });

  it('asks nothing of what was typed when that is cancelled before the pause ends, and asks it when tried again', async () => {
    const { model, fast } = make();
    void model.search('old');
    await jest.advanceTimersByTimeAsync(100);
    model.type('cells');
    model.asking.cancel();
    await jest.advanceTimersByTimeAsync(1000);
    expect([fast.asked, statuses(model)]).toEqual([['["old",{}]'], ['cancelled', 'cancelled', 'cancelled']]);
    void model.retry('fast');
    await jest.advanceTimersByTimeAsync(51);
    expect([fast.asked[1], titles(model)]).toEqual(['["cells",{}]', ['cells 1']]);
  });

  it('finds the single exact hit by Enter though one source never answers', async () => {
    const { model } = make();
    model.type('Cells 1');
    const committed = model.commit();
    await jest.advanceTimersByTimeAsync(2001);
    expect(await committed).toMatchObject({ item: { accession: 'F1' } });
  });

  it('does not ask twice for what Enter fixes', async () => {
    const { model, fast } = make();
    model.type('cells');
    await jest.advanceTimersByTimeAsync(260);
    void model.commit();
    await jest.advanceTimersByTimeAsync(3000);
    expect(fast.counts.begun).toBe(1);
  });

  it('lets a source come while somebody types, without asking it for the old text', async () => {
    const { model, sources } = ((): ReturnType<typeof modelOf> => modelOf([]))();
    const late = new Archive('late', 'Late', [study('late', 'L1', { title: 'cells' })]);
    void model.search('old');
    model.type('cells');
    sources.list.push(late);
    sources.changed.emit();
    await jest.advanceTimersByTimeAsync(300);
    expect([late.asked, titles(model)]).toEqual([['["cells",{}]'], ['cells']]);
  });
});

describe('a long list', () => {
  it('comes in pages that grow with what is there, up to a hundred thousand entries', async () => {
    const all = Array.from({ length: 100_500 }, (_, index) => study('a', `A${index}`));
    const source = new Archive('a', 'A', all);
    const limits: (number | undefined)[] = [];
    const search = source.search.bind(source);
    source.search = (query, signal) => {
      limits.push(query.limit);
      return search(query, signal);
    };
    const { model } = modelOf([source]);
    await model.search('study');
    for (let page = 0; page < 200; page++) {
      await model.more('a');
    }
    expect(limits.slice(0, 7)).toEqual([100, 100, 200, 400, 800, 1000, 1000]);
    expect([model.list.count, model.groups[0].cursor, limits.length]).toEqual([100_000, undefined, 104]);
    expect(model.list.at(99_999).row).toMatchObject({ item: { accession: 'A99999' } });
    model.dispose();
  });
});

describe('names that sources recognise', () => {
  const failing = new Archive('odd', 'Odd', [], {
    recognise: () => {
      throw new Error('odd');
    }
  });
  const bia = new Archive('bia', 'BIA', [], { rank: 1, delay: 1e9, recognise: recogniser('S-') });

  it('stand first, before any source has answered, and Enter opens the first of them', async () => {
    const { model } = modelOf([bia, new Archive('bst', 'BioStudies', [], { rank: 2, recognise: recogniser('S-') })]);
    model.type(' s-biad1 ');
    const [first] = model.list.sections;
    expect([first.heading, first.count]).toEqual([{ kind: 'open' }, 2]);
    expect(await model.commit()).toMatchObject({ kind: 'hit', hit: { accession: 'S-BIAD1', source: { id: 'bia' } } });
    expect(bia.counts.begun).toBe(0);
    model.dispose();
  });

  it('are asked of every source, whatever one of them throws', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const { model } = modelOf([failing, bia]);
    model.type('S-BIAD1');
    expect(titles(model)).toEqual(['hit']);
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
    model.dispose();
  });

  it('can be addresses of pages; the address itself is listed after them and sent to nobody', async () => {
    const page = 'https://archive.example/S-BIAD1';
    const own = new Archive('bia', 'BIA', [], {
      recognise: text => (text === page ? { kind: 'study', accession: 'S-BIAD1' } : null)
    });
    const { model } = modelOf([own]);
    await model.search(page);
    expect([titles(model), own.counts.begun]).toEqual([['hit', 'address'], 0]);
  });

  it('can be ids of images: looked up, opened where they can be viewed, else it is said why not', async () => {
    const images: Record<string, object> = { 1: {}, 2: { viewable: false, reason: 'TIFF' } };
    const source = new Archive('idr', 'IDR', [], {
      recognise: recogniser('IDR'),
      image: id =>
        id in images
          ? Promise.resolve(picture('idr', id, images[id]))
          : Promise.reject(new BioImageError('NOT_FOUND', say`No such image.`))
    });
    const { model } = modelOf([source]);
    const look = async (id: string): Promise<unknown[]> => {
      const image = await model.imageOf({ kind: 'image', id, source });
      return [image?.uri, model.notice?.kind];
    };
    expect(await look('1')).toEqual(['https://a.example/1', undefined]);
    expect(await look('2')).toEqual([undefined, 'not-viewable']);
    expect(await look('3')).toEqual([undefined, 'failed']);
  });
});

describe('words with a slash', () => {
  it.each([
    ['CRISPR/Cas9', 'CRISPR/Cas9', ['address', 'item']],
    ['live/dead staining', 'live/dead staining', ['item']],
    ['10.1038/s41467-021-23441-0', '10.1038/s41467-021-23441-0', ['item']],
    ['https://doi.org/10.1038/s41467-021-23441-0', '10.1038/s41467-021-23441-0', ['item']]
  ])('are searched for: %s', async (text, asked, rows) => {
    const source = new Archive('a', 'A', [study('a', 'A1', { title: `Of ${asked}` })]);
    const { model } = modelOf([source]);
    await model.search(text);
    expect([source.asked, model.rows.map(({ kind }) => kind)]).toEqual([[JSON.stringify([asked, {}])], rows]);
    // Enter lists what is found: a path nobody is sure of is opened by its row alone.
    expect(await model.commit()).toBeNull();
    expect(source.asked).toHaveLength(1);
    model.dispose();
  });
});

describe('a name that several sources have', () => {
  const failing = (id: string, rank: number, code: 'NOT_FOUND' | 'UPSTREAM_DOWN'): Archive => {
    const source = new Archive(id, id.toUpperCase(), [], { rank, recognise: recogniser('S-') });
    source.study = () => Promise.reject(new BioImageError(code, say`No.`));
    return source;
  };
  const open = async (...sources: Archive[]): Promise<unknown[]> => {
    const { model } = modelOf(sources);
    const row = await model.follow('S-1');
    if (row?.kind === 'hit' && row.hit.kind === 'study') {
      await model.openHit(row.hit);
    }
    const opened = [model.study?.source.id, model.study?.status];
    model.dispose();
    return opened;
  };
  const good = (): Archive => new Archive('good', 'Good', [], { rank: 3, recognise: recogniser('S-') });

  it('is opened in the first of them that knows it', async () => {
    expect(await open(failing('a', 1, 'NOT_FOUND'), good())).toEqual(['good', 'ready']);
  });

  it('is opened in the first one even when that fails for another reason, or nobody knows it', async () => {
    expect(await open(failing('a', 1, 'UPSTREAM_DOWN'), good())).toEqual(['a', 'failed']);
    expect(await open(failing('a', 1, 'NOT_FOUND'), failing('b', 2, 'NOT_FOUND'))).toEqual(['b', 'failed']);
  });
});

describe('the page of a study', () => {
  const source = new Archive('idr', 'IDR', [study('idr', 'idr0001')]);

  it('opens over the list and closes again, with the list as it was', async () => {
    const { model } = modelOf([source]);
    await model.search('study');
    model.asking.view.scroll = 120;
    await model.openStudy('idr', 'idr0001');
    expect([model.study?.accession, model.study?.status]).toEqual(['idr0001', 'ready']);
    const before = source.counts.begun;
    model.closeStudy();
    expect([model.study, titles(model), model.asking.view.scroll, source.counts.begun]).toEqual([
      null,
      ['Study idr0001'],
      120,
      before
    ]);
    model.dispose();
  });

  it('waits for the sources of the session, and says when there is none of that name', async () => {
    const { model, sources } = modelOf([], { populate: () => Promise.resolve(void sources.list.push(source)) });
    await model.openStudy('idr', 'idr0001');
    expect(model.study?.accession).toBe('idr0001');
    await model.openStudy('none', 'X1');
    expect([model.study, model.notice]).toEqual([null, { kind: 'no-source', source: 'none', name: 'X1' }]);
    model.dispose();
  });

  it('is left by typing, by a search and by another study', async () => {
    const { model } = modelOf([source]);
    await model.openStudy('idr', 'idr0001');
    const first = model.study;
    await model.openStudy('idr', 'idr0002');
    expect([first?.isDisposed, model.study?.accession]).toEqual([true, 'idr0002']);
    model.type('x');
    expect(model.study).toBeNull();
    await model.openStudy('idr', 'idr0001');
    await model.search('x');
    expect(model.study).toBeNull();
    model.dispose();
  });
});

describe('a link to a name', () => {
  const bia = (): Archive =>
    new Archive('bia', 'BIA', [study('bia', 'S-BIAD1')], { recognise: recogniser('S-'), delay: 1e9 });

  it('is followed once the sources of the session are there, and waits for no search', async () => {
    const own = bia();
    let populated = (): void => undefined;
    const { model, sources } = modelOf([], {
      populate: () => new Promise(resolve => (populated = () => resolve(void sources.list.push(own))))
    });
    const followed = model.follow('S-BIAD1');
    populated();
    expect(await followed).toMatchObject({ kind: 'hit', hit: { accession: 'S-BIAD1' } });
    model.dispose();
  });

  it('lists what a search finds where nothing is named', async () => {
    const { model } = modelOf([new Archive('a', 'A', [study('a', 'A1'), study('a', 'A2')])]);
    expect([await model.follow('study'), titles(model)]).toEqual([null, ['Study A1', 'Study A2']]);
    model.dispose();
  });

  it('is recognised by Enter even before the sources are there', async () => {
    jest.useFakeTimers();
    const { model, sources } = modelOf([], {
      populate: () => new Promise(resolve => setTimeout(() => resolve(void sources.list.push(bia())), 700))
    });
    void model.start();
    model.type('S-BIAD1');
    const committed = model.commit();
    await jest.advanceTimersByTimeAsync(701);
    expect(await committed).toMatchObject({ kind: 'hit' });
    model.dispose();
    jest.useRealTimers();
  });
});
