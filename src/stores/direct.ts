import { BioImageError, isAbort, isBioImageError, orAborted, say, throwIfAborted, within } from '../core';
import { Etags, versionOf } from './etags';
import { discard, readBody, tooSlow, type ITimeouts } from './body';
import { NoAnswer, redirectRefused, refusalCode } from './diagnosis';
import { checkKey, encodeKey } from './keys';
import { absoluteRange, checkRange } from './range';
import type { ByteRange, IReadableStore, IReadOptions } from './types';
import { retryAfterMs, statusError, UpstreamError } from './upstream';
import { checkLength, checkPart, isDocument, parseContentRange, refusePage } from './verify';

/** How a store is read by the browser itself. */
export interface IDirectOptions {
  fetch?: typeof fetch;
  /** The store answers 403 for what does not exist. */
  absentIs403?: boolean;
  /** In ms; by default 30 s to the status line, 10 s between pieces. */
  timeouts?: Partial<ITimeouts>;
}

const TIMEOUTS: ITimeouts = { first: 30_000, idle: 10_000 };

/** Largest whole object out of which a part is cut where a store ignores ranges, in bytes. */
const MAX_IGNORED_RANGE_BYTES = 4 * 1024 * 1024;

/** Sizes remembered for reads from the end of an object. */
const MAX_SIZES = 4096;

/**
 * Reads straight from a public store over HTTPS: without credentials, without following redirects, and with every
 * answer checked before its bytes are believed.
 *
 * | answer | result |
 * |---|---|
 * | 200, or 206 with exactly the range asked for | bytes |
 * | 404; 403 where `absentIs403` | `undefined` |
 * | 401, 403 | `UPSTREAM_DENIED` |
 * | 429, 503, an S3 error that asks for a pause | `BUSY` |
 * | 408, 504, nothing in time | `UPSTREAM_SLOW` |
 * | other 5xx, no connection, no CORS | `UPSTREAM_DOWN` |
 * | a redirect, a page, another range or length, 416 | `UPSTREAM_BAD` |
 * | 200 for a range | the part, up to 4 MiB of object; else `UPSTREAM_BAD` |
 * | more than 64 MiB | `TOO_LARGE` |
 * | another size or ETag than before | `CHANGED` |
 * | bytes that are not those of an ETag that is an MD5 | `UPSTREAM_BAD` |
 */
export class DirectStore implements IReadableStore {
  readonly name: string;
  private readonly _base: string;
  private readonly _fetch: typeof fetch;
  private readonly _absentIs403: boolean;
  private readonly _timeouts: ITimeouts;
  private readonly _sizes = new Map<string, number>();
  private readonly _etags = new Etags();
  private readonly _noAnswer: NoAnswer;
  /** Some request has been answered, so the store lets this page read it. */
  private _answered = false;

  /** `base`: absolute URL without a slash at the end, as `resolveUri` gives it. */
  constructor(base: string, options: IDirectOptions = {}) {
    this._base = base.replace(/\/+$/, '');
    this.name = new URL(this._base).host;
    // Called as a plain function: the platform's fetch refuses another `this`.
    const given = options.fetch ?? fetch;
    this._fetch = (input, init) => given(input, init);
    this._noAnswer = new NoAnswer({ fetch: this._fetch, host: this.name });
    this._absentIs403 = options.absentIs403 ?? false;
    this._timeouts = { ...TIMEOUTS, ...options.timeouts };
  }

  async get(key: string, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    const response = await this._request(key, {}, options.signal);
    if (!response) {
      return undefined;
    }
    if (response.status !== 200) {
      throw await this._refuse(response, key);
    }
    const bytes = await readBody(response, key, this._timeouts, options.signal);
    checkLength(response, bytes.length, key);
    refusePage(bytes, response.headers.get('content-type'), key);
    this._etags.checkWhole(response, bytes, key);
    await this._sameVersion(response, key, options.signal);
    return bytes;
  }

  async getRange(key: string, range: ByteRange, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    checkRange(range, key);
    if (!('suffix' in range)) {
      return this._part(key, range, options.signal);
    }
    // A suffix range costs a preflight and some stores get it wrong; the size and an explicit range do not.
    const size = await this._size(key, options.signal);
    if (size === undefined) {
      return undefined;
    }
    return size === 0 ? new Uint8Array(0) : this._part(key, absoluteRange(range, size, key), options.signal);
  }

  private async _part(
    key: string,
    asked: { start: number; end: number },
    signal: AbortSignal | undefined
  ): Promise<Uint8Array | undefined> {
    const headers = { Range: `bytes=${asked.start}-${asked.end - 1}` };
    // Browsers run ranges of one URL one after the other when their cache is to keep them.
    const response = await this._request(key, { headers, cache: 'no-store' }, signal);
    if (!response) {
      return undefined;
    }
    if (response.status === 200) {
      return this._cutWhole(response, key, asked, signal);
    }
    if (response.status !== 206) {
      throw await this._refuse(response, key);
    }
    const bytes = await readBody(response, key, this._timeouts, signal);
    this._remember(key, checkPart(response, bytes.length, asked, key));
    if (asked.start === 0) {
      refusePage(bytes, response.headers.get('content-type'), key);
    }
    await this._sameVersion(response, key, signal);
    return bytes;
  }

