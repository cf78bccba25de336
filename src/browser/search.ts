import type { ICatalogueSource } from '../catalogue';
import type { FacetId, FacetValues } from '../entities';
import type { IFacetGroup } from './facets';
import { Facets } from './facets';
import { chosenCount, sameValue, withValue } from './filters';
import type { Group } from './group';
import type { IAsked, IPlace } from './question';
import { Question } from './question';
import type { IAddress } from './recognise';
import { doiText, recognise, TEXT_LENGTH } from './recognise';
import type { IHit } from './recognised';
import { hitsOf } from './recognised';
import type { ISlot } from './rows';

/** Pause in typing after which a search begins, in ms. */
const DEBOUNCE = 250;
/** Time in ms that Enter waits for sources that have not answered. */
export const ENTER_WAIT = 2000;
/** What is asked for before anything is. */
const NOTHING: IAsked = { text: '', filters: {}, place: null };

/** Where the list stands. The list itself writes it, without announcing it. */
export interface IListView {
  /** In CSS pixels. */
  scroll: number;
  /** The row that Tab reaches. */
  chosen: ISlot | null;
}

/** A folder by the id of its source. */
interface IFolder {
  readonly source: string;
  /** '' is the root. */
  readonly path: string;
}

/** Resolves when the work is done, or after so many ms. */
export function atMost(work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    void work.finally(() => (clearTimeout(timer), resolve()));
  });
}

/**
 * What is asked for: a text with filters, or a folder; and the question that it makes. A new one takes the place of the old
 * one, which is cancelled.
 */
export class Search {
  readonly view: IListView = { scroll: 0, chosen: null };

  constructor(
    /** The registered sources in their order. */
    private readonly sources: () => readonly ICatalogueSource[],
    private readonly changed: () => void
  ) {
    this.question = new Question(NOTHING, changed);
  }

  get text(): string {
    return this._text;
  }
  get filters(): FacetValues {
    return this._filters;
  }
  get place(): IPlace | null {
    return this.question.asked.place;
  }
  /** The folder that is browsed, or that of an earlier visit as long as its source is waited for. */
  get folder(): IFolder | null {
    return this.place === null ? this.left : { source: this.place.source.id, path: this.place.path };
  }
  get groups(): readonly Group[] {
    return this.question.groups;
  }
  /** Another number for each question: the list begins at its top again. */
  get serial(): number {
    return this._serial;
  }
  get isSearching(): boolean {
    return this.timer !== undefined || this.question.isSearching;
  }
  /** Nothing is asked for: the list shows what there is by itself. */
  get isLanding(): boolean {
    return this._text.trim() === '' && this.place === null && chosenCount(this._filters) === 0;
  }
  /** The address in the search box, if it holds one. */
  get address(): IAddress | null {
    return this.place === null ? recognise(this._text) : null;
  }
  /** What the text is the name of, by its form alone. */
  get hits(): readonly IHit[] {
    return this.place === null ? hitsOf(this.sources(), this._text) : [];
  }
  /** The text is a name or an address: it is opened, and needs no search. */
  get isNamed(): boolean {
    return (this.address !== null && this.address.isUnsure !== true) || this.hits.length > 0;
  }
  /** The sources that may suggest something for what is typed; `null` where it is a name, which needs no suggestions. */
  get suggesting(): readonly ICatalogueSource[] | null {
    if (this.isNamed || doiText(this._text) !== undefined) {
      return null;
    }
    return this._text.trim() === '' ? [] : this.sources().filter(source => source.suggest !== undefined);
  }
  /** What the results can be filtered by. */
  facets(): readonly IFacetGroup[] {
    return this.counts.merge(this.groups, this._filters, this.sources());
  }

  /** Puts a text and filters in place without asking yet. */
  set(text: string, filters: FacetValues): void {
    this._text = text.slice(0, TEXT_LENGTH);
    this._filters = filters;
    this.left = null;
    this.counts.clear();
    if (this.place !== null) {
      this.question.drop();
      this.question = new Question(NOTHING, this.changed);
    }
  }

