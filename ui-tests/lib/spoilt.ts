import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { groupsIn, recordingOf, type Recording } from '../../src/ngff/__tests__/recorded';

/** Longest side that images are made, and chunks: what is recorded of real ones is metadata, their pixels are made on the way. */
const [SIDE, CHUNK] = [256, 64];

type Json = Record<string, unknown>;

const text = (value: unknown): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(value)));
const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);

/** The sides of the largest level below a folder, so that all levels shrink alike. */
function largest(recording: Recording, folder: string): number {
  const shapes = [...recording]
    .filter(([key]) => key.startsWith(folder) && /(\.zarray|zarr\.json)$/.test(key))
    .map(([, bytes]) => numbers((JSON.parse(Buffer.from(bytes).toString()) as Json).shape).slice(-2));
  return Math.max(1, ...shapes.flat());
}

/** One array, smaller along its last two axes, in small chunks without a codec. */
function small(document: Json, divisor: number): Json {
  const shape = numbers(document.shape);
  const cut = shape.map((size, axis) => (axis < shape.length - 2 ? size : Math.max(1, Math.ceil(size / divisor))));
  const chunks = cut.map((size, axis) => (axis < shape.length - 2 ? 1 : Math.min(size, CHUNK)));
  if (document.zarr_format === 2) {
    return { ...document, shape: cut, chunks, compressor: null, filters: null, order: 'C', dimension_separator: '/' };
  }
  return {
    ...document,
    shape: cut,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    codecs: [{ name: 'bytes', configuration: { endian: 'little' } }]
  };
}

/** The recordings of all real images and plates below `root`, with arrays small enough to be drawn in a moment. */
export function smallRecordings(root: string): Recording[] {
  return groupsIn(root).map(folder => {
    const recording = recordingOf(`${root}/${folder}`);
    const made: Recording = new Map(recording);
    for (const [key, bytes] of recording) {
      const document = /(\.zarray|zarr\.json)$/.test(key) ? (JSON.parse(Buffer.from(bytes).toString()) as Json) : {};
      if (Array.isArray(document.shape) && document.shape.length > 1) {
        const image = key.split('/').slice(0, -2).join('/');
        made.set(key, text(small(document, Math.ceil(largest(recording, image) / SIDE))));
      }
    }
    return made;
  });
}

/** Bytes of one chunk of an array of the recording; no two rows of it are alike. */
function chunkOf(recording: Recording, key: string): Uint8Array | null {
  const [, folder] = /^(.*?)\/(?:c\/)?\d+(?:\/\d+)*$/.exec(key) ?? [];
  for (let at: string | undefined = folder; at !== undefined; ) {
    const bytes = recording.get(`${at}/.zarray`) ?? recording.get(`${at}/zarr.json`);
    const size = bytes ? sizeOf(JSON.parse(Buffer.from(bytes).toString()) as Json) : null;
    if (size !== null) {
      return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 7) * 3) & 0x3f);
    }
    // Levels have numbers for names too: the next longer path that the key begins with.
    const more = /^\/[^/]+(?=\/)/.exec(key.slice(at.length));
    at = more ? at + more[0] : undefined;
  }
  return null;
}

function sizeOf({ chunks, chunk_grid: grid, dtype, data_type: type }: Json): number | null {
  const lengths = numbers(chunks ?? ((grid as Json | undefined)?.configuration as Json | undefined)?.chunk_shape);
  const bits = /(\d+)$/.exec(String(type ?? dtype ?? ''))?.[1];
  const item = type === undefined ? Number(bits) : Number(bits) / 8;
  return lengths.length > 0 && item >= 1 ? lengths.reduce((product, length) => product * length, item) : null;
}

/** A server of recordings under numbers: `/<n>/<key>`; their chunks are those of the unspoilt arrays. */
export interface ISpoiltServer {
  url: string;
  /** Puts a spoilt recording and the one it was made of; returns its number. */
  add(spoilt: Recording, good: Recording): number;
  close(): Promise<void>;
}

export async function serveSpoilt(): Promise<ISpoiltServer> {
  const all: [Recording, Recording][] = [];
  const open = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*', 'Access-Control-Expose-Headers': '*', 'Access-Control-Max-Age': '600' };
  const server = createServer((request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, open).end();
      return;
    }
    const [, number, ...rest] = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname).split('/');
    const [spoilt, good] = all[Number(number)] ?? [new Map(), new Map()];
    const key = rest.join('/');
    const bytes = spoilt.get(key) ?? (good.has(key) ? null : chunkOf(good, key));
    response.writeHead(bytes ? 200 : 404, { ...open, 'Content-Length': String(bytes?.length ?? 0), 'Content-Type': 'application/octet-stream' });
    response.end(request.method === 'HEAD' || !bytes ? undefined : bytes);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (spoilt, good) => all.push([spoilt, good]) - 1,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}
