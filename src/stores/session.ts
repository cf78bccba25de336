import {
  BioImageError,
  isAbort,
  MAX_SILENCE,
  orAborted,
  readFrames,
  throwIfAborted,
  toBioImageError,
  within
} from '../core';
import type { IBatchItem, ISessionTransport } from '../entities';
import { checkKey, joinKey } from './keys';
import { checkRange, MAX_READ_BYTES } from './range';
import type { ByteRange, IReadableStore, IReadOptions } from './types';
import { frameError, UpstreamError } from './upstream';

/** Bound of one batch, as the server has it; its bytes are bounded by those of one read. */
const MAX_ITEMS = 256;

/** Bound of a batch's request in bytes: the server takes 64 KiB, a little is left for what surrounds the items. */
const MAX_REQUEST_BYTES = 60 * 1024;

/** One read that somebody waits for, from the call until it is settled. */
class Read {
  readonly promise: Promise<Uint8Array | undefined>;
  private _resolve!: (bytes: Uint8Array | undefined) => void;
  private _reject!: (error: unknown) => void;
  private _settled = false;
  private _left: (() => void) | null = null;
  private readonly _leave: () => void;

  constructor(
    readonly item: IBatchItem,
    private readonly _signal: AbortSignal | undefined
  ) {
    this.promise = new Promise((resolve, reject) => {
      this._resolve = resolve;
      this._reject = reject;
    });
    this._leave = () => this.fail(this._signal?.reason, true);
    this._signal?.addEventListener('abort', this._leave, { once: true });
  }

  get settled(): boolean {
    return this._settled;
  }

  /** Calls `listener` where the consumer leaves before the answer. */
  onLeft(listener: () => void): void {
    this._left = listener;
  }

  succeed(bytes: Uint8Array | undefined): void {
    if (this._settle()) {
      this._resolve(bytes);
    }
  }

  fail(error: unknown, left = false): void {
    if (this._settle()) {
      this._reject(error);
      if (left) {
        this._left?.();
      }
    }
  }

  private _settle(): boolean {
    if (this._settled) {
      return false;
    }
    this._settled = true;
    this._signal?.removeEventListener('abort', this._leave);
    return true;
  }
}

/**
 * Reads through the session's server. All reads of one turn of the event loop travel as one batch (of at most 256 items
 * and 64 MiB of known ranges) and are settled one by one as their frames arrive. A batch is cancelled when all its
 * reads have been; one item's failure is that item's alone.
 */
export class SessionStore implements IReadableStore {
  readonly name: string;
  private readonly _transport: ISessionTransport;
  private readonly _storeId: string;
  private readonly _root: string;
  private readonly _silence: number;
  private _waiting: Read[] = [];
  private _timer: ReturnType<typeof setTimeout> | null = null;

  /**
   * `root`: the prefix in the store below which keys are read; empty for the store's own root. `silence`: how long in ms
   * the server may send nothing before its reads are given up.
   */
  constructor(transport: ISessionTransport, storeId: string, root: string, options: { silence?: number } = {}) {
    this.name = `${storeId} (through this session)`;
    this._transport = transport;
    this._silence = options.silence ?? MAX_SILENCE;
    this._storeId = storeId;
    this._root = root === '' ? '' : checkKey(root);
  }

  async get(key: string, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._read({ key: joinKey(this._root, checkKey(key)) }, options.signal);
  }

  async getRange(key: string, range: ByteRange, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._read({ key: joinKey(this._root, checkKey(key)), ...checkRange(range, key) }, options.signal);
  }

  private _read(item: IBatchItem, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    throwIfAborted(signal);
    const read = new Read(item, signal);
    this._waiting.push(read);
    this._timer ??= setTimeout(() => this._flush(), 0);
    return read.promise;
  }

  private _flush(): void {
    this._timer = null;
    // Those whose consumer left within the same turn are never asked for.
    const wanted = this._waiting.filter(read => !read.settled);
    this._waiting = [];
    split(wanted).forEach(reads => void this._run(reads));
  }

