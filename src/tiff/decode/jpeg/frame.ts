import { BioImageError, say } from '../../../core';
import { damaged } from '../unpack';
import { buildHuffman, type IHuffman } from './bits';
import { ZIGZAG } from './idct';

/** One component of a frame. */
export interface IComponent {
  readonly id: number;
  /** Sampling factors. */
  readonly h: number;
  readonly v: number;
  readonly table: number;
  /** Blocks that hold samples, along x and y. */
  readonly across: number;
  readonly down: number;
  /** Blocks in a row and a column of the plane, which whole MCUs fill. */
  readonly stride: number;
  readonly height: number;
  /** Samples, `stride` × 8 in a row. */
  readonly plane: Uint8ClampedArray;
  /** Coefficients of a progressive frame, in natural order; empty for a sequential one. */
  readonly coefficients: Int16Array;
  /** Quantisation steps, as they stood at the first scan of the component. */
  steps: Uint16Array | undefined;
  predictor: number;
}

/** Size and components of a picture. */
export interface IFrame {
  readonly progressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly maxH: number;
  readonly maxV: number;
  /** MCUs along x and y. */
  readonly mcusAcross: number;
  readonly mcusDown: number;
  readonly components: readonly IComponent[];
}

/** What markers have set so far; tables of a TIFF directory are read into it first. */
export interface ITables {
  readonly steps: (Uint16Array | undefined)[];
  readonly dc: (IHuffman | undefined)[];
  readonly ac: (IHuffman | undefined)[];
  /** MCUs between two restart markers; 0 = none. */
  restart: number;
  /** The file says it is JFIF: colours are YCbCr. */
  jfif: boolean;
  /** Adobe's marker: 0 no transformation, 1 YCbCr. */
  adobe: number | undefined;
}

/** Tables before the first segment: none is defined. */
export function emptyTables(): ITables {
  return { steps: [], dc: [], ac: [], restart: 0, jfif: false, adobe: undefined };
}

/** Reads a quantisation segment (T.81, B.2.4.1). */
export function readSteps(segment: Uint8Array, tables: ITables): void {
  for (let at = 0; at < segment.length;) {
    const head = segment[at++];
    const wide = head >> 4 === 0 ? 1 : 2;
    if (at + 64 * wide > segment.length) {
      throw damaged(say`a quantisation table of its JPEG data is cut off`);
    }
    const steps = new Uint16Array(64);
    for (let i = 0; i < 64; i++, at += wide) {
      steps[ZIGZAG[i]] = wide === 1 ? segment[at] : (segment[at] << 8) | segment[at + 1];
    }
    tables.steps[head & 3] = steps;
  }
}

/** Reads a segment of Huffman tables (T.81, B.2.4.2). */
export function readHuffman(segment: Uint8Array, tables: ITables): void {
  for (let at = 0; at + 17 <= segment.length;) {
    const head = segment[at];
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const values = segment.subarray(at + 17, at + 17 + total);
    if (values.length < total || total > 256) {
      throw damaged(say`a Huffman table of its JPEG data is cut off`);
    }
    (head >> 4 === 0 ? tables.dc : tables.ac)[head & 3] = buildHuffman(counts, values);
    at += 17 + total;
  }
}

/**
 * Reads a frame header (T.81, B.2.2). Nothing is allocated before the size is found to fit.
 *
 * @param most - columns and rows that are expected at most, and the number of components
 */
export function readFrame(
  segment: Uint8Array,
  progressive: boolean,
  most: { columns: number; rows: number; samples: number }
): IFrame {
  const [height, width] = [(segment[1] << 8) | segment[2], (segment[3] << 8) | segment[4]];
  const count = segment[5];
  if (segment[0] !== 8) {
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: JPEG of ${segment[0]} bits.`);
  }
  if (count !== most.samples || segment.length < 6 + 3 * count) {
    throw damaged(say`its JPEG data has ${count} components where ${most.samples} are expected`);
  }
  if (width < 1 || height < 1 || width > most.columns || height > most.rows) {
    throw damaged(say`its JPEG data has ${width} × ${height} pixels where ${most.columns} × ${most.rows} are expected`);
  }
  const heads = Array.from({ length: count }, (_, i) => segment.subarray(6 + 3 * i, 9 + 3 * i));
  const factors = heads.map(head => ({ h: head[1] >> 4, v: head[1] & 15 }));
  if (factors.some(({ h, v }) => h < 1 || h > 4 || v < 1 || v > 4)) {
    throw damaged(say`its JPEG data has impossible sampling factors`);
  }
  const [maxH, maxV] = [Math.max(...factors.map(({ h }) => h)), Math.max(...factors.map(({ v }) => v))];
  const [mcusAcross, mcusDown] = [Math.ceil(width / (8 * maxH)), Math.ceil(height / (8 * maxV))];
  const components = factors.map(({ h, v }, i): IComponent => {
    const [stride, rows] = [mcusAcross * h, mcusDown * v];
    return {
      id: heads[i][0],
      h,
      v,
      table: heads[i][2] & 3,
      across: Math.ceil(Math.ceil((width * h) / maxH) / 8),
      down: Math.ceil(Math.ceil((height * v) / maxV) / 8),
      stride,
      height: rows,
      plane: new Uint8ClampedArray(stride * rows * 64),
      coefficients: new Int16Array(progressive ? stride * rows * 64 : 0),
      steps: undefined,
      predictor: 0
    };
  });
  return { progressive, width, height, maxH, maxV, mcusAcross, mcusDown, components };
}
