import { BioImageError, say } from '../core';

/** Bounds of a key, in bytes of UTF-8 and in segments: those of common file systems and of S3. */
const MAX_SEGMENT_BYTES = 255;
const MAX_KEY_BYTES = 4000;
const MAX_SEGMENTS = 256;

/** C0 controls, DEL, C1 controls, and the backslash, which some servers and systems take for a separator. */
// eslint-disable-next-line no-control-regex -- controls are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\\]/;

/** Rounds of decoding that are looked through; more is refused outright. */
const MAX_ROUNDS = 4;

function denied(): BioImageError {
  return new BioImageError('PATH_DENIED', say`This path is outside the allowed folder.`);
}

function isBadSegment(segment: string): boolean {
  return segment === '' || segment === '.' || segment === '..' || FORBIDDEN.test(segment);
}

/** True where undoing percent-encoding, as often as it can be undone, turns the segment into more or other than one name. */
function hidesPath(segment: string): boolean {
  let text = segment;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    // Byte by byte, so that a broken sequence beside a good one hides nothing.
    const next = text.replace(/%([0-7][0-9a-f])/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (next === text) {
      return false;
    }
    if (next.split('/').some(isBadSegment)) {
      return true;
    }
    text = next;
  }
  return true;
}

/**
 * The key itself, where every segment is a plain name.
 *
 * `PATH_DENIED`: an empty segment, `.`, `..`, NUL and other control characters, a backslash, and names that would turn
 * into such when a server decoded them once more than it should (`%2e%2e`, `%252e`, `https:%2F%2F…`). Other `%`, `?` and
 * `#` are literal. `BAD_REQUEST`: a lone surrogate, a segment above 255 bytes, a key above 4000 bytes or 256 segments.
 */
export function checkKey(key: string): string {
  const segments = key.split('/');
  if (segments.some(segment => isBadSegment(segment) || hidesPath(segment))) {
    throw denied();
  }
  const encoder = new TextEncoder();
  const sizes = segments.map(segment => encoder.encode(segment).length);
  const total = sizes.reduce((sum, size) => sum + size + 1, -1);
  if (hasLoneSurrogate(key) || Math.max(...sizes) > MAX_SEGMENT_BYTES || total > MAX_KEY_BYTES) {
    throw new BioImageError('BAD_REQUEST', say`This path cannot be read.`);
  }
  if (segments.length > MAX_SEGMENTS) {
    throw new BioImageError('BAD_REQUEST', say`This path is too deep.`);
  }
  return key;
}

function hasLoneSurrogate(text: string): boolean {
  // With the u flag a pair is one character, so only lone halves are in this class.
  return /[\ud800-\udfff]/u.test(text);
}

/** Joins what is not empty with slashes and checks the result. The empty base is the root of the store. */
export function joinKey(base: string, ...more: string[]): string {
  return checkKey([base, ...more].filter((part, index) => index > 0 || part !== '').join('/'));
}

/** A checked key as the path of a URL: each segment encoded once, so that no query, fragment or host can come of it. */
export function encodeKey(key: string): string {
  return key
    .split('/')
    .map(segment => encodeURIComponent(segment))
    .join('/');
}
