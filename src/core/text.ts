/** Names and titles are cut at so many characters, tooltips at ten times as many. */
const MAX_TEXT = 200;

/** Control characters that have a picture of their own (U+2400 block). */
const PICTURES = 0x2400;

/**
 * Characters that would act on the page instead of being read: C0 and C1 controls, line and paragraph separators, and those
 * that change the direction or hide (zero width joiners stay: scripts and emoji need them).
 */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;

/**
 * Text from data as it can be shown: trimmed, unseen characters made visible (a name that reads differently from what it is
 * can pass for another), cut at `limit` characters and never within one. Empty where there is nothing to see.
 */
export function cleanText(text: string, limit = MAX_TEXT): string {
  // cut before looking at every character: a name may be 100 kB; twice, because a character may be a surrogate pair
  const characters = Array.from(text.slice(0, limit * 2 + 64).trim());
  const cut = characters.length > limit || text.length > limit * 2 + 64;
  const shown = cut ? characters.slice(0, limit - 1).join('') + '…' : characters.join('');
  return showUnseen(shown);
}

/** Text with its unseen characters made visible, neither trimmed nor cut; line breaks and tabs are among them. */
export function showUnseen(text: string): string {
  return text.replace(UNSEEN, character => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20
      ? String.fromCodePoint(PICTURES + code)
      : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}
