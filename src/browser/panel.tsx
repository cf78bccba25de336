import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { PromiseDelegate } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { Menu } from '@lumino/widgets';
import * as React from 'react';

import { isStudy } from '../catalogue';
import { cleanText } from '../core';
import { Crumbs } from './crumbs';
import { dragFrom } from './drag';
import type { IFace } from './face';
import { FilterArea } from './filterarea';
import { FilterBar } from './filterbar';
import { Gate } from './gate';
import type { IPanelHost } from './host';
import { Empty, Help } from './landing';
import { addCommands, openMenu } from './menu';
import type { BrowserModel } from './model';
import type { IResultsHandle } from './results';
import { Results } from './results';
import type { IRow } from './rows';
import type { IRowActions } from './row';
import { SearchBox } from './searchbox';
import { StatusLine } from './statusline';
import { StudyView } from './study';

/** The number of panels made so far: ids of elements are unique in the page. */
let panels = 0;

/** The panel in the sidebar: search box, status, results. State is in the model; this draws it and passes gestures on. */
export class BrowserPanel extends ReactWidget {
  constructor(
    readonly model: BrowserModel,
    private readonly host: IPanelHost
  ) {
    super();
    this.addClass('jp-BioImageBrowser');
    const insert = host.insert?.bind(host);
    this.actions = {
      open: row => this.open(row),
      menu: (face, anchor) => this.openMenu(face, anchor),
      grab: (face, event) => this.grab(face, event),
      ...(insert === undefined ? {} : { insert: uri => void this.gate.run(`insert ${uri}`, () => insert(uri)) })
    };
    this.commands = addCommands(model, host, host.trans);
    // Favourites are the panel's own; the page of a study marks them as the list does.
    this.studyHost = {
      ...host,
      isFavourite: study => model.kept.favourites.has({ kind: 'study', ...study }),
      toggleFavourite: study => model.toggleFavourite({ kind: 'study', ...study })
    };
  }

  /** Puts the cursor into the search box, once it is drawn. */
  async focusSearch(): Promise<void> {
    const box = await this.box.promise;
    box.focus();
    box.select();
  }

