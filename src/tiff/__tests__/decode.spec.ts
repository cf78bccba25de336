import type { IDecodeTools, ITiffDocument, ITiffMore } from '..';
import { decodeTiff } from '..';

const none: IDecodeTools = {
  inflate: () => Promise.reject(new Error('not asked for')),
  zstd: () => Promise.reject(new Error('not asked for'))
};

async function decoded(
  bytes: Uint8Array,
  document: Partial<ITiffDocument>,
  more: Partial<ITiffMore> = {}
): Promise<Uint8Array> {
  const whole: ITiffDocument = { dtype: 'uint8', rows: 1, columns: 4, samples: 1, bits: 8, ...document };
  return decodeTiff(
    whole,
    bytes,
    {
      parts: [[0, bytes.length, whole.rows]],
      compression: 'none',
      predictor: 1,
      photometric: 1,
      reversed: false,
      little: true,
      ...more
    },
    none
  );
}

const bytesOf = (values: ArrayBufferView<ArrayBuffer>): Uint8Array => new Uint8Array(values.buffer);

describe('A unit of a TIFF file', () => {
  it('of 64-bit differences is summed up modulo 2^64, sample by sample', async () => {
    const stored = BigUint64Array.of(2n ** 64n - 1n, 5n, 2n, 2n ** 64n - 6n);
    const out = await decoded(bytesOf(stored), { dtype: 'uint64', columns: 2, samples: 2, bits: 64 }, { predictor: 2 });
    expect(new BigUint64Array(Uint8Array.from(out).buffer)).toEqual(
      BigUint64Array.of(2n ** 64n - 1n, 5n, 1n, 2n ** 64n - 1n)
    );
  });

  it('of big-endian 64-bit differences is turned round first', async () => {
    const stored = bytesOf(BigUint64Array.of(1n << 40n, 1n)).slice();
    [stored.subarray(0, 8), stored.subarray(8)].forEach(part => part.reverse());
    const out = await decoded(stored, { dtype: 'int64', columns: 2, bits: 64 }, { predictor: 2, little: false });
    expect(new BigUint64Array(Uint8Array.from(out).buffer)).toEqual(BigUint64Array.of(1n << 40n, (1n << 40n) + 1n));
  });

  it.each<[number, 'bool' | 'uint8' | 'uint16' | 'uint32', number[], number[]]>([
    [1, 'bool', [0b10110000], [1, 0, 1, 1]],
    [4, 'uint8', [0x12, 0x3f], [1, 2, 3, 15]],
    [12, 'uint16', [0x12, 0x3f, 0xff, 0x00, 0x18, 0x00], [0x123, 0xfff, 1, 0x800]],
    [24, 'uint32', [0, 0, 1, 255, 255, 255, 1, 2, 3, 128, 0, 0], [1, 0xffffff, 0x010203, 0x800000]]
  ])('of %i bits is unpacked', async (bits, dtype, stored, values) => {
    const out = await decoded(Uint8Array.from(stored), { dtype, bits });
    const words = { bool: Uint8Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array }[dtype];
    expect(Array.from(new words(Uint8Array.from(out).buffer))).toEqual(values);
  });

  it('whose bits are in reverse order is turned round', async () => {
    const out = await decoded(Uint8Array.of(0b00001101), { dtype: 'bool', bits: 1 }, { reversed: true });
    expect(Array.from(out)).toEqual([1, 0, 1, 1]);
  });

  it('of several pieces is put together; what is missing stays 0', async () => {
    const parts = [
      [4, 4, 1],
      [0, 0, 1],
      [0, 4, 1]
    ] as const;
    const out = await decoded(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), { rows: 4 }, { parts });
    expect(Array.from(out)).toEqual([5, 6, 7, 8, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0]);
  });

  it.each<[string, ITiffMore['parts']]>([
    ['a piece beyond its bytes', [[2, 4, 1]]],
    ['more rows than it has', [[0, 4, 2]]]
  ])('with %s is damaged', async (_, parts) => {
    await expect(decoded(Uint8Array.of(1, 2, 3, 4), {}, { parts })).rejects.toMatchObject({ code: 'BAD_CHUNK' });
  });

  it('leaves the bytes it was given as they are', async () => {
    const bytes = Uint8Array.of(1, 1, 1, 1);
    expect(Array.from(await decoded(bytes, {}, { predictor: 2 }))).toEqual([1, 2, 3, 4]);
    expect(Array.from(bytes)).toEqual([1, 1, 1, 1]);
  });
});
