import { BioImageError, heard, isErrorCode, isOffline, OFFLINE, parseJson, say } from '../core';

/** Bound of a JSON answer or error, in bytes. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;

function isType(response: Response, type: string): boolean {
  return (response.headers.get('content-type') ?? '').toLowerCase().startsWith(type);
}

/** Ends a transfer whose body nobody wants. One that has failed already rejects, which is of no interest. */
function discard(response: Response): void {
  void response.body?.cancel().catch(() => undefined);
}

const AGAIN = say`Log in again in a new tab, or reload this page, and try again; nothing was lost.`;

function sessionEnded(why = say`the server asks for a login`): BioImageError {
  return new BioImageError('SESSION_ENDED', say`Your session has ended: ${why}.`, { hint: AGAIN });
}

/** A hub that answers in the place of a server that runs no more: stopped because nobody used it, or with its time over. */
function sessionStopped(): BioImageError {
  return new BioImageError('SESSION_ENDED', say`Your session has ended: its server runs no more.`, {
    hint: say`Log in again and start it anew, or reload this page; files that were saved are kept.`
  });
}

/** The failure of a request that got no answer at all. */
export function noAnswer(cause: unknown): BioImageError {
  return isOffline()
    ? new BioImageError('UPSTREAM_DOWN', OFFLINE.message, { hint: OFFLINE.hint, cause })
    : new BioImageError('UPSTREAM_DOWN', say`The session is not answering.`, {
        hint: say`Check the connection; if JupyterLab does not answer either, reload this page to log in again.`,
        cause
      });
}

/** Seconds of `Retry-After`, where it is a number of them. */
function secondsOf(response: Response): number | undefined {
  const text = response.headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

function busy(seconds: number | undefined): BioImageError {
  return seconds === undefined
    ? new BioImageError('BUSY', say`The session asks for a pause: too many requests are open.`)
    : new BioImageError('BUSY', say`The session asks for a pause of ${seconds} s.`, {
        hint: say`Wait ${seconds} s and try again.`
      });
}

/**
 * Refuses an answer that is not from our routes although its status is good: a login page that the request was led to
 * when the session had ended. `base` is the address below which all of our routes are.
 */
export function refuseForeign(response: Response, base: string): void {
  const ledAway = response.redirected && !response.url.startsWith(base);
  if (ledAway || response.type === 'opaqueredirect' || isType(response, 'text/html')) {
    discard(response);
    throw sessionEnded(ledAway ? say`the request was led to another page` : undefined);
  }
}

/**
 * The failure that an answer with a bad status stands for: the server's own words where they are ours, else what the
 * status means on the way through login, hub and proxy.
 */
export async function failureOf(response: Response): Promise<BioImageError> {
  if (isType(response, 'application/json')) {
    const own = readError(new Uint8Array(await response.arrayBuffer()));
    if (own) {
      return own;
    }
  } else {
    discard(response);
  }
  const { status } = response;
  // A redirect leads to a login; the platform may hide where (status 0).
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    return sessionEnded(say`the request was led to another page`);
  }
  switch (status) {
    case 401:
    case 403: // without words of ours it is the hub or the login that refuses
      return sessionEnded();
    case 404:
      return new BioImageError('UNSUPPORTED', say`The server part of this extension is not there.`, {
        hint: say`Ask the operator whether it is installed and enabled in the same version.`
      });
    case 413:
      return new BioImageError('TOO_LARGE', say`The request is too long.`);
    case 424: // the hub answers for a server that has stopped
      return sessionStopped();
    case 429:
      return busy(secondsOf(response));
    case 502:
    case 503:
    case 504:
      return new BioImageError('HUB_GONE', say`The session or its hub cannot be reached (status ${status}).`);
    default:
      return new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer (status ${status}).`);
  }
}

/** `{code, message, hint, id}` of our server; `null` where it is not that. */
function readError(bytes: Uint8Array): BioImageError | null {
  let value: unknown;
  try {
    value = parseJson(bytes, 'error', MAX_JSON_BYTES);
  } catch {
    return null; // an error without readable words is judged by its status
  }
  const fields = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  const text = (name: string): string | undefined => {
    const field = fields.get(name);
    return typeof field === 'string' && field !== '' ? field.slice(0, 500) : undefined;
  };
  // ABSENT is the wire's word for a chunk that does not exist; asked for by itself, nothing is there.
  const code = fields.get('code') === 'ABSENT' ? 'NOT_FOUND' : fields.get('code');
  if (!isErrorCode(code)) {
    return null;
  }
  const { message, hint } = Object(fields.get('said')) as { message?: unknown; hint?: unknown };
  return new BioImageError(code, heard(text('message'), message) ?? say`The server refused.`, {
    hint: heard(text('hint'), hint),
    id: text('id')
  });
}

/** The JSON of a good answer. A body that is none is the server's fault, not an image's. */
export async function jsonOf(response: Response): Promise<unknown> {
  try {
    return parseJson(new Uint8Array(await response.arrayBuffer()), 'answer', MAX_JSON_BYTES);
  } catch (cause) {
    throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer.`, { cause });
  }
}
