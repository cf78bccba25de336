import type { IOpened } from '../../pixels';
import type { IStoreInfo } from '../../stores';
import { SeriesPictures } from '../collection/pictures';
import type { IPreviewHost } from '../types';

const STORE = JSON.parse('{ "id": "files", "label": "Files", "kind": "folder", "prefixes": [], "prefer": "session", "absentIs403": false, "access": {} }') as IStoreInfo;

function isThere(key: string, route = 'session'): boolean {
  const host = { thumbnail: () => Promise.resolve(null) } as Partial<IPreviewHost>;
  const opened = { route, place: { uri: `store:files/${key}`, store: STORE, key } } as Partial<IOpened>;
  return new SeriesPictures(host as IPreviewHost, opened as IOpened).isThere;
}

describe('Pictures of a series', () => {
  it('are asked for where the session makes them', () => {
    expect([isThere('a/b.zarr'), isThere('a/b.zarr', 'direct')]).toEqual([true, false]);
  });

  it('are not asked for in a TIFF file or an archive, nor below one', () => {
    expect(['a/b.ome.tif', 'b.zarr.zip', 'a/b.ozx/c.zarr'].map(key => isThere(key))).toEqual([false, false, false]);
  });
});
