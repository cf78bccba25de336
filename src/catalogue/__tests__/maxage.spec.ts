import { startArchives } from '../../testing/archives';
import type { IArchives } from '../../testing/archives';
import { memoryEnvironment, PROVIDERS } from '..';
import type { ICatalogueEnvironment, ICatalogueSource } from '..';
import { maxAgeOf, ONE_LOOK } from '../age';

const { signal } = new AbortController();
const HOUR = 3_600_000; // ms
let archives: IArchives;
let time = Date.now();
beforeAll(async () => {
  archives = await startArchives();
}, 30_000);
beforeEach(() => archives.control({}));
afterEach(() => jest.restoreAllMocks());
afterAll(() => archives.close());

const everything = { text: '', limit: 10 };

describe('the age of remembered answers', () => {
  it.each<[string, (source: ICatalogueSource) => Promise<unknown> | undefined]>([
    ['bia', source => source.study?.('S-BIAD1553', signal)],
    ['biostudies', source => source.study?.('S-BIAD90001', signal)],
    ['biostudies', source => source.files?.('S-BIAD90001', everything, signal)],
    ['idr', source => source.search(everything, signal)],
    ['idr', source => source.search({ ...everything, filters: { cell_line: ['hela'] } }, signal)],
    ['ngff-samples', source => source.search(everything, signal)],
    ['ngff-challenge', source => source.search(everything, signal)]
  ])('is the person’s setting in %s, also where it changes while the page is open', async (id, ask) => {
    let age = 24 * HOUR;
    const environment: ICatalogueEnvironment = {
      ...memoryEnvironment([], {}),
      relay: archives.relay,
      services: () => Promise.resolve(archives.services),
      rewrites: () => Promise.resolve(archives.rewrites),
      maxAge: () => age
    };
    jest.spyOn(Date, 'now').mockImplementation(() => time);
    const [source] = (await PROVIDERS.find(provider => provider.id === id)?.create(environment)) ?? [];
    const asked = async (): Promise<number> => {
      const before = (await archives.requests()).length;
      await ask(source);
      return (await archives.requests()).length - before;
    };
    const first = await asked();
    // What a search asks for itself, such as pictures, is not what is remembered.
    const again = await asked();
    expect(again).toBeLessThan(first);
    time += 23 * HOUR;
    expect(await asked()).toBe(again);
    time += 2 * HOUR;
    expect(await asked()).toBe(first);
    age = 0;
    time += ONE_LOOK - 1;
    expect(await asked()).toBe(again);
    time += 2;
    expect(await asked()).toBe(first);
  });

  it('has no end where there is no setting', () => {
    expect(maxAgeOf({})()).toBe(Infinity);
    expect(maxAgeOf({ maxAge: () => HOUR })()).toBe(HOUR);
  });
});
