import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { CatalogueItem, ICatalogueSource } from '../catalogue';
import { isStudy } from '../catalogue';
import type { BioImageError } from '../core';
import { isAbort, toBioImageError } from '../core';
import type { IAddress } from './recognise';
import { recognise, TEXT_LENGTH } from './recognise';
import type { IGroup, IRow } from './rows';
import { rowsOf } from './rows';

/** Pause in typing after which a search begins, in ms. */
const DEBOUNCE = 250;
/** Items asked for at a time. */
const PAGE = 100;
/** Items of one source that the panel shows at most. */
const MAX_ITEMS = 10_000;

/** A folder that is being browsed. */
export interface IPlace {
  readonly source: ICatalogueSource;
  /** Without slashes at its ends; '' is the root. */
  readonly path: string;
}

/** What the panel's state is made from. */
export interface IBrowserModelOptions {
  /** The registered sources in their order. */
  sources: () => readonly ICatalogueSource[];
  sourcesChanged: ISignal<unknown, void>;
  /** Adds the sources of this session to the registered ones; asked once, and again after a failure. */
  populate: () => Promise<void>;
  /** Images opened lately, newest first. */
  recent: () => readonly IAddress[];
  recentChanged: ISignal<unknown, void>;
}

/**
 * State of the panel. Sources are asked in parallel and shown in their own order, whichever answers first; one that fails
 * or never answers changes only its own group. Each question has its own abort signal, and an answer to an old one is
 * dropped.
 */
