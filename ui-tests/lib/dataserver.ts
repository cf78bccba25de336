import { readFile, stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** One request as the server saw it; times in ms. */
export interface IRequest {
  key: string;
  method: string;
  status: number;
  arrived: number;
  left: number;
}

export interface IDataServer {
  url: string;
  requests: IRequest[];
  close(): Promise<void>;
}

/** A public object store for browsers: a folder over HTTP/1.1 with CORS, ranges, and a fixed delay per request. */
export async function serveFolder(root: string, delay = 0): Promise<IDataServer> {
  const requests: IRequest[] = [];
  const cors = {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Headers': '*',
    'Access-Control-Expose-Headers': 'Content-Length, Content-Range, ETag',
    'Access-Control-Max-Age': '600',
    'Accept-Ranges': 'bytes'
  };
  async function answer(key: string, range: string | undefined, method: string, response: ServerResponse): Promise<void> {
    const file = path.join(root, key);
    const info = file.startsWith(root + path.sep) ? await stat(file).catch(() => null) : null;
    if (!info?.isFile()) {
      response.writeHead(404, cors).end();
      return;
    }
    const headers = { ...cors, 'Content-Type': 'application/octet-stream', ETag: `"${info.mtimeMs}-${info.size}"` };
    const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    if (match) {
      const start = Number(match[1]);
      const end = Math.min(Number(match[2]) + 1, info.size);
      const body = (await readFile(file)).subarray(start, end);
      response.writeHead(206, { ...headers, 'Content-Length': body.length, 'Content-Range': `bytes ${start}-${end - 1}/${info.size}` });
      response.end(body);
      return;
    }
    response.writeHead(200, { ...headers, 'Content-Length': info.size });
    response.end(method === 'HEAD' ? undefined : await readFile(file));
  }
  const server = createServer((request, response) => {
    const method = request.method ?? 'GET';
    if (method === 'OPTIONS') {
      response.writeHead(204, cors).end();
      return;
    }
    const key = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname).slice(1);
    const record: IRequest = { key, method, status: 0, arrived: performance.now(), left: Infinity };
    requests.push(record);
    response.on('finish', () => {
      record.status = response.statusCode;
      record.left = performance.now();
    });
    setTimeout(() => void answer(key, request.headers.range, method, response), delay);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}

/** Sequential round trips: the longest chain of requests each of which arrived after the answer of the one before left. */
export function rounds(requests: readonly IRequest[]): number {
  const sorted = [...requests].sort((a, b) => a.arrived - b.arrived);
  const depth: number[] = [];
  sorted.forEach((request, i) => {
    depth.push(1 + Math.max(0, ...sorted.slice(0, i).map((before, j) => (before.left <= request.arrived ? depth[j] : 0))));
  });
  return Math.max(0, ...depth);
}
