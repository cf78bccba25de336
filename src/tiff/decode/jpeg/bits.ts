import { say } from '../../../core';
import { damaged } from '../unpack';

/** Codes that are looked up at once; longer ones, which are rare, are searched. */
const LOOKED_UP = 9;

/** A Huffman table (ITU-T T.81, annex C). */
export interface IHuffman {
  /** By the next nine bits: length of the code in the high byte, value in the low one; 0 for longer codes. */
  readonly lookup: Uint16Array;
  /** By length: the first code behind those of this length, and what to add to a code to get its value's position. */
  readonly limits: Int32Array;
  readonly offsets: Int32Array;
  readonly values: Uint8Array;
}

/** Builds a table from the number of codes of each length (1 to 16) and their values. BAD_CHUNK for impossible ones. */
export function buildHuffman(counts: Uint8Array, values: Uint8Array): IHuffman {
  const lookup = new Uint16Array(1 << LOOKED_UP);
  const limits = new Int32Array(17);
  const offsets = new Int32Array(17);
  let [code, at] = [0, 0];
  for (let length = 1; length <= 16; length++) {
    offsets[length] = at - code;
    for (let i = 0; i < counts[length - 1]; i++, code++, at++) {
      if (length <= LOOKED_UP) {
        const first = code << (LOOKED_UP - length);
        lookup.fill((length << 8) | values[at], first, first + (1 << (LOOKED_UP - length)));
      }
    }
    if (code > 1 << length) {
      throw damaged(say`a Huffman table of its JPEG data is not possible`);
    }
    limits[length] = code;
    code <<= 1;
  }
  return { lookup, limits, offsets, values };
}

/** The bits of the entropy-coded data between two markers; a byte FF is followed by 00 there. */
export class BitReader {
  /** Next byte that was not taken yet. */
  at: number;
  private readonly _data: Uint8Array;
  private _bits = 0;
  private _held = 0;
  private _missing = 0;

  constructor(data: Uint8Array, at: number) {
    this._data = data;
    this.at = at;
  }

  /** The next `count` bits, at most 16, as a number. */
  take(count: number): number {
    if (count === 0) {
      return 0;
    }
    this._fill(count);
    this._held -= count;
    this._check();
    return (this._bits >>> this._held) & ((1 << count) - 1);
  }

  /** The next code of a table. */
  code({ lookup, limits, offsets, values }: IHuffman): number {
    this._fill(16);
    const found = lookup[(this._bits >>> (this._held - LOOKED_UP)) & ((1 << LOOKED_UP) - 1)];
    if (found !== 0) {
      this._held -= found >> 8;
      this._check();
      return found & 255;
    }
    for (let length = LOOKED_UP + 1; length <= 16; length++) {
      const code = (this._bits >>> (this._held - length)) & ((1 << length) - 1);
      if (code < limits[length]) {
        this._held -= length;
        this._check();
        return values[code + offsets[length]];
      }
    }
    throw damaged(say`its JPEG data has a code that is in no table`);
  }

  /** A value of `size` bits in the form of T.81, figure F.12: the upper half positive, the lower half negative. */
  signed(size: number): number {
    const value = this.take(size);
    return size === 0 || value >= 1 << (size - 1) ? value : value - (1 << size) + 1;
  }

  /** Steps over a restart marker; what is left of the last byte is padding. */
  restart(): void {
    this._held = 0;
    this._bits = 0;
    this._missing = 0;
    if (this._data[this.at] !== 0xff || (this._data[this.at + 1] & 0xf8) !== 0xd0) {
      throw damaged(say`a restart marker of its JPEG data is missing`);
    }
    this.at += 2;
  }

  /** Behind a marker or the end there are only zeros: harmless while they are looked at, damage when they are taken. */
  private _fill(count: number): void {
    while (this._held < count) {
      let byte = this._data[this.at];
      if (byte === undefined || (byte === 0xff && this._data[this.at + 1] !== 0)) {
        byte = 0;
        this._missing += 8;
      } else {
        this.at += byte === 0xff ? 2 : 1;
      }
      this._bits = (this._bits << 8) | byte;
      this._held += 8;
    }
  }

  private _check(): void {
    if (this._held < this._missing) {
      throw damaged(say`its JPEG data ends too early`);
    }
  }
}
