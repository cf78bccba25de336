import { BioImageError, ByteLru, crc32, InflateError, inflateExactly, isBioImageError, say, SharedTask } from '../core';
import type { Said } from '../core';
import type { IDecodePart } from '../entities';
import { checkKey } from './keys';
import { absoluteRange, checkRange, MAX_READ_BYTES, tooLarge } from './range';
import type { ByteRange, IReadableStore, IReadOptions } from './types';
import { readZipDirectory, type IZipDirectory, type IZipEntry } from './zipdirectory';
import { broken, notRead } from './zipend';
import { nameOf } from './zipnames';

/** An opened archive. */
export interface IZip {
  /** The files in it. */
  readonly store: IReadableStore;
  /** Names of the files, in the order of the directory. */
  readonly names: ReadonlySet<string>;
  readonly notices: readonly Said[];
  /**
   * Where in the archive a file of it lies, or a part of one, and what is to be done with those bytes; `null` where there is no
   * such file. For readers that go to the archive themselves. Throws as reads of the store do.
   */
  origin(key: string, range?: { start: number; end: number }, signal?: AbortSignal): Promise<IZipOrigin | null>;
}

/** A range of an archive, and what is wanted of it. */
export type IZipOrigin = Omit<IDecodePart, 'key' | 'pieces'>;

/** Methods by number (APPNOTE 4.4.5), for messages. */
const METHODS: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'BZIP2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
  97: 'WavPack',
  98: 'PPMd',
  99: 'AES'
};
const STORED = 0;
const DEFLATED = 8;

const LOCAL = 0x04034b50;
/** Of a local header, before its name. */
const FIXED_BYTES = 30;
/** Read along behind the expected end of a file, for a local header that is longer than expected; one that is longer yet costs a read. */
const SLACK_BYTES = 64;
/** Stored files up to this size are read whole also for a part: so they are compared with their checksum, in bytes. */
const WHOLE_BELOW = 32 * 1024;
/** Unpacked files kept for reads of parts of them, in bytes. */
const UNPACKED_BYTES = 32 * 1024 * 1024;
/** Deflate never packs closer than this (1 bit for 258 bytes); whoever claims more lies. */
const MAX_RATIO = 1032;

class ZipStore implements IReadableStore {
  readonly name: string;
  private readonly _file: IReadableStore;
  private readonly _key: string;
  private readonly _directory: IZipDirectory;
  private _prefix: number;
  private _sought: Promise<number> | undefined;
  /** Where the bytes of files begin, by local header: known after the first read. */
  private readonly _starts = new Map<number, number>();
  /** By how much the local extra field was longer than the directory's at last: writers do all files alike. */
  private _longer = 0;
  private readonly _unpacked = new ByteLru<Uint8Array>(UNPACKED_BYTES);
  private readonly _running = new Map<string, SharedTask<Uint8Array>>();

  constructor(file: IReadableStore, key: string, directory: IZipDirectory) {
    this.name = `${file.name}: ${key.slice(key.lastIndexOf('/') + 1)}`;
    this._file = file;
    this._key = key;
    this._directory = directory;
    this._prefix = directory.prefix;
  }

  async get(key: string, { signal }: IReadOptions = {}): Promise<Uint8Array | undefined> {
    const entry = this._entry(key);
    signal?.throwIfAborted();
    return entry && this._whole(entry, signal);
  }

  async getRange(key: string, range: ByteRange, { signal }: IReadOptions = {}): Promise<Uint8Array | undefined> {
    const entry = this._entry(key);
    checkRange(range, key);
    signal?.throwIfAborted();
    if (!entry) {
      return undefined;
    }
    const { start, end } = absoluteRange(range, entry.size, key);
    if (entry.method === STORED && entry.size > WHOLE_BELOW) {
      this._check(entry);
      return start === end ? new Uint8Array(0) : this._bytes(entry, start, end, signal);
    }
    return (await this._kept(entry, signal)).subarray(start, end);
  }

  async origin(key: string, range?: { start: number; end: number }, signal?: AbortSignal): Promise<IZipOrigin | null> {
    const entry = this._entry(key);
    if (!entry) {
      return null;
    }
    this._check(entry);
    const { start, end } = range ? absoluteRange(range, entry.size, key) : { start: 0, end: entry.size };
    const known = this._starts.get(entry.header);
    const local = known ?? (await this._startOf(entry, signal));
    const at = this._prefix + local; // read after the header, which may move it
    const { size, packed, method, crc } = entry;
    if (method === STORED && end - start < size && size > WHOLE_BELOW) {
      return { start: at + start, end: at + end };
    }
    const part = end - start < size && { from: start, to: end };
    return { start: at, end: at + packed, crc, ...(method !== STORED && { inflate: size }), ...part };
  }

