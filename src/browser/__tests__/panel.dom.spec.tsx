import type { ICatalogueSource } from '../../catalogue';
import { memoryEnvironment, MemorySource, StoreSource } from '../../catalogue';
import { BioImageError, say } from '../../core';
import { Bench, image } from './bench';

describe('the panel', () => {
  let bench: Bench;
  const make = async (sources: ICatalogueSource[]): Promise<Bench> => {
    bench = new Bench(sources);
    await bench.show();
    return bench;
  };
  const landing = { landing: 'items' as const };
  afterEach(() => {
    bench.panel.dispose();
    expect(document.querySelectorAll('.lm-Menu')).toHaveLength(0);
  });

  it('has a search box, a list and a status with the names that others rely on', async () => {
    await make([new MemorySource('a', 'Archive', [image('cells'), image('nuclei')], landing)]);
    expect(bench.box.getAttribute('aria-label')).toBe('Search images and studies');
    expect(bench.panel.node.querySelector('[role="list"]')?.getAttribute('aria-label')).toBe('Results');
    expect(bench.status).toBe('Archive: 2');
    expect(bench.titles).toEqual(['cells', 'nuclei', 'old.zarr']);
    expect(bench.items.map(item => item.querySelectorAll('.jp-BioImageBrowser-open').length)).toEqual([1, 1, 1]);
    expect(bench.items.map(item => item.querySelector('.jp-BioImageBrowser-heading')?.textContent)).toEqual([
      'Archive',
      undefined,
      'Recent images'
    ]);
    expect(document.activeElement).toBe(bench.box);
  });

  it('is driven by the keyboard alone', async () => {
    await make([new MemorySource('a', 'Archive', [image('cells'), image('nuclei')], landing)]);
    await bench.key('ArrowDown');
    expect(document.activeElement?.textContent).toContain('cells');
    await bench.key('ArrowDown');
    expect(document.activeElement?.textContent).toContain('nuclei');
    (document.activeElement as HTMLElement).click();
    await bench.settle();
    expect(bench.opened).toEqual(['https://a.example/nuclei']);
    await bench.key('ArrowRight');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Actions for nuclei');
    await bench.key('ArrowLeft');
    await bench.key('Home');
    await bench.key('ArrowUp');
    expect(document.activeElement).toBe(bench.box);
  });

  it('has one row that Tab reaches', async () => {
    await make([
      new MemorySource(
        'a',
        'Archive',
        Array.from({ length: 30 }, (_, index) => image(`cells ${index}`)),
        landing
      )
    ]);
    await bench.key('ArrowDown');
    await bench.key('End');
    const reachable = bench.items.filter(item => item.querySelector('.jp-BioImageBrowser-open[tabindex="0"]') !== null);
    expect(reachable.map(item => item.textContent)).toEqual([expect.stringContaining('old.zarr')]);
  });

  it('offers the other actions in a menu', async () => {
    await make([new MemorySource('a', 'Archive', [image('cells')], landing)]);
    await bench.key('ArrowDown');
    await bench.key('F10', { shiftKey: true });
    const entry = document.querySelector<HTMLElement>('.lm-Menu-item[data-command="bioimage:insert-snippet"]');
    expect(entry?.textContent).toContain('Insert code');
    const menu = document.querySelector('.lm-Menu');
    for (const keyCode of [40, 13]) {
      menu?.dispatchEvent(new KeyboardEvent('keydown', { keyCode, bubbles: true }));
    }
    await bench.settle();
    expect(bench.inserted).toEqual(['https://a.example/cells']);
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Actions for cells');
  });

  it('acts once however often a button is hit', async () => {
    await make([new MemorySource('a', 'Archive', [image('cells')], landing)]);
    for (let i = 0; i < 200; i++) {
      bench.items[0].querySelector<HTMLElement>('.jp-BioImageBrowser-open')?.click();
    }
    await bench.settle();
    expect(bench.opened).toHaveLength(1);
  });

  it('lists a pasted address first and opens it by Enter', async () => {
    await make([new MemorySource('a', 'Archive', [image('cells')], landing)]);
    await bench.type('https://b.example/x.zarr');
    expect(bench.titles[0]).toBe('x.zarr');
    await bench.key('Enter');
    expect(bench.opened).toEqual(['https://b.example/x.zarr']);
  });

  it('opens a single hit of that very name by Enter', async () => {
    await make([new MemorySource('a', 'Archive', [image('cells.ome.zarr'), image('cells 2')])]);
    await bench.type('cells');
    expect(bench.titles).toEqual(['cells.ome.zarr', 'cells 2']);
    await bench.key('Enter');
    expect(bench.opened).toEqual(['https://a.example/cells.ome.zarr']);
  });

  it('shows a failing source beside the others, with its own button to try again', async () => {
    const bad = new MemorySource('bad', 'Bad', [], {
      failure: new BioImageError('CATALOGUE_BAD', say`It answered nonsense.`),
      ...landing
    });
    await make([bad, new MemorySource('a', 'Archive', [image('cells')], landing)]);
    expect(bench.status).toBe('Bad: failed, It answered nonsense. · Archive: 1');
    expect(bench.titles).toEqual(['cells', 'old.zarr']);
    bench.panel.node.querySelector<HTMLElement>('[aria-label="Try again: Bad"]')?.click();
    await bench.settle();
    expect(bad.counts.begun).toBe(2);
  });

  it('browses the folders of a store and comes back', async () => {
    const { list } = memoryEnvironment([], {
      data: { '': [{ name: 'deep', kind: 'folder' }], deep: [{ name: 'x.zarr', kind: 'zarr' }] }
    });
    await make([new StoreSource('data', 'Data', list)]);
    bench.items[0].querySelector<HTMLElement>('.jp-BioImageBrowser-open')?.click();
    await bench.settle();
    bench.items[0].querySelector<HTMLElement>('.jp-BioImageBrowser-open')?.click();
    await bench.settle();
    expect(bench.titles).toEqual(['x.zarr']);
    const crumbs = [...bench.panel.node.querySelectorAll('nav button')].map(button => button.textContent);
    expect(crumbs).toEqual(['Back', 'Data', 'deep']);
    await bench.key('ArrowDown');
    bench.items[0].querySelector<HTMLElement>('.jp-BioImageBrowser-open')?.focus();
    await bench.key('Backspace');
    expect(bench.titles).toEqual(['deep']);
  });

  it('keeps thousands of entries out of the page', async () => {
    await make([
      new MemorySource(
        'a',
        'Archive',
        Array.from({ length: 10_000 }, (_, index) => image(`cells ${index}`)),
        landing
      )
    ]);
    for (let page = 0; page < 20; page++) {
      await bench.panel.model.more('a');
    }
    await bench.settle();
    expect(bench.panel.model.rows.length).toBeGreaterThan(2000);
    expect(bench.items.length).toBeLessThan(60);
    expect(bench.items[0].getAttribute('aria-setsize')).toBe(String(bench.panel.model.rows.length));
  });

  it.each([
    ['<img src=x onerror=__pwned=1>', '<img src=x onerror=__pwned=1>'],
    ['a\u202egnp.exe', 'a⟨U+202E⟩gnp.exe'],
    ['x'.repeat(100_000), `${'x'.repeat(199)}…`],
    ['   ', '–']
  ])('shows hostile name %# as text', async (title, shown) => {
    await make([new MemorySource('a', 'Archive', [image(title, { id: '1' })], landing)]);
    expect(bench.titles[0]).toBe(shown);
    expect(bench.panel.node.querySelector('img')).toBeNull();
    const button = bench.items[0].querySelector<HTMLElement>('.jp-BioImageBrowser-open');
    expect(button?.title.length).toBeLessThanOrEqual(2001);
  });

  it('says why an image cannot be viewed, and does not open it', async () => {
    await make([
      new MemorySource('a', 'Archive', [image('x.tif', { viewable: false, reason: 'TIFF, not OME-Zarr' })], landing)
    ]);
    const button = bench.items[0].querySelector<HTMLElement>('.jp-BioImageBrowser-open');
    expect(button?.textContent).toContain('TIFF, not OME-Zarr');
    expect(button?.getAttribute('aria-disabled')).toBe('true');
    button?.click();
    await bench.settle();
    expect(bench.opened).toEqual([]);
  });
});
