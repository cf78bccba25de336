import { bytesOf, outcomeOf, startObjectServer, type IObjectServer, type ServerMode } from '../../testing';
import { DirectStore, UpstreamError } from '..';

const BODY = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 251);
const MIB = 2 ** 20;

/** Waits for what the other side of a connection notices in its own time; the test's own time limit ends it. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

const OBJECTS = new Map([
  ['a.zarr/0/c', BODY],
  ['a.zarr/zarr.json', bytesOf({ zarr_format: 3 })],
  ['a.zarr/OME/METADATA.ome.xml', bytesOf('<?xml version="1.0"?><OME/>')],
  ['a.companion.ome', bytesOf('<?xml version="1.0"?><OME/>')],
  ['large', new Uint8Array(5 * MIB)],
  ['huge', new Uint8Array(65 * MIB)]
]);

describe('DirectStore', () => {
  let server: IObjectServer;
  let store: DirectStore;
  beforeEach(async () => {
    server = await startObjectServer(OBJECTS);
    store = new DirectStore(server.url);
  });
  afterEach(() => server.close());

  const KEY = 'a.zarr/0/c';
  const whole = () => outcomeOf(store.get(KEY));
  const part = () => outcomeOf(store.getRange(KEY, { start: 10, end: 20 }));

  it.each<[ServerMode, string, string]>([
    ['good', 'ok', 'ok'],
    ['shifted-range', 'ok', 'UPSTREAM_BAD'],
    ['no-content-range', 'ok', 'UPSTREAM_BAD'],
    ['malformed-content-range', 'ok', 'UPSTREAM_BAD'],
    ['wrong-size', 'ok', 'UPSTREAM_BAD'],
    ['short-range', 'ok', 'UPSTREAM_BAD'],
    ['short-body', 'UPSTREAM_BAD', 'UPSTREAM_BAD'],
    ['endless-chunked', 'UPSTREAM_BAD', 'UPSTREAM_BAD'],
    ['login', 'UPSTREAM_BAD', 'UPSTREAM_BAD'],
    ['login-as-binary', 'UPSTREAM_BAD', 'UPSTREAM_BAD'],
    ['page', 'UPSTREAM_BAD', 'UPSTREAM_BAD'],
    ['s3-error', 'UPSTREAM_BAD', 'UPSTREAM_BAD'],
    ['s3-slow-down', 'BUSY', 'BUSY'],
    ['redirect', 'UPSTREAM_BAD', 'UPSTREAM_BAD'],
    ['forbidden', 'UPSTREAM_DENIED', 'UPSTREAM_DENIED'],
    ['unauthorized', 'UPSTREAM_DENIED', 'UPSTREAM_DENIED'],
    ['unavailable', 'BUSY', 'BUSY'],
    ['broken', 'UPSTREAM_DOWN', 'UPSTREAM_DOWN'],
    ['unsatisfiable', 'UPSTREAM_BAD', 'UPSTREAM_BAD'],
    ['gzip-range', 'UPSTREAM_BAD', 'UPSTREAM_BAD']
  ])('answers a store that is %s: %s for the whole, %s for a part', async (mode, expectedWhole, expectedPart) => {
    server.mode = mode;
    expect([await whole(), await part()]).toEqual([expectedWhole, expectedPart]);
  });

  it('does not follow a redirect', async () => {
    server.mode = 'redirect';
    await whole();
    expect(server.requests.map(({ url }) => url)).toEqual(['/a.zarr/0/c']);
  });

  it('sends no cookies, no credentials and no referrer, and asks for ranges past the cache', async () => {
    const seen: (RequestInit | undefined)[] = [];
    const spy: typeof fetch = (input, init) => {
      seen.push(init);
      return fetch(input, init);
    };
    store = new DirectStore(server.url, { fetch: spy });
    await store.get(KEY);
    await store.getRange(KEY, { start: 0, end: 4 });
    const common = { credentials: 'omit', redirect: 'manual', referrerPolicy: 'no-referrer' };
    expect(seen).toEqual([expect.objectContaining(common), expect.objectContaining({ ...common, cache: 'no-store' })]);
    expect(seen[0]?.cache).toBeUndefined();
    expect(server.requests.map(({ headers }) => [headers.cookie, headers.authorization, headers.referer])).toEqual(
      Array(2).fill([undefined, undefined, undefined])
    );
  });

  it('takes 403 for absent only where the store is marked so', async () => {
    server.mode = 'forbidden';
    const marked = new DirectStore(server.url, { absentIs403: true });
    expect([await marked.get(KEY), await marked.getRange(KEY, { suffix: 4 })]).toEqual([undefined, undefined]);
    server.mode = 'unauthorized';
    expect(await outcomeOf(marked.get(KEY))).toBe('UPSTREAM_DENIED');
  });

  it('cuts the part out of a small object where ranges are ignored', async () => {
    server.mode = 'ignore-range';
    expect(await store.getRange(KEY, { start: 10, end: 20 })).toEqual(BODY.slice(10, 20));
    expect(await store.getRange(KEY, { suffix: 5 })).toEqual(BODY.slice(995));
  });

  it('stops a large transfer where ranges are ignored', async () => {
    server.mode = 'ignore-range';
    expect(await outcomeOf(store.getRange('large', { start: 0, end: 4 }))).toBe('UPSTREAM_BAD');
  });

  it('refuses more than 64 MiB without reading them', async () => {
    expect(await outcomeOf(store.get('huge'))).toBe('TOO_LARGE');
    await until(() => server.requests[0].aborted);
  });

  it('accepts an object that travelled compressed', async () => {
    server.mode = 'gzip';
    expect(await store.get(KEY)).toEqual(BODY);
  });

  it('refuses a page in the place of a document whatever its type, and reads documents that are XML', async () => {
    const page = new Map([
      ['a/zarr.json', bytesOf(' <p>gone</p>')],
      ['a/0', bytesOf('<not a page>')]
    ]);
    const other = await startObjectServer(page);
    const pages = new DirectStore(other.url);
    expect([await outcomeOf(pages.get('a/zarr.json')), await outcomeOf(pages.get('a/0'))]).toEqual([
      'UPSTREAM_BAD',
      'ok'
    ]);
    await other.close();
    expect(await outcomeOf(store.get('a.zarr/OME/METADATA.ome.xml'))).toBe('ok');
    expect(await outcomeOf(store.get('a.companion.ome'))).toBe('ok');
  });

  it('asks for the end of an object by HEAD and an explicit range, and remembers the size', async () => {
    expect(await store.getRange(KEY, { suffix: 16 })).toEqual(BODY.slice(984));
    expect(await store.getRange(KEY, { suffix: 8 })).toEqual(BODY.slice(992));
    expect(server.requests.map(({ method, range }) => [method, range])).toEqual([
      ['HEAD', undefined],
      ['GET', 'bytes=984-999'],
      ['GET', 'bytes=992-999']
    ]);
  });

  it('learns the size by the first byte where HEAD is refused', async () => {
    server.mode = 'no-head';
    expect(await store.getRange(KEY, { suffix: 16 })).toEqual(BODY.slice(984));
    expect(server.requests.map(({ method, range }) => [method, range])).toEqual([
      ['HEAD', undefined],
      ['GET', 'bytes=0-0'],
      ['GET', 'bytes=984-999']
    ]);
  });

  it('notices that an object has changed its size', async () => {
    await store.getRange(KEY, { suffix: 16 });
    OBJECTS.set(KEY, BODY.slice(0, 990));
    const read = await outcomeOf(store.getRange(KEY, { start: 0, end: 4 }));
    OBJECTS.set(KEY, BODY);
    expect(read).toBe('CHANGED');
    // The next read starts from what is there now.
    expect(await outcomeOf(store.getRange(KEY, { suffix: 4 }))).toBe('ok');
  });

  it('hands on what the store says about waiting', async () => {
    server.mode = 'unavailable';
    const error: unknown = await store.get(KEY).catch((reason: unknown) => reason);
    expect(error instanceof UpstreamError && [error.retry, error.retryAfter]).toEqual([true, 7000]);
  });

  it('marks a body that broke off as worth another try', async () => {
    server.mode = 'short-body';
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'UPSTREAM_BAD', retry: true });
    server.mode = 'redirect';
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'UPSTREAM_BAD', retry: false });
  });

  it.each<ServerMode>(['silent', 'stall'])('gives up on a store that is %s', async mode => {
    store = new DirectStore(server.url, { timeouts: { first: 100, idle: 100 } });
    server.mode = mode;
    expect(await outcomeOf(store.get(KEY))).toBe('UPSTREAM_SLOW');
    await until(() => server.requests[0].aborted);
  });

  it.each<ServerMode>(['silent', 'stall'])('cancels a request to a store that is %s', async mode => {
    server.mode = mode;
    const controller = new AbortController();
    const read = outcomeOf(store.get(KEY, { signal: controller.signal }));
    const other = outcomeOf(store.get('a.zarr/none'));
    await new Promise(resolve => setTimeout(resolve, 80));
    controller.abort();
    expect([await read, await other]).toEqual(['ABORTED', 'ok']);
    await until(() => server.requests.some(({ url, aborted }) => url.endsWith('/c') && aborted));
  });

  it('tells a store that is down', async () => {
    await server.close();
    expect([await whole(), await part()]).toEqual(['UPSTREAM_DOWN', 'UPSTREAM_DOWN']);
  });

  it('says nothing of addresses in its errors', async () => {
    server.mode = 'broken';
    const error: unknown = await store.get(KEY).catch((reason: unknown) => reason);
    expect(String(error)).not.toContain('127.0.0.1');
  });
});

describe('DirectStore in a browser', () => {
  const answer = (status: number, headers: Record<string, string>, body: string, type: ResponseType = 'cors') => {
    const response = new Response(body, { status, headers });
    Object.defineProperty(response, 'type', { value: type });
    return response;
  };
  const read = (response: Response) =>
    outcomeOf(
      new DirectStore('https://store.example/b', { fetch: async () => response }).getRange('k', { start: 2, end: 6 })
    );

  it('accepts a part whose place is hidden only at exactly the length asked for', async () => {
    expect(await read(answer(206, {}, 'abcd'))).toBe('ok');
    expect(await read(answer(206, {}, 'abc'))).toBe('UPSTREAM_BAD');
    expect(await read(answer(206, {}, 'abcde'))).toBe('UPSTREAM_BAD');
    expect(await read(answer(206, {}, 'abcd', 'basic'))).toBe('UPSTREAM_BAD');
  });

  it('knows a redirect that the browser hides', async () => {
    const response = answer(200, {}, '', 'opaqueredirect');
    Object.defineProperty(response, 'status', { value: 0 });
    expect(await read(response)).toBe('UPSTREAM_BAD');
  });

  it('accepts a longer body than promised where the encoding is hidden, and no shorter one', async () => {
    const get = (length: string, body: string) =>
      outcomeOf(
        new DirectStore('https://store.example/b', {
          fetch: async () => answer(200, { 'content-length': length }, body)
        }).get('k')
      );
    expect([await get('3', 'abcdef'), await get('6', 'abcdef'), await get('7', 'abcdef')]).toEqual([
      'ok',
      'ok',
      'UPSTREAM_BAD'
    ]);
  });

  it('takes a failure without an answer, as for a store without CORS, for one that is down', async () => {
    const store = new DirectStore('https://store.example/b', {
      fetch: () => Promise.reject(new TypeError('Failed to fetch'))
    });
    expect(await outcomeOf(store.get('k'))).toBe('UPSTREAM_DOWN');
  });

  it('calls the platform without an object of ours as its this', async () => {
    const seen: unknown[] = [];
    const strict = function (this: unknown): Promise<Response> {
      seen.push(this);
      return Promise.resolve(answer(200, {}, 'a'));
    };
    await new DirectStore('https://store.example/b', { fetch: strict }).get('k');
    expect(seen).toEqual([undefined]);
  });
});
