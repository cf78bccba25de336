import { say } from '../core';
import type { Said } from '../core';
import { s3Code } from './diagnosis';
import { UpstreamError } from './upstream';

/** Documents of Zarr are JSON; whatever begins with `<` under these names is a page. */
const DOCUMENT = /(^|\/)(\.zarray|\.zattrs|\.zgroup|\.zmetadata|zarr\.json)$/;

/** Whether a key is that of a Zarr document. */
export function isDocument(key: string): boolean {
  return DOCUMENT.test(key);
}

/** Content types of pages that stand where an object should: a login, an error, a listing. */
const PAGE_TYPE = /^\s*(text\/html|application\/xhtml\+xml|application\/xml|text\/xml)\b/i;

/** Beginnings that no chunk has by chance. */
const PAGE_START = /^\s*<(!doctype|html|head|\?xml|error|listbucketresult)/i;

/** Enough to tell a page and to find an S3 error's code, in bytes. */
const SNIFF_BYTES = 512;

function bad(what: Said, where: string, retry = false, hint?: Said): UpstreamError {
  return new UpstreamError('UPSTREAM_BAD', say`The store gave a wrong answer: ${what}.`, { where, retry, hint });
}

/**
 * Refuses a page (of a login, a proxy, an S3 error) that came with a good status in the place of an object. A type alone
 * proves nothing, for servers name chunks by guess; a page also begins with `<`.
 */
export function refusePage(bytes: Uint8Array, contentType: string | null, key: string): void {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, SNIFF_BYTES));
  if (!start.trimStart().startsWith('<') || /\.(xml|html?|svg|ome)$/i.test(key)) {
    return;
  }
  if (/<Code>\s*(SlowDown|ServiceUnavailable|InternalError|RequestTimeout)\b/.test(start)) {
    throw new UpstreamError('BUSY', say`The store asks for a pause.`, { where: key });
  }
  const code = s3Code(start);
  if (code !== undefined) {
    throw bad(say`an error (${code}) instead of data`, key);
  }
  if (isDocument(key) || PAGE_START.test(start) || PAGE_TYPE.test(contentType ?? '')) {
    const hint = say`Open the address in a tab of its own: it may ask for a login, or be that of a web page and not of the data.`;
    throw bad(say`a page instead of data`, key, false, hint);
  }
}

/**
 * Compares the body with its `Content-Length`. The platform undoes a content encoding without always showing the header
 * (CORS), and the length is that of the encoded body then: such a body may be longer than promised, never shorter.
 */
export function checkLength(response: Response, length: number, key: string): void {
  const header = response.headers.get('content-length');
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (header === null || encoding !== 'identity') {
    return;
  }
  const promised = Number(header);
  const hidden = response.type === 'cors' && length > promised;
  if (!Number.isSafeInteger(promised) || (promised !== length && !hidden)) {
    throw bad(say`a wrong length`, key, true);
  }
}

/** `bytes a-b/size` as `[start, end)` and size (`undefined` for `*`); `null` where it is not of that form. */
export function parseContentRange(header: string): { start: number; end: number; size: number | undefined } | null {
  const match = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(header.trim());
  if (!match) {
    return null;
  }
  const [start, last] = [Number(match[1]), Number(match[2])];
  const size = match[3] === '*' ? undefined : Number(match[3]);
  return start <= last && (size === undefined || last < size) ? { start, end: last + 1, size } : null;
}

/**
 * Checks a 206 answer for `[start, end)`; returns the size of the whole object where it is told.
 *
 * The range sent must be the one asked for, or end with the object. A browser does not see `Content-Range` of another
 * origin unless the store exposes it; then only a body of exactly the length asked for can be told to be right.
 */
export function checkPart(
  response: Response,
  length: number,
  asked: { start: number; end: number },
  key: string
): number | undefined {
  const encoding = response.headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') {
    throw bad(say`a part of an encoded object`, key);
  }
  const header = response.headers.get('content-range');
  if (header === null) {
    if (response.type === 'cors' && length === asked.end - asked.start) {
      return undefined;
    }
    throw bad(say`a part without its place`, key);
  }
  const told = parseContentRange(header);
  const end = Math.min(asked.end, told?.size ?? asked.end);
  if (told?.start !== asked.start || told.end !== end) {
    throw bad(say`another part of the object`, key);
  }
  if (length !== end - asked.start) {
    throw bad(say`a wrong length`, key, true);
  }
  return told.size;
}
