/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import type { CatalogueItem, ICatalogueSource } from '../../catalogue';
import { memoryEnvironment, MemorySource, StoreSource } from '../../catalogue';
import { BioImageError, say } from '../../core';
import { modelOf, titles } from './modelbench';

const image = (source: string, title: string): CatalogueItem => {
  return { source, id: title, uri: `https://a.example/${title}`, title, kind: 'image', viewable: true };
};

describe('the panel’s model', () => {
  afterEach(() => jest.useRealTimers());

  it('shows what sources show by themselves, stores as folders, and recent images', async () => {
    const samples = new MemorySource('samples', 'Samples', [image('samples', 'cells')], { landing: 'items' });
    const store = new StoreSource('data', 'Data', memoryEnvironment([], {}).list, { rank: 200 });
    const archive = new MemorySource('archive', 'Archive', [image('archive', 'never asked')]);
    const { model } = modelOf([store, samples, archive], { recent: [{ uri: 'store:data/a.zarr', title: 'a.zarr' }] });
    await model.start();
    expect(titles(model)).toEqual(['cells', 'Data', 'recent']);
    expect(archive.counts.begun).toBe(0);
  });

  it('merges sources in their own order, whichever answers first', async () => {
    jest.useFakeTimers();
    const slow = new MemorySource('slow', 'Slow', [image('slow', 'cells 1')], { rank: 1, delay: 5000 });
    const fast = new MemorySource('fast', 'Fast', [image('fast', 'cells 2')], { rank: 2, delay: 50 });
    const never = new MemorySource('never', 'Never', [], { rank: 0, delay: 1e9 });
    const { model } = modelOf([fast, slow, never]);
    void model.search('cells');
    await jest.advanceTimersByTimeAsync(60);
    expect(titles(model)).toEqual(['cells 2']);
    await jest.advanceTimersByTimeAsync(5000);
    expect(titles(model)).toEqual(['cells 1', 'cells 2']);
    expect(model.groups.map(({ status }) => status)).toEqual(['loading', 'ready', 'ready']);
  });

  it('keeps a failure to its own group, and asks only that one again', async () => {
    const failure = new BioImageError('CATALOGUE_BAD', say`The catalogue answered nonsense.`);
    const bad = new MemorySource('bad', 'Bad', [], { failure });
    const good = new MemorySource('good', 'Good', [image('good', 'cells')]);
    const { model } = modelOf([bad, good]);
    await model.search('cells');
    expect(titles(model)).toEqual(['cells']);
    expect(model.groups.map(({ status, error }) => [status, error?.code])).toEqual([
      ['failed', 'CATALOGUE_BAD'],
      ['ready', undefined]
    ]);
    await model.retry('bad');
    expect([bad.counts.begun, good.counts.begun]).toEqual([2, 1]);
  });

  it('cancels the old question and drops its answer', async () => {
    jest.useFakeTimers();
    const items = [image('a', 'cells'), image('a', 'nuclei')];
    const source = new MemorySource('a', 'A', items, { delay: 100 });
    const { model } = modelOf([source]);
    void model.search('cells');
    await jest.advanceTimersByTimeAsync(50);
    void model.search('nuclei');
    await jest.advanceTimersByTimeAsync(200);
    expect(titles(model)).toEqual(['nuclei']);
    expect(source.counts).toEqual({ begun: 2, aborted: 1 });
  });

  it('drops the late answer of a source that cannot be cancelled', async () => {
    const answers: ((items: CatalogueItem[]) => void)[] = [];
    const deaf: ICatalogueSource = {
      id: 'deaf',
      label: 'Deaf',
      search: () => new Promise(resolve => answers.push(items => resolve({ items })))
    };
    const { model } = modelOf([deaf]);
    const first = model.search('cells');
    const second = model.search('nuclei');
    answers[1]([image('deaf', 'nuclei')]);
    answers[0]([image('deaf', 'cells')]);
    await Promise.all([first, second]);
    expect(model.groups.map(({ items }) => items.map(({ title }) => title))).toEqual([['nuclei']]);
  });

  it('searches once typing pauses', async () => {
    jest.useFakeTimers();
    const source = new MemorySource('a', 'A', [image('a', 'cells')]);
    const { model } = modelOf([source]);
    for (const text of ['c', 'ce', 'cel']) {
      model.type(text);
      await jest.advanceTimersByTimeAsync(100);
    }
    expect(source.counts.begun).toBe(0);
    await jest.advanceTimersByTimeAsync(300);
    expect([source.counts.begun, titles(model)]).toEqual([1, ['cells']]);
  });

  it('asks only the sources that are named', async () => {
    const a = new MemorySource('a', 'A', [image('a', 'cells')]);
    const b = new MemorySource('b', 'B', [image('b', 'cells')]);
    const { model } = modelOf([a, b]);
    await model.search('cells', ['b']);
    expect([a.counts.begun, model.groups.map(group => group.source.id)]).toEqual([0, ['b']]);
  });

  it('lists an address first and sends it to no source', async () => {
    const source = new MemorySource('a', 'A', []);
    const { model } = modelOf([source]);
    await model.search('https://a.example/x.zarr');
    expect(model.rows.map(({ kind }) => kind)).toEqual(['address']);
    expect(source.counts.begun).toBe(0);
    expect(await model.commit()).toMatchObject({ kind: 'address', address: { uri: 'https://a.example/x.zarr' } });
  });

  it('jumps to a single hit of that very name, and to nothing else', async () => {
    const { model } = modelOf([new MemorySource('a', 'A', [image('a', 'cells.ome.zarr'), image('a', 'cells 2')])]);
    model.type('Cells');
    expect(await model.commit()).toMatchObject({ item: { title: 'cells.ome.zarr' } });
    model.type('cell');
    expect(await model.commit()).toBeNull();
  });

  it('browses folders down and up again', async () => {
    const list = memoryEnvironment([], {
      data: { '': [{ name: 'deep', kind: 'folder' }], deep: [{ name: 'x.zarr', kind: 'zarr' }] }
    }).list;
    const { model } = modelOf([new StoreSource('data', 'Data', list)]);
    await model.start();
    await model.browse('store:data', '');
    expect(titles(model)).toEqual(['deep']);
    await model.browse('store:data', 'deep');
    expect([model.place?.path, titles(model)]).toEqual(['deep', ['x.zarr']]);
    await model.up();
    expect([model.place?.path, titles(model)]).toEqual(['', ['deep']]);
    await model.up();
    expect([model.place, titles(model)]).toEqual([null, ['Data']]);
  });

  it('shows more of a source page by page', async () => {
    const items = Array.from({ length: 250 }, (_, index) => image('a', `cells ${index}`));
    const { model } = modelOf([new MemorySource('a', 'A', items)]);
    await model.search('cells');
    expect([model.rows.length, model.rows.at(-1)?.kind, model.groups[0].total]).toEqual([101, 'more', 250]);
    await model.more('a');
    await model.more('a');
    expect([model.rows.length, new Set(model.rows.map(({ key }) => key)).size]).toEqual([250, 250]);
  });

  it('says that the stores are not available, shows the other sources, and tries again', async () => {
    let tries = 0;
    const other = new MemorySource('other', 'Other', [image('other', 'cells')], { landing: 'items' });
    const populate = (): Promise<void> => {
      return ++tries === 1
        ? Promise.reject(new BioImageError('UPSTREAM_DOWN', say`Not answering.`))
        : Promise.resolve();
    };
    const { model } = modelOf([other], { populate });
    await model.start();
    expect([model.sessionError?.code, titles(model)]).toEqual(['UPSTREAM_DOWN', ['cells']]);
    await model.retry();
    expect([model.sessionError, tries]).toEqual([null, 2]);
  });

  it('lets a source that comes later join, and forgets one that goes', async () => {
    const a = new MemorySource('a', 'A', [image('a', 'cells')], { rank: 2 });
    const { model, sources } = modelOf([a]);
    await model.start();
    await model.search('cells');
    sources.list.push(new MemorySource('b', 'B', [image('b', 'cells of b')], { rank: 1 }));
    sources.changed.emit();
    await new Promise(resolve => setTimeout(resolve));
    expect(titles(model)).toEqual(['cells of b', 'cells']);
    sources.list = [a];
    sources.changed.emit();
    await new Promise(resolve => setTimeout(resolve));
    expect(titles(model)).toEqual(['cells']);
  });

  it('cuts a paste of ten megabytes', () => {
    const { model } = modelOf([]);
    model.type('x'.repeat(10_000_000));
    expect(model.text).toHaveLength(1024);
    model.dispose();
  });

  it('asks nothing any more once it has been disposed', async () => {
    jest.useFakeTimers();
    const source = new MemorySource('a', 'A', [image('a', 'cells')], { delay: 100 });
    const { model } = modelOf([source]);
    void model.search('cells');
    await jest.advanceTimersByTimeAsync(10);
    model.type('more');
    model.dispose();
    model.dispose();
    await jest.advanceTimersByTimeAsync(1000);
    expect(source.counts).toEqual({ begun: 1, aborted: 1 });
  });
});
