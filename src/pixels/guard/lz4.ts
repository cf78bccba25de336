import { say } from '../../core';
import { damaged, fits, type IOutputBound } from './sizes';

/**
 * Decodes numcodecs' LZ4: the decoded length (int32, little-endian), then one LZ4 block.
 *
 * The block is decoded here and not in WebAssembly, because there a hostile length leaves the module dead or, worse,
 * wrong for the chunks that come after it. Every copy is checked against both ends, and both must be met exactly.
 */
export function decodeLz4(bytes: Uint8Array, bound: IOutputBound): Uint8Array {
  if (bytes.length < 5) {
    throw damaged(say`lz4 data is cut off`);
  }
  const claimed = new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true);
  if (!fits(claimed, bound)) {
    throw damaged(say`lz4 claims ${claimed} bytes where ${bound.bytes} are expected`);
  }
  const out = new Uint8Array(claimed);
  decodeBlock(bytes, 4, out);
  return out;
}

/** LZ4 block format: sequences of a token, literals and a match; the last sequence has literals only. */
function decodeBlock(source: Uint8Array, from: number, out: Uint8Array): void {
  let at = from;
  let to = 0;
  // A length of 15 in the token goes on in further bytes, each adding up to 255.
  const extend = (length: number): number => {
    let total = length;
    if (length === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= source.length || total > out.length) {
          throw damaged(say`an lz4 length runs over the end`);
        }
        more = source[at++];
        total += more;
      }
    }
    return total;
  };
  while (at < source.length) {
    const token = source[at++];
    const literals = extend(token >>> 4);
    if (at + literals > source.length || to + literals > out.length) {
      throw damaged(say`lz4 literals run over the end`);
    }
    out.set(source.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at === source.length) {
      break;
    }
    if (at + 2 > source.length) {
      throw damaged(say`lz4 data is cut off`);
    }
    const distance = source[at] | (source[at + 1] << 8);
    at += 2;
    const length = extend(token & 15) + 4;
    if (distance === 0 || distance > to || to + length > out.length) {
      throw damaged(say`an lz4 match points outside of the chunk`);
    }
    copyMatch(out, to, distance, length);
    to += length;
  }
  if (to !== out.length) {
    throw damaged(say`lz4 data ends after ${to} of ${out.length} bytes`);
  }
}

/** Copies a match; one that overlaps its own output repeats a pattern and goes byte by byte. */
function copyMatch(out: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length) {
    out.copyWithin(to, to - distance, to - distance + length);
    return;
  }
  for (let i = 0; i < length; i++) {
    out[to + i] = out[to + i - distance];
  }
}
