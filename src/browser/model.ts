import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ICatalogueSource } from '../catalogue';
import type { BioImageError } from '../core';
import { toBioImageError } from '../core';
import type { FacetValues, IImageRecord, IStudy } from '../entities';
import type { IFacetGroup } from './facets';
import type { IFavourite } from './favourites';
import { withValue } from './filters';
import type { Group } from './group';
import type { IKeptElsewhere } from './kept';
import { Kept } from './kept';
import type { INotice } from './notice';
import type { IBrowserModelOptions } from './options';
import { Pages } from './pages';
import type { IPlace } from './question';
import type { IHit } from './recognised';
import { studiesFrom } from './recognised';
import type { IRow, ISection } from './rows';
import { RowList } from './rows';
import { atMost, ENTER_WAIT, Search } from './search';
import { exactRow, landingOf, sectionsOf } from './sections';
import type { StudyModel } from './study/model';
import type { ISuggested } from './suggestions';
import { Suggestions } from './suggestions';

/**
 * State of the panel: what is asked for and what came, the study whose page is open, what is marked, and what is kept
 * between visits. Sources are asked in parallel and shown in their own order, whichever answers first; one that fails or
 * never answers changes only its own group.
 */
export class BrowserModel implements IDisposable {
  /** The registered sources in their order. */
  readonly sources = (): readonly ICatalogueSource[] => this.options.sources();
  /** What is asked for, and what came. */
  readonly asking = new Search(this.sources, () => this.emit());
  readonly suggestions = new Suggestions(() => this.announce());
  /** What stays between visits. */
  readonly kept: Kept;

