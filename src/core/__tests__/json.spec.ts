import {
  asArray,
  asBoolean,
  asInteger,
  asNumber,
  asObject,
  asString,
  isBioImageError,
  optional,
  parseJson,
  parseJsonExact,
  type BioImageError
} from '..';

const utf8 = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseJson(utf8(text), 'doc');

function failure(run: () => unknown): BioImageError {
  try {
    run();
  } catch (error) {
    if (isBioImageError(error)) {
      return error;
    }
  }
  throw new Error('it did not fail as expected');
}

describe('parseJson', () => {
  it.each([
    '{"a":[1,-2.5e3,null,true,"x"]}',
    '[]',
    'null',
    '"x"',
    '42',
    ' {"a" : {} } \n',
    '"NaN"',
    '["\\", NaN ]"]',
    '{"NaN":"Infinity"}'
  ])('reads %s as JSON.parse does', text => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it('reads bare floats that Python writes', () => {
    expect(parse('{"fill_value": NaN, "a": [Infinity, -Infinity, NaN,1], "b": "NaN \\" Infinity \\\\"}')).toEqual({
      fill_value: NaN,
      a: [Infinity, -Infinity, NaN, 1],
      b: 'NaN " Infinity \\'
    });
    expect(parse('NaN')).toBeNaN();
    expect(parse('["\u2205NaN", NaN]')).toEqual(['\u2205NaN', NaN]);
  });

  it.each([
    '{"a": -NaN}',
    '{NaN: 1}',
    '{"a":1, NaN: 1}',
    '[- Infinity]',
    '[NaNNaN]',
    '[Infinity1]',
    '[1Infinity]',
    '[nan]',
    '[Inf]'
  ])('refuses %s', text => {
    expect(failure(() => parse(text)).code).toBe('BAD_METADATA');
  });

  it('accepts a byte order mark and refuses other encodings', () => {
    expect(parseJson(utf8('\ufeff{"a":1}'), 'doc')).toEqual({ a: 1 });
    const text = '{"a":1}';
    const utf16 = (order: boolean, mark: boolean) => {
      const out = new DataView(new ArrayBuffer(2 * text.length + 2));
      [...(mark ? '\ufeff' : ''), ...text].forEach((char, i) => out.setUint16(2 * i, char.charCodeAt(0), order));
      return new Uint8Array(out.buffer, 0, 2 * (text.length + (mark ? 1 : 0)));
    };
    const wrong = [utf16(true, true), utf16(false, true), utf16(true, false), Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)];
    for (const bytes of [...wrong, Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), new Uint8Array(0)]) {
      const error = failure(() => parseJson(bytes, 'doc'));
      expect([error.code, error.message]).toEqual(['BAD_METADATA', expect.stringContaining(': doc is not ')]);
    }
  });

  it.each(['[', '{"a":'])('refuses 100,000 nested %s in good time', open => {
    const text = open.repeat(100_000) + '1' + (open === '[' ? ']' : '}').repeat(100_000);
    expect(failure(() => parse(text))).toMatchObject({ code: 'BAD_METADATA', where: 'json in doc' });
    // Left open, and behind a bare float, which takes the other path.
    expect(failure(() => parse(`[NaN,${open.repeat(100_000)}`)).code).toBe('BAD_METADATA');
  });

  it('counts depth and not the number of lists', () => {
    expect(parse(`[${'[],'.repeat(5000)}[]]`)).toHaveLength(5001);
    expect(parse('['.repeat(512) + ']'.repeat(512))).toHaveLength(1);
    expect(failure(() => parse('['.repeat(513) + ']'.repeat(513))).code).toBe('BAD_METADATA');
    expect(parse(`"${'['.repeat(1000)}"`)).toHaveLength(1000);
  });

  it.each([
    '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "toString": 2',
    '{"__proto__": {"polluted": NaN}'
  ])('keeps names of Object.prototype as data in %s', text => {
    const value = asObject(parse(`${text}, "z": 1}`), 'doc');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(value)).toContain('__proto__');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('lets the last of equal keys count', () => {
    expect(parse('{"a":1,"a":2}')).toEqual({ a: 2 });
  });

  it('has a bound', () => {
    expect(failure(() => parseJson(utf8('[1,2,3]'), 'doc', 6)).code).toBe('TOO_LARGE');
    expect(parseJson(utf8('[1,2,3]'), 'doc', 7)).toEqual([1, 2, 3]);
  });
});

