import { BioImageError, say } from '../../core';
import type { Said } from '../../core';

/** The failure of a unit whose bytes are not what its compression writes. */
export function damaged(what: Said, cause?: unknown): BioImageError {
  return new BioImageError('BAD_CHUNK', say`A part of the image is damaged: ${what}.`, { cause });
}

const CLEAR = 256;
const END = 257;
const CODES = 4096;

/**
 * LZW as TIFF has it (TIFF 6.0, section 13): codes of 9 to 12 bits, most significant bit first, the width grown one code
 * early. Stops after `size` bytes, which is all it ever holds; fewer come where the data ends.
 */
export function unpackLzw(data: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  // An entry is the string of entry `prefix` and one byte more.
  const prefix = new Uint16Array(CODES);
  const last = Uint8Array.from({ length: CODES }, (_, code) => code & 255);
  const first = Uint8Array.from(last);
  const length = new Uint16Array(CODES).fill(1);
  let [at, next, width, previous, bits, held, from] = [0, END + 1, 9, -1, 0, 0, 0];
  while (at < size) {
    while (held < width && from < data.length) {
      bits = (bits << 8) | data[from++];
      held += 8;
    }
    if (held < width) {
      break;
    }
    held -= width;
    const code = bits >>> held;
    bits &= (1 << held) - 1;
    if (code === END) {
      break;
    }
    if (code === CLEAR) {
      [next, width, previous] = [END + 1, 9, -1];
      continue;
    }
    if (previous >= 0 && next < CODES) {
      prefix[next] = previous;
      length[next] = length[previous] + 1;
      first[next] = first[previous];
      // The code may be the very one that is made here; then its string begins like the previous one.
      last[next] = code === next ? first[previous] : first[code];
      next += 1;
    }
    if (code >= next || (previous < 0 && code > 255)) {
      throw damaged(say`LZW data has a code that was never made`);
    }
    let to = at + length[code] - 1;
    at = to + 1;
    for (let part = code; to >= at - length[code]; to--, part = prefix[part]) {
      if (to < size) {
        out[to] = last[part];
      }
    }
    if (next + 1 >= 1 << width && width < 12) {
      width += 1;
    }
    previous = code;
  }
  return at < size ? out.subarray(0, at) : out;
}

/** PackBits (TIFF 6.0, section 9). Stops after `size` bytes; fewer come where the data ends. */
export function unpackBits(data: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let [at, from] = [0, 0];
  while (at < size && from < data.length) {
    const head = data[from++];
    if (head < 128) {
      const run = data.subarray(from, from + Math.min(head + 1, size - at));
      out.set(run, at);
      at += run.length;
      from += head + 1;
    } else if (head > 128 && from < data.length) {
      const run = Math.min(257 - head, size - at);
      out.fill(data[from++], at, at + run);
      at += run;
    }
  }
  return at < size ? out.subarray(0, at) : out;
}

const MIRROR = Uint8Array.from({ length: 256 }, (_, byte) => {
  let out = 0;
  for (let i = 0; i < 8; i++) {
    out |= ((byte >> i) & 1) << (7 - i);
  }
  return out;
});

/** The bits of every byte in reverse order (tag FillOrder). */
export function mirrorBits(data: Uint8Array): Uint8Array {
  return data.map(byte => MIRROR[byte]);
}
