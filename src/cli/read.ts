import { createHash } from 'node:crypto';
import { BioImageError, ByteLru, isAbort, toBioImageError } from '../core';
import { ITEM_BYTES, openArray, type IArray } from '../ngff';
import { ChunkReader, InlineDecoder, rangeOf, readRegion, type IChunkData, type IRegion } from '../pixels';
import { DirectStore, withRetry, type IReadableStore } from '../stores';
import { FolderStore } from './folder';
import { sessionStore } from './session';

/** What the command was asked for. */
interface IRequest {
  readonly places: readonly string[];
  readonly region?: string;
  readonly session?: { readonly server: string; readonly token: string; readonly store: string };
}

const CACHE = 256 << 20; // bytes of decoded chunks; a chunk is asked for once, so this only has to hold those in flight

const MOST_AXES = 6; // as images have; a single axis is read here though it is no image

const USAGE =
  'read [--region "y0:y1,x0:x1,…"] [--route session --server URL --token TOKEN --store ID] <array path or URL>...';

/** Splits the arguments; every option takes the argument that follows. */
function readArguments(args: readonly string[]): IRequest {
  const options = new Map<string, string>();
  const places: string[] = [];
  const known = ['--region', '--route', '--server', '--token', '--store'];
  for (let i = 0; i < args.length; i++) {
    if (!args[i].startsWith('--')) {
      places.push(args[i]);
      continue;
    }
    const value = args[i + 1];
    if (!known.includes(args[i]) || value === undefined) {
      throw new BioImageError('BAD_REQUEST', `Not understood: ${args[i]}.`, { hint: USAGE });
    }
    options.set(args[i], value);
    i += 1;
  }
  if (places.length === 0) {
    throw new BioImageError('BAD_REQUEST', 'No array is named.', { hint: USAGE });
  }
  const region = options.get('--region');
  const route = options.get('--route') ?? 'direct';
  if (route !== 'session') {
    return { places, region };
  }
  const [server, token, store] = ['--server', '--token', '--store'].map(name => options.get(name));
  if (server === undefined || store === undefined) {
    throw new BioImageError('BAD_REQUEST', 'The session route needs --server and --store.', { hint: USAGE });
  }
  return { places, region, session: { server, token: token ?? '', store } };
}

/** One slice per axis, `start:stop` with either left out; the whole array where nothing is given. */
export function readSlices(region: string | undefined, shape: readonly number[]): [number, number][] {
  if (region === undefined) {
    return shape.map(size => [0, size]);
  }
  const parts = region.split(',').map(part => /^\s*(\d*)\s*:\s*(\d*)\s*$/.exec(part));
  if (parts.length !== shape.length || parts.includes(null)) {
    throw new BioImageError(
      'BAD_REQUEST',
      `The region must have one start:stop per axis, of which there are ${shape.length}.`
    );
  }
  return parts.map((part, axis) => {
    const [start, stop] = [Number(part?.[1] || 0), part?.[2] ? Number(part[2]) : shape[axis]];
    // Ends are cut at the array as numpy does it; an empty or reversed slice reads nothing.
    const end = Math.min(stop, shape[axis]);
    return [Math.min(start, end), end];
  });
}

/** numbers as numbers, except those JSON or a double cannot hold */
function plain(value: number | bigint | boolean): number | string | boolean {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;
}

function describe(place: string, array: IArray, region: IRegion): Record<string, unknown> {
  const [min, max] = rangeOf(region.data, array.dtype);
  return {
    path: place,
    shape: region.shape,
    dtype: array.dtype, // numpy uses the names of Zarr v3
    sha256: createHash('sha256').update(region.data).digest('hex'),
    min: min === null ? null : plain(min),
    max: max === null ? null : plain(max),
    chunks: { shape: array.chunks, read: region.read, absent: region.absent }
  };
}

function openPlace(place: string, session: IRequest['session']): { store: IReadableStore; path: string } {
  if (session) {
    return { store: withRetry(sessionStore(session)), path: place.replace(/^\/+|\/+$/g, '') };
  }
  return /^https?:\/\//i.test(place)
    ? { store: withRetry(new DirectStore(place.replace(/\/+$/, ''))), path: '' }
    : { store: new FolderStore(place), path: '' };
}

async function readPlace(place: string, request: IRequest): Promise<Record<string, unknown>> {
  const { store, path } = openPlace(place, request.session);
  const array = await openArray(store, path);
  if (array.shape.length === 0 || array.shape.length > MOST_AXES) {
    throw new BioImageError('UNSUPPORTED', `This format is not supported: ${array.shape.length} axes.`);
  }
  const reader = new ChunkReader(store, array, new InlineDecoder(), new ByteLru<IChunkData>(CACHE));
  const slices = readSlices(request.region, array.shape);
  const bytes = slices.reduce<number>((product, [start, stop]) => product * (stop - start), ITEM_BYTES[array.dtype]);
  if (!Number.isSafeInteger(bytes)) {
    throw new BioImageError('TOO_LARGE', 'Too large to read at once. Name a region.');
  }
  return describe(place, array, await readRegion(reader, slices));
}

/**
 * `read`: reads arrays through the product's own stores, codecs and checks, and prints one JSON object a line.
 *
 * @returns the exit status: 0, or 1 where any array could not be read
 */
export async function read(
  args: readonly string[],
  print: (line: string) => void = line => console.log(line)
): Promise<number> {
  let status = 0;
  const fail = (path: string | undefined, error: unknown): void => {
    status = 1;
    const { code, message, hint } = isAbort(error)
      ? new BioImageError('UPSTREAM_DOWN', 'The reading was stopped.')
      : toBioImageError(error);
    print(JSON.stringify({ path, error: { code, message, hint } }));
  };
  let request: IRequest;
  try {
    request = readArguments(args);
  } catch (error) {
    fail(undefined, error);
    return status;
  }
  for (const place of request.places) {
    try {
      print(JSON.stringify(await readPlace(place, request)));
    } catch (error) {
      fail(place, error);
    }
  }
  return status;
}
