import { InflateError, inflateExactly, inflateWithin, say } from '../../core';
import { damaged, type IOutputBound } from './sizes';

/**
 * Unpacks gzip (RFC 1952) or zlib (RFC 1950) data into a buffer of the expected size and stops when more comes out.
 * The platform's inflater checks the CRC-32 or Adler-32; not every platform refuses what follows, so the trailer is
 * compared as well: for gzip the length in the last four bytes, for zlib the checksum.
 */
export async function inflate(bytes: Uint8Array, format: 'gzip' | 'deflate', bound: IOutputBound): Promise<Uint8Array> {
  const name = format === 'gzip' ? 'gzip' : 'zlib';
  if (bytes.length < (format === 'gzip' ? 18 : 6)) {
    throw damaged(say`${name} data is cut off`);
  }
  const out = await unpack(bytes, format, bound, name);
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - 4, 4);
  const whole =
    format === 'gzip' ? trailer.getUint32(0, true) === out.length >>> 0 : trailer.getUint32(0) === adler32(out);
  if (!whole) {
    throw damaged(say`bytes follow the ${name} data`);
  }
  return out;
}

async function unpack(
  bytes: Uint8Array,
  format: CompressionFormat,
  { bytes: length, exact }: IOutputBound,
  name: string
): Promise<Uint8Array> {
  try {
    return await (exact ? inflateExactly : inflateWithin)(bytes, format, length);
  } catch (error) {
    throw error instanceof InflateError ? damaged(say`${name} data ${error.said}`, error) : error;
  }
}

/** Adler-32 (RFC 1950 section 8.2). 3800 additions of a byte keep both sums below 2^31 between two reductions. */
export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(at + 3800, bytes.length);
    for (; at < end; at++) {
      a += bytes[at];
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return ((b << 16) | a) >>> 0;
}
