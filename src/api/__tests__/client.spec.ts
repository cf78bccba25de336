import { ServerConnection } from '@jupyterlab/services';
import { readFrames } from '../../core';
import { encodeFrame, outcomeOf, streamOf } from '../../testing';
import { BioImageClient } from '..';

type Answer = (request: Request) => Response | Promise<Response>;

/** A client whose network is `answer`; requests are recorded as they would go out. */
function makeClient(answer: Answer, baseUrl = 'http://localhost:8888/user/a@b/') {
  const requests: Request[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl,
    token: 'secret-token',
    fetch: async input => {
      const request = input as Request; // makeRequest always hands over one
      requests.push(request);
      return answer(request);
    }
  });
  return { client: new BioImageClient(settings), requests };
}

const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });
const html = (status: number): Response =>
  new Response('<!DOCTYPE html><title>Sign in</title>', {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8' }
  });
const frames = (): Response =>
  new Response(streamOf([encodeFrame({ i: 0, status: 404 }), encodeFrame({ end: 1 })]), {
    headers: { 'content-type': 'application/octet-stream' }
  });

const label = 'IDR';
const STORE = {
  id: 'idr',
  label,
  kind: 's3',
  prefixes: ['https://a/b'],
  prefer: 'auto',
  absentIs403: true,
  access: { endpoint: 'https://a', bucket: 'b', prefix: 'c' }
};
const signal = new AbortController().signal;

async function headersOf(stream: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const headers: unknown[] = [];
  for await (const { header } of readFrames(stream)) {
    headers.push(header);
  }
  return headers;
}

describe('BioImageClient', () => {
  it.each([
    ['http://localhost:8888/', 'http://localhost:8888/bioimage/stores'],
    ['http://localhost:8888/user/a@b/', 'http://localhost:8888/user/a@b/bioimage/stores'],
    ['http://localhost:8888/user/a%40b', 'http://localhost:8888/user/a%40b/bioimage/stores']
  ])('asks below the base URL of its settings, %s', async (baseUrl, expected) => {
    const { client, requests } = makeClient(() => json({ stores: [] }), baseUrl);
    expect(await client.stores()).toEqual([]);
    expect(requests.map(({ url, method, cache }) => [url, method, cache])).toEqual([[expected, 'GET', 'default']]);
    expect(requests[0].headers.get('authorization')).toBe('token secret-token');
  });

  it('reads the stores field by field', async () => {
    const folder = {
      ...STORE,
      id: 'files',
      kind: 'folder',
      absentIs403: undefined,
      access: { root: '/home/x' },
      more: 1
    };
    const { client } = makeClient(() => json({ stores: [{ ...STORE, direct: 'https://a/b/' }, folder] }));
    expect(await client.stores()).toEqual([
      { ...STORE, direct: 'https://a/b' },
      { ...STORE, id: 'files', kind: 'folder', absentIs403: false, access: { root: '/home/x' } }
    ]);
  });

  it.each([
    ['stores', {}],
    ['stores', { stores: {} }],
    ['stores', { stores: ['idr'] }],
    ['id', { stores: [{ ...STORE, id: 7 }] }],
    ['kind', { stores: [{ ...STORE, kind: 'ftp' }] }],
    ['prefer', { stores: [{ ...STORE, prefer: null }] }],
    ['prefixes', { stores: [{ ...STORE, prefixes: [1] }] }],
    ['direct', { stores: [{ ...STORE, direct: 1 }] }],
    ['access', { stores: [{ ...STORE, access: [] }] }],
    ['root', { stores: [{ ...STORE, access: { root: 1 } }] }]
  ])('names the field %s where the answer is wrong', async (where, answer) => {
    const { client } = makeClient(() => json(answer));
    await expect(client.stores()).rejects.toMatchObject({ code: 'UPSTREAM_BAD', where });
  });

  it('lists a folder page by page', async () => {
    const entries = [
      { name: 'a.zarr', kind: 'zarr' },
      { name: 'b', kind: 'file', size: 5 },
      { name: 'c', kind: 'folder', broken: true }
    ];
    const pages = [json({ entries, cursor: 'n x&y' }), json({ entries: [], cursor: null })];
    const { client, requests } = makeClient(() => pages.shift() ?? json({}));
    expect(await client.list('a/b', 'x y/#?%&+é')).toEqual({ items: entries, cursor: 'n x&y' });
    expect(await client.list('s', '', 'n x&y')).toEqual({ items: [] });
    const [first, second] = requests.map(({ url }) => new URL(url));
    expect(first.pathname).toBe('/user/a@b/bioimage/stores/a%2Fb/list');
    expect([...first.searchParams]).toEqual([['prefix', 'x y/#?%&+é']]);
    expect([...second.searchParams]).toEqual([
      ['prefix', ''],
      ['cursor', 'n x&y']
    ]);
    expect(await outcomeOf(client.list('s', ''))).toBe('UPSTREAM_BAD');
  });

  it('opens an image with one request', async () => {
    const { client, requests } = makeClient(frames);
    const view = {
      selection: { t: 1, region: [0, 5, 0, 5] as [number, number, number, number] },
      width: 800.4,
      height: 0
    };
    expect(await headersOf(await client.open('idr', 'a b/#.zarr', view, signal))).toEqual([{ i: 0, status: 404 }]);
    await client.open('idr', 'x', { selection: {}, width: 1, height: 1 }, signal);
    const [first, second] = requests.map(({ url }) => new URL(url));
    expect(first.pathname).toBe('/user/a@b/bioimage/stores/idr/open');
    expect([...first.searchParams]).toEqual([
      ['path', 'a b/#.zarr'],
      ['selection', '{"t":1,"region":[0,5,0,5]}'],
      ['size', '800x1']
    ]);
    expect([...second.searchParams]).toEqual([
      ['path', 'x'],
      ['size', '1x1']
    ]);
  });

  it('posts a batch', async () => {
    const { client, requests } = makeClient(frames);
    const items = [{ key: 'a' }, { key: 'b', start: 1, end: 2 }];
    expect(await headersOf(await client.batch('idr', items, signal))).toEqual([{ i: 0, status: 404 }]);
    expect(requests.map(({ url, method }) => [url, method])).toEqual([
      ['http://localhost:8888/user/a@b/bioimage/stores/idr/batch', 'POST']
    ]);
    expect(await requests[0].json()).toEqual({ items });
    expect(requests[0].headers.get('content-type')).toBe('application/json');
  });
});

