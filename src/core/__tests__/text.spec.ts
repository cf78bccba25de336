import { cleanText, showUnseen } from '..';

describe('text from data', () => {
  it.each([
    ['plain', 'plain'],
    ['  spaces  ', 'spaces'],
    ['   ', ''],
    ['<img src=x onerror=1>', '<img src=x onerror=1>'],
    ['a\u0000b\nc\td', 'a␀b␊c␉d'],
    ['left\u202eright', 'left⟨U+202E⟩right'],
    ['\u2066iso\u2069', '⟨U+2066⟩iso⟨U+2069⟩'],
    ['zero\u200bwidth', 'zero⟨U+200B⟩width'],
    ['del\u007f', 'del⟨U+007F⟩'],
    ['µm – 中文 🔬', 'µm – 中文 🔬']
  ])('shows %j as %j', (text, shown) => {
    expect(cleanText(text)).toBe(shown);
  });

  it('is cut at the limit, between whole characters', () => {
    expect(Array.from(cleanText('🔬'.repeat(300)))).toHaveLength(200);
    expect(cleanText('🔬'.repeat(300)).endsWith('🔬…')).toBe(true);
    expect(cleanText('abcdef', 4)).toBe('abc…');
    expect(cleanText('abcd', 4)).toBe('abcd');
  });

  it('does not look at all of a huge name', () => {
    expect(Array.from(cleanText('x'.repeat(100_000)))).toHaveLength(200);
  });

  it('keeps blanks and length where only unseen characters are to be shown', () => {
    expect(showUnseen(` a\u202eb ${'x'.repeat(500)} `)).toBe(` a⟨U+202E⟩b ${'x'.repeat(500)} `);
  });
});
