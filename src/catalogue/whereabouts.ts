import { BioImageError, say, throwIfAborted } from '../core';
import { textOf } from './fields';
import type { ITable } from './csv';
import { rewritten } from './moved';
import type { IRewrite } from './source';

/** Whether there is an image at an address: a `zarr.json`, `.zattrs` or `.zgroup` below it. Rejects where it cannot be asked. */
export type Probe = (uri: string, signal: AbortSignal) => Promise<boolean>;

/** Addresses of samples by the number of the image in IDR, newest version of the format first. */
export type SamplesByNumber = ReadonlyMap<string, readonly string[]>;

/** Where an image was found, and by what. */
export interface IWhereabouts {
  uri: string;
  /** The address that was given; absent where it is the one that holds. */
  formerUri?: string;
  /** `given`: as it was given, tidied up; `moved`: by the table of moves; `sample`: another copy of the same image. */
  by: 'given' | 'moved' | 'sample';
}

/** The number that IDR's Zarr are named by: of an image, or of a plate. */
const NUMBER = /\/(\d{1,12})(?:\.ome)?\.zarr(?=\/|$)/i;

/** Images and plates are numbered apart. */
const keyOf = (uri: string, isPlate: boolean): string | undefined => {
  const number = NUMBER.exec(uri)?.[1];
  return number === undefined ? undefined : isPlate ? `plate ${number}` : number;
};

/**
 * The samples of a table with the columns of IDR's (`File Path`, `Wells`, `OME-NGFF version`) by the number of their image;
 * plates by `plate <number>`. A Zarr that is named by something else has no number of its own and is left out.
 */
export function sampleByImageNumber(table: ITable, rewrites: readonly IRewrite[]): SamplesByNumber {
  const samples = table.rows.flatMap(row => {
    const { uri } = rewritten(textOf(row['File Path']) ?? '', rewrites);
    const key = keyOf(uri, textOf(row.Wells) !== undefined);
    return key === undefined ? [] : [{ key, uri, version: Number(textOf(row['OME-NGFF version'])) || 0 }];
  });
  const found = new Map<string, string[]>();
  for (const { key, uri } of samples.sort((a, b) => b.version - a.version)) {
    found.set(key, [...(found.get(key) ?? []), uri]);
  }
  return found;
}

const hostOf = (uri: string): string => /^https?:\/\/([^/?#]*)/i.exec(uri)?.[1].toLowerCase() ?? '';

/**
 * Finds where an image is now: its address by the table of moves, then as it was given, where that host is still in use;
 * then another copy of the same image among IDR's samples. Each is asked for before it is believed, except on hosts that
 * the table says nothing about.
 *
 * Rejects with NOT_FOUND, naming the old address, where the image is at none of them. Where storage cannot be asked (slow,
 * down) it rejects with that failure: then nobody can tell. A host that storage has moved away from is taken at its silence.
 */
export async function locate(
  uri: string,
  context: {
    rewrites: readonly IRewrite[];
    probe: Probe;
    /** Asked for only when the image is not where it should be. */
    samples?: (signal: AbortSignal) => Promise<SamplesByNumber>;
  },
  signal: AbortSignal
): Promise<IWhereabouts> {
  const { rewrites, probe, samples } = context;
  throwIfAborted(signal);
  const now = rewritten(uri, rewrites);
  const inUse = new Set(rewrites.map(({ to }) => hostOf(to)));
  const left = new Set(rewrites.map(({ from }) => hostOf(from)).filter(host => !inUse.has(host)));
  if (!inUse.has(hostOf(now.uri)) && !left.has(hostOf(now.uri))) {
    return { uri: now.uri, by: 'given' };
  }
  const isThere = async (address: string): Promise<boolean> => {
    try {
      return await probe(address, signal);
    } catch (failure) {
      throwIfAborted(signal);
      if (left.has(hostOf(address))) {
        return false;
      }
      throw failure;
    }
  };
  if (await isThere(now.uri)) {
    return now.formerUri === undefined ? { uri: now.uri, by: 'given' } : { ...now, by: 'moved' };
  }
  // A bucket may have kept its name on the new host, whatever its name elsewhere.
  const given = rewritten(uri, []).uri;
  if (given !== now.uri && inUse.has(hostOf(given)) && (await isThere(given))) {
    return { uri: given, by: 'given' };
  }
  for (const copy of copiesOf(now.uri, (await samples?.(signal)) ?? new Map())) {
    if (copy !== now.uri && (await isThere(copy))) {
      return { uri: copy, formerUri: uri, by: 'sample' };
    }
  }
  throw new BioImageError('NOT_FOUND', say`This image has been moved or removed. Its address was ${uri}`, {
    where: uri
  });
}

const bucketOf = (uri: string): string => uri.split('/', 4)[3] ?? '';

/**
 * Other copies of the image or plate that an address is named after; a folder `plates` holds nothing else. Only those in a
 * bucket of the same name: elsewhere a number may mean anything.
 */
function copiesOf(uri: string, samples: SamplesByNumber): readonly string[] {
  const keys = uri.includes('/plates/') ? [keyOf(uri, true)] : [keyOf(uri, false), keyOf(uri, true)];
  const copies = keys.flatMap(key => (key === undefined ? [] : (samples.get(key) ?? [])));
  return copies.filter(copy => bucketOf(copy) === bucketOf(uri));
}
