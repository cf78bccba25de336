import { SharedTask } from '../core';

/**
 * The last few answers that were made, by key; the least recently used one goes first. Several callers of one key share
 * the work, which stops when all of them have gone. A failure is not remembered: the next caller tries again.
 */
export class Remembered<T> {
  private readonly tasks = new Map<string, SharedTask<T>>();

  constructor(
    /** How many answers are kept. */
    private readonly limit: number
  ) {}

  /** The answer for `key`, made by `make` unless it is remembered. Rejects with the signal's reason where it fires. */
  async get(key: string, make: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const known = this.tasks.get(key);
    const task = known === undefined || known.abandoned ? new SharedTask(make) : known;
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

  /** The next caller makes the answer anew. */
  forget(key: string): void {
    this.tasks.delete(key);
  }
}
