import { BioImageError, say, throwIfAborted } from '../core';
import type { IArray } from '../ngff';
import type { IDecodeSpec } from './chunkdecoder';
import { decodeSpec, type IDecoder } from './decoder';
import { damaged } from './guard/sizes';
import { revived, type Reply, type Request } from './protocol';

/** The part of a worker that the pool uses. */
export type IPoolWorker = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>;

interface IJob {
  readonly id: number;
  readonly spec: IDecodeSpec;
  readonly bytes: Uint8Array;
  readonly more: Readonly<Record<string, unknown>> | undefined;
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
}

interface ISlot {
  worker: IPoolWorker | null;
  job: IJob | null;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Bounds of a pool, each with a default. */
export interface IPoolOptions {
  /** Workers; 2 where nothing is said, as sessions and laptops have two cores to spare at most. */
  readonly size?: number;
  /** Longest decode of one chunk, in ms. */
  readonly timeout?: number;
  /** Longest wait for a worker and its codecs to load, in ms. */
  readonly loading?: number;
}

/**
 * Decodes in workers. The queue is kept here and a worker holds one job at a time, so that a job nobody wants is dropped
 * before it costs anything. A worker is replaced after a timeout, an error or a decode that failed in WebAssembly: fed with
 * damaged data, that may decode the next chunk wrongly. What failed before it or without it costs no worker.
 */
export class DecodePool implements IDecoder {
  private readonly _make: () => IPoolWorker;
  private readonly _slots: ISlot[];
  private readonly _timeout: number;
  private readonly _loading: number;
  private readonly _queue: IJob[] = [];
  private readonly _warm = new Set<string>();
  private _next = 0;
  private _disposed = false;

  constructor(make: () => IPoolWorker, options: IPoolOptions = {}) {
    this._make = make;
    this._timeout = options.timeout ?? 5000;
    this._loading = options.loading ?? 60_000;
    this._slots = Array.from({ length: options.size ?? 2 }, () => ({ worker: null, job: null, timer: undefined }));
  }

  /** Jobs that wait for a worker. */
  get queued(): number {
    return this._queue.length;
  }

  decode(
    array: IArray,
    bytes: Uint8Array,
    signal?: AbortSignal,
    more?: Readonly<Record<string, unknown>>
  ): Promise<Uint8Array> {
    return new Promise<Uint8Array>((resolve, reject) => {
      throwIfAborted(signal);
      if (this._disposed) {
        throw disposedError();
      }
      const leave = (): void => {
        const at = this._queue.indexOf(job);
        if (at >= 0) {
          this._queue.splice(at, 1);
        }
        // One that runs already ends by itself and its result is dropped: stopping it would cost a new worker.
        job.reject(signal?.reason);
      };
      const settle =
        <A>(then: (value: A) => void) =>
        (value: A) => {
          signal?.removeEventListener('abort', leave);
          then(value);
        };
      const job: IJob = {
        id: this._next++,
        spec: decodeSpec(array),
        bytes,
        more,
        resolve: settle(resolve),
        reject: settle(reject)
      };
      signal?.addEventListener('abort', leave, { once: true });
      this._queue.push(job);
      this._dispatch();
    });
  }

  warm(codecs: readonly string[]): void {
    const fresh = codecs.filter(name => !this._warm.has(name));
    if (fresh.length === 0 || this._disposed) {
      return;
    }
    fresh.forEach(name => this._warm.add(name));
    for (const slot of this._slots) {
      this._post(slot.worker ?? this._start(slot), { type: 'warm', codecs: fresh }, []);
    }
  }

  dispose(): void {
    this._disposed = true;
    for (const job of this._queue.splice(0)) {
      job.reject(disposedError());
    }
    for (const slot of this._slots) {
      this._drop(slot)?.reject(disposedError());
    }
  }

  private _dispatch(): void {
    for (const slot of this._slots) {
      const job = slot.job ? undefined : this._queue.shift();
      if (job) {
        const worker = slot.worker ?? this._start(slot);
        slot.job = job;
        this._limit(slot, this._loading, () => new BioImageError('UPSTREAM_SLOW', say`The decoder does not load.`));
        // Always a copy: the bytes may be a view into a cache, and a transfer would empty it.
        const copy = job.bytes.slice().buffer;
        this._post(worker, { type: 'decode', id: job.id, spec: job.spec, bytes: copy, more: job.more }, [copy]);
      }
    }
  }

  private _start(slot: ISlot): IPoolWorker {
    const worker = this._make();
    slot.worker = worker;
    worker.onmessage = (event: MessageEvent<Reply>) => {
      if (slot.worker === worker) {
        this._answer(slot, event.data);
      }
    };
    worker.onerror = event => {
      if (slot.worker === worker) {
        this._replace(slot, new BioImageError('INTERNAL', say`A decoder stopped.`, { cause: event.message }));
      }
    };
    return worker;
  }

  private _post(worker: IPoolWorker, request: Request, transfer: ArrayBuffer[]): void {
    worker.postMessage(request, transfer);
  }

  private _answer(slot: ISlot, reply: Reply): void {
    const { job } = slot;
    if (!job || job.id !== reply.id) {
      return;
    }
    switch (reply.type) {
      case 'started':
        this._limit(slot, this._timeout, () => damaged(say`decoding it took more than ${this._timeout} ms`));
        return;
      case 'decoded':
        this._free(slot);
        job.resolve(new Uint8Array(reply.bytes));
        this._dispatch();
        return;
      case 'failed':
        if (reply.spent) {
          this._replace(slot, revived(reply.error));
          return;
        }
        this._free(slot);
        job.reject(revived(reply.error));
        this._dispatch();
        return;
    }
  }

  private _free(slot: ISlot): void {
    clearTimeout(slot.timer);
    slot.job = null;
  }

  private _limit(slot: ISlot, milliseconds: number, error: () => BioImageError): void {
    clearTimeout(slot.timer);
    slot.timer = setTimeout(() => this._replace(slot, error()), milliseconds);
  }

  /** Ends the slot's worker and fails its job; a new worker comes with the next job. */
  private _replace(slot: ISlot, error: BioImageError): void {
    this._drop(slot)?.reject(error);
    if (!this._disposed) {
      this._dispatch();
    }
  }

  private _drop(slot: ISlot): IJob | null {
    const { job, worker } = slot;
    this._free(slot);
    slot.worker = null;
    if (worker) {
      worker.onmessage = null;
      worker.onerror = null;
      worker.terminate();
    }
    return job;
  }
}

function disposedError(): DOMException {
  return new DOMException('The decoder was closed.', 'AbortError');
}
