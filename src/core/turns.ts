import { throwIfAborted } from './abort';

/** Lets at most `limit` tasks of one key run at a time; the others wait in the order in which they came. */
export class Turns {
  private readonly running = new Map<string, number>();
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly limit: number) {}

  /** Runs the task when it is its turn. One that is no longer wanted before that never begins; its signal's reason is thrown. */
  async run<T>(key: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    if ((this.running.get(key) ?? 0) >= this.limit) {
      await this.turn(key, signal);
    } else {
      this.running.set(key, (this.running.get(key) ?? 0) + 1);
    }
    try {
      return await task();
    } finally {
      this.next(key);
    }
  }

  /** Resolves when another task has handed its place over. */
  private turn(key: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(key) ?? [];
      const begin = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        queue.splice(queue.indexOf(begin), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      queue.push(begin);
      this.waiting.set(key, queue);
    });
  }

  /** Hands the place to the first who waits, or gives it up. */
  private next(key: string): void {
    const first = this.waiting.get(key)?.shift();
    if (first !== undefined) {
      first();
      return;
    }
    const left = (this.running.get(key) ?? 1) - 1;
    if (left > 0) {
      this.running.set(key, left);
    } else {
      this.running.delete(key);
      this.waiting.delete(key);
    }
  }
}
