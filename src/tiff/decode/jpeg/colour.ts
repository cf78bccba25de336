import type { IComponent, IFrame } from './frame';

/** Samples of a component at the size of the picture, row by row. */
type Rows = (row: number) => Uint8ClampedArray;

/**
 * The rows of a component, enlarged where it has fewer samples than the picture. Halved components are interpolated by the
 * triangle filter with the rounding of libjpeg ("fancy upsampling"), others are repeated, as libjpeg does.
 */
export function enlarged(component: IComponent, frame: IFrame): Rows {
  const { h, v, stride, plane } = component;
  const [fx, fy] = [frame.maxH / h, frame.maxV / v];
  const width = Math.ceil((frame.width * h) / frame.maxH);
  const height = Math.ceil((frame.height * v) / frame.maxV);
  const source = (row: number): Uint8ClampedArray => {
    const start = Math.max(0, Math.min(height - 1, row)) * stride * 8;
    return plane.subarray(start, start + width);
  };
  if (fx === 1 && fy === 1) {
    return source;
  }
  const out = new Uint8ClampedArray(Math.ceil(width * Math.max(fx, 1)) + 1);
  const neighbour = (row: number): number => (row % 2 === 0 ? -1 : 1);
  if (fx === 1 && fy === 2) {
    return row => between(source(row >> 1), source((row >> 1) + neighbour(row)), row % 2 === 0 ? 1 : 2, out);
  }
  if (fx === 2 && fy === 1 && width > 2) {
    return row => widened(source(row), out);
  }
  if (fx === 2 && fy === 2 && width > 2) {
    const sums = new Int32Array(width);
    return row => {
      const [near, far] = [source(row >> 1), source((row >> 1) + neighbour(row))];
      for (let i = 0; i < width; i++) {
        sums[i] = near[i] * 3 + far[i];
      }
      return widenedSums(sums, out);
    };
  }
  return row => {
    const from = source(Math.floor(row / fy));
    for (let x = 0; x < frame.width; x++) {
      out[x] = from[Math.floor(x / fx)];
    }
    return out;
  };
}

function between(
  near: Uint8ClampedArray,
  far: Uint8ClampedArray,
  bias: number,
  out: Uint8ClampedArray
): Uint8ClampedArray {
  for (let i = 0; i < near.length; i++) {
    out[i] = (near[i] * 3 + far[i] + bias) >> 2;
  }
  return out;
}

function widened(from: Uint8ClampedArray, out: Uint8ClampedArray): Uint8ClampedArray {
  const last = from.length - 1;
  for (let i = 0; i <= last; i++) {
    out[2 * i] = i === 0 ? from[0] : (from[i] * 3 + from[i - 1] + 1) >> 2;
    out[2 * i + 1] = i === last ? from[last] : (from[i] * 3 + from[i + 1] + 2) >> 2;
  }
  return out;
}

function widenedSums(sums: Int32Array, out: Uint8ClampedArray): Uint8ClampedArray {
  const last = sums.length - 1;
  for (let i = 0; i <= last; i++) {
    out[2 * i] = i === 0 ? (sums[0] * 4 + 8) >> 4 : (sums[i] * 3 + sums[i - 1] + 8) >> 4;
    out[2 * i + 1] = i === last ? (sums[last] * 4 + 7) >> 4 : (sums[i] * 3 + sums[i + 1] + 7) >> 4;
  }
  return out;
}

const half = 1 << 15;
/** Parts of the colours by a chroma value, as whole numbers of 2^-16 (JFIF 1.02; rounding of libjpeg). */
const chroma = (factor: number): Int32Array =>
  Int32Array.from({ length: 256 }, (_, i) => Math.round(factor * 65536) * (i - 128));
const redOfCr = chroma(1.402).map(value => (value + half) >> 16);
const blueOfCb = chroma(1.772).map(value => (value + half) >> 16);
const greenOfCr = chroma(-0.71414);
const greenOfCb = chroma(-0.34414).map(value => value + half);

/** Turns a row of luma and two chroma values into red, green and blue. */
export function toRgb(rows: readonly Uint8ClampedArray[], width: number, out: Uint8ClampedArray, at: number): void {
  const [luma, cb, cr] = rows;
  for (let x = 0, to = at; x < width; x++, to += 3) {
    out[to] = luma[x] + redOfCr[cr[x]];
    out[to + 1] = luma[x] + ((greenOfCb[cb[x]] + greenOfCr[cr[x]]) >> 16);
    out[to + 2] = luma[x] + blueOfCb[cb[x]];
  }
}
