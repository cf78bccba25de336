import { createHash } from 'node:crypto';
import { Etags, md5, strongEtag } from '../etags';

const answer = (headers: Record<string, string>): Response => new Response(null, { headers });
const hash = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
const code = (job: () => unknown): string => {
  try {
    job();
    return 'believed';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

it('computes MD5 as everybody does', () => {
  for (const length of [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000]) {
    const bytes = Uint8Array.from({ length: length + 1 }, (_, i) => (i * 37 + length) & 255).subarray(1);
    expect([length, md5(bytes)]).toEqual([length, hash(bytes)]);
  }
});

it.each([
  ['"abc"', '"abc"'],
  ['W/"abc"', null],
  ['abc', null],
  ['"a"b"', null]
])('takes %s for a strong ETag or not', (etag, expected) => {
  expect(strongEtag(answer({ etag }))).toBe(expected);
});

describe('an ETag that looks like an MD5', () => {
  const [one, two] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)];
  const told = (bytes: Uint8Array): Response => answer({ etag: `"${hash(bytes)}"` });

  it('is believed once one has matched', () => {
    const etags = new Etags();
    expect(code(() => etags.checkWhole(told(one), one, 'a'))).toBe('believed');
    expect(code(() => etags.checkWhole(told(one), two, 'b'))).toBe('UPSTREAM_BAD');
    expect(code(() => etags.checkWhole(told(two), two, 'b'))).toBe('believed');
  });

  it('is something else where the first does not match', () => {
    const etags = new Etags();
    expect(code(() => etags.checkWhole(told(one), two, 'a'))).toBe('believed');
    expect(code(() => etags.checkWhole(told(one), two, 'b'))).toBe('believed');
  });
});

describe('an object read in parts', () => {
  const check = (etags: Etags, tag: Record<string, string>, now: string[]): Promise<string> =>
    etags
      .checkVersion(answer(tag), 'a', () => Promise.resolve(now.shift() ?? null))
      .then(
        () => 'believed',
        (error: { code: string }) => error.code
      );

  it.each([
    [{ etag: '"1"' }, { etag: '"2"' }],
    [{ 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }, { 'last-modified': 'Mon, 01 Jan 2024 00:00:01 GMT' }]
  ])('has changed when its mark has: %j', async (before, after) => {
    const etags = new Etags();
    const now = Object.values(after)[0] ?? '';
    expect(await check(etags, before, [])).toBe('believed');
    expect(await check(etags, before, [])).toBe('believed');
    expect(await check(etags, after, [now, now, now])).toBe('CHANGED');
    expect(await check(etags, after, [now, now, now])).toBe('CHANGED'); // parts of the old one may be kept
    expect(await check(etags, before, [])).toBe('believed');
  });

  it('has not, where the store marks every answer anew, or not at all', async () => {
    const etags = new Etags();
    expect(await check(etags, { etag: '"1"' }, [])).toBe('believed');
    expect(await check(etags, {}, [])).toBe('believed');
    expect(await check(etags, { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }, [])).toBe('believed');
    expect(await check(etags, { etag: '"2"' }, ['"3"', '"4"', '"4"'])).toBe('believed');
    expect(await check(etags, { etag: '"5"' }, ['"5"', '"5"', '"5"'])).toBe('believed');
  });
});
