import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { BioImageError, say, throwIfAborted } from '../core';
import { absoluteRange, checkKey, checkRange, MAX_READ_BYTES, tooLarge } from '../stores';
import type { ByteRange, IReadableStore, IReadOptions } from '../stores';

/** What the system says when there is nothing under a name. */
const NOTHING = new Set(['ENOENT', 'ENOTDIR']);

/** Fails at once on a link at the last step, and never waits for somebody to write into a pipe. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function systemCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** Exactly `length` bytes from `start`; a file that shrinks meanwhile has changed. */
async function readExactly(file: FileHandle, start: number, length: number, where: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) {
      throw new BioImageError('CHANGED', say`The data changed while it was being read. Reload.`, { where });
    }
    done += bytesRead;
  }
  return bytes;
}

/**
 * A local folder as a store, for the commands: the folder given is the one allowed root. Links inside it are followed as
 * long as they stay inside; only regular files are read, and nothing at all is listed or written.
 */
export class FolderStore implements IReadableStore {
  readonly name = 'folder';
  private readonly _root: string;
  private _real: Promise<string> | undefined;

  constructor(root: string) {
    this._root = path.resolve(root);
  }

  async get(key: string, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._with(key, options.signal, (file, size) => {
      if (size > MAX_READ_BYTES) {
        throw tooLarge(key, size);
      }
      return readExactly(file, 0, size, key);
    });
  }

  async getRange(key: string, range: ByteRange, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    checkKey(key);
    checkRange(range, key);
    return this._with(key, options.signal, (file, size) => {
      const { start, end } = absoluteRange(range, size, key);
      return readExactly(file, start, end - start, key);
    });
  }

  /** Runs `read` on the open file, `undefined` where there is none; closes it whatever happens. */
  private async _with(
    key: string,
    signal: AbortSignal | undefined,
    read: (file: FileHandle, size: number) => Promise<Uint8Array>
  ): Promise<Uint8Array | undefined> {
    checkKey(key);
    throwIfAborted(signal);
    const file = await this._open(key);
    if (!file) {
      throwIfAborted(signal);
      return undefined;
    }
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) {
        return undefined;
      }
      if (!stat.isFile()) {
        throw new BioImageError('PATH_DENIED', say`This is not a regular file.`, { where: key });
      }
      const bytes = await read(file, stat.size);
      throwIfAborted(signal);
      return bytes;
    } finally {
      await file.close();
    }
  }

  private async _open(key: string): Promise<FileHandle | undefined> {
    try {
      this._real ??= realpath(this._root);
      const root = await this._real;
      const real = await realpath(path.join(root, key));
      // Compared with the separator, so that a neighbour whose name begins alike is outside.
      if (!real.startsWith(root.endsWith(path.sep) ? root : root + path.sep)) {
        throw new BioImageError('PATH_DENIED', say`This path is outside the allowed folder: a link leaves it.`, {
          where: key
        });
      }
      return await open(real, FLAGS);
    } catch (error) {
      const code = systemCode(error);
      if (NOTHING.has(code)) {
        return undefined;
      }
      if (code === 'ELOOP') {
        throw new BioImageError('PATH_DENIED', say`This link leads nowhere.`, { where: key, cause: error });
      }
      if (code === 'EACCES' || code === 'EPERM' || code === 'ENXIO') {
        throw new BioImageError('PATH_DENIED', say`This file cannot be read.`, { where: key, cause: error });
      }
      throw error;
    }
  }
}
