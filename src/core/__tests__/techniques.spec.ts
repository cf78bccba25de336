import { ByteLru, crc32c, formatQuantity, Registry, scaleBar, unitRatio } from '..';

describe('Registry', () => {
  it('orders by rank, then by coming', () => {
    const registry = new Registry<{ id: string; rank?: number }>();
    registry.add({ id: 'c' });
    registry.add({ id: 'a', rank: 100 });
    registry.add({ id: 'last', rank: 900 });
    registry.add({ id: 'first', rank: -1 });
    expect(registry.items.map(item => item.id)).toEqual(['first', 'c', 'a', 'last']);
    expect(registry.get('a')).toEqual({ id: 'a', rank: 100 });
    expect(registry.get('toString')).toBeUndefined();
  });

  it('refuses an id twice and takes it again after it was removed', () => {
    const registry = new Registry<{ id: string }>();
    const first = registry.add({ id: 'a' });
    expect(() => registry.add({ id: 'a' })).toThrow('"a"');
    first.dispose();
    const second = registry.add({ id: 'a' });
    first.dispose();
    expect(registry.items).toHaveLength(1);
    second.dispose();
    second.dispose();
    expect(registry.items).toHaveLength(0);
  });

  it('tells of every change until the listener is disposed', () => {
    const registry = new Registry<{ id: string }>();
    const heard: number[] = [];
    const listener = () => heard.push(registry.items.length);
    const subscriptions = [registry.onChanged(listener), registry.onChanged(listener)];
    const added = registry.add({ id: 'a' });
    expect(heard).toEqual([1, 1]);
    subscriptions[0].dispose();
    added.dispose();
    added.dispose();
    expect(heard).toEqual([1, 1, 0]);
  });
});

describe('ByteLru', () => {
  it('drops what was used least recently', () => {
    const lru = new ByteLru<number>(10);
    lru.set('a', 1, 4);
    lru.set('b', 2, 4);
    expect(lru.get('a')).toBe(1);
    lru.set('c', 3, 4);
    expect(['a', 'b', 'c'].map(key => lru.get(key))).toEqual([1, undefined, 3]);
    expect(lru.bytes).toBe(8);
  });

  it('never holds more than its bound', () => {
    const lru = new ByteLru<number>(1000);
    for (let i = 0; i < 5000; i++) {
      lru.set(String(i % 700), i, (i * 37) % 1200);
      expect(lru.bytes).toBeLessThanOrEqual(1000);
    }
    lru.clear();
    expect([lru.bytes, lru.get('0')]).toEqual([0, undefined]);
  });

  it('counts a replaced entry once and does not keep one that is too large', () => {
    const lru = new ByteLru<number>(10);
    lru.set('a', 1, 6);
    lru.set('a', 2, 8);
    expect([lru.get('a'), lru.bytes]).toEqual([2, 8]);
    lru.set('a', 3, 11);
    expect([lru.get('a'), lru.bytes]).toEqual([undefined, 0]);
    lru.set('b', 1, NaN);
    lru.delete('never');
    expect(lru.bytes).toBe(0);
  });
});

describe('crc32c', () => {
  const iota = (length: number) => Uint8Array.from({ length }, (_, i) => i);
  // RFC 3720 appendix B.4, and the check value of the CRC catalogue.
  it.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['0 to 31', iota(32), 0x46dd794e],
    ['31 to 0', iota(32).reverse(), 0x113fdb5c],
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(0), 0]
  ])('of %s', (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('is the same whatever the length and the place in the buffer', () => {
    const slow = (bytes: Uint8Array) => {
      let crc = 0xffffffff;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) {
          crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
        }
      }
      return ~crc >>> 0;
    };
    const buffer = Uint8Array.from({ length: 70 }, (_, i) => (i * 73 + 191) & 255);
    for (let length = 0; length < 60; length++) {
      const bytes = buffer.subarray(length % 7, (length % 7) + length);
      expect([length, crc32c(bytes)]).toEqual([length, slow(bytes)]);
    }
  });
});

describe('formatQuantity', () => {
  it.each([
    [12.3, 'micrometer', '12.3 µm'],
    [12.345, 'micrometer', '12.3 µm'],
    [0.65, 'micrometer', '0.65 µm'],
    [0.05, 'micrometer', '50 nm'],
    [1500, 'micrometer', '1.5 mm'],
    [2e6, 'nanometer', '2 mm'],
    [0, 'micrometer', '0 µm'],
    [-1500, 'nanometer', '-1.5 µm'],
    [0.02, 'second', '20 ms'],
    [3600, 'second', '3600 s'],
    [5, 'um', '5 µm'],
    [5, 'μm', '5 µm'],
    [7, 'angstrom', '7 Å'],
    [2, 'furlong', '2 furlong'],
    [2, 'x'.repeat(100), `2 ${'x'.repeat(20)}`],
    [12, undefined, '12'],
    [12345, undefined, '12345'],
    [1.5e9, undefined, '1.50e+9'],
    [NaN, 'micrometer', 'NaN µm'],
    [Infinity, 'micrometer', 'Infinity µm'],
    [1, 'constructor', '1 constructor']
  ])('shows %d %s as %s', (value, unit, expected) => {
    expect(formatQuantity(value, unit)).toBe(expected);
  });
});

describe('scaleBar', () => {
  it.each([
    [0.5, 'micrometer', 100, 100, '50 µm'],
    [0.5, 'micrometer', 99, 40, '20 µm'],
    [0.325, 'micrometer', 100, 61.538, '20 µm'],
    [30, 'nanometer', 100, 66.667, '2 µm'],
    [1, undefined, 100, 100, '100'],
    [1e-9, 'meter', 150, 100, '100 nm']
  ])('of %d %s in %d pixels', (size, unit, room, pixels, label) => {
    const bar = scaleBar(size, unit, room);
    expect(bar?.label).toBe(label);
    expect(bar?.pixels).toBeCloseTo(pixels, 2);
  });

  it('fills between 40 % and all of its room', () => {
    for (let size = 1e-6; size < 1e6; size *= 1.37) {
      const bar = scaleBar(size, 'micrometer', 120);
      expect(bar?.pixels).toBeGreaterThan(120 * 0.399);
      expect(bar?.pixels).toBeLessThanOrEqual(120.001);
    }
  });

  it.each([0, -1, NaN, Infinity, 1e308 * 10])('is not drawn for a pixel of %d', size => {
    expect(scaleBar(size, 'micrometer', 100)).toBeNull();
  });

  it.each([0, -5, NaN, Infinity])('is not drawn in %d pixels', room => {
    expect(scaleBar(1, 'micrometer', room)).toBeNull();
  });
});

describe('unitRatio', () => {
  it.each([
    ['micrometer', 'nanometer', 1000],
    ['µm', 'micrometer', 1],
    ['angstrom', 'nanometer', 0.1],
    ['millisecond', 'second', 0.001],
    ['furlong', 'furlong', 1],
    [undefined, undefined, 1],
    ['micrometer', 'second', undefined],
    ['micrometer', undefined, undefined],
    ['furlong', 'meter', undefined]
  ])('of %s in %s is %s', (from, to, ratio) => {
    const found = unitRatio(from, to);
    expect(found === undefined ? undefined : Number(found.toPrecision(12))).toBe(ratio);
  });
});
