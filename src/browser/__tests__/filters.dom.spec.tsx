import { Archive, study } from './archive';
import { Bench } from './bench';

describe('the filters', () => {
  let bench: Bench;
  const organisms = Array.from({ length: 25 }, (_, index) => `Organism ${String(index).padStart(2, '0')}`);
  const items = organisms
    .flatMap((organism, index) =>
      Array.from({ length: 25 - index }, (_, copy) =>
        study('a', `A${index}-${copy}`, { facets: { organism: [organism] }, viewable: copy })
      )
    )
    .slice(0, 95);
  const checkbox = (name: string): HTMLInputElement | undefined =>
    [...bench.panel.node.querySelectorAll('label')].find(label => label.textContent === name)?.querySelector('input') ??
    undefined;
  const values = (): (string | null)[] =>
    [...bench.panel.node.querySelectorAll('fieldset')]
      .filter(one => one.querySelector('legend')?.textContent === 'Organism')
      .flatMap(one => [...one.querySelectorAll('.jp-BioImageBrowser-value')].map(value => value.textContent));
  beforeEach(async () => {
    bench = new Bench([new Archive('a', 'Archive', items), new Archive('b', 'Other', [study('b', 'B1')])]);
    await bench.show();
    await bench.type('study');
  });
  afterEach(() => bench.panel.dispose());

  it('are not there where nothing is asked for, and closed at first', async () => {
    const button = bench.by('button', 'Filters');
    expect(button?.getAttribute('aria-expanded')).toBe('false');
    await bench.type('');
    expect(bench.by('button', 'Filters')).toBeUndefined();
  });

  it('show each facet with its most frequent values and their counts', async () => {
    await bench.click('Filters');
    const area = document.getElementById(bench.by('button', 'Filters')?.getAttribute('aria-controls') ?? '');
    expect(area?.getAttribute('aria-label')).toBe('Filters');
    expect([...bench.panel.node.querySelectorAll('legend')].map(one => one.textContent)).toEqual([
      'Source',
      'Organism'
    ]);
    expect(values()).toEqual(['Organism 0025', 'Organism 0124', 'Organism 0223', 'Organism 0322', 'Organism 041']);
    const id = checkbox('Organism 00')?.getAttribute('aria-describedby');
    expect(document.getElementById(id ?? '')?.textContent).toBe('25');
  });

  it('filter by what is checked, say so in a chip, and keep the focus', async () => {
    await bench.click('Filters');
    const box = checkbox('Organism 04');
    box?.focus();
    box?.click();
    await bench.settle();
    expect(document.activeElement).toBe(checkbox('Organism 04'));
    expect([bench.titles.length, bench.by('button', 'Filters (1)') !== undefined]).toEqual([1, true]);
    expect(values()).toHaveLength(5);
    expect(bench.status).toBe('Archive: 1 · Other cannot be filtered by organism');
    await bench.click('Remove filter Organism: Organism 04');
    expect(bench.panel.model.filters).toEqual({});
  });

  it('are cleared at once', async () => {
    await bench.panel.model.setFilters({ organism: ['Organism 00'], year: ['2020'] });
    await bench.settle();
    await bench.click('Clear filters');
    expect([bench.panel.model.filters, bench.panel.node.querySelector('[aria-label="Active filters"]')]).toEqual([
      {},
      null
    ]);
  });

  it('show only what can be viewed', async () => {
    checkbox('Only what can be viewed')?.click();
    await bench.settle();
    expect(bench.panel.model.filters).toEqual({ ome_zarr: ['yes'] });
    expect(bench.status).toBe('Archive: 90 · Other cannot tell in a search what can be viewed');
  });
});

describe('a facet with many values', () => {
  it('shows eight of them, all on demand, and can then be searched', async () => {
    const items = Array.from({ length: 30 }, (_, index) =>
      study('a', `A${index}`, { facets: { gene: [`GENE${index}`] } })
    );
    const bench = new Bench([new Archive('a', 'Archive', items)]);
    await bench.show();
    await bench.type('study');
    await bench.click('Filters');
    const shown = (): number =>
      [...bench.panel.node.querySelectorAll('.jp-BioImageBrowser-value')].filter(one =>
        /GENE/.test(one.textContent ?? '')
      ).length;
    expect([shown(), bench.by('button', 'More of Gene')?.textContent]).toEqual([8, 'More (22)']);
    await bench.click('More of Gene');
    expect(shown()).toBe(30);
    const search = bench.panel.node.querySelector<HTMLInputElement>('[aria-label="Search in Gene"]');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(search, 'gene2');
    search?.dispatchEvent(new Event('input', { bubbles: true }));
    await bench.settle();
    expect(shown()).toBe(11);
    await bench.click('Fewer of Gene');
    expect(shown()).toBe(8);
    bench.panel.dispose();
  });
});