describe('readers of fields', () => {
  const values = [undefined, null, true, 0, -1, 4.5, NaN, Infinity, 2 ** 53, 'x', [], {}];
  const accepted = (reader: (value: unknown, where: string) => unknown) =>
    values.filter(value => {
      try {
        reader(value, 'field');
        return true;
      } catch (error) {
        expect(error).toMatchObject({
          code: 'BAD_METADATA',
          where: 'field',
          message: expect.stringContaining('field')
        });
        return false;
      }
    });

  it.each([
    ['asObject', asObject, [{}]],
    ['asArray', asArray, [[]]],
    ['asString', asString, ['x']],
    ['asBoolean', asBoolean, [true]],
    ['asNumber', asNumber, [0, -1, 4.5, NaN, Infinity, 2 ** 53]],
    ['asInteger', asInteger, [0, -1]]
  ] as const)('%s accepts its own kind only', (_name, reader, expected) => {
    expect(accepted(reader)).toEqual(expected);
  });

  it('asInteger keeps its bounds, both included', () => {
    const reader = (value: unknown, where: string) => asInteger(value, where, 1, 3);
    expect([1, 2, 3].map(value => reader(value, 'field'))).toEqual([1, 2, 3]);
    expect([0, 4].filter(value => failure(() => reader(value, 'field')).code !== 'BAD_METADATA')).toEqual([]);
  });

  it('optional takes absent and null for nothing', () => {
    expect([undefined, null, 'x'].map(value => optional(value, 'field', asString))).toEqual([
      undefined,
      undefined,
      'x'
    ]);
    expect(failure(() => optional(7, 'field', asString)).where).toBe('field');
  });
});

describe('a refusal', () => {
  it.each<[string, () => unknown]>([
    ['d: f is not an object', () => asObject(null, 'd: f')],
    ['d: f is not a list', () => asArray({}, 'd: f')],
    ['d: f is not a text', () => asString(1, 'd: f')],
    ['d: f is not a number', () => asNumber('1', 'd: f')],
    ['d: f is not a whole number from 0 to 9007199254740991', () => asInteger(-1, 'd: f', 0)],
    ['d: f is not a whole number from 1 to 4', () => asInteger(5, 'd: f', 1, 4)],
    ['d: f is neither true nor false', () => asBoolean(0, 'd: f')],
    ['doc is not JSON', () => parse('{')],
    ['doc is not text in UTF-8', () => parseJson(Uint8Array.of(0xff), 'doc')],
    ['doc is nested deeper than 512 levels', () => parse('['.repeat(600))]
  ])('names the rule: %s', (rule, run) => {
    expect(failure(run).message).toBe(`This image's description is not valid: ${rule}.`);
  });

  it('stays within 200 characters, and keeps both ends of the field', () => {
    const { message, where } = failure(() => asInteger(0.5, `${'deep/'.repeat(200)}zarr.json: shape[7]`));
    expect(message.length).toBeLessThanOrEqual(200);
    expect(message).toMatch(/: deep.*….*zarr\.json: shape\[7\] is not a whole number from/);
    expect(where).toHaveLength(1019);
  });
});

describe('parseJsonExact', () => {
  it('gives whole numbers of 16 digits and more as text, and leaves all others and all texts alone', () => {
    const text =
      '{"a":18446744073709551615,"b":-9007199254740993,"c":[1,1234567890123456.5,1e20],"1234567890123456789":"12345678901234567890"}';
    expect(parseJsonExact(new TextEncoder().encode(text), 'doc')).toEqual({
      a: '18446744073709551615',
      b: '-9007199254740993',
      c: [1, 1234567890123456.5, 1e20],
      '1234567890123456789': '12345678901234567890'
    });
  });

  it('refuses what is no JSON in linear time', () => {
    const text = `"${'\\"'.repeat(500_000)}`;
    expect(() => parseJsonExact(new TextEncoder().encode(text), 'doc')).toThrow(/: doc is not JSON\./);
  });
});
