/** Characters of a question: more make no better search, services refuse them, and an address has to hold them. */
const MAX_QUESTION = 500;

/**
 * What a person has typed or pasted as a question for a service: white space is single blanks, control characters and
 * halves of characters are gone, and it ends after 500 characters.
 */
export function questionOf(text: string): string {
  return (
    text
      .slice(0, 4 * MAX_QUESTION)
      .replace(/\s+/g, ' ')
      // Also what a cut leaves of a character in two halves.
      .replace(/\p{Cc}|\p{Surrogate}/gu, '')
      .trim()
      .slice(0, MAX_QUESTION)
      .replace(/\p{Surrogate}/gu, '')
      .trim()
  );
}
