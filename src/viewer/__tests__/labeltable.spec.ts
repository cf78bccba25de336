import { colorOf, hashedColor, idWords, packColors, packLook } from '../stage/labeltable';
import type { Rgba } from '../stage/labeltable';

/** Looks an id up as the shader does. */
function find({ width, height, data }: ReturnType<typeof packColors>, id: string): number[] | null {
  const words = idWords(id)!;
  const size = width * height;
  for (let i = 0; i < size; i++) {
    const entry = data.subarray(i * 4, i * 4 + 4);
    if (entry[3] === 1 && entry[0] === words[0] && entry[1] === words[1]) {
      return [entry[2] & 255, (entry[2] >>> 8) & 255, (entry[2] >>> 16) & 255, entry[2] >>> 24];
    }
  }
  return null;
}

describe('ids', () => {
  it.each([
    ['0', [0, 0]],
    ['4294967296', [0, 1]],
    ['-1', [0xffffffff, 0xffffffff]],
    ['-9223372036854775808', [0, 0x80000000]],
    ['18446744073709551615', [0xffffffff, 0xffffffff]]
  ])('%s are two words', (id, words) => {
    expect(idWords(id)).toEqual(words);
  });

  it.each(['', '1.5', '0x10', 'NaN', '1e3', '123456789012345678901'])('%j is none', text => {
    expect(idWords(text)).toBeNull();
  });
});

describe('colours of ids', () => {
  it('are stable, and unlike for ids that differ in one word only', () => {
    expect(hashedColor([1, 0])).toEqual(hashedColor([1, 0]));
    const low = new Set(Array.from({ length: 64 }, (_, i) => hashedColor([i + 1, 0]).join()));
    const high = new Set(Array.from({ length: 64 }, (_, i) => hashedColor([7, i + 1]).join()));
    expect([low.size, high.size]).toEqual([64, 64]);
  });

  it('are never dark', () => {
    for (let id = 1; id < 500; id++) {
      expect(Math.max(...hashedColor([id, 0]).slice(0, 3))).toBeGreaterThan(160);
    }
  });

  it('come from the metadata first; 0 has none but from there', () => {
    const info = { colors: new Map<string, Rgba>([['0', [1, 2, 3, 4]], ['5', [9, 9, 9, 255]]]), properties: new Map() };
    expect(colorOf('0', info)).toEqual([1, 2, 3, 4]);
    expect(colorOf('5', info)).toEqual([9, 9, 9, 255]);
    expect(colorOf('0', undefined)).toBeNull();
    expect(colorOf('6', info)).toEqual(hashedColor([6, 0]));
  });

  it('are found in the table, whatever the ids', () => {
    const colors = new Map<string, Rgba>();
    for (let i = 0; i < 3000; i++) {
      colors.set(String(BigInt(i) * 0x1_0000_0001n - 500n), [i & 255, i >> 8, 7, 255]);
    }
    const table = packColors(colors);
    expect(table.width * table.height).toBe(8192);
    expect(table.width).toBeLessThanOrEqual(2048);
    for (const [id, rgba] of [...colors].filter((_, i) => i % 97 === 0)) {
      expect(find(table, id)).toEqual([...rgba]);
    }
    // a free texel ends every search
    expect(table.data.filter((_, i) => i % 4 === 3 && table.data[i] === 0).length).toBeGreaterThan(0);
  });

  it('are an empty table where there are none, or none of whole numbers', () => {
    expect(packColors(new Map())).toEqual({ width: 1, height: 1, data: new Uint32Array(4) });
    expect(packColors(new Map([['x', [1, 1, 1, 1]]])).width).toBe(1);
  });
});

describe('look of labels', () => {
  it('is opacity, outline and the isolated id', () => {
    const { data } = packLook({ opacity: 0.5, outline: true, isolated: '-1' }, false);
    expect(new Float32Array(data.buffer)[0]).toBe(1); // outlines are drawn whole
    expect(Array.from(data.slice(1))).toEqual([1, 1, 0, 0xffffffff, 0xffffffff, 0, 0]);
    const opacity = (outline: boolean, alone: boolean) => new Float32Array(packLook({ opacity: 0, outline, isolated: null }, alone).data.buffer)[0];
    expect([opacity(false, false), opacity(true, true)]).toEqual([0, 0]);
    expect(Array.from(packLook({ opacity: 1, outline: false, isolated: null }, true).data.slice(1, 4))).toEqual([0, 0, 1]);
  });
});
