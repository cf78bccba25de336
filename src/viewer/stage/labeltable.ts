import type { ILabelInfo } from '../../ngff';
import type { ITexels } from './table';

/** Red, green, blue, alpha, each 0 to 255. */
export type Rgba = readonly [number, number, number, number];

/** How a label image is drawn. */
export interface ILabelLook {
  /** 0 to 1. */
  readonly opacity: number;
  /** Borders between different ids instead of areas. */
  readonly outline: boolean;
  /** The only id drawn, as decimal text; `null`: all are. */
  readonly isolated: string | null;
}

/** Colours kept of a metadata document: a table of a million takes 32 MiB, and no document of bounded size holds more. */
const MOST_COLORS = 1 << 20;

/** Texels of one row: every WebGL 2 has textures of this width. */
const MOST_WIDTH = 2048;

/** An id as its two's complement, low word first; `null` where the text is no whole number. */
export function idWords(text: string): [number, number] | null {
  if (!/^-?\d{1,20}$/.test(text)) {
    return null;
  }
  const bits = BigInt.asUintN(64, BigInt(text));
  return [Number(bits & 0xffffffffn), Number(bits >> 32n)];
}

function mixBits(bits: number): number {
  let h = bits >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The shader's hash of an id. */
function hashOf([low, high]: readonly [number, number]): number {
  return mixBits(low ^ mixBits((high + 0x9e3779b9) >>> 0));
}

/** The colour of an id that has none in the metadata, as the shader makes it. */
export function hashedColor(words: readonly [number, number]): Rgba {
  const h = hashOf(words);
  const at = ((h & 0xffff) / 65536) * 6;
  const white = (((h >>> 16) & 0xff) / 255) * 0.4;
  const bright = 0.65 + ((h >>> 24) / 255) * 0.35;
  const [r, g, b] = [0, 4, 2].map(shift => {
    const hue = Math.min(1, Math.max(0, Math.abs(((at + shift) % 6) - 3) - 1));
    return Math.round((hue + (1 - hue) * white) * bright * 255);
  });
  return [r, g, b, 255];
}

/** The colour of an id; `null` where it is transparent. */
export function colorOf(id: string, info: ILabelInfo | undefined): Rgba | null {
  const words = idWords(id);
  const given = info?.colors.get(id);
  return given ?? (words && (words[0] !== 0 || words[1] !== 0) ? hashedColor(words) : null);
}

/**
 * The colours of the metadata as a hash table with open addressing, at most half full, of which the shader looks up the id of
 * every pixel. One empty texel where there are none.
 */
export function packColors(colors: ReadonlyMap<string, Rgba>): ITexels {
  const entries = [...colors].slice(0, MOST_COLORS).flatMap(([id, rgba]) => {
    const words = idWords(id);
    return words ? [{ words, rgba }] : [];
  });
  const size = entries.length ? 2 ** Math.ceil(Math.log2(entries.length * 2)) : 1;
  const width = Math.min(size, MOST_WIDTH);
  const data = new Uint32Array(size * 4);
  for (const { words, rgba } of entries) {
    let at = (hashOf(words) & (size - 1)) >>> 0;
    while (data[at * 4 + 3] !== 0 && (data[at * 4] !== words[0] || data[at * 4 + 1] !== words[1])) {
      at = (at + 1) & (size - 1);
    }
    const [r, g, b, a] = rgba;
    data.set([words[0], words[1], (r | (g << 8) | (b << 16) | (a << 24)) >>> 0, 1], at * 4);
  }
  return { width, height: size / width, data };
}

/**
 * The shader's table of one label image: opacity (float bits), outline, isolated, alone; then the words of the isolated id.
 * Outlines over an image cover little of it: they are drawn whole, whatever the opacity of areas.
 */
export function packLook({ opacity, outline, isolated }: ILabelLook, alone: boolean): ITexels {
  const words = isolated === null ? null : idWords(isolated);
  const data = new Uint32Array(8);
  new Float32Array(data.buffer)[0] = outline && !alone ? 1 : opacity;
  data.set([outline ? 1 : 0, words ? 1 : 0, alone ? 1 : 0, ...(words ?? [0, 0])], 1);
  return { width: 1, height: 2, data };
}
