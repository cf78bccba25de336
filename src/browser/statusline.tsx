import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { cleanText, localised } from '../core';
import type { BrowserModel } from './model';
import { statusText } from './statuswords';

/** Counts and failures per source, announced politely; what can be done about them stands beside the words. */
export function StatusLine({ model, trans }: { model: BrowserModel; trans: TranslationBundle }): JSX.Element {
  const unanswered = model.groups.filter(({ status }) => status === 'failed' || status === 'cancelled');
  return (
    <div className="jp-BioImageBrowser-statusLine">
      <div role="status" className="jp-BioImageBrowser-status">
        {statusText(model, trans)}
      </div>
      {/* The buttons are no part of the words: they would be read with every change of them. */}
      {model.notice?.kind === 'removed' ? (
        <button className="jp-BioImageBrowser-retry" onClick={() => model.undo()}>
          {trans.__('Undo')}
        </button>
      ) : null}
      {model.asking.isSearching && model.study === null ? (
        <button className="jp-BioImageBrowser-retry" onClick={() => model.asking.cancel()}>
          {trans.__('Cancel')}
        </button>
      ) : null}
      {model.sessionError === null ? null : (
        <button className="jp-BioImageBrowser-retry" onClick={() => void model.retry()}>
          {trans.__('Try again')}
        </button>
      )}
      {unanswered.map(({ source, error: cause }) => (
        <button
          key={source.id}
          className="jp-BioImageBrowser-retry"
          aria-label={trans.__('Try again: %1', cleanText(source.label, 60))}
          title={cause ? localised(trans, cause.said.hint) : ''}
          onClick={() => void model.retry(source.id)}
        >
          {trans.__('Try again')}
        </button>
      ))}
    </div>
  );
}
