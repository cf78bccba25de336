import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ErrorCode } from '../core';
import type { BrowserModel } from './model';

/** Searches that show what can be typed: words, and accessions of two archives. */
const EXAMPLES = ['light sheet zebrafish', 'S-BIAD1492', 'idr0062'];
/** Rows that stand for those to come. */
const SKELETONS = 4;
/** Failures of the way to a service, not of the service. */
const UNREACHED: readonly ErrorCode[] = ['UPSTREAM_DOWN', 'UPSTREAM_SLOW', 'HUB_GONE', 'SESSION_ENDED'];

/** What the panel is for, as long as nothing has ever been searched for. */
export function Help({ model, trans }: { model: BrowserModel; trans: TranslationBundle }): JSX.Element | null {
  // Examples are of archives: where there are none, they would find nothing.
  const hasArchives = model.sources().some(({ landing }) => landing === undefined);
  if (!model.asking.isLanding || !hasArchives || model.kept.searches.length > 0) {
    return null;
  }
  return (
    <div className="jp-BioImageBrowser-help">
      <p>
        {trans.__(
          'Find images of public archives, see which of them can be viewed, and load them into your notebook. Type words, an accession, a gene or a DOI, or paste an address.'
        )}
      </p>
      <div role="group" aria-label={trans.__('Example searches')}>
        {EXAMPLES.map(example => (
          <button
            key={example}
            className="jp-BioImageBrowser-chip"
            onClick={() => void model.choose({ kind: 'recent', text: example })}
          >
            {example}
          </button>
        ))}
      </div>
    </div>
  );
}

/** What stands in place of an empty list; `null` where there are rows. */
function emptyText(model: BrowserModel, trans: TranslationBundle): string | null {
  const { groups, asking, place } = model;
  if (model.list.count > 0) {
    return null;
  }
  if (model.isStarting || asking.isSearching) {
    return trans.__('Loading…');
  }
  const failed = groups.filter(({ status }) => status === 'failed');
  if (place !== null) {
    return failed.length > 0
      ? trans.__('This folder could not be listed.')
      : trans.__('No images and no folders here.');
  }
  if (asking.isLanding) {
    return trans.__('Paste the address of an OME-Zarr image above, or search by name.');
  }
  if (failed.length > 0 && failed.length === groups.length) {
    return failed.every(({ error }) => error !== undefined && UNREACHED.includes(error.code))
      ? trans.__(
          'No source can be reached from here. Check the connection and try again; stores of this session are listed when the box is empty.'
        )
      : trans.__('No source could answer. Try again, or see below what each of them says.');
  }
  if (groups.some(({ status }) => status === 'cancelled')) {
    return trans.__('The search was cancelled before anything was found.');
  }
  if (failed.length > 0) {
    return trans.__('Nothing found in the sources that answered.');
  }
  return Object.keys(model.filters).length > 0
    ? trans.__('Nothing found with these filters. Remove some of them, or search for other words.')
    : trans.__('Nothing found. Search for other words; the address of an image can be pasted too.');
}

/** In place of an empty list: that rows are to come, or why there are none. */
export function Empty({ model, trans }: { model: BrowserModel; trans: TranslationBundle }): JSX.Element | null {
  const text = emptyText(model, trans);
  if (text === null) {
    return null;
  }
  const isLoading = model.isStarting || model.asking.isSearching;
  return (
    <div className="jp-BioImageBrowser-empty">
      <p>{text}</p>
      {isLoading
        ? Array.from({ length: SKELETONS }, (_, index) => (
            <div key={index} className="jp-BioImageBrowser-skeleton" aria-hidden="true" />
          ))
        : null}
    </div>
  );
}
