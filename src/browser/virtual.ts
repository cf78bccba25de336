/** Height of a row and of the heading above the first row of a section, in CSS pixels; browser.css has the same numbers. */
export const ROW = 44;
export const HEADING = 28;
/** Rows drawn beyond either edge of what is visible. */
const OVERSCAN = 6;

/** What the window needs to know of a list. */
export interface IMeasured {
  readonly count: number;
  rowAt(y: number): number;
}

/** The rows to draw; `last` is exclusive. */
export interface IWindow {
  readonly first: number;
  readonly last: number;
}

/** The rows near the visible part of a list that is scrolled to `scroll` in a box of `height` pixels. */
export function windowOf(list: IMeasured, scroll: number, height: number): IWindow {
  const first = Math.max(0, list.rowAt(scroll) - OVERSCAN);
  const last = Math.min(list.count, list.rowAt(scroll + height) + 1 + OVERSCAN);
  return { first, last };
}
