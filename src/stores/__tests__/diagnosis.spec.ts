import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServerConnection } from '@jupyterlab/services';
import { BioImageClient } from '../../api';
import { BioImageError, ERROR_CODES } from '../../core';
import { bytesOf, encodeFrame, streamOf } from '../../testing';
import { DirectStore, SessionStore, UpstreamError, withRetry } from '..';

type Answer = (response: ServerResponse) => void;

const send =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  response => {
    response.writeHead(status, headers).end(body);
  };
const xml = (status: number, code: string): Answer =>
  send(
    status,
    { 'Content-Type': 'application/xml' },
    `<?xml version="1.0"?><Error><Code>${code}</Code><Key>secret</Key></Error>`
  );

/** A fetch that a browser would have: `cors` false rejects as it does without CORS, `up` false as without a host. */
function browser({ cors = true, up = true }: { cors?: boolean; up?: boolean }): typeof fetch {
  return async (_url, init) => {
    if (!up || (!cors && init?.mode !== 'no-cors')) {
      throw new TypeError('Failed to fetch');
    }
    return new Response('x');
  };
}

/** One row: what goes wrong, and the code, the words of the cause and of the next step that must come of it. */
type Row = readonly [text: string, fault: () => Promise<unknown>, code: string, message: RegExp, hint: RegExp];

let server: Server;
let base = '';
let answer: Answer = send(500);

beforeAll(async () => {
  server = createServer((_request, response) => answer(response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const direct =
  (given: Answer, key = '0/0/0'): (() => Promise<unknown>) =>
  () => {
    answer = given;
    return new DirectStore(base, { timeouts: { first: 100, idle: 100 } }).get(key);
  };
const inBrowser = (options: Parameters<typeof browser>[0]) => (): Promise<unknown> =>
  new DirectStore('https://data.example/bucket', { fetch: browser(options) }).get('zarr.json');

const html = (status: number, headers: Record<string, string> = {}): Response =>
  new Response('<!doctype html><title>x</title>', { status, headers: { 'content-type': 'text/html', ...headers } });
const session = (given: () => Response | Promise<Response>) => (): Promise<unknown> => {
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost:8888/user/a/',
    fetch: async () => given()
  });
  return new BioImageClient(settings).stores();
};
const opaque = (): Response => {
  const response = Response.error();
  Object.defineProperty(response, 'type', { value: 'opaqueredirect' });
  return response;
};
const item = (header: Record<string, unknown>, body?: Uint8Array) => (): Promise<unknown> => {
  const stream = streamOf([encodeFrame({ i: 0, ...header }, body), encodeFrame({ end: 1 })]);
  const transport = { open: () => Promise.reject(new Error()), batch: () => Promise.resolve(stream) };
  return new SessionStore(transport, 's', '').get('k');
};

async function offline(work: () => Promise<unknown>): Promise<unknown> {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: false }, configurable: true });
  try {
    return await work();
  } finally {
    if (before) {
      Object.defineProperty(globalThis, 'navigator', before);
    } else {
      Reflect.deleteProperty(globalThis, 'navigator');
    }
  }
}

