import { BioImageError, type ErrorCode, say } from '../../core';
import { outcomeOf } from '../../testing';
import { UpstreamError, withRetry, type IReadableStore, type IRetryPolicy } from '..';

/** A store that fails as told, then answers; and a clock that only sleeping moves. */
function makeStore(failures: readonly Error[], policy: IRetryPolicy = {}) {
  const left = [...failures];
  const state = { time: 0, tries: 0, pauses: [] as number[] };
  const read = async () => {
    state.tries += 1;
    const failure = left.shift();
    if (failure) {
      throw failure;
    }
    return Uint8Array.of(1);
  };
  const inner: IReadableStore = { name: 'flaky', get: read, getRange: read };
  const store = withRetry(inner, {
    now: () => state.time,
    random: () => 1,
    sleep: async ms => {
      state.pauses.push(ms);
      state.time += ms;
    },
    ...policy
  });
  return { store, state, left };
}

const fail = (code: ErrorCode, options: { retry?: boolean; retryAfter?: number } = {}) =>
  new UpstreamError(code, say`No.`, options);
const times = (count: number, error: Error) => Array<Error>(count).fill(error);

describe('withRetry', () => {
  it.each<[ErrorCode, number]>([
    ['UPSTREAM_DOWN', 4],
    ['UPSTREAM_SLOW', 4],
    ['BUSY', 4],
    ['UPSTREAM_BAD', 1],
    ['UPSTREAM_DENIED', 1],
    ['PATH_DENIED', 1],
    ['TOO_LARGE', 1],
    ['SESSION_ENDED', 1],
    ['CHANGED', 1],
    ['INTERNAL', 1]
  ])('asks for %s %d times', async (code, tries) => {
    for (const error of [fail(code), new BioImageError(code, say`No.`)]) {
      const { store, state } = makeStore(times(9, error));
      await expect(store.get('a')).rejects.toBe(error);
      expect(state.tries).toBe(tries);
    }
  });

  it('gives what comes at last', async () => {
    const { store, state } = makeStore(times(3, fail('BUSY')));
    expect(await store.getRange('a', { start: 0, end: 1 })).toEqual(Uint8Array.of(1));
    expect(state.tries).toBe(4);
  });

  it('tries again where a body broke off, and not for an unknown failure', async () => {
    const broken = makeStore(times(9, fail('UPSTREAM_BAD', { retry: true })));
    expect(await outcomeOf(broken.store.get('a'))).toBe('UPSTREAM_BAD');
    expect(broken.state.tries).toBe(4);
    const strange = makeStore(times(9, new TypeError('bug')));
    expect(await outcomeOf(strange.store.get('a'))).toBe('TypeError: bug');
    expect(strange.state.tries).toBe(1);
  });

  it('waits longer each time, within its bounds', async () => {
    const slowest = makeStore(times(9, fail('BUSY')));
    await outcomeOf(slowest.store.get('a'));
    expect(slowest.state.pauses).toEqual([300, 900, 2000]);
    const fastest = makeStore(times(9, fail('BUSY')), { random: () => 0 });
    await outcomeOf(fastest.store.get('a'));
    expect(fastest.state.pauses).toEqual([100, 100, 100]);
  });

  it('waits as long as the store asks, up to 10 s', async () => {
    const asked = makeStore([fail('BUSY', { retryAfter: 7000 })]);
    expect(await outcomeOf(asked.store.get('a'))).toBe('ok');
    expect(asked.state.pauses).toEqual([7000]);
    for (const retryAfter of [10_001, 86_400_000]) {
      const long = makeStore([fail('BUSY', { retryAfter })]);
      expect(await outcomeOf(long.store.get('a'))).toBe('BUSY');
      expect([long.state.tries, long.state.pauses]).toEqual([1, []]);
    }
  });

  it('ends within 20 s', async () => {
    const { store, state } = makeStore(times(9, fail('BUSY', { retryAfter: 9000 })));
    expect(await outcomeOf(store.get('a'))).toBe('BUSY');
    expect([state.tries, state.time]).toEqual([3, 18_000]);
  });

  it('spends at most 10 % of the reads on retries, and three per second at least', async () => {
    const { store, state, left } = makeStore([], { sleep: async () => undefined });
    for (let i = 0; i < 200; i++) {
      await store.get('a');
    }
    left.push(...times(1000, fail('UPSTREAM_DOWN')));
    await Promise.all(Array.from({ length: 100 }, () => outcomeOf(store.get('a'))));
    const retries = state.tries - 300;
    // 300 reads have earned at most 10 + 10 (the credit is capped), and the clock stands still.
    expect(retries).toBeGreaterThanOrEqual(3);
    expect(retries).toBeLessThanOrEqual(33);
    state.time += 1001;
    const before = state.tries;
    await Promise.all(Array.from({ length: 9 }, () => outcomeOf(store.get('a'))));
    expect(state.tries - before - 9).toBe(3);
  });

  it('stops waiting when nobody wants the answer any more', async () => {
    const { store, state } = makeStore(times(9, fail('BUSY')), { sleep: undefined, base: 10_000, cap: 10_000 });
    const controller = new AbortController();
    const read = outcomeOf(store.get('a', { signal: controller.signal }));
    await new Promise(resolve => setTimeout(resolve, 5));
    controller.abort();
    expect([await read, state.tries]).toEqual(['ABORTED', 1]);
  });

  it('does not try again for a signal that has fired', async () => {
    const controller = new AbortController();
    const inner: IReadableStore = {
      name: 'x',
      get: async () => {
        controller.abort();
        throw fail('UPSTREAM_DOWN');
      },
      getRange: async () => undefined
    };
    expect(await outcomeOf(withRetry(inner).get('a', { signal: controller.signal }))).toBe('ABORTED');
  });
});
