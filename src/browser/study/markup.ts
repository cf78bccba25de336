/** The elements that an abstract may have. */
export const ALLOWED = ['p', 'br', 'b', 'strong', 'i', 'em', 'sub', 'sup', 'ul', 'ol', 'li', 'a'] as const;
export type AllowedTag = (typeof ALLOWED)[number];

const allowed = new Set<string>(ALLOWED);

/** Elements whose content is no text for readers: it goes with them. */
const CODE = new Set([
  'script',
  'style',
  'template',
  'iframe',
  'noscript',
  'noembed',
  'noframes',
  'object',
  'select',
  'textarea',
  'title',
  'xmp',
  'plaintext'
]);

/** Elements that stand on lines of their own: where they are dropped, a paragraph stays. */
const BLOCKS = new Set(
  'article aside blockquote dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr main nav pre section table tr'.split(' ')
);

/** Elements that stay open inside each other; paragraphs, items and links end those before them by themselves. */
const NESTED = new Set<string>(['b', 'strong', 'i', 'em', 'sub', 'sup', 'ul', 'ol']);
/** How many of them may be open at a time: trees that are deep are slow to build, and what is drawn is flatter still. */
const MAX_OPEN = 40;

/** Characters of markup that are read. */
export const MAX_MARKUP = 100_000;

/** Whether a text is markup at all: a whole tag, a comment or an entity; `n < 3 & p > 0.05` is none. */
export function isMarkup(text: string): boolean {
  return /<\/?[a-z][^<>]*>|<!--|&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,31}\d{0,2});/i.test(text);
}

/** One attribute: name, then a value in double quotes, in single ones, or bare. */
const ATTRIBUTE = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

/** The `href` among a tag's attributes; the first one counts, as in HTML. */
function hrefOf(attributes: string): string {
  for (const [, name, double, single, bare] of attributes.matchAll(ATTRIBUTE)) {
    if (name.toLowerCase() === 'href') {
      return double ?? single ?? bare ?? '';
    }
  }
  return '';
}

/** Where a tag that begins at `start` ends, quotes respected: the index of its `>`, or -1. */
function tagEnd(markup: string, start: number): number {
  let quote = '';
  for (let at = start; at < markup.length; at++) {
    const character = markup[at];
    if (quote !== '') {
      quote = character === quote ? '' : quote;
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '>') {
      return at;
    }
  }
  return -1;
}

/** Index after the end tag of an element whose content is dropped; the end of the text where there is none. */
function afterElement(markup: string, name: string, from: number): number {
  const end = new RegExp(`</${name}[^>a-z0-9][^>]*>|</${name}>`, 'gi');
  end.lastIndex = from;
  const found = end.exec(markup);
  return found === null ? markup.length : found.index + found[0].length;
}

/**
 * Markup reduced to the allowed elements without attributes (links keep `href`); everything else becomes its text. One pass
 * in linear time. It comes before the browser's parser not for safety, which does not rest on it, but because that
 * parser makes millions of elements of a few thousand unclosed ones with different attributes (it reopens them in every
 * paragraph); of those that are left here it reopens at most three of a kind.
 */
export function reduceMarkup(source: string): string {
  const markup = source.slice(0, MAX_MARKUP);
  const parts: string[] = [];
  // An unclosed quote swallows the rest: from the first tag that has no end on, every '<' is text.
  let isOpenEnded = false;
  let open = 0;
  let at = 0;
  while (at < markup.length) {
    const less = markup.indexOf('<', at);
    if (less < 0) {
      break;
    }
    parts.push(markup.slice(at, less));
    if (markup.startsWith('<!--', less)) {
      const end = markup.indexOf('-->', less + 4);
      at = end < 0 ? markup.length : end + 3;
      continue;
    }
    const name = /^<\/?([a-z][a-z0-9:-]{0,30})(?=[\s/>])|^<[!?]/i.exec(markup.slice(less, less + 40));
    const end = name === null || isOpenEnded ? -1 : tagEnd(markup, less + name[0].length);
    if (name === null || end < 0) {
      isOpenEnded ||= name !== null;
      parts.push('&lt;');
      at = less + 1;
      continue;
    }
    at = end + 1;
    const tag = ((name[1] as string | undefined) ?? '').toLowerCase();
    const isEnd = markup[less + 1] === '/';
    if (CODE.has(tag)) {
      at = isEnd ? at : afterElement(markup, tag, at);
      continue;
    }
    // A tag too deep goes with its end tag, for both are met at the same count.
    open += NESTED.has(tag) && !isEnd ? 1 : 0;
    if (open <= MAX_OPEN || !NESTED.has(tag)) {
      parts.push(tagText(tag, isEnd, markup.slice(less + name[0].length, end)));
    }
    open -= NESTED.has(tag) && isEnd && open > 0 ? 1 : 0;
  }
  parts.push(markup.slice(at));
  return parts.join('');
}

/** What stands in place of a tag. */
function tagText(tag: string, isEnd: boolean, attributes: string): string {
  if (!allowed.has(tag)) {
    return BLOCKS.has(tag) ? '<p>' : '';
  }
  if (isEnd || tag !== 'a') {
    return `<${isEnd ? '/' : ''}${tag}>`;
  }
  return `<a href="${hrefOf(attributes).replace(/"/g, '&quot;').replace(/</g, '&lt;')}">`;
}
