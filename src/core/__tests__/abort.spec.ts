import { isAbort, orAborted, SharedTask, within } from '..';

/** Work that ends when the test says so, and that counts how it went. */
function makeWork() {
  const state = { started: 0, aborted: 0, finish: (_value: string) => {}, fail: (_error: Error) => {} };
  const run = (signal: AbortSignal): Promise<string> => {
    state.started += 1;
    return new Promise((resolve, reject) => {
      state.finish = resolve;
      state.fail = reject;
      signal.addEventListener('abort', () => {
        state.aborted += 1;
        reject(signal.reason as Error);
      });
    });
  };
  return { state, task: new SharedTask(run) };
}

const turn = () => new Promise(resolve => setTimeout(resolve, 0));

describe('SharedTask', () => {
  it('runs once for all consumers and not before the first', async () => {
    const { state, task } = makeWork();
    expect(state.started).toBe(0);
    const both = Promise.all([task.join(), task.join()]);
    state.finish('done');
    expect(await both).toEqual(['done', 'done']);
    expect(state.started).toBe(1);
    expect(task.settled).toBe(true);
    expect(await task.join()).toBe('done');
  });

  it('lets one consumer leave without disturbing the others', async () => {
    const { state, task } = makeWork();
    const controller = new AbortController();
    const reason = new Error('scrolled away');
    const leaving = task.join(controller.signal);
    const staying = task.join();
    controller.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    expect(state.aborted).toBe(0);
    state.finish('done');
    expect(await staying).toBe('done');
  });

  it('is aborted once when all consumers have gone', async () => {
    const { state, task } = makeWork();
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const joins = controllers.map(controller => task.join(controller.signal).catch((error: unknown) => error));
    controllers.slice(0, 2).forEach(controller => controller.abort());
    await turn();
    expect([state.aborted, task.abandoned]).toEqual([0, false]);
    controllers[2].abort();
    const reasons = await Promise.all(joins);
    await turn();
    expect(reasons.every(isAbort)).toBe(true);
    expect([state.aborted, task.abandoned]).toEqual([1, true]);
    await expect(task.join()).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('tells every consumer of a failure', async () => {
    const { state, task } = makeWork();
    const joins = [task.join(), task.join()];
    const error = new Error('broken');
    state.fail(error);
    const results = await Promise.allSettled(joins);
    expect(results.map(result => result.status === 'rejected' && (result.reason as unknown) === error)).toEqual([
      true,
      true
    ]);
    expect(task.abandoned).toBe(false);
  });

  it('does not start for a consumer whose signal has fired', async () => {
    const { state, task } = makeWork();
    await expect(task.join(AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect([state.started, task.abandoned]).toEqual([0, false]);
  });

  it('makes a throw before the first await a rejection', async () => {
    const task = new SharedTask<string>(() => {
      throw new Error('at once');
    });
    await expect(task.join()).rejects.toThrow('at once');
  });
});

describe('orAborted', () => {
  it('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const add = jest.spyOn(signal, 'addEventListener');
    const remove = jest.spyOn(signal, 'removeEventListener');
    await orAborted(Promise.resolve(1), signal);
    await orAborted(Promise.reject(new Error('no')), signal).catch(() => undefined);
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
  });

  it('rejects at once where the signal has fired', async () => {
    await expect(orAborted(new Promise(() => undefined), AbortSignal.abort('gone'))).rejects.toBe('gone');
  });
});

describe('within', () => {
  const late = () => new Error('late');

  it('gives what comes in time, failures too', async () => {
    expect(await within(Promise.resolve(1), 1000, late)).toBe(1);
    await expect(within(Promise.reject(new Error('no')), 1000, late)).rejects.toThrow('no');
  });

  it('gives up on what does not', async () => {
    await expect(within(new Promise(() => undefined), 5, late)).rejects.toThrow('late');
  });

  it('leaves no timer behind', async () => {
    const clear = jest.spyOn(globalThis, 'clearTimeout');
    await within(Promise.resolve(1), 1e6, late);
    expect(clear).toHaveBeenCalledTimes(1);
    clear.mockRestore();
  });
});
