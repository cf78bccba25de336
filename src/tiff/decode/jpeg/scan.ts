import { say } from '../../../core';
import { damaged } from '../unpack';
import { BitReader, type IHuffman } from './bits';
import type { IComponent, IFrame, ITables } from './frame';
import { inverseDct, ZIGZAG } from './idct';

/** One component in a scan. */
interface IPart {
  readonly component: IComponent;
  readonly dc: IHuffman | undefined;
  readonly ac: IHuffman | undefined;
}

/** What a scan carries (T.81, B.2.3): coefficients of positions `from` to `to`, bits from `low` on. */
interface IBand {
  readonly from: number;
  readonly to: number;
  /** 0: the coefficients' first bits. */
  readonly high: number;
  readonly low: number;
}

type Decode = (part: IPart, block: number) => void;

/**
 * Decodes one scan and returns where its data ends.
 *
 * @param segment - the scan header, without marker and length
 * @param at - of the first byte of entropy-coded data
 */
export function decodeScan(data: Uint8Array, at: number, segment: Uint8Array, frame: IFrame, tables: ITables): number {
  const count = segment[0];
  if (count < 1 || count > 4 || segment.length < 4 + 2 * count) {
    throw damaged(say`a scan of its JPEG data is cut off`);
  }
  const parts = Array.from({ length: count }, (_, i): IPart => {
    const component = frame.components.find(({ id }) => id === segment[1 + 2 * i]);
    if (!component) {
      throw damaged(say`a scan of its JPEG data names no component`);
    }
    component.steps ??= tables.steps[component.table];
    const names = segment[2 + 2 * i];
    return { component, dc: tables.dc[(names >> 4) & 3], ac: tables.ac[names & 3] };
  });
  const [from, to, bits] = segment.subarray(1 + 2 * count);
  const band = { from, to, high: bits >> 4, low: bits & 15 };
  if (frame.progressive && (from > to || to > 63 || band.low > 13 || (from > 0 && count > 1))) {
    throw damaged(say`a scan of its JPEG data is not possible`);
  }
  const reader = new BitReader(data, at);
  const scan = frame.progressive ? new Progressive(reader, band) : new Sequential(reader);
  const decode: Decode = (part, block) => scan.block(part, block);
  run(frame, parts, tables.restart, reader, decode, () => scan.restart());
  return reader.at;
}

/** Calls `decode` for every block in the order of the data. */
function run(
  frame: IFrame,
  parts: readonly IPart[],
  interval: number,
  reader: BitReader,
  decode: Decode,
  restart: () => void
): void {
  const [first] = parts;
  const alone = parts.length === 1;
  const [across, down] = alone ? [first.component.across, first.component.down] : [frame.mcusAcross, frame.mcusDown];
  const reset = (): void => {
    parts.forEach(({ component }) => {
      component.predictor = 0;
    });
    restart();
  };
  reset();
  for (let mcu = 0; mcu < across * down; mcu++) {
    if (interval > 0 && mcu > 0 && mcu % interval === 0) {
      reader.restart();
      reset();
    }
    const [x, y] = [mcu % across, Math.floor(mcu / across)];
    if (alone) {
      decode(first, y * first.component.stride + x);
      continue;
    }
    for (const part of parts) {
      const { h, v, stride } = part.component;
      for (let i = 0; i < v; i++) {
        for (let j = 0; j < h; j++) {
          decode(part, (y * v + i) * stride + x * h + j);
        }
      }
    }
  }
}

function needed(table: IHuffman | undefined): IHuffman {
  if (!table) {
    throw damaged(say`a Huffman table of its JPEG data is missing`);
  }
  return table;
}

/** The samples of a block out of its coefficients. */
export function finishBlock(component: IComponent, coefficients: Int16Array, from: number, block: number): void {
  const { steps, stride, plane } = component;
  if (!steps) {
    throw damaged(say`a quantisation table of its JPEG data is missing`);
  }
  const to = Math.floor(block / stride) * stride * 64 + (block % stride) * 8;
  inverseDct(coefficients, from, steps, plane, to, stride * 8);
}