  constructor(private readonly options: IBrowserModelOptions) {
    this.kept = new Kept(
      options.memory,
      () => this.elsewhere(),
      () => this.emit()
    );
    options.sourcesChanged.connect(() => void this.join(), this);
    options.recentChanged.connect(() => this.emit(), this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }
  get text(): string {
    return this.asking.text;
  }
  get filters(): FacetValues {
    return this.asking.filters;
  }
  get place(): IPlace | null {
    return this.asking.place;
  }
  get groups(): readonly Group[] {
    return this.asking.groups;
  }
  /** The study whose page is open. */
  get study(): StudyModel | null {
    return this.pages.study;
  }
  get notice(): INotice | null {
    return this.pages.notice;
  }
  /** Why the sources of this session could not be found, if so. */
  get sessionError(): BioImageError | null {
    return this._sessionError;
  }
  get isStarting(): boolean {
    return this._starting !== null && !this._isStarted;
  }
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get list(): RowList {
    this._list ??= new RowList(this.sections());
    return this._list;
  }

  /** All rows of the list, made one by one: drawing goes by `list`. */
  get rows(): readonly IRow[] {
    return this.list.all();
  }

  /** What the results can be filtered by. */
  get facets(): readonly IFacetGroup[] {
    this._facets ??= this.asking.facets();
    return this._facets;
  }

  /**
   * Brings back what an earlier visit left, finds the sources of this session and shows what they show by themselves; again
   * after a failure. Sources of other extensions do not wait for it. Resolves when all have answered or failed.
   */
  start(): Promise<void> {
    if (this._starting === null) {
      this.populating = this.options.populate().then(
        () => this.started(null),
        (reason: unknown) => this.started(toBioImageError(reason))
      );
      this._starting = Promise.all([this.restore(), this.populating.then(() => this.join())]).then(() => undefined);
    }
    return this._starting;
  }

  /** New text in the box; the search begins when typing pauses. */
  type(text: string): void {
    this.leave();
    this.asking.type(text, () => void this.suggest());
    this.keep();
  }

  /** Searches at once, in all sources or in those named; resolves when all of them have answered or failed. */
  async search(text: string, sources?: readonly string[]): Promise<void> {
    this.leave();
    this.asking.set(text, this.filters);
    this.keep();
    await Promise.all([this.asking.run(sources), this.start()]);
  }

  /**
   * Fixes what is typed: resolves with the row to open when the text is an address or a name that a source recognises, or
   * when there is exactly one hit of that very name. A source that does not answer is not waited for.
   */
  async commit(): Promise<IRow | null> {
    const text = this.text.trim();
    this.suggestions.close();
    if (text === '') {
      return null;
    }
    this.leave();
    this.kept.remember(text);
    if (!this.asking.isNamed && this.isStarting) {
      // Sources that are still to come may know the name.
      await atMost(this.populating, ENTER_WAIT);
    }
    if (!this.asking.isNamed) {
      await this.asking.ask();
    }
    if (text !== this.text.trim() || this.study !== null) {
      return null;
    }
    return this.asking.isNamed ? this.list.at(0).row : exactRow(this.groups, text);
  }

  /** Does what typing the text and Enter does, once the sources of this session are there. */
  async follow(text: string, onlyNames = false): Promise<IRow | null> {
    this.type(text);
    void this.start();
    await this.populating;
    return text === this.text && (!onlyNames || this.asking.hits.length > 0) ? this.commit() : null;
  }

  /** Shows the searches of before and what may be meant by what is typed; a name needs no suggestions. */
  suggest(): Promise<void> {
    return this.suggestions.ask(this.text, this.kept.searches, this.asking.suggesting);
  }

  /** Takes a suggestion: its text is searched for, or its value filters instead of a text. */
  async choose(one: ISuggested): Promise<void> {
    this.suggestions.close();
    if (one.kind === 'source' && one.facet !== undefined) {
      this.asking.set('', this.filters);
      return this.setFilters(withValue(this.filters, one.facet, one.text, true));
    }
    this.kept.remember(one.text);
    return this.search(one.text);
  }

  /** Filters by these values instead. */
  setFilters(filters: FacetValues): Promise<void> {
    this.leave();
    const answered = this.asking.filter(filters);
    this.keep();
    return answered;
  }

  /** Opens a folder of a source. */
  async browse(id: string, path: string): Promise<void> {
    const source = this.sources().find(one => one.id === id);
    if (source?.browse !== undefined) {
      this.leave();
      const listed = this.asking.browse(source, path);
      this.kept.touch();
      await listed;
    }
  }

  /** Leaves the folder for the one above it, and the root for where browsing began. */
  up(): Promise<void> {
    this.kept.touch();
    return this.asking.up();
  }

  /** The next page of a source. */
  more(id: string): Promise<void> {
    return this.asking.more(id);
  }

  /** Asks a failed source again; the others keep what they have. Without an id, looks for the sources again. */
  async retry(id?: string): Promise<void> {
    if (id !== undefined) {
      return this.asking.retry(id);
    }
    this._starting = null;
    this._isStarted = false;
    this._sessionError = null;
    return this.start();
  }

  /** Opens the page of a study, once its source is there; says so where it is not. */
  async openStudy(id: string, accession: string, summary?: IStudy, page?: unknown): Promise<void> {
    this.leave();
    return this.pages.open(id, accession, { summary, page });
  }

  /** Opens the page of the study that a hit names, in its source or in one after it that recognises the name too. */
  openHit(hit: IHit & { kind: 'study' }): Promise<void> {
    this.leave();
    return this.pages.openNamed(studiesFrom(this.asking.hits, hit));
  }

  /** Goes back from a study's page to the list, which is as it was. */
  closeStudy(): void {
    this.leave();
    this.announce();
  }

  /** The record of an image that was recognised by its id; `null` where it cannot be viewed or had, which is said. */
  imageOf(hit: IHit & { kind: 'image' }): Promise<IImageRecord | null> {
    return this.pages.image(hit);
  }

  /** Marks or unmarks a study or image, and says which. */
  toggleFavourite(favourite: IFavourite): void {
    this.pages.say({ kind: this.kept.favourites.toggle(favourite) ? 'added' : 'removed', favourite });
  }

  /** Takes the last removal back. */
  undo(): void {
    this.kept.favourites.undo();
    this.pages.say(null);
  }

  dispose(): void {
    if (!this._isDisposed) {
      this.kept.flush();
      this._isDisposed = true;
      this.asking.dispose();
      this.suggestions.close();
      this.pages.close();
      Signal.clearData(this);
    }
  }

  /** Whatever is open or told belongs to what was asked for before; the past does not come back over what is done now. */
  private leave(): void {
    this.isTouched = true;
    this.pages.close();
  }

  /** Brings back what an earlier visit left, and asks. What is done meanwhile counts more than what was. */
  private async restore(): Promise<void> {
    const state = this.options.memory === undefined ? null : await this.kept.load();
    if (this._isDisposed || this.isTouched) {
      return;
    }
    this.isTouched = true;
    if (state === null) {
      return this.asking.run();
    }
    this.asking.set(state.text, state.filters);
    const answered = this.asking.run();
    this.asking.view.scroll = state.scroll;
    if (state.study !== null) {
      void this.openStudy(state.study.source, state.study.accession, undefined, state.study.page);
    }
    await (state.place === null ? answered : this.asking.reopen(state.place, state.scroll, this.populating));
  }

  private started(error: BioImageError | null): void {
    this._sessionError = error;
    this._isStarted = true;
    this.announce();
  }

  private async join(): Promise<void> {
    if (!this._isDisposed) {
      await this.asking.join();
    }
  }

  private sections(): ISection[] {
    const landing = landingOf(this.sources(), this.kept.favourites.list, this.options.recent());
    return sectionsOf(this.asking, this.asking.isLanding ? landing : null);
  }

  private elsewhere(): IKeptElsewhere {
    const { text, filters, study, asking } = this;
    const page = study === null ? null : { source: study.source.id, accession: study.accession, page: study.memory };
    return { text, filters, scroll: asking.view.scroll, place: asking.folder, study: page };
  }

  /** Something that is kept has changed. */
  private keep(): void {
    this.kept.touch();
    this.emit();
  }

  /** The rows or facets may have changed. */
  private emit(): void {
    this._list = null;
    this._facets = null;
    this.announce();
  }

  private announce(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly pages = new Pages({
    source: id => this.sources().find(one => one.id === id),
    populated: () => (void this.start(), this.populating),
    said: () => this.announce(),
    changed: () => this.keep(),
    touched: () => this.kept.touch()
  });
  private _list: RowList | null = null;
  private _facets: readonly IFacetGroup[] | null = null;
  private _sessionError: BioImageError | null = null;
  private _starting: Promise<void> | null = null;
  private populating = Promise.resolve();
  private _isStarted = false;
  private isTouched = false;
  private _isDisposed = false;
}
