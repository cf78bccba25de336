import { checkKey, encodeKey, joinKey } from './keys';
import { nodeUri, type IResolved } from './resolve';
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
  const base = nodeUri(resolved.uri);
  const isPlain = !/^https?:/i.test(base); // `store:`, `s3:` and file paths are plain text, web addresses are encoded
  return {
    ...resolved,
    uri: `${base}/${isPlain ? path : encodeKey(path)}`,
    key: resolved.store ? joinKey(resolved.key, path) : resolved.key,
    ...(resolved.direct !== undefined && { direct: `${resolved.direct}/${encodeKey(path)}` })
  };
}

/** Names of the segments by which a place lies below its store's root, or below its host where there is no store. */
export function segmentsOf({ store, key, direct }: IResolved): string[] {
  const path = store ? key : new URL(direct ?? 'https://none').pathname.slice(1);
  const segments = path === '' ? [] : path.split('/');
  return store ? segments : segments.map(decodeURIComponent);
}

/** The place `levels` (0 or more) segments above; `null` where that is above the root, or the address has no name for it. */
export function parentOf(resolved: IResolved, levels = 1): IResolved | null {
  if (segmentsOf(resolved).length < levels) {
    return null;
  }
  const up = (text: string): string => {
    const segments = text.split('/');
    return segments.slice(0, segments.length - levels).join('/');
  };
  const uri = up(nodeUri(resolved.uri));
  const { direct } = resolved;
  return { ...resolved, uri, key: up(resolved.key), ...(direct !== undefined && { direct: up(direct) }) };
}
