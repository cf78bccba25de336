import {
  asArray,
  asBoolean,
  asInteger,
  asObject,
  asString,
  BioImageError,
  isBioImageError,
  optional,
  say
} from '../core';
import type { IPage, IStoreEntry, IStoreInfo } from '../entities';

/** Runs a reader over an answer; a field that is wrong is the server's wrong answer. */
function read<T>(reader: () => T): T {
  try {
    return reader();
  } catch (cause) {
    const where = isBioImageError(cause) ? cause.where : undefined;
    throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer.`, {
      hint: say`The versions of the extension and its server part may differ: reload the page.`,
      where,
      cause
    });
  }
}

function oneOf<T extends string>(values: readonly T[], value: unknown, where: string): T {
  const found = values.find(candidate => candidate === value);
  if (found === undefined) {
    throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer.`, { where });
  }
  return found;
}

function readStore(value: unknown): IStoreInfo {
  const store = asObject(value, 'stores');
  const access = asObject(store.access ?? {}, 'access');
  const direct = optional(store.direct, 'direct', asString)?.replace(/\/+$/, '');
  return {
    id: asString(store.id, 'id'),
    label: asString(store.label, 'label'),
    kind: oneOf(['folder', 's3', 'https'], store.kind, 'kind'),
    prefixes: asArray(store.prefixes, 'prefixes').map(prefix => asString(prefix, 'prefixes')),
    prefer: oneOf(['session', 'direct', 'auto'], store.prefer, 'prefer'),
    ...(direct === undefined ? {} : { direct }),
    absentIs403: optional(store.absentIs403, 'absentIs403', asBoolean) ?? false,
    access: Object.fromEntries(
      ['root', 'endpoint', 'bucket', 'prefix', 'url']
        .map(name => [name, optional(access[name], name, asString)] as const)
        .filter(([, text]) => text !== undefined)
    )
  };
}

/** `{"stores": […]}` field by field; unknown fields are dropped. */
export function readStores(value: unknown): IStoreInfo[] {
  return read(() => asArray(asObject(value, 'answer').stores, 'stores').map(readStore));
}

function readEntry(value: unknown): IStoreEntry {
  const entry = asObject(value, 'entries');
  const size = optional(entry.size, 'size', (field, where) => asInteger(field, where, 0));
  return {
    name: asString(entry.name, 'name'),
    kind: oneOf(['file', 'folder', 'zarr'], entry.kind, 'kind'),
    ...(size === undefined ? {} : { size }),
    ...(entry.broken === true ? { broken: true } : {})
  };
}

/** `{"entries": […], "cursor": …}`. */
export function readListing(value: unknown): IPage<IStoreEntry> {
  return read(() => {
    const listing = asObject(value, 'answer');
    const cursor = optional(listing.cursor, 'cursor', asString);
    return {
      items: asArray(listing.entries, 'entries').map(readEntry),
      ...(cursor === undefined ? {} : { cursor })
    };
  });
}
