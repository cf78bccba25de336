import { BioImageError, isBioImageError, type ErrorCode } from '../core';
import type { IComplaint, INode } from './model';
import { versionNamed } from './versions';

/** `[3].a` and `.b` as segments of an RFC 6901 pointer. */
function pointerOf(field: string): string {
  const parts = field.split(/[.[\]]+|: /).filter(part => part !== '');
  return parts.map(part => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Attributes that hold a kind's metadata, as failures name them. */
const FIELDS = /^(?:multiscales|plate|well|labels|scene|collection)(?![^.[])/;

/**
 * Document and JSON pointer of a field as failures name it: `multiscales[0].axes` of the attributes at `root` (such as
 * `zarr.json#/attributes/ome`), or `0/.zarray: chunks[1]` of another document. Other texts stay as they are.
 */
export function locate(where: string, root: string): string {
  if (where === 'axes') {
    return `${root}/multiscales/0/axes`;
  }
  if (FIELDS.test(where)) {
    return root + pointerOf(where);
  }
  const [, document, field] = /^([^#]*?(?:zarr\.json|\.zarray|\.zattrs|\.zgroup)): (.+)$/.exec(where) ?? [];
  if (document === undefined) {
    return where;
  }
  const named = pointerOf(field).replace('/chunk_grid/chunks', '/chunk_grid/configuration/chunk_shape');
  const inside = document.endsWith('zarr.json') && /^\/(?:ome|series)(?:\/|$)/.test(named) ? '/attributes' : '';
  return `${document}#${inside}${named.startsWith('/series') && inside ? '/ome' : ''}${named}`;
}

/** What is told with document and pointer: all that is about a field. */
const LOCATED: readonly ErrorCode[] = ['BAD_METADATA', 'UNSUPPORTED', 'TOO_LARGE'];

/** Runs `read`; metadata that it refuses is told with document and pointer. */
export function locating<T>(root: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isBioImageError(error) || !LOCATED.includes(error.code) || error.where === undefined) {
      throw error;
    }
    const { code, said, cause } = error;
    throw new BioImageError(code, said.message, {
      hint: said.hint,
      where: locate(error.where, root),
      cause: cause ?? error
    });
  }
}

/** Where a notice belongs, by its words; pointers are relative to the metadata, documents end with `#`. */
const NOTICES: readonly (readonly [RegExp, string])[] = [
  [/\baxes\b/, '/multiscales/0/axes'],
  [/coordinate systems/, '/multiscales/0/coordinateSystems'],
  [/multiscales is shown/, '/multiscales'],
  [/default plane/, '/omero/rdefs'],
  [/display settings|channels are listed/, '/omero/channels'],
  [/^Level |levels|scale|translation|transformation|rotation|turned|dimensions/i, '/multiscales/0/datasets'],
  [/properties of labels/, '/image-label'],
  [/acquisition/, '/plate/acquisitions'],
  [/^Well /, '/plate/wells'],
  [/OME-XML/, 'OME/METADATA.ome.xml#'],
  [/layout .* of bioformats2raw/, '/bioformats2raw.layout'],
  [/scene/, '/scene']
];

/** What was repaired, guessed or left out in metadata that is shown, each with the place that it is about. */
export function noticesOf(node: INode): readonly IComplaint[] {
  const format = 'zarrFormat' in node ? node.zarrFormat : (versionNamed(node.version)?.zarrFormat ?? 3);
  const root = format === 3 ? 'zarr.json#/attributes/ome' : format === 2 ? '.zattrs#' : '';
  return node.notices.map(rule => {
    const [, place = ''] = NOTICES.find(([words]) => words.test(String(rule))) ?? [];
    return { pointer: root === '' ? '' : place.endsWith('#') ? place : root + place, rule };
  });
}
