import { say } from '../../../core';
import type { Said } from '../../../core';
import { httpsOf } from '../../fields';
import { zarrRoot } from '../../formats';
import { rewritten } from '../../moved';
import type { IRewrite } from '../../source';

/** Where the OME-Zarr of an image is, or was. */
export interface IPlace {
  /** What opens it; '' where nothing does. */
  readonly uri: string;
  readonly formerUri?: string;
  readonly version?: string;
  /** Why it cannot be viewed from there; absent where it can. */
  readonly reason?: Said;
}

/** Why an image is not shown, for people. */
export const REASONS = {
  none: say`No OME-Zarr copy of this image is known. IDR shows it in its own viewer.`,
  moved: say`Its OME-Zarr has been moved or removed.`,
  download: say`Its OME-Zarr lies in a download area, which cannot be read piece by piece.`
} as const;

const hostOf = (address: string): string => /^https?:\/\/([^/?#]*)/i.exec(address)?.[1].toLowerCase() ?? '';

/** Hosts that storage has moved away from. */
function leftHosts(rewrites: readonly IRewrite[]): Set<string> {
  const left = new Set(rewrites.map(({ from }) => hostOf(from)));
  rewrites.forEach(({ to }) => left.delete(hostOf(to)));
  return left;
}

/** File servers name their hosts so; what they have is fetched whole. */
const DOWNLOAD_HOST = /^ftp\./;

/**
 * Where an address of an OME-Zarr leads now. IDR notes them as `https:`, as `s3://host/bucket/key?anonymous=true`, or as a
 * path in the storage of its own machines (`/bia-idr/…`), which is nowhere for anybody else.
 */
export function placeOf(address: string, rewrites: readonly IRewrite[]): IPlace {
  const whole = address.trim().replace(/\?anonymous=true$/, '');
  const asWeb = whole.replace(/^s3:\/\/([^/]*\.[^/]*)\//i, 'https://$1/');
  const { uri, formerUri } = rewritten(asWeb, rewrites);
  if (/^s3:\/\/[^/.]+\//i.test(uri)) {
    return { uri };
  }
  if (httpsOf(uri) === undefined || (formerUri === undefined && leftHosts(rewrites).has(hostOf(uri)))) {
    return { uri: '', formerUri: whole, reason: REASONS.moved };
  }
  return {
    uri,
    ...(formerUri === undefined ? {} : { formerUri: whole }),
    ...(DOWNLOAD_HOST.test(hostOf(uri)) ? { reason: REASONS.download } : {})
  };
}

/** The first address of an OME-Zarr anywhere in an answer whose shape is not promised; looks at 1,000 values at most. */
export function zarrAddressIn(value: unknown): string | undefined {
  const waiting: unknown[] = [value];
  for (let seen = 0; waiting.length > 0 && seen < 1000; seen++) {
    const one = waiting.shift();
    if (typeof one === 'string' && /^(https?|s3):\/\//i.test(one)) {
      const root = zarrRoot(one.replace(/[?#].*$/, ''));
      if (root !== undefined) {
        return root;
      }
    } else if (typeof one === 'object' && one !== null) {
      waiting.push(...(Object.values(one) as unknown[]));
    }
  }
  return undefined;
}
