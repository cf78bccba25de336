import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync } from 'node:zlib';

/** What is answered to one request; `hang` answers nothing, `reset` breaks off after half of the body. */
export interface IReply {
  status?: number;
  body?: Buffer | string;
  headers?: Record<string, string>;
  hang?: boolean;
  reset?: boolean;
  /** Without the headers that let a browser read it from another origin. */
  closed?: boolean;
}

/** Decides on one key of a good image; `good` is its object, `undefined` where there is none. */
export type Fault = (key: string, good: Buffer | undefined, all: ReadonlyMap<string, Buffer>) => IReply;

export interface IFaultServer {
  url: string;
  close(): Promise<void>;
}

const SIZE = 128;
const CHUNK = 64;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** A good image that faults are put into: c, y, x, two levels, compressed, no two pixels of a plane alike. */
function good(): Map<string, Buffer> {
  const objects = new Map<string, Buffer>();
  const axes = [{ name: 'c', type: 'channel' }, { name: 'y', type: 'space' }, { name: 'x', type: 'space' }];
  const datasets = [0, 1].map(level => ({ path: String(level), coordinateTransformations: [{ type: 'scale', scale: [1, 2 ** level, 2 ** level] }] }));
  const channels = ['FF0000', '00FF00'].map((color, i) => ({ color, label: `c${i}`, active: true, window: { start: 0, end: 16383, min: 0, max: 65535 } }));
  objects.set('.zgroup', json({ zarr_format: 2 }));
  objects.set('.zattrs', json({ multiscales: [{ version: '0.4', name: 'good', axes, datasets }], omero: { channels } }));
  for (const level of [0, 1]) {
    const size = SIZE >> level;
    objects.set(`${level}/.zarray`, json({ zarr_format: 2, shape: [2, size, size], chunks: [1, CHUNK, CHUNK], dtype: '<u2', compressor: { id: 'zlib', level: 1 }, filters: null, fill_value: 0, order: 'C', dimension_separator: '/' }));
    for (const c of [0, 1]) {
      for (let y = 0; y < size / CHUNK; y++) {
        for (let x = 0; x < size / CHUNK; x++) {
          const words = Uint16Array.from({ length: CHUNK * CHUNK }, (_, i) => (y * CHUNK + Math.floor(i / CHUNK)) * size + x * CHUNK + (i % CHUNK) + c);
          objects.set(`${level}/${c}/${y}/${x}`, deflateSync(Buffer.from(words.buffer)));
        }
      }
    }
  }
  return objects;
}

/** Replaces a part of one JSON document of the good image. */
export function changed(document: string, change: (value: Record<string, unknown>) => unknown): Fault {
  return (key, object) => (object && key === document ? { body: json(change(JSON.parse(object.toString()) as Record<string, unknown>)) } : {});
}

/** Serves the good image under every name of `faults`, each with its own fault: `/<name>/<key>`. */
export async function serveFaults(faults: Readonly<Record<string, Fault>>): Promise<IFaultServer> {
  const objects = good();
  const open = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*', 'Access-Control-Expose-Headers': '*', 'Access-Control-Max-Age': '600' };
  const send = (response: ServerResponse, range: string | undefined, method: string, { status, body, headers = {}, reset = false, closed = false }: IReply): void => {
    const all = Buffer.from(body ?? '');
    const part = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
    const cut = part && (status ?? 200) === 200 ? all.subarray(Number(part[1]), part[2] ? Number(part[2]) + 1 : undefined) : null;
    const type = { 'Content-Type': 'application/octet-stream', 'Content-Length': String((cut ?? all).length), 'Accept-Ranges': 'bytes', ETag: `"${all.length}"` };
    const where = cut ? { 'Content-Range': `bytes ${part![1]}-${Number(part![1]) + cut.length - 1}/${all.length}` } : {};
    response.writeHead(cut ? 206 : status ?? 200, { ...(closed ? {} : open), ...type, ...where, ...headers });
    if (reset) {
      response.write(all.subarray(0, all.length / 2));
      setTimeout(() => response.destroy(), 50);
      return;
    }
    response.end(method === 'HEAD' ? undefined : cut ?? all);
  };
  const server = createServer((request, response) => {
    const [, name, ...rest] = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname).split('/');
    const key = rest.join('/');
    const object = objects.get(key);
    const fault = faults[name];
    const reply = fault?.(key, object, objects) ?? {};
    if (request.method === 'OPTIONS') {
      response.writeHead(reply.closed ? 405 : 204, reply.closed ? {} : open).end();
    } else if (!reply.hang) {
      const absent = reply.status === undefined && reply.body === undefined && object === undefined;
      send(response, request.headers.range, request.method ?? 'GET', absent ? { ...reply, status: 404 } : { body: object, ...reply });
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}
