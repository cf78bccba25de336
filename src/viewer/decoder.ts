import type { DecodePool, IDecoder } from '../pixels';

/** The workers stay this long after the last preview has gone (ms): the next one finds its codecs warm. */
const LINGER = 30_000;

/** The page's one pool of decode workers, made at the first use and shared by all previews. */
class SharedPool {
  enter(): void {
    this._users++;
    clearTimeout(this._timer);
  }

  leave(): void {
    this._users--;
    if (this._users === 0) {
      this._timer = setTimeout(() => this._close(), LINGER);
    }
  }

  get pool(): Promise<DecodePool> {
    this._pool ??= Promise.all([import('../pixels'), import('../pixels/startworker')]).then(
      ([{ DecodePool }, { startDecodeWorker }]) => new DecodePool(startDecodeWorker)
    );
    // a chunk of code that could not be fetched may be there at the next try
    this._pool.catch(() => (this._pool = null));
    return this._pool;
  }

  private _close(): void {
    void this._pool?.then(pool => pool.dispose());
    this._pool = null;
  }

  private _users = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _pool: Promise<DecodePool> | null = null;
}

const shared = new SharedPool();

/** A handle on the page's decode workers. They end some time after the last handle has been disposed. */
export function sharedDecoder(): IDecoder {
  let open = true;
  shared.enter();
  return {
    async decode(...call: Parameters<IDecoder['decode']>): Promise<Uint8Array> {
      return (await shared.pool).decode(...call);
    },
    warm(codecs: readonly string[]): void {
      // failing to warm is no failure: the first chunk tells
      shared.pool.then(pool => pool.warm(codecs)).catch(() => undefined);
    },
    dispose(): void {
      if (open) {
        open = false;
        shared.leave();
      }
    }
  };
}
