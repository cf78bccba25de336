/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { say } from '../../core';
import type { IStoreEntry } from '../../entities';
import { memoryEnvironment, MemorySource, PROVIDERS, StoreSource } from '..';
import type { ICatalogueEnvironment, ISourceProvider } from '..';
import { reading } from '../../testing/reading';
import { contractOf } from './contract';

const STORES = [
  { id: 'files', label: 'Files' },
  { id: 'samples', label: 'Samples' },
  { id: 'data', label: 'Data' }
];
const entries = (names: string[], kind: IStoreEntry['kind']): IStoreEntry[] => names.map(name => ({ name, kind }));
const ROOT = [
  ...entries(['cells.ome.zarr', 'stack.zarr', 'labels', 'a b#%?.zarr'], 'zarr'),
  ...entries(['inside', 'not yet read.zarr'], 'folder'),
  { name: 'samples.json', kind: 'file' as const, size: 3 }
];
const FOLDERS = {
  files: { '': ROOT, inside: entries(['deep cells.zarr', 'x:y.zarr'], 'zarr') },
  samples: { '': ROOT },
  data: { '': ROOT }
};
const { signal } = new AbortController();
const environment = (): ICatalogueEnvironment => memoryEnvironment(STORES, FOLDERS);

const providerOf = (id: string): ISourceProvider => {
  const found = PROVIDERS.find(provider => provider.id === id);
  if (found === undefined) {
    throw new Error(`no provider ${id}`);
  }
  return found;
};

for (const provider of [providerOf('samples'), providerOf('stores')]) {
  contractOf({
    name: `the first of ${provider.id}`,
    match: 'cells',
    make: async () => (await provider.create(environment()))[0]
  });
}
contractOf({
  name: 'a list in memory',
  match: 'zebra',
  make: () =>
    Promise.resolve(
      new MemorySource('memory', 'Memory', [
        { source: 'memory', accession: 'S-1', title: 'Zebra fish', images: 3, viewable: 1 },
        { source: 'memory', id: '2', uri: 'https://a.example/2.zarr', title: 'Mouse', viewable: true },
        {
          source: 'memory',
          id: '3',
          uri: 'https://a.example/3.tif',
          title: 'zebra',
          viewable: false,
          reason: say`TIFF`
        }
      ])
    )
});

describe('the built-in sources', () => {
  it('are the samples first, then the other stores in the order of the operator', async () => {
    const made = (await Promise.all(PROVIDERS.map(one => one.create(environment())))).flat();
    expect(made.map(({ id, label, landing }) => [id, label, landing])).toEqual([
      ['samples', 'Samples', 'items'],
      ['store:files', 'Files', 'folder'],
      ['store:data', 'Data', 'folder']
    ]);
    expect(made.map(({ rank }) => rank)).toEqual([100, 200, 201]);
  });

  it('leave out stores that cannot be listed', async () => {
    const web = { id: 'web', label: 'Web', kind: 'https' as const };
    const made = await providerOf('stores').create(memoryEnvironment([...STORES, web], FOLDERS));
    expect(made.map(({ id }) => id)).toEqual(['store:files', 'store:data']);
  });

  it('are none where the session has no stores', async () => {
    const made = await Promise.all(PROVIDERS.map(one => one.create(memoryEnvironment([], {}))));
    expect(made.flat()).toEqual([]);
  });

  it('fail where the stores cannot be asked', async () => {
    const broken = { ...environment(), stores: () => Promise.reject(new Error('no server')) };
    await expect(providerOf('samples').create(broken)).rejects.toThrow('no server');
  });
});

