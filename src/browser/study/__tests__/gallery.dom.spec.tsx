import { say } from '../../../core';
import type { IImageRecord } from '../../../entities';
import { Archive, image, study } from './archive';
import { Bench } from './bench';

const PICTURE = 'data:image/png;base64,iVBORw0KGgo=';
const many = (count: number, changes: Partial<IImageRecord> = {}): IImageRecord[] =>
  Array.from({ length: count }, (_, index) => image(`i${index}`, changes));

/** Makes pictures when told to, and keeps count. */
class Studio {
  readonly asked: string[] = [];
  readonly made: string[] = [];
  aborted = 0;
  running = 0;
  most = 0;
  /** What the next pictures are: an address, none, or a failure. */
  answer: string | null | Error = PICTURE;
  private readonly waiting = new Map<string, () => void>();

  readonly thumbnail = (uri: string, _size: number, signal: AbortSignal): Promise<string | null> => {
    this.asked.push(uri);
    this.running++;
    this.most = Math.max(this.most, this.running);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.running--;
        this.waiting.delete(uri);
      };
      this.waiting.set(uri, () => {
        end();
        this.made.push(uri);
        if (this.answer instanceof Error) {
          reject(this.answer);
        } else {
          resolve(this.answer);
        }
      });
      signal.addEventListener('abort', () => {
        end();
        this.aborted++;
        reject(signal.reason as Error);
      });
    });
  };

  /** Ends what is being made; how many that were. */
  finish(): number {
    const begun = [...this.waiting.values()];
    begun.forEach(go => go());
    return begun.length;
  }
}