  /** Never rejects: every failure is told to the reads. */
  private async _run(reads: readonly Read[]): Promise<void> {
    const controller = new AbortController();
    for (const read of reads) {
      read.onLeft(() => {
        if (reads.every(other => other.settled)) {
          controller.abort();
        }
      });
    }
    try {
      const items = reads.map(read => read.item);
      const asked = this._transport.batch(this._storeId, items, controller.signal);
      const stream = await orAborted(
        within(asked, this._silence, () => new UpstreamError('UPSTREAM_SLOW', 'The session is too slow.')),
        controller.signal
      );
      await this._settleFromFrames(reads, stream, controller.signal);
    } catch (error) {
      // Cancelled: all reads have been told already. Any other failure is that of those still waiting.
      const failure = isAbort(error) ? broken() : toBioImageError(error);
      reads.forEach(read => read.fail(failure));
      controller.abort();
    }
  }

  private async _settleFromFrames(
    reads: readonly Read[],
    stream: ReadableStream<Uint8Array>,
    signal: AbortSignal
  ): Promise<void> {
    const again = new Set<Read>();
    for await (const { header, bytes } of readFrames(stream, signal, this._silence)) {
      const read = typeof header.i === 'number' ? reads[header.i] : undefined;
      if (!read) {
        throw new BioImageError('UPSTREAM_BAD', 'The server gave a wrong answer: an item nobody asked for.');
      }
      // Whole objects of unknown size may together pass the bound of a batch; alone each may be within it.
      if (header.code === 'TOO_LARGE' && reads.length > 1 && isWhole(read.item)) {
        again.add(read);
      } else {
        settle(read, header, bytes);
      }
    }
    reads.filter(read => !again.has(read)).forEach(read => read.fail(broken()));
    again.forEach(read => void this._run([read]));
  }
}

function isWhole(item: IBatchItem): boolean {
  return item.end === undefined && item.suffix === undefined;
}

function broken(): UpstreamError {
  return new UpstreamError('UPSTREAM_BAD', 'The server gave a wrong answer: it is incomplete.', { retry: true });
}

function settle(read: Read, header: Record<string, unknown>, bytes: Uint8Array): void {
  const where = read.item.key;
  if (header.status === 404) {
    read.succeed(undefined);
  } else if (header.status !== 200 && header.status !== 206) {
    read.fail(frameError(header, where));
  } else if (!hasExpectedLength(read.item, header.size, bytes.length)) {
    read.fail(new BioImageError('UPSTREAM_BAD', 'The store gave a wrong answer: a wrong length.', { where }));
  } else {
    read.succeed(bytes);
  }
}

/** `size`: of the whole object, where the server knows it. Without it only a whole range can be told to be right. */
function hasExpectedLength(item: IBatchItem, size: unknown, length: number): boolean {
  const whole = typeof size === 'number' ? size : undefined;
  if (item.suffix !== undefined) {
    return whole === undefined ? length <= item.suffix : length === Math.min(item.suffix, whole);
  }
  if (item.start !== undefined && item.end !== undefined) {
    return length === (whole === undefined ? item.end : Math.min(item.end, whole)) - item.start;
  }
  return whole === undefined || length === whole;
}

/** Cuts the reads into batches within the bounds; the size of a whole object is not known before it comes. */
function split(reads: readonly Read[]): Read[][] {
  const encoder = new TextEncoder();
  const batches: Read[][] = [];
  let bytes = 0;
  let request = 0;
  for (const read of reads) {
    const { start = 0, end = 0, suffix } = read.item;
    const size = suffix ?? end - start;
    const text = encoder.encode(JSON.stringify(read.item)).length + 1;
    const last = batches.at(-1);
    const fits = bytes + size <= MAX_READ_BYTES && request + text <= MAX_REQUEST_BYTES;
    if (last && last.length < MAX_ITEMS && fits) {
      last.push(read);
      bytes += size;
      request += text;
    } else {
      batches.push([read]);
      bytes = size;
      request = text;
    }
  }
  return batches;
}
