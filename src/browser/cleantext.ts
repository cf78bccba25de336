/** Characters of a title that are shown; the rest of it is in the tooltip. */
export const TITLE_LENGTH = 200;
/** Characters of a tooltip. */
export const TOOLTIP_LENGTH = 2000;

// C0, DEL and C1, soft hyphen, line and paragraph separators, zero width space, bidirectional controls, byte order mark:
// they are shown, because a name that reads differently from what it is can pass for another. Zero width joiners stay:
// scripts and emoji need them.
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text from data as it may be shown: controls visible as `U+202E`, at most `length` characters, never cut in a pair. */
export function cleanText(text: string, length: number = TITLE_LENGTH): string {
  // Cutting first bounds the work; one more character than shown, so that the cut is seen.
  const points = Array.from(text.slice(0, 2 * length + 2));
  const shown = points.slice(0, length).join('');
  const visible = shown.replace(INVISIBLE, found => {
    return `U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
  const cut = points.length > length ? `${visible}…` : visible;
  return cut.trim() === '' ? '–' : cut;
}
