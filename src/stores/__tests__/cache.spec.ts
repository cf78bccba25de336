import { BioImageError, say } from '../../core';
import { bytesOf, outcomeOf } from '../../testing';
import { MemoryStore, withCache, withTrace, type IReadableStore } from '..';

const BODY = Uint8Array.from({ length: 100 }, (_, i) => i);
const OBJECTS = new Map([
  ['a', BODY],
  ['b', bytesOf('bbb')]
]);

/** A store that answers when told to, and that records its reads. */
function gated() {
  const inner = new MemoryStore(OBJECTS);
  const state = { reads: [] as string[], aborted: 0, open: () => {} };
  const gate = new Promise<void>(resolve => {
    state.open = resolve;
  });
  const wait = async (signal?: AbortSignal) => {
    await Promise.race([
      gate,
      new Promise((_resolve, reject) =>
        signal?.addEventListener('abort', () => {
          state.aborted += 1;
          reject(signal.reason as Error);
        })
      )
    ]);
  };
  const store: IReadableStore = {
    name: 'gated',
    get: async (key, options) => {
      state.reads.push(key);
      await wait(options?.signal);
      return inner.get(key);
    },
    getRange: async (key, range, options) => {
      state.reads.push(`${key} ${JSON.stringify(range)}`);
      await wait(options?.signal);
      return inner.getRange(key, range);
    }
  };
  return { cached: withCache(store, 10_000), state };
}

const turn = () => new Promise(resolve => setTimeout(resolve, 0));

describe('withCache', () => {
  it('reads each item once', async () => {
    const { cached, state } = gated();
    state.open();
    await Promise.all([cached.get('a'), cached.get('a'), cached.getRange('b', { start: 0, end: 2 })]);
    expect(await cached.get('a')).toEqual(BODY);
    expect(await cached.getRange('b', { start: 0, end: 2 })).toEqual(bytesOf('bb'));
    expect(await cached.getRange('b', { start: 1, end: 2 })).toEqual(bytesOf('b'));
    expect(state.reads).toEqual(['a', 'b {"start":0,"end":2}', 'b {"start":1,"end":2}']);
  });

  it('remembers what does not exist', async () => {
    const { cached, state } = gated();
    state.open();
    expect([await cached.get('none'), await cached.get('none'), await cached.getRange('none', { suffix: 4 })]).toEqual(
      Array(3).fill(undefined)
    );
    expect(state.reads).toEqual(['none']);
  });

  it('cuts ranges from a whole object it has', async () => {
    const { cached, state } = gated();
    state.open();
    await cached.get('a');
    expect(await cached.getRange('a', { start: 90, end: 200 })).toEqual(BODY.subarray(90));
    expect(await cached.getRange('a', { suffix: 3 })).toEqual(BODY.subarray(97));
    expect(await outcomeOf(cached.getRange('a', { start: 100, end: 101 }))).toBe('UPSTREAM_BAD');
    expect(state.reads).toEqual(['a']);
  });

  it('does not remember a failure', async () => {
    let reads = 0;
    const failing: IReadableStore = {
      name: 'failing',
      get: async () => {
        reads += 1;
        throw new BioImageError('UPSTREAM_DOWN', say`No.`);
      },
      getRange: async () => undefined
    };
    const cached = withCache(failing, 1000);
    expect([await outcomeOf(cached.get('a')), await outcomeOf(cached.get('a')), reads]).toEqual([
      'UPSTREAM_DOWN',
      'UPSTREAM_DOWN',
      2
    ]);
  });

  it('keeps within its bound, absent objects counted', async () => {
    const reads: string[] = [];
    const observer = { started: (key: string) => void reads.push(key), ended: () => undefined };
    const cached = withCache(withTrace(new MemoryStore({}), observer), 2000);
    for (let i = 0; i < 100; i++) {
      await cached.get(`none${i}`);
    }
    await cached.get('none99');
    await cached.get('none0');
    expect(reads).toHaveLength(101);
  });

  it('shares a running read, which ends only when all have left', async () => {
    const { cached, state } = gated();
    const controllers = [new AbortController(), new AbortController()];
    const [left, stays] = controllers.map(({ signal }) => outcomeOf(cached.get('a', { signal })));
    await turn();
    controllers[0].abort();
    expect([await left, state.aborted]).toEqual(['ABORTED', 0]);
    const third = cached.get('a');
    controllers[1].abort();
    expect([await stays, state.aborted]).toEqual(['ABORTED', 0]);
    state.open();
    expect(await third).toEqual(BODY);
    expect(state.reads).toEqual(['a']);
  });

  it('cancels the store when all have left, and reads anew for the next', async () => {
    const { cached, state } = gated();
    const controllers = [new AbortController(), new AbortController()];
    const reads = controllers.map(({ signal }) => outcomeOf(cached.getRange('a', { suffix: 2 }, { signal })));
    await turn();
    controllers.forEach(controller => controller.abort());
    expect([await Promise.all(reads), state.aborted]).toEqual([['ABORTED', 'ABORTED'], 1]);
    const next = cached.getRange('a', { suffix: 2 });
    state.open();
    expect(await next).toEqual(BODY.subarray(98));
    expect(state.reads).toHaveLength(2);
  });
});

