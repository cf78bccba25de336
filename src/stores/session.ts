import { BioImageError, say } from '../core';
import type { IBatchItem, ISessionTransport } from '../entities';
import { Batches } from './batches';
import { Versions } from './etags';
import { checkKey, joinKey } from './keys';
import { checkRange, MAX_READ_BYTES } from './range';
import type { ByteRange, IReadableStore, IReadOptions } from './types';
import { frameError } from './upstream';

/** Bound of one batch, as the server has it; its bytes are bounded by those of one read. */
const MAX_ITEMS = 256;

/** Bound of a batch's request in bytes: the server takes 64 KiB, a little is left for what surrounds the items. */
const MAX_REQUEST_BYTES = 60 * 1024;

/**
 * Reads through the session's server. All reads of one turn of the event loop travel as one batch (of at most 256 items
 * and 64 MiB of known ranges) and are settled one by one as their frames arrive. A batch is cancelled when all its
 * reads have been; one item's failure is that item's alone. Parts of an object whose ETag changes between two of them are
 * CHANGED; an object that is read whole may be another one each time.
 */
export class SessionStore implements IReadableStore {
  readonly name: string;
  private readonly _root: string;
  private readonly _batches: Batches<IBatchItem>;
  /** Asks for ETags instead of bytes. */
  private readonly _tags: Batches<IBatchItem>;
  private readonly _versions = new Versions();

  /**
   * `root`: the prefix in the store below which keys are read; empty for the store's own root. `silence`: how long in ms
   * the server may send nothing before its reads are given up.
   */
  constructor(transport: ISessionTransport, storeId: string, root: string, options: { silence?: number } = {}) {
    this.name = `${storeId} (through this session)`;
    this._root = root === '' ? '' : checkKey(root);
    const send = (items: readonly IBatchItem[], signal: AbortSignal): Promise<ReadableStream<Uint8Array>> =>
      transport.batch(storeId, items, signal);
    this._tags = new Batches({ send, split, answer: (_, { etag }) => new TextEncoder().encode(tagOf(etag) ?? '') });
    this._batches = new Batches({
      send,
      split,
      answer: (item, header, bytes) => this._current(item, header, answer(item, header, bytes)),
      // Whole objects of unknown size may together pass the bound of a batch; alone each may be within it.
      again: (item, header) => header.code === 'TOO_LARGE' && isWhole(item),
      ...options
    });
  }

  async get(key: string, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._batches.ask({ key: joinKey(this._root, checkKey(key)) }, options.signal);
  }

  async getRange(key: string, range: ByteRange, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._batches.ask({ key: joinKey(this._root, checkKey(key)), ...checkRange(range, key) }, options.signal);
  }

  /** Remembers that a part of `key` came by another way, from the version `etag`. */
  remember(key: string, etag: unknown): void {
    this._versions.same(joinKey(this._root, checkKey(key)), tagOf(etag));
  }

  /** The bytes; CHANGED where they are a part of another version than parts before. */
  private _current(
    item: IBatchItem,
    { etag }: Record<string, unknown>,
    bytes: Uint8Array | undefined
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (isWhole(item) || this._versions.same(item.key, tagOf(etag))) {
      return bytes;
    }
    const ask = async (): Promise<string | null> => {
      const tag = await this._tags.ask({ key: item.key, start: 0, end: 1 }, undefined);
      return new TextDecoder().decode(tag) || null;
    };
    return this._versions.refuse(item.key, ask).then(() => bytes);
  }
}

function tagOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isWhole(item: IBatchItem): boolean {
  return item.end === undefined && item.suffix === undefined;
}

function answer(item: IBatchItem, header: Record<string, unknown>, bytes: Uint8Array): Uint8Array | undefined {
  const where = item.key;
  if (header.status === 404) {
    return undefined;
  }
  if (header.status !== 200 && header.status !== 206) {
    throw frameError(header, where);
  }
  if (!hasExpectedLength(item, header.size, bytes.length)) {
    throw new BioImageError('UPSTREAM_BAD', say`The store gave a wrong answer: a wrong length.`, { where });
  }
  return bytes;
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
function split<T extends { readonly question: IBatchItem }>(reads: readonly T[]): T[][] {
  const encoder = new TextEncoder();
  const batches: T[][] = [];
  let bytes = 0;
  let request = 0;
  for (const read of reads) {
    const { start = 0, end = 0, suffix } = read.question;
    const size = suffix ?? end - start;
    const text = encoder.encode(JSON.stringify(read.question)).length + 1;
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
