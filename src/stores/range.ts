import { BioImageError, say } from '../core';
import type { ByteRange } from './types';
import { UpstreamError } from './upstream';

/** Bound of one read, in bytes; beyond it data is loaded by code. */
export const MAX_READ_BYTES = 64 * 1024 * 1024;

/** `bytes`: the size, where it is known. */
export function tooLarge(where: string, bytes?: number): BioImageError {
  const size = bytes === undefined ? say`more than 64 MiB` : say`${Math.ceil(bytes / 2 ** 20)} MiB`;
  return new BioImageError('TOO_LARGE', say`Too large to preview (${size} in one piece; 64 MiB are read at most).`, {
    where,
    hint: say`Choose a coarser level, or use the code snippet: it loads the data piece by piece.`
  });
}

/** The range itself where it is well formed and within the bound of one read; `BAD_REQUEST` or `TOO_LARGE` otherwise. */
export function checkRange(range: ByteRange, where: string): ByteRange {
  const [start, end] = 'suffix' in range ? [0, range.suffix] : [range.start, range.end];
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end <= start) {
    throw new BioImageError('BAD_REQUEST', say`The range of bytes is not valid.`, { where });
  }
  if (end - start > MAX_READ_BYTES) {
    throw tooLarge(where, end - start);
  }
  return range;
}

/** The absolute `[start, end)` of a range in an object of `size` bytes. A start beyond the object is `UPSTREAM_BAD`. */
export function absoluteRange(range: ByteRange, size: number, where: string): { start: number; end: number } {
  if ('suffix' in range) {
    return { start: Math.max(0, size - range.suffix), end: size };
  }
  if (range.start >= size) {
    throw new UpstreamError('UPSTREAM_BAD', say`The object is shorter than expected.`, { where, beyond: true });
  }
  return { start: range.start, end: Math.min(range.end, size) };
}

/** A piece of text that names key and range, one to one: keys hold no control characters. */
export function itemId(key: string, range?: ByteRange | null): string {
  if (!range) {
    return key;
  }
  return 'suffix' in range ? `${key}\n-${range.suffix}` : `${key}\n${range.start}-${range.end}`;
}
