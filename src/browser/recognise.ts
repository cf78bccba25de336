/** An address that was typed or pasted instead of words. */
export interface IAddress {
  uri: string;
  /** Last part of the address, for its row. */
  title: string;
}

/** Characters of the search box that count; the rest of a paste is cut. */
export const TEXT_LENGTH = 1024;

// Spaces inside are part of an address (paths may have them); controls never are.
// eslint-disable-next-line no-control-regex -- refusing control characters is what this pattern is for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** The last segment of a path or URL, without query. */
export function lastSegment(uri: string): string {
  const path = uri.replace(/^[a-z0-9]+:\/*/i, '').replace(/\/+$/, '');
  return path.slice(path.lastIndexOf('/') + 1) || uri;
}

/**
 * Recognises an address: `https:`, `http:`, `s3:` with a host, `store:<id>/<key>`, or a path (with a slash, or ending in
 * `.zarr`). Anything else is a text to search for, other schemes too: they are never opened.
 */
export function recognise(text: string): IAddress | null {
  const uri = text.trim();
  if (uri === '' || uri.length > TEXT_LENGTH || CONTROL.test(uri) || uri.startsWith('//')) {
    return null;
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1].toLowerCase();
  const known =
    scheme === undefined
      ? /\/./.test(uri) || /\.zarr$/i.test(uri)
      : scheme === 'store'
        ? /^store:[^/]+\/./.test(uri)
        : ['https', 'http', 's3'].includes(scheme) && /^[a-z0-9]+:\/\/[^/\s]+/i.test(uri);
  return known ? { uri, title: lastSegment(uri) } : null;
}
