/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import type { CatalogueItem, ICatalogueSource } from '../../catalogue';
import { BioImageError, say } from '../../core';
import { Archive, picture, study } from './archive';
import { Bench } from './bench';

// Not in jsdom; what is dragged goes by it.
globalThis.PointerEvent ??= class extends MouseEvent {} as typeof PointerEvent;

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

describe('the list', () => {
  let bench: Bench;
  const make = async (...sources: ICatalogueSource[]): Promise<void> => {
    bench = new Bench(sources);
    await bench.show();
  };
  const scroller = (): HTMLElement => bench.panel.node.querySelector('.jp-BioImageBrowser-scroll') as HTMLElement;
  const scrollTo = async (top: number): Promise<void> => {
    scroller().scrollTop = top;
    scroller().dispatchEvent(new Event('scroll', { bubbles: true }));
    await bench.settle();
  };
  afterEach(() => bench.panel.dispose());

  it('shows of a study its source, accession, title, what can be viewed, and more where there is room', async () => {
    const item = study('a', 'A1', {
      images: 5,
      viewable: 3,
      licence: { text: 'CC0' },
      facets: { organism: ['Danio rerio'] },
      released: '2020-01-02'
    });
    await make(new Archive('a', 'Archive', [item]));
    await bench.type('study');
    expect(bench.items[0].querySelector('.jp-BioImageBrowser-open')?.textContent).toBe(
      'Study A1A1 · 3 of 5 images can be viewed · Archive · CC0 · Danio rerio · 2020-01-02'
    );
  });

  it('says of an image that it can be converted later', async () => {
    await make(
      new Archive('a', 'Archive', [picture('a', 'x', { viewable: false, convertible: true, reason: say`TIFF` })])
    );
    await bench.type('x');
    expect(bench.items[0].textContent).toContain('TIFF; can be converted later');
  });

  it('marks what does not come from the service itself', async () => {
    await make(new Archive('a', 'Archive', [study('a', 'A1')], { page: { from: { kind: 'recorded' } } }));
    await bench.type('study');
    expect(bench.items[0].querySelector('.jp-BioImageBrowser-badge')?.textContent).toBe('recorded sample');
    expect(bench.status).toBe('Archive: 1 · recorded samples, not the archives’ own answers');
  });

  it('tells in full over its heading what a source has to say, and in the status line what it is', async () => {
    const notice = say`13 lists could not be read: https://a.example/one.csv, https://a.example/two.csv`;
    await make(new Archive('a', 'Archive', [study('a', 'A1')], { page: { notices: [notice] } }));
    await bench.type('study');
    expect(bench.items[0].querySelector('.jp-BioImageBrowser-headingText')?.getAttribute('title')).toBe(String(notice));
    expect(bench.status).toBe('Archive: 1 (13 lists could not be read)');
  });

  it('keeps what is looked at in place while a slower source is inserted above it', async () => {
    const items = Array.from({ length: 20 }, (_, index) => study('slow', `S${index}`));
    const fast = Array.from({ length: 50 }, (_, index) => study('fast', `F${index}`));
    let answer = (): void => undefined;
    const slow: ICatalogueSource = {
      id: 'slow',
      label: 'Slow',
      search: () => new Promise(resolve => (answer = () => resolve({ items })))
    };
    await make(slow, new Archive('fast', 'Fast', fast));
    await bench.type('study');
    await bench.key('ArrowDown');
    await bench.key('ArrowDown');
    const focused = document.activeElement;
    await scrollTo(300);
    const topOf = (): number =>
      parseFloat(focused?.closest<HTMLElement>('[role="listitem"]')?.style.top ?? '') - scroller().scrollTop;
    const before = topOf();
    answer();
    await bench.settle();
    expect(bench.panel.model.list.count).toBe(70);
    expect([topOf(), document.activeElement]).toEqual([before, focused]);
    const above = bench.panel.node.querySelector('.jp-BioImageBrowser-above button');
    expect(above?.textContent).toBe('More results above');
  });

  it('shows skeletons while nothing has come, and cancels by Escape in the list or by the button', async () => {
    const never = new Archive('a', 'Never', [], { delay: 1e8 });
    await make(never, new Archive('b', 'Fast', [study('b', 'B1')]));
    await bench.type('x');
    expect(bench.panel.node.querySelectorAll('.jp-BioImageBrowser-skeleton').length).toBeGreaterThan(0);
    await bench.click('Cancel');
    expect([never.counts.aborted, bench.status]).toEqual([1, 'Never: cancelled · nothing in Fast']);
    await bench.type('study');
    bench.box.focus();
    await bench.key('ArrowDown');
    await bench.key('Escape');
    expect([never.counts.aborted, bench.status]).toEqual([2, 'Never: cancelled · Fast: 1']);
    await bench.click('Try again: Never');
    expect(never.counts.begun).toBe(3);
  });

  it('says why it is empty', async () => {
    const text = (): string | undefined =>
      bench.panel.node.querySelector('.jp-BioImageBrowser-empty p')?.textContent ?? undefined;
    const failing = (id: string, code: 'UPSTREAM_DOWN' | 'CATALOGUE_BAD'): Archive =>
      new Archive(id, id, [], { failure: new BioImageError(code, say`No.`) });
    const after = async (...sources: Archive[]): Promise<string | undefined> => {
      await make(...sources);
      await bench.type('x');
      const said = text();
      bench.panel.dispose();
      return said;
    };
    expect(await after(new Archive('a', 'A', []))).toContain('Nothing found. Search for other words');
    expect(await after(new Archive('a', 'A', []), failing('b', 'UPSTREAM_DOWN'))).toBe(
      'Nothing found in the sources that answered.'
    );
    expect(await after(failing('a', 'UPSTREAM_DOWN'), failing('b', 'UPSTREAM_DOWN'))).toContain(
      'No source can be reached'
    );
    expect(await after(failing('a', 'UPSTREAM_DOWN'), failing('b', 'CATALOGUE_BAD'))).toContain(
      'No source could answer'
    );
    await make(new Archive('a', 'A', [], { delay: 1e8 }));
    await bench.type('x');
    expect(text()).toBe('Loading…');
    await bench.click('Cancel');
    expect(text()).toContain('The search was cancelled');
  });

  it('copies the accession of a study from its menu', async () => {
    await make(new Archive('a', 'Archive', [study('a', 'A1')]));
    await bench.type('study');
    await bench.key('ArrowDown');
    await bench.key('F10', { shiftKey: true });
    const menu = document.querySelector('.lm-Menu');
    expect(menu?.querySelector('[data-command="bioimage:copy-accession"]')?.textContent).toContain('Copy accession');
    for (const keyCode of [40, 13]) {
      menu?.dispatchEvent(new KeyboardEvent('keydown', { keyCode, bubbles: true }));
    }
    await bench.settle();
    expect(bench.copied).toEqual(['A1']);
  });

  it('marks favourites by a key and in the menu, and takes a removal back', async () => {
    await make(new Archive('a', 'Archive', [study('a', 'A1'), picture('a', 'study of x')]));
    await bench.type('study');
    await bench.key('ArrowDown');
    await bench.key('s');
    expect([bench.items[0].querySelector('[aria-label="Favourite"]') !== null, bench.status]).toEqual([
      true,
      'Added to the favourites. · Archive: 2'
    ]);
    await bench.key('ArrowDown');
    await bench.key('F10', { shiftKey: true });
    const entry = document.querySelector('.lm-Menu-item[data-command="bioimage:toggle-favourite"]');
    expect(entry?.textContent).toContain('Add to favourites');
    const menu = document.querySelector('.lm-Menu');
    for (const keyCode of [38, 13]) {
      menu?.dispatchEvent(new KeyboardEvent('keydown', { keyCode, bubbles: true }));
    }
    await bench.settle();
    await bench.type('');
    bench.box.focus();
    expect([bench.titles, bench.items[0].textContent]).toEqual([
      ['study of x', 'Study A1', 'old.zarr'],
      expect.stringContaining('Favourites')
    ]);
    await bench.key('ArrowDown');
    await bench.key('s');
    expect(bench.titles).toEqual(['Study A1', 'old.zarr']);
    expect(document.activeElement?.textContent).toContain('Study A1');
    await bench.click('Undo');
    expect(bench.titles).toEqual(['study of x', 'Study A1', 'old.zarr']);
  });

  it('opens a study over itself and comes back by Escape or Backspace, to the same row at the same place', async () => {
    await make(
      new Archive(
        'a',
        'Archive',
        Array.from({ length: 60 }, (_, index) => study('a', `A${index}`))
      )
    );
    await bench.type('study');
    await bench.key('ArrowDown');
    for (let i = 0; i < 30; i++) {
      await bench.key('ArrowDown');
    }
    await scrollTo(scroller().scrollTop);
    const place = scroller().scrollTop;
    expect(place).toBeGreaterThan(100);
    for (const key of ['Escape', 'Backspace']) {
      (document.activeElement as HTMLElement).click();
      await bench.settle();
      expect(bench.panel.node.querySelector('[role="list"][aria-label="Results"]')).toBeNull();
      expect(bench.panel.node.querySelector('.jp-BioImageStudy')?.contains(document.activeElement)).toBe(true);
      await bench.key(key);
      await later(40);
      expect([document.activeElement?.textContent, scroller().scrollTop]).toEqual([
        expect.stringContaining('A30'),
        place
      ]);
    }
  });

  it('begins a drag after five pixels, and not for a click', async () => {
    await make(new Archive('a', 'Archive', [picture('a', 'x')]));
    await bench.type('x');
    const line = bench.items[0].querySelector('.jp-BioImageBrowser-line') as HTMLElement;
    const point = (type: string, clientX: number, target: EventTarget = document): boolean =>
      target.dispatchEvent(new MouseEvent(type, { clientX, clientY: 0, button: 0, bubbles: true }));
    point('pointerdown', 0, line);
    point('pointermove', 4);
    point('pointerup', 4);
    point('pointermove', 50);
    await bench.settle();
    expect(bench.dragged).toEqual([]);
    point('pointerdown', 0, line);
    point('pointermove', 6);
    await later(50);
    expect(bench.dragged).toEqual([{ kind: 'image', uri: 'https://a.example/x', title: 'x', source: 'a' }]);
    expect(document.querySelector('.jp-BioImageBrowser-drag')?.textContent).toBe('x');
    point('pointerup', 6);
    await bench.settle();
    expect(document.querySelector('.jp-BioImageBrowser-drag')).toBeNull();
  });
});

