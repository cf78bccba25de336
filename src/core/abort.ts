/** Throws the signal's reason where it has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw signal.reason;
  }
}

/**
 * `work`, or a rejection with the signal's reason as soon as it fires. The work itself goes on: use this only where
 * somebody else owns it.
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) {
    return work;
  }
  return new Promise<T>((resolve, reject) => {
    // Any value may be given as a reason; it is handed on as it is, so that the caller recognises its own.
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason belongs to the caller
    const leave = () => reject(signal.reason);
    const settle =
      <A>(then: (value: A) => void) =>
      (value: A) => {
        signal.removeEventListener('abort', leave);
        then(value);
      };
    work.then(settle(resolve), settle(reject));
    if (signal.aborted) {
      leave();
    } else {
      signal.addEventListener('abort', leave, { once: true });
    }
  });
}

/** In Node a timer that only watches must not keep a program running; in browsers there is nothing to do. */
function letGo(timer: number | { unref?(): unknown } | undefined): void {
  if (typeof timer === 'object') {
    timer.unref?.();
  }
}

/**
 * `work`, or the error that `late` makes where it takes longer than `ms`. The work itself goes on: whoever owns it stops
 * it then.
 */
export async function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  letGo(timer);
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * One piece of work with several consumers. It starts with the first `join` and is aborted only when *all* consumers
 * have gone; one that leaves gets its own signal's reason and disturbs nobody else. A consumer without a signal never
 * leaves.
 */
export class SharedTask<T> {
  private readonly _run: (signal: AbortSignal) => Promise<T>;
  private readonly _controller = new AbortController();
  private _work: Promise<T> | null = null;
  private _consumers = 0;
  private _settled = false;

  constructor(run: (signal: AbortSignal) => Promise<T>) {
    this._run = run;
  }

  /** The work has succeeded or failed. */
  get settled(): boolean {
    return this._settled;
  }

  /** All consumers went before the end; nothing can join any more, a new task is needed. */
  get abandoned(): boolean {
    return this._controller.signal.aborted;
  }

  /** Takes part in the work. Rejects with the work's failure or with the reason of `signal`. */
  async join(signal?: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    throwIfAborted(this._controller.signal);
    this._work ??= this._start();
    this._consumers += 1;
    try {
      return await orAborted(this._work, signal);
    } finally {
      this._consumers -= 1;
      if (this._consumers === 0 && !this._settled) {
        this._controller.abort();
      }
    }
  }

  private _start(): Promise<T> {
    // Promise.resolve().then would delay the start by a turn; a throw before the first await is a rejection all the same.
    const work = (async () => this._run(this._controller.signal))();
    const settle = () => {
      this._settled = true;
    };
    // Both branches handled: abandoned work rejects without anybody listening, which is no unhandled rejection.
    work.then(settle, settle);
    return work;
  }
}
