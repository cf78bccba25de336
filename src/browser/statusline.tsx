import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { cleanText } from '../core';
import type { BrowserModel } from './model';
import type { IGroup } from './rows';

/** A source's state in a few words. */
function words(group: IGroup, trans: TranslationBundle): string {
  const label = cleanText(group.source.label, 60);
  switch (group.status) {
    case 'loading':
      return trans.__('%1: searching…', label);
    case 'failed':
      return trans.__('%1: failed, %2', label, cleanText(group.error?.message ?? ''));
    case 'ready': {
      const count = group.total ?? group.items.length;
      // More can be asked for and the source does not know how many: the number is what is there so far.
      return group.total === undefined && group.cursor !== undefined
        ? trans.__('%1: more than %2', label, count)
        : trans.__('%1: %2', label, count);
    }
    default:
      return group.status;
  }
}

/** Counts and failures per source, announced politely; each failure can be tried again beside its words. */
export function StatusLine({ model, trans }: { model: BrowserModel; trans: TranslationBundle }): JSX.Element {
  const failed = model.groups.filter(({ status }) => status === 'failed');
  const error = model.sessionError;
  const parts = model.groups.map(group => words(group, trans));
  if (model.isStarting) {
    parts.push(trans.__('Asking for the stores of this session…'));
  } else if (error !== null) {
    parts.push(trans.__('The stores of this session are not available: %1', cleanText(error.message)));
  }
  return (
    <div className="jp-BioImageBrowser-statusLine">
      <div role="status" className="jp-BioImageBrowser-status">
        {parts.join(' · ')}
      </div>
      {error === null ? null : (
        <button className="jp-BioImageBrowser-retry" onClick={() => void model.retry()}>
          {trans.__('Try again')}
        </button>
      )}
      {failed.map(({ source, error: cause }) => (
        <button
          key={source.id}
          className="jp-BioImageBrowser-retry"
          aria-label={trans.__('Try again: %1', cleanText(source.label, 60))}
          title={cause?.hint ?? ''}
          onClick={() => void model.retry(source.id)}
        >
          {trans.__('Try again')}
        </button>
      ))}
    </div>
  );
}
