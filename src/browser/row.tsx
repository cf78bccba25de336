import type { TranslationBundle } from '@jupyterlab/translation';
import { ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { cleanText, localised } from '../core';
import type { IFace } from './face';
import { faceOf } from './face';
import type { IHeading, IRow } from './rows';
import { ageText } from './words';

/** Characters of a tooltip. */
const TOOLTIP_LENGTH = 2000;

/** What a row asks for; the same object as long as the list lives, so that rows are drawn anew only when they change. */
export interface IRowActions {
  open(row: IRow): void;
  menu(face: IFace, anchor: HTMLElement): void;
  /** Absent where the application puts no code anywhere. */
  readonly insert?: (uri: string) => void;
  focus(index: number): void;
  grab(face: IFace, event: React.PointerEvent<HTMLElement>): void;
}

/** What a row is drawn from. */
export interface IRowProps {
  row: IRow;
  trans: TranslationBundle;
  index: number;
  count: number;
  /** Top of the row in the list, in CSS pixels. */
  top: number;
  /** What stands above the row, where it begins a section. */
  heading: IHeading | null;
  /** The one row that Tab reaches. */
  active: boolean;
  favourite: boolean;
  actions: IRowActions;
}

/** What people read above a section. */
function headingText(heading: IHeading, trans: TranslationBundle): string {
  switch (heading.kind) {
    case 'open':
      return trans.__('Open');
    case 'favourites':
      return trans.__('Favourites');
    case 'roots':
      return trans.__('Stores of this session');
    case 'recent':
      return trans.__('Recent images');
    case 'source':
      return cleanText(heading.label);
    default:
      return heading;
  }
}

/** The heading of a section, with a badge where its answer does not come from the service itself. */
function Heading({ heading, trans }: { heading: IHeading; trans: TranslationBundle }): JSX.Element {
  const { from, notices = [] } = heading.kind === 'source' ? heading : {};
  const told = cleanText(notices.map(notice => localised(trans, notice)).join(' · '), TOOLTIP_LENGTH);
  return (
    <div className="jp-BioImageBrowser-heading">
      <span className="jp-BioImageBrowser-headingText" title={told === '' ? undefined : told}>
        {headingText(heading, trans)}
      </span>
      {from === undefined ? null : (
        <>
          {' '}
          <span className="jp-BioImageBrowser-badge">
            {from.kind === 'recorded' ? trans.__('recorded sample') : ageText(from.age, trans)}
          </span>
        </>
      )}
    </div>
  );
}

/** The button that does what the row is for. */
function OpenButton({ face, title, ...props }: IRowProps & { face: IFace; title: string }): JSX.Element {
  const { icon: Icon, disabled = false } = face;
  const { trans, favourite, actions } = props;
  return (
    <button
      className="jp-BioImageBrowser-open"
      tabIndex={props.active ? 0 : -1}
      // Not `disabled`: the reason why it cannot be opened must be reached by the keyboard.
      aria-disabled={disabled}
      aria-keyshortcuts={face.target === null ? undefined : 's'}
      title={cleanText(face.tooltip, TOOLTIP_LENGTH)}
      onClick={() => !disabled && actions.open(props.row)}
      onFocus={() => actions.focus(props.index)}
    >
      <Icon.react tag="span" className="jp-BioImageBrowser-icon" />
      <span className="jp-BioImageBrowser-words">
        <bdi className="jp-BioImageBrowser-title">{title}</bdi>
        {face.detail === '' ? null : <bdi className="jp-BioImageBrowser-detail">{cleanText(face.detail)}</bdi>}
      </span>
      {favourite ? (
        <span className="jp-BioImageBrowser-star" role="img" aria-label={trans.__('Favourite')}>
          ★
        </span>
      ) : null}
    </button>
  );
}

/** What is done most often with an image besides looking at it. */
function InsertButton({ uri, title, ...props }: IRowProps & { uri: string; title: string }): JSX.Element | null {
  const { trans, actions } = props;
  const { insert } = actions;
  return insert === undefined ? null : (
    <button
      className="jp-BioImageBrowser-insert"
      tabIndex={props.active ? 0 : -1}
      aria-label={trans.__('Insert code for %1', title)}
      title={trans.__('Insert code that loads the image')}
      onClick={() => insert(uri)}
      onFocus={() => actions.focus(props.index)}
    >
      {'</>'}
    </button>
  );
}

/** One list item: the button that opens it, the one for code, and the menu of what else can be done with it. */
export const Row = React.memo(function Row(props: IRowProps): JSX.Element {
  const { row, trans, actions } = props;
  const face = faceOf(row, trans);
  const title = cleanText(face.title) || '–';
  return (
    <div
      role="listitem"
      // Most rows are not in the page: how many there are must be said.
      aria-setsize={props.count}
      aria-posinset={props.index + 1}
      className="jp-BioImageBrowser-item"
      style={{ top: `${props.top}px` }}
      data-index={props.index}
    >
      {props.heading === null ? null : <Heading heading={props.heading} trans={trans} />}
      <div className="jp-BioImageBrowser-line" onPointerDown={event => actions.grab(face, event)}>
        <OpenButton {...props} face={face} title={title} />
        {face.target?.kind === 'image' ? <InsertButton {...props} uri={face.target.uri} title={title} /> : null}
        {face.target === null ? null : (
          <button
            className="jp-BioImageBrowser-menu"
            tabIndex={props.active ? 0 : -1}
            aria-haspopup="menu"
            aria-label={trans.__('Actions for %1', title)}
            onClick={event => actions.menu(face, event.currentTarget)}
            onFocus={() => actions.focus(props.index)}
          >
            <ellipsesIcon.react tag="span" className="jp-BioImageBrowser-icon" />
          </button>
        )}
      </div>
    </div>
  );
});
