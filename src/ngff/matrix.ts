/** An affine map of n coordinates: n rows of n + 1 numbers, the last one being the shift. */
export type Matrix = readonly (readonly number[])[];

/** Coordinates as they are. */
export function identity(rank: number): number[][] {
  return diagonal(new Array<number>(rank).fill(1));
}

/** Axis i times `scale[i]`. */
export function diagonal(scale: readonly number[]): number[][] {
  return scale.map((factor, i) => [...scale.map((_, k) => (k === i ? factor : 0)), 0]);
}

/** `later` after `earlier`; both of the same rank. */
export function compose(later: Matrix, earlier: Matrix): number[][] {
  const rank = later.length;
  return later.map(row =>
    Array.from(
      { length: rank + 1 },
      (_, k) => (k === rank ? row[rank] : 0) + earlier.reduce((sum, inner, i) => sum + row[i] * inner[k], 0)
    )
  );
}

/** Length of one pixel along each axis in the units of the world: the norms of the columns. */
export function columnNorms(matrix: Matrix): number[] {
  return matrix.map((_, k) => Math.hypot(...matrix.map(row => row[k])));
}

/** Finite, and every axis is of a size that can be divided by. */
export function isUsable(matrix: Matrix, most: number): boolean {
  return (
    matrix.every(row => row.every(value => Math.abs(value) < most)) &&
    columnNorms(matrix).every(norm => norm > 1 / most && norm < most)
  );
}

/** The inverse, by elimination with pivots on rows of equal length; `null` where axes collapse. */
export function invert(matrix: Matrix): number[][] | null {
  const rank = matrix.length;
  const norms = columnNorms(matrix);
  // Columns of length 1, so that micrometres beside milliseconds do not look like a singular matrix.
  const rows = matrix.map((row, i) => [...norms.map((norm, k) => row[k] / norm), ...identity(rank)[i].slice(0, rank)]);
  for (let column = 0; column < rank; column++) {
    const pivot = rows.reduce(
      (best, row, i) => (i >= column && Math.abs(row[column]) > Math.abs(rows[best][column]) ? i : best),
      column
    );
    if (!(Math.abs(rows[pivot][column]) > 1e-9)) {
      return null;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const factor = rows[column][column];
    rows[column] = rows[column].map(value => value / factor);
    rows.forEach((row, i) => {
      const times = row[column];
      if (i !== column && times !== 0) {
        rows[i] = row.map((value, k) => value - times * rows[column][k]);
      }
    });
  }
  const linear = rows.map((row, i) => row.slice(rank).map(value => value / norms[i]));
  return linear.map(row => [...row, -row.reduce((sum, value, k) => sum + value * matrix[k][rank], 0)]);
}

/** Whether axes stay axes: beside the diagonal there is nothing, measured against it. */
export function isDiagonal(matrix: Matrix, tolerance = 1e-6): boolean {
  return matrix.every((row, i) =>
    row.every((value, k) => k === i || k === matrix.length || Math.abs(value) <= tolerance * Math.abs(row[i]))
  );
}
