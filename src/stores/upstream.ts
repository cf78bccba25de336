import { BioImageError, isErrorCode, type ErrorCode } from '../core';

/** A store's failure, with what the store said about trying again. */
export class UpstreamError extends BioImageError {
  /** Worth trying again although the code alone does not say so, such as a body that broke off. */
  readonly retry: boolean;
  /** How long the store asks to wait, in ms. */
  readonly retryAfter?: number;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; where?: string; id?: string; cause?: unknown; retry?: boolean; retryAfter?: number } = {}
  ) {
    super(code, message, options);
    this.retry = options.retry ?? ['UPSTREAM_DOWN', 'UPSTREAM_SLOW', 'BUSY'].includes(code);
    this.retryAfter = options.retryAfter;
  }
}

/** `Retry-After` in ms: seconds or a date (RFC 9110, 10.2.3); `undefined` for anything else. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) {
    return undefined;
  }
  if (/^\d{1,9}$/.test(header.trim())) {
    return Number(header) * 1000;
  }
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const DENIED = 'The store refused access.';
const DOWN = 'The store is not answering.';
const BUSY = 'Many requests are open. Please wait.';

/** What a status that carries no object means. 404 is for the caller, and 403 where the store is marked so. */
export function statusError(status: number, where: string, retryAfter?: number): UpstreamError {
  const options = { where, retryAfter };
  switch (status) {
    case 401:
    case 403:
      return new UpstreamError('UPSTREAM_DENIED', DENIED, options);
    case 429:
    case 503:
      return new UpstreamError('BUSY', BUSY, options);
    case 408:
    case 504:
      return new UpstreamError('UPSTREAM_SLOW', 'The store is too slow.', options);
    case 416:
      return new UpstreamError('UPSTREAM_BAD', 'The object is shorter than expected.', options);
    default:
      return status >= 500
        ? new UpstreamError('UPSTREAM_DOWN', DOWN, options)
        : new UpstreamError('UPSTREAM_BAD', `The store gave a wrong answer (status ${status}).`, options);
  }
}

/** The error that a frame names, for an item that failed on the server's side; its fields are those of a JSON error. */
export function frameError(header: Record<string, unknown>, where: string): UpstreamError {
  const { code, message, hint, id, status } = header;
  if (!isErrorCode(code)) {
    return statusError(typeof status === 'number' ? status : 0, where);
  }
  return new UpstreamError(code, text(message) ?? 'The store gave no answer.', {
    where,
    hint: text(hint),
    id: text(id)
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
