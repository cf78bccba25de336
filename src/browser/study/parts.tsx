import type { TranslationBundle } from '@jupyterlab/translation';
import { launchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { BioImageError } from '../../core';
import { cleanText, localised } from '../../core';
import type { IImageRecord } from '../../entities';
import { lineOf } from './line';
import { FILTER_LENGTH } from './list';
import type { StudyList } from './list';
import { safeLink } from './links';
import type { IPage } from './page';
import { fromText } from './words';

/** Characters of a dataset's title in the list of choices. */
const CHOICE_LENGTH = 60;
/** Datasets that can be chosen; more are found by the filter. */
const MAX_CHOICES = 1000;

/** A link to another site in a tab of its own, or only its words where the address is none that may be followed. */
export function OutLink({ href, children }: { href: string | undefined; children: React.ReactNode }): JSX.Element {
  const address = safeLink(href);
  return address === undefined ? (
    <>{children}</>
  ) : (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** A link that is only a picture of one. */
export function IconLink(props: { href: string | undefined; label: string; tabIndex?: 0 | -1 }): JSX.Element | null {
  const { label, tabIndex } = props;
  const address = safeLink(props.href);
  return address === undefined ? null : (
    <a
      className="jp-BioImageStudy-iconLink"
      href={address}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={label}
      title={label}
      tabIndex={tabIndex}
    >
      <launchIcon.react tag="span" className="jp-BioImageStudy-icon" />
    </a>
  );
}

/** Opens the menu of what can be done with an image. */
export function MenuButton(props: { image: IImageRecord; title: string; page: IPage; tabIndex: 0 | -1 }): JSX.Element {
  const { image, title, page, tabIndex } = props;
  return (
    <button
      type="button"
      className="jp-BioImageStudy-menu"
      tabIndex={tabIndex}
      aria-haspopup="menu"
      aria-label={page.trans.__('Actions for %1', title)}
      onClick={event => page.menu(image, event.currentTarget)}
    />
  );
}

/** What failed, what to do next, and a button that does it. */
export function Failure(props: {
  error: BioImageError | null;
  what: string;
  trans: TranslationBundle;
  onRetry: () => void;
}): JSX.Element {
  const { error, what, trans } = props;
  return (
    // A group, no alert: a failure that was there before is not to be announced again whenever a tab is shown.
    <div className="jp-BioImageStudy-failure" role="group" aria-label={what}>
      <p>
        <strong>{what}</strong> <bdi>{error ? cleanText(localised(trans, error.said.message)) : ''}</bdi>
      </p>
      {error === null ? null : <p>{cleanText(localised(trans, error.said.hint))}</p>}
      <button type="button" className="jp-BioImageStudy-button" onClick={props.onRetry}>
        {trans.__('Try again')}
      </button>
    </div>
  );
}

/** Grey bars where rows will be. */
export function Skeleton({ rows, label }: { rows: number; label: string }): JSX.Element {
  return (
    <div className="jp-BioImageStudy-skeleton">
      <span className="jp-BioImageStudy-hint">{label}</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className="jp-BioImageStudy-bone" aria-hidden="true" />
      ))}
    </div>
  );
}

/** The first of many, and a button for the others; `most` bounds what is drawn at all. */
export function Some<T>(props: {
  items: readonly T[];
  first: number;
  most: number;
  more: (count: number) => string;
  draw: (item: T, index: number) => React.ReactNode;
}): JSX.Element {
  const { items, first, most } = props;
  const [all, setAll] = React.useState(false);
  const shown = items.slice(0, all ? most : first);
  const left = items.length - shown.length;
  return (
    <>
      {shown.map(props.draw)}
      {left <= 0 ? null : all ? (
        <li className="jp-BioImageStudy-more">{props.more(left)}</li>
      ) : (
        <li className="jp-BioImageStudy-more">
          <button type="button" className="jp-BioImageStudy-textButton" onClick={() => setAll(true)}>
            {props.more(left)}
          </button>
        </li>
      )}
    </>
  );
}

/** Filters of a list: by words and by dataset. */
export function Filters<T>(props: {
  page: IPage;
  list: StudyList<T>;
  label: string;
  onDown: () => void;
  children?: React.ReactNode;
}): JSX.Element {
  const { list, label, page } = props;
  const { trans } = page;
  const datasets = page.model.details?.datasets.slice(0, MAX_CHOICES) ?? [];
  // A remembered dataset may be chosen before the study has told its title, or not exist any more.
  const isKnown = datasets.some(({ id }) => id === list.dataset);
  return (
    <div className="jp-BioImageStudy-filters">
      <input
        type="text"
        className="jp-BioImageStudy-filter"
        aria-label={label}
        placeholder={label}
        maxLength={FILTER_LENGTH}
        spellCheck={false}
        autoComplete="off"
        value={list.text}
        onChange={event => list.type(event.currentTarget.value)}
        onKeyDown={event => {
          // Escape is the field's own while there is something to take back; after that it leaves the page.
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            props.onDown();
          } else if (event.key === 'Escape' && list.text !== '') {
            event.stopPropagation();
            void list.filter({ text: '' });
          } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
            void list.filter({});
          }
        }}
      />
      {datasets.length < 2 && list.dataset === '' ? null : (
        <select
          className="jp-BioImageStudy-select"
          aria-label={trans.__('Dataset')}
          value={list.dataset}
          onChange={event => void list.filter({ dataset: event.currentTarget.value })}
        >
          <option value="">{trans.__('All datasets')}</option>
          {list.dataset === '' || isKnown ? null : (
            <option value={list.dataset}>{cleanText(list.dataset, CHOICE_LENGTH)}</option>
          )}
          {datasets.map(({ id, title }, index) => (
            <option key={`${index} ${id}`} value={id}>
              {lineOf(title, CHOICE_LENGTH) || cleanText(id, CHOICE_LENGTH)}
            </option>
          ))}
        </select>
      )}
      {props.children}
    </div>
  );
}

/** What stands below the rows of a list: progress, failure, or how to go on. */
export function ListFoot<T>(props: {
  page: IPage;
  list: StudyList<T>;
  hasMore: boolean;
  /** Said where there is nothing. */
  empty: string;
  failed: string;
  shown: number;
}): JSX.Element | null {
  const { list, page, shown } = props;
  const { trans } = page;
  switch (list.status) {
    case 'idle':
    case 'loading':
      return (
        <Skeleton rows={shown === 0 ? 6 : 1} label={shown === 0 ? trans.__('Loading…') : trans.__('Loading more…')} />
      );
    case 'failed':
      return <Failure error={list.error} what={props.failed} trans={trans} onRetry={() => void list.retry()} />;
    case 'ready':
      return (
        <>
          {shown > 0 || (props.hasMore && !list.isStalled) ? null : (
            <p className="jp-BioImageStudy-hint">
              {props.hasMore ? trans.__('Nothing so far; there is more to look through.') : props.empty}
            </p>
          )}
          {!props.hasMore ? null : (
            <button type="button" className="jp-BioImageStudy-button" onClick={() => void list.more()}>
              {trans.__('Show more')}
            </button>
          )}
        </>
      );
    default:
      return list.status;
  }
}

/** Where a list's answer came from, when not from the archive itself. */
export function Origin<T>({ list, trans }: { list: StudyList<T>; trans: TranslationBundle }): JSX.Element | null {
  const text = fromText(list.from, trans);
  return text === null ? null : <span className="jp-BioImageStudy-badge">{text}</span>;
}
