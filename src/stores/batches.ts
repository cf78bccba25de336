import {
  BioImageError,
  type IFrame,
  isAbort,
  MAX_SILENCE,
  orAborted,
  readFrames,
  say,
  throwIfAborted,
  toBioImageError,
  within
} from '../core';
import { UpstreamError } from './upstream';

type Header = IFrame['header'];

/** What is asked and how; `Q` is one question. */
export interface IBatchRules<Q> {
  /** Sends the questions of one batch. The frames of the answer name them by their position, `i`. */
  send(questions: readonly Q[], signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** Cuts what was asked within one turn into batches within the server's bounds. */
  split<T extends { readonly question: Q }>(asked: readonly T[]): T[][];
  /** The answer in a frame, `undefined` for what does not exist. Throws its failure. */
  answer(question: Q, header: Header, bytes: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** True for a failure that came of the company of others: the question is then asked again alone. */
  again?(question: Q, header: Header): boolean;
  /** How long in ms the server may send nothing before its questions are given up. */
  silence?: number;
}

/** One question that somebody waits for, from the call until it is settled. */
class Asked<Q> {
  readonly promise: Promise<Uint8Array | undefined>;
  private _resolve!: (bytes: Uint8Array | undefined) => void;
  private _reject!: (error: unknown) => void;
  private _settled = false;
  private _left: (() => void) | null = null;
  private readonly _leave: () => void;

  constructor(
    readonly question: Q,
    private readonly _signal: AbortSignal | undefined
  ) {
    this.promise = new Promise((resolve, reject) => {
      this._resolve = resolve;
      this._reject = reject;
    });
    this._leave = () => this.fail(this._signal?.reason, true);
    this._signal?.addEventListener('abort', this._leave, { once: true });
  }

  get settled(): boolean {
    return this._settled;
  }

  /** Calls `listener` where the consumer leaves before the answer. */
  onLeft(listener: () => void): void {
    this._left = listener;
  }

  succeed(bytes: Uint8Array | undefined): void {
    if (this._settle()) {
      this._resolve(bytes);
    }
  }

  fail(error: unknown, left = false): void {
    if (this._settle()) {
      this._reject(error);
      if (left) {
        this._left?.();
      }
    }
  }

  private _settle(): boolean {
    if (this._settled) {
      return false;
    }
    this._settled = true;
    this._signal?.removeEventListener('abort', this._leave);
    return true;
  }
}

/**
 * Questions to the session's server that travel together: all of one turn of the event loop in one request (or as many as the
 * bounds demand), each settled by itself as its frame arrives. A request is cancelled when all of its consumers have left; one
 * failure is that question's alone.
 */
export class Batches<Q> {
  private readonly _rules: IBatchRules<Q>;
  private readonly _silence: number;
  private _waiting: Asked<Q>[] = [];
  private _timer: ReturnType<typeof setTimeout> | null = null;

  constructor(rules: IBatchRules<Q>) {
    this._rules = rules;
    this._silence = rules.silence ?? MAX_SILENCE;
  }

  async ask(question: Q, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    throwIfAborted(signal);
    const asked = new Asked(question, signal);
    this._waiting.push(asked);
    this._timer ??= setTimeout(() => this._flush(), 0);
    return asked.promise;
  }

  private _flush(): void {
    this._timer = null;
    // Those whose consumer left within the same turn are never asked for.
    const wanted = this._waiting.filter(asked => !asked.settled);
    this._waiting = [];
    this._rules.split(wanted).forEach(batch => void this._run(batch));
  }

  /** Never rejects: every failure is told to those who wait. */
  private async _run(batch: readonly Asked<Q>[]): Promise<void> {
    const controller = new AbortController();
    for (const asked of batch) {
      asked.onLeft(() => {
        if (batch.every(other => other.settled)) {
          controller.abort();
        }
      });
    }
    try {
      const questions = batch.map(({ question }) => question);
      const sent = this._rules.send(questions, controller.signal);
      const stream = await orAborted(
        within(sent, this._silence, () => new UpstreamError('UPSTREAM_SLOW', say`The session is too slow.`)),
        controller.signal
      );
      await this._settleFromFrames(batch, stream, controller.signal);
    } catch (error) {
      // Cancelled: all have been told already. Any other failure is that of those still waiting.
      const failure = isAbort(error) ? incomplete() : toBioImageError(error);
      batch.forEach(asked => asked.fail(failure));
      controller.abort();
    }
  }

  private async _settleFromFrames(
    batch: readonly Asked<Q>[],
    stream: ReadableStream<Uint8Array>,
    signal: AbortSignal
  ): Promise<void> {
    const again = new Set<Asked<Q>>();
    const answers: Promise<void>[] = [];
    for await (const { header, bytes } of readFrames(stream, signal, this._silence)) {
      const asked = typeof header.i === 'number' ? batch[header.i] : undefined;
      if (!asked) {
        throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer: an item nobody asked for.`);
      }
      if (batch.length > 1 && this._rules.again?.(asked.question, header)) {
        again.add(asked);
      } else {
        answers.push(this._answer(asked, header, bytes));
      }
    }
    await Promise.all(answers);
    batch.filter(asked => !again.has(asked)).forEach(asked => asked.fail(incomplete()));
    again.forEach(asked => void this._run([asked]));
  }

  private async _answer(asked: Asked<Q>, header: Header, bytes: Uint8Array): Promise<void> {
    try {
      const answer = this._rules.answer(asked.question, header, bytes);
      // Settled at once where it is there at once: frames of one piece of the stream are one turn.
      asked.succeed(answer instanceof Promise ? await answer : answer);
    } catch (error) {
      asked.fail(error);
    }
  }
}

function incomplete(): UpstreamError {
  return new UpstreamError('UPSTREAM_BAD', say`The server gave a wrong answer: it is incomplete.`, { retry: true });
}
