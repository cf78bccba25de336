/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { Archive, recogniser, study } from './archive';
import { Bench, image } from './bench';

describe('the search box', () => {
  let bench: Bench;
  const make = async (...sources: ConstructorParameters<typeof Bench>[0]): Promise<void> => {
    bench = new Bench(sources);
    await bench.show();
  };
  const genes = (): Archive =>
    new Archive('a', 'Archive', [study('a', 'A1', { title: 'tp study', facets: { gene: ['TP53'] } })], {
      recognise: recogniser('S-'),
      suggest: () =>
        Promise.resolve([
          { text: 'TP53', facet: 'gene', count: 1200, source: 'a' },
          { text: 'tp study', source: 'a' }
        ])
    });
  const options = (): HTMLElement[] => [...bench.panel.node.querySelectorAll<HTMLElement>('[role="option"]')];
  const active = (): string | null | undefined =>
    document.getElementById(bench.box.getAttribute('aria-activedescendant') ?? '')?.textContent;
  afterEach(() => bench.panel.dispose());

  it('stays a search box, and names its suggestions while there are some', async () => {
    await make(genes());
    expect([bench.box.getAttribute('role'), bench.box.getAttribute('aria-controls')]).toEqual(['searchbox', null]);
    await bench.type('tp');
    const list = document.getElementById(bench.box.getAttribute('aria-controls') ?? '');
    expect([list?.getAttribute('role'), options().map(one => one.textContent)]).toEqual([
      'listbox',
      ['TP53filter by gene · 1,200 images · Archive', 'tp studyArchive']
    ]);
    expect(document.activeElement).toBe(bench.box);
  });

  it('moves through suggestions with the arrows, from the last one on into the list', async () => {
    await make(genes());
    await bench.type('tp');
    const seen: unknown[] = [];
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown']) {
      await bench.key(key);
      seen.push(active()?.slice(0, 4));
    }
    expect(seen).toEqual(['TP53', 'tp s', 'TP53', undefined, 'TP53', 'tp s']);
    expect(options().map(one => one.getAttribute('aria-selected'))).toEqual(['false', 'true']);
    await bench.key('ArrowDown');
    expect([options().length, document.activeElement?.textContent]).toEqual([0, expect.stringContaining('tp study')]);
  });

  it('closes suggestions by Escape first, and is emptied by the next one', async () => {
    await make(genes());
    await bench.type('tp');
    await bench.key('Escape');
    expect([options().length, bench.box.value]).toEqual([0, 'tp']);
    await bench.key('Escape');
    expect(bench.box.value).toBe('');
  });

  it('leaves keys alone while a character is being composed', async () => {
    await make(genes());
    await bench.type('tp');
    for (const key of ['ArrowDown', 'Enter', 'Escape']) {
      await bench.key(key, { isComposing: true });
    }
    expect([options().length, active(), bench.box.value]).toEqual([2, undefined, 'tp']);
  });

  it('turns a suggestion with a facet into a filter', async () => {
    await make(genes());
    await bench.type('tp');
    await bench.key('ArrowDown');
    await bench.key('Enter');
    expect([bench.box.value, bench.panel.model.filters]).toEqual(['', { gene: ['TP53'] }]);
    expect([bench.titles, bench.by('button', 'Remove filter Gene: TP53')?.textContent]).toEqual([
      ['tp study'],
      'Gene: TP53'
    ]);
    expect(document.activeElement).toBe(bench.box);
  });

  it('searches for a suggestion that is clicked, and offers it again later', async () => {
    await make(genes());
    await bench.type('tp');
    options()[1].click();
    await bench.settle();
    expect([bench.box.value, bench.titles]).toEqual(['tp study', ['tp study']]);
    await bench.key('Escape');
    await bench.type('');
    bench.box.click();
    await bench.settle();
    expect(options().map(one => one.textContent)).toEqual(['tp studysearched before']);
  });

  it('opens the study that an accession names by Enter, though no source has answered', async () => {
    await make(new Archive('a', 'Archive', [], { delay: 1e8, recognise: recogniser('S-') }));
    await bench.type('s-biad1');
    expect(bench.items.map(item => item.textContent)).toEqual([expect.stringContaining('OpenOpen study S-BIAD1')]);
    await bench.key('Enter');
    expect(bench.panel.model.study?.accession).toBe('S-BIAD1');
  });

  it('opens the image that a number names, and says why it cannot', async () => {
    const source = new Archive('a', 'Archive', [], {
      recognise: recogniser('S-'),
      image: id =>
        Promise.resolve({
          ...(image(id) as never as { source: string }),
          ...(id === '2' ? { viewable: false, reason: 'TIFF' } : {})
        } as never)
    });
    await make(source);
    await bench.type('1');
    await bench.key('Enter');
    expect(bench.opened).toEqual(['https://a.example/1']);
    await bench.type('2');
    await bench.key('Enter');
    expect([bench.opened.length, bench.status]).toEqual([1, expect.stringContaining('2 cannot be viewed. TIFF')]);
  });

  it('offers examples until something has been searched for', async () => {
    await make(genes());
    const examples = [...bench.panel.node.querySelectorAll('[aria-label="Example searches"] button')];
    expect(examples).toHaveLength(3);
    (examples[0] as HTMLElement).click();
    await bench.settle();
    expect(bench.box.value).toBe(examples[0].textContent);
    await bench.type('');
    expect(bench.panel.node.querySelector('[aria-label="Example searches"]')).toBeNull();
  });
});
