import { Gate } from '../gate';
import { doiText, recognise } from '../recognise';
import type { IRow, ISection } from '../rows';
import { RowList } from '../rows';
import { HEADING, ROW, windowOf } from '../virtual';

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

  it.each([
    '',
    'zebrafish',
    'S-BIAD1492',
    '//evil.example/x',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/x.zarr',
    'https://',
    'store:data',
    'a\0/b.zarr',
    'live/dead staining',
    '10.1038/s41467-021-23441-0',
    'https://doi.org/10.1038/s41467-021-23441-0',
    'doi:10.1038/x.zarr/y',
    `x/${'y'.repeat(2000)}`
  ])('takes %j for no address', text => {
    expect(recognise(text)).toBeNull();
  });

  it.each(['CRISPR/Cas9', 'images/2020', 'H2B/zarr'])('takes %j for what may be a path', uri => {
    expect(recognise(uri)).toEqual({ uri, title: uri.split('/')[1], isUnsure: true });
  });
});

describe('a DOI', () => {
  it.each([
    ['10.1038/s41467-021-23441-0', '10.1038/s41467-021-23441-0'],
    [' https://doi.org/10.6019/S-BIAD1492 ', '10.6019/S-BIAD1492'],
    ['http://dx.doi.org/10.6019%2FS-BIAD1492', '10.6019/S-BIAD1492'],
    ['doi: 10.1/x', undefined],
    ['doi:10.6019/S-BIAD1492', '10.6019/S-BIAD1492'],
    ['cells of 10.1038/s41467-021-23441-0', undefined],
    ['https://a.example/10.1038/x.zarr', undefined]
  ])('is found in %j', (text, doi) => {
    expect(doiText(text)).toBe(doi);
  });
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
  const sectionOf = (id: string, count: number): ISection => {
    const row = (index: number): IRow => ({ key: `${id} ${index}`, kind: 'recent', address: { uri: '', title: '' } });
    return { id, heading: { kind: 'recent' }, count, row };
  };

  it('draws a few dozen of a hundred thousand rows, whatever the scroll', () => {
    const list = new RowList(Array.from({ length: 100 }, (_, index) => sectionOf(`section ${index}`, 1000)));
    expect(list.height).toBe(100_000 * ROW + 100 * HEADING);
    for (const scroll of [0, 12_345, 2_000_000, list.height - 600]) {
      const { first, last } = windowOf(list, scroll, 600);
      expect(last - first).toBeLessThan(60);
      expect(list.top(first)).toBeLessThanOrEqual(scroll);
      expect(list.top(last)).toBeGreaterThanOrEqual(Math.min(scroll + 600, list.height));
    }
  });

  it('finds each row by its top, and the rows between', () => {
    const list = new RowList([sectionOf('a', 2), sectionOf('empty', 0), sectionOf('b', 3)]);
    expect(list.count).toBe(5);
    for (let index = 0; index < list.count; index++) {
      expect([list.rowAt(list.top(index)), list.rowAt(list.top(index + 1) - 1)]).toEqual([index, index]);
      expect(list.indexOf(list.slot(index))).toBe(index);
    }
    expect(list.all().map(({ key }) => key)).toEqual(['a 0', 'a 1', 'b 0', 'b 1', 'b 2']);
    expect([list.at(1).heading, list.at(2).heading]).toEqual([null, { kind: 'recent' }]);
    expect([list.indexOf({ section: 'b', offset: 3 }), list.indexOf({ section: 'gone', offset: 0 })]).toEqual([-1, -1]);
  });

  it('is empty for an empty list', () => {
    expect(windowOf(new RowList([]), 0, 600)).toMatchObject({ first: 0, last: 0 });
  });
});