describe('the gallery', () => {
  let bench: Bench;
  const revoked: string[] = [];
  const make = async (
    images: readonly IImageRecord[],
    studio: Studio,
    memory: object = { layout: 'grid' }
  ): Promise<Bench> => {
    const archive = new Archive({ study: study(), images, page: () => ({ items: images, total: images.length }) });
    bench = await new Bench({ source: archive, accession: 'S-1', memory }, { thumbnail: studio.thumbnail }).show();
    return bench;
  };
  const rest = (): Promise<void> => bench.settle(40);
  const cells = (): HTMLElement[] => bench.all('[role="gridcell"]');

  beforeEach(() => {
    revoked.length = 0;
    URL.revokeObjectURL = address => void revoked.push(address);
  });
  afterEach(() => bench.dispose());

  it.each(['grid', 'list'])('as a %s keeps 100,000 images out of the page', async layout => {
    await make(many(100_000), new Studio(), { layout });
    const [grid] = bench.all('[role="grid"]');
    const columns = layout === 'grid' ? 3 : 1;
    expect(cells().length).toBeLessThan(60);
    expect(bench.node.querySelectorAll('*').length).toBeLessThan(700);
    expect(grid.getAttribute('aria-rowcount')).toBe(String(Math.ceil(100_000 / columns)));
    for (const top of [1e5, 2e6, 4e6, 1e9]) {
      await bench.scroll(top);
      expect(cells().length).toBeLessThan(60);
    }
    bench.all('.jp-BioImageStudy-open')[0].focus();
    await bench.key('End', { ctrlKey: true });
    expect(document.activeElement?.textContent).toContain('i99999');
    await bench.key('Home', { ctrlKey: true });
    expect(document.activeElement?.textContent).toContain('i0');
    expect(cells().length).toBeLessThan(60);
  });

  it('leads from a tile that cannot be viewed to its page in the archive, by the keyboard from that tile alone', async () => {
    const off = { viewable: false, reason: say`TIFF`, page: 'https://a.example/raw' };
    await make(many(2, off), new Studio());
    const links = bench.all('.jp-mod-tile a.jp-BioImageStudy-iconLink');
    expect(links.map(link => [link.getAttribute('href'), link.tabIndex])).toEqual([
      ['https://a.example/raw', 0],
      ['https://a.example/raw', -1]
    ]);
  });

  it('has one cell that Tab reaches, and moves in both directions', async () => {
    await make(many(50), new Studio());
    const reachable = (): (string | undefined)[] =>
      cells()
        .filter(cell => cell.querySelector('[tabindex="0"]') !== null)
        .map(cell => cell.dataset.index);
    expect(reachable()).toEqual(['0']);
    bench.all('.jp-BioImageStudy-open')[0].focus();
    for (const [key, index] of [
      ['ArrowRight', '1'],
      ['ArrowDown', '4'],
      ['ArrowLeft', '3'],
      ['End', '5'],
      ['ArrowDown', '8']
    ]) {
      await bench.key(key);
      expect(reachable()).toEqual([index]);
      expect(document.activeElement?.closest<HTMLElement>('[role="gridcell"]')?.dataset.index).toBe(index);
    }
    await bench.key('F10', { shiftKey: true });
    expect(document.querySelector('.lm-Menu')).not.toBeNull();
  });

  it('makes four pictures at a time, only of what is in view', async () => {
    const studio = new Studio();
    await make(many(1000), studio);
    await rest();
    expect([studio.asked.length, studio.most]).toEqual([4, 4]);
    while (studio.finish() > 0) {
      await rest();
    }
    expect(studio.most).toBe(4);
    expect(studio.asked).toEqual(cells().map((_, index) => `https://a.example/i${index}.zarr`));
    expect(bench.all('img').map(node => node.getAttribute('src'))).toEqual(cells().map(() => PICTURE));
  });

  it('stops making what was scrolled away', async () => {
    const studio = new Studio();
    await make(many(1000), studio);
    await bench.until(() => studio.asked.length === 4);
    await bench.scroll(10_000);
    await bench.scroll(30_000);
    // The first row has the place that Tab reaches, and stays in the page: of four, only the fourth is gone.
    await bench.until(() => studio.aborted >= 1);
    await bench.until(() => studio.running === 4);
    expect(studio.most).toBe(4);
    while (studio.finish() > 0) {
      await rest();
    }
    const places = studio.made.map(uri => Number(/i(\d+)/.exec(uri)?.[1]));
    expect(places.filter(place => place > 2 && place < 500)).toEqual([]);
    expect(places.length).toBe(cells().length);
  });

  it('keeps pictures that were made', async () => {
    const studio = new Studio();
    await make(many(1000), studio);
    await rest();
    while (studio.finish() > 0) {
      await rest();
    }
    await bench.scroll(30_000);
    await bench.scroll(0);
    await rest();
    expect(new Set(studio.asked).size).toBe(studio.asked.length);
    expect(bench.all('img')).toHaveLength(cells().length);
  });

  it('gives up pictures of its own making when the page is left', async () => {
    const studio = new Studio();
    studio.answer = 'blob:http://localhost/1';
    await make(many(4), studio);
    await rest();
    studio.finish();
    await rest();
    expect(bench.all('img').map(node => node.getAttribute('src'))).toEqual(Array(4).fill('blob:http://localhost/1'));
    bench.dispose();
    await rest();
    expect(revoked).toEqual(Array(4).fill('blob:http://localhost/1'));
  });

  it.each([
    ['none', null, 'none'],
    ['a failure', new Error('x'), 'failed'],
    ['a foreign address', 'https://x.example/track.png', 'none'],
    ['a drawing with scripts', 'data:image/svg+xml;base64,PHN2Zz4=', 'none'],
    ['a script', 'javascript:__pwned=1', 'none']
  ])('shows a place-holder for %s', async (_name, answer, state) => {
    const studio = new Studio();
    studio.answer = answer;
    await make(many(2), studio);
    await rest();
    expect(bench.all('.jp-BioImageStudy-picture').map(node => node.dataset.state)).toEqual(['waiting', 'waiting']);
    studio.finish();
    await rest();
    expect(bench.all('.jp-BioImageStudy-picture').map(node => node.dataset.state)).toEqual([state, state]);
    expect(bench.all('img')).toEqual([]);
  });

  it('draws the archive’s own picture without asking, if it is a safe one', async () => {
    const studio = new Studio();
    const svg = 'data:image/svg+xml;base64,PHN2Zz4=';
    await make(
      [
        image('a', { thumbnail: PICTURE, viewable: false }),
        image('b', { thumbnail: svg, viewable: false }),
        image('c', { thumbnail: 'https://x.example/t.png' })
      ],
      studio
    );
    await rest();
    expect(bench.all('img').map(node => node.getAttribute('src'))).toEqual([PICTURE]);
    expect(studio.asked).toEqual(['https://a.example/c.zarr']);
    bench.all('img')[0].dispatchEvent(new Event('error'));
    await bench.settle();
    expect(bench.all('.jp-BioImageStudy-picture').map(node => node.dataset.state)).toEqual([
      'failed',
      'none',
      'waiting'
    ]);
  });

  it('changes between list and gallery, at any place', async () => {
    await make(many(1000), new Studio(), {});
    expect(bench.named('Gallery').getAttribute('aria-pressed')).toBe('false');
    await bench.scroll(9000);
    await bench.click('Gallery');
    expect(bench.named('Gallery').getAttribute('aria-pressed')).toBe('true');
    expect(bench.model.layout).toBe('grid');
    expect(cells()[0].textContent).toContain('i0');
    expect(bench.all('.jp-mod-tile').length).toBe(cells().length);
  });

  it('asks for the next page near the end, once', async () => {
    const archive = new Archive({ study: study(), images: many(1000) });
    bench = await new Bench({ source: archive, accession: 'S-1' }).show();
    expect(archive.count('images')).toBe(1);
    await bench.scroll(5000);
    expect(archive.count('images')).toBe(2);
    await bench.scroll(5010);
    expect(archive.count('images')).toBe(2);
    archive.failures.set('images', new Error('x'));
    await bench.scroll(11_000);
    expect(archive.count('images')).toBe(3);
    expect(bench.text).toContain('The images could not be listed.');
    expect(bench.model.images.items).toHaveLength(200);
  });

  it('comes back to where it was, page by page, unless somebody scrolls', async () => {
    const archive = new Archive({ study: study(), images: many(1000) });
    const memory = { images: { scroll: 9000 } };
    bench = await new Bench({ source: archive, accession: 'S-1', memory }).show();
    const top = (): number => bench.all('.jp-BioImageStudy-scroll')[0].scrollTop;
    expect(top()).toBe(9000);
    expect(bench.model.images.items).toHaveLength(100);
    // A browser says itself that it has scrolled, and cuts the place to what there is.
    await bench.scroll(9000);
    expect(bench.model.images.items).toHaveLength(200);
    expect(top()).toBe(9000);
    bench.dispose();
    bench = await new Bench({ source: archive, accession: 'S-1', memory }).show();
    await bench.scroll(5100);
    expect(bench.model.images.items).toHaveLength(200);
    expect(top()).toBe(5100);
  });
});
