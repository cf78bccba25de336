import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Anchor } from './anchor';
import type { IFace } from './face';
import { faceOf } from './face';
import type { Favourites } from './favourites';
import { moveInRow, target } from './listkeys';
import type { IRowActions } from './row';
import { Row } from './row';
import type { IRow, RowList } from './rows';
import type { IListView } from './search';
import { windowOf } from './virtual';

/** Height assumed until the list has been measured, in CSS pixels. */
const FIRST_HEIGHT = 800;

/** What the panel does to the list from outside. */
export interface IResultsHandle {
  /** Moves the focus to the row that Tab would reach. */
  focus: () => void;
}

/** What the list is drawn from. */
export interface IResultsProps {
  list: RowList;
  /** Another number for each question. */
  serial: number;
  view: IListView;
  /** Rows may still come by themselves. */
  isSearching: boolean;
  favourites: Favourites;
  trans: TranslationBundle;
  handle: React.Ref<IResultsHandle>;
  actions: Omit<IRowActions, 'focus'>;
  onFavourite: (face: IFace) => void;
  /** Up from the first row. */
  onLeave: () => void;
  /** To the folder above. */
  onUp: () => void;
  onEscape: () => void;
  onMore: (source: string) => void;
  onScrolled: () => void;
}

/** Height of an element, kept as it changes. */
function useHeight(ref: React.RefObject<HTMLElement>): number {
  const [height, setHeight] = React.useState(FIRST_HEIGHT);
  React.useEffect(() => {
    const node = ref.current;
    if (node === null) {
      return;
    }
    const observer = new ResizeObserver(() => setHeight(node.clientHeight || FIRST_HEIGHT));
    observer.observe(node);
    return () => observer.disconnect();
  }, [ref]);
  return height;
}

/** Scrolls as little as shows the part between `top` and `bottom`. */
function reveal(node: HTMLElement, top: number, bottom: number, height: number): void {
  if (top < node.scrollTop) {
    node.scrollTop = top;
  } else if (bottom > node.scrollTop + height) {
    node.scrollTop = bottom - height;
  }
}

/** The source whose next page belongs at the end of the list, where that is in sight and may be asked for. */
function sourceAtEnd(list: RowList, last: number): string | null {
  const row: IRow | null = last === list.count && last > 0 ? list.at(last - 1).row : null;
  return row?.kind === 'more' && row.status === 'ready' ? row.source : null;
}

/** Where the list stands, and what it takes to keep it there; a scroll draws anew only when other rows come into view. */
function useScroll(props: IResultsProps, box: React.RefObject<HTMLDivElement>, height: number) {
  const { list, view, serial } = props;
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  const [anchor] = React.useState(() => new Anchor());
  const drawn = windowOf(list, view.scroll, height);
  React.useLayoutEffect(() => {
    if (box.current !== null) {
      const { scroll } = view;
      const { isAbove } = anchor;
      anchor.follow(box.current, list, view, serial, height, !props.isSearching);
      if (scroll !== view.scroll || isAbove !== anchor.isAbove) {
        redraw();
      }
    }
  }, [anchor, box, list, view, serial, height, props.isSearching]);
  const onScroll = (): void => {
    const { isAbove } = anchor;
    if (box.current === null || !anchor.scrolled(box.current, list, view)) {
      return;
    }
    const { first, last } = windowOf(list, view.scroll, height);
    if (first !== drawn.first || last !== drawn.last || isAbove !== anchor.isAbove) {
      redraw();
    }
    const source = view.scroll > 0 ? sourceAtEnd(list, last) : null;
    if (source !== null) {
      props.onMore(source);
    }
    props.onScrolled();
  };
  return { anchor, drawn, onScroll, redraw };
}

