import { say } from '../../../core';
import type { IFileEntry } from '../../../entities';
import { Archive, FILES, FULL, image, IMAGES, study } from './archive';
import { Bench } from './bench';

describe('the page of a study', () => {
  let bench: Bench;
  const make = (content: Archive['content'] = { study: FULL, images: IMAGES, files: FILES }, host = {}): Bench => {
    bench = new Bench({ source: new Archive(content), accession: 'S-1' }, host);
    return bench;
  };
  afterEach(() => bench.dispose());

  it('is used with the keyboard alone', async () => {
    await make().show();
    await bench.key('ArrowDown');
    expect(document.activeElement?.textContent).toContain('fish one');
    await bench.key('ArrowRight');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Actions for fish one');
    await bench.key('ArrowDown');
    expect(document.activeElement?.textContent).toContain('plate');
    await bench.key('End');
    expect(document.activeElement?.textContent).toContain('gone');
    await bench.key('Home');
    await bench.key('ArrowUp');
    expect(document.activeElement?.getAttribute('role')).toBe('tab');
    await bench.key('ArrowRight');
    expect(document.activeElement?.textContent).toBe('Files (240)');
    expect(bench.all('[role="grid"]')[0].getAttribute('aria-label')).toBe('Images');
    await bench.key('ArrowRight');
    await bench.key('ArrowRight');
    expect(document.activeElement?.textContent).toBe('Images (5)');
    await bench.key('End');
    (document.activeElement as HTMLElement).click();
    await bench.settle();
    expect(bench.all('[role="tab"]').map(node => node.getAttribute('aria-selected'))).toEqual([
      'false',
      'false',
      'true'
    ]);
    expect(bench.all('[role="tab"]').map(node => node.tabIndex)).toEqual([-1, -1, 0]);
    const [panel] = bench.all('[role="tabpanel"]');
    expect(panel.getAttribute('aria-labelledby')).toBe(bench.all('[role="tab"]')[2].id);
    expect(bench.all('[role="tab"]')[2].getAttribute('aria-controls')).toBe(panel.id);
  });

  it('lets an image be dragged that can be viewed', async () => {
    const dragged: unknown[] = [];
    await make(undefined, { dragData: (item: unknown) => (dragged.push(item), null) }).show();
    const point = (clientX: number): MouseEventInit => ({ bubbles: true, button: 0, clientX, clientY: 0 });
    for (const cell of bench.all('.jp-BioImageStudy-open')) {
      cell.dispatchEvent(new MouseEvent('pointerdown', point(0)));
      document.dispatchEvent(new MouseEvent('pointermove', point(3)));
      document.dispatchEvent(new MouseEvent('pointermove', point(9)));
      document.dispatchEvent(new MouseEvent('pointerup', point(9)));
    }
    expect(dragged).toEqual(
      ['fish one', 'plate'].map(title => ({
        kind: 'image',
        source: 'a',
        title,
        uri: `https://a.example/${title}.zarr`
      }))
    );
  });

  it('goes back by its button, and by Backspace in a list, never in a field', async () => {
    await make().show();
    await bench.click('Back');
    await bench.key('ArrowDown');
    bench.all('.jp-BioImageStudy-open')[0].focus();
    await bench.key('Backspace');
    bench.named('Filter images').focus();
    await bench.key('Backspace');
    expect(bench.backs).toBe(2);
    bench.all('h2')[0].focus();
    // Handled here: whoever holds the page must not go back once more.
    const event = new KeyboardEvent('keydown', { key: 'Backspace', bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
    expect([bench.backs, event.defaultPrevented]).toEqual([3, true]);
  });

  it.each([
    ['markup', '<img src=x onerror=__pwned=1><a data-commandlinker-command="x">y</a>'],
    ['direction', 'a\u202egnp.exe'],
    ['length', 'x'.repeat(1_000_000)],
    ['nothing', '   ']
  ])('shows hostile %s as text everywhere, cut', async (_name, bad) => {
    const hostile = study({
      accession: 'S-1',
      title: bad,
      released: bad,
      licence: { text: bad, url: `javascript:${bad}` },
      page: `https://user:pw@a.example/${bad}`,
      doi: bad,
      people: [{ name: bad, orcid: bad, affiliation: bad }],
      keywords: [bad],
      publications: [{ title: bad, doi: bad, pubmed: bad, year: bad }],
      datasets: [
        { id: bad, title: bad, description: bad },
        { id: bad, title: bad, bytes: NaN, images: -1 }
      ],
      attributes: [{ name: bad, value: bad, url: `data:text/html,${bad}` }],
      notices: [say`${bad}`]
    });
    const images = [
      image('1', {
        id: bad,
        title: bad,
        reason: say`${bad}`,
        description: bad,
        version: bad,
        viewable: true,
        thumbnail: `data:image/svg+xml,${bad}`,
        formerUri: bad
      })
    ];
    const files: IFileEntry[] = [
      {
        path: `${bad}/${bad}`,
        kind: 'file',
        bytes: -5,
        uri: bad,
        dataset: bad,
        image: { ...images[0], viewable: false }
      }
    ];
    await make({ study: hostile, images: [...images, { ...images[0], viewable: false }], files }).show();
    for (const tab of ['Images', 'Files', 'About']) {
      await bench.click(tab);
      expect(bench.all('img, script, [data-commandlinker-command]')).toEqual([]);
      expect(bench.all('a')).toEqual([]);
      expect(bench.text).not.toMatch(/\u202e|NaN|-1 image/);
      expect(bench.text.length).toBeLessThan(10_000);
      for (const node of bench.all('[title], [aria-label]')) {
        expect((node.title + (node.getAttribute('aria-label') ?? '')).length).toBeLessThan(4500);
      }
    }
  });
});