export class BrowserModel implements IDisposable {
  constructor(private readonly options: IBrowserModelOptions) {
    options.sourcesChanged.connect(() => void this.join(), this);
    options.recentChanged.connect(() => this.emit(), this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }
  get text(): string {
    return this._text;
  }
  get place(): IPlace | null {
    return this._place;
  }
  get groups(): readonly IGroup[] {
    return this._groups;
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

  /** The address in the search box, if it holds one. */
  get address(): IAddress | null {
    return this._place === null ? recognise(this._text) : null;
  }

  get rows(): readonly IRow[] {
    const landing = this._text.trim() === '' && this._place === null;
    this._rows ??= rowsOf({
      address: this.address,
      recent: landing ? this.titled(this.options.recent()) : [],
      roots: landing ? this.sources().filter(source => source.landing === 'folder' && source.browse !== undefined) : [],
      groups: this._groups
    });
    return this._rows;
  }

  /**
   * Finds the sources of this session and shows what they show by themselves; again after a failure. Sources of other
   * extensions do not wait for it. Resolves when all have answered or failed.
   */
  start(): Promise<void> {
    this._starting ??= Promise.all([
      this.run(this._wanted),
      this.options.populate().then(
        () => this.started(null),
        (reason: unknown) => this.started(toBioImageError(reason))
      )
    ]).then(() => undefined);
    return this._starting;
  }

  /** New text in the box; the search begins when typing pauses. */
  type(text: string): void {
    this._text = text.slice(0, TEXT_LENGTH);
    this._place = null;
    clearTimeout(this._timer);
    this._timer = setTimeout(() => void this.run(), DEBOUNCE);
    this.emit();
  }

  /** Searches at once, in all sources or in those named; resolves when all of them have answered or failed. */
  async search(text: string, sources?: readonly string[]): Promise<void> {
    this._text = text.slice(0, TEXT_LENGTH);
    this._place = null;
    this._wanted = sources;
    await (this._starting === null ? this.start() : Promise.all([this.run(sources), this._starting]));
  }

  /**
   * Fixes what is typed: resolves with the row to open when there is an address, or exactly one hit of that very name.
   */
  async commit(): Promise<IRow | null> {
    const text = this._text.trim();
    if (this.address === null && text !== '') {
      await this.run();
    }
    if (text !== this._text.trim() || text === '') {
      return null;
    }
    const first = this.rows[0] as IRow | undefined;
    if (first?.kind === 'address') {
      return first;
    }
    const exact = this.rows.filter(row => row.kind === 'item' && isExact(row.item, text));
    return exact.length === 1 ? exact[0] : null;
  }

  /** Opens a folder of a source. */
  async browse(id: string, path: string): Promise<void> {
    const source = this.sources().find(one => one.id === id);
    if (source?.browse === undefined) {
      return;
    }
    this._place = { source, path };
    await this.ask([source]);
  }

  /** Leaves the folder for the one above it, and the root for where browsing began. */
  async up(): Promise<void> {
    if (this._place !== null && this._place.path !== '') {
      const { source, path } = this._place;
      return this.browse(source.id, path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    }
    this._place = null;
    return this.run();
  }

  /** The next page of a source. */
  async more(id: string): Promise<void> {
    const group = this._groups.find(({ source }) => source.id === id);
    if (group?.cursor !== undefined && group.status !== 'loading') {
      await this.fill(group, this._abort.signal);
    }
  }

  /** Asks a failed source again; the others keep what they have. Without an id, looks for the sources again. */
  async retry(id?: string): Promise<void> {
    if (id === undefined) {
      this._starting = null;
      this._isStarted = false;
      this._sessionError = null;
      return this.start();
    }
    const group = this._groups.find(({ source }) => source.id === id);
    if (group?.status === 'failed') {
      await this.fill(group, this._abort.signal);
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      this._abort.abort();
      Signal.clearData(this);
    }
  }

  /** Recent images under the titles that a source gives them. */
  private titled(recent: readonly IAddress[]): IAddress[] {
    const listed = this._groups.flatMap(({ items }) => items);
    return recent.map(({ uri, title }) => {
      const item = listed.find(one => !isStudy(one) && one.uri === uri);
      return { uri, title: item?.title ?? title };
    });
  }

  private async started(error: BioImageError | null): Promise<void> {
    this._sessionError = error;
    this._isStarted = true;
    await this.join();
  }

  private sources(): readonly ICatalogueSource[] {
    return this.options.sources();
  }

  /** The sources that the question in the box is for. */
  private asked(): ICatalogueSource[] {
    if (this.address !== null) {
      // An address is opened, not searched for: nothing of it is sent to any source.
      return [];
    }
    const landing = this._text.trim() === '';
    return this.sources().filter(source => {
      return (this._wanted?.includes(source.id) ?? true) && (!landing || source.landing === 'items');
    });
  }

  private run(wanted?: readonly string[]): Promise<void> {
    clearTimeout(this._timer);
    this._wanted = wanted;
    return this.ask(this.asked());
  }

  private async ask(asked: readonly ICatalogueSource[]): Promise<void> {
    this._abort.abort();
    this._abort = new AbortController();
    const { signal } = this._abort;
    this._groups = asked.map(source => ({ source, status: 'loading', items: [] }));
    this.emit();
    await Promise.all(this._groups.map(group => this.fill(group, signal)));
  }

  private async fill(group: IGroup, signal: AbortSignal): Promise<void> {
    const { source, cursor } = group;
    group.status = 'loading';
    group.error = undefined;
    this.emit();
    try {
      const query = { text: this._place === null ? this._text.trim() : '', limit: PAGE, cursor };
      const page = await (this._place === null
        ? source.search(query, signal)
        : source.browse?.(this._place.path, query, signal));
      if (!signal.aborted && page !== undefined) {
        group.items = [...group.items, ...page.items].slice(0, MAX_ITEMS);
        group.total = page.total;
        group.cursor = group.items.length < MAX_ITEMS ? page.cursor : undefined;
        group.status = 'ready';
      }
    } catch (reason) {
      if (!signal.aborted && !isAbort(reason)) {
        group.status = 'failed';
        group.error = toBioImageError(reason);
      }
    }
    if (!signal.aborted) {
      this.emit();
    }
  }

  /** Lets sources that came later join the running question, without asking the others again. */
  private async join(): Promise<void> {
    if (this._isDisposed || this._place !== null) {
      this.emit();
      return;
    }
    const old = new Map(this._groups.map(group => [group.source, group]));
    const fresh: IGroup[] = [];
    this._groups = this.asked().map(source => {
      const group: IGroup = old.get(source) ?? { source, status: 'loading', items: [] };
      if (!old.has(source)) {
        fresh.push(group);
      }
      return group;
    });
    this.emit();
    await Promise.all(fresh.map(group => this.fill(group, this._abort.signal)));
  }

  private emit(): void {
    this._rows = null;
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _text = '';
  private _place: IPlace | null = null;
  private _groups: IGroup[] = [];
  private _rows: IRow[] | null = null;
  private _wanted: readonly string[] | undefined;
  private _sessionError: BioImageError | null = null;
  private _starting: Promise<void> | null = null;
  private _isStarted = false;
  private _abort = new AbortController();
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}

/** The name or id is the text itself, with or without `.zarr`. */
function isExact(item: CatalogueItem, text: string): boolean {
  const wanted = text.toLowerCase();
  const names = isStudy(item) ? [item.accession, item.title] : [item.id, item.title];
  return names.some(name => {
    const low = name.toLowerCase();
    return low === wanted || low.replace(/(\.ome)?\.zarr$/, '') === wanted;
  });
}
