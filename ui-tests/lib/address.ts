import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The byte at one place of the image whose pixels are their own addresses: a hash of it, so that a pixel of any other place,
 * plane or level is another one in 255 of 256 cases. It runs in the page too, so it names nothing from outside.
 */
export function addressByte(level: number, t: number, c: number, z: number, y: number, x: number): number {
  let h = Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ ((z + 1) * 0x01000193), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ ((t * 64 + c * 8 + level + 1) * 0x27d4eb2f), 0x165667b1);
  return (h ^ (h >>> 16)) & 255;
}

/** One level; scale and offset in level-0 pixels, x first, offset of the corner of pixel (0, 0). */
export interface IAddressLevel {
  width: number;
  height: number;
  depth: number;
  scale: [number, number];
  offset: [number, number];
  /** Planes of level 0 in one plane of this. */
  ratio: number;
  /** Width and height of a chunk. */
  chunk: [number, number];
}

export const TIMES = 3;
export const CHANNELS = 4;
/** Sizes that no factor divides, factors that are not 2, levels that start between pixels: as real pyramids have them. */
export const LEVELS: readonly IAddressLevel[] = [
  { width: 1303, height: 1001, depth: 40, scale: [1, 1], offset: [0, 0], ratio: 1, chunk: [500, 400] },
  { width: 434, height: 333, depth: 20, scale: [3, 3], offset: [0.5, 0.75], ratio: 2, chunk: [256, 150] },
  { width: 108, height: 83, depth: 10, scale: [12, 12], offset: [5.5, 2.25], ratio: 4, chunk: [64, 64] }
];
export const COLORS = ['FF0000', '00FF00', '0000FF', '404040'];

/** A request for a chunk. */
export interface IChunkRequest {
  level: number;
  t: number;
  c: number;
  z: number;
  /** When it came, ms since the epoch. */
  at: number;
  /** The answer went out whole, or the other side closed before. */
  outcome: 'open' | 'answered' | 'aborted';
}

export interface IAddressServer {
  url: string;
  chunks: IChunkRequest[];
  close(): Promise<void>;
}

function attributes(): object {
  const names = ['t', 'c', 'z', 'y', 'x'];
  const type = (name: string) => (name === 't' ? 'time' : name === 'c' ? 'channel' : 'space');
  const datasets = LEVELS.map(({ scale: [x, y], offset: [left, top], ratio }, path) => ({
    path: String(path),
    coordinateTransformations: [
      { type: 'scale', scale: [1, 1, ratio, y, x] },
      // translations name the middle of the first pixel
      { type: 'translation', translation: [0, 0, 0, top + (y - 1) / 2, left + (x - 1) / 2] }
    ]
  }));
  const channels = COLORS.map((color, i) => ({ color, label: `c${i}`, active: i < 3, window: { start: 0, end: 255, min: 0, max: 255 } }));
  return {
    multiscales: [{ version: '0.4', name: 'addresses', axes: names.map(name => ({ name, type: type(name) })), datasets }],
    omero: { channels }
  };
}

function chunk(level: number, [t, c, z, row, column]: number[]): Buffer {
  const { chunk: [width, height] } = LEVELS[level];
  const bytes = Buffer.alloc(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      bytes[y * width + x] = addressByte(level, t, c, z, row * height + y, column * width + x);
    }
  }
  return bytes;
}

function document(level: number): object {
  const { width, height, depth, chunk: [w, h] } = LEVELS[level];
  return {
    zarr_format: 2, shape: [TIMES, CHANNELS, depth, height, width], chunks: [1, 1, 1, h, w], dtype: '|u1',
    compressor: null, filters: null, fill_value: 0, order: 'C', dimension_separator: '/'
  };
}

/** An object store far away that holds `addresses.zarr`; each answer waits for `delay` ms. */
export async function serveAddresses(delay: number): Promise<IAddressServer> {
  const chunks: IChunkRequest[] = [];
  const open = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*', 'Access-Control-Expose-Headers': '*', 'Access-Control-Max-Age': '600' };
  const send = (response: ServerResponse, body: Buffer | null): void => {
    if (body === null) {
      response.writeHead(404, open).end();
    } else {
      response.writeHead(200, { ...open, 'Content-Type': 'application/octet-stream', 'Content-Length': body.length, ETag: '"1"' }).end(body);
    }
  };
  const server = createServer((request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, open).end();
      return;
    }
    const key = new URL(request.url ?? '/', 'http://x').pathname.replace(/^\/addresses\.zarr\//, '');
    const found = /^(\d)\/(\d+)\/(\d+)\/(\d+)\/(\d+)\/(\d+)$/.exec(key);
    if (!found) {
      const level = /^(\d)\/\.zarray$/.exec(key)?.[1];
      const json = key === '.zattrs' ? attributes() : key === '.zgroup' ? { zarr_format: 2 } : level && LEVELS[Number(level)] ? document(Number(level)) : null;
      setTimeout(() => send(response, json && Buffer.from(JSON.stringify(json))), delay);
      return;
    }
    const [level, ...index] = found.slice(1).map(Number);
    const record: IChunkRequest = { level, t: index[0], c: index[1], z: index[2], at: performance.timeOrigin + performance.now(), outcome: 'open' };
    chunks.push(record);
    response.on('close', () => (record.outcome = response.writableFinished ? 'answered' : 'aborted'));
    setTimeout(() => response.destroyed || send(response, chunk(level, index)), delay);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chunks,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}
