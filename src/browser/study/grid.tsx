import * as React from 'react';

import type { ILayout } from './tiles';
import { keyTarget, rowsIn, rowWindow } from './tiles';

/** Size assumed until the list has been measured, in CSS pixels. */
const FIRST_SIZE = { width: 300, height: 800 };
/** Distance from the end at which more is asked for, in heights of the box. */
const NEAR = 1;

/** What the page does to the list from outside. */
export interface IGridHandle {
  /** Moves the focus to the cell that Tab would reach; false where there is none. */
  focus: () => boolean;
}

/** What the list is drawn from. */
export interface IGridProps {
  label: string;
  count: number;
  /** Columns for a width of the list in CSS pixels; one is a list. */
  columns: (width: number) => number;
  rowHeight: number;
  /** Key of an item among those of the list; it need not be unique, its place is added. */
  keyOf: (index: number) => string;
  /** Draws a cell. One of its elements has the class `jp-BioImageStudy-open`; `tabIndex` goes to all that take the focus. */
  cell: (index: number, tabIndex: 0 | -1) => JSX.Element;
  /** What stands below the last row. */
  footer?: JSX.Element | null;
  /** Where the list stands at first, in CSS pixels from its top. */
  scroll: number;
  onScroll: (scroll: number) => void;
  /** The end is near: called again for every new count. */
  onNear?: () => void;
  /** Up from the first row. */
  onLeave: () => void;
  /** Back to where the page was opened from. */
  onBack: () => void;
  handle?: React.Ref<IGridHandle>;
}

