import { BioImageError, invalid, isBioImageError, say, SharedTask, throwIfAborted } from '../core';
import type { Said } from '../core';
import type { IReadableStore } from '../stores';

/** Bytes of one request: a chain of directories that lie together comes with it. */
const BLOCK = 64 * 1024;
/** Bytes before the wanted place that come along: values may stand in front of their directory. */
const BEFORE = 4 * 1024;
/** Blocks kept; 4 MiB. */
const KEPT = 64;
/** One tag's value, in bytes. */
const MAX_VALUE = 16 * 1024 * 1024;

/** How stores answer when a range is not one of the object's. */
const REFUSED: readonly string[] = ['UPSTREAM_BAD', 'BAD_REQUEST', 'BAD_METADATA'];

interface IBlock {
  start: number;
  end: number;
  readonly task: SharedTask<Uint8Array>;
  /** Once it is here. */
  bytes: Uint8Array | undefined;
}

/** BAD_METADATA with the place in the file. */
export function badTiff(key: string, why: Said, cause?: unknown): BioImageError {
  return invalid(key, why, { subject: `${key}:`, ...(cause !== undefined && { cause }) });
}

/**
 * The metadata of a file, read by ranges: in blocks that are kept, so that what lies together costs one request. Pixels do
 * not go through here.
 */
export class FileBytes {
  readonly key: string;
  /** Requests made so far. */
  requests = 0;
  /** No more than so many requests; set while a file is opened, for a hostile one could ask for ever. */
  most = Infinity;
  private readonly _store: IReadableStore;
  private _blocks: IBlock[] = [];
  private _size: number | undefined;
  /** Only what is wanted is asked for, see `_around`. */
  private _narrow = false;

  constructor(store: IReadableStore, key: string) {
    this._store = store;
    this.key = key;
  }

  /** Length of the file in bytes, once an answer has shown it. */
  get size(): number | undefined {
    return this._size;
  }

  /**
   * Exactly `length` bytes from `offset` on. A view: not to be written to.
   *
   * @throws BAD_METADATA where they do not lie in the file or a bound is passed, NOT_FOUND, what the store throws
   */
  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    const end = offset + length;
    if (!Number.isSafeInteger(end) || offset < 0 || end > (this._size ?? Infinity)) {
      throw this._beyond(offset);
    }
    if (length > MAX_VALUE) {
      throw badTiff(this.key, say`a value of more than ${MAX_VALUE >> 20} MiB`);
    }
    const block = this._block(offset, end);
    const bytes = block.bytes ?? (await block.task.join(signal));
    if (offset < block.start || (block.end < end && block.start + bytes.length < end)) {
      return this.read(offset, length, signal); // the block was cut to what another reader needed
    }
    if (block.start + bytes.length < end) {
      throw this._beyond(offset);
    }
    return bytes.subarray(offset - block.start, end - block.start);
  }

  /** Starts reading a place that is likely to be asked for; what is wrong there is told when it is. */
  ahead(offset: number): void {
    if (offset < (this._size ?? Infinity) && this.requests < this.most - 8) {
      // A wrong guess is no failure: whoever reads the place in earnest is told.
      this._block(offset, offset + 1)
        .task.join()
        .catch(() => undefined);
    }
  }

  private _block(offset: number, end: number): IBlock {
    const known = this._blocks.find(block => block.start <= offset && end <= block.end && !block.task.abandoned);
    if (known) {
      return known;
    }
    if (this.requests >= this.most) {
      throw badTiff(this.key, say`its directories are spread over more than ${this.most} places`);
    }
    this.requests += 1;
    const start = this._narrow ? offset : Math.max(0, offset - BEFORE);
    const stop = this._narrow ? end : Math.min(Math.max(end, start + BLOCK), this._size ?? Infinity);
    const block: IBlock = {
      start,
      end: stop,
      bytes: undefined,
      task: new SharedTask(async signal => {
        try {
          block.bytes = await this._around(block, offset, end, signal);
          return block.bytes;
        } catch (error) {
          // Failures are not kept: the next read asks again.
          this._blocks = this._blocks.filter(other => other !== block);
          throw error;
        }
      })
    };
    this._blocks = [block, ...this._blocks.slice(0, KEPT - 1)];
    return block;
  }

  /**
   * The block's bytes; where the store refuses it, only the wanted ones: a browser that may not see where a part of another
   * origin's object lies can only be sure of a part as long as the one it asked for, and blocks may go beyond the end.
   */
  private async _around(block: IBlock, offset: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    try {
      return await this._fetch(block.start, block.end, signal);
    } catch (error) {
      const whole = block.start === offset && block.end === end;
      if (whole || !isBioImageError(error) || !REFUSED.includes(error.code)) {
        throw error;
      }
      this.requests += 1;
      const bytes = await this._fetch(offset, end, signal);
      this._narrow ||= block.start === 0; // the whole file is shorter than a block
      [block.start, block.end] = [offset, end];
      return bytes;
    }
  }

  private async _fetch(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this._store.getRange(this.key, { start, end }, { signal });
    } catch (error) {
      // Stores answer so when a range starts behind the end of the object.
      if (start > 0 && isBioImageError(error) && REFUSED.includes(error.code)) {
        throw this._beyond(start, error);
      }
      throw error;
    }
    if (!bytes) {
      throw new BioImageError('NOT_FOUND', say`There is no file ${this.key}.`, { where: this.key });
    }
    if (bytes.length < end - start) {
      this._size = start + bytes.length;
    }
    return bytes;
  }

  private _beyond(offset: number, cause?: unknown): BioImageError {
    return badTiff(this.key, say`it points to byte ${offset}, which is not in the file`, cause);
  }
}
