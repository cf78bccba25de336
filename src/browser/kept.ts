import type { IFavourite } from './favourites';
import { Favourites, mergeFavourites } from './favourites';
import type { IPanelMemory, IPanelState } from './memory';
import { isSecret, MAX_SEARCHES, readFavourites, readState } from './memory';

/** Pause in changes after which they are saved, in ms. */
const REST = 500;
/** Time in ms that the past has to come back before the panel goes on without it. */
const PATIENCE = 1000;

/** What the rest of the panel adds to what is kept here. */
export type IKeptElsewhere = Pick<IPanelState, 'text' | 'filters' | 'scroll' | 'place' | 'study'>;

/** What stays between visits. It is saved when changes rest, and never before what was saved earlier has been read. */
export class Kept {
  readonly favourites = new Favourites(() => this.change());

  constructor(
    private readonly memory: IPanelMemory | undefined,
    private readonly elsewhere: () => IKeptElsewhere,
    private readonly changed: () => void
  ) {}

  /** Texts searched for, newest first. */
  get searches(): readonly string[] {
    return this._searches;
  }
  get filtersOpen(): boolean {
    return this._filtersOpen;
  }

  remember(text: string): void {
    if (isSecret(text)) {
      return;
    }
    this._searches = [text, ...this._searches.filter(one => one !== text)].slice(0, MAX_SEARCHES);
    this.change();
  }

  openFilters(open: boolean): void {
    this._filtersOpen = open;
    this.change();
  }

  /**
   * Reads what an earlier visit left, and joins it to what has been marked and searched for since. Resolves with `null`
   * where there is nothing, or where it takes so long that the person should not wait for it.
   */
  async load(): Promise<IPanelState | null> {
    if (this.memory === undefined) {
      return null;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.reading ??= this.read(this.memory);
    const late = new Promise<null>(resolve => (timer = setTimeout(() => resolve(null), PATIENCE)));
    const state = await Promise.race([this.reading, late]);
    clearTimeout(timer);
    return state;
  }

  /** Something that is kept elsewhere has changed. */
  touch(): void {
    if (this.memory !== undefined) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush(), REST);
    }
  }

  /** Saves now what has not been saved yet. */
  flush(): void {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      this.timer = undefined;
      if (this.isLoaded) {
        const { searches, filtersOpen, favourites } = this;
        const elsewhere = this.elsewhere();
        const text = isSecret(elsewhere.text) ? '' : elsewhere.text;
        const { before } = this;
        this.before = favourites.list;
        this.memory?.save({ ...elsewhere, text, filtersOpen, favourites: favourites.list, searches }, before);
      }
    }
  }

  private async read(memory: IPanelMemory): Promise<IPanelState> {
    let saved: unknown = null;
    try {
      saved = await memory.load();
    } catch (reason) {
      // The panel works without its past, whatever the storage has against it.
      console.warn('jupyterlab-bioimage: the state of the panel could not be read', reason);
    }
    this.isLoaded = true;
    const state = readState(saved);
    this._searches = [...new Set([...this._searches, ...state.searches])].slice(0, MAX_SEARCHES);
    this._filtersOpen ||= state.filtersOpen;
    this.before = state.favourites;
    this.favourites.restore(state.favourites);
    memory.follow?.(list => this.follow(readFavourites(list)));
    return state;
  }

  /** Another tab has marked or unmarked something; what has been marked here and is not saved yet stays so. */
  private follow(list: readonly IFavourite[]): void {
    const merged = mergeFavourites(this.before, this.favourites.list, list) ?? list;
    this.before = list;
    this.favourites.replace(merged);
  }

  private change(): void {
    this.touch();
    this.changed();
  }

  private _searches: readonly string[] = [];
  private _filtersOpen = false;
  /** The favourites as they are kept elsewhere. */
  private before: readonly IFavourite[] = [];
  private reading: Promise<IPanelState> | null = null;
  private isLoaded = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
