import { isStudy } from '..';
import type { CatalogueItem, ICatalogueSource } from '..';

/** Makes a fresh source; `match` is a text that some of its items match, and not all. */
export interface ISourceCase {
  name: string;
  match: string;
  make: () => Promise<ICatalogueSource>;
}

const idOf = (item: CatalogueItem): string => (isStudy(item) ? item.accession : item.id);

async function allPages(source: ICatalogueSource, text: string, limit: number): Promise<CatalogueItem[]> {
  const { signal } = new AbortController();
  const items: CatalogueItem[] = [];
  let cursor: string | undefined;
  do {
    const page = await source.search({ text, limit, cursor }, signal);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.cursor;
    expect(items.length).toBeLessThan(1000);
  } while (cursor !== undefined);
  return items;
}

/** What every source promises, whoever wrote it. */
export function contractOf({ name, match, make }: ISourceCase): void {
  describe(`${name} as a source`, () => {
    it('names itself in every item, with ids that are unique', async () => {
      const source = await make();
      const items = await allPages(source, '', 50);
      expect(items.length).toBeGreaterThan(0);
      expect(items.every(item => item.source === source.id)).toBe(true);
      expect(new Set(items.map(idOf)).size).toBe(items.length);
    });

    it('gives an address to everything that can be viewed, and a reason to the rest', async () => {
      for (const item of await allPages(await make(), '', 50)) {
        if (!isStudy(item)) {
          expect(item.uri).not.toBe('');
          expect(item.viewable || item.kind === 'folder' || item.reason !== undefined).toBe(true);
        }
      }
    });

    it('pages without losing or repeating an item', async () => {
      const whole = await allPages(await make(), '', 50);
      const paged = await allPages(await make(), '', 2);
      expect(paged.map(idOf)).toEqual(whole.map(idOf));
    });

    it('finds by name, whatever the case, and nothing that does not match', async () => {
      const source = await make();
      const all = await allPages(source, '', 50);
      const found = await allPages(source, ` ${match.toUpperCase()} `, 50);
      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThan(all.length);
      expect(found.map(idOf)).toEqual((await allPages(source, match, 50)).map(idOf));
    });

    it('answers with an empty page where nothing matches', async () => {
      const page = await (await make()).search({ text: 'nothing is called like this' }, new AbortController().signal);
      expect(page).toMatchObject({ items: [] });
      expect(page.cursor).toBeUndefined();
    });

    it('rejects with the reason of an aborted signal', async () => {
      const gone = AbortSignal.abort(new DOMException('gone', 'AbortError'));
      await expect((await make()).search({ text: '' }, gone)).rejects.toThrow('gone');
    });
  });
}