describe('a hundred thousand entries', () => {
  it('keep a few dozen rows in the page, and a scroll costs the same whatever their number', async () => {
    let reads = 0;
    const entry = (index: number): CatalogueItem =>
      Object.defineProperty({ ...picture('a', `cells ${index}`) }, 'title', { get: () => (reads++, `cells ${index}`) });
    const all = Array.from({ length: 100_000 }, (_, index) => entry(index));
    const source: ICatalogueSource = {
      id: 'a',
      label: 'Archive',
      // The page is as large as the test needs: what counts is what is done with it afterwards.
      search: () => Promise.resolve({ items: all, total: all.length })
    };
    const bench = new Bench([source]);
    await bench.show();
    await bench.type('cells');
    const scroller = bench.panel.node.querySelector('.jp-BioImageBrowser-scroll') as HTMLElement;
    const { list } = bench.panel.model;
    expect([list.count, list.height]).toEqual([100_000, 28 + 100_000 * 44]);
    const costs: number[] = [];
    let most = 0;
    for (const top of [1000, 1020, 500_000, 4_399_000]) {
      reads = 0;
      scroller.scrollTop = top;
      scroller.dispatchEvent(new Event('scroll', { bubbles: true }));
      await bench.settle();
      costs.push(reads);
      most = Math.max(most, bench.items.length);
      expect(bench.titles).toContain(`cells ${Math.floor((top - 28) / 44)}`);
    }
    expect(most).toBeLessThan(60);
    expect(Math.max(...costs)).toBeLessThan(500);
    reads = 0;
    const same = bench.panel.model.list;
    bench.panel.model.toggleFavourite({ kind: 'image', uri: 'https://a.example/cells 99970', title: 'x' });
    await bench.settle();
    expect([bench.panel.model.list === same, reads < 500]).toEqual([false, true]);
    bench.panel.dispose();
  });
});
