import type { IStateDB } from '@jupyterlab/statedb';

import { personalOf } from '../personal';
import { RecentImages } from '../recent';
import { SettingsOfTab } from './settingsdouble';

/** A state database that holds `saved`, or fails. */
function stateOf(saved: unknown, written: unknown[] = []): IStateDB {
  const fake = {
    fetch: () => (saved instanceof Error ? Promise.reject(saved) : Promise.resolve(saved)),
    save: (_: string, value: unknown) => {
      written.push(value);
      return saved instanceof Error ? Promise.reject(saved) : Promise.resolve();
    }
  };
  return fake as unknown as IStateDB;
}

const loaded = async (state: IStateDB | null): Promise<RecentImages> => {
  const recent = new RecentImages(state, {});
  await new Promise(resolve => setTimeout(resolve));
  return recent;
};

describe('recent images', () => {
  it('are newest first, once each, at most twenty', async () => {
    const written: unknown[] = [];
    const recent = await loaded(stateOf(['b', 'a'], written));
    recent.add('a');
    expect(recent.uris).toEqual(['a', 'b']);
    expect(written.at(-1)).toEqual(['a', 'b']);
    for (let i = 0; i < 30; i++) {
      recent.add(`image ${i}`);
    }
    expect([recent.uris.length, recent.uris[0]]).toEqual([20, 'image 29']);
  });

  it.each([[null], ['text'], [{ length: 2 }], [[7, '', null, ['x'], 'x'.repeat(5000), 'good', 'good']]])(
    'keep nothing of a saved state that was tampered with: %#',
    async saved => {
      const recent = await loaded(stateOf(saved));
      expect(recent.uris).toEqual(Array.isArray(saved) ? ['good'] : []);
    }
  );

  it('work without a state database, and with one that fails', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (const state of [null, stateOf(new Error('full'))]) {
      const recent = await loaded(state);
      recent.add('a');
      await new Promise(resolve => setTimeout(resolve));
      expect(recent.uris).toEqual(['a']);
    }
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('do not remember an address that is too long to be one', async () => {
    const recent = await loaded(null);
    recent.add('x'.repeat(10_000));
    expect(recent.uris).toEqual([]);
  });

  it('belong to the person: other workspaces have them, and two tabs join theirs', async () => {
    const server = { user: {} };
    const [one, two] = [new SettingsOfTab(server), new SettingsOfTab(server)];
    const recentOf = (tab: SettingsOfTab, state: IStateDB | null = null): RecentImages =>
      new RecentImages(state, {}, personalOf(tab.registry));
    const written: unknown[] = [];
    const [first, second] = [recentOf(one, stateOf(['old'], written)), recentOf(two)];
    await new Promise(resolve => setTimeout(resolve));
    first.add('a');
    await new Promise(resolve => setTimeout(resolve, 10));
    second.add('b');
    await new Promise(resolve => setTimeout(resolve, 10));
    expect([server.user, written]).toEqual([{ recent: ['b', 'a', 'old'] }, []]);
    expect(second.uris).toEqual(['b', 'a', 'old']);
    expect([one.open, two.open]).toEqual([1, 1]); // the one that is followed
    await one.reload();
    expect(first.uris).toEqual(['b', 'a', 'old']);
  });

  it('keep no address that may be signed', async () => {
    const written: unknown[] = [];
    const recent = await loaded(stateOf([], written));
    recent.add('https://a.example/x.zarr?X-Amz-Signature=abc');
    recent.add('store:data/a#b.zarr');
    await new Promise(resolve => setTimeout(resolve));
    expect([recent.uris.length, written]).toEqual([2, [['store:data/a#b.zarr']]]);
  });
});
