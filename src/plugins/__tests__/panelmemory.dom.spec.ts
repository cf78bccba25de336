import type { IStateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';

import type { IFavourite } from '../../browser';
import { BrowserModel } from '../../browser';
import { panelMemory } from '../panelmemory';
import { personalOf } from '../personal';
import type { IKeptSettings } from './settingsdouble';
import { SettingsOfTab } from './settingsdouble';

const mark = (name: string): IFavourite => ({ kind: 'image', uri: `https://a.example/${name}.zarr`, title: name });

/** A workspace's state database that is a variable. */
function stateOf(saved?: unknown): { state: IStateDB; saved: () => unknown } {
  let kept = saved;
  const state = {
    fetch: () => Promise.resolve(kept),
    save: (_: string, value: unknown) => Promise.resolve(void (kept = value))
  };
  return { state: state as unknown as IStateDB, saved: () => kept };
}

const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 20));

/** A panel in a tab. */
async function tab(settings: SettingsOfTab | null, state: IStateDB | null = null): Promise<BrowserModel> {
  const none = new Signal<object, void>({});
  const model = new BrowserModel({
    sources: () => [],
    sourcesChanged: none,
    populate: () => Promise.resolve(),
    recent: () => [],
    recentChanged: none,
    memory: panelMemory(state, personalOf(settings?.registry ?? null))
  });
  await model.start();
  await settled();
  return model;
}

const marked = ({ kept }: BrowserModel): string[] => kept.favourites.list.map(({ title }) => title);
const save = async ({ kept }: BrowserModel): Promise<void> => {
  kept.flush();
  await settled();
};

describe('favourites of a person', () => {
  it('do not come back from the workspace once the last one has been removed', async () => {
    const old = stateOf({ favourites: [mark('old')] });
    expect(marked(await tab(new SettingsOfTab({ user: { favourites: [] } }), old.state))).toEqual([]);
  });

  it('move from the workspace to the settings where they have never been there, and are kept there alone', async () => {
    const server: IKeptSettings = { user: {} };
    const { state, saved } = stateOf({ favourites: [mark('old')] });
    const model = await tab(new SettingsOfTab(server), state);
    expect([marked(model), server.user.favourites]).toEqual([['old'], [mark('old')]]);
    model.toggleFavourite(mark('old'));
    await save(model);
    expect([server.user.favourites, saved()]).toEqual([[], expect.not.objectContaining({ favourites: [] })]);
    expect(marked(await tab(new SettingsOfTab(server), state))).toEqual([]);
  });

  it('stay in the workspace without settings', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    for (const settings of [null, new SettingsOfTab({ user: {} }, new Error('none'))]) {
      const { state } = stateOf();
      const model = await tab(settings, state);
      model.toggleFavourite(mark('x'));
      await save(model);
      expect(marked(await tab(settings, state))).toEqual(['x']);
    }
    warn.mockRestore();
  });

  it('of two tabs are joined: neither loses what the other one has marked or unmarked', async () => {
    const server: IKeptSettings = { user: { favourites: [mark('both')] } };
    const [one, two] = [new SettingsOfTab(server), new SettingsOfTab(server)];
    const [first, second] = [await tab(one), await tab(two)];
    first.toggleFavourite(mark('first'));
    await save(first);
    second.toggleFavourite(mark('second'));
    second.toggleFavourite(mark('both'));
    await save(second);
    expect(server.user.favourites).toEqual([mark('second'), mark('first')]);
    expect(marked(second)).toEqual(['second', 'first']);
    // Whatever makes the other tab read its settings again brings it there too, and is not written back.
    first.toggleFavourite(mark('unsaved'));
    await one.reload();
    expect(marked(first)).toEqual(['unsaved', 'second', 'first']);
    await save(first);
    await save(first);
    expect([server.user.favourites, one.writes]).toEqual([[mark('unsaved'), mark('second'), mark('first')], 2]);
  });
});
