import { BioImageError, say, throwIfAborted } from '../core';
import type { Said } from '../core';
import { checkKey } from './keys';
import { MAX_READ_BYTES } from './range';
import type { IReadableStore } from './types';
import { broken, findEnd, notRead, readEnd, safe, view, type IEnd } from './zipend';
import { nameOf } from './zipnames';

/** One file in an archive. Offsets count from the beginning of the archive, which may lie behind a prefix. */
export interface IZipEntry {
  name: string;
  /** 0 stored, 8 deflated; others cannot be read here (APPNOTE 4.4.5). */
  readonly method: number;
  readonly encrypted: boolean;
  /** Bytes of the file, and of what lies in the archive. */
  readonly size: number;
  readonly packed: number;
  readonly crc: number;
  /** Of the local header. */
  readonly header: number;
  /** Bytes of the name as it is stored, and of the directory's extra field: the local header is of about their size. */
  readonly nameBytes: number;
  readonly extraBytes: number;
  /** Where the next file or the directory begins. */
  room: number;
  /** Shares bytes with another file, or reaches beyond its room: no writer makes that. */
  overlaps: boolean;
}

/** What the end of an archive tells. */
export interface IZipDirectory {
  readonly entries: ReadonlyMap<string, IZipEntry>;
  readonly notices: readonly Said[];
  /** Bytes before the archive where they are known; else 0 is assumed until a local header is not where it should be. */
  readonly prefix: number;
  /** Finds the prefix by reading up to the real end of the file. */
  findPrefix(signal?: AbortSignal): Promise<number>;
}

/** Read at once from the end: the end record with the longest comment, what zip64 puts before it, and small directories. */
const TAIL_BYTES = 65_536 + 22 + 20 + 56;
/** Bound of a directory: some 300,000 files. The answer to more is shards (RFC-9 of OME-Zarr). */
const MAX_DIRECTORY_BYTES = 32 * 1024 * 1024;
/** Bytes before an archive that are looked through: a self-extracting program is smaller. */
const MAX_PREFIX_BYTES = 8 * 1024 * 1024;
/** Entries parsed before others get a turn: about 10 ms. */
const PER_TURN = 10_000;

const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/**
 * Reads the directory of the archive `key`: one read from the end, and one more where the directory is large.
 *
 * @throws NOT_FOUND, UNSUPPORTED (no archive, split, encrypted), TOO_LARGE, BAD_CHUNK (cut off, damaged), or what the store throws
 */
export async function readZipDirectory(
  store: IReadableStore,
  key: string,
  signal?: AbortSignal
): Promise<IZipDirectory> {
  const tail = await store.getRange(key, { suffix: TAIL_BYTES }, { signal });
  if (!tail) {
    throw new BioImageError('NOT_FOUND', say`There is nothing at this address: no such archive.`, { where: key });
  }
  const at = findEnd(tail);
  if (at < 0) {
    throw await noEnd(store, key, tail, signal);
  }
  const end = readEnd(tail, at, key);
  if (end.size > MAX_DIRECTORY_BYTES) {
    throw new BioImageError(
      'TOO_LARGE',
      say`Too large to preview (the archive's directory has ${Math.ceil(end.size / 2 ** 20)} MiB; 32 MiB are read at most).`,
      { where: key, hint: say`Unpack the archive, or store the image in shards: an archive of fewer files opens.` }
    );
  }
  const inTail = end.at - end.size;
  const told = end.offset + end.size + (tail.length - end.at); // of the whole file, if nothing stands before the archive
  const findPrefix = async (inner?: AbortSignal): Promise<number> =>
    (await realSize(store, key, told, tail.length, inner)) - told;
  if (inTail >= 0) {
    const known = tail.length < TAIL_BYTES;
    const bytes = tail.subarray(inTail, end.at);
    const prefix = known ? tail.length - told : 0;
    if (prefix < 0 || (end.size > 0 && view(bytes).getUint32(0, true) !== CENTRAL)) {
      throw broken(say`its directory is not where it should be`, key);
    }
    return { ...(await parse(bytes, end, key, signal)), prefix, findPrefix };
  }
  const read = (prefix: number): Promise<Uint8Array | undefined> =>
    store.getRange(key, { start: prefix + end.offset, end: prefix + end.offset + end.size }, { signal });
  const isDirectory = (bytes: Uint8Array | undefined): bytes is Uint8Array =>
    bytes?.length === end.size && view(bytes).getUint32(0, true) === CENTRAL;
  let prefix = 0;
  let bytes = await read(prefix);
  if (!isDirectory(bytes)) {
    prefix = await findPrefix(signal);
    bytes = prefix > 0 ? await read(prefix) : undefined;
  }
  if (!isDirectory(bytes)) {
    throw broken(say`its directory is not where it should be`, key);
  }
  return { ...(await parse(bytes, end, key, signal)), prefix, findPrefix };
}

