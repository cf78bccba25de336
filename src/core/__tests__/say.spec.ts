import { heard, localised, Said, saidTogether, say } from '..';

/** Puts every template into brackets, as a translator for tests does. */
const speaker = {
  __: (text: string, ...args: unknown[]) => `⟦${text.replace(/%(\d)/g, (_, n: string) => String(args[Number(n) - 1]))}⟧`
};

describe('a text', () => {
  const inner = say`no array ${'a%1'}`;
  const text = say`Level ${2} (50 %): ${inner}`;

  it('reads as its English sentence, whatever is in the values', () => {
    expect(String(text)).toBe('Level 2 (50 %): no array a%1');
  });

  it('is a template with arguments, and frozen', () => {
    expect({ ...text }).toEqual({ text: 'Level %1 (50 %%): %2', args: [2, inner] });
    expect(Object.isFrozen(text)).toBe(true);
  });

  it('is translated with the texts within it, and names are not', () => {
    expect(localised(speaker, say`${1}: ${say`${'x'} is missing`}`)).toBe('⟦1: ⟦x is missing⟧⟧');
  });

  it.each([
    ['JSON', (value: unknown): unknown => JSON.parse(JSON.stringify(value))],
    ['structured cloning', (value: unknown): unknown => structuredClone(value)]
  ])('is the same after %s', (_, cross) => {
    const back = heard('', cross(text));
    expect(back).toBeInstanceOf(Said);
    expect([String(back), back?.args[1]]).toEqual([String(text), expect.any(Said)]);
  });

  it('from a side without templates is the sentence as it is; from one that says nothing, nothing', () => {
    expect(String(heard('50 %1'))).toBe('50 %1');
    expect([heard(''), heard(7), heard(undefined, { text: 1 })]).toEqual([undefined, undefined, undefined]);
  });

  it('that holds itself ends', () => {
    const endless: { text: string; args: unknown[] } = { text: '%1', args: [] };
    endless.args.push(endless);
    expect(String(heard('', endless))).toBe('');
  });

  it('may follow others', () => {
    expect(String(saidTogether([say`One.`, say`Two.`]))).toBe('One. Two.');
  });
});
