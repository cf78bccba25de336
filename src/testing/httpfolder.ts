import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** A folder served over HTTP on a free port of this machine. */
export interface IHttpFolder {
  /** Address without a slash at the end. */
  readonly url: string;
  /** One entry per request, `GET /a/b 0-9`. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Serves `root` like a plain object store: GET and HEAD, single ranges, 404 for what is not there, no listing. */
export async function serveFolder(root: string): Promise<IHttpFolder> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    requests.push(`${request.method} ${name} ${(request.headers.range ?? '').replace('bytes=', '')}`.trim());
    const file = path.join(root, path.normalize(`/${name}`));
    void answer(file, request.method === 'HEAD', request.headers.range, response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      })
  };
}

async function answer(file: string, head: boolean, range: string | undefined, response: ServerResponse): Promise<void> {
  const found = await stat(file).catch(() => null); // whatever is wrong with it, there is nothing to serve
  if (!found?.isFile()) {
    response.writeHead(404, { 'Content-Length': 0 }).end();
    return;
  }
  const { size } = found;
  const type = { 'Content-Type': 'application/octet-stream', 'Accept-Ranges': 'bytes' };
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (!asked) {
    response.writeHead(200, { ...type, 'Content-Length': size });
    return void (head || size === 0 ? response.end() : createReadStream(file).pipe(response));
  }
  const [start, end] = [Number(asked[1]), Math.min(size - 1, asked[2] ? Number(asked[2]) : size - 1)];
  if (start >= size) {
    response.writeHead(416, { 'Content-Range': `bytes */${size}`, 'Content-Length': 0 }).end();
    return;
  }
  response.writeHead(206, {
    ...type,
    'Content-Length': end - start + 1,
    'Content-Range': `bytes ${start}-${end}/${size}`
  });
  if (head) {
    response.end();
  } else {
    createReadStream(file, { start, end }).pipe(response);
  }
}