/** One row is reached by Tab; keys move from row to row, and from the first one back to the search box. */
function useFocus(props: IResultsProps, box: React.RefObject<HTMLDivElement>, height: number, redraw: () => void) {
  const { list, view } = props;
  // Set by a key: the focus follows once the row has been drawn. A click has moved it already.
  const [wanted, setWanted] = React.useState(0);
  const active = view.chosen === null ? 0 : list.nearest(view.chosen);
  React.useEffect(() => {
    if (wanted > 0) {
      box.current?.querySelector<HTMLElement>(`[data-index="${active}"] .jp-BioImageBrowser-open`)?.focus();
    }
    // Only a key asks for the focus; `wanted` counts them.
    // The row is looked up when the effect runs, so a change of `active` alone does not matter.
  }, [wanted]);
  // Where a row goes that had the focus (a favourite that is one no more), the focus goes to its neighbour.
  const focused = React.useRef<HTMLElement | null>(null);
  React.useLayoutEffect(() => {
    if (focused.current?.isConnected === false && document.activeElement === document.body) {
      box.current?.querySelector<HTMLElement>(`[data-index="${active}"] .jp-BioImageBrowser-open`)?.focus();
    }
  }, [box, list, active]);
  const latest = React.useRef(list);
  latest.current = list;
  const choose = React.useCallback(
    (index: number): void => {
      view.chosen = latest.current.slot(index);
      redraw();
    },
    [view, redraw]
  );
  const moveTo = (index: number): void => {
    if (index < 0 || box.current === null) {
      props.onLeave();
      return;
    }
    reveal(box.current, list.top(index), list.top(index + 1), height);
    choose(index);
    setWanted(count => count + 1);
  };
  React.useImperativeHandle(props.handle, () => ({ focus: () => list.count > 0 && moveTo(active) }));
  return { active, choose, moveTo, focused };
}

/**
 * The list of results. Only the rows near the visible part are in the page, and the one that has the focus; drawing costs
 * the same whatever the number of rows.
 */
export function Results(props: IResultsProps): JSX.Element {
  const { list, trans, favourites } = props;
  const box = React.useRef<HTMLDivElement>(null);
  const height = useHeight(box);
  const { anchor, drawn, onScroll, redraw } = useScroll(props, box, height);
  const { active, choose, moveTo, focused } = useFocus(props, box, height, redraw);
  const actions = React.useMemo(() => ({ ...props.actions, focus: choose }), [props.actions, choose]);
  // The row that Tab reaches is always in the page, else the focus would be lost by scrolling.
  const indices = Array.from({ length: drawn.last - drawn.first }, (_, offset) => drawn.first + offset);
  if (list.count > 0 && (active < drawn.first || active >= drawn.last)) {
    indices.push(active);
  }

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const to = list.count === 0 ? null : target(event, active, list.count, height);
    if (to !== null) {
      moveTo(to);
    } else if (event.key === 'Backspace') {
      props.onUp();
    } else if (event.key === 'Escape') {
      props.onEscape();
    } else if (event.key === 's' && !event.altKey && !event.ctrlKey && !event.metaKey) {
      props.onFavourite(faceOf(list.at(active).row, trans));
    } else if (!moveInRow(event)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  // Whoever touches the list looks at it: late answers do not move it any more.
  const touch = (): void => anchor.touch();

  return (
    <div
      className={`jp-BioImageBrowser-scroll${list.count === 0 ? ' jp-mod-empty' : ''}`}
      ref={box}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onFocus={event => {
        focused.current = event.target;
        touch();
      }}
      onPointerDown={touch}
      onPointerMove={touch}
      onWheel={touch}
    >
      {anchor.isAbove ? (
        <div className="jp-BioImageBrowser-above">
          <button onClick={() => box.current?.scrollTo?.({ top: 0 })}>{trans.__('More results above')}</button>
        </div>
      ) : null}
      <div
        role="list"
        aria-label={trans.__('Results')}
        className="jp-BioImageBrowser-list"
        style={{ height: `${list.height}px` }}
      >
        {indices.map(index => {
          const { row, heading, top } = list.at(index);
          const { target: marked } = faceOf(row, trans);
          return (
            <Row
              key={row.key}
              row={row}
              trans={trans}
              index={index}
              count={list.count}
              top={top}
              heading={heading}
              active={index === active}
              favourite={marked !== null && favourites.has(marked)}
              actions={actions}
            />
          );
        })}
      </div>
    </div>
  );
}
