import { crc32, crc32c, say } from '../../core';
import { adler32 } from './deflate';
import { damaged } from './sizes';

type Sum = (body: Uint8Array) => number;

/** HDF5's Fletcher-32 over big-endian 16-bit words, as numcodecs writes it. */
export function fletcher32(bytes: Uint8Array): number {
  let [low, high] = [0, 0];
  const fold = (sum: number): number => (sum & 0xffff) + (sum >>> 16);
  const words = bytes.length >>> 1;
  for (let at = 0; at < words;) {
    const end = Math.min(words, at + 360); // so many sums stay below 2^32
    for (; at < end; at++) {
      low += (bytes[2 * at] << 8) | bytes[2 * at + 1];
      high += low;
    }
    [low, high] = [fold(low), fold(high)];
  }
  if (bytes.length % 2 === 1) {
    low += bytes[bytes.length - 1] << 8;
    high += low;
    [low, high] = [fold(low), fold(high)];
  }
  return ((fold(high) << 16) | fold(low)) >>> 0;
}

const turn = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** Bob Jenkins's lookup3 (`hashlittle`), the checksum of HDF5's metadata. */
export function jenkins(bytes: Uint8Array, seed: number): number {
  let a = (0xdeadbeef + bytes.length + seed) | 0;
  let [b, c] = [a, a];
  const word = (at: number): number =>
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = ((a - c) | 0) ^ turn(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ turn(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ turn(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ turn(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ turn(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ turn(b, 4);
    b = (b + a) | 0;
  }
  if (at === bytes.length) {
    return c >>> 0; // nothing at all
  }
  a = (a + word(at)) | 0;
  b = (b + word(at + 4)) | 0;
  c = (c + word(at + 8)) | 0;
  c = ((c ^ b) - turn(b, 14)) | 0;
  a = ((a ^ c) - turn(c, 11)) | 0;
  b = ((b ^ a) - turn(a, 25)) | 0;
  c = ((c ^ b) - turn(b, 16)) | 0;
  a = ((a ^ c) - turn(c, 4)) | 0;
  b = ((b ^ a) - turn(a, 14)) | 0;
  return ((c ^ b) - turn(b, 24)) >>> 0;
}

/** The sum that a codec of this name stores beside its bytes. */
export function sumOf(name: string, configuration: Readonly<Record<string, unknown>>): Sum | undefined {
  switch (name) {
    case 'crc32c':
      return crc32c;
    case 'crc32':
      return crc32;
    case 'adler32':
      return adler32;
    case 'fletcher32':
      return fletcher32;
    case 'jenkins_lookup3':
      return bytes => jenkins(bytes, Number(configuration.initval ?? 0));
    default:
      return undefined;
  }
}

/** The bytes without their sum (uint32, little-endian), which must be theirs. */
export function verified(bytes: Uint8Array, sum: Sum, location: unknown): Uint8Array {
  if (bytes.length < 4) {
    throw damaged(say`the checksum is missing`);
  }
  const first = location === 'start';
  const body = first ? bytes.subarray(4) : bytes.subarray(0, bytes.length - 4);
  const at = bytes.byteOffset + (first ? 0 : body.length);
  if (sum(body) !== new DataView(bytes.buffer, at, 4).getUint32(0, true)) {
    throw damaged(say`its checksum does not match`);
  }
  return body;
}
