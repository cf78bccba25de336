import type { IBatchItem } from '../../entities';
import {
  answerItem,
  bytesOf,
  encodeFrame,
  MemoryTransport,
  outcomeOf,
  ScriptedTransport,
  streamOf
} from '../../testing';
import { SessionStore } from '..';

const turn = () => new Promise(resolve => setTimeout(resolve, 5));

function scripted(root = '') {
  const transport = new ScriptedTransport();
  return { transport, asked: transport.asked, store: new SessionStore(transport, 'samples', root) };
}

describe('SessionStore', () => {
  it('sends all reads of one turn as one batch', async () => {
    const { store, asked } = scripted('a.zarr');
    void outcomeOf(store.get('zarr.json'));
    await Promise.resolve();
    void outcomeOf(store.getRange('0/c', { start: 4, end: 8 }));
    void outcomeOf(store.getRange('0/c', { suffix: 16 }));
    await turn();
    void outcomeOf(store.get('later'));
    await turn();
    expect(asked.map(({ store: id, items }) => [id, items])).toEqual([
      [
        'samples',
        [{ key: 'a.zarr/zarr.json' }, { key: 'a.zarr/0/c', start: 4, end: 8 }, { key: 'a.zarr/0/c', suffix: 16 }]
      ],
      ['samples', [{ key: 'a.zarr/later' }]]
    ]);
  });

  it('settles each read as its frame arrives, in any order', async () => {
    const { store, asked } = scripted();
    const order: string[] = [];
    const reads = ['a', 'b', 'c'].map(key => store.get(key).then(bytes => order.push(`${key}${bytes?.length}`)));
    await turn();
    const { source } = asked[0];
    source.write({ i: 2, status: 200 }, bytesOf('ccc'));
    await turn();
    expect(order).toEqual(['c3']);
    source.write({ i: 0, status: 404, code: 'ABSENT' });
    await turn();
    expect(order).toEqual(['c3', 'aundefined']);
    source.write({ i: 1, status: 200 }, bytesOf('b'));
    source.end();
    await Promise.all(reads);
    expect(order).toEqual(['c3', 'aundefined', 'b1']);
  });

  it('splits at 256 items', async () => {
    const objects = new Map(Array.from({ length: 600 }, (_, i) => [`k${i}`, bytesOf(String(i))]));
    const transport = new MemoryTransport(objects);
    const store = new SessionStore(transport, 's', '');
    const all = await Promise.all([...objects.keys()].map(key => store.get(key)));
    expect(transport.batches.map(items => items.length)).toEqual([256, 256, 88]);
    expect(all).toEqual([...objects.values()]);
  });

  it('splits at 64 MiB of ranges and at the bound of a request', async () => {
    const { store, asked } = scripted();
    const mib = 2 ** 20;
    [40, 20, 10, 64, 1].forEach((size, i) => void outcomeOf(store.getRange(`r${i}`, { start: 0, end: size * mib })));
    await turn();
    expect(asked.map(({ items }) => items.map(item => (item.end ?? 0) / mib))).toEqual([[40, 20], [10], [64], [1]]);
    const long = Array.from({ length: 15 }, () => 'x'.repeat(250)).join('/');
    Array.from({ length: 40 }, (_, i) => void outcomeOf(store.get(`${long}/${i}`)));
    await turn();
    const sizes = asked.slice(4).map(({ items }) => JSON.stringify({ items }).length);
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThan(64 * 1024);
  });

  it('cancels a batch only when all of its reads have gone', async () => {
    const { store, asked } = scripted();
    const controllers = [0, 1, 2].map(() => new AbortController());
    const reads = controllers.map(({ signal }, i) => outcomeOf(store.get(`k${i}`, { signal })));
    await turn();
    controllers[0].abort();
    controllers[1].abort();
    expect(await Promise.all(reads.slice(0, 2))).toEqual(['ABORTED', 'ABORTED']);
    expect([asked[0].signal.aborted, asked[0].source.cancelled]).toEqual([false, false]);
    asked[0].source.write({ i: 0, status: 200 }, bytesOf('nobody wants it'));
    await turn();
    controllers[2].abort();
    expect(await reads[2]).toBe('ABORTED');
    await turn();
    expect([asked[0].signal.aborted, asked[0].source.cancelled]).toEqual([true, true]);
  });

  it('cancels a batch whose remaining reads leave after others have been answered', async () => {
    const { store, asked } = scripted();
    const controller = new AbortController();
    const first = store.get('a');
    const second = outcomeOf(store.get('b', { signal: controller.signal }));
    await turn();
    asked[0].source.write({ i: 0, status: 200 }, bytesOf('a'));
    await first;
    controller.abort();
    expect(await second).toBe('ABORTED');
    await turn();
    expect(asked[0].source.cancelled).toBe(true);
  });

  it('asks for nothing that was given up in the same turn', async () => {
    const { store, asked } = scripted();
    const controller = new AbortController();
    const left = outcomeOf(store.get('a', { signal: controller.signal }));
    void outcomeOf(store.get('b'));
    controller.abort();
    expect(await left).toBe('ABORTED');
    await turn();
    expect(asked.map(({ items }) => items)).toEqual([[{ key: 'b' }]]);
    const only = outcomeOf(store.get('c', { signal: AbortSignal.abort() }));
    expect(await only).toBe('ABORTED');
    await turn();
    expect(asked).toHaveLength(1);
  });

  it('lets an item fail without the others', async () => {
    const { store, asked } = scripted();
    const reads = ['a', 'b', 'c', 'd'].map(key => store.get(key));
    const settled = Promise.allSettled(reads);
    await turn();
    const { source } = asked[0];
    source.write({ i: 0, status: 502, code: 'UPSTREAM_DENIED', message: 'No.', hint: 'Ask.', id: '0123abcd' });
    source.write({ i: 1, status: 504 });
    source.write({ i: 2, status: 418, code: 'TEAPOT' });
    source.write({ i: 3, status: 200 }, bytesOf('d'));
    source.end();
    const [a, b, c, d] = await settled;
    expect(a).toMatchObject({
      reason: { code: 'UPSTREAM_DENIED', message: 'No.', hint: 'Ask.', id: '0123abcd', where: 'a' }
    });
    expect(b).toMatchObject({ reason: { code: 'UPSTREAM_SLOW' } });
    expect(c).toMatchObject({ reason: { code: 'UPSTREAM_BAD' } });
    expect(d).toMatchObject({ value: bytesOf('d') });
  });

  it('fails what is unresolved where the stream has no end or a wrong one', async () => {
    for (const finish of ['close', 'end', 'error'] as const) {
      const { store, asked } = scripted();
      const first = outcomeOf(store.get('a'));
      const second = outcomeOf(store.get('b'));
      await turn();
      asked[0].source.write({ i: 0, status: 200 }, bytesOf('a'));
      asked[0].source[finish](new TypeError('network error'));
      expect([await first, await second]).toEqual(['ok', finish === 'error' ? 'UPSTREAM_DOWN' : 'UPSTREAM_BAD']);
    }
  });

  it('gives up on a session from which nothing comes, before or within its answer', async () => {
    const { transport, asked } = scripted();
    const within = new SessionStore(transport, 's', '', { silence: 40 });
    expect(await outcomeOf(within.get('a'))).toBe('UPSTREAM_SLOW');
    await turn();
    expect([asked[0].signal.aborted, asked[0].source.cancelled]).toEqual([true, true]);
    const signals: AbortSignal[] = [];
    const silent = {
      open: () => new Promise<never>(() => undefined),
      batch: (_store: string, _items: unknown, signal: AbortSignal) => {
        signals.push(signal);
        return new Promise<never>(() => undefined);
      }
    };
    expect(await outcomeOf(new SessionStore(silent, 's', '', { silence: 40 }).get('a'))).toBe('UPSTREAM_SLOW');
    expect(signals[0].aborted).toBe(true);
  });

  it('fails all reads where the server refuses the batch', async () => {
    const error = new TypeError('not ours');
    const store = new SessionStore({ open: () => Promise.reject(error), batch: () => Promise.reject(error) }, 's', '');
    const [a, b] = await Promise.allSettled([store.get('a'), store.get('b')]);
    expect([a, b]).toEqual(
      Array(2).fill({ status: 'rejected', reason: expect.objectContaining({ code: 'INTERNAL', cause: error }) })
    );
  });

  it.each([{ i: 1 }, { i: -1 }, { i: 0.5 }, { i: '0' }, {}])(
    'takes a frame for nobody, %j, for a wrong answer',
    async header => {
      const { store, asked } = scripted();
      const read = outcomeOf(store.get('a'));
      await turn();
      asked[0].source.write({ status: 200, ...header }, bytesOf('a'));
      expect(await read).toBe('UPSTREAM_BAD');
      await turn();
      expect(asked[0].source.cancelled).toBe(true);
    }
  );

  it.each([
    [{ start: 2, end: 6 }, undefined, 4, 'ok'],
    [{ start: 2, end: 6 }, undefined, 3, 'UPSTREAM_BAD'],
    [{ start: 2, end: 6 }, 100, 5, 'UPSTREAM_BAD'],
    [{ start: 2, end: 6 }, 5, 3, 'ok'],
    [{ start: 2, end: 6 }, 5, 4, 'UPSTREAM_BAD'],
    [{ suffix: 4 }, 100, 4, 'ok'],
    [{ suffix: 4 }, 100, 3, 'UPSTREAM_BAD'],
    [{ suffix: 4 }, 3, 3, 'ok'],
    [{ suffix: 4 }, undefined, 5, 'UPSTREAM_BAD']
  ])('checks the length for %j of %s bytes: %d is %s', async (range, size, length, expected) => {
    const { store, asked } = scripted();
    const read = outcomeOf(store.getRange('a', range));
    await turn();
    asked[0].source.write({ i: 0, status: 206, size }, new Uint8Array(length));
    asked[0].source.end();
    expect(await read).toBe(expected);
  });

  it('checks the length of a whole object', async () => {
    const { store, asked } = scripted();
    const reads = [outcomeOf(store.get('a')), outcomeOf(store.get('b'))];
    await turn();
    asked[0].source.write({ i: 0, status: 200, size: 4 }, new Uint8Array(3));
    asked[0].source.write({ i: 1, status: 200, size: 3 }, new Uint8Array(3));
    asked[0].source.end();
    expect(await Promise.all(reads)).toEqual(['UPSTREAM_BAD', 'ok']);
  });

  it('asks once more, alone, for a whole object that was too large only for its batch', async () => {
    const { store, asked } = scripted();
    const reads = [
      outcomeOf(store.get('a')),
      store.get('b'),
      outcomeOf(store.getRange('c', { start: 0, end: 9 }))
    ] as const;
    await turn();
    asked[0].source.write({ i: 0, status: 413, code: 'TOO_LARGE' });
    asked[0].source.write({ i: 1, status: 413, code: 'TOO_LARGE' });
    asked[0].source.write({ i: 2, status: 413, code: 'TOO_LARGE' });
    asked[0].source.end();
    await turn();
    expect(asked.slice(1).map(({ items }) => items)).toEqual([[{ key: 'a' }], [{ key: 'b' }]]);
    asked[1].source.write({ i: 0, status: 413, code: 'TOO_LARGE' });
    asked[2].source.write({ i: 0, status: 200 }, bytesOf('b'));
    [asked[1], asked[2]].forEach(({ source }) => source.end());
    expect([await reads[0], await reads[1], await reads[2]]).toEqual(['TOO_LARGE', bytesOf('b'), 'TOO_LARGE']);
  });

  it('leaves no listener on a signal that outlives its reads', async () => {
    const transport = new MemoryTransport(new Map([['a', bytesOf('a')]]));
    const { signal } = new AbortController();
    const add = jest.spyOn(signal, 'addEventListener');
    const remove = jest.spyOn(signal, 'removeEventListener');
    await new SessionStore(transport, 's', '').get('a', { signal });
    expect(add.mock.calls.length).toBeGreaterThan(0);
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
  });

  it('reads what the server would write', () => {
    const objects = new Map([['a', bytesOf('0123456789')]]);
    const text = new TextDecoder().decode(answerItem(objects, 3, { key: 'a', suffix: 4 }).subarray(4));
    expect(text).toBe('{"i":3,"status":206,"size":10,"bytes":4}6789');
  });

  describe('with parts of an object', () => {
    /** A store whose parts come with these ETags, one after the other; the last one goes on. */
    function tagged(tags: readonly (string | undefined)[]): SessionStore {
      let next = 0;
      const batch = (_store: string, items: readonly IBatchItem[]): Promise<ReadableStream<Uint8Array>> =>
        Promise.resolve(
          streamOf([
            ...items.map((_, i) => {
              const etag = tags[Math.min(next++, tags.length - 1)];
              return encodeFrame({ i, status: 206, size: 9, ...(etag && { etag }) }, bytesOf('a'));
            }),
            encodeFrame({ end: items.length })
          ])
        );
      return new SessionStore({ batch, open: () => Promise.reject(new Error('not asked for')) }, 's', '');
    }
    const part = (store: SessionStore): Promise<string> =>
      outcomeOf(store.getRange('shard', { start: 4, end: 5 })).then(outcome => JSON.stringify(outcome));

    it('says when it has changed between two of them, for good', async () => {
      const store = tagged(['"1"', '"1"', '"2"']);
      const found = [await part(store), await part(store), await part(store), await part(store)];
      expect(found.map(outcome => outcome.includes('CHANGED'))).toEqual([false, false, true, true]);
    });

    it('says so too where the first of them came with the opening', async () => {
      const store = tagged(['"2"']);
      store.remember('shard', '"1"');
      expect(await part(store)).toMatch('CHANGED');
    });

    it('says nothing where every answer has another ETag, or none', async () => {
      for (const tags of [
        ['"1"', '"2"', '"3"', '"4"', '"5"', '"6"'],
        ['"1"', undefined, '"1"']
      ]) {
        const store = tagged(tags);
        const found = [await part(store), await part(store), await part(store)];
        expect(found.filter(outcome => outcome.includes('CHANGED'))).toEqual([]);
      }
    });

    it('lets objects that are read whole be others each time', async () => {
      let next = 0;
      const batch = (): Promise<ReadableStream<Uint8Array>> =>
        Promise.resolve(
          streamOf([
            encodeFrame({ i: 0, status: 200, size: 1, etag: `"${next++}"` }, bytesOf('a')),
            encodeFrame({ end: 1 })
          ])
        );
      const store = new SessionStore({ batch, open: () => Promise.reject(new Error('not asked for')) }, 's', '');
      expect([await store.get('chunk'), await store.get('chunk')]).toEqual([bytesOf('a'), bytesOf('a')]);
    });
  });
});
