import { BioImageError, parseJson, say, throwIfAborted } from '../core';

/** Bytes that are parsed in one go: a few milliseconds of work. */
const PIECE = 128 * 1024;
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Blanks of JSON, and the byte order mark some servers begin with. */
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** Lets everybody else on the thread go first. */
export async function pause(signal: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    setTimeout(resolve);
  });
  throwIfAborted(signal);
}

function bad(what: string, cause?: unknown): BioImageError {
  return new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: what, cause });
}

/** Where the items of a list are cut: offsets of commas between items, at least `PIECE` bytes apart, and of its end. */
function* cuts(bytes: Uint8Array, start: number, what: string): Generator<number> {
  let depth = 0;
  let inText = false;
  let last = start;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === BACKSLASH) {
        at++;
      } else if (byte === QUOTE) {
        inText = false;
      }
    } else if (byte === QUOTE) {
      inText = true;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth++;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth--;
      if (depth < 0) {
        yield at;
        return;
      }
    } else if (byte === COMMA && depth === 0 && at - last >= PIECE) {
      yield at;
      last = at + 1;
    }
  }
  throw bad(what);
}

/**
 * The items of a JSON list, piece by piece, with a pause between two pieces: a list of 10^5 entries takes a second to
 * parse, and a page must stay usable meanwhile. CATALOGUE_BAD, naming `what`, for anything that is no list of JSON, as soon
 * as that is seen.
 */
export async function* pieces(
  bytes: Uint8Array,
  what: string,
  signal: AbortSignal
): AsyncGenerator<readonly unknown[]> {
  let start = 0;
  while (start < bytes.length && BLANK.has(bytes[start])) {
    start++;
  }
  if (bytes[start] !== OPEN_LIST) {
    throw bad(what);
  }
  let from = start + 1;
  let end = from;
  for (const cut of cuts(bytes, from, what)) {
    if (from > start + 1) {
      await pause(signal);
    }
    yield parsed(bytes.subarray(from, cut), what);
    from = cut + 1;
    end = cut;
  }
  if (bytes[end] !== CLOSE_LIST || bytes.subarray(end + 1).some(byte => !BLANK.has(byte))) {
    throw bad(what);
  }
}

/** A list of the items between two cuts. */
function parsed(items: Uint8Array, what: string): readonly unknown[] {
  const list = new Uint8Array(items.length + 2);
  list[0] = OPEN_LIST;
  list.set(items, 1);
  list[items.length + 1] = CLOSE_LIST;
  try {
    const value = parseJson(list, what);
    return Array.isArray(value) ? (value as readonly unknown[]) : [];
  } catch (cause) {
    throw bad(what, cause);
  }
}
