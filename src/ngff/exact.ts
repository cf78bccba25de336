import { asObject, parseJson, parseJsonExact } from '../core';
import { readArray } from './array';
import type { IArray } from './array';

/** Types whose values do not all fit a double, as Zarr v3 and v2 spell them. */
const LONG = /^(?:u?int64|[<>|=]?[iu]8)$/;
/** Codecs of Zarr v3 whose configuration holds values of the array. */
const VALUED = /"(?:scale_offset|cast_value)"/;

/**
 * Reads the bytes of a `.zarray` or a `zarr.json`, as {@link readArray}; `key` names the document. Values of 64-bit
 * integers are taken from the text of the document: as a double, 2^53 + 1 would be 2^53.
 */
export function parseArray(path: string, bytes: Uint8Array, key: string): IArray {
  const document = asObject(parseJson(bytes, key), key);
  const type = document.data_type ?? document.dtype;
  const valued = Array.isArray(document.codecs) && VALUED.test(JSON.stringify(document.codecs));
  const long = typeof type === 'string' && LONG.test(type);
  if (!valued && !long) {
    return readArray(path, document);
  }
  const exact = asObject(parseJsonExact(bytes, key), key);
  return readArray(path, {
    ...document,
    ...(long && { fill_value: exact.fill_value }),
    ...(valued && { codecs: exact.codecs })
  });
}
