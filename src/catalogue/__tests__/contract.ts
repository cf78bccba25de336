import { isAbort, isBioImageError } from '../../core';
import type { IFileEntry, IImageRecord, IPage, IQuery } from '../../entities';
import { isStudy } from '..';
import type { CatalogueItem, ICatalogueSource, IRecognised } from '..';
import { Judge } from './promised';

/** Makes a fresh source; `match` is a text that some of its items match, and not all. */
export interface ISourceCase {
  name: string;
  match: string;
  make: () => Promise<ICatalogueSource>;
  /** A study with some images and files that can be paged in a moment; for sources that have studies. */
  study?: string;
  /** A study with files, where that one has none. */
  studyOfFiles?: string;
  /** Something that is completed, for sources that suggest. */
  suggest?: string;
  /** What texts name, for sources that know names. */
  names?: Readonly<Record<string, IRecognised>>;
  /** A folder, for sources that have folders. */
  folder?: string;
  /** How often the source's services or stores have been asked so far. */
  asked?: () => Promise<number>;
  /** Makes every service slow (ms), or answer with a failure or a page of a login instead of data. */
  trouble?: (kind: 'slow' | 'down' | 'login' | 'busy' | 'none') => Promise<void>;
}

const { signal } = new AbortController();
const idOf = (item: CatalogueItem | IFileEntry): string =>
  'path' in item ? `${item.dataset ?? ''}|${item.path}` : isStudy(item) ? item.accession : item.id;

/** Items of all pages; every page is judged. */
async function allPages<T extends CatalogueItem | IFileEntry>(
  source: ICatalogueSource,
  ask: (query: IQuery) => Promise<IPage<T>>,
  limit: number,
  query: Partial<IQuery> = {}
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ text: '', ...query, limit, cursor });
    const judge = new Judge();
    judge.page(page, limit, source);
    expect(judge.wrong).toEqual([]);
    items.push(...page.items);
    cursor = page.cursor;
    expect(items.length).toBeLessThan(1000);
  } while (cursor !== undefined);
  return items;
}

const found = (source: ICatalogueSource, text: string, limit: number): Promise<CatalogueItem[]> =>
  allPages<CatalogueItem>(source, query => source.search({ ...query, text }, signal), limit);

/** What every source promises, whoever wrote it. */
export function contractOf(one: ISourceCase): void {
  const { name, match, make } = one;
  describe(`${name} as a source`, () => {
    it('names itself in every item, with ids that are unique', async () => {
      const source = await make();
      const items = await found(source, '', 50);
      expect(items.length).toBeGreaterThan(0);
      expect(items.every(item => item.source === source.id)).toBe(true);
      expect(new Set(items.map(idOf)).size).toBe(items.length);
    });

    it('gives an address to everything that can be viewed, and a reason to the rest', async () => {
      for (const item of await found(await make(), '', 50)) {
        if (!isStudy(item)) {
          expect(item.viewable || item.kind === 'folder' || item.reason !== undefined).toBe(true);
          expect(item.viewable && item.uri === '').toBe(false);
        }
      }
    });

    it('pages without losing or repeating an item', async () => {
      const whole = await found(await make(), match, 50);
      const paged = await found(await make(), match, 2);
      expect(paged.map(idOf)).toEqual(whole.map(idOf));
    });

    it('finds by name, whatever the case, and nothing that does not match', async () => {
      const source = await make();
      const all = await found(source, '', 50);
      const some = await found(source, ` ${match.toUpperCase()} `, 50);
      expect(some.length).toBeGreaterThan(0);
      expect(some.length).toBeLessThan(all.length);
      expect(some.map(idOf)).toEqual((await found(source, match, 50)).map(idOf));
    });

    it('answers with an empty page where nothing matches', async () => {
      const page = await (await make()).search({ text: 'nothing is called like this' }, signal);
      expect(page).toMatchObject({ items: [] });
      expect(page.cursor).toBeUndefined();
    });

    it('takes a cursor that is not its own for no reason to break', async () => {
      const source = await make();
      for (const cursor of ['', 'x', '-1', '99999999', '1e9', '{}']) {
        const outcome = await source.search({ text: '', limit: 2, cursor }, signal).catch((error: unknown) => error);
        expect(isBioImageError(outcome) || Array.isArray((outcome as IPage<unknown>).items)).toBe(true);
      }
    });

    studyContract(one);
    nameContract(one);
    folderContract(one);
    leavingContract(one);
    failureContract(one);
  });
}

