import { Gate } from '../gate';
import { recognise } from '../recognise';
import { HEADING, ROW, topsOf, windowOf } from '../virtual';

describe('recognise', () => {
  it.each([
    ['https://a.example/b/c.zarr', 'c.zarr'],
    ['  https://a.example/b/c.zarr/ ', 'c.zarr'],
    ['s3://bucket/key/0', '0'],
    ['store:data/a b#%?.zarr', 'a b#%?.zarr'],
    ['images/x.ome.zarr', 'x.ome.zarr'],
    ['x.zarr', 'x.zarr'],
    ['store:data/plates/p.ome.zarr/A/1/0', 'A/1/0 · p.ome.zarr']
  ])('takes %j for an address', (text, title) => {
    expect(recognise(text)).toEqual({ uri: text.trim(), title });
  });

  it.each(['', 'zebrafish', 'S-BIAD1492', '//evil.example/x', 'javascript:alert(1)', 'data:text/html,x', 'file:///etc/x.zarr', 'https://', 'store:data', 'a\0/b.zarr', `x/${'y'.repeat(2000)}`])(
    'takes %j for no address',
    text => {
      expect(recognise(text)).toBeNull();
    }
  );
});

describe('Gate', () => {
  it('lets one of two hundred activations through, and the next one later', async () => {
    jest.useFakeTimers();
    const gate = new Gate();
    const action = jest.fn(() => Promise.resolve());
    for (let i = 0; i < 200; i++) {
      void gate.run('open', action);
      await jest.advanceTimersByTimeAsync(2);
    }
    expect(action).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(600);
    await gate.run('open', action);
    expect(action).toHaveBeenCalledTimes(2);
    jest.useRealTimers();
  });
});

describe('the window of rows', () => {
  it('draws a few dozen of a hundred thousand rows, whatever the scroll', () => {
    const tops = topsOf(Array.from({ length: 100_000 }, (_, index) => index % 1000 === 0));
    expect(tops.at(-1)).toBe(100_000 * ROW + 100 * HEADING);
    for (const scroll of [0, 12_345, 2_000_000, (tops.at(-1) ?? 0) - 600]) {
      const { first, last } = windowOf(tops, scroll, 600);
      expect(last - first).toBeLessThan(60);
      expect(tops[first]).toBeLessThanOrEqual(scroll);
      expect(tops[last]).toBeGreaterThanOrEqual(Math.min(scroll + 600, tops.at(-1) ?? 0));
    }
  });

  it('is empty for an empty list', () => {
    expect(windowOf(topsOf([]), 0, 600)).toMatchObject({ first: 0, last: 0 });
  });
});
