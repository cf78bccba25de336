import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { comment, literal } from '..';
import { CORPUS } from './corpus';
import { describeWithPython, runPython } from './interpreter';

const FULL = process.env.BIOIMAGE_CAMPAIGN === 'full';
/** Random texts tried in the real interpreter. */
const RANDOM = FULL ? 20_000 : 2_000;

/** What a text is worth after encoding: NUL and lone surrogates cannot be carried everywhere. */
const carried = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\ufffd');

/** Texts of any code points, the dangerous ones often; the same ones on every run. */
function* randomTexts(count: number): Generator<string> {
  let state = 20240607;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  const dangerous = '"\'\\\n\r\t\0#%!{}$`u0041xN ';
  for (let i = 0; i < count; i++) {
    let text = '';
    for (let length = next(24); length > 0; length--) {
      text += next(2) === 0 ? dangerous[next(dangerous.length)] : String.fromCharCode(next(0x10000));
    }
    yield text;
  }
}

describe('literal', () => {
  it('has a corpus of 52 texts', () => {
    expect(new Set(CORPUS).size).toBe(52);
  });

  it.each(CORPUS.map(text => [JSON.stringify(text).slice(0, 60), text]))('writes %s as printable ASCII on one line', (_, text) => {
    expect(literal('python', text)).toMatch(/^"[ -~]*"$/);
  });

  it.each([
    ['a', '"a"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\u00e9', '"\\u00e9"'],
    ['\u{1f52c}', '"\\U0001f52c"'],
    ['\u00017', '"\\u00017"'],
    ['a\0b', '"a\\ufffdb"'],
    ['\ud800', '"\\ufffd"']
  ])('writes %j by escapes of fixed width', (text, expected) => {
    expect(literal('python', text)).toBe(expected);
  });

  it('writes numbers, truth values and lists', () => {
    expect(literal('python', 3)).toBe('3');
    expect(literal('python', -0.5)).toBe('-0.5');
    expect(literal('python', -0)).toBe('-0.0');
    expect(literal('python', NaN)).toBe('float("nan")');
    expect(literal('python', -Infinity)).toBe('float("-inf")');
    expect(literal('python', true)).toBe('True');
    expect(literal('python', [1, 'a"'])).toBe('[1, "a\\""]');
  });
});

describe('comment', () => {
  it.each(CORPUS.map(text => [JSON.stringify(text).slice(0, 60), text]))('keeps %s on one line of printable ASCII', (_, text) => {
    const line = comment('python', text);
    expect(line).toMatch(/^[ -~]{0,120}$/);
    expect(line).not.toMatch(/^[@%!#?]/);
    expect(line).not.toContain('\\');
  });

  it('shows what it cannot write', () => {
    expect(comment('python', 'a\u202eb\u{1f52c}')).toBe('a<U+202E>b<U+1F52C>');
  });

  it('is cut at 120 characters', () => {
    expect(comment('python', 'x'.repeat(10_000_000))).toHaveLength(120);
  });
});

describeWithPython('in a real interpreter', () => {
  const READ = 'import ast, json, sys; print(json.dumps([ast.literal_eval(s) for s in json.load(sys.stdin)]))';
  const RUN = 'import json, sys\nfor s in json.load(sys.stdin): exec(compile(s, "cell", "exec"), {})\nprint("true")';
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-quote-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('every text of the corpus comes back exactly', () => {
    const back = runPython<string[]>(READ, CORPUS.map(text => literal('python', text)), folder);
    expect(back).toEqual(CORPUS.map(carried));
  });

  it(`${RANDOM} random texts come back exactly`, () => {
    const texts = [...randomTexts(RANDOM)];
    expect(runPython<string[]>(READ, texts.map(text => literal('python', text)), folder)).toEqual(texts.map(carried));
  });

  it('nothing in a literal or a comment runs', () => {
    const cells = CORPUS.map(text => `# ${comment('python', text)}\nname = ${literal('python', text)}`);
    expect(runPython(RUN, cells, folder)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });
});
