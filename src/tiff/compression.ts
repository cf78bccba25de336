/** Compression schemes that are decoded here. */
export type Compression = 'none' | 'lzw' | 'deflate' | 'packbits' | 'jpeg' | 'zstd';

/** By tag 259 (TIFF 6.0; its supplements; numbers registered or used by libtiff). */
export const DECODED: ReadonlyMap<number, Compression> = new Map([
  [1, 'none'],
  [5, 'lzw'],
  [7, 'jpeg'],
  [8, 'deflate'],
  [32773, 'packbits'],
  [32946, 'deflate'],
  [50000, 'zstd']
]);

/** Names for people of those that are not. */
export const OTHERS: ReadonlyMap<number, string> = new Map([
  [2, 'CCITT RLE'],
  [3, 'CCITT group 3'],
  [4, 'CCITT group 4'],
  [6, 'JPEG in the old style'],
  [32771, 'CCITT RLE'],
  [32809, 'ThunderScan'],
  [33003, 'JPEG 2000'],
  [33004, 'JPEG 2000'],
  [33005, 'JPEG 2000'],
  [33007, 'JPEG in an alternative style'],
  [34676, 'SGI Log'],
  [34677, 'SGI Log'],
  [34712, 'JPEG 2000'],
  [34713, 'Nikon NEF'],
  [34887, 'LERC'],
  [34892, 'JPEG of DNG'],
  [34925, 'LZMA'],
  [34926, 'Zstandard in an old style'],
  [34927, 'WebP'],
  [34933, 'PNG'],
  [34934, 'JPEG XR'],
  [22610, 'JPEG XR'],
  [48124, 'Jetraw'],
  [50001, 'WebP'],
  [50002, 'JPEG XL'],
  [52546, 'JPEG XL']
]);

/** What tag 259 names: a scheme that is decoded, or the name of one that is not. */
export function compressionOf(tag: number): { scheme: Compression } | { name: string } {
  const scheme = DECODED.get(tag);
  return scheme ? { scheme } : { name: OTHERS.get(tag) ?? `number ${tag}` };
}