  /** Does what typing the text and Enter does: opens what it names, else lists what a search finds. */
  async follow(text: string): Promise<void> {
    const row = await this.model.follow(text);
    if (row !== null) {
      this.open(row);
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.menu?.dispose();
      this.commands.dispose();
      this.model.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    return <UseSignal signal={this.model.changed}>{() => this.draw()}</UseSignal>;
  }

  /** The box stays the same element whatever stands below: who types keeps typing. */
  private draw(): JSX.Element {
    const { model, host } = this;
    const { study } = model;
    return (
      <>
        <SearchBox
          model={model}
          trans={host.trans}
          onReady={this.onBox}
          onOpen={row => this.open(row)}
          onDown={() => this.focusBelow()}
        />
        {study === null ? (
          this.drawList()
        ) : (
          <div className="jp-BioImageBrowser-study" onKeyDown={event => this.onStudyKey(event)}>
            <StudyView model={study} trans={host.trans} host={this.studyHost} onBack={() => this.back()} />
          </div>
        )}
        <StatusLine model={model} trans={host.trans} />
      </>
    );
  }

  /** Everything below the box, where no study is open. */
  private drawList(): JSX.Element {
    const { model, host } = this;
    const { trans } = host;
    const { place, asking, kept } = model;
    const hasFilters = place === null && !asking.isLanding;
    return (
      <>
        {place === null ? null : <Crumbs place={place} model={model} trans={trans} />}
        {hasFilters ? <FilterBar model={model} trans={trans} area={this.areaId} /> : null}
        <Help model={model} trans={trans} />
        <div className="jp-BioImageBrowser-body">
          {hasFilters && kept.filtersOpen ? <FilterArea model={model} trans={trans} id={this.areaId} /> : null}
          <div className="jp-BioImageBrowser-column">
            <Results
              list={model.list}
              serial={asking.serial}
              view={asking.view}
              isSearching={asking.isSearching || model.isStarting}
              favourites={kept.favourites}
              trans={trans}
              handle={this.results}
              actions={this.actions}
              onFavourite={face => void (face.target === null ? undefined : model.toggleFavourite(face.target))}
              onLeave={() => void this.focusSearch()}
              onUp={() => void (place === null ? undefined : model.up())}
              onEscape={() => (asking.isSearching ? asking.cancel() : void this.focusSearch())}
              onMore={source => void model.more(source)}
              onScrolled={() => kept.touch()}
            />
            <Empty model={model} trans={trans} />
          </div>
        </div>
      </>
    );
  }

  /** From the search box on to what stands below it. */
  private focusBelow(): void {
    if (this.results.current !== null) {
      this.results.current.focus();
    } else {
      this.node.querySelector<HTMLElement>('.jp-BioImageBrowser-study button')?.focus();
    }
  }

  /** Back from a study's page to the row that it was opened from. */
  private back(): void {
    this.model.closeStudy();
    // The list is drawn when the model's signal has been through React.
    requestAnimationFrame(() => this.results.current?.focus());
  }

  /** Escape and Backspace go back, unless something on the page has used them: a field that is typed in, a menu. */
  private onStudyKey(event: React.KeyboardEvent): void {
    const isTyping = (event.target as HTMLElement).matches('input, textarea, select');
    if (!event.defaultPrevented && (event.key === 'Escape' || (event.key === 'Backspace' && !isTyping))) {
      event.preventDefault();
      event.stopPropagation();
      this.back();
    }
  }

  /** Does what the row is for. Whatever opens something is stopped by a gate from opening it twice. */
  private open(row: IRow): void {
    const { model } = this;
    switch (row.kind) {
      case 'hit':
        return void (row.hit.kind === 'study' ? model.openHit(row.hit) : this.openImageHit(row.hit));
      case 'address':
      case 'recent':
        return this.openImage(row.address.uri);
      case 'favourite': {
        const one = row.favourite;
        return one.kind === 'study'
          ? void model.openStudy(one.source, one.accession)
          : this.openImage(one.uri, one.source, one.title);
      }
      case 'root':
        return void model.browse(row.source.id, '');
      case 'more':
        return void model.more(row.source);
      case 'item': {
        const { item } = row;
        if (isStudy(item)) {
          return void model.openStudy(item.source, item.accession, item);
        }
        return item.kind === 'folder'
          ? void model.browse(item.source, item.id)
          : this.openImage(item.uri, item.source, item.title);
      }
      default:
        return row;
    }
  }

  /** Opens an image that is known by its id alone. */
  private async openImageHit(hit: (IRow & { kind: 'hit' })['hit'] & { kind: 'image' }): Promise<void> {
    const image = await this.model.imageOf(hit);
    if (image !== null) {
      this.openImage(image.uri, image.source, image.title);
    }
  }

  /** Opens an image in a tab; double clicks and impatient ones are one. */
  private openImage(uri: string, source?: string, title?: string): void {
    void this.gate.run(`open ${uri}`, () => this.host.open(uri, source, title));
  }

  /** The menu beside a row, from the button or a key. */
  private openMenu(face: IFace, anchor: HTMLElement): void {
    if (face.target !== null) {
      this.menu?.dispose();
      this.menu = openMenu(face.target, anchor, this.host);
    }
  }

  /** A press on a row, which may become a drag; the host is asked for the data only then. */
  private grab(face: IFace, event: React.PointerEvent): void {
    const { target, title } = face;
    if (target !== null && this.host.dragData !== undefined) {
      dragFrom(event.nativeEvent, () => {
        const data = this.host.dragData?.(target) ?? null;
        return data === null ? null : { data, title: cleanText(title, 60) };
      });
    }
  }

  /** The same object for ever: rows are drawn anew only when they change. */
  private readonly actions: Omit<IRowActions, 'focus'>;
  private readonly onBox = (box: HTMLInputElement): void => this.box.resolve(box);
  /** `null` while a study is open. */
  private readonly results = React.createRef<IResultsHandle>();
  private readonly gate = new Gate();
  private readonly areaId = `jp-BioImageBrowser-area-${panels++}`;
  /** The search box; it stays the same element as long as the panel lives. */
  private readonly box = new PromiseDelegate<HTMLInputElement>();
  private readonly studyHost: IPanelHost;
  private readonly commands: IDisposable;
  private menu: Menu | null = null;
}
