import { SharedTask, throwIfAborted } from '../core';
import { forEver } from './age';
import type { MaxAge } from './age';

/**
 * The last few answers that were made, by key; the least recently used one goes first. Several callers of one key share
 * the work, which stops when all of them have gone. A failure is not remembered, nor what has become too old: the next
 * caller tries again.
 */
export class Remembered<T> {
  private readonly tasks = new Map<string, SharedTask<T>>();
  /** When a task was begun, in ms. */
  private readonly begun = new WeakMap<SharedTask<T>, number>();

  constructor(
    /** How many answers are kept. */
    private readonly limit: number,
    private readonly maxAge: MaxAge = forEver
  ) {}

  /** The answer for `key`, made by `make` unless it is remembered. Rejects with the signal's reason where it fires. */
  async get(key: string, make: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const known = this.tasks.get(key);
    const task = known === undefined || known.abandoned || this.isOld(known) ? this.begin(make) : known;
    this.tasks.delete(key);
    this.tasks.set(key, task);
    for (const oldest of this.tasks.keys()) {
      if (this.tasks.size <= this.limit) {
        break;
      }
      this.tasks.delete(oldest);
    }
    try {
      return await task.join(signal);
    } catch (error) {
      if ((task.settled || task.abandoned) && this.tasks.get(key) === task) {
        this.tasks.delete(key);
      }
      throw error;
    }
  }

  /** The answer for `key` where there is one and it is not too old; nothing is made for it. */
  async peek(key: string, signal: AbortSignal): Promise<T | undefined> {
    const known = this.tasks.get(key);
    if (known?.settled !== true || this.isOld(known)) {
      return undefined;
    }
    try {
      return await known.join(signal);
    } catch {
      // A failure that nobody has been told of yet.
      throwIfAborted(signal);
      return undefined;
    }
  }

  private begin(make: (signal: AbortSignal) => Promise<T>): SharedTask<T> {
    const task = new SharedTask(make);
    this.begun.set(task, Date.now());
    return task;
  }

  /** What is still being made is nobody's old answer. */
  private isOld(task: SharedTask<T>): boolean {
    return task.settled && Date.now() - (this.begun.get(task) ?? 0) > this.maxAge();
  }

  /** The next caller makes the answer anew. */
  forget(key: string): void {
    this.tasks.delete(key);
  }
}