function studyContract({ study, studyOfFiles = study, make }: ISourceCase): void {
  if (study === undefined || studyOfFiles === undefined) {
    return;
  }
  it('has the page of a study, with everything in it as the entities promise', async () => {
    const source = await make();
    const details = await source.study?.(study, signal);
    const judge = new Judge();
    judge.details({ ...details }, source);
    expect(judge.wrong).toEqual([]);
    expect(details?.accession).toBe(study);
  });

  it('does not have the page of a study that is none', async () => {
    const source = await make();
    for (const none of ['', 'none', '../secret', '%2e%2e', 'S-NONE999999', 'idr9999', 'constructor', 'x'.repeat(500)]) {
      const outcome = await source.study?.(none, signal).catch((error: unknown) => error);
      expect([none, isBioImageError(outcome, 'NOT_FOUND')]).toEqual([none, true]);
    }
  });

  it('pages through the images of a study, those that can be viewed first', async () => {
    const source = await make();
    const ask = (query: IQuery) => source.images?.(study, query, signal) ?? Promise.reject(new Error('no images'));
    const whole = await allPages<IImageRecord>(source, ask, 50);
    expect(whole.length).toBeGreaterThan(0);
    const fresh = await make();
    const again = (query: IQuery) => fresh.images?.(study, query, signal) ?? Promise.reject(new Error('no images'));
    expect((await allPages<IImageRecord>(fresh, again, 3)).map(idOf)).toEqual(whole.map(idOf));
    const viewable = whole.map(image => image.viewable);
    expect(viewable).toEqual([...viewable].sort((a, b) => Number(b) - Number(a)));
    expect(await allPages<IImageRecord>(source, ask, 50, { text: 'nothing is called like this' })).toEqual([]);
  });

  it('gives an image of a study again by its id', async () => {
    const source = await make();
    const { items } = (await source.images?.(study, { text: '', limit: 3 }, signal)) ?? { items: [] };
    for (const { id, uri } of items) {
      expect(await source.image?.(id, signal)).toMatchObject({ id, uri });
    }
    for (const none of ['', 'none', 'image:0', '../x', 'x'.repeat(500)]) {
      const outcome = await source.image?.(none, signal).catch((error: unknown) => error);
      expect([none, isBioImageError(outcome, 'NOT_FOUND')]).toEqual([none, source.image !== undefined]);
    }
  });

  it('pages through the files of a study, with names that are no addresses', async () => {
    const source = await make();
    if (source.files === undefined) {
      return;
    }
    const ask = (query: IQuery) => source.files?.(studyOfFiles, query, signal) ?? Promise.reject(new Error('no files'));
    const whole = await allPages<IFileEntry>(source, ask, 50);
    expect(whole.length).toBeGreaterThan(0);
    expect(whole.filter(({ path }) => /^\/|:\/\/|(^|\/)\.\.?(\/|$)/.test(path))).toEqual([]);
    const fresh = await make();
    const again = (query: IQuery) =>
      fresh.files?.(studyOfFiles, query, signal) ?? Promise.reject(new Error('no files'));
    expect((await allPages<IFileEntry>(fresh, again, 3)).map(idOf)).toEqual(whole.map(idOf));
  });

  it('divides a study into datasets whose images are its images', async () => {
    const source = await make();
    const { datasets = [] } = (await source.study?.(study, signal)) ?? {};
    const all = new Set((await allOf(source, study)).map(idOf));
    for (const { id } of datasets.slice(0, 5)) {
      const part = await allOf(source, study, { dataset: id });
      // A source may not know of an image which part it belongs to, but not that it is of another one.
      expect(part.filter(image => !all.has(idOf(image)) || (image.dataset ?? id) !== id)).toEqual([]);
    }
  });
}

const allOf = (source: ICatalogueSource, study: string, query: Partial<IQuery> = {}): Promise<IImageRecord[]> =>
  allPages<IImageRecord>(
    source,
    asked => source.images?.(study, asked, signal) ?? Promise.resolve({ items: [] }),
    50,
    query
  );

function nameContract({ suggest, names, make }: ISourceCase): void {
  if (suggest !== undefined) {
    it('suggests texts that are not empty, and none for nothing', async () => {
      const source = await make();
      const some = (await source.suggest?.(suggest, signal)) ?? [];
      expect(some.length).toBeGreaterThan(0);
      expect(some.every(one => one.text.trim() !== '' && one.source === source.id)).toBe(true);
      expect(new Set(some.map(({ text, facet }) => `${facet} ${text}`)).size).toBe(some.length);
      expect(await source.suggest?.('nothing is called like this', signal)).toEqual([]);
    });
  }
  if (names !== undefined) {
    it.each(Object.entries(names))('knows what %s names', async (text, named) => {
      const source = await make();
      expect(source.recognise?.(text)).toEqual(named);
      expect(source.recognise?.(`  ${text}\n`)).toEqual(named);
    });
  }
  it('takes no other text for a name of its own, and asks nobody', async () => {
    const source = await make();
    const others = [
      '',
      ' ',
      'zebrafish',
      'a'.repeat(100_000),
      '<script>',
      'javascript:alert(1)',
      'https://',
      '\u0000',
      '10.',
      'constructor'
    ];
    expect(others.map(text => source.recognise?.(text) ?? null)).toEqual(others.map(() => null));
  });
}