/** Size of an element, kept as it changes. */
function useSize(ref: React.RefObject<HTMLElement>): { width: number; height: number } {
  const [size, setSize] = React.useState(FIRST_SIZE);
  React.useLayoutEffect(() => {
    const node = ref.current;
    if (node === null) {
      return;
    }
    const measure = (): void => {
      const next = { width: node.clientWidth || FIRST_SIZE.width, height: node.clientHeight || FIRST_SIZE.height };
      setSize(old => (old.width === next.width && old.height === next.height ? old : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, [ref]);
  return size;
}

/** Moves among the buttons of a cell, and opens its menu. True where the key was for that. */
function moveInCell(event: React.KeyboardEvent, columns: number): boolean {
  const cell = (event.target as HTMLElement).closest('[role="gridcell"]');
  const stops = [...(cell?.querySelectorAll<HTMLElement>('[tabindex]') ?? [])];
  const at = stops.indexOf(event.target as HTMLElement);
  if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
    stops.find(stop => stop.getAttribute('aria-haspopup') === 'menu')?.click();
    return true;
  }
  if (columns === 1 && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
    stops.at(event.key === 'ArrowRight' ? Math.min(at + 1, stops.length - 1) : Math.max(at - 1, 0))?.focus();
    return true;
  }
  return false;
}

/** Scrolls as little as shows the part between `top` and `bottom`. */
function reveal(node: HTMLElement, top: number, bottom: number, height: number): void {
  if (top < node.scrollTop) {
    node.scrollTop = top;
  } else if (bottom > node.scrollTop + height) {
    node.scrollTop = bottom - height;
  }
}

/**
 * Brings the list back to where it stood, as soon as enough rows are there. A person's own scrolling ends that, and so does
 * another question. `reach` is the farthest place that the rows of now allow; what is returned is told every scroll.
 */
function useRestoredScroll(
  node: React.RefObject<HTMLElement>,
  scroll: number,
  count: number,
  reach: number
): (top: number) => void {
  const wanted = React.useRef(scroll);
  const set = React.useRef(0);
  const rows = React.useRef(0);
  React.useLayoutEffect(() => {
    wanted.current = count < rows.current ? 0 : wanted.current;
    rows.current = count;
    if (node.current !== null && wanted.current > 0 && count > 0) {
      node.current.scrollTop = wanted.current;
      set.current = node.current.scrollTop;
      wanted.current = wanted.current <= reach ? 0 : wanted.current;
    }
  }, [node, count, reach]);
  return top => {
    // The browser cuts what was set to what there is; any other place was chosen by hand.
    wanted.current = Math.abs(top - set.current) > 1 ? 0 : wanted.current;
  };
}

/** Says that the end is near, again for every new count. */
function useNear(onNear: (() => void) | undefined, isNear: boolean, count: number): void {
  React.useEffect(() => {
    if (isNear) {
      onNear?.();
    }
  }, [isNear, count, onNear]);
}

/** Which cell Tab reaches, and moving it. */
interface IChosen {
  index: number;
  choose: (index: number) => void;
  /** The same, and the focus follows once the cell has been drawn. */
  moveTo: (index: number) => void;
}

/** The cell that Tab reaches; a new question, whose count is 0 at first, begins at the first one. */
function useChosen(node: React.RefObject<HTMLElement>, count: number): IChosen {
  const [chosen, choose] = React.useState(0);
  // Counts the keys that moved: the focus follows once the cell has been drawn. A click has moved it already.
  const [moves, setMoves] = React.useState(0);
  const index = Math.max(0, Math.min(chosen, count - 1));
  React.useEffect(() => {
    if (moves > 0) {
      node.current?.querySelector<HTMLElement>(`[data-index="${index}"] .jp-BioImageStudy-open`)?.focus();
    }
    // Only a key asks for the focus; the cell is looked up when the effect runs.
  }, [moves]);
  React.useEffect(() => {
    if (count === 0) {
      choose(0);
    }
  }, [count]);
  return {
    index,
    choose,
    moveTo(to) {
      choose(to);
      setMoves(moves + 1);
    }
  };
}

/**
 * Any number of cells of one size, of which only those near the visible part are in the page, and the one that has the
 * focus. One cell is reached by Tab; arrows move from cell to cell, and up from the first row.
 */
export function Grid(props: IGridProps): JSX.Element {
  const { count, rowHeight } = props;
  const box = React.useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const [scroll, setScroll] = React.useState(0);
  const chosen = useChosen(box, count);
  const active = chosen.index;
  const columns = props.columns(width);
  const layout: ILayout = { count, columns, rowHeight };
  const rows = rowsIn(layout);
  const activeRow = Math.floor(active / columns);
  const [first, last] = rowWindow(layout, scroll, height);
  const drawn = Array.from({ length: last - first }, (_, index) => first + index);
  if (count > 0 && (activeRow < first || activeRow >= last)) {
    drawn.push(activeRow);
  }
  const restored = useRestoredScroll(box, props.scroll, count, rows * rowHeight - height);
  useNear(props.onNear, (last + (NEAR * height) / rowHeight) * columns >= count, count);

  const moveTo = (index: number): void => {
    if (index < 0 || box.current === null) {
      return props.onLeave();
    }
    const top = Math.floor(index / columns) * rowHeight;
    reveal(box.current, top, top + rowHeight, height);
    chosen.moveTo(index);
  };
  React.useImperativeHandle(props.handle, () => ({ focus: () => count > 0 && (moveTo(active), true) }));

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if ((event.target as HTMLElement).closest('[role="gridcell"]') === null) {
      return;
    }
    const to = keyTarget(event, active, layout, height);
    if (to !== null) {
      moveTo(to);
    } else if (event.key === 'Backspace') {
      props.onBack();
    } else if (!moveInCell(event, columns)) {
      return;
    }
    event.preventDefault();
  };
  const onScroll = (event: React.UIEvent<HTMLDivElement>): void => {
    const { scrollTop } = event.currentTarget;
    setScroll(scrollTop);
    restored(scrollTop);
    props.onScroll(scrollTop);
  };

  return (
    <div className="jp-BioImageStudy-scroll" ref={box} onScroll={onScroll} onKeyDown={onKeyDown}>
      {count === 0 ? null : (
        <div
          role="grid"
          aria-label={props.label}
          aria-rowcount={rows}
          aria-colcount={columns}
          className="jp-BioImageStudy-grid"
          style={{ height: `${rows * rowHeight}px` }}
        >
          {drawn.map(row => (
            <Row key={row} row={row} layout={layout} active={active} grid={props} onFocus={chosen.choose} />
          ))}
        </div>
      )}
      {props.footer}
    </div>
  );
}

/** What a row is drawn from. */
interface IRowProps {
  row: number;
  layout: ILayout;
  active: number;
  grid: IGridProps;
  onFocus: (index: number) => void;
}

/** One row of cells. */
function Row({ row, layout, active, grid, onFocus }: IRowProps): JSX.Element {
  const { count, columns, rowHeight } = layout;
  const begin = row * columns;
  const indices = Array.from({ length: Math.min(columns, count - begin) }, (_, column) => begin + column);
  return (
    <div
      role="row"
      aria-rowindex={row + 1}
      className="jp-BioImageStudy-row"
      style={{ top: `${row * rowHeight}px`, height: `${rowHeight}px` }}
    >
      {indices.map(index => (
        <div
          key={`${index} ${grid.keyOf(index)}`}
          role="gridcell"
          aria-colindex={index - begin + 1}
          className="jp-BioImageStudy-cell"
          style={{ width: `${100 / columns}%` }}
          data-index={index}
          onFocus={() => onFocus(index)}
        >
          {grid.cell(index, index === active ? 0 : -1)}
        </div>
      ))}
    </div>
  );
}
