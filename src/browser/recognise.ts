import { doiOf } from '../catalogue';

/** An address that was typed or pasted instead of words. */
export interface IAddress {
  uri: string;
  /** What it is called, for its row. */
  title: string;
  /** It has the form of a path and may be words all the same (`live/dead`): it is searched for too. */
  isUnsure?: boolean;
}

/** Characters of the search box that count; the rest of a paste is cut. */
export const TEXT_LENGTH = 1024;

// Spaces inside are part of an address (paths may have them); controls never are.
// eslint-disable-next-line no-control-regex -- refusing control characters is what this pattern is for
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * What an image is called by its address: the last segment, or, within a Zarr, the way to it and the Zarr's name
 * (`A/1/0 · plate.ome.zarr`), since nobody knows an image by `0`.
 */
export function addressTitle(uri: string): string {
  const path = uri.replace(/^[a-z0-9]+:\/*/i, '').replace(/\/+$/, '');
  const segments = path.split('/');
  const zarr = segments.findIndex(segment => /\.zarr$/i.test(segment));
  if (zarr >= 0 && zarr < segments.length - 1) {
    return `${segments.slice(zarr + 1).join('/')} · ${segments[zarr]}`;
  }
  return segments[segments.length - 1] || uri;
}

/** The DOI that a text is, bare, after `doi:` or as an address of the resolver; a DOI inside other words is part of them. */
export function doiText(text: string): string | undefined {
  const isWhole = /^(?:(?:https?:\/\/)?(?:dx\.|www\.)?doi\.org\/|doi:\s*)?10\.\d{4,9}[./%]\S+$/i.test(text.trim());
  return isWhole ? doiOf(text) : undefined;
}

/**
 * Recognises an address: `https:`, `http:`, `s3:` with a host, `store:<id>/<key>`, or a path with a `.zarr` in it. One word
 * with a slash may be a path. Anything else is a text to search for, DOIs and other schemes too: they are never opened.
 */
export function recognise(text: string): IAddress | null {
  const uri = text.trim();
  const isText = uri === '' || uri.length > TEXT_LENGTH || CONTROL.test(uri) || uri.startsWith('//');
  if (isText || doiText(uri) !== undefined) {
    return null;
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1].toLowerCase();
  if (scheme === undefined && !/\.zarr(?:\/|$)/i.test(uri)) {
    return /\/./.test(uri) && !/\s/.test(uri) ? { uri, title: addressTitle(uri), isUnsure: true } : null;
  }
  const known =
    scheme === undefined ||
    (scheme === 'store'
      ? /^store:[^/]+\/./.test(uri)
      : ['https', 'http', 's3'].includes(scheme) && /^[a-z0-9]+:\/\/[^/\s]+/i.test(uri));
  return known ? { uri, title: addressTitle(uri) } : null;
}