  /** Where the bytes of a file begin: only its local header is read. */
  private async _startOf(entry: IZipEntry, signal: AbortSignal | undefined): Promise<number> {
    const end = Math.min(entry.room, entry.header + FIXED_BYTES + entry.nameBytes);
    return this._begin(entry, await this._local(entry, end, signal));
  }

  private _entry(key: string): IZipEntry | undefined {
    return this._directory.entries.get(checkKey(key));
  }

  /** What can be told of a file before anything of it is read. */
  private _check({ name, method, encrypted, overlaps, size, packed }: IZipEntry): void {
    if (encrypted) {
      throw notRead(say`an encrypted file in an archive`, name);
    }
    if (method !== STORED && method !== DEFLATED) {
      throw notRead(say`method ${METHODS[method] ?? method} of a file in an archive`, name);
    }
    if (overlaps) {
      throw broken(say`files in it share the same bytes`, name);
    }
    if (method === STORED ? size !== packed : size > packed * MAX_RATIO) {
      throw broken(say`the size of a file in it cannot be true`, name);
    }
  }

  /** The whole file, compared with its checksum. */
  private async _whole(entry: IZipEntry, signal: AbortSignal | undefined): Promise<Uint8Array> {
    this._check(entry);
    const { size, packed, method, name } = entry;
    if (Math.max(size, packed) > MAX_READ_BYTES) {
      throw tooLarge(name, Math.max(size, packed));
    }
    const stored = packed === 0 ? new Uint8Array(0) : await this._bytes(entry, 0, packed, signal);
    const bytes = method === STORED ? stored : await unpacked(stored, size, name);
    if (crc32(bytes) !== entry.crc) {
      throw broken(say`the checksum of a file in it does not match`, name);
    }
    return bytes;
  }

  /** The whole file out of the few that are kept, shared by all who read it at the time. */
  private _kept(entry: IZipEntry, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const known = this._unpacked.get(entry.name);
    if (known) {
      return Promise.resolve(known);
    }
    const running = this._running.get(entry.name);
    if (running && !running.abandoned) {
      return running.join(signal);
    }
    const task: SharedTask<Uint8Array> = new SharedTask(async inner => {
      try {
        const bytes = await this._whole(entry, inner);
        this._unpacked.set(entry.name, bytes, bytes.length);
        return bytes;
      } finally {
        if (this._running.get(entry.name) === task) {
          this._running.delete(entry.name);
        }
      }
    });
    this._running.set(entry.name, task);
    return task.join(signal);
  }

  /** Bytes `[from, to)` of a file as they lie in the archive. */
  private async _bytes(
    entry: IZipEntry,
    from: number,
    to: number,
    signal: AbortSignal | undefined
  ): Promise<Uint8Array> {
    const known = this._starts.get(entry.header);
    if (known !== undefined) {
      return this._read(entry, known + from, known + to, signal);
    }
    // Where the bytes begin is told by the local header only: both are read in one round, and the guess is nearly always right.
    const head = FIXED_BYTES + entry.nameBytes;
    const guess = entry.header + head + Math.max(0, entry.extraBytes + this._longer);
    if (from === 0) {
      const end = Math.max(Math.min(entry.room, guess + to + SLACK_BYTES), entry.header + head + to);
      const bytes = await this._local(entry, end, signal);
      const start = this._begin(entry, bytes);
      const [a, b] = [start - entry.header, start - entry.header + to];
      return b <= bytes.length ? bytes.subarray(a, b) : this._read(entry, start, start + to, signal);
    }
    const assumed = this._prefix;
    const [header, early] = await Promise.all([
      this._local(entry, entry.header + head, signal),
      // A wrong guess may reach beyond the file; the right read tells what is wrong then.
      this._read(entry, guess + from, guess + to, signal).catch((error: unknown) => {
        if (isBioImageError(error)) {
          return null;
        }
        throw error;
      })
    ]);
    const start = this._begin(entry, header);
    const right = early && start === guess && assumed === this._prefix;
    return right ? early : this._read(entry, start + from, start + to, signal);
  }

  /** From the local header up to `end`; where it is not there, the archive may begin later in its file. */
  private async _local(entry: IZipEntry, end: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const tried = this._prefix;
    const bytes = await this._read(entry, entry.header, end, signal);
    if (isHeader(bytes)) {
      return bytes;
    }
    this._sought ??= this._directory.findPrefix();
    const prefix = await this._sought;
    // Another read may have found it meanwhile.
    if (prefix === tried || prefix < 0) {
      throw broken(say`a file in it is not where its directory says`, entry.name);
    }
    this._prefix = prefix;
    return this._read(entry, entry.header, end, signal);
  }

