import { MemorySource } from '..';
import { pageOf } from '../paging';

describe('a page of a list', () => {
  it('goes on where the last one ended, and ends without a cursor', () => {
    expect(pageOf('abcde'.split(''), { limit: 2 })).toEqual({ items: ['a', 'b'], total: 5, cursor: '2' });
    expect(pageOf('abcde'.split(''), { cursor: '4', limit: 2 })).toEqual({ items: ['e'], total: 5 });
    expect(pageOf('abcde'.split(''), {})).toMatchObject({ total: 5, items: { length: 5 } });
    expect(pageOf([], {})).toEqual({ items: [], total: 0 });
  });

  it('begins at the beginning with a cursor that is not ours', async () => {
    const items = ['a', 'b'].map(id => ({ id, source: 'm', uri: `${id}.zarr`, title: id, viewable: true }));
    const { signal } = new AbortController();
    const page = await new MemorySource('m', 'M', items).search({ text: '', cursor: 'other' }, signal);
    expect(page.items).toEqual(items);
  });
});
