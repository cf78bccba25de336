import { integerRange, type DataType } from '../ngff';
import { typedValues } from './values';

const LOW = 0.001; // share of the values below the lower limit
const HIGH = 0.999; // share of the values up to the upper limit
const SAMPLE = 1 << 16; // values looked at: sorting them takes some 5 ms, and four channels may come together

/** Values of one plane, or part of it, that are in the store: little-endian words of the type. */
export interface ISample {
  readonly words: ArrayBufferView;
  /** Chunks that are not there count for nothing; null = all values count. */
  readonly present: ((index: number) => boolean) | null;
}

/**
 * Contrast limits [low, high], low < high, both finite:
 *
 * 1. Booleans: [0, 1].
 * 2. The 0.1 and 99.9 percentiles of all finite values that are there; of at most 65,536 of them, evenly spaced.
 * 3. Where these are equal (a few bright spots on an even ground), the smallest and the largest of all of them.
 * 4. Where these are equal too, v ± |v|, so that an even plane is an even grey and not the black of nothing (within what an
 *    unsigned type holds: a white one stays white); of zeros [0, 1].
 * 5. Nothing there at all: [0, 1].
 *
 * Negative values are kept as they are; 64-bit integers are rounded to doubles, for display only.
 */
export function contrastLimits(samples: readonly ISample[], dtype: DataType): [number, number] {
  if (dtype === 'bool') {
    return [0, 1];
  }
  const values = collect(samples, dtype);
  if (values.length === 0) {
    return [0, 1];
  }
  values.sort(); // typed arrays sort by value
  const at = (share: number): number => values[Math.round(share * (values.length - 1))];
  const [low, high] = [at(LOW), at(HIGH)];
  if (low < high) {
    return [low, high];
  }
  // A single bright spot may lie between the values looked at.
  const [least, most] = extremes(samples, dtype);
  if (least < most) {
    return [least, most];
  }
  const reach = least === 0 ? 1 : Math.abs(least);
  if (!Number.isFinite(2 * reach)) {
    return least > 0 ? [0, least] : [least, 0];
  }
  const top = dtype.startsWith('uint') ? Number(integerRange(dtype)[1]) : Infinity;
  return least === 0 ? [0, 1] : [least - reach, Math.min(least + reach, top)];
}

/** Smallest and largest finite value of all that are there. */
function extremes(samples: readonly ISample[], dtype: DataType): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const { words, present } of samples) {
    const values = typedValues(words, dtype);
    for (let i = 0; i < values.length; i++) {
      const value = Number(values[i]);
      if ((value < least || value > most) && Number.isFinite(value) && (present === null || present(i))) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
  }
  return [least, most];
}

function collect(samples: readonly ISample[], dtype: DataType): Float64Array {
  const parts = samples.map(({ words, present }) => ({ values: typedValues(words, dtype), present }));
  const total = parts.reduce((sum, { values }) => sum + values.length, 0);
  // Odd: a step that divides the width would look at the same columns only.
  const step = Math.ceil(total / SAMPLE) | 1;
  const out = new Float64Array(Math.ceil(total / step) + parts.length);
  let count = 0;
  for (const { values, present } of parts) {
    for (let i = 0; i < values.length; i += step) {
      const value = Number(values[i]);
      if (Number.isFinite(value) && (present === null || present(i))) {
        out[count++] = value;
      }
    }
  }
  return out.slice(0, count);
}
