/** Height of a row and of the heading above the first row of a group, in CSS pixels; browser.css has the same numbers. */
export const ROW = 44;
export const HEADING = 28;
/** Rows drawn beyond either edge of what is visible. */
const OVERSCAN = 6;

/** Where rows stand, and which of them are near the visible part of the list. */
export interface IWindow {
  /** Top of each row; one more entry is the whole height. */
  readonly tops: readonly number[];
  readonly first: number;
  /** Exclusive. */
  readonly last: number;
}

/** Tops of rows of which some carry a heading. */
export function topsOf(headings: readonly boolean[]): number[] {
  const tops = [0];
  for (const heading of headings) {
    tops.push(tops[tops.length - 1] + ROW + (heading ? HEADING : 0));
  }
  return tops;
}

/** The last row whose top is at or above `y`, by bisection. */
function rowAt(tops: readonly number[], y: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle] <= y) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/** The rows to draw for a list scrolled to `scroll` in a box of `height` pixels. */
export function windowOf(tops: readonly number[], scroll: number, height: number): IWindow {
  const count = tops.length - 1;
  const first = Math.max(0, Math.min(rowAt(tops, scroll), count) - OVERSCAN);
  const last = Math.min(count, rowAt(tops, scroll + height) + 1 + OVERSCAN);
  return { tops, first, last };
}
