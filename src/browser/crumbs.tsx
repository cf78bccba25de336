import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { cleanText } from '../core';
import type { BrowserModel } from './model';
import type { IPlace } from './question';

/** The way down to the folder that is browsed, with a way back from each step of it. */
export function Crumbs(props: { place: IPlace; model: BrowserModel; trans: TranslationBundle }): JSX.Element {
  const { model, trans } = props;
  const { source, path } = props.place;
  const parts = path === '' ? [] : path.split('/');
  // The root is called as its source, the others as their folders.
  const steps = [
    { label: source.label, path: '' },
    ...parts.map((label, index) => ({ label, path: parts.slice(0, index + 1).join('/') }))
  ];
  return (
    <nav className="jp-BioImageBrowser-crumbs" aria-label={trans.__('Folder')}>
      <button className="jp-BioImageBrowser-crumb" onClick={() => void model.up()}>
        {trans.__('Back')}
      </button>
      {steps.map((step, index) => (
        <button
          key={step.path}
          className="jp-BioImageBrowser-crumb"
          aria-current={index === steps.length - 1 ? 'location' : undefined}
          onClick={() => void model.browse(source.id, step.path)}
        >
          <bdi>{cleanText(step.label, 60)}</bdi>
        </button>
      ))}
    </nav>
  );
}