describe('samples with an index', () => {
  const index = [
    {
      path: 'cells.ome.zarr',
      title: 'Cells, three channels',
      description: 'DAPI and actin',
      kind: 'image',
      version: '0.4',
      licence: 'CC0-1.0'
    },
    { path: 'sub/plate.ome.zarr', title: 'Plate', kind: 'plate' },
    { path: 'plain.zarr' }
  ];
  const withIndex = (text: string) =>
    providerOf('samples').create(memoryEnvironment(STORES, FOLDERS, { 'samples/samples.json': text }));
  contractOf({
    name: 'an index of samples',
    match: 'cells',
    make: async () => (await withIndex(JSON.stringify(index)))[0]
  });

  it('are listed by title and description, and found by these and by their path', async () => {
    const [source] = await withIndex(JSON.stringify(index));
    const { items, total } = await source.search({ text: '' }, signal);
    expect(total).toBe(3);
    expect(items[0]).toEqual({
      id: 'cells.ome.zarr',
      source: 'samples',
      uri: 'store:samples/cells.ome.zarr',
      title: 'Cells, three channels',
      description: 'DAPI and actin',
      kind: 'image',
      version: '0.4',
      viewable: true,
      licence: 'CC0-1.0'
    });
    expect(items[2]).toMatchObject({ title: 'plain.zarr', kind: 'image' });
    const found = async (text: string) => (await source.search({ text }, signal)).items.map(item => item.title);
    expect(await found('actin CELLS')).toEqual(['Cells, three channels']);
    expect(await found('sub/plate')).toEqual(['Plate']);
  });

  it.each(['{}', 'no JSON', '[{"title": "no path"}]', '[{"path": 3}]'])(
    'are the listing where the index is %s',
    async text => {
      const [source] = await withIndex(text);
      expect((await source.search({ text: '' }, signal)).items.map(({ title }) => title)).toContain('cells.ome.zarr');
    }
  );

  it('are asked for again after a failure, and once after an answer', async () => {
    const read = jest
      .fn<Promise<Uint8Array | undefined>, []>()
      .mockRejectedValueOnce(new Error('no server'))
      .mockResolvedValue(undefined);
    const [source] = await providerOf('samples').create({ ...environment(), read });
    await expect(source.search({ text: '' }, signal)).rejects.toThrow('no server');
    await source.search({ text: '' }, signal);
    await source.search({ text: 'cells' }, signal);
    expect(read).toHaveBeenCalledTimes(2);
  });
});

