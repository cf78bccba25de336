import { BioImageError, say } from '../core';
import type { IBatchItem, ISessionTransport, IView } from '../entities';
import { encodeFrame, FrameSource, streamOf } from './frames';

/** Answers items from objects in memory, with the frames the server would write. */
export function answerItem(objects: ReadonlyMap<string, Uint8Array>, i: number, item: IBatchItem): Uint8Array {
  const bytes = objects.get(item.key);
  if (!bytes) {
    return encodeFrame({ i, status: 404, code: 'ABSENT', message: 'This object does not exist.' });
  }
  const size = bytes.length;
  const start = item.suffix !== undefined ? Math.max(0, size - item.suffix) : (item.start ?? 0);
  const end = Math.min(item.end ?? size, size);
  if (item.start !== undefined && start >= size) {
    return encodeFrame({ i, status: 416, code: 'UPSTREAM_BAD', message: 'The range is outside of the object.' });
  }
  return encodeFrame({ i, status: end - start === size ? 200 : 206, size }, bytes.subarray(start, end));
}

/** The in-session route over objects in memory: `batch` answers at once and in full. Requests are recorded. */
export class MemoryTransport implements ISessionTransport {
  readonly batches: IBatchItem[][] = [];

  constructor(private readonly _objects: ReadonlyMap<string, Uint8Array>) {}

  async open(): Promise<ReadableStream<Uint8Array>> {
    throw new BioImageError('UNSUPPORTED', say`Not in this transport.`);
  }

  async batch(_store: string, items: readonly IBatchItem[]): Promise<ReadableStream<Uint8Array>> {
    this.batches.push([...items]);
    const frames = items.map((item, i) => answerItem(this._objects, i, item));
    // Completion order is not the order asked for; odd pieces, as networks cut them.
    return streamOf([...frames.reverse(), encodeFrame({ end: frames.length })], 7);
  }
}

/** One request that a test answers by hand. */
export interface IAsked {
  store: string;
  items: readonly IBatchItem[];
  path: string;
  view: IView | null;
  signal: AbortSignal;
  source: FrameSource;
}

/** The in-session route whose answers a test writes frame by frame. */
export class ScriptedTransport implements ISessionTransport {
  readonly asked: IAsked[] = [];

  async open(store: string, path: string, view: IView, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this._ask({ store, path, view, items: [], signal, source: new FrameSource() });
  }

  async batch(store: string, items: readonly IBatchItem[], signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this._ask({ store, path: '', view: null, items, signal, source: new FrameSource() });
  }

  private _ask(asked: IAsked): ReadableStream<Uint8Array> {
    this.asked.push(asked);
    return asked.source.stream;
  }
}
