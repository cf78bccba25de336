import { BioImageError, isErrorCode, say } from '../core';
import { SessionStore, withRetry, type IReadableStore, type ISessionTransport } from '../stores';

/**
 * A store of a running server, read through its `batch` route as the browser does it, with a token in place of the
 * browser's cookie.
 *
 * @param access.server - the server's address with its base path; a query is dropped
 */
export function sessionStore(access: { server: string; token: string; store: string }): IReadableStore {
  const base = new URL(access.server);
  base.search = '';
  base.hash = '';
  const root = base.href.replace(/\/(lab|tree)?\/*$/, '');
  const transport: ISessionTransport = {
    open: () => Promise.reject(new BioImageError('UNSUPPORTED', say`The opening stream is not used here.`)),
    async batch(store, items, signal) {
      const request = {
        method: 'POST',
        redirect: 'manual' as const, // a redirect leads to a login page
        headers: { 'Content-Type': 'application/json', Authorization: `token ${access.token}` },
        body: JSON.stringify({ items }),
        signal
      };
      const response = await fetch(`${root}/bioimage/stores/${encodeURIComponent(store)}/batch`, request).catch(
        (cause: unknown) => {
          // A kept connection may be one that the server has just closed: then the next one is tried.
          throw signal.aborted
            ? cause
            : new BioImageError('UPSTREAM_DOWN', say`The server is not answering.`, { cause });
        }
      );
      if (!response.ok || !response.body) {
        throw await failure(response);
      }
      return response.body;
    }
  };
  return withRetry(new SessionStore(transport, access.store, ''));
}

/** The server's own error where it sent one. */
async function failure(response: Response): Promise<BioImageError> {
  const body: unknown = await response.json().catch(() => null); // a proxy's page is no JSON: the status must do
  if (typeof body === 'object' && body !== null && 'code' in body && 'message' in body) {
    const { code, message } = body;
    if (isErrorCode(code)) {
      return new BioImageError(code, say`${String(message).slice(0, 200)}`);
    }
  }
  return response.status === 401 || response.status === 403 || response.status === 302
    ? new BioImageError('SESSION_ENDED', say`The server asks for a token.`)
    : new BioImageError('UPSTREAM_BAD', say`The server answered with status ${response.status}.`);
}
