/* eslint-disable jupyter/no-untranslated-string -- a made-up store, shown to nobody */
import type { IStoreInfo } from '../../entities';
import { parentOf, resolveUri } from '../index';

const STORE: IStoreInfo = {
  id: 'data',
  label: 'Data',
  kind: 'folder',
  prefixes: [],
  prefer: 'session',
  absentIs403: false,
  access: {}
};

test.each([
  [0, 'store:data/a/b.ozx', 'a/b.ozx'],
  [1, 'store:data/a', 'a']
])('the place %i above', (levels, uri, key) => {
  expect(parentOf(resolveUri('store:data/a/b.ozx', [STORE]), levels)).toMatchObject({ uri, key });
});

test('nothing is above the root of a store', () => {
  expect(parentOf(resolveUri('store:data/a/b.ozx', [STORE]), 3)).toBeNull();
});