  /** New text; the search begins when typing pauses, and what was asked for is cancelled at once. */
  type(text: string, paused: () => void): void {
    this.set(text, this._filters);
    this.question.drop();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      void this.run();
      paused();
    }, DEBOUNCE);
  }

  /** Asks now, all sources or those named; resolves when all of them have answered or failed. */
  run(wanted?: readonly string[]): Promise<void> {
    this.wanted = wanted;
    return this.put({ text: this.wording, filters: this._filters, place: null }, () => this.asked());
  }

  /**
   * Asks now, unless what is typed is being asked for already; resolves when all have answered or failed, or when those that
   * have not are no longer worth waiting for.
   */
  ask(): Promise<void> {
    const { asked } = this.question;
    const isAsked = this.timer === undefined && asked.place === null && asked.text === this.wording;
    return atMost(isAsked ? this.answered : this.run(this.wanted), ENTER_WAIT);
  }

  /** Chooses a value of a facet or gives it up, and asks the same sources. */
  async filter(filters: FacetValues): Promise<void> {
    this._filters = filters;
    // The values stay where they are while somebody clicks through them.
    this.counts.hold();
    return this.run(this.wanted);
  }

  setFilter(facet: FacetId, value: string, on: boolean): Promise<void> {
    return this.filter(withValue(this._filters, facet, value, on));
  }

  /** Lists a folder of a source. */
  async browse(source: ICatalogueSource, path: string): Promise<void> {
    await this.put({ text: '', filters: {}, place: { source, path } }, () => [source]);
  }

  /** Lists the folder of an earlier visit, when its source has come and unless something else is asked for by then. */
  async reopen(folder: IFolder, scroll: number, ready: Promise<void>): Promise<void> {
    this.left = folder;
    await ready;
    const source = this.sources().find(({ id }) => id === folder.source);
    if (this.left === folder && source?.browse !== undefined) {
      const listed = this.browse(source, folder.path);
      this.view.scroll = scroll;
      await listed;
    }
  }

  /** Leaves the folder for the one above it, and the root for where browsing began. */
  async up(): Promise<void> {
    const { place } = this;
    return place === null || place.path === ''
      ? this.run()
      : this.browse(place.source, place.path.slice(0, Math.max(0, place.path.lastIndexOf('/'))));
  }

  more(id: string): Promise<void> {
    return this.question.more(id);
  }

  retry(id: string): Promise<void> {
    return this.question.retry(id);
  }

  /** Stops the search, in the services too; what has come stays. What was about to be asked is not asked. */
  cancel(): void {
    if (this.timer === undefined) {
      this.question.cancel();
    } else {
      this.rest();
      this.question = new Question({ text: this.wording, filters: this._filters, place: null }, this.changed);
      this.question.postpone(this.asked());
    }
  }

  /** Lets sources that came later join the running question, without asking the others again. */
  async join(): Promise<void> {
    // What is being typed will be asked of all of them.
    return this.place === null && this.timer === undefined ? this.question.ask(this.asked()) : this.changed();
  }

  dispose(): void {
    this.rest();
    this.question.drop();
  }

  /** What services are asked for: of an address of a DOI the DOI, which is what they have. */
  private get wording(): string {
    return doiText(this._text) ?? this._text.trim();
  }

  /** The sources that the question in the box is for. */
  private asked(): ICatalogueSource[] {
    if (this.address !== null && this.address.isUnsure !== true) {
      // An address is opened, not searched for: nothing of it is sent to any source.
      return [];
    }
    const { source: chosen } = this._filters;
    return this.sources().filter(({ id, landing }) => {
      const isWanted = (this.wanted?.includes(id) ?? true) && (chosen?.some(one => sameValue(one, id)) ?? true);
      return isWanted && (!this.isLanding || landing === 'items');
    });
  }

  /** Asks another question; the one before is no longer wanted. */
  private put(asked: IAsked, sources: () => readonly ICatalogueSource[]): Promise<void> {
    this.rest();
    this.question.drop();
    this.question = new Question(asked, this.changed);
    this.left = null;
    this._serial++;
    this.view.scroll = 0;
    this.view.chosen = null;
    this.answered = this.question.ask(sources());
    return this.answered;
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private readonly counts = new Facets();
  private _text = '';
  private _filters: FacetValues = {};
  private _serial = 0;
  private question: Question;
  private answered = Promise.resolve();
  private wanted: readonly string[] | undefined;
  private left: IFolder | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
