import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { cleanText, localised } from '../../core';
import type { IComplaint } from '../../ngff';

/** Longest address into a document that is shown, in characters. */
const MAX_POINTER = 400;

/** How many complaints there are, small, beside the heading that they lie under. */
export function ComplaintBadge({ items, trans }: { items: readonly IComplaint[]; trans: TranslationBundle }): React.ReactElement | null {
  const words = trans._n('%1 deviation from the specification', '%1 deviations from the specification', items.length);
  return items.length > 0 ? (
    <span className="jp-BioImagePreview-badge" data-testid="complaints" title={words}>
      <span aria-hidden="true">{items.length}</span>
      <span className="jp-BioImage-hidden">{words}</span>
    </span>
  ) : null;
}

/** What the specification says against the metadata: where, and which rule. */
export function Specification({ items, trans }: { items: readonly IComplaint[]; trans: TranslationBundle }): React.ReactElement | null {
  return items.length > 0 ? (
    <section className="jp-BioImagePreview-specification" aria-label={trans.__('Specification')}>
      <h4>{trans.__('Specification')}</h4>
      <ul>
        {items.map(({ pointer, rule }, i) => (
          <li key={i}>
            <code>{cleanText(pointer, MAX_POINTER)}</code>
            <p>{cleanText(localised(trans, rule))}</p>
          </li>
        ))}
      </ul>
    </section>
  ) : null;
}
