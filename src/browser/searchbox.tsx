import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { cleanText } from '../core';
import type { BrowserModel } from './model';
import { TEXT_LENGTH } from './recognise';
import type { IRow } from './rows';
import type { ISuggested } from './suggestions';
import { facetLabel, numberText } from './words';

/** Time in ms from leaving the box to hiding what hangs under it: a press on what stands below must end where it began. */
const LINGER = 200;

/** What the box is drawn from, and what it leads to. */
export interface ISearchBoxProps {
  model: BrowserModel;
  trans: TranslationBundle;
  /** Told once, when the box is there. */
  onReady: (box: HTMLInputElement) => void;
  onOpen: (row: IRow) => void;
  /** Down into the list. */
  onDown: () => void;
}

/** What a suggestion is, beside its text. */
function detailOf(one: ISuggested, trans: TranslationBundle): string {
  if (one.kind === 'recent') {
    return trans.__('searched before');
  }
  const count = one.count === undefined ? '' : trans._n('%2 image', '%2 images', one.count, numberText(one.count));
  const facet = one.facet === undefined ? '' : trans.__('filter by %1', facetLabel(one.facet, trans).toLowerCase());
  return [facet, count, cleanText(one.label, 60)].filter(Boolean).join(' · ');
}

/** The lines under the box; the box keeps the focus, and says which of them is active. */
function Listbox({ model, trans, id }: { model: BrowserModel; trans: TranslationBundle; id: string }): JSX.Element {
  const { items, active } = model.suggestions;
  return (
    <div id={id} role="listbox" className="jp-BioImageBrowser-suggestions" aria-label={trans.__('Suggestions')}>
      {items.map((one, index) => (
        <div
          key={`${one.kind} ${one.kind === 'source' ? `${one.source} ${one.facet}` : ''} ${one.text}`}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className="jp-BioImageBrowser-suggestion"
          // The box keeps the focus.
          onMouseDown={event => event.preventDefault()}
          onClick={() => void model.choose(one)}
        >
          <bdi className="jp-BioImageBrowser-suggestionText">{cleanText(one.text)}</bdi>
          <span className="jp-BioImageBrowser-detail">{detailOf(one, trans)}</span>
        </div>
      ))}
    </div>
  );
}

/** Moves among the suggestions, or from them and from the box on into the list. True where the key was for that. */
function moveKey(event: React.KeyboardEvent, props: ISearchBoxProps): boolean {
  const { model, onDown } = props;
  const { suggestions } = model;
  const last = suggestions.items.length - 1;
  if (event.key === 'ArrowDown') {
    if (suggestions.active < last) {
      suggestions.move(1);
    } else if (event.altKey) {
      // As in other boxes with a list: Alt opens it, also where nothing has been typed.
      void model.suggest();
    } else {
      suggestions.close();
      onDown();
    }
    return true;
  }
  if (event.key === 'ArrowUp' && suggestions.active >= 0) {
    suggestions.move(-1);
    return true;
  }
  return false;
}

/** Takes the active suggestion, else fixes what is typed. */
function enter({ model, onOpen }: ISearchBoxProps): void {
  const { items, active } = model.suggestions;
  const chosen = items[active] as ISuggested | undefined;
  if (chosen !== undefined) {
    void model.choose(chosen);
    return;
  }
  void model.commit().then(row => {
    if (row !== null) {
      onOpen(row);
    }
  });
}

/** Closes what is open, else empties the box. True where there was something to do. */
function escape(model: BrowserModel): boolean {
  if (model.suggestions.items.length > 0) {
    model.suggestions.close();
    return true;
  }
  if (model.text !== '') {
    model.type('');
    return true;
  }
  return false;
}

/** The search box with its suggestions. */
export function SearchBox(props: ISearchBoxProps): JSX.Element {
  const { model, trans, onReady } = props;
  const { suggestions } = model;
  const id = React.useId();
  const timer = React.useRef<ReturnType<typeof setTimeout>>();
  const isOpen = suggestions.items.length > 0;
  const pasted = React.useRef('');
  React.useEffect(() => () => clearTimeout(timer.current), []);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) {
      // Enter, Escape and arrows belong to the composition of a character until it ends.
      return;
    }
    if (moveKey(event, props)) {
      event.preventDefault();
    } else if (event.key === 'Enter') {
      enter(props);
    } else if (event.key === 'Escape' && escape(model)) {
      event.stopPropagation();
      event.preventDefault();
    }
  };

  return (
    <div className="jp-BioImageBrowser-head">
      <input
        ref={node => node !== null && onReady(node)}
        type="search"
        role="searchbox"
        className="jp-BioImageBrowser-search"
        aria-label={trans.__('Search images and studies')}
        // A search box may name a list that it controls and the active line of it; only a combobox may be "expanded".
        aria-autocomplete="list"
        aria-controls={isOpen ? id : undefined}
        aria-activedescendant={isOpen && suggestions.active >= 0 ? `${id}-${suggestions.active}` : undefined}
        placeholder={trans.__('Words, accession, DOI or address')}
        maxLength={TEXT_LENGTH}
        spellCheck={false}
        autoComplete="off"
        value={model.text}
        onPaste={event => (pasted.current = event.clipboardData.getData('text/plain').trim())}
        onChange={event => {
          const { value } = event.currentTarget;
          if (pasted.current !== '' && pasted.current === value.trim()) {
            void model.follow(value, true).then(row => row !== null && props.onOpen(row));
          } else {
            model.type(value);
          }
          pasted.current = '';
        }}
        onKeyDown={onKeyDown}
        onClick={() => model.text === '' && void model.suggest()}
        onFocus={() => {
          clearTimeout(timer.current);
          suggestions.isWanted = true;
        }}
        onBlur={() => {
          suggestions.isWanted = false;
          timer.current = setTimeout(() => suggestions.close(), LINGER);
        }}
      />
      {isOpen ? <Listbox model={model} trans={trans} id={id} /> : null}
    </div>
  );
}
