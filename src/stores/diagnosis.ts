import { isOffline, OFFLINE, say, within } from '../core';
import { discard } from './body';
import { UpstreamError } from './upstream';

/** Of a refusal, as much as an S3 error needs, in bytes. */
const MAX_ERROR_BYTES = 4096;
/** For the body of a refusal, and for a probe, in ms: a failure must not keep anybody waiting. */
const PATIENCE = 3000;
/** For so long a probe's outcome is believed, in ms. */
const REMEMBERED = 10_000;

/** The code of an S3 error in a text (`AccessDenied`, `NoSuchBucket`, …): a word, whatever the text is. */
export function s3Code(text: string): string | undefined {
  return /<Code>\s*([A-Za-z]{2,60})\s*<\/Code>/.exec(text)?.[1];
}

/** Reads the S3 error in the body of a refusal, where it is one; the transfer is ended either way. */
export async function refusalCode(response: Response): Promise<string | undefined> {
  if (!response.body || !/xml/i.test(response.headers.get('content-type') ?? 'xml')) {
    discard(response);
    return undefined;
  }
  const reader = response.body.getReader();
  const decoder = new TextDecoder('latin1');
  let text = '';
  try {
    while (text.length < MAX_ERROR_BYTES) {
      const { value, done } = await within(reader.read(), PATIENCE, () => new Error('late'));
      if (done) {
        break;
      }
      text += decoder.decode(value.subarray(0, MAX_ERROR_BYTES), { stream: true });
    }
  } catch {
    return s3Code(text); // the refusal stands whatever became of its body
  } finally {
    void reader.cancel().catch(() => undefined); // one that has failed rejects, which is of no interest
  }
  return s3Code(text);
}

/** A redirect is not followed: it could lead anywhere. Its host is named where the platform shows it. */
export function redirectRefused(response: Response, asked: string, where: string): UpstreamError {
  const location = response.headers.get('location');
  const target = location !== null && URL.canParse(location, asked) ? new URL(location, asked) : undefined;
  const elsewhere =
    target === undefined
      ? say`another address`
      : target.host === new URL(asked).host
        ? say`another path of the same host`
        : target.host.slice(0, 100);
  return new UpstreamError(
    'UPSTREAM_BAD',
    say`The store gave a wrong answer: a redirect to ${elsewhere}, which is not followed.`,
    {
      where,
      hint: say`Open the data by the address that they have now.`
    }
  );
}

/** How to ask whether a host answers at all. */
interface IProbe {
  readonly fetch: typeof fetch;
  readonly host: string;
  readonly now?: () => number;
}

/**
 * Why a request got no answer. A browser says the same of a host that is down, of a name that does not exist and of a store without
 * CORS headers; a request whose answer nobody may read tells them apart.
 */
export class NoAnswer {
  private readonly _fetch: typeof fetch;
  private readonly _host: string;
  private readonly _now: () => number;
  /** Requests that got no answer from a host that answers. */
  private _puzzles = 0;
  private _probed: { readonly at: number; readonly answers: Promise<boolean> } | undefined;

  constructor({ fetch: given, host, now = Date.now }: IProbe) {
    this._fetch = given;
    this._host = host;
    this._now = now;
  }

  /** @param answered - the store has answered other requests of this kind */
  async why(url: string, where: string, answered: boolean, cause: unknown): Promise<UpstreamError> {
    if (isOffline()) {
      return new UpstreamError('UPSTREAM_DOWN', OFFLINE.message, { where, cause, hint: OFFLINE.hint, retry: false });
    }
    if (!(await this._answers(url))) {
      return new UpstreamError('UPSTREAM_DOWN', say`${this._host} is not answering.`, {
        where,
        cause,
        hint: say`Check the address and the connection (also a firewall or VPN), and try again in a moment.`
      });
    }
    // A connection that broke once looks the same, so the first time it is tried again; and always where the store has answered.
    const retry = answered || this._puzzles === 0;
    this._puzzles += 1;
    return answered
      ? new UpstreamError(
          'UPSTREAM_DOWN',
          say`${this._host} gave an answer that it does not let web pages read (CORS).`,
          {
            where,
            cause,
            retry,
            hint: say`Many stores do so for what does not exist. Open the image through the session, which can tell.`
          }
        )
      : new UpstreamError('UPSTREAM_DOWN', say`${this._host} answers, but does not let web pages read it (no CORS).`, {
          where,
          cause,
          retry,
          hint: say`Open it through the session: ask the operator of this service to add the store. Or ask its owner for CORS.`
        });
  }

  private _answers(url: string): Promise<boolean> {
    const at = this._now();
    if (!this._probed || at - this._probed.at > REMEMBERED) {
      const init: RequestInit = {
        method: 'HEAD',
        mode: 'no-cors',
        cache: 'no-store',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(PATIENCE)
      };
      const answers = this._fetch(url, init).then(
        () => true,
        () => false // whatever it is, there was no answer
      );
      this._probed = { at, answers };
    }
    return this._probed.answers;
  }
}
