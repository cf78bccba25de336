import type { ByteRange, IReadableStore } from '../stores';
import { bytesOf } from './frames';
import { outcomeOf } from './outcome';

/** A store under test over the objects of the suite, and how to end it. */
export interface IStoreFixture {
  store: IReadableStore;
  close?(): Promise<void> | void;
}

/** 1000 bytes of which each tells its place. */
const BODY = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) % 251);

/** Names with every character that some layer may take for syntax. */
const NAMES = [
  'a b',
  'a#b',
  'a?b',
  'a%b',
  'a%20b',
  'a%3Fx',
  'a+b',
  'a&b;c',
  "a'b",
  'a"b',
  '{a}$b',
  '~a',
  'é',
  'e\u0301',
  '🔬',
  'שלום',
  'a:b',
  'data:,'
];

const OBJECTS: ReadonlyMap<string, Uint8Array> = new Map([
  ['image.zarr/0/c/0/0', BODY],
  ['image.zarr/zarr.json', bytesOf({ zarr_format: 3 })],
  ['image.zarr/.zattrs', bytesOf({})],
  ['empty', new Uint8Array(0)],
  ['less', bytesOf('< 5 is a chunk too')],
  ...NAMES.map(name => [`names/${name}`, bytesOf(name)] as const)
]);

const KEY = 'image.zarr/0/c/0/0';

const RANGES: readonly [text: string, range: ByteRange, start: number, end: number][] = [
  ['the first byte', { start: 0, end: 1 }, 0, 1],
  ['a middle', { start: 10, end: 500 }, 10, 500],
  ['up to the end', { start: 990, end: 1000 }, 990, 1000],
  ['an end beyond the object', { start: 990, end: 2000 }, 990, 1000],
  ['all of it', { start: 0, end: 1000 }, 0, 1000],
  ['its last bytes', { suffix: 16 }, 984, 1000],
  ['more last bytes than there are', { suffix: 2000 }, 0, 1000]
];

const BAD_RANGES: readonly ByteRange[] = [
  { start: 5, end: 5 },
  { start: 6, end: 5 },
  { start: -1, end: 5 },
  { start: 0.5, end: 5 },
  { start: NaN, end: 5 },
  { start: 0, end: Infinity },
  { suffix: 0 },
  { suffix: -4 },
  { suffix: NaN }
];

const BAD_KEYS = [
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  '../a',
  'a/../b',
  'a/./b',
  'a\\b',
  '%2e%2e/a',
  '%252e%252e/a',
  'a\0',
  'a\n'
];

/** The store of the test that runs. */
interface IGiven {
  readonly store: IReadableStore;
}

function itReads(given: IGiven): void {
  it('has a name for messages', () => {
    expect(given.store.name).toMatch(/\S/);
  });

  it('gives the bytes of every object', async () => {
    const keys = [...OBJECTS.keys()];
    const all = await Promise.all(keys.map(key => given.store.get(key)));
    expect(all.map(bytes => bytes && Buffer.from(bytes).toString('hex'))).toEqual(
      keys.map(key => Buffer.from(OBJECTS.get(key) ?? []).toString('hex'))
    );
  });

  it.each(RANGES)('gives %s', async (_text, range, start, end) => {
    expect(await given.store.getRange(KEY, range)).toEqual(BODY.subarray(start, end));
  });

  it('knows an empty object from an absent one', async () => {
    expect(await given.store.get('empty')).toEqual(new Uint8Array(0));
    expect(await given.store.getRange('empty', { suffix: 4 })).toEqual(new Uint8Array(0));
  });

  it('answers undefined for what does not exist', async () => {
    const { store } = given;
    expect(await store.get('image.zarr/0/c/9/9')).toBeUndefined();
    expect(await store.getRange('image.zarr/0/c/9/9', { start: 0, end: 4 })).toBeUndefined();
    expect(await store.getRange('image.zarr/0/c/9/9', { suffix: 4 })).toBeUndefined();
    expect(await store.get('image.zarr/0')).toBeUndefined();
    expect(await store.get('constructor')).toBeUndefined();
    expect(await store.get('__proto__')).toBeUndefined();
  });

  it('fails for a start beyond the object', async () => {
    expect(await outcomeOf(given.store.getRange(KEY, { start: 1000, end: 1001 }))).toBe('UPSTREAM_BAD');
  });
}

function itRefuses(given: IGiven): void {
  it.each(BAD_RANGES)('refuses the range %j', async range => {
    expect(await outcomeOf(given.store.getRange(KEY, range))).toBe('BAD_REQUEST');
  });

  it('refuses a range above 64 MiB before anything is read', async () => {
    expect(await outcomeOf(given.store.getRange(KEY, { start: 0, end: 64 * 2 ** 20 + 1 }))).toBe('TOO_LARGE');
    expect(await outcomeOf(given.store.getRange(KEY, { suffix: 2 ** 50 }))).toBe('TOO_LARGE');
  });

  it.each(BAD_KEYS)('refuses the key %j', async key => {
    expect(await outcomeOf(given.store.get(key))).toBe('PATH_DENIED');
    expect(await outcomeOf(given.store.getRange(key, { start: 0, end: 1 }))).toBe('PATH_DENIED');
  });
}

function itCanBeLeft(given: IGiven): void {
  it('rejects with the reason of a signal that has fired', async () => {
    const controller = new AbortController();
    controller.abort();
    expect(await outcomeOf(given.store.get(KEY, { signal: controller.signal }))).toBe('ABORTED');
    const reason = new Error('left');
    const signal = AbortSignal.abort(reason);
    await expect(given.store.getRange(KEY, { start: 0, end: 1 }, { signal })).rejects.toBe(reason);
  });

  it('rejects one read that is cancelled while it runs, and no other', async () => {
    const controller = new AbortController();
    const left = outcomeOf(given.store.get('image.zarr/zarr.json', { signal: controller.signal }));
    const stays = given.store.get('image.zarr/zarr.json');
    const other = given.store.get(KEY);
    controller.abort();
    expect(await left).toBe('ABORTED');
    expect(await stays).toEqual(OBJECTS.get('image.zarr/zarr.json'));
    expect(await other).toEqual(BODY);
  });
}

/**
 * What every readable store does, whatever it reads from. `make` is handed the objects and gives a store over them;
 * it is called once per test.
 */
export function storeContract(
  name: string,
  make: (objects: ReadonlyMap<string, Uint8Array>) => IStoreFixture | Promise<IStoreFixture>
): void {
  describe(`${name} as a readable store`, () => {
    let fixture: IStoreFixture;
    beforeEach(async () => {
      fixture = await make(OBJECTS);
    });
    afterEach(async () => fixture.close?.());

    const given: IGiven = {
      get store() {
        return fixture.store;
      }
    };
    itReads(given);
    itRefuses(given);
    itCanBeLeft(given);
  });
}
