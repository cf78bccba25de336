import { checkKey, encodeKey, joinKey } from './keys';
import type { IResolved } from './resolve';
import type { IReadableStore } from './types';

/** The part of a store below `root` ('' = all of it), so that what lies there is read as if it were alone. */
export function below(store: IReadableStore, root: string): IReadableStore {
  if (root === '') {
    return store;
  }
  checkKey(root);
  return {
    name: store.name,
    get: (key, options) => store.get(joinKey(root, key), options),
    getRange: (key, range, options) => store.getRange(joinKey(root, key), range, options)
  };
}

/**
 * Where `path` below what `resolved` names leads: a field of a plate, a series of a collection, an array of a group. The
 * same store and route policy hold. PATH_DENIED for a path that leaves it.
 */
export function childOf(resolved: IResolved, path: string): IResolved {
  if (path === '') {
    return resolved;
  }
  checkKey(path);
  const base = resolved.uri.replace(/\/+$/, '');
  const isPlain = !/^https?:/i.test(base); // `store:`, `s3:` and file paths are plain text, web addresses are encoded
  return {
    ...resolved,
    uri: `${base}/${isPlain ? path : encodeKey(path)}`,
    key: resolved.store ? joinKey(resolved.key, path) : resolved.key,
    ...(resolved.direct !== undefined && { direct: `${resolved.direct}/${encodeKey(path)}` })
  };
}
