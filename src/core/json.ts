import { say } from './say';
import { BioImageError } from './errors';
import { invalid } from './invalid';

/** Bound of one metadata document, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** Deeper nesting than any real document has; far below where a recursive reader runs out of stack. */
const MAX_DEPTH = 512;

/** White space that is looked over around a bare word; bounded, so that the whole stays linear. */
const MAX_GAP = 256;

/**
 * The value of a JSON document in UTF-8, with or without a byte order mark.
 *
 * Bare `NaN`, `Infinity` and `-Infinity` are accepted as numbers, for zarr-python writes them. Of keys that occur twice
 * the last counts; `__proto__` is an ordinary own key. Throws `BAD_METADATA` naming `json` and `what` for anything else
 * that is no JSON, for other encodings and for nesting deeper than 512; `TOO_LARGE` above `maxBytes`.
 */
export function parseJson(bytes: Uint8Array, what: string, maxBytes = MAX_DOCUMENT_BYTES): unknown {
  return parse(bytes, what, maxBytes, text => text);
}

/**
 * As {@link parseJson}, but whole numbers of 16 digits and more come as their decimal text: they may lie beyond 2^53, where
 * doubles have gaps, and ids of objects do.
 */
export function parseJsonExact(bytes: Uint8Array, what: string, maxBytes = MAX_DOCUMENT_BYTES): unknown {
  parse(bytes, what, maxBytes, text => text); // only of valid JSON are the tokens what they seem, and found in one pass
  return parse(bytes, what, maxBytes, quoteLongNumbers);
}

function parse(bytes: Uint8Array, what: string, maxBytes: number, prepare: (text: string) => string): unknown {
  if (bytes.length > maxBytes) {
    const size = Math.ceil(bytes.length / 1e6);
    throw new BioImageError('TOO_LARGE', say`The description is too large to read here (${size} MB).`, { where: what });
  }
  const where = `json in ${what}`;
  let text: string;
  try {
    text = prepare(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw invalid(where, say`is not text in UTF-8`, { subject: what, cause: error });
  }
  const { depth, words } = scan(text);
  if (depth > MAX_DEPTH) {
    throw invalid(where, say`is nested deeper than ${MAX_DEPTH} levels`, { subject: what });
  }
  try {
    return words.length === 0 ? JSON.parse(text) : parseWithWords(text, words);
  } catch (error) {
    throw invalid(where, say`is not JSON`, { subject: what, cause: error });
  }
}

/** Strings are skipped whole, so that digits in them stay; what follows a number with a point or an exponent is no digit. */
function quoteLongNumbers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs, token =>
    /^-?\d{16,}$/.test(token) ? `"${token}"` : token
  );
}

/** Positions of bare words that are floats, and the deepest nesting; one linear pass that does not recurse. */
function scan(text: string): { depth: number; words: { at: number; word: 'NaN' | 'Infinity' }[] } {
  const words: { at: number; word: 'NaN' | 'Infinity' }[] = [];
  let depth = 0;
  let now = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a string: go to its end
        for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++) {
          at += text.charCodeAt(at) === 0x5c ? 1 : 0;
        }
        break;
      case 0x5b: // [
      case 0x7b: // {
        now += 1;
        depth = Math.max(depth, now);
        break;
      case 0x5d: // ]
      case 0x7d: // }
        now -= 1;
        break;
      case 0x4e: // N
      case 0x49: {
        // I
        const word = text.charCodeAt(at) === 0x4e ? 'NaN' : 'Infinity';
        if (text.startsWith(word, at) && isValue(text, at, word)) {
          words.push({ at, word });
          at += word.length - 1;
        }
        break;
      }
      default:
    }
  }
  return { depth, words };
}

/** True where the bare word stands in the place of a value: not of a key, and not glued to something else. */
function isValue(text: string, at: number, word: 'NaN' | 'Infinity'): boolean {
  const before = text
    .slice(Math.max(0, at - MAX_GAP), at)
    .trimEnd()
    .at(-1);
  const after = text
    .slice(at + word.length, at + word.length + MAX_GAP)
    .trimStart()
    .at(0);
  const begins = before === undefined || '[,:'.includes(before) || (before === '-' && word === 'Infinity');
  return begins && (after === undefined || ',]}'.includes(after));
}

/** `Infinity` is spelt as a number too large for a double; `NaN` travels as a string that occurs nowhere else. */
function parseWithWords(text: string, words: readonly { at: number; word: 'NaN' | 'Infinity' }[]): unknown {
  let marker = '\u2205NaN';
  while (text.includes(marker)) {
    marker += '\u2205';
  }
  const parts: string[] = [];
  let from = 0;
  for (const { at, word } of words) {
    parts.push(text.slice(from, at), word === 'NaN' ? `"${marker}"` : '1e999');
    from = at + word.length;
  }
  parts.push(text.slice(from));
  return JSON.parse(parts.join(''), (_key, value: unknown) => (value === marker ? NaN : value));
}

/** A JSON object; arrays and null are none. Its keys are data: read them with `Object.hasOwn` or through these readers. */
export function asObject(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(where, say`is not an object`);
  }
  return value as Record<string, unknown>; // checked just above
}

/** A JSON array, its entries not looked at. */
export function asArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw invalid(where, say`is not a list`);
  }
  return value as readonly unknown[]; // checked just above
}

/** A JSON string, which may be empty. */
export function asString(value: unknown, where: string): string {
  if (typeof value !== 'string') {
    throw invalid(where, say`is not a text`);
  }
  return value;
}

/** Any JSON number, `NaN` and the infinities included. */
export function asNumber(value: unknown, where: string): number {
  if (typeof value !== 'number') {
    throw invalid(where, say`is not a number`);
  }
  return value;
}

/** An integer that a double holds exactly, from `min` to `max`, both included. */
export function asInteger(
  value: unknown,
  where: string,
  min = -Number.MAX_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER
): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw invalid(where, say`is not a whole number from ${min} to ${max}`);
  }
  return value;
}

/** `true` or `false`; 0 and 1 are numbers. */
export function asBoolean(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') {
    throw invalid(where, say`is neither true nor false`);
  }
  return value;
}

/** `undefined` where the field is absent or null, else what `reader` makes of it. */
export function optional<T>(
  value: unknown,
  where: string,
  reader: (value: unknown, where: string) => T
): T | undefined {
  return value === undefined || value === null ? undefined : reader(value, where);
}
