/** Natural position of each coefficient in the order they are stored (ITU-T T.81, figure A.6). */
export const ZIGZAG = Uint8Array.of(
  0,
  1,
  8,
  16,
  9,
  2,
  3,
  10,
  17,
  24,
  32,
  25,
  18,
  11,
  4,
  5,
  12,
  19,
  26,
  33,
  40,
  48,
  41,
  34,
  27,
  20,
  13,
  6,
  7,
  14,
  21,
  28,
  35,
  42,
  49,
  56,
  57,
  50,
  43,
  36,
  29,
  22,
  15,
  23,
  30,
  37,
  44,
  51,
  58,
  59,
  52,
  45,
  38,
  31,
  39,
  46,
  53,
  60,
  61,
  54,
  47,
  55,
  62,
  63
);

// Rotations of the algorithm of Loeffler, Ligtenberg and Moschytz, as whole numbers of 2^-13: the same as libjpeg's, so that
// results are the same to the last bit.
const A = 2446; // 0.298631336
const B = 3196; // 0.390180644
const C = 4433; // 0.541196100
const D = 6270; // 0.765366865
const E = 7373; // 0.899976223
const F = 9633; // 1.175875602
const G = 12299; // 1.501321110
const H = 15137; // 1.847759065
const I = 16069; // 1.961570560
const J = 16819; // 2.053119869
const K = 20995; // 2.562915447
const L = 25172; // 3.072711026

const work = new Int32Array(64);

/** Whether only the first coefficient of a column is not 0. */
function isFlat(column: number): boolean {
  let others = 0;
  for (let i = column + 8; i < 64; i += 8) {
    others |= work[i];
  }
  return others === 0;
}

/** One-dimensional transform of eight values `step` apart, rounded by `shift` bits; in place. */
function pass(data: Int32Array, at: number, step: number, shift: number): void {
  const half = 1 << (shift - 1);
  const s2 = data[at + 2 * step];
  const s6 = data[at + 6 * step];
  const z = (s2 + s6) * C;
  const low = z - s6 * H;
  const high = z + s2 * D;
  const sum = (data[at] + data[at + 4 * step]) * 8192;
  const difference = (data[at] - data[at + 4 * step]) * 8192;
  const e0 = sum + high;
  const e3 = sum - high;
  const e1 = difference + low;
  const e2 = difference - low;
  const s7 = data[at + 7 * step];
  const s5 = data[at + 5 * step];
  const s3 = data[at + 3 * step];
  const s1 = data[at + step];
  const z5 = (s7 + s3 + s5 + s1) * F;
  const z1 = -(s7 + s1) * E;
  const z2 = -(s5 + s3) * K;
  const z3 = z5 - (s7 + s3) * I;
  const z4 = z5 - (s5 + s1) * B;
  const o0 = s7 * A + z1 + z3;
  const o1 = s5 * J + z2 + z4;
  const o2 = s3 * L + z2 + z3;
  const o3 = s1 * G + z1 + z4;
  data[at] = (e0 + o3 + half) >> shift;
  data[at + 7 * step] = (e0 - o3 + half) >> shift;
  data[at + step] = (e1 + o2 + half) >> shift;
  data[at + 6 * step] = (e1 - o2 + half) >> shift;
  data[at + 2 * step] = (e2 + o1 + half) >> shift;
  data[at + 5 * step] = (e2 - o1 + half) >> shift;
  data[at + 3 * step] = (e3 + o0 + half) >> shift;
  data[at + 4 * step] = (e3 - o0 + half) >> shift;
}

/**
 * Inverse DCT of one block of 8 × 8 coefficients in natural order, times their quantisation steps, to samples of 0 to 255.
 *
 * @param plane - samples of a component; the block's first is at `to`, its rows are `stride` apart
 */
export function inverseDct(
  coefficients: Int16Array,
  from: number,
  steps: Uint16Array,
  plane: Uint8ClampedArray,
  to: number,
  stride: number
): void {
  for (let i = 0; i < 64; i++) {
    work[i] = coefficients[from + i] * steps[i];
  }
  for (let column = 0; column < 8; column++) {
    if (isFlat(column)) {
      // Most columns are flat; what `pass` would make of them is known.
      const value = work[column] << 2;
      for (let i = column; i < 64; i += 8) {
        work[i] = value;
      }
    } else {
      pass(work, column, 8, 11);
    }
  }
  for (let row = 0; row < 8; row++) {
    pass(work, row * 8, 1, 18);
    for (let column = 0; column < 8; column++) {
      plane[to + row * stride + column] = work[row * 8 + column] + 128;
    }
  }
}