  /** The store has ignored the range and sends the whole object. */
  private async _cutWhole(
    response: Response,
    key: string,
    asked: { start: number; end: number },
    signal: AbortSignal | undefined
  ): Promise<Uint8Array> {
    let bytes: Uint8Array;
    try {
      bytes = await readBody(response, key, this._timeouts, signal, MAX_IGNORED_RANGE_BYTES);
    } catch (cause) {
      throw isBioImageError(cause, 'TOO_LARGE')
        ? new UpstreamError('UPSTREAM_BAD', say`The store cannot send parts of an object.`, { where: key, cause })
        : cause;
    }
    checkLength(response, bytes.length, key);
    refusePage(bytes, response.headers.get('content-type'), key);
    this._etags.checkWhole(response, bytes, key);
    await this._sameVersion(response, key, signal);
    const { start, end } = absoluteRange(asked, bytes.length, key);
    return bytes.subarray(start, end);
  }

  /** Throws CHANGED where the object is not the one that was read before. */
  private _sameVersion(response: Response, key: string, signal: AbortSignal | undefined): Promise<void> {
    return this._etags.checkVersion(response, key, async () => {
      const head = await this._request(key, { method: 'HEAD', cache: 'no-store' }, signal, true);
      return head ? versionOf(head) : null;
    });
  }

  private async _size(key: string, signal: AbortSignal | undefined): Promise<number | undefined> {
    const known = this._sizes.get(key);
    if (known !== undefined) {
      return known;
    }
    const head = await this._request(key, { method: 'HEAD' }, signal, true);
    if (head === undefined) {
      return undefined;
    }
    const told = head?.headers.get('content-length') ?? null;
    const encoded = (head?.headers.get('content-encoding') ?? 'identity') !== 'identity';
    const size = told !== null && !encoded ? Number(told) : await this._sizeByPart(key, signal);
    if (size !== undefined && !Number.isSafeInteger(size)) {
      throw new UpstreamError('UPSTREAM_BAD', say`The store does not tell the size of an object.`, { where: key });
    }
    this._remember(key, size);
    return size;
  }

  /** For stores without HEAD: the first byte comes with the size of the whole. */
  private async _sizeByPart(key: string, signal: AbortSignal | undefined): Promise<number | undefined> {
    const response = await this._request(key, { headers: { Range: 'bytes=0-0' }, cache: 'no-store' }, signal);
    if (!response) {
      return undefined;
    }
    discard(response);
    const told = parseContentRange(response.headers.get('content-range') ?? '');
    return response.status === 206 && told?.size !== undefined ? told.size : NaN;
  }

  private _remember(key: string, size: number | undefined): void {
    if (size === undefined) {
      return;
    }
    const before = this._sizes.get(key);
    this._sizes.delete(key);
    if (before !== undefined && before !== size) {
      throw new BioImageError('CHANGED', say`The data changed while it was being read.`, { where: key });
    }
    this._sizes.set(key, size);
    if (this._sizes.size > MAX_SIZES) {
      const [oldest] = this._sizes.keys();
      this._sizes.delete(oldest);
    }
  }

  /**
   * Sends one request and answers for the statuses that mean the same everywhere. `undefined`: the object does not
   * exist. `null`, only where `lenient`: the store does not answer this kind of request.
   */
  private async _request(
    key: string,
    init: RequestInit,
    signal: AbortSignal | undefined
  ): Promise<Response | undefined>;
  private async _request(
    key: string,
    init: RequestInit,
    signal: AbortSignal | undefined,
    lenient: true
  ): Promise<Response | undefined | null>;
  private async _request(
    key: string,
    init: RequestInit,
    signal: AbortSignal | undefined,
    lenient = false
  ): Promise<Response | undefined | null> {
    const url = `${this._base}/${encodeKey(checkKey(key))}`;
    throwIfAborted(signal);
    const response = await this._send(url, init, key, signal);
    this._answered = true;
    if (response.status === 404 && isDocument(key)) {
      return this._absent(response, key);
    }
    if (response.status === 404 || (response.status === 403 && this._absentIs403)) {
      discard(response);
      return undefined;
    }
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      discard(response);
      throw redirectRefused(response, url, key);
    }
    if (lenient && [400, 405, 501].includes(response.status)) {
      discard(response);
      return null;
    }
    if (!response.ok) {
      throw await this._refuse(response, key);
    }
    return response;
  }

  /** The request itself; it is stopped when the time is over or nobody wants it. */
  private async _send(url: string, init: RequestInit, key: string, signal: AbortSignal | undefined): Promise<Response> {
    const controller = new AbortController();
    const stop = () => controller.abort(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const sent = this._fetch(url, {
        ...init,
        credentials: 'omit',
        redirect: 'manual',
        referrerPolicy: 'no-referrer',
        signal: controller.signal
      });
      return await orAborted(
        within(sent, this._timeouts.first, () => tooSlow(key, this._timeouts.first)),
        signal
      );
    } catch (cause) {
      throwIfAborted(signal);
      controller.abort();
      if (isBioImageError(cause)) {
        throw cause;
      }
      if (isAbort(cause)) {
        throw new UpstreamError('UPSTREAM_DOWN', say`The request was stopped.`, { where: key, cause });
      }
      const why = await orAborted(this._noAnswer.why(url, key, this._answered, cause), signal);
      throw why;
    } finally {
      // From here on whoever reads the body stops it; a long-lived signal must not gather listeners.
      signal?.removeEventListener('abort', stop);
    }
  }

  private async _refuse(response: Response, key: string): Promise<UpstreamError> {
    const retryAfter = retryAfterMs(response.headers.get('retry-after'), Date.now());
    return statusError(response.status, key, { retryAfter, s3: await refusalCode(response) });
  }

  /** A document that is not there; where the whole bucket is not, that is said. */
  private async _absent(response: Response, key: string): Promise<undefined> {
    const s3 = await refusalCode(response);
    if (s3 === 'NoSuchBucket') {
      throw statusError(404, key, { s3 });
    }
  }
}
