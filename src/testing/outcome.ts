import { isAbort, isBioImageError } from '../core';

/** How a promise ends, in a word: `ok`, the code of our error, `ABORTED`, or the text of anything else. Never rejects. */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    return isBioImageError(error) ? error.code : isAbort(error) ? 'ABORTED' : String(error);
  }
}