const ROWS: readonly Row[] = [
  // forbidden
  ['403', direct(send(403)), 'UPSTREAM_DENIED', /refused access\.$/, /not be public/],
  [
    '403 of S3',
    direct(xml(403, 'AccessDenied')),
    'UPSTREAM_DENIED',
    /refused access \(AccessDenied\)/,
    /not be public/
  ],
  ['403 of an unknown kind', direct(xml(403, 'OddThing')), 'UPSTREAM_DENIED', /\(OddThing\)/, /not be public/],
  ['an expired token', direct(xml(403, 'ExpiredToken')), 'UPSTREAM_DENIED', /has expired/, /new address/],
  ['a wrong clock', direct(xml(403, 'RequestTimeTooSkewed')), 'UPSTREAM_DENIED', /clock/, /Set the clock/],
  ['401', direct(send(401, { 'WWW-Authenticate': 'Basic' })), 'UPSTREAM_DENIED', /refused access/, /not be public/],
  ['a login of the proxy', item({ status: 407 }), 'UPSTREAM_DENIED', /proxy .* login/, /Log in to the proxy/],
  ['a captive network', direct(send(511)), 'UPSTREAM_DENIED', /network asks for a login/, /log in/],
  ['legal reasons', direct(send(451)), 'UPSTREAM_DENIED', /legal reasons/, /owner/],
  // not there
  ['no bucket, 404', direct(xml(404, 'NoSuchBucket'), 'zarr.json'), 'NOT_FOUND', /no such bucket/, /Check the address/],
  ['no bucket, 403', direct(xml(403, 'NoSuchBucket')), 'NOT_FOUND', /no such bucket/, /Check the address/],
  ['withdrawn', direct(send(410)), 'NOT_FOUND', /withdrawn/, /withdrawn/],
  // busy
  ['429 with seconds', direct(send(429, { 'Retry-After': '7' })), 'BUSY', /pause of 7 s/, /Wait 7 s/],
  ['503 with seconds', direct(send(503, { 'Retry-After': '120' })), 'BUSY', /pause of 120 s/, /Wait 120 s/],
  ['429 without', direct(send(429)), 'BUSY', /too many requests/, /wait/],
  ['SlowDown with 200', direct(xml(200, 'SlowDown')), 'BUSY', /pause/, /wait/],
  // faults of the store
  ['500', direct(send(500)), 'UPSTREAM_DOWN', /fault of its own \(status 500\)/, /try again/],
  ['500 of S3', direct(xml(500, 'InternalError')), 'UPSTREAM_DOWN', /status 500, InternalError/, /try again/],
  ['504', direct(send(504)), 'UPSTREAM_SLOW', /too slow \(status 504\)/, /coarser level/],
  ['silence', direct(() => undefined), 'UPSTREAM_SLOW', /nothing came for 0.1 s/, /coarser level/],
  ['400', direct(send(400)), 'UPSTREAM_BAD', /status 400/, /report it/],
  // wrong answers
  [
    'a login page with 200',
    direct(send(200, {}, '<!doctype html><form>')),
    'UPSTREAM_BAD',
    /page instead of data/,
    /login/
  ],
  [
    'an error of S3 with 200',
    direct(xml(200, 'AccessDenied')),
    'UPSTREAM_BAD',
    /error \(AccessDenied\) instead/,
    /report/
  ],
  [
    'a redirect to a host',
    direct(send(302, { Location: 'https://evil.example/x?token=1' })),
    'UPSTREAM_BAD',
    /redirect to evil\.example, which is not followed/,
    /address that they have now/
  ],
  [
    'a redirect to itself',
    direct(send(301, { Location: '/x/' })),
    'UPSTREAM_BAD',
    /another path of the same host/,
    /address/
  ],
  [
    'a redirect that the browser hides',
    () => new DirectStore('https://data.example', { fetch: async () => opaque() }).get('k'),
    'UPSTREAM_BAD',
    /redirect to another address/,
    /address/
  ],
  [
    'too large',
    direct(send(200, { 'Content-Length': String(120 * 2 ** 20) })),
    'TOO_LARGE',
    /120 MiB in one piece; 64 MiB/,
    /coarser level.*snippet/
  ],
  // no answer
  [
    'no CORS',
    inBrowser({ cors: false }),
    'UPSTREAM_DOWN',
    /data\.example answers, but does not let web pages read it \(no CORS\)/,
    /through the session/
  ],
  [
    'no host',
    inBrowser({ up: false }),
    'UPSTREAM_DOWN',
    /data\.example is not answering/,
    /Check the address and the connection/
  ],
  ['no network', () => offline(inBrowser({ up: false })), 'UPSTREAM_DOWN', /You are offline/, /Connect to the network/],
  [
    'a port nobody listens on',
    () => new DirectStore('http://127.0.0.1:1').get('k'),
    'UPSTREAM_DOWN',
    /127\.0\.0\.1:1 is not answering/,
    /address/
  ],
  // the session
  ['401 of the hub', session(() => html(401)), 'SESSION_ENDED', /asks for a login/, /Log in again/],
  ['403 of the hub', session(() => html(403)), 'SESSION_ENDED', /asks for a login/, /Log in again/],
  [
    '302 of the hub',
    session(() => html(302, { location: '/hub/login' })),
    'SESSION_ENDED',
    /led to another page/,
    /Log in again/
  ],
  ['302 that the browser hides', session(opaque), 'SESSION_ENDED', /led to another page/, /Log in again/],
  ['424 of the hub', session(() => html(424)), 'SESSION_ENDED', /runs no more/, /start it anew/],
  ['a page with 200', session(() => html(200)), 'SESSION_ENDED', /asks for a login/, /Log in again/],
  ['429 of the session', session(() => html(429, { 'retry-after': '3' })), 'BUSY', /pause of 3 s/, /Wait 3 s/],
  ['503 of the hub', session(() => html(503)), 'HUB_GONE', /hub cannot be reached/, /work here continues/],
  ['no server part', session(() => html(404)), 'UNSUPPORTED', /server part/, /operator/],
  [
    'no session',
    session(() => Promise.reject(new TypeError('x'))),
    'UPSTREAM_DOWN',
    /session is not answering/,
    /reload/
  ],
  [
    'no session, offline',
    () => offline(session(() => Promise.reject(new TypeError('x')))),
    'UPSTREAM_DOWN',
    /You are offline/,
    /Connect/
  ],
  [
    'a failure that the server tells',
    item({ status: 502, code: 'UPSTREAM_DENIED', message: 'No.', hint: 'Ask.' }),
    'UPSTREAM_DENIED',
    /^No\.$/,
    /^Ask\.$/
  ],
  ['a status that the server tells', item({ status: 403 }), 'UPSTREAM_DENIED', /refused access/, /not be public/],
  ['another length', item({ status: 200, size: 9 }, bytesOf('x')), 'UPSTREAM_BAD', /wrong length/, /report/]
];