/** No end record: a file that begins like an archive has lost its end, any other is none. */
async function noEnd(
  store: IReadableStore,
  key: string,
  tail: Uint8Array,
  signal: AbortSignal | undefined
): Promise<BioImageError> {
  const start = tail.length < TAIL_BYTES ? tail : await store.getRange(key, { start: 0, end: 4 }, { signal });
  const begins = start && start.length >= 4 && view(start).getUint32(0, true) === LOCAL;
  return begins || tail.length === 0
    ? broken(say`it is cut off, its directory at the end is missing`, key)
    : notRead(say`a file that is no zip archive`, key);
}

/** The length of the file: a read from a place that is surely in it ends where the file does. */
async function realSize(
  store: IReadableStore,
  key: string,
  told: number,
  tail: number,
  signal: AbortSignal | undefined
): Promise<number> {
  const start = Math.max(0, told - tail);
  const most = Math.min(MAX_READ_BYTES, tail + MAX_PREFIX_BYTES);
  const bytes = await store.getRange(key, { start, end: start + most }, { signal });
  if (!bytes || bytes.length === most) {
    throw notRead(say`more than 8 MiB before the archive in its file`, key);
  }
  return start + bytes.length;
}

/** All entries of a directory. Names that lead elsewhere are left out; of two files of one name the last one counts. */
async function parse(
  bytes: Uint8Array,
  end: IEnd,
  where: string,
  signal: AbortSignal | undefined
): Promise<Pick<IZipDirectory, 'entries' | 'notices'>> {
  const entries = new Map<string, IZipEntry>();
  const all: IZipEntry[] = [];
  const refused: IZipEntry[] = [];
  let [twice, at, slashes] = [0, 0, false];
  const take = (entry: IZipEntry): void => {
    twice += entries.has(entry.name) ? 1 : 0;
    entries.set(entry.name, entry);
  };
  while (at < bytes.length) {
    const next = readCentral(bytes, at, where);
    at = next.at;
    all.push(next.entry);
    const { name } = next.entry;
    slashes ||= name.includes('/');
    if (name.endsWith('/')) {
      continue; // a folder
    }
    if (isKey(name)) {
      take(next.entry);
    } else {
      refused.push(next.entry);
    }
    if (all.length % PER_TURN === 0) {
      await new Promise(resolve => setTimeout(resolve));
      throwIfAborted(signal);
    }
  }
  if (end.wraps ? all.length % 65_536 !== end.count : all.length !== end.count) {
    throw broken(say`its directory is incomplete`, where);
  }
  const out = slashes ? refused : refused.filter(entry => !slashed(entry, take));
  markOverlaps(all, end.offset);
  const notices = [
    ...(twice > 0 ? [say`${twice} files of the archive are in it more than once; the last one counts.`] : []),
    ...(out.length > 0 ? [say`${out.length} files of the archive are left out: their names lead out of it.`] : [])
  ];
  return { entries, notices };
}

/**
 * Takes an entry whose name has backslashes for the folders in it. Some programs of Windows write nothing else, and say
 * that Unix made the archive; names with them are no keys in any case.
 */
