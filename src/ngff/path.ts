import { invalid, isBioImageError, say } from '../core';
import { checkKey } from '../stores';

/** `https:`, `data:`, `javascript:` …: no dataset is called that, and some client somewhere would follow it. */
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * A path that metadata names (dataset, well, field, label, series): relative, inside the group, one plain name per
 * segment. `%`, `?` and `#` are literal characters. Throws BAD_METADATA naming `where`.
 */
export function checkDatasetPath(path: unknown, where: string): string {
  if (typeof path !== 'string' || SCHEME.test(path)) {
    throw invalid(where, say`is not a path inside the image`);
  }
  try {
    return checkKey(path);
  } catch (error) {
    if (isBioImageError(error)) {
      throw invalid(where, say`is not a path inside the image`, { cause: error });
    }
    throw error;
  }
}

/** Key of `name` under the folder `base`; '' is the root. Both are checked already. */
export function under(base: string, name: string): string {
  return base === '' ? name : name === '' ? base : `${base}/${name}`;
}
