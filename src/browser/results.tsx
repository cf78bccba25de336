import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { cleanText } from '../core';
import { Row } from './row';
import type { IRow } from './rows';
import { ROW, topsOf, windowOf } from './virtual';

/** Height assumed until the list has been measured, in CSS pixels. */
const FIRST_HEIGHT = 800;

/** What the panel does to the list from outside. */
export interface IResultsHandle {
  /** Moves the focus to the row that Tab would reach. */
  focus: () => void;
}

/** What the list is drawn from. */
export interface IResultsProps {
  rows: readonly IRow[];
  trans: TranslationBundle;
  handle: React.Ref<IResultsHandle>;
  onOpen: (row: IRow) => void;
  onMenu: (uri: string, anchor: HTMLElement) => void;
  /** Up from the first row. */
  onLeave: () => void;
  /** To the folder above. */
  onUp: () => void;
}

/** The heading of a row's group, said once above its first row. */
function headingOf(rows: readonly IRow[], index: number, trans: TranslationBundle): string | null {
  const row = rows[index];
  if (index > 0 && rows[index - 1].group === row.group) {
    return null;
  }
  switch (row.group) {
    case 'address':
      return trans.__('Open this address');
    case 'roots':
      return trans.__('Stores of this session');
    case 'recent':
      return trans.__('Recent images');
    default:
      return cleanText(row.label ?? row.group);
  }
}

/** The row that a key leads to from `index`: -1 is above the first one, null is any other key. */
function target(event: React.KeyboardEvent, index: number, count: number, height: number): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey) {
    return null;
  }
  const page = Math.max(1, Math.floor(height / ROW) - 1);
  const last = count - 1;
  switch (event.key) {
    case 'ArrowDown':
      return Math.min(last, index + 1);
    case 'ArrowUp':
      return index - 1;
    case 'PageDown':
      return Math.min(last, index + page);
    case 'PageUp':
      return Math.max(0, index - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** Moves within a row: to its menu and back. True where the key was for that. */
function moveInRow(event: React.KeyboardEvent): boolean {
  const line = (event.target as HTMLElement).parentElement;
  const menu = line?.querySelector<HTMLElement>('.jp-BioImageBrowser-menu');
  if (event.key === 'ArrowLeft') {
    line?.querySelector<HTMLElement>('.jp-BioImageBrowser-open')?.focus();
    return true;
  }
  if (event.key === 'ArrowRight') {
    menu?.focus();
    return true;
  }
  if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
    menu?.click();
    return true;
  }
  return false;
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

/**
 * The list of results. Only the rows near the visible part are in the page, and the one that has the focus. One row is
 * reached by Tab; arrows move from row to row, and from the first one back to the search box.
 */
export function Results(props: IResultsProps): JSX.Element {
  const { rows, trans } = props;
  const list = React.useRef<HTMLDivElement>(null);
  const height = useHeight(list);
  const [scroll, setScroll] = React.useState(0);
  const [chosen, setChosen] = React.useState(0);
  // Set by a key: the focus follows once the row has been drawn. A click has moved it already.
  const [wanted, setWanted] = React.useState(0);
  const active = Math.max(0, Math.min(chosen, rows.length - 1));

  const headings = React.useMemo(() => rows.map((_, index) => headingOf(rows, index, trans)), [rows, trans]);
  const tops = React.useMemo(() => topsOf(headings.map(heading => heading !== null)), [headings]);
  const { first, last } = windowOf(tops, scroll, height);
  const drawn = rows.map((_, index) => index).slice(first, last);
  if (rows.length > 0 && (active < first || active >= last)) {
    drawn.push(active);
  }

  React.useEffect(() => {
    if (wanted > 0) {
      list.current?.querySelector<HTMLElement>(`[data-index="${active}"] .jp-BioImageBrowser-open`)?.focus();
    }
    // Only a key asks for the focus; `wanted` counts them.
    // The row is looked up when the effect runs, so a change of `active` alone does not matter.
  }, [wanted]);

  const moveTo = (index: number): void => {
    if (index < 0 || list.current === null) {
      props.onLeave();
      return;
    }
    reveal(list.current, tops[index], tops[index + 1], height);
    setChosen(index);
    setWanted(wanted + 1);
  };
  React.useImperativeHandle(props.handle, () => ({ focus: () => rows.length > 0 && moveTo(active) }));

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const to = target(event, active, rows.length, height);
    if (to !== null) {
      moveTo(to);
    } else if (event.key === 'Backspace') {
      props.onUp();
    } else if (!moveInRow(event)) {
      return;
    }
    event.preventDefault();
  };

  return (
    <div
      className={`jp-BioImageBrowser-scroll${rows.length === 0 ? ' jp-mod-empty' : ''}`}
      ref={list}
      onScroll={event => setScroll(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div
        role="list"
        aria-label={trans.__('Results')}
        className="jp-BioImageBrowser-list"
        style={{ height: `${tops[tops.length - 1]}px` }}
      >
        {drawn.map(index => (
          <Row
            key={rows[index].key}
            row={rows[index]}
            trans={trans}
            index={index}
            count={rows.length}
            top={tops[index]}
            heading={headings[index]}
            active={index === active}
            onOpen={props.onOpen}
            onMenu={props.onMenu}
            onFocus={setChosen}
          />
        ))}
      </div>
    </div>
  );
}
