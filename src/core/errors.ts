import { saidTogether, say } from './say';
import type { Said } from './say';

/**
 * The kinds of failure this project knows. They are the same words on the wire, in the server's log and in the browser;
 * the text of an error is for people and is never compared. A cancelled request is no failure: see {@link isAbort}.
 */
export type ErrorCode =
  | 'BAD_REQUEST'
  | 'CROSS_SITE'
  | 'SESSION_ENDED'
  | 'STORE_DENIED'
  | 'PATH_DENIED'
  | 'NOT_FOUND'
  | 'UPSTREAM_DENIED'
  | 'UPSTREAM_BAD'
  | 'UPSTREAM_DOWN'
  | 'UPSTREAM_SLOW'
  | 'CHANGED'
  | 'TOO_LARGE'
  | 'BUSY'
  | 'BAD_METADATA'
  | 'BAD_CHUNK'
  | 'UNSUPPORTED'
  | 'CATALOGUE_BAD'
  | 'KERNEL_GONE'
  | 'HUB_GONE'
  | 'INTERNAL';

/** What a person can do next, per code; used where the place that failed knows nothing better. */
const HINTS: Record<ErrorCode, Said> = {
  BAD_REQUEST: say`Check what was entered and try again.`,
  CROSS_SITE: say`Open JupyterLab itself and start from there.`,
  SESSION_ENDED: say`Sign in again; nothing was lost.`,
  STORE_DENIED: say`Ask the operator of this service to add the store, or open an image from a listed one.`,
  PATH_DENIED: say`Choose a path inside the folder that is offered.`,
  NOT_FOUND: say`Check the address; the data may have been moved or withdrawn.`,
  UPSTREAM_DENIED: say`The data may not be public, or not yet.`,
  UPSTREAM_BAD: say`Try again later; if it stays, report it to the owner of the store.`,
  UPSTREAM_DOWN: say`Check the connection and try again in a moment.`,
  UPSTREAM_SLOW: say`Try again in a moment, or choose a coarser level.`,
  CHANGED: say`Reload the image.`,
  TOO_LARGE: say`Use the code snippet instead: it loads the data piece by piece.`,
  BUSY: say`Please wait a moment and try again.`,
  BAD_METADATA: say`Report it to the author of the image; the snippet may still read the arrays.`,
  BAD_CHUNK: say`The rest of the image can be used. Reload to try this part again.`,
  UNSUPPORTED: say`Open the image with another program, or convert it to OME-Zarr.`,
  CATALOGUE_BAD: say`Try again later; the other catalogues are not affected.`,
  KERNEL_GONE: say`Start a kernel and insert the code again.`,
  HUB_GONE: say`Your work here continues. Try again in a moment.`,
  INTERNAL: say`Try again; if it stays, report it with the steps that led here.`
};

/** All codes, in the order of their declaration. */
export const ERROR_CODES = Object.keys(HINTS) as readonly ErrorCode[];

/** True where `value` is one of the codes; codes from the wire are checked before they are believed. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(HINTS, value);
}

/**
 * A failure with a stable `code`, a text for people (what happened) and a `hint` (what to do next).
 *
 * `where` names the field, key or step, never a path of the machine or a query with secrets; `id` is the line in the
 * server's log, 8 hexadecimal digits.
 */
export class BioImageError extends Error {
  readonly code: ErrorCode;
  /** In English, as `message` is. */
  readonly hint: string;
  /** Both of them for who reads another language. */
  readonly said: { readonly message: Said; readonly hint: Said };
  readonly where?: string;
  readonly id?: string;

  constructor(
    code: ErrorCode,
    message: Said,
    options: { hint?: Said; where?: string; id?: string; cause?: unknown } = {}
  ) {
    super(String(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BioImageError';
    this.code = code;
    this.said = { message, hint: options.hint ?? HINTS[code] };
    this.hint = String(this.said.hint);
    this.where = options.where;
    this.id = options.id;
  }
}

/** What happened and what to do next, in one. */
export function messageAndHint({ said }: BioImageError): Said {
  return saidTogether([said.message, said.hint]);
}

/** Narrows to our own error, and to one code where `code` is given. */
export function isBioImageError(error: unknown, code?: ErrorCode): error is BioImageError {
  return error instanceof BioImageError && (code === undefined || error.code === code);
}

/** True for the rejection of a request that somebody no longer wants. By name, because it is a `DOMException` or an `Error`. */
export function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}

/** Our own error unchanged, anything else as `INTERNAL` with its cause. Ask {@link isAbort} first. */
export function toBioImageError(error: unknown): BioImageError {
  return isBioImageError(error)
    ? error
    : new BioImageError('INTERNAL', say`Something went wrong here.`, { cause: error });
}
