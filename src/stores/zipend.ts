import { BioImageError, say } from '../core';
import type { Said } from '../core';

/** An archive that is damaged. */
export function broken(why: Said, where: string, cause?: unknown): BioImageError {
  return new BioImageError('BAD_CHUNK', say`The archive is damaged: ${why}.`, {
    where,
    cause,
    hint: say`Copy or download the archive again; if it stays, report it to whoever made it.`
  });
}

/** An archive in a form that is not read here. */
export function notRead(what: Said, where: string): BioImageError {
  return new BioImageError('UNSUPPORTED', say`This format is not supported: ${what}.`, {
    where,
    hint: say`Unpack the archive, or make it anew with stored (uncompressed) files.`
  });
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;

/** Position and extent of the directory as the end of the file tells them. */
export interface IEnd {
  readonly count: number;
  /** The count is modulo 65,536. */
  readonly wraps: boolean;
  readonly size: number;
  readonly offset: number;
  /** Where the directory ends, in the tail. */
  readonly at: number;
}

/** For reading little-endian fields. */
export const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The end record is the last one whose comment ends with the file (APPNOTE 4.3.16). */
export function findEnd(tail: Uint8Array): number {
  const data = view(tail);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (data.getUint32(at, true) === END && at + 22 + data.getUint16(at + 20, true) === tail.length) {
      return at;
    }
  }
  return -1;
}

/** A 64-bit size as a number; one that no file has is refused. */
export function safe(value: bigint, where: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw broken(say`a size in it is beyond all bounds`, where);
  }
  return Number(value);
}

/** Reads the end record at `at`, and the 64-bit record before it where there is one. */
export function readEnd(tail: Uint8Array, at: number, where: string): IEnd {
  const data = view(tail);
  const disks = [data.getUint16(at + 4, true), data.getUint16(at + 6, true)];
  const count = data.getUint16(at + 10, true);
  const [size, offset] = [data.getUint32(at + 12, true), data.getUint32(at + 16, true)];
  const hasLocator = at >= 20 && data.getUint32(at - 20, true) === LOCATOR64;
  const large = count === 0xffff || size === 0xffffffff || offset === 0xffffffff;
  if (!hasLocator) {
    if (large && (size === 0xffffffff || offset === 0xffffffff)) {
      throw broken(say`its 64-bit record is missing`, where);
    }
    if (disks.some(disk => disk !== 0)) {
      throw notRead(say`an archive split over several files`, where);
    }
    return { count, wraps: true, size, offset, at };
  }
  // The record stands right before its locator; only a version nobody writes could put something between.
  const record = at - 20 - 56;
  if (record < 0 || data.getUint32(record, true) !== END64) {
    throw broken(say`its 64-bit record is missing`, where);
  }
  if (data.getUint32(record + 16, true) !== 0 || data.getUint32(record + 20, true) !== 0) {
    throw notRead(say`an archive split over several files`, where);
  }
  return {
    count: safe(data.getBigUint64(record + 32, true), where),
    wraps: false,
    size: safe(data.getBigUint64(record + 40, true), where),
    offset: safe(data.getBigUint64(record + 48, true), where),
    at: record
  };
}