/** Sequential scans hold whole blocks (T.81, F.2.2), which are transformed at once. */
class Sequential {
  private readonly _reader: BitReader;
  private readonly _block = new Int16Array(64);

  constructor(reader: BitReader) {
    this._reader = reader;
  }

  block({ component, dc, ac }: IPart, block: number): void {
    const reader = this._reader;
    const [first, others] = [needed(dc), needed(ac)];
    this._block.fill(0);
    component.predictor += reader.signed(Math.min(16, reader.code(first)));
    this._block[0] = component.predictor;
    for (let k = 1; k < 64; k++) {
      const code = reader.code(others);
      const size = code & 15;
      if (size === 0) {
        if (code < 0xf0) {
          break;
        }
        k += 15;
        continue;
      }
      k += code >> 4;
      if (k > 63) {
        throw damaged(say`a block of its JPEG data is too long`);
      }
      this._block[ZIGZAG[k]] = reader.signed(size);
    }
    finishBlock(component, this._block, 0, block);
  }

  restart(): void {
    // Nothing is kept between blocks.
  }
}

/** Progressive scans hold parts of blocks (T.81, G.1.2), which add up in the component's coefficients. */
class Progressive {
  private readonly _reader: BitReader;
  private readonly _band: IBand;
  /** Blocks that have nothing more in this band. */
  private _empty = 0;

  constructor(reader: BitReader, band: IBand) {
    this._reader = reader;
    this._band = band;
  }

  block(part: IPart, block: number): void {
    const { coefficients } = part.component;
    const { from, high, low } = this._band;
    if (from === 0) {
      if (high === 0) {
        part.component.predictor += this._reader.signed(Math.min(16, this._reader.code(needed(part.dc))));
        coefficients[block * 64] = part.component.predictor << low;
      } else {
        coefficients[block * 64] |= this._reader.take(1) << low;
      }
    } else if (high === 0) {
      this._first(coefficients, block * 64, needed(part.ac));
    } else {
      this._refine(coefficients, block * 64, needed(part.ac));
    }
  }

  restart(): void {
    this._empty = 0;
  }

  private _first(coefficients: Int16Array, at: number, table: IHuffman): void {
    if (this._empty > 0) {
      this._empty -= 1;
      return;
    }
    const { from, to, low } = this._band;
    for (let k = from; k <= to; k++) {
      const code = this._reader.code(table);
      const [run, size] = [code >> 4, code & 15];
      if (size === 0 && run < 15) {
        this._empty = (1 << run) - 1 + this._reader.take(run);
        return;
      }
      k += run;
      if (size > 0) {
        if (k > 63) {
          throw damaged(say`a block of its JPEG data is too long`);
        }
        coefficients[at + ZIGZAG[k]] = this._reader.signed(size) << low;
      }
    }
  }

  private _refine(coefficients: Int16Array, at: number, table: IHuffman): void {
    const { from, to, low } = this._band;
    let k = from;
    for (; this._empty === 0 && k <= to; k++) {
      const code = this._reader.code(table);
      let run = code >> 4;
      let value = 0;
      if ((code & 15) !== 0) {
        value = this._reader.take(1) === 1 ? 1 << low : -1 << low;
      } else if (run < 15) {
        this._empty = (1 << run) + this._reader.take(run);
        break;
      }
      for (; k <= to; k++) {
        const place = at + ZIGZAG[k];
        if (coefficients[place] !== 0) {
          this._correct(coefficients, place);
        } else if (--run < 0) {
          break;
        }
      }
      if (value !== 0 && k <= to) {
        coefficients[at + ZIGZAG[k]] = value;
      }
    }
    if (this._empty > 0) {
      for (; k <= to; k++) {
        if (coefficients[at + ZIGZAG[k]] !== 0) {
          this._correct(coefficients, at + ZIGZAG[k]);
        }
      }
      this._empty -= 1;
    }
  }

  /** One more bit of a coefficient that is not 0. */
  private _correct(coefficients: Int16Array, place: number): void {
    const bit = 1 << this._band.low;
    const value = coefficients[place];
    if (this._reader.take(1) === 1 && (value & bit) === 0) {
      coefficients[place] = value + (value > 0 ? bit : -bit);
    }
  }
}
