import { isBioImageError, orAborted, say, throwIfAborted, within } from '../core';
import { MAX_READ_BYTES, tooLarge } from './range';
import { UpstreamError } from './upstream';

/** How long to wait, in ms. */
export interface ITimeouts {
  /** From the request to the status line. A browser's queue of six connections per host counts in. */
  first: number;
  /** Between two pieces of a body. */
  idle: number;
}

/** The failure of a store that has sent nothing for `ms`. */
export function tooSlow(where: string, ms: number): UpstreamError {
  const seconds = Math.round(ms / 100) / 10;
  return new UpstreamError('UPSTREAM_SLOW', say`The store is too slow: nothing came for ${seconds} s.`, { where });
}

/** The body up to `limit` bytes; beyond it the transfer is stopped and `TOO_LARGE` thrown. */
export async function readBody(
  response: Response,
  where: string,
  timeouts: ITimeouts,
  signal?: AbortSignal,
  limit = MAX_READ_BYTES
): Promise<Uint8Array> {
  const promised = Number(response.headers.get('content-length') ?? 0);
  if (promised > limit) {
    discard(response);
    throw tooLarge(where, promised);
  }
  if (!response.body) {
    return new Uint8Array(0);
  }
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    for (;;) {
      const { value, done } = await orAborted(
        within(reader.read(), timeouts.idle, () => tooSlow(where, timeouts.idle)),
        signal
      );
      if (done) {
        break;
      }
      total += value.length;
      if (total > limit) {
        throw tooLarge(where);
      }
      parts.push(value);
    }
  } catch (error) {
    void reader.cancel().catch(ignore);
    throwIfAborted(signal);
    throw isBioImageError(error) ? error : broke(where, error);
  }
  return concat(parts, total);
}

/** Ends a transfer whose body nobody wants, so that its connection is free again. */
export function discard(response: Response): void {
  void response.body?.cancel().catch(ignore);
}

/** A stream that has failed already rejects its cancellation; the failure has been told. */
function ignore(): void {
  return;
}

function broke(where: string, cause: unknown): UpstreamError {
  return new UpstreamError('UPSTREAM_BAD', say`The store gave a wrong answer: it broke off.`, {
    where,
    cause,
    retry: true
  });
}

function concat(parts: readonly Uint8Array[], total: number): Uint8Array {
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