describe('a failure of a request', () => {
  it('is the server’s own where it has answered', async () => {
    const error = { code: 'PATH_DENIED', message: 'No.', hint: 'Choose another.', id: '0123abcd' };
    const { client } = makeClient(() => json(error, 403));
    await expect(client.stores()).rejects.toMatchObject(error);
  });

  it.each([
    ['a chunk that is absent', () => json({ code: 'ABSENT', message: 'x' }, 404), 'NOT_FOUND'],
    ['a code of a later version', () => json({ code: 'TEAPOT', message: 'x' }, 418), 'UPSTREAM_BAD'],
    ['JSON that is not ours', () => json({ message: 'Forbidden' }, 403), 'SESSION_ENDED'],
    [
      'JSON that is none',
      () => new Response('{', { status: 500, headers: { 'content-type': 'application/json' } }),
      'UPSTREAM_BAD'
    ],
    ['a missing server part', () => html(404), 'UNSUPPORTED'],
    ['a login that refuses', () => html(403), 'SESSION_ENDED'],
    ['a login page as an answer', () => html(200), 'SESSION_ENDED'],
    ['no login', () => json({}, 401), 'SESSION_ENDED'],
    ['a server that the hub has stopped', () => html(424), 'SESSION_ENDED'],
    ['a redirect to a login', () => html(302), 'SESSION_ENDED'],
    ['too many requests', () => html(429), 'BUSY'],
    ['a proxy without a route', () => html(503), 'HUB_GONE'],
    ['a proxy without an upstream', () => html(502), 'HUB_GONE'],
    ['a request that is too long', () => html(413), 'TOO_LARGE'],
    ['no network', () => Promise.reject(new TypeError('Failed to fetch')), 'UPSTREAM_DOWN']
  ] as [string, Answer, string][])('for %s is a code of ours', async (_name, answer, code) => {
    const { client } = makeClient(answer);
    expect([
      await outcomeOf(client.stores()),
      await outcomeOf(client.open('s', 'p', { width: 1, height: 1 }, signal)),
      await outcomeOf(client.batch('s', [{ key: 'a' }], signal))
    ]).toEqual([code, code, code]);
  });

  it('is an ended session where the request was led to another page', async () => {
    const { client } = makeClient(() => {
      const response = json({ stores: [] });
      Object.defineProperty(response, 'redirected', { value: true });
      Object.defineProperty(response, 'url', { value: 'http://localhost:8888/hub/login?next=' });
      return response;
    });
    expect(await outcomeOf(client.stores())).toBe('SESSION_ENDED');
  });

  it('is no failure where the request was cancelled', async () => {
    const controller = new AbortController();
    const { client, requests } = makeClient(
      request =>
        new Promise((_resolve, reject) =>
          request.signal.addEventListener('abort', () => reject(request.signal.reason as Error))
        )
    );
    const read = outcomeOf(client.batch('s', [{ key: 'a' }], controller.signal));
    await new Promise(resolve => setTimeout(resolve, 0));
    controller.abort();
    expect([await read, requests[0].signal.aborted]).toEqual(['ABORTED', true]);
    expect(await outcomeOf(client.stores(AbortSignal.abort()))).toBe('ABORTED');
    expect(requests).toHaveLength(1);
  });
});

describe('a display-only picture', () => {
  it('tells what it shows, where the server says so', async () => {
    const region = (text?: string): Response =>
      new Response(Uint8Array.of(1, 2), {
        headers: { 'content-type': 'image/webp', ...(text && { 'X-BioImage-Region': text }) }
      });
    const ask = async (text?: string) => {
      const { client } = makeClient(() => region(text));
      return client.plane('idr', 'a.zarr', { selection: { z: 3 }, width: 20, height: 10 }, signal);
    };
    const { picture, region: shown } = await ask('5,25,0,40');
    expect([picture.size, shown]).toEqual([2, [5, 25, 0, 40]]);
    for (const odd of [undefined, '', '1,2,3', '5,5,0,4', '0,1.5,0,4']) {
      expect((await ask(odd)).region).toBeUndefined();
    }
  });
});
