/** Castagnoli's polynomial 0x1EDC6F41, bits reversed (RFC 3720 appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/** Eight tables, so that eight bytes are folded per step: table k advances a byte over k further zero bytes. */
const TABLES = makeTables();

function makeTables(): Uint32Array[] {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
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

/** CRC-32C of `bytes` as an unsigned 32-bit integer, as the `crc32c` codec of Zarr appends it (little-endian). */
export function crc32c(bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  const whole = bytes.length - (bytes.length % 8);
  let crc = 0xffffffff;
  let at = 0;
  for (; at < whole; at += 8) {
    const low = crc ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    crc =
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
    crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]) & 255];
  }
  return (crc ^ 0xffffffff) >>> 0;
}
