import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { cleanText } from '../core';
import type { IFacetGroup, IFacetValue } from './facets';
import { firstValues } from './facets';
import { isChosen, withValue } from './filters';
import type { BrowserModel } from './model';
import { facetLabel, numberText } from './words';

/** Values shown of a facet at first, and when all are asked for. */
const FIRST = 8;
const MOST = 200;
/** Values from which on they can be searched. */
const MANY = 20;

/** What a facet and each of its values are drawn from. */
interface IFacetProps {
  model: BrowserModel;
  trans: TranslationBundle;
  group: IFacetGroup;
}

/** One value: a checkbox that is named by it, and how many have it. */
function Value({ model, trans, group, one }: IFacetProps & { one: IFacetValue }): JSX.Element {
  const id = React.useId();
  const { filters } = model;
  const { value, label, count } = one;
  return (
    <div className="jp-BioImageBrowser-value">
      <label>
        <input
          type="checkbox"
          checked={isChosen(filters, group.id, value)}
          aria-describedby={count === undefined ? undefined : id}
          onChange={event => void model.setFilters(withValue(filters, group.id, value, event.currentTarget.checked))}
        />
        {/* In its own direction, whatever the language of the value. */}
        <bdi title={cleanText(label)}>{cleanText(label, 80) || '–'}</bdi>
      </label>
      {count === undefined ? null : (
        <span id={id} className="jp-BioImageBrowser-count">
          {group.exact ? numberText(count) : trans.__('≥ %1', numberText(count))}
        </span>
      )}
    </div>
  );
}

/** One facet: its most frequent values, all of them on demand, and a way to search many. */
function Facet(props: IFacetProps): JSX.Element {
  const { model, trans, group } = props;
  const [isWhole, setWhole] = React.useState(false);
  const [words, setWords] = React.useState('');
  const label = facetLabel(group.id, trans);
  const wanted = words.trim().toLowerCase();
  // Chosen values stay in sight, however rare they are.
  const shown = isWhole
    ? group.values.filter(one => one.label.toLowerCase().includes(wanted)).slice(0, MOST)
    : firstValues(group, model.filters, FIRST);
  return (
    <fieldset className="jp-BioImageBrowser-facet">
      <legend>{label}</legend>
      {isWhole && group.values.length > MANY ? (
        <input
          type="search"
          className="jp-BioImageBrowser-search"
          aria-label={trans.__('Search in %1', label)}
          value={words}
          onChange={event => setWords(event.currentTarget.value)}
        />
      ) : null}
      {shown.map(one => (
        <Value key={one.value} {...props} one={one} />
      ))}
      {group.values.length > FIRST ? (
        <button
          className="jp-BioImageBrowser-retry"
          aria-expanded={isWhole}
          aria-label={isWhole ? trans.__('Fewer of %1', label) : trans.__('More of %1', label)}
          onClick={() => {
            setWhole(!isWhole);
            // What was searched for would hide values that the button promises.
            setWords('');
          }}
        >
          {isWhole ? trans.__('Fewer') : trans.__('More (%1)', group.values.length - FIRST)}
        </button>
      ) : null}
    </fieldset>
  );
}

/** What the results can be filtered by, beside the list where there is room, else above it. */
export function FilterArea(props: { model: BrowserModel; trans: TranslationBundle; id: string }): JSX.Element {
  const { model, trans } = props;
  // Whether something can be viewed has its own checkbox, which is always there.
  const groups = model.facets.filter(({ id }) => id !== 'ome_zarr');
  return (
    <div id={props.id} className="jp-BioImageBrowser-area" role="group" aria-label={trans.__('Filters')}>
      {groups.map(group => (
        <Facet key={group.id} model={model} trans={trans} group={group} />
      ))}
      {groups.length === 0 ? (
        <p className="jp-BioImageBrowser-empty">{trans.__('There is nothing to filter by yet.')}</p>
      ) : null}
    </div>
  );
}
