import path from 'node:path';
import { Worker } from 'node:worker_threads';

/** What became of a read of the stock stack. */
export interface IStockRead {
  readonly bytes?: Uint8Array;
  readonly error?: string;
  /** No answer came in time. */
  readonly late?: boolean;
}

/** How long a thread may do nothing else but compute, in ms. */
const STUCK = 5000;

interface IJob {
  readonly id: number;
  readonly url: string;
  readonly format: 2 | 3;
  readonly chunk: readonly number[];
  /** In ms. */
  readonly patience: number;
  readonly resolve: (read: IStockRead | null) => void;
}

/** zarrita's own HTTP store and codecs in threads, one read each at a time; a thread that does not answer is replaced. */
export class StockStack {
  private readonly _queue: IJob[] = [];
  private readonly _threads: { worker: Worker | null; job: IJob | null; timer?: NodeJS.Timeout }[];
  private _next = 0;

  constructor(size = 2) {
    this._threads = Array.from({ length: size }, () => ({ worker: null, job: null }));
  }

  /** `null` where no answer came in time. */
  read(url: string, format: 2 | 3, chunk: readonly number[], patience: number): Promise<IStockRead | null> {
    return new Promise(resolve => {
      this._queue.push({ id: this._next++, url, format, chunk, patience, resolve });
      this._dispatch();
    });
  }

  async close(): Promise<void> {
    for (const { worker } of this._threads) {
      await worker?.terminate();
    }
  }

  private _dispatch(): void {
    for (const thread of this._threads) {
      const job = thread.job ? undefined : this._queue.shift();
      if (!job) {
        continue;
      }
      const worker = (thread.worker ??= this._start(thread));
      thread.job = job;
      thread.timer = setTimeout(() => {
        void worker.terminate();
        thread.worker = null;
        this._settle(thread, null);
      }, job.patience + STUCK);
      worker.postMessage({ id: job.id, url: job.url, format: job.format, chunk: job.chunk, patience: job.patience });
    }
  }

  private _start(thread: (typeof this._threads)[number]): Worker {
    const worker = new Worker(path.resolve('src/testing/hostile/stockhttp.mjs'));
    worker.on('message', (read: IStockRead & { id: number }) => {
      if (read.id === thread.job?.id) {
        this._settle(thread, read.late ? null : read);
      }
    });
    // The thread itself died, for example out of memory.
    worker.on('error', error => {
      if (thread.worker === worker) {
        thread.worker = null;
        this._settle(thread, { error: error.message });
      }
    });
    return worker;
  }

  private _settle(thread: (typeof this._threads)[number], read: IStockRead | null): void {
    clearTimeout(thread.timer);
    thread.job?.resolve(read);
    thread.job = null;
    this._dispatch();
  }
}
