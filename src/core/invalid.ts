import { BioImageError } from './errors';
import { say } from './say';
import type { Said } from './say';

/** Characters of a place that a sentence names whole; the text of a failure stays within 200. */
const MAX_PLACE = 90;

/** Both ends of a long place: the document, and the field in it. */
function shortened(place: string): string {
  const half = MAX_PLACE / 2;
  return place.length <= MAX_PLACE ? place : `${place.slice(0, half)}…${place.slice(1 - half)}`;
}

/**
 * `BAD_METADATA` about the field `where`, saying which rule it breaks: `why` goes on after the field's name ("is not a
 * list"). `subject` is named in its place where that reads better.
 */
export function invalid(
  where: string | undefined,
  why: Said,
  { subject = where ?? '', ...options }: { subject?: string | Said; hint?: Said; cause?: unknown } = {}
): BioImageError {
  const name = typeof subject === 'string' ? shortened(subject) : subject;
  const message =
    name === ''
      ? say`This image's description is not valid: ${why}.`
      : say`This image's description is not valid: ${name} ${why}.`;
  return new BioImageError('BAD_METADATA', message, { where, ...options });
}
