import type { IArray } from '../ngff';

/** Compression schemes that are decoded in the page. */
export type PageScheme = 'none' | 'lzw' | 'deflate' | 'packbits' | 'jpeg' | 'zstd';
/** Those that the session's server decodes; its table is `services/tiffcodecs.py`. */
export type ServerScheme =
  | 'ccittrle'
  | 'ccittfax3'
  | 'ccittfax4'
  | 'lzma'
  | 'jpeg2000'
  | 'webp'
  | 'jpegxl'
  | 'jpegxr'
  | 'png'
  | 'lerc'
  | 'jpegdeep';
export type Compression = PageScheme | ServerScheme;

/** One scheme of compression. */
export interface IScheme {
  readonly id: Compression;
  readonly by: IArray['decodedBy'];
  /** For people. */
  readonly name: string;
  /** Values of tag 259 (TIFF 6.0; its supplements; numbers registered or used by libtiff). */
  readonly tags: readonly number[];
  /** What is unpacked: rows of bytes as they would stand in a file without compression, or values. */
  readonly gives: 'bytes' | 'values';
}

const scheme = (
  id: Compression,
  by: IArray['decodedBy'],
  name: string,
  gives: IScheme['gives'],
  ...tags: readonly number[]
): IScheme => ({ id, by, name, tags, gives });

/** All schemes that can be decoded, each by one side: page and server look them up here and nowhere else. */
export const SCHEMES: readonly IScheme[] = [
  scheme('none', 'browser', 'none', 'bytes', 1),
  scheme('lzw', 'browser', 'LZW', 'bytes', 5),
  scheme('deflate', 'browser', 'Deflate', 'bytes', 8, 32946, 50013),
  scheme('packbits', 'browser', 'PackBits', 'bytes', 32773),
  scheme('zstd', 'browser', 'Zstandard', 'bytes', 50000, 34926),
  scheme('jpeg', 'browser', 'JPEG', 'values', 7, 33007),
  // No tag of its own: JPEG of more than 8 bits, see `schemeOf`.
  scheme('jpegdeep', 'server', 'JPEG of more than 8 bits', 'values'),
  scheme('ccittrle', 'server', 'CCITT RLE', 'values', 2),
  scheme('ccittfax3', 'server', 'CCITT group 3', 'values', 3),
  scheme('ccittfax4', 'server', 'CCITT group 4', 'values', 4),
  scheme('lzma', 'server', 'LZMA', 'bytes', 34925),
  scheme('jpeg2000', 'server', 'JPEG 2000', 'values', 33003, 33004, 33005, 34712),
  scheme('webp', 'server', 'WebP', 'values', 50001, 34927),
  scheme('jpegxl', 'server', 'JPEG XL', 'values', 50002, 52546),
  scheme('jpegxr', 'server', 'JPEG XR', 'values', 34934, 22610),
  scheme('png', 'server', 'PNG', 'values', 34933),
  scheme('lerc', 'server', 'LERC', 'values', 34887)
];

const BY_TAG: ReadonlyMap<number, IScheme> = new Map(SCHEMES.flatMap(one => one.tags.map(tag => [tag, one] as const)));
const BY_ID: ReadonlyMap<string, IScheme> = new Map(SCHEMES.map(one => [one.id, one]));

/** Names for people of those that nobody decodes. */
export const OTHERS: ReadonlyMap<number, string> = new Map([
  [6, 'JPEG in the old style'],
  [32766, 'NeXT RLE'],
  [32771, 'CCITT RLE of words'],
  [32809, 'ThunderScan'],
  [32909, 'PixarLog'],
  [34676, 'SGI Log'],
  [34677, 'SGI Log'],
  [34713, 'Nikon NEF'],
  [34892, 'JPEG of DNG'],
  [48124, 'Jetraw'],
  [65000, 'EER'],
  [65001, 'EER'],
  [65002, 'EER']
]);

/** What tag 259 names, for values of `bits` bits: a scheme that is decoded, or the name of one that is not. */
export function compressionOf(tag: number, bits: number): { scheme: IScheme } | { name: string } {
  const found = BY_TAG.get(tag);
  if (!found) {
    return { name: OTHERS.get(tag) ?? `number ${tag}` };
  }
  return { scheme: found.id === 'jpeg' && bits > 8 ? schemeOf('jpegdeep') : found };
}

/** Whether the page decodes it. */
export function isPageScheme(id: Compression): id is PageScheme {
  return schemeOf(id).by === 'browser';
}

/** The entry of a scheme. */
export function schemeOf(id: Compression): IScheme {
  const found = BY_ID.get(id);
  if (!found) {
    throw new RangeError(`no scheme ${id}`); // ids are those of the table
  }
  return found;
}

/** The name for people of a codec of an array in a TIFF file (`tiff.webp`); undefined for others. */
export function schemeName(codec: string): string | undefined {
  return codec.startsWith('tiff.') ? BY_ID.get(codec.slice(5))?.name : undefined;
}
