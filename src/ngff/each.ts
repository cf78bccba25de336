import { type BioImageError, isBioImageError, say } from '../core';
import type { Said } from '../core';

/**
 * What `read` makes of each entry; null for those that it refuses with BAD_METADATA, of which `notices` get one line. Where
 * all of them are refused, the first refusal is thrown.
 *
 * @param what - the entries for people, such as "wells of the plate"
 */
export function readEach<T>(
  listed: readonly unknown[],
  what: Said,
  notices: Said[],
  read: (value: unknown, index: number) => T
): (T | null)[] {
  let first: BioImageError | undefined;
  let refused = 0;
  const out = listed.map((value, i) => {
    try {
      return read(value, i);
    } catch (error) {
      if (!isBioImageError(error, 'BAD_METADATA')) {
        throw error;
      }
      first ??= error;
      refused += 1;
      return null;
    }
  });
  if (first && refused === listed.length) {
    throw first;
  }
  if (first) {
    notices.push(
      say`${refused} of the ${listed.length} ${what} cannot be read and are left out. ${first.said.message}`
    );
  }
  return out;
}
