import { caretLeftIcon, copyIcon, linkIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { cleanText } from '../../core';
import { lineOf } from './line';
import type { IPage } from './page';
import { IconLink, OutLink } from './parts';
import { dateText, viewableText } from './words';

/** Characters of a title; the whole of it is in its tooltip. */
const TITLE_LENGTH = 300;

/** A button with a picture instead of words. */
function IconButton(props: { icon: typeof copyIcon; label: string; onClick: () => void }): JSX.Element {
  const { icon: Icon, label, onClick } = props;
  return (
    <button type="button" className="jp-BioImageStudy-iconButton" aria-label={label} title={label} onClick={onClick}>
      <Icon.react tag="span" className="jp-BioImageStudy-icon" />
    </button>
  );
}

/** Keeps the study among the favourites of the person, where the application has such. */
function Favourite({ page: { host, model, trans } }: { page: IPage }): JSX.Element | null {
  // The mark is kept by the application, which announces nothing to this page.
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  if (host.toggleFavourite === undefined) {
    return null;
  }
  const isOn = host.isFavourite?.(model.name) === true;
  const label = trans.__('Favourite');
  return (
    <button
      type="button"
      className="jp-BioImageStudy-iconButton jp-BioImageStudy-star"
      aria-label={label}
      title={label}
      aria-pressed={isOn}
      onClick={() => {
        host.toggleFavourite?.(model.name);
        redraw();
      }}
    />
  );
}

/** What can be done with the study as a whole. */
function Actions({ page }: { page: IPage }): JSX.Element {
  const { model, host, trans } = page;
  const { accession, known, source } = model;
  // Without an address of its own here, the archive's page is what can be sent to others.
  const link = host.studyLink?.(model.name) ?? known?.page;
  return (
    <div className="jp-BioImageStudy-actions" role="group" aria-label={trans.__('Study')}>
      <Favourite page={page} />
      <IconButton
        icon={copyIcon}
        label={trans.__('Copy accession')}
        onClick={() => page.copy(accession, trans.__('Accession copied.'))}
      />
      {link === undefined ? null : (
        <IconButton
          icon={linkIcon}
          label={trans.__('Copy link')}
          onClick={() => page.copy(link, trans.__('Link copied.'))}
        />
      )}
      <IconLink href={known?.page} label={trans.__('Open in %1', cleanText(source.label, 60))} />
    </div>
  );
}

/** The head of the page: the way back, what can be done, what study it is. */
export function Header(props: {
  page: IPage;
  title: React.RefObject<HTMLHeadingElement>;
  id: string;
  onDown: () => void;
}): JSX.Element {
  const { page, title, id } = props;
  const { model, trans } = page;
  const { known, accession, source } = model;
  const facts = [cleanText(source.label, 60), cleanText(accession, 60), dateText(known?.released)];
  const counts = known === null ? null : viewableText(known, trans);
  return (
    <header className="jp-BioImageStudy-head">
      <div className="jp-BioImageStudy-bar">
        <button type="button" className="jp-BioImageStudy-back" onClick={page.onBack}>
          <caretLeftIcon.react tag="span" className="jp-BioImageStudy-icon" />
          {trans.__('Back')}
        </button>
        <Actions page={page} />
      </div>
      <h2
        className="jp-BioImageStudy-title"
        id={id}
        ref={title}
        // Takes the focus when the page opens, and is no stop of Tab.
        tabIndex={-1}
        title={lineOf(known?.title ?? accession, 2000)}
        onKeyDown={event => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            props.onDown();
          } else if (event.key === 'Backspace') {
            event.preventDefault();
            page.onBack();
          }
        }}
      >
        <bdi>{lineOf(known?.title ?? '', TITLE_LENGTH) || cleanText(accession)}</bdi>
      </h2>
      <p className="jp-BioImageStudy-facts">
        <bdi>{facts.filter(Boolean).join(' · ')}</bdi>
        {known?.licence === undefined ? null : (
          <>
            {' · '}
            <OutLink href={known.licence.url}>{lineOf(known.licence.text, 60)}</OutLink>
          </>
        )}
      </p>
      {counts === null ? null : <p className="jp-BioImageStudy-facts">{counts}</p>}
    </header>
  );
}
