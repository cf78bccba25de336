/* A test of the opening half alone: nothing is drawn. */
import { nullTranslator } from '@jupyterlab/translation';
import { BioImageError, say } from '../../core';
import type { IResolved } from '../../stores';
import { openPreview } from '../opening';
import type { IPreviewHost, OpenImage } from '../types';

const place = (key: string): IResolved => ({ uri: 'https://old.example/x.zarr', store: null, key });
const gone = new BioImageError('NOT_FOUND', say`There is nothing at this address.`);

function start(relocate: IPreviewHost['relocate'], failure: BioImageError = gone) {
  const asked: string[] = [];
  const told: string[] = [];
  const open = ((target: IResolved) => {
    asked.push(target.key);
    return target.key === 'new' ? Promise.resolve({ dispose: () => undefined }) : Promise.reject(failure);
  }) as unknown as OpenImage; // only the target matters here
  const host = {
    trans: nullTranslator.load(''),
    resolve: () => Promise.resolve(place('old')),
    confirmHost: () => Promise.resolve(true),
    environment: () => ({ decoder: { dispose: () => undefined } }),
    relocate
  } as unknown as IPreviewHost; // what opening asks of it
  const listener = { resolved: ({ key }: IResolved) => told.push(key), session: () => undefined, read: () => undefined, asking: () => undefined, preview: () => undefined, route: () => undefined };
  const { signal } = new AbortController();
  const uri = 'https://old.example/x.zarr';
  const target = {
    uri,
    resolve: () => host.resolve(uri),
    relocate: (stop: AbortSignal) => host.relocate?.(uri, stop) ?? Promise.resolve(null),
    selection: {},
    size: () => ({ width: 10, height: 10 })
  };
  return { asked, told, done: openPreview(target, host, listener, signal, open) };
}

globalThis.requestAnimationFrame ??= callback => setTimeout(callback, 0);

describe('an image that is not where its address says', () => {
  it('is opened where it is now, and the listener is told', async () => {
    const { asked, told, done } = start(() => Promise.resolve(place('new')));
    await done;
    expect(asked).toEqual(['old', 'new']);
    expect(told).toEqual(['old', 'new']);
  });

  it('fails as before where no other place can be known', async () => {
    const { asked, done } = start(() => Promise.resolve(null));
    await expect(done).rejects.toBe(gone);
    expect(asked).toEqual(['old']);
  });

  it('fails with the words of the search where it has been moved or removed', async () => {
    const { done } = start(() => Promise.reject(new BioImageError('NOT_FOUND', say`This image has been moved or removed.`)));
    await expect(done).rejects.toThrow('moved or removed');
  });

  it('is not looked for after any other failure', async () => {
    const { asked, done } = start(() => Promise.resolve(place('new')), new BioImageError('UPSTREAM_DOWN', say`Down.`));
    await expect(done).rejects.toThrow('Down.');
    expect(asked).toEqual(['old']);
  });
});
