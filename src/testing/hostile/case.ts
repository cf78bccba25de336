import type { ErrorCode } from '../../core';

/** What may come of a case: one of our codes, or exactly the pixels of the oracle. */
export type Outcome = ErrorCode | 'pixels';

/** One variant of a row of the table of hostile inputs: the objects of a store, and what reading them must give. */
export interface IHostileCase {
  /** `A01` … */
  readonly row: string;
  readonly variant: string;
  readonly objects: () => Promise<Map<string, Uint8Array>> | Map<string, Uint8Array>;
  /** Any of these is right. */
  readonly expected: readonly Outcome[];
  /** The C-order little-endian bytes that are right where pixels come. */
  readonly oracle: Uint8Array;
  /** Opened as an image through its group's metadata; else the array at the root of the store is read. */
  readonly image?: boolean;
  /** One slice per axis; the whole array where it is left out. */
  readonly region?: readonly (readonly [number, number])[];
  /** Of the three other chunks, those that must come out right after BAD_CHUNK; 3 where nothing is said. */
  readonly beside?: number;
  /** Why the stock reader is not tried, for example because it would fill the memory. */
  readonly noStock?: string;
}

export const SIDE = 128;
export const CHUNK = 64;

/** Pixel (y, x) of the plane that most cases are about; uint16. */
export function pixel(y: number, x: number): number {
  return (y * 131 + x * 7 + 3 + ((y * x) >>> 5)) & 0xffff;
}

function square(top: number, left: number, side: number, width = side): Uint16Array {
  return Uint16Array.from({ length: side * width }, (_, i) => pixel(top + Math.floor(i / width), left + (i % width)));
}

export function raw(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
}

/** All pixels, C order. */
export const ORACLE = raw(square(0, 0, SIDE));

/** The four chunks by key, C order, little-endian. */
export const CHUNKS: ReadonlyMap<string, Uint8Array> = new Map(
  [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1]
  ].map(([y, x]) => [`${y}.${x}`, raw(square(y * CHUNK, x * CHUNK, CHUNK))])
);

export function text(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Metadata of the plane as a Zarr v2 array. */
export const META_V2 = {
  zarr_format: 2,
  shape: [SIDE, SIDE],
  chunks: [CHUNK, CHUNK],
  dtype: '<u2',
  fill_value: 0,
  order: 'C',
  filters: null,
  compressor: null
};

/** Metadata of the plane as a Zarr v3 array, chunk keys as in v2. */
export const META_V3 = {
  zarr_format: 3,
  node_type: 'array',
  shape: [SIDE, SIDE],
  data_type: 'uint16',
  fill_value: 0,
  attributes: {},
  chunk_grid: { name: 'regular', configuration: { chunk_shape: [CHUNK, CHUNK] } },
  chunk_key_encoding: { name: 'v2', configuration: { separator: '.' } },
  codecs: [{ name: 'bytes', configuration: { endian: 'little' } }]
};

type Encode = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** The plane as a v2 array at the root, each chunk encoded; `damage` is done to chunk (0, 0) afterwards. */
export async function planeV2(
  more: object = {},
  encode: Encode = bytes => bytes,
  damage: Encode = bytes => bytes
): Promise<Map<string, Uint8Array>> {
  const objects = new Map([['.zarray', text({ ...META_V2, ...more })]]);
  for (const [key, bytes] of CHUNKS) {
    const encoded = await encode(bytes);
    objects.set(key, key === '0.0' ? await damage(encoded) : encoded);
  }
  return objects;
}

/** The plane with its document as given, word by word. */
export function planeWith(name: '.zarray' | 'zarr.json', document: Uint8Array): Map<string, Uint8Array> {
  return new Map([[name, document], ...CHUNKS]);
}
