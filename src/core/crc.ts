/** Castagnoli's polynomial 0x1EDC6F41, bits reversed (RFC 3720 appendix B.4). */
const CASTAGNOLI = 0x82f63b78;
/** That of Ethernet, zip and gzip, 0x04C11DB7, bits reversed (RFC 1952 section 8). */
const ETHERNET = 0xedb88320;

/** Eight tables, so that eight bytes are folded per step: table k advances a byte over k further zero bytes. */
function makeTables(polynomial: number): Uint32Array[] {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    tables[0][byte] = value;
  }
  for (let k = 1; k < 8; k++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = tables[k - 1][byte];
      tables[k][byte] = (before >>> 8) ^ tables[0][before & 255];
    }
  }
  return tables;
}

const TABLES_C = makeTables(CASTAGNOLI);
const TABLES_E = makeTables(ETHERNET);

/** CRC-32C of `bytes` as an unsigned 32-bit integer, as the `crc32c` codec of Zarr appends it (little-endian). */
export function crc32c(bytes: Uint8Array): number {
  return crc(bytes, TABLES_C);
}

/** CRC-32 of `bytes` as an unsigned 32-bit integer, as zip archives keep it. */
export function crc32(bytes: Uint8Array): number {
  return crc(bytes, TABLES_E);
}

function crc(bytes: Uint8Array, tables: readonly Uint32Array[]): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  const whole = bytes.length - (bytes.length % 8);
  let sum = 0xffffffff;
  let at = 0;
  for (; at < whole; at += 8) {
    const low = sum ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    sum =
      t7[low & 255] ^
      t6[(low >>> 8) & 255] ^
      t5[(low >>> 16) & 255] ^
      t4[low >>> 24] ^
      t3[bytes[at + 4]] ^
      t2[bytes[at + 5]] ^
      t1[bytes[at + 6]] ^
      t0[bytes[at + 7]];
  }
  for (; at < bytes.length; at++) {
    sum = (sum >>> 8) ^ t0[(sum ^ bytes[at]) & 255];
  }
  return (sum ^ 0xffffffff) >>> 0;
}