describe('a range of an object that is being read whole', () => {
  it('waits for it, and leaves it without disturbing others', async () => {
    const { cached, state } = gated();
    const controllers = [new AbortController(), new AbortController()];
    const whole = outcomeOf(cached.get('a', { signal: controllers[0].signal }));
    const stays = cached.getRange('a', { suffix: 2 });
    const leaves = outcomeOf(cached.getRange('a', { start: 3, end: 5 }, { signal: controllers[1].signal }));
    await turn();
    controllers.forEach(controller => controller.abort());
    expect([await whole, await leaves, state.aborted]).toEqual(['ABORTED', 'ABORTED', 0]);
    state.open();
    expect(await stays).toEqual(BODY.subarray(98));
    expect(await cached.getRange('a', { start: 3, end: 5 })).toEqual(BODY.subarray(3, 5));
    expect(state.reads).toEqual(['a']);
  });

  it('is absent with it, and an error beyond its end', async () => {
    const { cached, state } = gated();
    void cached.get('none');
    void cached.get('a');
    const absent = cached.getRange('none', { suffix: 2 });
    const beyond = outcomeOf(cached.getRange('a', { start: 100, end: 101 }));
    state.open();
    expect(await absent).toBeUndefined();
    expect(await beyond).toBe('UPSTREAM_BAD');
    expect(state.reads).toEqual(['none', 'a']);
  });

  it('goes by itself where that fails', async () => {
    const large: IReadableStore = {
      name: 'large',
      get: async () => Promise.reject(new BioImageError('TOO_LARGE', say`Too large.`)),
      getRange: async () => BODY
    };
    const cached = withCache(large, 10_000);
    const whole = outcomeOf(cached.get('a'));
    expect(await cached.getRange('a', { start: 0, end: 100 })).toEqual(BODY);
    expect(await whole).toBe('TOO_LARGE');
  });
});

describe('withCache over a store that is slow to stop', () => {
  it('reads anew at once and is not given the failure of the read that was left', async () => {
    let reads = 0;
    const deaf: IReadableStore = {
      name: 'deaf',
      get: async () => {
        reads += 1;
        await new Promise(resolve => setTimeout(resolve, 30));
        return BODY;
      },
      getRange: async () => undefined
    };
    const cached = withCache(deaf, 10_000);
    const controller = new AbortController();
    const left = outcomeOf(cached.get('a', { signal: controller.signal }));
    controller.abort();
    expect(await left).toBe('ABORTED');
    expect(await cached.get('a')).toEqual(BODY);
    expect(reads).toBe(2);
  });
});