describe('a fault', () => {
  it.each(ROWS)(
    'of this kind has its code, its cause and its next step: %s',
    async (_text, fault, code, message, hint) => {
      const error = await fault().then(
        () => null,
        (reason: unknown) => reason
      );
      expect(error).toBeInstanceOf(BioImageError);
      expect(error).toMatchObject({
        code,
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint)
      });
      const text = JSON.stringify([String(error), error]);
      expect(/secret|token=|<[a-z!]/i.test(text)).toBe(false);
      expect(text.length).toBeLessThan(1000);
    }
  );

  it('is in the table often enough, and most codes are', () => {
    const codes = new Set(ROWS.map(([, , code]) => code));
    console.info(`${ROWS.length} faults, ${codes.size} of ${ERROR_CODES.length} codes`);
    expect(ROWS.length).toBeGreaterThanOrEqual(30);
  });
});

describe('a store without CORS', () => {
  it('is probed once, and tried again once at most', async () => {
    const asked: (string | undefined)[] = [];
    const fetching: typeof fetch = (url, init) => {
      asked.push(init?.mode);
      return browser({ cors: false })(url, init);
    };
    const store = withRetry(new DirectStore('https://data.example/b', { fetch: fetching }));
    const outcomes = await Promise.all(['a', 'b', 'c'].map(key => store.get(key).catch((error: unknown) => error)));
    expect(outcomes.every(error => error instanceof UpstreamError && !error.retry)).toBe(true);
    expect(asked.filter(mode => mode === 'no-cors')).toHaveLength(1);
    expect(asked).toHaveLength(5);
  });

  it('that has answered before says what it may be', async () => {
    let cors = true;
    const store = new DirectStore('https://data.example/b', { fetch: (url, init) => browser({ cors })(url, init) });
    await store.get('a');
    cors = false;
    await expect(store.get('b')).rejects.toMatchObject({
      code: 'UPSTREAM_DOWN',
      message: expect.stringMatching(/gave an answer that it does not let web pages read/)
    });
  });

  it('is not what a connection that broke is taken for', async () => {
    let broken = 1;
    const fetching: typeof fetch = async (url, init) => {
      if (init?.mode !== 'no-cors' && broken-- > 0) {
        throw new TypeError('Failed to fetch');
      }
      return browser({})(url, init);
    };
    const store = withRetry(new DirectStore('https://data.example/b', { fetch: fetching }));
    expect(await store.get('a')).toHaveLength(1);
    broken = 2;
    expect(await store.get('b')).toHaveLength(1);
  });

  it('sends no credentials with the probe', async () => {
    const seen: RequestInit[] = [];
    const fetching: typeof fetch = (url, init) => {
      seen.push(init ?? {});
      return browser({ cors: false })(url, init);
    };
    await new DirectStore('https://data.example/b', { fetch: fetching }).get('a').catch(() => undefined);
    expect(seen[1]).toMatchObject({
      mode: 'no-cors',
      method: 'HEAD',
      credentials: 'omit',
      referrerPolicy: 'no-referrer'
    });
  });
});
