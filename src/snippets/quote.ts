/** Languages that text can be written in. */
export type SnippetLanguage = 'python';

/** A value as a literal: text, a number, a truth value, or a list of texts and numbers. */
export type LiteralValue = string | number | boolean | readonly (string | number)[];

/** Characters of a comment that come from data. */
const COMMENT_LENGTH = 120;
const REPLACEMENT = 0xfffd;

/** Python's short escapes; everything else that is not printable ASCII becomes `\uXXXX` or `\UXXXXXXXX`. */
const SHORT: Record<number, string> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };

/** Code points of a text; NUL and lone surrogates, which no literal can carry everywhere, as U+FFFD. */
function pointsOf(text: string): number[] {
  return Array.from(text, character => {
    const point = character.codePointAt(0) ?? REPLACEMENT;
    return point === 0 || (point >= 0xd800 && point <= 0xdfff) ? REPLACEMENT : point;
  });
}

/** One code point by a numeric escape of fixed width, so that a digit after it is never swallowed. */
function escape(point: number): string {
  const digits = point.toString(16).padStart(point > 0xffff ? 8 : 4, '0');
  return `${point > 0xffff ? '\\U' : '\\u'}${digits}`;
}

function isPrintable(point: number): boolean {
  return point >= 0x20 && point <= 0x7e;
}

function pythonText(text: string): string {
  const body = pointsOf(text).map(point => {
    return SHORT[point] ?? (isPrintable(point) ? String.fromCharCode(point) : escape(point));
  });
  return `"${body.join('')}"`;
}

function pythonNumber(value: number): string {
  if (!Number.isFinite(value)) {
    return `float("${Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'}")`;
  }
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/**
 * A literal in `language` that evaluates to exactly `value`: printable ASCII only, on one line. NUL and lone surrogates
 * become U+FFFD (a text with them cannot name anything that exists).
 */
export function literal(language: SnippetLanguage, value: LiteralValue): string {
  switch (language) {
    case 'python':
      if (typeof value === 'string') {
        return pythonText(value);
      }
      if (typeof value === 'number') {
        return pythonNumber(value);
      }
      if (typeof value === 'boolean') {
        return value ? 'True' : 'False';
      }
      return `[${value.map(item => literal(language, item)).join(', ')}]`;
    default:
      return language satisfies never;
  }
}

/**
 * Text from data as the inside of a one-line comment: printable ASCII, anything else by its number, a backslash as a
 * space (it could join lines), cut at 120 characters. It never begins with a mark that a cell or a script reader acts on.
 */
export function comment(language: SnippetLanguage, text: string): string {
  switch (language) {
    case 'python': {
      const clean = pointsOf(text.slice(0, COMMENT_LENGTH * 2)).map(point => {
        if (point === 92 || point < 0x20 || point === 0x7f) {
          return ' ';
        }
        return isPrintable(point) ? String.fromCharCode(point) : `<U+${point.toString(16).toUpperCase().padStart(4, '0')}>`;
      });
      return clean.join('').replace(/\s+/g, ' ').slice(0, COMMENT_LENGTH).trim().replace(/^[@%!#?\s]+/, '');
    }
    default:
      return language satisfies never;
  }
}
