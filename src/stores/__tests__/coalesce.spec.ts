import { BioImageError, say } from '../../core';
import { outcomeOf } from '../../testing';
import { MemoryStore, withCoalescing, type ByteRange, type IReadableStore } from '..';

const MIB = 1 << 20;
const BODY = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);

/** A store that answers when told to, and that records its reads of parts as `key start-end`. */
function gated(objects: Record<string, Uint8Array> = { a: BODY, b: BODY }) {
  const inner = new MemoryStore(objects);
  const state = { reads: [] as string[], aborted: 0, open: () => {}, fail: (_error: Error) => {} };
  const gate = new Promise<void>((resolve, reject) => {
    state.open = resolve;
    state.fail = reject;
  });
  const read = async (key: string, range: ByteRange, signal?: AbortSignal): Promise<Uint8Array | undefined> => {
    state.reads.push('suffix' in range ? `${key} -${range.suffix}` : `${key} ${range.start}-${range.end}`);
    signal?.addEventListener('abort', () => (state.aborted += 1));
    await gate;
    return inner.getRange(key, range);
  };
  const store: IReadableStore = {
    name: 'gated',
    get: key => inner.get(key),
    getRange: (key, range, options) => read(key, range, options?.signal)
  };
  return { store: withCoalescing(store), state };
}

const turn = () => new Promise(resolve => setTimeout(resolve, 1));
const range = (start: number, length: number) => ({ start, end: start + length });

describe('withCoalescing', () => {
  it('joins ranges of one object that are asked for in one turn, in any order and overlapping', async () => {
    const { store, state } = gated();
    state.open();
    const asked = [range(5000, 100), range(0, 1000), range(900, 300), range(1000, 4000), range(0, 1000)];
    const [parts, other] = [Promise.all(asked.map(one => store.getRange('a', one))), store.getRange('b', range(7, 3))];
    expect(await parts).toEqual(asked.map(({ start, end }) => BODY.slice(start, end)));
    expect(await other).toEqual(BODY.slice(7, 10));
    expect(state.reads).toEqual(['a 0-5100', 'b 7-10']);
    await store.getRange('a', range(0, 10));
    expect(state.reads).toHaveLength(3);
  });

  it('hands out memory of its own, so that one part kept does not keep the others', async () => {
    const { store, state } = gated();
    state.open();
    const parts = await Promise.all([store.getRange('a', range(0, 10)), store.getRange('a', range(10, 20))]);
    expect(parts.map(part => part?.buffer.byteLength)).toEqual([10, 20]);
  });

  it.each([
    ['a gap of 32 KiB', [range(0, 10), range(10 + 32 * 1024, 10)], ['a 0-32788']],
    ['a gap of one byte more', [range(0, 10), range(11 + 32 * 1024, 10)], ['a 0-10', 'a 32779-32789']],
    ['8 MiB', [range(0, 4 * MIB), range(4 * MIB, 4 * MIB)], [`a 0-${8 * MIB}`]],
    [
      'a byte more',
      [range(0, 4 * MIB), range(4 * MIB, 4 * MIB + 1)],
      [`a 0-${4 * MIB}`, `a ${4 * MIB}-${8 * MIB + 1}`]
    ],
    ['a part of more than 8 MiB', [range(0, 9 * MIB)], [`a 0-${9 * MIB}`]]
  ])('has bounds: %s', async (_, asked, reads) => {
    const { store, state } = gated({ a: new Uint8Array(10 * MIB) });
    state.open();
    await Promise.all(asked.map(one => store.getRange('a', one)));
    expect(state.reads).toEqual(reads);
  });

  it('is cancelled only when all have left', async () => {
    const { store, state } = gated();
    const controllers = Array.from({ length: 3 }, () => new AbortController());
    const reads = controllers.map(({ signal }, i) => store.getRange('a', range(10 * i, 10), { signal }));
    const outcomes = reads.slice(0, 2).map(outcomeOf);
    await turn();
    controllers[0].abort();
    expect([await outcomes[0], state.aborted]).toEqual(['ABORTED', 0]);
    controllers[1].abort();
    expect([await outcomes[1], state.aborted]).toEqual(['ABORTED', 0]);
    state.open();
    expect(await reads[2]).toEqual(BODY.slice(20, 30));

    const again = gated();
    const both = controllers.slice(0, 2).map(() => new AbortController());
    const left = both.map(({ signal }, i) => outcomeOf(again.store.getRange('a', range(10 * i, 10), { signal })));
    await turn();
    both.forEach(controller => controller.abort());
    expect([await Promise.all(left), again.state.aborted]).toEqual([['ABORTED', 'ABORTED'], 1]);
  });

  it('does not ask for what is left in the same turn, and lets nobody in the joint wait', async () => {
    const { store, state } = gated();
    const controller = new AbortController();
    const left = outcomeOf(store.getRange('a', range(0, 10), { signal: controller.signal }));
    const stays = store.getRange('a', range(20, 10));
    controller.abort();
    expect(await left).toBe('ABORTED');
    state.open();
    expect(await stays).toEqual(BODY.slice(20, 30));
    expect(state.reads).toEqual(['a 20-30']);
    expect(await outcomeOf(store.getRange('a', range(0, 10), { signal: controller.signal }))).toBe('ABORTED');
  });

  it('tells each part what is wrong with it alone, and all what is wrong with the object', async () => {
    const { store, state } = gated({ a: BODY.slice(0, 100) });
    const inside = [range(0, 10), range(90, 20)].map(one => store.getRange('a', one));
    const beyond = outcomeOf(store.getRange('a', range(100, 10)));
    const absent = [0, 10].map(start => store.getRange('none', range(start, 10)));
    const invalid = outcomeOf(store.getRange('a', { start: 9, end: 9 }));
    state.open();
    expect(await Promise.all(inside)).toEqual([BODY.slice(0, 10), BODY.slice(90, 100)]);
    expect(await beyond).toBe('UPSTREAM_BAD');
    expect(await Promise.all(absent)).toEqual([undefined, undefined]);
    expect(await invalid).toBe('BAD_REQUEST');

    const failing = gated();
    const failures = [0, 10].map(start => outcomeOf(failing.store.getRange('a', range(start, 10))));
    await turn();
    failing.state.fail(new BioImageError('CHANGED', say`Changed.`));
    expect(await Promise.all(failures)).toEqual(['CHANGED', 'CHANGED']);
  });

  it('passes whole objects and ends of objects as they are', async () => {
    const { store, state } = gated();
    state.open();
    const both = [store.getRange('a', { suffix: 5 }), store.getRange('a', { suffix: 9 })];
    expect(state.reads).toEqual(['a -5', 'a -9']);
    expect(await Promise.all(both)).toEqual([BODY.slice(-5), BODY.slice(-9)]);
    expect(await store.get('a')).toEqual(BODY);
  });
});
