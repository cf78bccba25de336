import { isBioImageError, orAborted, throwIfAborted, type BioImageError } from '../core';
import type { IReadableStore, IReadOptions } from './types';
import { UpstreamError } from './upstream';

/** Times in ms. What varies in tests is handed in. */
export interface IRetryPolicy {
  /** Further tries after the first. */
  retries?: number;
  /** Shortest and longest pause. */
  base?: number;
  cap?: number;
  /** From the first try to the start of the last. */
  total?: number;
  /** Longest pause a store may ask for; beyond it the failure is shown at once. */
  maxRetryAfter?: number;
  now?: () => number;
  /** Uniform in [0, 1). */
  random?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Share of all reads that may be retries, so that a store that comes back is not met by a storm. */
const BUDGET_SHARE = 0.1;
/** Retries allowed in any second whatever the share. */
const FLOOR_PER_SECOND = 3;
/** Reads remembered by the share, so that a quiet hour does not pay for a storm. */
const BUDGET_CAP = 100;

/** Counts reads and retries of one store. */
class Budget {
  private _credit = 0;
  private _recent: number[] = [];

  request(): void {
    this._credit = Math.min(BUDGET_CAP, this._credit + BUDGET_SHARE);
  }

  /** Takes one retry, where there is one. */
  take(now: number): boolean {
    this._recent = this._recent.filter(time => now - time < 1000);
    if (this._recent.length < FLOOR_PER_SECOND) {
      this._recent.push(now);
      return true;
    }
    if (this._credit < 1) {
      return false;
    }
    this._credit -= 1;
    return true;
  }
}

function mayRetry(error: unknown): error is BioImageError {
  if (error instanceof UpstreamError) {
    return error.retry;
  }
  return isBioImageError(error) && ['UPSTREAM_DOWN', 'UPSTREAM_SLOW', 'BUSY'].includes(error.code);
}

function defaultSleep(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms);
  });
  return orAborted(pause, signal).finally(() => clearTimeout(timer));
}

/**
 * Tries again where trying again can help: the store is down, slow or busy, or an answer broke off. At most three more
 * times within 20 s, after pauses with decorrelated jitter (each random between the shortest and three times the one
 * before) or after what the store asks for, up to 10 s; and only within a budget of 10 % of the reads (at least 3 per
 * second). A refusal and an absent object are answers and come at once.
 */
export function withRetry(store: IReadableStore, policy: IRetryPolicy = {}): IReadableStore {
  const { retries = 3, base = 100, cap = 2000, total = 20_000, maxRetryAfter = 10_000 } = policy;
  const { now = () => performance.now(), random = Math.random, sleep = defaultSleep } = policy;
  const budget = new Budget();

  const attempt = async <T>(read: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    budget.request();
    const begun = now();
    let pause = base;
    for (let tried = 0; ; tried++) {
      try {
        return await read();
      } catch (error) {
        throwIfAborted(signal);
        const asked = error instanceof UpstreamError ? (error.retryAfter ?? 0) : 0;
        pause = Math.min(cap, base + random() * (pause * 3 - base));
        const wait = Math.max(pause, asked);
        const late = asked > maxRetryAfter || now() + wait - begun > total;
        if (!mayRetry(error) || tried >= retries || late || !budget.take(now())) {
          throw error;
        }
        await sleep(wait, signal);
      }
    }
  };

  return {
    name: store.name,
    get: (key, options: IReadOptions = {}) => attempt(() => store.get(key, options), options.signal),
    getRange: (key, range, options: IReadOptions = {}) =>
      attempt(() => store.getRange(key, range, options), options.signal)
  };
}
