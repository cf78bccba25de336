import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, filterIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { cleanText } from '../core';
import type { FacetId } from '../entities';
import { chosenCount, chosenFacets, isChosen, VIEWABLE, withValue } from './filters';
import type { BrowserModel } from './model';
import { facetLabel } from './words';

/** What people read for a value. */
function valueLabel(model: BrowserModel, facet: FacetId, value: string): string {
  const known = model.facets.find(({ id }) => id === facet)?.values.find(one => one.value === value);
  return cleanText(known?.label ?? value, 60);
}

/** The chosen values, each with its way out. */
function Chips({ model, trans }: { model: BrowserModel; trans: TranslationBundle }): JSX.Element {
  const { filters } = model;
  const chips = chosenFacets(filters).flatMap(facet => (filters[facet] ?? []).map(value => ({ facet, value })));
  return (
    <div className="jp-BioImageBrowser-chips" role="group" aria-label={trans.__('Active filters')}>
      {chips.map(({ facet, value }) => {
        const label = facetLabel(facet, trans);
        // What can be viewed is a question with one answer: its name says all.
        const words = facet === 'ome_zarr' ? label : trans.__('%1: %2', label, valueLabel(model, facet, value));
        return (
          <button
            key={`${facet} ${value}`}
            className="jp-BioImageBrowser-chip"
            aria-label={trans.__('Remove filter %1', words)}
            onClick={() => void model.setFilters(withValue(filters, facet, value, false))}
          >
            <bdi>{words}</bdi>
            <closeIcon.react tag="span" className="jp-BioImageBrowser-icon" />
          </button>
        );
      })}
      <button className="jp-BioImageBrowser-clear" onClick={() => void model.setFilters({})}>
        {trans.__('Clear filters')}
      </button>
    </div>
  );
}

/** What is filtered by, and the button that shows what else could be. `area` is the id of that. */
export function FilterBar(props: { model: BrowserModel; trans: TranslationBundle; area: string }): JSX.Element {
  const { model, trans, area } = props;
  const { filters } = model;
  const count = chosenCount(filters);
  const isOpen = model.kept.filtersOpen;
  return (
    <div className="jp-BioImageBrowser-filters">
      <div className="jp-BioImageBrowser-bar">
        <button
          className="jp-BioImageBrowser-filtersButton"
          aria-expanded={isOpen}
          // A name of an element that is not there is an error to those who check.
          aria-controls={isOpen ? area : undefined}
          onClick={() => model.kept.openFilters(!isOpen)}
        >
          <filterIcon.react tag="span" className="jp-BioImageBrowser-icon" />
          {count === 0 ? trans.__('Filters') : trans.__('Filters (%1)', count)}
        </button>
        <label className="jp-BioImageBrowser-only">
          <input
            type="checkbox"
            checked={isChosen(filters, 'ome_zarr', VIEWABLE)}
            onChange={event =>
              void model.setFilters(withValue(filters, 'ome_zarr', VIEWABLE, event.currentTarget.checked))
            }
          />
          {trans.__('Only what can be viewed')}
        </label>
      </div>
      {count === 0 ? null : <Chips model={model} trans={trans} />}
    </div>
  );
}
