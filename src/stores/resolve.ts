import { BioImageError, say } from '../core';
import type { Said } from '../core';
import type { IStoreInfo } from '../entities';
import { checkKey, encodeKey } from './keys';

/** Where an address leads. */
export interface IResolved {
  /** The address as it was given. */
  uri: string;
  /** `null` where no store answers for it; then only the browser may read it, after the person has confirmed the host. */
  store: IStoreInfo | null;
  /** Key in the store, without a slash at the end; empty for its root, and where there is no store. */
  key: string;
  /** Absolute https address without a slash at the end, where a browser may read it. */
  direct?: string;
}

/** The store that holds the session's own files. */
const FILES = 'files';

/** Schemes without `//` that are addresses and not names of files. */
const NO_PATH = /^(data|javascript|blob|vbscript|file|about|mailto|view-source|ftp|https?|s3|ws|wss):/i;

/** An address with an authority, taken apart but normalised only in its host. */
interface IAddress {
  /** `https://host:port`, lower case, in punycode, without the default port; `s3://bucket` as it is. */
  origin: string;
  /** Decoded once; no empty last segment. */
  segments: readonly string[];
}

function badAddress(message: Said): BioImageError {
  return new BioImageError('BAD_REQUEST', message);
}

function storeDenied(): BioImageError {
  return new BioImageError('STORE_DENIED', say`This store is not on the list of allowed stores.`);
}

function hostOf(scheme: string, authority: string): string {
  if (authority === '' || /[\s@\\%]/.test(authority)) {
    throw storeDenied();
  }
  let url: URL;
  try {
    url = new URL(`${scheme}://${authority}/`);
  } catch (cause) {
    throw new BioImageError('BAD_REQUEST', say`This address is not valid.`, { cause });
  }
  return url.host;
}

/**
 * Takes an address apart by hand: the platform's parser would silently drop tabs, turn backslashes into slashes and
 * resolve `..`, each of which must be refused instead. `null` where it has no `scheme://`.
 */
function parseAddress(uri: string): IAddress | null {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is.exec(uri);
  if (!match) {
    return null;
  }
  const [, rawScheme, authority, rest] = match;
  const scheme = rawScheme.toLowerCase();
  if (scheme === 's3') {
    return parseBucket(authority, rest);
  }
  if (scheme !== 'https' && scheme !== 'http') {
    throw storeDenied();
  }
  if (/[?#]/.test(rest)) {
    throw badAddress(say`An address with a query or a fragment cannot be opened; it may carry a secret.`);
  }
  const segments = split(rest).map(segment => checkKey(decode(segment)));
  if (segments.some(segment => segment.includes('/'))) {
    throw new BioImageError('PATH_DENIED', say`This path is outside the allowed folder.`);
  }
  return { origin: `${scheme}://${hostOf(scheme, authority)}`, segments };
}

/** `s3://bucket/key`: by custom the key is plain text, where `%`, `?` and `#` stand for themselves. */
function parseBucket(bucket: string, path: string): IAddress {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(bucket)) {
    throw badAddress(say`This is not the name of a bucket.`);
  }
  return { origin: `s3://${bucket}`, segments: split(path).map(checkKey) };
}

/** The segments after the leading slash; slashes at the end mean nothing. */
function split(path: string): string[] {
  return path.replace(/\/+$/, '').split('/').slice(1);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new BioImageError('BAD_REQUEST', say`This address is not encoded as it should be.`, { cause });
  }
}

/** The part of `address` below `prefix`, segment by segment, so that `data-secret` is not below `data`; `null` if none. */
function below(address: IAddress, prefix: string): string[] | null {
  const root = parseAddress(prefix);
  if (
    !root ||
    root.origin !== address.origin ||
    root.segments.length > address.segments.length ||
    root.segments.some((segment, index) => segment !== address.segments[index])
  ) {
    return null;
  }
  return address.segments.slice(root.segments.length);
}

/** Documents of Zarr that are pasted with the address of their node. */
const DOCUMENT = /^(zarr\.json|\.zattrs|\.zgroup|\.zarray|\.zmetadata)$/;

/** The address of a node instead of that of one of its documents. */
function withoutDocument(segments: readonly string[]): readonly string[] {
  return DOCUMENT.test(segments.at(-1) ?? '') ? segments.slice(0, -1) : segments;
}

/** The text of an address without slashes and without a document of Zarr at its end, and so of the node it names. */
export function nodeUri(uri: string): string {
  const text = uri.replace(/\/+$/, '');
  const slash = text.lastIndexOf('/');
  return slash >= 0 && DOCUMENT.test(text.slice(slash + 1)) ? text.slice(0, slash).replace(/\/+$/, '') : text;
}

function inStore(uri: string, store: IStoreInfo, key: string): IResolved {
  if (key !== '') {
    checkKey(key);
  }
  const resolved: IResolved = { uri, store, key };
  if (store.direct !== undefined) {
    resolved.direct = key === '' ? store.direct : `${store.direct}/${encodeKey(key)}`;
  }
  return resolved;
}

function byId(uri: string, stores: readonly IStoreInfo[], id: string, key: string): IResolved {
  const store = stores.find(candidate => candidate.id === id);
  if (!store) {
    throw storeDenied();
  }
  return inStore(uri, store, withoutDocument(key.replace(/\/+$/, '').split('/')).join('/'));
}

function byPrefix(uri: string, stores: readonly IStoreInfo[], address: IAddress): IResolved {
  let best: { store: IStoreInfo; rest: string[] } | null = null;
  for (const store of stores) {
    for (const prefix of store.prefixes) {
      const rest = below(address, prefix);
      if (rest && (!best || rest.length < best.rest.length)) {
        best = { store, rest };
      }
    }
  }
  if (best) {
    return inStore(uri, best.store, best.rest.join('/'));
  }
  if (!address.origin.startsWith('https:')) {
    throw storeDenied();
  }
  const path = address.segments.map(segment => `/${encodeKey(segment)}`).join('');
  return { uri, store: null, key: '', direct: `${address.origin}${path}` };
}

/**
 * Finds the store that answers for an address, by the longest prefix of whole segments.
 *
 * `store:<id>/<key>` has the key as plain text; text without a scheme is a path in the store `files`. An https address
 * that no store answers for can be read directly only; other unlisted addresses, those with a user name, and unknown
 * store ids are `STORE_DENIED`. Slashes and a document of Zarr at the end mean the node itself. A query or fragment is `BAD_REQUEST`, a path that climbs `PATH_DENIED` (see `checkKey`).
 */
export function resolveUri(uri: string, stores: readonly IStoreInfo[]): IResolved {
  if (uri.trim() !== uri || uri === '') {
    throw badAddress(say`This address is not valid.`);
  }
  const named = /^store:([^/]*)(?:\/(.*))?$/s.exec(uri);
  if (named) {
    return byId(uri, stores, named[1], named[2] ?? '');
  }
  const address = parseAddress(uri);
  if (address) {
    return byPrefix(uri, stores, { ...address, segments: withoutDocument(address.segments) });
  }
  if (NO_PATH.test(uri)) {
    throw storeDenied();
  }
  return byId(uri, stores, FILES, uri);
}
