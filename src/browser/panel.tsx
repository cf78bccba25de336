import { MenuSvg, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { PromiseDelegate } from '@lumino/coreutils';
import type { Menu } from '@lumino/widgets';
import * as React from 'react';

import { cleanText } from '../core';
import { Gate } from './gate';
import type { IPanelHost } from './host';
import type { BrowserModel, IPlace } from './model';
import { TEXT_LENGTH } from './recognise';
import type { IResultsHandle } from './results';
import { Results } from './results';
import type { IRow } from './rows';
import { StatusLine } from './statusline';

/** The way down to the folder that is browsed, with a way back from each step of it. */
function Crumbs({ place, model, host }: { place: IPlace; model: BrowserModel; host: IPanelHost }): JSX.Element {
  const { source, path } = place;
  const parts = path === '' ? [] : path.split('/');
  const steps = [
    { label: source.label, path: '' },
    ...parts.map((label, index) => ({ label, path: parts.slice(0, index + 1).join('/') }))
  ];
  return (
    <nav className="jp-BioImageBrowser-crumbs" aria-label={host.trans.__('Folder')}>
      <button className="jp-BioImageBrowser-crumb" onClick={() => void model.up()}>
        {host.trans.__('Back')}
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

/** What stands in place of an empty list. */
function emptyText(model: BrowserModel, host: IPanelHost): string | null {
  const { trans } = host;
  if (model.rows.length > 0) {
    return null;
  }
  if (model.isStarting || model.groups.some(({ status }) => status === 'loading')) {
    return trans.__('Loading…');
  }
  if (model.place !== null) {
    return model.groups.some(({ status }) => status === 'failed')
      ? trans.__('This folder could not be listed.')
      : trans.__('No images and no folders here.');
  }
  return model.text.trim() === ''
    ? trans.__('Paste the address of an OME-Zarr image above, or search by name.')
    : trans.__('Nothing found. A search goes over names; the address of an image can be pasted too.');
}

/** The panel in the sidebar: search box, status, results. State is in the model; this draws it and passes gestures on. */
export class BrowserPanel extends ReactWidget {
  constructor(
    readonly model: BrowserModel,
    private readonly host: IPanelHost
  ) {
    super();
    this.addClass('jp-BioImageBrowser');
  }

  /** Puts the cursor into the search box, once it is drawn. */
  async focusSearch(): Promise<void> {
    const box = await this.box.promise;
    box.focus();
    box.select();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.menu?.dispose();
      this.model.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    return <UseSignal signal={this.model.changed}>{() => this.draw()}</UseSignal>;
  }

  private draw(): JSX.Element {
    const { model, host } = this;
    const empty = emptyText(model, host);
    return (
      <>
        <div className="jp-BioImageBrowser-head">
          <input
            ref={node => void (node !== null && this.box.resolve(node))}
            type="search"
            role="searchbox"
            className="jp-BioImageBrowser-search"
            aria-label={host.trans.__('Search images and studies')}
            placeholder={host.trans.__('Name or address')}
            maxLength={TEXT_LENGTH}
            spellCheck={false}
            autoComplete="off"
            value={model.text}
            onChange={event => model.type(event.currentTarget.value)}
            onKeyDown={event => this.onSearchKey(event)}
          />
        </div>
        {model.place === null ? null : <Crumbs place={model.place} model={model} host={host} />}
        <Results
          rows={model.rows}
          trans={host.trans}
          handle={this.results}
          onOpen={row => this.open(row)}
          onMenu={(uri, anchor) => this.openMenu(uri, anchor)}
          onLeave={() => void this.focusSearch()}
          onUp={() => void (model.place === null ? undefined : model.up())}
        />
        {empty === null ? null : <p className="jp-BioImageBrowser-empty">{empty}</p>}
        <StatusLine model={model} trans={host.trans} />
      </>
    );
  }

  private onSearchKey(event: React.KeyboardEvent): void {
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.results.current?.focus();
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      void this.model.commit().then(row => {
        if (row !== null) {
          this.open(row);
        }
      });
    } else if (event.key === 'Escape' && this.model.text !== '') {
      event.stopPropagation();
      this.model.type('');
    }
  }

  /** Does what the row is for. */
  private open(row: IRow): void {
    const { model, host } = this;
    switch (row.kind) {
      case 'address':
      case 'recent':
        return this.openImage(row.address.uri);
      case 'root':
        return void model.browse(row.source.id, '');
      case 'more':
        return void model.more(row.source);
      case 'item':
        if ('accession' in row.item) {
          return;
        }
        return row.item.kind === 'folder'
          ? void model.browse(row.item.source, row.item.id)
          : this.openImage(row.item.uri, row.item.source, row.item.title);
      default:
        return row satisfies never, void host;
    }
  }

  private openImage(uri: string, source?: string, title?: string): void {
    void this.gate.run(`open ${uri}`, () => this.host.open(uri, source, title));
  }

  private openMenu(uri: string, anchor: HTMLElement): void {
    this.menu?.dispose();
    const menu = (this.menu = new MenuSvg({ commands: this.host.commands }));
    for (const { command, args } of this.host.actions(uri)) {
      menu.addItem({ command, args });
    }
    // The focus returns to where it came from before the command runs, which may move it on.
    menu.aboutToClose.connect(() => anchor.focus());
    const { left, bottom } = anchor.getBoundingClientRect();
    menu.open(left, bottom);
  }

  private readonly results = React.createRef<IResultsHandle>();
  private readonly gate = new Gate();
  /** The search box; it stays the same element as long as the panel lives. */
  private readonly box = new PromiseDelegate<HTMLInputElement>();
  private menu: Menu | null = null;
}
