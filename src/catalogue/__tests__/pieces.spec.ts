import { pieces } from '../pieces';

const { signal } = new AbortController();
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function read(text: string | Uint8Array): Promise<{ items: unknown[]; count: number }> {
  const items: unknown[] = [];
  let count = 0;
  for await (const piece of pieces(typeof text === 'string' ? bytesOf(text) : text, 'list', signal)) {
    items.push(...piece);
    count++;
  }
  return { items, count };
}

describe('a long list in pieces', () => {
  it.each([
    '[]',
    ' \n[ ]\n',
    '\ufeff[1, "a", null, true, {"b": [2, {"c": "]}"}]}, [[]], -1.5e3]',
    '["\\"]", "\\\\", ",", "{", "\\u005d", "ü, 測"]'
  ])('holds what JSON says: %s', async text => {
    expect((await read(text)).items).toEqual(JSON.parse(text.replace('\ufeff', '')));
  });

  it('is the same list, wherever it is cut', async () => {
    const list = Array.from({ length: 20_000 }, (_one, at) => ({
      path: `a,[{"\\${'x'.repeat(at % 50)}/${at}.tif`,
      attributes: [{ name: ']', value: '}' }]
    }));
    const { items, count } = await read(JSON.stringify(list));
    expect(items).toEqual(list);
    expect(count).toBeGreaterThan(5);
  });

  it.each([
    '',
    '{}',
    '"["',
    'null',
    '[',
    '[1',
    '[1}',
    '[1,',
    '[1,]',
    '[,]',
    '[1]]',
    '[1] x',
    '[nul]',
    '["a]',
    '<html>',
    '[{"a":1]'
  ])('is none where it is %j', async text => {
    await expect(read(text)).rejects.toMatchObject({ code: 'CATALOGUE_BAD', where: 'list' });
  });

  it('is none in another encoding, or nested without end', async () => {
    await expect(read(new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d]))).rejects.toMatchObject({ code: 'CATALOGUE_BAD' });
    await expect(read(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)).rejects.toMatchObject({ code: 'CATALOGUE_BAD' });
  });

  it('lets others go first between two pieces, and stops where nobody waits any more', async () => {
    const controller = new AbortController();
    const text = JSON.stringify(Array.from({ length: 100_000 }, (_one, at) => `item number ${at}`));
    let ticks = 0;
    const timer = setInterval(() => {
      ticks++;
      if (ticks === 3) {
        controller.abort(new DOMException('gone', 'AbortError'));
      }
    });
    let count = 0;
    const walk = async (): Promise<void> => {
      for await (const piece of pieces(bytesOf(text), 'list', controller.signal)) {
        count += piece.length;
      }
    };
    await expect(walk()).rejects.toThrow('gone');
    clearInterval(timer);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(100_000);
  });
});
