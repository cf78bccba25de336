import { asArray, asInteger, asObject, isBioImageError, parseJson, say } from '../core';
import type { Said } from '../core';
import { TAG, type Directory } from './directory';
import type { IFormat } from './format';
import type { IPlaneAt } from './plan';
import { rowBytes } from './units';

/** What tifffile writes into the description of the first page of a series. */
export interface IShaped {
  readonly planes: IPlaneAt;
  /** Axes of the planes, slowest first. */
  readonly order: readonly (keyof IPlaneAt)[];
  /** Bytes from one plane to the next where only the first one has a directory; 0: all have one. */
  readonly stride: number;
  readonly notices: readonly Said[];
}

/** Longer ones are no description of a shape. */
const MAX_BYTES = 64 * 1024;
/** Planes of one file, and pixels along one axis. */
const MAX_PLANES = 2 ** 31;

/** Lengths beside those of a page: its rows and columns, and its samples where it has several. */
function leading(shape: readonly number[], { height, width, samples, planar }: IFormat): readonly number[] | null {
  const page = samples === 1 ? [height, width] : planar ? [samples, height, width] : [height, width, samples];
  const own = shape.slice(shape.length - page.length);
  return shape.length >= page.length && own.every((size, i) => size === page[i])
    ? shape.slice(0, shape.length - page.length)
    : null;
}

/** Letters of the axes as planes are counted here; one after the other along z where they are none, or other ones. */
function planesOf(sizes: readonly number[], axes: unknown): Pick<IShaped, 'planes' | 'order'> {
  const letters = typeof axes === 'string' ? Array.from(axes.toLowerCase().slice(0, sizes.length)) : [];
  const order = letters.filter((letter): letter is keyof IPlaneAt => ['t', 'c', 'z'].includes(letter));
  if (order.length === sizes.length && new Set(order).size === sizes.length) {
    const planes = { t: 1, c: 1, z: 1 };
    order.forEach((letter, i) => (planes[letter] = sizes[i]));
    return { planes, order };
  }
  return { planes: { t: 1, c: 1, z: sizes.reduce((product, size) => product * size, 1) }, order: ['z'] };
}

/**
 * Reads the description `{"shape": [4, 512, 512], "axes": "ZYX", "truncated": true}` of a series of `pages` directories.
 * `null` where there is none, or where it does not go with the pages.
 */
export async function readShaped(
  directory: Directory,
  format: IFormat,
  pages: number,
  signal?: AbortSignal
): Promise<IShaped | null> {
  const bytes = await directory.raw(TAG.ImageDescription, MAX_BYTES, signal);
  const text = bytes && new TextDecoder('latin1').decode(bytes).replace(/\0+$/, '');
  if (!bytes || !text || !/^\s*\{.*"shape"/s.test(text)) {
    return null;
  }
  const told = described(new TextEncoder().encode(text));
  const sizes = told && leading(told.shape, format);
  const count = sizes?.reduce((product, size) => product * size, 1) ?? Infinity;
  if (!told || !sizes || count > MAX_PLANES) {
    return null;
  }
  if (count === pages) {
    return { ...planesOf(sizes, told.axes), stride: 0, notices: [] };
  }
  if (pages > 1 || told.truncated !== true) {
    return null;
  }
  if (format.tile || format.compression !== 'none') {
    const notices = [say`The file tells of ${count} planes and describes only the first one, which is shown.`];
    return { planes: { t: 1, c: 1, z: 1 }, order: ['z'], stride: 0, notices };
  }
  const parts = format.planar ? format.samples : 1;
  const stride = format.height * rowBytes(format.width, format.samples / parts, format.bits) * parts;
  return { ...planesOf(sizes, told.axes), stride, notices: [] };
}

/** What stands in it; `null` where it is no such text. */
function described(bytes: Uint8Array): { shape: readonly number[]; axes: unknown; truncated: unknown } | null {
  const where = 'ImageDescription';
  try {
    const { shape, axes, truncated } = asObject(parseJson(bytes, where), where);
    return { shape: asArray(shape, where).map(size => asInteger(size, where, 1, MAX_PLANES)), axes, truncated };
  } catch (error) {
    if (isBioImageError(error)) {
      return null;
    }
    throw error;
  }
}
