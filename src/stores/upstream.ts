import { BioImageError, type ErrorCode, heard, isErrorCode, say } from '../core';
import type { Said } from '../core';

interface IUpstreamOptions {
  readonly hint?: Said;
  readonly where?: string;
  readonly id?: string;
  readonly cause?: unknown;
  readonly retry?: boolean;
  readonly retryAfter?: number;
  readonly beyond?: boolean;
}

/** A store's failure, with what the store said about trying again. */
export class UpstreamError extends BioImageError {
  /** Worth trying again although the code alone does not say so, such as a body that broke off. */
  readonly retry: boolean;
  /** How long the store asks to wait, in ms. */
  readonly retryAfter?: number;
  /** What was asked for begins behind the end of the object. */
  readonly beyond: boolean;

  constructor(code: ErrorCode, message: Said, options: IUpstreamOptions = {}) {
    super(code, message, options);
    this.beyond = options.beyond ?? false;
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

/** Words for the refusals of an S3 store by their code; others are named. */
const REFUSALS: Readonly<Record<string, { code?: ErrorCode; message: Said; hint?: Said }>> = {
  AccessDenied: { message: say`The store refused access (AccessDenied).` },
  AllAccessDisabled: { message: say`The store has closed this bucket (AllAccessDisabled).` },
  NoSuchBucket: { code: 'NOT_FOUND', message: say`There is no such bucket in the store (NoSuchBucket).` },
  ExpiredToken: {
    message: say`The address has expired (ExpiredToken).`,
    hint: say`Ask for a new address where you got this one.`
  },
  RequestTimeTooSkewed: {
    message: say`The store does not agree with the clock (RequestTimeTooSkewed).`,
    hint: say`Set the clock of this machine and try again.`
  }
};

/** What a status says beyond its class. */
interface IRefusal {
  /** How long the store asks to wait, in ms. */
  readonly retryAfter?: number;
  /** Code of an S3 error. */
  readonly s3?: string;
}

function busy(where: string, retryAfter: number | undefined): UpstreamError {
  if (retryAfter === undefined) {
    return new UpstreamError('BUSY', say`The store asks for a pause: too many requests are open.`, { where });
  }
  const seconds = Math.ceil(retryAfter / 1000);
  return new UpstreamError('BUSY', say`The store asks for a pause of ${seconds} s.`, {
    where,
    retryAfter,
    hint: say`Wait ${seconds} s and try again; fewer views at once ask for less.`
  });
}

function denied(where: string, s3: string | undefined): UpstreamError {
  const known = s3 === undefined || !Object.hasOwn(REFUSALS, s3) ? undefined : REFUSALS[s3];
  const message =
    known?.message ?? (s3 === undefined ? say`The store refused access.` : say`The store refused access (${s3}).`);
  return new UpstreamError(known?.code ?? 'UPSTREAM_DENIED', message, { where, hint: known?.hint });
}

type Words = readonly [code: ErrorCode, message: Said, hint?: Said];

/** Statuses with a meaning of their own (RFC 9110, RFC 6585, RFC 7725). */
const STATUSES: Readonly<Record<number, Words>> = {
  407: [
    'UPSTREAM_DENIED',
    say`A proxy on the way asks for a login.`,
    say`Log in to the proxy of your network and try again.`
  ],
  408: ['UPSTREAM_SLOW', say`The store is too slow (status 408).`],
  410: ['NOT_FOUND', say`The data were here and have been withdrawn (status 410).`],
  416: ['UPSTREAM_BAD', say`The object is shorter than expected.`],
  451: [
    'UPSTREAM_DENIED',
    say`The store withholds the data for legal reasons.`,
    say`Ask the owner of the data for access.`
  ],
  504: ['UPSTREAM_SLOW', say`The store is too slow (status 504).`],
  511: [
    'UPSTREAM_DENIED',
    say`The network asks for a login first.`,
    say`Open any page in a new tab, log in, and try again.`
  ]
};

/** What a status that carries no object means. 404 is for the caller, and 403 where the store is marked so. */
export function statusError(status: number, where: string, { retryAfter, s3 }: IRefusal = {}): UpstreamError {
  if (Object.hasOwn(STATUSES, status)) {
    const [code, message, hint] = STATUSES[status];
    return new UpstreamError(code, message, { where, hint, retryAfter, beyond: status === 416 });
  }
  if (status === 401 || status === 403 || s3 === 'NoSuchBucket') {
    return denied(where, s3);
  }
  if (status === 429 || status === 503 || s3 === 'SlowDown') {
    return busy(where, retryAfter);
  }
  const named = s3 === undefined ? say`status ${status}` : say`status ${status}, ${s3}`;
  return status >= 500
    ? new UpstreamError('UPSTREAM_DOWN', say`The store has a fault of its own (${named}).`, { where, retryAfter })
    : new UpstreamError('UPSTREAM_BAD', say`The store gave a wrong answer (${named}).`, { where });
}

/** The error that a frame names, for an item that failed on the server's side; its fields are those of a JSON error. */
export function frameError(header: Record<string, unknown>, where: string): UpstreamError {
  const { code, message, hint, said, id, status } = header;
  if (!isErrorCode(code)) {
    return statusError(typeof status === 'number' ? status : 0, where);
  }
  const told = Object(said) as { message?: unknown; hint?: unknown };
  return new UpstreamError(code, heard(message, told.message) ?? say`The store gave no answer.`, {
    where,
    hint: heard(hint, told.hint),
    id: typeof id === 'string' && id !== '' ? id : undefined,
    beyond: status === 416
  });
}
