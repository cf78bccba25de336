import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ICatalogueSource } from '../../catalogue';
import { BioImageError, isAbort, say, toBioImageError } from '../../core';
import type { IFileEntry, IImageRecord, IStudy, IStudyDetails } from '../../entities';
import type { IStudyName } from '../host';
import { StudyList } from './list';
import type { IStudyMemory, StudyTab } from './memory';
import { readMemory } from './memory';

/** Pause in scrolling after which a place is worth remembering, in ms. */
const SCROLL_REST = 500;

/** The number of pages made so far. */
let pages = 0;

/** What the page of a study is made from. */
export interface IStudyModelOptions {
  source: ICatalogueSource;
  accession: string;
  /** What the list of results knows of it already: its title stands there before the study has been asked for. */
  summary?: IStudy;
  /** What an earlier page of this study gave as its `memory`; read leniently, as it comes from storage. */
  memory?: unknown;
}

/**
 * State of a study's page: the study itself, its images and its files, each with its own progress and failure. Images and
 * files are asked for when their tab is shown first.
 */
export class StudyModel implements IDisposable {
  /** Tells this visit to a study from others, to the same study too. */
  readonly serial = pages++;
  readonly source: ICatalogueSource;
  readonly accession: string;
  readonly images: StudyList<IImageRecord>;
  readonly files: StudyList<IFileEntry>;

  constructor(private readonly options: IStudyModelOptions) {
    const { source, accession } = options;
    this.source = source;
    this.accession = accession;
    const memory = readMemory(options.memory);
    this._layout = memory.layout ?? 'list';
    this._onlyViewable = memory.onlyViewable ?? false;
    const announce = (): void => this.emit();
    const none = { items: [] };
    this.images = new StudyList<IImageRecord>(
      async (query, signal) => source.images?.(accession, query, signal) ?? none,
      announce,
      memory.images
    );
    this.files = new StudyList<IFileEntry>(
      async (query, signal) => source.files?.(accession, query, signal) ?? none,
      announce,
      memory.files
    );
    this._tab = memory.tab !== undefined && this.tabs.includes(memory.tab) ? memory.tab : this.tabs[0];
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }
  get details(): IStudyDetails | null {
    return this._details;
  }
  get status(): 'loading' | 'ready' | 'failed' {
    return this._status;
  }
  get error(): BioImageError | null {
    return this._error;
  }
  get tab(): StudyTab {
    return this._tab;
  }
  get layout(): 'list' | 'grid' {
    return this._layout;
  }
  get onlyViewable(): boolean {
    return this._onlyViewable;
  }
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** As much of the study as is known. */
  get known(): IStudyDetails | IStudy | null {
    return this._details ?? this.options.summary ?? null;
  }

  get name(): IStudyName {
    return { source: this.source.id, accession: this.accession, title: this.known?.title ?? this.accession };
  }

  /** What this source can show of a study, in the order of the tabs. */
  get tabs(): readonly StudyTab[] {
    return [
      ...(this.source.images === undefined ? [] : (['images'] as const)),
      ...(this.source.files === undefined ? [] : (['files'] as const)),
      'about'
    ];
  }

  /** The images that the filters leave. */
  get shownImages(): readonly IImageRecord[] {
    const { items } = this.images;
    if (!this._onlyViewable) {
      return items;
    }
    if (this.filtered?.of !== items) {
      this.filtered = { of: items, shown: items.filter(({ viewable }) => viewable) };
    }
    return this.filtered.shown;
  }

  /**
   * More images can be asked for. Viewable ones come first (contract of the sources): once a page ends with one that is
   * not, no viewable ones follow.
   */
  get hasMoreImages(): boolean {
    const { items, hasMore } = this.images;
    return hasMore && (!this._onlyViewable || items.length === 0 || items[items.length - 1].viewable);
  }

  /** What is worth keeping for the next visit, as plain JSON. */
  get memory(): IStudyMemory {
    return {
      tab: this._tab,
      layout: this._layout,
      onlyViewable: this._onlyViewable,
      images: this.images.memory,
      files: this.files.memory
    };
  }

  /** Asks for the study and for what its tab shows; resolves when both have answered or failed. */
  async load(): Promise<void> {
    await Promise.all([this.ask(), this.openTab()]);
  }

  /** Asks again for the study, and for the list that failed with it. */
  async retry(): Promise<void> {
    if (this._status === 'failed') {
      await Promise.all([this.ask(), this.images.retry(), this.files.retry()]);
    }
  }

  /** Shows a tab; what it shows is asked for the first time that is needed. */
  async show(tab: StudyTab): Promise<void> {
    this._tab = this.tabs.includes(tab) ? tab : this.tabs[0];
    this.emit();
    await this.openTab();
  }

  /** Shows the images or files of one dataset ('' is of all). */
  async showDataset(tab: 'images' | 'files', dataset: string): Promise<void> {
    this._tab = this.tabs.includes(tab) ? tab : this.tabs[0];
    await (tab === 'images' ? this.images : this.files).filter({ dataset, text: '' });
  }

  setLayout(layout: 'list' | 'grid'): void {
    this._layout = layout;
    // Heights differ: the place means nothing in the other layout.
    this.images.scroll = 0;
    this.emit();
  }

  setOnlyViewable(only: boolean): void {
    this._onlyViewable = only;
    this.images.scroll = 0;
    this.emit();
  }

  /** A list was scrolled; told to those who keep the memory once it rests. */
  scrolled(list: 'images' | 'files', scroll: number): void {
    (list === 'images' ? this.images : this.files).scroll = scroll;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.emit(), SCROLL_REST);
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this.timer);
      this.abort.abort();
      this.images.dispose();
      this.files.dispose();
      Signal.clearData(this);
    }
  }

  private async openTab(): Promise<void> {
    if (this._tab !== 'about') {
      await this[this._tab].open();
    }
  }

  private async ask(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this._status = 'loading';
    this._error = null;
    this.emit();
    try {
      const { source, accession } = this;
      if (source.study === undefined) {
        throw new BioImageError('UNSUPPORTED', say`This catalogue has no pages of studies.`);
      }
      const details = await source.study(accession, signal);
      if (!signal.aborted) {
        this._details = details;
        this._status = 'ready';
      }
    } catch (reason) {
      if (!signal.aborted) {
        this._status = 'failed';
        this._error = isAbort(reason)
          ? new BioImageError('UPSTREAM_DOWN', say`The request was broken off.`, { cause: reason })
          : toBioImageError(reason);
      }
    }
    if (!signal.aborted) {
      this.emit();
    }
  }

  private emit(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _details: IStudyDetails | null = null;
  private _status: 'loading' | 'ready' | 'failed' = 'loading';
  private _error: BioImageError | null = null;
  private _tab: StudyTab;
  private _layout: 'list' | 'grid';
  private _onlyViewable: boolean;
  private filtered: { of: readonly IImageRecord[]; shown: readonly IImageRecord[] } | null = null;
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
