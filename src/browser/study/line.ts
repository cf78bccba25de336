import { cleanText } from '../../core';

/** White space that a sentence may have: archives break titles and values over lines. */
const BLANKS = /[\t\n\r\u0085\u2028\u2029 ]+/g;

/** Words from data on one line, cut at `limit` characters; for names of files, where every character counts, see `cleanText`. */
export function lineOf(text: string, limit?: number): string {
  // cut before looking at every character, with room for blanks that go
  return cleanText(text.slice(0, 4 * (limit ?? 200) + 1000).replace(BLANKS, ' '), limit);
}
