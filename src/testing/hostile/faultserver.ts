import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong on the way of one chunk. `shifted` says so in its Content-Range, `shifted unsaid` does not. */
export const FAULTS = [
  'none',
  'ignored Range',
  'shifted',
  'shifted unsaid',
  'truncated',
  'cut on the way',
  'extended',
  'swapped',
  'stale',
  'flipped byte',
  'login page',
  'slow',
  'reset'
] as const;

export type Fault = (typeof FAULTS)[number];

/** One place of the server with its own objects and its own fault. */
export interface IFaultPlace {
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** The same image at another time, as far as its objects differ. */
  readonly older: ReadonlyMap<string, Uint8Array>;
  readonly fault: Fault;
  /** The object of the chunk, and that of another chunk; in a shard, its range and that of another. */
  readonly key: string;
  readonly other: string;
  readonly range?: readonly [number, number];
  readonly otherRange?: readonly [number, number];
  /** How many answers are bad; all where it is Infinity. */
  times: number;
  /** ETags as object stores give them: the MD5 of the object. */
  readonly etags: boolean;
  /** In [0, 1): which byte is flipped, how much is cut. */
  readonly dice: number;
}

export interface IFaultServer {
  /** Address of a place, without a slash at the end. */
  add(place: IFaultPlace): string;
  /** How often the chunk of a place has been asked for. */
  asked(url: string): number;
  close(): Promise<void>;
}

const LOGIN = Buffer.from('<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>');

interface IAnswer {
  status: number;
  body: Uint8Array;
  headers: Record<string, string>;
}

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function rangeOf(request: IncomingMessage): [number, number] | null {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  return match && [Number(match[1]), Number(match[2]) + 1];
}

/** The right answer. */
function honest(bytes: Uint8Array, range: readonly [number, number] | null, etags: boolean): IAnswer {
  const headers: Record<string, string> = etags ? { ETag: etagOf(bytes) } : {};
  if (!range) {
    return { status: 200, body: bytes, headers };
  }
  const end = Math.min(range[1], bytes.length);
  headers['Content-Range'] = `bytes ${range[0]}-${end - 1}/${bytes.length}`;
  return { status: 206, body: bytes.subarray(range[0], end), headers };
}

/** The bad answer; `null` where there is none and the connection breaks or stays silent. */
function spoilt(place: IFaultPlace, bytes: Uint8Array, range: readonly [number, number] | null): IAnswer | null {
  const { fault, dice, etags } = place;
  const right = honest(bytes, range, etags);
  const { body } = right;
  const at = Math.floor(dice * body.length);
  switch (fault) {
    case 'ignored Range':
      return honest(bytes, null, etags);
    case 'shifted':
    case 'shifted unsaid': {
      const by = 1 + Math.floor(dice * 7);
      if (!range) {
        return { ...right, body: Uint8Array.from([...body.subarray(by), ...body.subarray(0, by)]) };
      }
      const moved = honest(bytes, [range[0] - by, range[1] - by], etags);
      return fault === 'shifted' ? moved : { ...right, body: moved.body };
    }
    case 'truncated':
      return { ...right, body: body.subarray(0, Math.min(at, body.length - 1)) };
    case 'extended':
      return { ...right, body: Uint8Array.from([...body, ...body.subarray(0, 1 + at)]) };
    case 'swapped':
      return place.otherRange && range
        ? { ...right, body: bytes.subarray(...place.otherRange) }
        : honest(place.objects.get(place.other) ?? bytes, range, etags);
    case 'stale': {
      const old = place.older.get(place.key) ?? bytes;
      // A cache in between keeps the bytes of before under the name of now; of an object read in parts it shows its age.
      return range ? honest(old, range, etags) : { ...right, body: old };
    }
    case 'flipped byte':
      return { ...right, body: body.map((byte, i) => (i === at ? byte ^ (1 << Math.floor(dice * 8)) : byte)) };
    case 'login page':
      return {
        status: 200,
        body: LOGIN,
        headers: { 'Content-Type': dice < 0.5 ? 'text/html' : 'application/octet-stream' }
      };
    default:
      return null;
  }
}

function send(response: ServerResponse, { status, body, headers }: IAnswer): void {
  response.writeHead(status, { 'Content-Length': String(body.length), ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Ends the answer the hard way, or not at all. */
function breakOff(
  place: IFaultPlace,
  bytes: Uint8Array,
  range: readonly [number, number] | null,
  response: ServerResponse
): void {
  if (place.fault === 'slow') {
    return; // silence; the connections end with the server
  }
  const right = honest(bytes, range, place.etags);
  if (place.fault === 'reset' && place.dice < 0.5) {
    response.destroy();
    return;
  }
  // With its length told (cut on the way), or in chunks that never end (reset).
  const told = place.fault === 'cut on the way' ? { 'Content-Length': String(right.body.length) } : {};
  response.writeHead(right.status, { ...right.headers, ...told });
  response.write(right.body.subarray(0, Math.floor(place.dice * right.body.length)), () =>
    setTimeout(() => response.destroy(), 1)
  );
}

/** A real HTTP server on a free port of this machine; every place below it misbehaves in its own way. */
export async function startFaultServer(): Promise<IFaultServer> {
  const places: IFaultPlace[] = [];
  const asked: number[] = [];
  const server = createServer((request, response) => {
    const [, number, ...rest] = (request.url ?? '').split('/').map(decodeURIComponent);
    const place = places[Number(number)];
    const key = rest.join('/');
    const bytes = place?.objects.get(key);
    if (!place || !bytes) {
      send(response, { status: 404, body: new Uint8Array(0), headers: {} });
      return;
    }
    const range = rangeOf(request);
    // Of a shard only the part with the chunk is hit, so that the index is right; questions for the size always are.
    const hit = key === place.key && request.method === 'GET' && (!place.range || range?.[0] === place.range[0]);
    asked[Number(number)] = (asked[Number(number)] ?? 0) + (hit ? 1 : 0);
    if (!hit || place.fault === 'none' || place.times <= 0) {
      send(response, honest(bytes, range, place.etags));
      return;
    }
    place.times -= 1;
    const answer = spoilt(place, bytes, range);
    if (answer) {
      send(response, answer);
    } else {
      breakOff(place, bytes, range, response);
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is one
  return {
    add: place => `http://127.0.0.1:${port}/${places.push(place) - 1}`,
    asked: url => asked[Number(url.slice(url.lastIndexOf('/') + 1))] ?? 0,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}
