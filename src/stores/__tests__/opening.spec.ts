import { bytesOf, outcomeOf, ScriptedTransport } from '../../testing';
import { MemoryStore, readOpening, SessionStore, withCache, type IPreviewPicture } from '..';

const turn = () => new Promise(resolve => setTimeout(resolve, 5));

function open() {
  const transport = new ScriptedTransport();
  const cached = withCache(new SessionStore(transport, 'samples', 'a.zarr'), 1 << 20);
  const controller = new AbortController();
  const pictures: IPreviewPicture[] = [];
  const digests: unknown[] = [];
  const events = {
    preview: (picture: IPreviewPicture) => void pictures.push(picture),
    digest: (digest: unknown) => void digests.push(digest)
  };
  const view = { selection: { t: 1 }, width: 800, height: 600 };
  const { documents, done } = readOpening(transport, 'samples', 'a.zarr', view, cached, events, controller.signal);
  const { source } = transport.asked[0];
  return { transport, cached, controller, pictures, digests, documents, done, source, view };
}

const PLAN = [{ key: '0/c/0/0' }, { key: '0/c/0/1' }, { key: '1/c', suffix: 20 }, { key: '1/c', start: 5, end: 9 }];

describe('readOpening', () => {
  it('asks once, and hands out each part as it arrives', async () => {
    const { transport, cached, pictures, digests, documents, done, source, view } = open();
    expect(transport.asked.map(({ store, path, view: asked }) => [store, path, asked])).toEqual([
      ['samples', 'a.zarr', view]
    ]);
    const picture = { mime: 'image/webp', width: 8, height: 6, level: 1, region: [0, 60, 0, 80] };
    source.write({ type: 'preview', ...picture }, bytesOf('RIFF'));
    source.write({ type: 'digest' }, bytesOf({ kind: 'image' }));
    await turn();
    expect([pictures, digests]).toEqual([[{ ...picture, bytes: bytesOf('RIFF') }], [{ kind: 'image' }]]);
    source.write({ type: 'doc', key: 'zarr.json', status: 200 }, bytesOf('{}'));
    source.write({ type: 'doc', key: '.zattrs', status: 404 });
    source.write({ type: 'plan' }, bytesOf(PLAN));
    expect([...(await documents)]).toEqual([
      ['zarr.json', bytesOf('{}')],
      ['.zattrs', null]
    ]);
    const reads = Promise.all([
      cached.get('0/c/0/0'),
      cached.get('0/c/0/1'),
      cached.getRange('1/c', { suffix: 20 }),
      cached.getRange('1/c', { start: 5, end: 9 }),
      cached.get('zarr.json'),
      cached.get('.zattrs')
    ]);
    source.write({ type: 'chunk', key: '1/c', suffix: 20, status: 206 }, new Uint8Array(20));
    source.write({ type: 'chunk', key: '1/c', start: 5, end: 9, status: 206 }, bytesOf('part'));
    source.write({ type: 'chunk', key: '0/c/0/0', status: 200 }, bytesOf('one'));
    source.write({ type: 'chunk', key: '0/c/0/1', status: 404, code: 'ABSENT' });
    source.end();
    await done;
    expect(await reads).toEqual([
      bytesOf('one'),
      undefined,
      new Uint8Array(20),
      bytesOf('part'),
      bytesOf('{}'),
      undefined
    ]);
    expect(transport.asked).toHaveLength(1);
  });

  it('lets reads wait for the plan, and those that are not in it go by themselves', async () => {
    const { transport, cached, source } = open();
    const planned = cached.get('0/c/0/0');
    void outcomeOf(cached.get('0/c/7/7'));
    await turn();
    expect(transport.asked).toHaveLength(1);
    source.write({ type: 'plan' }, bytesOf(PLAN));
    await turn();
    expect(transport.asked.slice(1).map(({ items }) => items)).toEqual([[{ key: 'a.zarr/0/c/7/7' }]]);
    source.write({ type: 'chunk', key: '0/c/0/0', status: 200 }, bytesOf('one'));
    expect(await planned).toEqual(bytesOf('one'));
  });

  it('lets an item that failed, or never came, be read by whoever needs it', async () => {
    const { transport, cached, source, done } = open();
    source.write({ type: 'plan' }, bytesOf(PLAN));
    await turn();
    const reads = [outcomeOf(cached.get('0/c/0/0')), outcomeOf(cached.get('0/c/0/1'))];
    await turn();
    source.write({ type: 'chunk', key: '0/c/0/0', status: 504, code: 'UPSTREAM_SLOW' });
    await turn();
    expect(transport.asked.slice(1).map(({ items }) => items)).toEqual([[{ key: 'a.zarr/0/c/0/0' }]]);
    source.end();
    await done;
    await turn();
    expect(transport.asked.slice(2).map(({ items }) => items)).toEqual([[{ key: 'a.zarr/0/c/0/1' }]]);
    transport.asked.slice(1).forEach(asked => {
      asked.source.write({ i: 0, status: 200 }, bytesOf('x'));
      asked.source.end();
    });
    expect(await Promise.all(reads)).toEqual(['ok', 'ok']);
  });

  it.each(['close', 'end', 'error'] as const)(
    'frees all who wait where the stream ends by %s before the plan',
    async finish => {
      const { transport, cached, source, documents, done } = open();
      void outcomeOf(cached.get('0/c/0/0'));
      source.write({ type: 'doc', key: 'zarr.json', status: 200 }, bytesOf('{}'));
      source[finish](new TypeError('network error'));
      const expected = { close: 'UPSTREAM_BAD', end: 'ok', error: 'UPSTREAM_DOWN' }[finish];
      expect([await outcomeOf(done), await outcomeOf(documents)]).toEqual([expected, expected]);
      await turn();
      expect(transport.asked.slice(1).map(({ items }) => items)).toEqual([[{ key: 'a.zarr/0/c/0/0' }]]);
    }
  );

  it('keeps the documents where the stream fails after the plan', async () => {
    const { source, documents, done, cached, transport } = open();
    source.write({ type: 'plan' }, bytesOf(PLAN));
    await documents;
    void outcomeOf(cached.get('0/c/0/1'));
    source.close();
    expect([await outcomeOf(done), await outcomeOf(documents)]).toEqual(['UPSTREAM_BAD', 'ok']);
    await turn();
    expect(transport.asked).toHaveLength(2);
  });

  it('does without a plan', async () => {
    const { source, documents, cached, transport } = open();
    source.write({ type: 'chunk', key: '0/c/0/0', status: 200 }, bytesOf('one'));
    expect([...(await documents)]).toEqual([]);
    expect(await cached.get('0/c/0/0')).toEqual(bytesOf('one'));
    expect(transport.asked).toHaveLength(1);
  });

  it('stops when it is cancelled', async () => {
    const { source, documents, done, controller } = open();
    await turn();
    controller.abort();
    expect([await outcomeOf(done), await outcomeOf(documents)]).toEqual(['ABORTED', 'ABORTED']);
    expect(source.cancelled).toBe(true);
  });

  it('leaves no rejection unheard where nobody listens', async () => {
    const heard = jest.fn();
    process.on('unhandledRejection', heard);
    const { source } = open();
    source.close();
    await turn();
    await turn();
    process.off('unhandledRejection', heard);
    expect(heard).not.toHaveBeenCalled();
  });

  it.each([
    ['a document that climbs', { type: 'doc', key: '../secret', status: 200 }, ''],
    ['a document without a name', { type: 'doc', status: 200 }, ''],
    ['a plan that is no list', { type: 'plan' }, '{}'],
    ['a plan that is no JSON', { type: 'plan' }, '[{'],
    ['a planned item that climbs', { type: 'plan' }, '[{"key":"a/../../b"}]'],
    ['a planned range that is none', { type: 'plan' }, '[{"key":"a","start":4,"end":2}]'],
    ['half a range', { type: 'plan' }, '[{"key":"a","start":4}]'],
    ['a chunk without a name', { type: 'chunk', status: 200 }, ''],
    ['a digest that is no JSON', { type: 'digest' }, '<html>'],
    ['a picture without a size', { type: 'preview', mime: 'image/webp' }, 'x']
  ])('takes %s for a wrong answer', async (_name, header, body) => {
    const { source, done, pictures } = open();
    source.write(header, bytesOf(body));
    expect(await outcomeOf(done)).toBe('UPSTREAM_BAD');
    expect(pictures).toEqual([]);
  });

  it('leaves aside what it does not know', async () => {
    const { source, done, pictures, documents } = open();
    source.write({ type: 'preview', mime: 'image/svg+xml', width: 1, height: 1, level: 0 }, bytesOf('<svg/>'));
    source.write({ type: 'weather' }, bytesOf('fine'));
    source.write({ type: 'doc', key: 'zarr.json', status: 502, code: 'UPSTREAM_BAD' });
    source.end();
    await done;
    expect([pictures, [...(await documents)]]).toEqual([[], []]);
  });

  it('gives up where the server does not even begin, and lets the reads that waited go', async () => {
    jest.useFakeTimers();
    try {
      const never = new ScriptedTransport();
      never.open = () => new Promise(() => undefined);
      const cached = withCache(new MemoryStore({ a: bytesOf('a') }), 1 << 20);
      const signal = new AbortController().signal;
      const { documents, done } = readOpening(never, 's', '', { width: 8, height: 6 }, cached, {}, signal);
      const ends = Promise.all([outcomeOf(documents), outcomeOf(done), cached.get('a')]);
      await jest.advanceTimersByTimeAsync(61_000);
      expect(await ends).toEqual(['UPSTREAM_SLOW', 'UPSTREAM_SLOW', bytesOf('a')]);
    } finally {
      jest.useRealTimers();
    }
  });
});