  /** Where the bytes of the file begin, by its local header, which must be of that file. */
  private _begin(entry: IZipEntry, bytes: Uint8Array): number {
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!isHeader(bytes)) {
      throw broken(say`a file in it is not where its directory says`, entry.name);
    }
    const [flags, method] = [data.getUint16(6, true), data.getUint16(8, true)];
    const [nameBytes, extraBytes] = [data.getUint16(26, true), data.getUint16(28, true)];
    const raw = bytes.subarray(FIXED_BYTES, FIXED_BYTES + nameBytes);
    const names = [true, false].map(dos => nameOf(raw, (flags & 0x800) !== 0, dos));
    if (method !== entry.method || nameBytes !== entry.nameBytes || !names.includes(entry.name)) {
      throw broken(say`its directory contradicts a file in it`, entry.name);
    }
    const start = entry.header + FIXED_BYTES + nameBytes + extraBytes;
    if (start + entry.packed > entry.room) {
      throw broken(say`files in it share the same bytes`, entry.name);
    }
    this._longer = extraBytes - entry.extraBytes;
    this._starts.set(entry.header, start);
    return start;
  }

  /** Bytes of the archive; fewer are no answer. */
  private async _read(
    entry: IZipEntry,
    start: number,
    end: number,
    signal: AbortSignal | undefined
  ): Promise<Uint8Array> {
    const range = checkRange({ start: start + this._prefix, end: end + this._prefix }, entry.name);
    const bytes = await this._file.getRange(this._key, range, { signal });
    if (!bytes) {
      throw new BioImageError('CHANGED', say`The archive is no longer there.`, { where: this._key });
    }
    if (bytes.length !== end - start) {
      throw broken(say`it is cut off`, entry.name);
    }
    return bytes;
  }
}

function isHeader(bytes: Uint8Array): boolean {
  return (
    bytes.length >= FIXED_BYTES &&
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true) === LOCAL
  );
}

async function unpacked(bytes: Uint8Array, size: number, where: string): Promise<Uint8Array> {
  try {
    return await inflateExactly(bytes, 'deflate-raw', size);
  } catch (error) {
    throw error instanceof InflateError ? broken(say`a file in it ${error.said}`, where, error) : error;
  }
}

/**
 * Opens the zip archive `key` of `store` (APPNOTE 6.3, zip64 included) with two reads at most. Files are found by the
 * directory at its end, whatever stands before them; parts of stored files are parts of the archive, deflated ones are unpacked
 * whole and kept for a while. Whole files are compared with their CRC-32; parts of stored ones cannot be.
 *
 * Throws as `readZipDirectory`; a file's own trouble (encrypted, another method: UNSUPPORTED; damaged: BAD_CHUNK) is thrown by its
 * reads.
 */
export async function openZip(store: IReadableStore, key: string, signal?: AbortSignal): Promise<IZip> {
  const directory = await readZipDirectory(store, key, signal);
  const files = new ZipStore(store, key, directory);
  return {
    store: files,
    origin: async (...where) => files.origin(...where),
    names: new Set(directory.entries.keys()),
    notices: directory.notices
  };
}

/** Documents by which a folder is known to be Zarr. */
const DOCUMENTS = ['zarr.json', '.zgroup', '.zattrs', '.zarray'];
/** Of folders in one another that hold nothing else. */
const MAX_TOPS = 8;

/**
 * The top of an archive, then the single folder at the top that holds all else, as some writers put it, then the single folder
 * in that, and so on; '' is the top. Ends where the documents of a Zarr hierarchy are, and `zarr` tells whether it does.
 */
export function topFolders(names: ReadonlySet<string>): { folders: readonly string[]; zarr: boolean } {
  const own = [...names].filter(name => !/(^|\/)(__MACOSX\/|\.DS_Store$)/.test(name));
  const folders = [''];
  for (let prefix = ''; folders.length <= MAX_TOPS;) {
    if (DOCUMENTS.some(name => names.has(prefix + name))) {
      return { folders, zarr: true };
    }
    const [first] = own;
    const slash = first?.indexOf('/', prefix.length) ?? -1;
    const next = first?.slice(0, slash + 1);
    if (slash < 0 || !own.every(name => name.startsWith(next))) {
      break;
    }
    prefix = next;
    folders.push(next.slice(0, -1));
  }
  return { folders, zarr: false };
}
