import { orAborted, SharedTask, throwIfAborted } from '../core';
import { absoluteRange, checkRange } from './range';
import type { ByteRange, IReadableStore, IReadOptions } from './types';

/** Bytes between two ranges that are read along rather than asked for apart: less than one round trip is worth. */
const MAX_GAP_BYTES = 32 * 1024;

/** Bound of one joint request, in bytes; beyond it several connections are faster than one. */
const MAX_JOINT_BYTES = 8 * 1024 * 1024;

/** One range that somebody waits for; `end` excluded. */
interface IPart {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal | undefined;
  answer(bytes: Promise<Uint8Array | undefined>): void;
}

/** Parts of one object that travel together. */
interface IJoint {
  readonly start: number;
  end: number;
  readonly parts: IPart[];
}

class CoalescingStore implements IReadableStore {
  readonly name: string;
  private readonly _store: IReadableStore;
  private _waiting: IPart[] = [];
  private _timer: ReturnType<typeof setTimeout> | null = null;

  constructor(store: IReadableStore) {
    this.name = store.name;
    this._store = store;
  }

  get(key: string, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._store.get(key, options);
  }

  async getRange(key: string, range: ByteRange, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    const { signal } = options;
    throwIfAborted(signal);
    checkRange(range, key);
    if ('suffix' in range) {
      return this._store.getRange(key, range, options);
    }
    const { start, end } = range;
    const bytes = new Promise<Uint8Array | undefined>(answer => {
      this._waiting.push({ key, start, end, signal, answer });
    });
    this._timer ??= setTimeout(() => this._flush(), 0);
    return orAborted(bytes, signal);
  }

  private _flush(): void {
    this._timer = null;
    // Those whose consumer left within the same turn are never asked for.
    const wanted = this._waiting.filter(({ signal }) => !signal?.aborted);
    this._waiting = [];
    const objects = new Map<string, IPart[]>();
    for (const part of wanted) {
      const parts = objects.get(part.key) ?? [];
      parts.push(part);
      objects.set(part.key, parts);
    }
    objects.forEach((parts, key) => joined(parts).forEach(joint => this._run(key, joint)));
  }

  /** All parts join before anybody can leave, so the request stands until the last of them has gone. */
  private _run(key: string, { start, end, parts }: IJoint): void {
    const task = new SharedTask(signal => this._store.getRange(key, { start, end }, { signal }));
    for (const part of parts) {
      const own = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
        if (!bytes || (part.start === start && part.end === end)) {
          return bytes;
        }
        const at = absoluteRange({ start: part.start - start, end: part.end - start }, bytes.length, key);
        // A copy: a view would keep the whole of the joint answer for as long as one part is kept.
        return bytes.slice(at.start, at.end);
      };
      part.answer(task.join(part.signal).then(own));
    }
  }
}

/** The parts of one object in joint requests, in the order of the object. */
function joined(parts: readonly IPart[]): IJoint[] {
  const joints: IJoint[] = [];
  for (const part of [...parts].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = joints.at(-1);
    const end = Math.max(last?.end ?? 0, part.end);
    if (last && part.start - last.end <= MAX_GAP_BYTES && end - last.start <= MAX_JOINT_BYTES) {
      last.end = end;
      last.parts.push(part);
    } else {
      joints.push({ start: part.start, end: part.end, parts: [part] });
    }
  }
  return joints;
}

/**
 * Ranges of one object that are asked for within one turn of the event loop, and lie close to each other, travel as one
 * request: the chunks of a view in one shard. Each consumer gets its own bytes and may leave by itself; the request is
 * cancelled when the last of them has gone, and its failure is that of all of them. Whole objects and reads from an
 * object's end pass as they are.
 */
export function withCoalescing(store: IReadableStore): IReadableStore {
  return new CoalescingStore(store);
}
