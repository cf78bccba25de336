import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';

/** Ways in which a store or what stands before it goes wrong; the first is a good one. */
export type ServerMode =
  | 'good'
  | 'ignore-range'
  | 'shifted-range'
  | 'no-content-range'
  | 'malformed-content-range'
  | 'wrong-size'
  | 'short-range'
  | 'short-body'
  | 'endless-chunked'
  | 'login'
  | 'login-as-binary'
  | 'page'
  | 's3-error'
  | 's3-slow-down'
  | 'redirect'
  | 'forbidden'
  | 'unauthorized'
  | 'unavailable'
  | 'broken'
  | 'unsatisfiable'
  | 'gzip'
  | 'gzip-range'
  | 'no-head'
  | 'silent'
  | 'stall';

export interface IObjectRequest {
  method: string;
  /** As it stood in the request line. */
  url: string;
  range: string | undefined;
  headers: IncomingMessage['headers'];
  /** The client went before the answer was complete. */
  aborted: boolean;
}

export interface IObjectServer {
  /** Base URL without a slash at the end. */
  readonly url: string;
  readonly requests: IObjectRequest[];
  mode: ServerMode;
  /** Mode of the next requests, one by one, before `mode` counts again. */
  next: ServerMode[];
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => void;

/** Large bodies are written in pieces of this many bytes. */
const PIECE = 1 << 16;

const LOGIN = '<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>';

function rangeOf(request: IncomingMessage, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  return match && { start: Number(match[1]), end: Math.min(Number(match[2]) + 1, size) };
}

function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Uint8Array | string
): void {
  response.writeHead(status, { 'Content-Length': String(Buffer.byteLength(body)), ...headers });
  if (response.req.method === 'HEAD') {
    response.end();
  } else if (body.length > PIECE) {
    // Node takes one large write for done when the other side goes; pieces tell how far it came.
    const count = Math.ceil(body.length / PIECE);
    Readable.from(Array.from({ length: count }, (_, i) => body.slice(i * PIECE, (i + 1) * PIECE))).pipe(response);
  } else {
    response.end(body);
  }
}

/** Sends `[start, end)` of the object under a `Content-Range` that may say something else. */
function part(contentRange: (start: number, end: number, size: number) => string | null, shift = 0, cut = 0): Answer {
  return (request, response, bytes) => {
    const range = rangeOf(request, bytes.length);
    if (!range) {
      return good(request, response, bytes);
    }
    const told = contentRange(range.start, range.end, bytes.length);
    const headers: Record<string, string> = told === null ? {} : { 'Content-Range': told };
    send(response, 206, headers, bytes.subarray(range.start + shift, range.end + shift - cut));
  };
}

const truth = (start: number, end: number, size: number): string => `bytes ${start}-${end - 1}/${size}`;

const good: Answer = (request, response, bytes) => {
  const range = rangeOf(request, bytes.length);
  if (!range) {
    send(response, 200, { 'Content-Type': 'application/octet-stream' }, bytes);
  } else if (range.start >= bytes.length) {
    send(response, 416, { 'Content-Range': `bytes */${bytes.length}` }, '');
  } else {
    send(
      response,
      206,
      { 'Content-Range': truth(range.start, range.end, bytes.length) },
      bytes.subarray(range.start, range.end)
    );
  }
};

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    send(response, code, headers, '');

const ANSWERS: Record<ServerMode, Answer> = {
  good,
  'ignore-range': (_request, response, bytes) => send(response, 200, {}, bytes),
  'shifted-range': part((start, end, size) => truth(start + 1, end + 1, size), 1),
  'no-content-range': part(() => null),
  'malformed-content-range': part(() => 'bytes */*'),
  'wrong-size': part((start, end) => `bytes ${start}-${end - 1}/${end - 1}`),
  'short-range': part(truth, 0, 1),
  'short-body': (_request, response, bytes) => {
    response.writeHead(200, { 'Content-Length': String(bytes.length + 10) });
    response.write(bytes);
    setTimeout(() => response.destroy(), 20);
  },
  'endless-chunked': (_request, response, bytes) => {
    response.writeHead(200, { 'Transfer-Encoding': 'chunked' });
    response.write(bytes);
    setTimeout(() => response.destroy(), 20);
  },
  login: (_request, response) => send(response, 200, { 'Content-Type': 'text/html; charset=utf-8' }, LOGIN),
  'login-as-binary': (_request, response) => send(response, 200, { 'Content-Type': 'application/octet-stream' }, LOGIN),
  page: (_request, response) => send(response, 200, { 'Content-Type': 'text/html' }, '<p>This has moved.</p>'),
  's3-error': (_request, response) =>
    send(response, 200, { 'Content-Type': 'application/xml' }, '<Error><Code>AccessDenied</Code></Error>'),
  's3-slow-down': (_request, response) =>
    send(response, 200, { 'Content-Type': 'application/xml' }, '<Error><Code>SlowDown</Code></Error>'),
  redirect: status(302, { Location: '/elsewhere/0' }),
  forbidden: status(403),
  unauthorized: status(401),
  unavailable: status(503, { 'Retry-After': '7' }),
  broken: status(500),
  unsatisfiable: status(416),
  gzip: (_request, response, bytes) => send(response, 200, { 'Content-Encoding': 'gzip' }, gzipSync(bytes)),
  'gzip-range': (request, response, bytes) => {
    const range = rangeOf(request, bytes.length) ?? { start: 0, end: bytes.length };
    const headers = { 'Content-Encoding': 'gzip', 'Content-Range': truth(range.start, range.end, bytes.length) };
    send(response, 206, headers, gzipSync(bytes.subarray(range.start, range.end)));
  },
  'no-head': (request, response, bytes) =>
    request.method === 'HEAD' ? send(response, 405, {}, '') : good(request, response, bytes),
  silent: () => undefined,
  stall: (_request, response, bytes) => {
    response.writeHead(200, { 'Content-Length': String(bytes.length) });
    response.write(bytes.subarray(0, 1));
  }
};

/** A real HTTP server on a free port of this machine that holds `objects` and can misbehave in known ways. */
export async function startObjectServer(objects: ReadonlyMap<string, Uint8Array>): Promise<IObjectServer> {
  const requests: IObjectRequest[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const record: IObjectRequest = { method, url, headers, range: headers.range, aborted: false };
    requests.push(record);
    response.on('close', () => {
      record.aborted = !response.writableFinished;
    });
    const mode = state.next.shift() ?? state.mode;
    const bytes = url.includes('?')
      ? undefined
      : objects.get(url.split('/').slice(1).map(decodeURIComponent).join('/'));
    if (bytes) {
      ANSWERS[mode](request, response, bytes);
    } else {
      send(response, 404, {}, '<Error><Code>NoSuchKey</Code></Error>');
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is one
  const state: IObjectServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    mode: 'good',
    next: [],
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
  return state;
}