describe('items that somebody else brings', () => {
  it('are there after put, absent ones too', async () => {
    const { cached, state } = gated();
    cached.put('x', null, bytesOf('xyz'));
    cached.put('gone', null, undefined);
    cached.put('y', { start: 2, end: 4 }, bytesOf('yy'));
    expect([await cached.get('x'), await cached.get('gone'), await cached.getRange('y', { start: 2, end: 4 })]).toEqual(
      [bytesOf('xyz'), undefined, bytesOf('yy')]
    );
    expect(await cached.getRange('x', { start: 1, end: 2 })).toEqual(bytesOf('y'));
    expect(state.reads).toEqual([]);
  });

  it('are waited for while they are held', async () => {
    const { cached, state } = gated();
    state.open();
    cached.hold([{ key: 'a', range: { start: 0, end: 2 } }, { key: 'b' }]);
    const order: string[] = [];
    const first = cached.getRange('a', { start: 0, end: 2 }).then(bytes => order.push(`a ${bytes?.join()}`));
    const second = cached.get('b').then(bytes => order.push(`b ${bytes?.join()}`));
    const piece = cached.getRange('b', { start: 1, end: 3 }).then(bytes => order.push(`piece ${bytes?.join()}`));
    await turn();
    expect([order, state.reads]).toEqual([[], []]);
    // Other items of the same object are nobody's plan.
    await cached.getRange('a', { start: 2, end: 4 });
    cached.put('b', null, Uint8Array.of(7, 8, 9));
    await Promise.all([second, piece]);
    cached.put('a', { start: 0, end: 2 }, Uint8Array.of(5, 6));
    await first;
    expect(order.sort()).toEqual(['a 5,6', 'b 7,8,9', 'piece 8,9']);
    expect(state.reads).toEqual(['a {"start":2,"end":4}']);
  });

  it('go to those who wait although the cache has no room', async () => {
    const cached = withCache(new MemoryStore({}), 0);
    cached.hold([{ key: 'a' }]);
    const read = cached.get('a');
    await turn();
    cached.put('a', null, BODY);
    expect(await read).toEqual(BODY);
  });

  it('are read by whoever waits after the release', async () => {
    const { cached, state } = gated();
    state.open();
    const hold = cached.hold([{ key: 'a' }, { key: 'a' }, { key: 'b' }]);
    const reads = Promise.all([cached.get('a'), cached.get('b'), cached.get('a')]);
    await turn();
    hold.release();
    hold.release();
    expect(await reads).toEqual([BODY, bytesOf('bbb'), BODY]);
    expect(state.reads).toEqual(['a', 'b']);
  });

  it('stay held until the last hold is released', async () => {
    const { cached, state } = gated();
    state.open();
    const holds = [cached.hold([{ key: 'a' }]), cached.hold([{ key: 'a' }])];
    const read = cached.get('a');
    holds[0].release();
    holds[0].release();
    await turn();
    expect(state.reads).toEqual([]);
    holds[1].release();
    expect(await read).toEqual(BODY);
  });

  it('can be given up while they are waited for', async () => {
    const { cached, state } = gated();
    cached.hold([{ key: 'a' }]);
    const controller = new AbortController();
    const left = outcomeOf(cached.get('a', { signal: controller.signal }));
    const stays = cached.get('a');
    await turn();
    controller.abort();
    expect(await left).toBe('ABORTED');
    cached.put('a', null, BODY);
    expect([await stays, state.reads]).toEqual([BODY, []]);
  });

  it('are not held where they are here already', async () => {
    const { cached } = gated();
    cached.put('a', null, BODY);
    cached.hold([{ key: 'a' }]);
    expect(await cached.get('a')).toEqual(BODY);
  });

  it('can all be held at once', async () => {
    const { cached, state } = gated();
    state.open();
    const holds = [cached.holdAll(), cached.holdAll()];
    const planned = cached.get('a');
    const other = cached.get('b');
    await turn();
    cached.hold([{ key: 'a' }]);
    holds.forEach(hold => hold.release());
    holds[0].release();
    expect(await other).toEqual(bytesOf('bbb'));
    expect(state.reads).toEqual(['b']);
    cached.put('a', null, bytesOf('planned'));
    expect(await planned).toEqual(bytesOf('planned'));
  });
});

describe('withTrace', () => {
  it('tells of every read and how it ended', async () => {
    const told: unknown[] = [];
    const { cached, state } = gated();
    const store = withTrace(cached, {
      started: (key, range) => told.push(['started', key, range]),
      ended: (...end) => told.push(end)
    });
    const controller = new AbortController();
    const left = outcomeOf(store.get('b', { signal: controller.signal }));
    controller.abort();
    await left;
    state.open();
    await store.getRange('a', { suffix: 3 });
    await store.get('none');
    await outcomeOf(store.getRange('a', { start: 500, end: 501 }));
    expect(told).toEqual([
      ['started', 'b', undefined],
      ['b', 'aborted', 0],
      ['started', 'a', { suffix: 3 }],
      ['a', 'ok', 3],
      ['started', 'none', undefined],
      ['none', 'absent', 0],
      ['started', 'a', { start: 500, end: 501 }],
      ['a', 'failed', 0]
    ]);
  });
});