function slashed(entry: IZipEntry, take: (entry: IZipEntry) => void): boolean {
  const name = entry.name.replaceAll('\\', '/');
  if (name.endsWith('/')) {
    return true; // a folder
  }
  if (!isKey(name)) {
    return false;
  }
  entry.name = name;
  take(entry);
  return true;
}

function isKey(name: string): boolean {
  try {
    checkKey(name);
    return true;
  } catch (error) {
    if (error instanceof BioImageError) {
      return false;
    }
    throw error;
  }
}

function readCentral(bytes: Uint8Array, at: number, where: string): { entry: IZipEntry; at: number } {
  const data = view(bytes);
  if (at + 46 > bytes.length || data.getUint32(at, true) !== CENTRAL) {
    throw broken(say`its directory cannot be read`, where);
  }
  const [flags, method] = [data.getUint16(at + 8, true), data.getUint16(at + 10, true)];
  const lengths = [28, 30, 32].map(offset => data.getUint16(at + offset, true));
  const [nameBytes, extraBytes, commentBytes] = lengths;
  const stop = at + 46 + nameBytes + extraBytes + commentBytes;
  if (stop > bytes.length) {
    throw broken(say`its directory cannot be read`, where);
  }
  const rawName = bytes.subarray(at + 46, at + 46 + nameBytes);
  const extra = bytes.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes);
  const sizes = {
    size: data.getUint32(at + 24, true),
    packed: data.getUint32(at + 20, true),
    header: data.getUint32(at + 42, true)
  };
  const entry: IZipEntry = {
    name: nameOf(rawName, (flags & 0x800) !== 0, data.getUint8(at + 5) === 0),
    method,
    encrypted: (flags & 1) !== 0,
    crc: data.getUint32(at + 16, true),
    ...large(sizes, extra, where),
    nameBytes,
    extraBytes,
    room: 0,
    overlaps: false
  };
  return { entry, at: stop };
}

/** Sizes of 64 bits stand in the extra field 1, in this order and only where 32 bits do not do (APPNOTE 4.5.3). */
function large<T extends { size: number; packed: number; header: number }>(
  sizes: T,
  extra: Uint8Array,
  where: string
): T {
  if (![sizes.size, sizes.packed, sizes.header].includes(0xffffffff)) {
    return sizes;
  }
  const data = view(extra);
  for (let at = 0; at + 4 <= extra.length;) {
    const [id, length] = [data.getUint16(at, true), data.getUint16(at + 2, true)];
    if (id === 1 && at + 4 + length <= extra.length) {
      const out = { ...sizes };
      let from = at + 4;
      for (const name of ['size', 'packed', 'header'] as const) {
        if (sizes[name] === 0xffffffff) {
          if (from + 8 > at + 4 + length) {
            throw broken(say`a 64-bit size is missing`, where);
          }
          out[name] = safe(data.getBigUint64(from, true), where);
          from += 8;
        }
      }
      return out;
    }
    at += 4 + length;
  }
  throw broken(say`a 64-bit size is missing`, where);
}

/** Room of every file, and those that share bytes with another: a small archive could be made to unpack without end. */
function markOverlaps(all: readonly IZipEntry[], directory: number): void {
  const sorted = [...all].sort((a, b) => a.header - b.header);
  let [reach, last] = [0, undefined as IZipEntry | undefined];
  sorted.forEach((entry, i) => {
    const least = entry.header + 30 + entry.nameBytes + entry.packed;
    let next = i + 1;
    while (next < sorted.length && sorted[next].header === entry.header && sorted[next].name === entry.name) {
      next += 1; // listed twice
    }
    entry.room = next < sorted.length ? sorted[next].header : directory;
    const again = last?.header === entry.header && last.name === entry.name;
    if (entry.header < reach && !again && last) {
      entry.overlaps = last.overlaps = true;
    }
    if (least > directory) {
      entry.overlaps = true;
    }
    if (least >= reach) {
      [reach, last] = [least, entry];
    }
  });
}
