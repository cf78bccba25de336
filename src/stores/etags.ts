import { BioImageError, say } from '../core';
import { UpstreamError } from './upstream';

/** Larger objects are not hashed, in bytes: 4 MiB take some 20 ms of the page's own thread. */
const MAX_HASHED_BYTES = 4 * 1024 * 1024;

/** Objects whose version is remembered. */
const MAX_KEPT = 4096;

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21]
] as const;

/** Integer parts of |sin(i + 1)| · 2^32 (RFC 1321, 3.4). */
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

/** One block of 64 bytes, `at` words into `words`, folded into `state`. */
function fold(state: Int32Array, words: Int32Array, at: number): void {
  let [a, b, c, d] = state;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let mixed: number;
    let place: number;
    if (round === 0) {
      [mixed, place] = [(b & c) | (~b & d), i];
    } else if (round === 1) {
      [mixed, place] = [(d & b) | (~d & c), (5 * i + 1) & 15];
    } else if (round === 2) {
      [mixed, place] = [b ^ c ^ d, (3 * i + 5) & 15];
    } else {
      [mixed, place] = [c ^ (b | ~d), (7 * i) & 15];
    }
    const sum = (a + mixed + SINES[i] + words[at + place]) | 0;
    const shift = SHIFTS[round][i & 3];
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

/** MD5 (RFC 1321) as 32 hexadecimal digits. It guards against accidents, not against people. */
export function md5(bytes: Uint8Array): string {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  const whole = bytes.length - (bytes.length % 64);
  const body = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Int32Array(body.buffer, body.byteOffset, whole / 4);
  for (let at = 0; at < words.length; at += 16) {
    fold(state, words, at);
  }
  // The rest, one bit, zeros, and the length in bits.
  const tail = new Uint8Array(bytes.length % 64 < 56 ? 64 : 128);
  tail.set(bytes.subarray(whole));
  tail[bytes.length - whole] = 0x80;
  new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(bytes.length) * 8n, true);
  const rest = new Int32Array(tail.buffer);
  for (let at = 0; at < rest.length; at += 16) {
    fold(state, rest, at);
  }
  return [...new Uint8Array(state.buffer)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

/** The ETag where it names exact bytes: weak ones do not (RFC 9110, 8.8.3). */
export function strongEtag(response: Response): string | null {
  const tag = response.headers.get('etag');
  return tag !== null && /^"[\x21\x23-\x7e]*"$/.test(tag) ? tag : null;
}

/**
 * What tells one version of an object from another: the strong ETag, else the date, which browsers may see where the ETag
 * is hidden from them (Fetch, "CORS-safelisted response-header name").
 */
export function versionOf(response: Response): string | null {
  return strongEtag(response) ?? response.headers.get('last-modified');
}

/**
 * Versions of the objects of one store, so that parts of two are not put together; nothing is told by a store that gives an
 * object another version with every answer.
 */
export class Versions {
  private _steady = true;
  private readonly _seen = new Map<string, string>();

  /** Remembers the first version of an object; false where `tag` says that it is another one now. */
  same(key: string, tag: string | null): boolean {
    if (tag === null || !this._steady) {
      return true;
    }
    const before = this._seen.get(key);
    if (before === undefined) {
      this._seen.set(key, tag);
      if (this._seen.size > MAX_KEPT) {
        const [oldest] = this._seen.keys();
        this._seen.delete(oldest);
      }
      return true;
    }
    // An answer that lacks its ETag says nothing of one that had it.
    return before === tag || before.startsWith('"') !== tag.startsWith('"');
  }

  /**
   * After another version came: throws CHANGED, now and for every further read of the object, for parts of the old version may
   * have been taken already; unless `ask`, which gives the version of the moment, shows that versions tell nothing here.
   */
  async refuse(key: string, ask: () => Promise<string | null>): Promise<void> {
    const [one, two, three] = [await ask(), await ask(), await ask()];
    if (one !== null && two !== null && three !== null && (one !== two || two !== three)) {
      this._steady = false;
      return;
    }
    throw new BioImageError('CHANGED', say`The data changed while it was being read.`, { where: key });
  }
}

/**
 * What the ETags of one store are good for.
 *
 * An ETag of 32 hexadecimal digits is the MD5 of the object in most object stores, and something else in some. Once the sum
 * of one object has matched it cannot be chance; from then on every object's must. And an object whose ETag changes
 * between two reads has changed, so that parts of two versions must not be put together; unless the store gives another
 * one with every answer.
 */
export class Etags {
  private _md5: 'unknown' | 'yes' | 'no' = 'unknown';
  private readonly _versions = new Versions();

  /** Compares a whole object with its ETag. Throws UPSTREAM_BAD, worth another try. */
  checkWhole(response: Response, bytes: Uint8Array, key: string): void {
    const digits = /^"([0-9a-f]{32})"$/.exec(strongEtag(response) ?? '')?.[1];
    const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
    if (digits === undefined || encoded || this._md5 === 'no' || bytes.length > MAX_HASHED_BYTES) {
      return;
    }
    const same = md5(bytes) === digits;
    if (this._md5 === 'yes' && !same) {
      const what = say`The store gave a wrong answer: its bytes are not those of its checksum.`;
      throw new UpstreamError('UPSTREAM_BAD', what, { where: key, retry: true });
    }
    this._md5 = same ? 'yes' : 'no';
  }

  /**
   * Remembers the version of an object, and compares it with the one before. `ask` gives that of the moment, see `versionOf`.
   * Throws CHANGED, see `Versions`.
   */
  async checkVersion(response: Response, key: string, ask: () => Promise<string | null>): Promise<void> {
    if (!this._versions.same(key, versionOf(response))) {
      await this._versions.refuse(key, ask);
    }
  }
}