function folderContract({ folder, make }: ISourceCase): void {
  if (folder === undefined) {
    return;
  }
  it('pages through a folder without losing or repeating an item', async () => {
    const source = await make();
    const ask = (query: IQuery) => source.browse?.(folder, query, signal) ?? Promise.reject(new Error('no folders'));
    const whole = await allPages<IImageRecord>(source, ask, 50);
    expect(whole.length).toBeGreaterThan(0);
    expect((await allPages<IImageRecord>(source, ask, 1)).map(idOf)).toEqual(whole.map(idOf));
  });
}

/** Everything a source can be asked, by its name. */
function questions(
  source: ICatalogueSource,
  one: ISourceCase,
  gone: AbortSignal
): Record<string, () => Promise<unknown>> {
  const { study = 'none', suggest = 'cell', folder = '', match } = one;
  const query = { text: '', limit: 10 };
  const { images, files, browse, image } = source;
  return {
    search: () => source.search({ text: match, limit: 10 }, gone),
    ...(source.study ? { study: () => source.study?.(study, gone) ?? Promise.resolve() } : {}),
    ...(images ? { images: () => images.call(source, study, query, gone) } : {}),
    ...(files ? { files: () => files.call(source, study, query, gone) } : {}),
    ...(browse ? { browse: () => browse.call(source, folder, query, gone) } : {}),
    ...(source.suggest ? { suggest: () => source.suggest?.(suggest, gone) ?? Promise.resolve() } : {}),
    ...(image ? { image: () => image.call(source, 'image:1', gone) } : {})
  };
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

function leavingContract(one: ISourceCase): void {
  const { make, asked, trouble } = one;
  it('rejects with the reason of an aborted signal, whatever it is asked, and asks nothing itself', async () => {
    const reason = new DOMException('gone', 'AbortError');
    const source = await make();
    const before = await asked?.();
    for (const [name, ask] of Object.entries(questions(source, one, AbortSignal.abort(reason)))) {
      expect([name, await ask().catch((error: unknown) => error)]).toEqual([name, reason]);
    }
    expect(await asked?.()).toBe(before);
  });

  if (asked === undefined || trouble === undefined) {
    return;
  }
  it('asks nothing more for somebody who leaves while it waits', async () => {
    for (const name of Object.keys(questions(await make(), one, signal))) {
      await trouble('slow');
      const leaving = new AbortController();
      const reason = new DOMException(`left ${name}`, 'AbortError');
      const source = await make();
      const ask = questions(source, one, leaving.signal)[name];
      const outcome = ask().catch((error: unknown) => error);
      await Promise.race([outcome, pause(150)]);
      leaving.abort(reason);
      const end = await outcome;
      await pause(50);
      const before = await asked();
      await pause(500);
      // What needs no request may have been answered, or refused, before.
      expect([name, end === reason || before === 0]).toEqual([name, true]);
      expect([name, await asked()]).toEqual([name, before]);
      // Who comes next is not told of it.
      await trouble('none');
      const again = questions(source, one, signal)[name];
      const next = await again().catch((error: unknown) => error);
      expect([name, isAbort(next) || (next instanceof Error && !isBioImageError(next, 'NOT_FOUND'))]).toEqual([
        name,
        false
      ]);
    }
    await trouble('none');
  }, 60_000);
}

function failureContract(one: ISourceCase): void {
  const { make, trouble } = one;
  if (trouble === undefined) {
    return;
  }
  it.each(['down', 'login', 'busy'] as const)(
    'answers or fails with one of our errors where its services are %s',
    async kind => {
      await trouble(kind);
      const source = await make();
      for (const [name, ask] of Object.entries(questions(source, one, signal))) {
        const outcome = await ask().catch((error: unknown) => error);
        const isOurs = isBioImageError(outcome) && outcome.code !== 'INTERNAL';
        expect([name, isOurs || !(outcome instanceof Error)]).toEqual([name, true]);
        if (name === 'search') {
          expect(isOurs).toBe(true);
        }
      }
      await trouble('none');
      // The failure is not remembered.
      expect((await source.search({ text: one.match, limit: 2 }, signal)).items.length).toBeGreaterThan(0);
    },
    60_000
  );
}
