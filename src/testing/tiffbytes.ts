/** A tag of a directory: its values, or a text; `count` and `offset` may lie. */
export interface ITag {
  readonly tag: number;
  /** Field type: 2 text, 3 SHORT, 4 LONG, 16 LONG8. */
  readonly type: 2 | 3 | 4 | 16;
  readonly values: readonly number[] | string | Uint8Array;
  readonly count?: number;
  /** Where the values are said to be, instead of behind the directory. */
  readonly offset?: number;
}

export interface ITiffOptions {
  readonly big?: boolean;
  readonly little?: boolean;
  /** Offset that the last directory names as the next one. */
  readonly last?: number;
  /** Bytes between two directories, so that they do not come with one read. */
  readonly gap?: number;
}

const SIZES: Readonly<Record<number, number>> = { 2: 1, 3: 2, 4: 4, 16: 8 };

/** Offset at which the pixels of a file lie: behind the header. */
export function pixelsAt({ big = false }: ITiffOptions = {}): number {
  return big ? 16 : 8;
}

/**
 * A TIFF file byte by byte, right or wrong: the header, `pixels`, then each directory followed by its values, in a chain.
 * Gives the offsets of the directories as well; `tags` may use those of earlier files of the same sizes.
 */
export function tiffBytes(
  directories: readonly (readonly ITag[])[],
  pixels: Uint8Array,
  options: ITiffOptions = {}
): { bytes: Uint8Array; offsets: number[] } {
  const { big = false, little = true, last = 0, gap = 0 } = options;
  const [countBytes, entryBytes, offsetBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const lengths = directories.map(tags => countBytes + tags.length * entryBytes + offsetBytes);
  const values = directories.map(tags => tags.map(tag => valueBytes(tag, little)));
  const offsets: number[] = [];
  let end = pixelsAt(options) + pixels.length;
  directories.forEach((_, i) => {
    end += end % 2;
    offsets.push(end);
    end += lengths[i] + values[i].reduce((sum, bytes) => sum + bytes.length + 8, 0) + gap;
  });
  const out = new Uint8Array(end);
  const view = new DataView(out.buffer);
  const number = (at: number, value: number, size: number): void =>
    size === 8
      ? view.setBigUint64(at, BigInt(value), little)
      : size === 4
        ? view.setUint32(at, value, little)
        : view.setUint16(at, value, little);
  out.set(little ? [0x49, 0x49] : [0x4d, 0x4d]);
  number(2, big ? 43 : 42, 2);
  if (big) {
    number(4, 8, 2);
  }
  number(big ? 8 : 4, offsets[0] ?? last, offsetBytes);
  out.set(pixels, pixelsAt(options));
  directories.forEach((tags, i) => {
    const start = offsets[i] + countBytes;
    number(offsets[i], tags.length, countBytes);
    let free = offsets[i] + lengths[i] + 2;
    tags.forEach(({ tag, type, count, offset }, k) => {
      const at = start + k * entryBytes;
      const bytes = values[i][k];
      number(at, tag, 2);
      number(at + 2, type, 2);
      number(at + 4, count ?? bytes.length / SIZES[type], big ? 8 : 4);
      const place = at + (big ? 12 : 8);
      if (offset !== undefined) {
        number(place, offset, offsetBytes);
      } else if (bytes.length <= offsetBytes) {
        out.set(bytes, place);
      } else {
        number(place, free, offsetBytes);
        out.set(bytes, free);
        free += bytes.length;
      }
    });
    number(start + tags.length * entryBytes, offsets[i + 1] ?? last, offsetBytes);
  });
  return { bytes: out, offsets };
}

function valueBytes({ type, values }: ITag, little: boolean): Uint8Array {
  if (typeof values === 'string') {
    return new TextEncoder().encode(`${values}\0`);
  }
  if (values instanceof Uint8Array) {
    return values;
  }
  const size = SIZES[type];
  const view = new DataView(new ArrayBuffer(values.length * size));
  values.forEach((value, i) => {
    if (size === 8) {
      view.setBigUint64(i * 8, BigInt(value), little);
    } else if (size === 4) {
      view.setUint32(i * 4, value, little);
    } else if (size === 2) {
      view.setUint16(i * 2, value, little);
    } else {
      view.setUint8(i, value);
    }
  });
  return new Uint8Array(view.buffer);
}

/** Tags of a grey image of 8 bits in one strip at the pixels' place; `more` replaces or adds. */
export function greyTags(
  width: number,
  height: number,
  more: readonly ITag[] = [],
  options: ITiffOptions = {}
): ITag[] {
  const tags: ITag[] = [
    { tag: 256, type: 4, values: [width] },
    { tag: 257, type: 4, values: [height] },
    { tag: 258, type: 3, values: [8] },
    { tag: 259, type: 3, values: [1] },
    { tag: 262, type: 3, values: [1] },
    { tag: 273, type: 4, values: [pixelsAt(options)] },
    { tag: 277, type: 3, values: [1] },
    { tag: 278, type: 4, values: [height] },
    { tag: 279, type: 4, values: [width * height] }
  ];
  const replaced = new Set(more.map(({ tag }) => tag));
  return [...tags.filter(({ tag }) => !replaced.has(tag)), ...more].sort((a, b) => a.tag - b.tag);
}
