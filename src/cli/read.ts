import { createHash } from 'node:crypto';
import path from 'node:path';
import { BioImageError, ByteLru, isAbort, isBioImageError, say, toBioImageError } from '../core';
import { ITEM_BYTES, openArray, type IArray } from '../ngff';
import { ChunkReader, containedIn, InlineDecoder, jsonValue, openArchive, rangeOf, readRegion } from '../pixels';
import type { IChunkData, IContained, IRegion } from '../pixels';
import { below, DirectStore, withCache, withRetry, type IReadableStore } from '../stores';
import { openTiff } from '../tiff';
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

const USAGE = say`read [--region "y0:y1,x0:x1,…"] [--route session --server URL --token TOKEN --store ID] <array path or URL>...`;

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
      throw new BioImageError('BAD_REQUEST', say`Not understood: ${args[i]}.`, { hint: USAGE });
    }
    options.set(args[i], value);
    i += 1;
  }
  if (places.length === 0) {
    throw new BioImageError('BAD_REQUEST', say`No array is named.`, { hint: USAGE });
  }
  const region = options.get('--region');
  const route = options.get('--route') ?? 'direct';
  if (route !== 'session') {
    return { places, region };
  }
  const [server, token, store] = ['--server', '--token', '--store'].map(name => options.get(name));
  if (server === undefined || store === undefined) {
    throw new BioImageError('BAD_REQUEST', say`The session route needs --server and --store.`, { hint: USAGE });
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
      say`The region must have one start:stop per axis, of which there are ${shape.length}.`
    );
  }
  return parts.map((part, axis) => {
    const [start, stop] = [Number(part?.[1] || 0), part?.[2] ? Number(part[2]) : shape[axis]];
    // Ends are cut at the array as numpy does it; an empty or reversed slice reads nothing.
    const end = Math.min(stop, shape[axis]);
    return [Math.min(start, end), end];
  });
}

function describe(place: string, array: IArray, region: IRegion): Record<string, unknown> {
  const [min, max] = rangeOf(region.data, array.dtype);
  return {
    path: place,
    shape: region.shape,
    dtype: array.dtype, // numpy uses the names of Zarr v3
    sha256: createHash('sha256').update(region.data).digest('hex'),
    min: jsonValue(min),
    max: jsonValue(max),
    chunks: { shape: array.chunks, read: region.read, absent: region.absent }
  };
}

/** A place as the segments of its path, and the stores that hold it. */
interface IPlace {
  readonly segments: readonly string[];
  /** A store rooted at the first `count` segments. */
  readonly storeAt: (count: number) => IReadableStore;
}

function placeOf(place: string, session: IRequest['session']): IPlace {
  if (session) {
    const store = sessionStore(session);
    const segments = place.replace(/^\/+|\/+$/g, '').split('/');
    return { segments, storeAt: count => below(store, segments.slice(0, count).join('/')) };
  }
  const web = /^(https?:\/\/[^/]+)\/?(.*)$/i.exec(place.replace(/\/+$/, ''));
  if (web) {
    const [encoded, base] = [web[2].split('/'), web[1]];
    const at = (count: number): string => [base, ...encoded.slice(0, count)].join('/');
    return { segments: encoded.map(decodeURIComponent), storeAt: count => withRetry(new DirectStore(at(count))) };
  }
  const segments = path.resolve(place).split(path.sep);
  return { segments, storeAt: count => new FolderStore(segments.slice(0, count).join(path.sep) || path.sep) };
}

interface IFound {
  readonly store: IReadableStore;
  readonly array: IArray;
}

/** The array a place names; a name of an archive or of a TIFF file is taken for a folder where there is no such file. */
async function arrayAt({ segments, storeAt }: IPlace): Promise<IFound> {
  const contained = containedIn(segments);
  let first: BioImageError | undefined;
  if (contained) {
    const { container, file, inner } = contained;
    const store = storeAt(segments.indexOf(file));
    try {
      return await ARRAYS[container.id](store, file, inner);
    } catch (error) {
      if (!isBioImageError(error, 'NOT_FOUND')) {
        throw error;
      }
      first = error;
    }
  }
  const store = storeAt(segments.length);
  try {
    return { store, array: await openArray(store) };
  } catch (error) {
    // The file is what was meant; that there is no such folder tells nothing.
    throw first && isBioImageError(error, 'NOT_FOUND') ? first : error;
  }
}

async function inArchive(store: IReadableStore, file: string, inner: string): Promise<IFound> {
  const { files, key } = await openArchive(store, file, inner);
  const own = withCache(below(files, key), CACHE);
  return { store: own, array: await openArray(own) };
}

/** `file.tif/series/level`, each counted from 0 and 0 where nothing is said. */
async function inTiff(store: IReadableStore, file: string, inner: string): Promise<IFound> {
  if (!/^(\d{1,6}(\/\d{1,6})?)?$/.test(inner)) {
    throw new BioImageError(
      'BAD_REQUEST',
      say`What follows the name of a TIFF file is a series and a level, two numbers.`
    );
  }
  const [series = 0, level = 0] = inner === '' ? [] : inner.split('/').map(Number);
  const own = withCache(store, CACHE);
  const node = await openTiff(own, file, series);
  const array = node.kind === 'image' ? node.levels[level]?.array : undefined;
  if (!array) {
    throw new BioImageError('BAD_REQUEST', say`There is no such image or level in this file.`);
  }
  return { store: own, array };
}

/** How an array of each container is found: one for every container there is, or this does not compile. */
const ARRAYS: Record<IContained['container']['id'], typeof inArchive> = { zip: inArchive, tiff: inTiff };

async function readPlace(place: string, request: IRequest): Promise<Record<string, unknown>> {
  const { store, array } = await arrayAt(placeOf(place, request.session));
  if (array.shape.length === 0 || array.shape.length > MOST_AXES) {
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: ${array.shape.length} axes.`);
  }
  const reader = new ChunkReader(store, array, new InlineDecoder(), new ByteLru<IChunkData>(CACHE));
  const slices = readSlices(request.region, array.shape);
  const bytes = slices.reduce<number>((product, [start, stop]) => product * (stop - start), ITEM_BYTES[array.dtype]);
  if (!Number.isSafeInteger(bytes)) {
    throw new BioImageError('TOO_LARGE', say`Too large to read at once. Name a region.`);
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
  const fail = (place: string | undefined, error: unknown): void => {
    status = 1;
    const { code, message, hint } = isAbort(error)
      ? new BioImageError('UPSTREAM_DOWN', say`The reading was stopped.`)
      : toBioImageError(error);
    print(JSON.stringify({ path: place, error: { code, message, hint } }));
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
