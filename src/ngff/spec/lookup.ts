import { isBioImageError, parseJson, say } from '../../core';
import type { Said } from '../../core';
import type { IDocuments, IReadableStore } from '../../stores';
import { readArray } from '../array';
import type { IArray } from '../array';
import { documentKey } from '../levels';
import { openArray } from '../open';

/** Looks up what metadata names; `undefined` where it is not known whether it is there. */
export interface ILookup {
  /** The array, or what is wrong with it. */
  array(path: string): Promise<IArray | Said | undefined>;
  group(path: string): Promise<boolean | undefined>;
}

function failure(error: unknown, path: string): Said {
  if (isBioImageError(error)) {
    return error.code === 'NOT_FOUND' ? say`array ${path} is not there` : say`array ${path}: ${error.said.message}`;
  }
  throw error;
}

/** Reads below the group. Both methods throw what the store throws beside absence. */
export function inStore(store: IReadableStore, zarrFormat: 2 | 3): ILookup {
  return {
    async array(path) {
      try {
        const array = await openArray(store, path);
        return array.zarrFormat === zarrFormat
          ? array
          : say`array ${path} is of Zarr v${array.zarrFormat}, the group of v${zarrFormat}`;
      } catch (error) {
        return failure(error, path);
      }
    },
    async group(path) {
      const keys = zarrFormat === 3 ? ['zarr.json'] : ['.zgroup', '.zattrs'];
      const bytes = await Promise.all(keys.map(key => store.get(`${path}/${key}`)));
      return bytes.some(found => found !== undefined);
    }
  };
}

/** Only what is at hand already: nothing is asked for. */
export function inDocuments(documents: IDocuments, zarrFormat: 2 | 3): ILookup {
  return {
    array(path) {
      const key = documentKey(path, zarrFormat);
      const bytes = documents.get(key);
      if (bytes === undefined) {
        return Promise.resolve(undefined);
      }
      try {
        return Promise.resolve(bytes ? readArray(path, parseJson(bytes, key)) : say`array ${path} is not there`);
      } catch (error) {
        return Promise.resolve(failure(error, path));
      }
    },
    group: () => Promise.resolve(undefined)
  };
}