describe('a store as a source', () => {
  const make = (store: string): StoreSource => new StoreSource(store, store, environment().list);

  it('lists Zarr as images, folders as folders, and no plain files', async () => {
    const { items } = await make('data').browse('', { text: '' }, signal);
    expect(items.map(({ title, kind, viewable }) => [title, kind, viewable])).toEqual([
      ['cells.ome.zarr', 'image', true],
      ['stack.zarr', 'image', true],
      ['labels', 'image', true],
      ['a b#%?.zarr', 'image', true],
      ['inside', 'folder', false],
      ['not yet read.zarr', 'image', true]
    ]);
  });

  it('names keys as plain text, and the session’s own files as the file browser does', async () => {
    expect((await make('data').browse('', { text: '' }, signal)).items[3].uri).toBe('store:data/a b#%?.zarr');
    const { items } = await make('files').browse('inside', { text: '' }, signal);
    expect(items.map(({ uri }) => uri)).toEqual(['inside/deep cells.zarr', 'store:files/inside/x:y.zarr']);
  });

  it('shows images that are one file', async () => {
    const list = memoryEnvironment(STORES, {
      data: {
        '': [{ name: 'a.ome.zarr.zip', kind: 'file', size: 12 }, ...entries(['b.ozx', 'c.zip', 'd.tif'], 'file')]
      }
    }).list;
    const { items } = await new StoreSource('data', 'Data', list).browse('', { text: '' }, signal);
    expect(items.map(({ title, viewable, bytes, format }) => [title, viewable, bytes, format])).toEqual([
      ['a.ome.zarr.zip', true, 12, 'ome.zarr.zip'],
      ['b.ozx', true, undefined, 'ozx'],
      ['d.tif', true, undefined, 'tif']
    ]);
  });

  it.each(['zarr.json', '.zattrs', '.zgroup'])(
    'offers a folder that holds %s as an image, without its parts',
    async document => {
      const inside = [
        { name: document, kind: 'file' as const },
        ...entries(['0', '12', 's1', 'OME', 'c', 'A', 'labels'], 'folder')
      ];
      const list = memoryEnvironment(STORES, {
        data: { 'b/plain': inside, '': inside },
        files: { 'x:y': inside }
      }).list;
      const browse = async (store: string, path: string): Promise<unknown[]> => {
        const { items } = await new StoreSource(store, 'Data', list).browse(path, { text: '' }, signal);
        return items.map(({ id, uri, title, kind, viewable }) => [id, uri, title, kind, viewable]);
      };
      expect(await browse('data', 'b/plain')).toEqual([
        ['b/plain', 'store:data/b/plain', 'plain', 'image', true],
        ['b/plain/A', 'store:data/b/plain/A', 'A', 'folder', false],
        ['b/plain/labels', 'store:data/b/plain/labels', 'labels', 'folder', false]
      ]);
      expect((await browse('data', ''))[0]).toEqual(['.', 'store:data/', 'data', 'image', true]);
      expect((await browse('files', 'x:y'))[0]).toEqual(['x:y', 'store:files/x:y', 'x:y', 'image', true]);
    }
  );

  it('offers a folder as an image once, on the page that shows it', async () => {
    const names = ['.zattrs', '.zgroup', ...Array.from({ length: 4 }, (_none, at) => `${at}`), 'zarr.json'];
    const { list } = memoryEnvironment(STORES, {
      data: { sub: entries(names, 'file').concat(entries(['7', 'A'], 'folder')) }
    });
    const source = new StoreSource('data', 'Data', list);
    const titles = async (): Promise<string[]> => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await source.browse('sub', { text: '', limit: 3, cursor }, signal);
        found.push(...page.items.map(({ title }) => title));
        cursor = page.cursor;
      } while (cursor !== undefined);
      return found;
    };
    expect(await titles()).toEqual(['sub', 'A']);
    expect(await titles()).toEqual(['sub', 'A']);
  });

  it('searches what has been listed, and lists its root for that once', async () => {
    const source = make('files');
    expect((await source.search({ text: 'CELLS' }, signal)).items.map(({ id }) => id)).toEqual(['cells.ome.zarr']);
    await source.browse('inside', { text: '' }, signal);
    const { items, total } = await source.search({ text: 'cells zarr' }, signal);
    expect([total, items.map(({ id }) => id)]).toEqual([2, ['cells.ome.zarr', 'inside/deep cells.zarr']]);
  });

  it('asks nothing for somebody who has gone', async () => {
    const list = jest.fn(environment().list);
    const source = new StoreSource('data', 'Data', list);
    const gone = AbortSignal.abort(new DOMException('gone', 'AbortError'));
    await expect(source.browse('', { text: '' }, gone)).rejects.toThrow('gone');
    await expect(source.search({ text: 'cells' }, gone)).rejects.toThrow('gone');
    expect(list).not.toHaveBeenCalled();
  });

  it('says that a search of names is only of what has been listed, until everything has been', async () => {
    const folders: Record<string, IStoreEntry[]> = {
      '': [...entries(['cell.zarr', 'b.zarr'], 'zarr'), ...entries(['inside'], 'folder')],
      inside: entries(['cell 2.zarr'], 'zarr')
    };
    const source = new StoreSource('data', 'Data', memoryEnvironment(STORES, { data: folders }).list);
    const only = [reading('only listed folders')];
    const search = (): Promise<unknown> => source.search({ text: 'cell' }, signal);
    await source.browse('', { text: '', limit: 1 }, signal);
    expect(await search()).toMatchObject({ total: 1, exact: false, notices: only });
    await source.browse('', { text: '' }, signal);
    expect(await search()).toMatchObject({ total: 1, exact: false, notices: only });
    await source.browse('inside', { text: '' }, signal);
    const whole = await search();
    expect(whole).toMatchObject({ total: 2 });
    expect(whole).not.toHaveProperty('exact');
    expect(whole).not.toHaveProperty('notices');
  });

  it('drops an answer that came in spite of the abort', async () => {
    const controller = new AbortController();
    const source = new StoreSource('slow', 'Slow', () => {
      controller.abort(new DOMException('gone', 'AbortError'));
      return Promise.resolve({ items: ROOT });
    });
    await expect(source.browse('', { text: '' }, controller.signal)).rejects.toThrow('gone');
  });
});
