/** How cells of one size are laid out in rows, in CSS pixels; style/study.css draws them as high. */
export interface ILayout {
  readonly count: number;
  readonly columns: number;
  readonly rowHeight: number;
}

/** How far beyond either edge of what is visible rows are drawn, in CSS pixels. */
const OVERSCAN = 200;

/** Narrowest picture tile, in narrow and in wide panels. */
const TILE = 84;
const WIDE_TILE = 128;
/** Width from which tiles are the wide ones: more of them would be small pictures far apart. */
const WIDE = 480;
/** Most columns, so that a panel over a whole screen keeps its rows few. */
const MAX_COLUMNS = 12;

/** How many picture tiles stand side by side. */
export function columnsFor(width: number): number {
  return Math.min(MAX_COLUMNS, Math.max(1, Math.floor(width / (width < WIDE ? TILE : WIDE_TILE))));
}

export function rowsIn({ count, columns }: ILayout): number {
  return Math.ceil(count / columns);
}

/** Rows to draw for a list scrolled to `scroll` in a box of `height`: first and last, the latter exclusive. */
export function rowWindow(layout: ILayout, scroll: number, height: number): readonly [first: number, last: number] {
  const rows = rowsIn(layout);
  const first = Math.min(rows, Math.max(0, Math.floor((scroll - OVERSCAN) / layout.rowHeight)));
  const last = Math.min(rows, Math.ceil((scroll + height + OVERSCAN) / layout.rowHeight));
  return [first, Math.max(first, last)];
}

/** A key as far as moving among cells needs it. */
export interface IKey {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/**
 * The cell that a key leads to from `index`; -1 is above the first row, `null` any other key. In a single column left and
 * right are free for the buttons of a row.
 */
export function keyTarget(event: IKey, index: number, layout: ILayout, height: number): number | null {
  const { count, columns, rowHeight } = layout;
  if (event.altKey || event.metaKey) {
    return null;
  }
  const last = count - 1;
  const rowStart = index - (index % columns);
  const page = Math.max(1, Math.floor(height / rowHeight) - 1) * columns;
  switch (event.key) {
    case 'ArrowDown':
      // The last row may be shorter: down from above its gap goes to its end.
      return index + columns <= last ? index + columns : rowStart + columns <= last ? last : index;
    case 'ArrowUp':
      return index - columns < 0 ? -1 : index - columns;
    case 'ArrowRight':
      return columns === 1 ? null : Math.min(last, index + 1);
    case 'ArrowLeft':
      return columns === 1 ? null : Math.max(0, index - 1);
    case 'PageDown':
      return Math.min(last, index + page);
    case 'PageUp':
      return Math.max(0, index - page);
    case 'Home':
      return event.ctrlKey || columns === 1 ? 0 : rowStart;
    case 'End':
      return event.ctrlKey || columns === 1 ? last : Math.min(last, rowStart + columns - 1);
    default:
      return null;
  }
}
