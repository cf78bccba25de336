import { BioImageError, isAbort, say, toBioImageError } from '../../core';
import type { IPage, IQuery } from '../../entities';

/** Items asked for at a time. */
const PAGE = 100;
/** Items of one list that are kept at most. */
export const MAX_ITEMS = 100_000;
/** Pause in typing after which the list is asked for anew, in ms. */
const DEBOUNCE = 300;
/** Characters of a filter that count. */
export const FILTER_LENGTH = 200;
/** Rows that a remembered place is restored to at most: each page of them is a request. */
const MAX_SCROLL = 60_000;

/** What of a list survives a reload. */
export interface IListMemory {
  readonly text?: string;
  readonly dataset?: string;
  /** CSS pixels from its top. */
  readonly scroll?: number;
}

/** How a list gets its pages. */
export type AskPage<T> = (query: IQuery, signal: AbortSignal) => Promise<IPage<T>>;

/**
 * A list that is asked for page by page, first when it is shown. A filter asks anew; the question before is aborted and its
 * answer dropped. When a later page fails, the earlier ones stay.
 */
export class StudyList<T> {
  status: 'idle' | 'loading' | 'ready' | 'failed' = 'idle';
  items: readonly T[] = [];
  /** Of all pages together; a lower bound or estimate where `exact` is false. */
  total: number | undefined;
  exact = true;
  /** Where the last answer came from, when not from the service itself. */
  from: IPage<T>['from'];
  error: BioImageError | null = null;
  /** Filter as typed. */
  text: string;
  /** Id of the dataset whose items are shown; '' is all of them. */
  dataset: string;
  /** CSS pixels from the top; kept for the next visit, drawn by the view. */
  scroll: number;

  constructor(
    private readonly ask: AskPage<T>,
    private readonly announce: () => void,
    memory: IListMemory = {}
  ) {
    this.text = memory.text ?? '';
    this.dataset = memory.dataset ?? '';
    this.scroll = Math.min(memory.scroll ?? 0, MAX_SCROLL);
  }

  get memory(): IListMemory {
    return { text: this.text, dataset: this.dataset, scroll: Math.round(this.scroll) };
  }

  get hasMore(): boolean {
    return this.cursor !== undefined;
  }

  /** The last page was empty although there is more: it goes on when a person says so, not by itself. */
  get isStalled(): boolean {
    return this.hasMore && this.wasEmpty;
  }

  /** Something is filtered out by what was typed or chosen. */
  get isFiltered(): boolean {
    return this.text.trim() !== '' || this.dataset !== '';
  }

  /** Asks for the first page, unless that has been done. */
  async open(): Promise<void> {
    if (this.status === 'idle') {
      await this.restart();
    }
  }

  /** New text in the filter; the question follows when typing pauses. */
  type(text: string): void {
    this.text = text.slice(0, FILTER_LENGTH);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.restart(), DEBOUNCE);
    this.announce();
  }

  /** Filters at once. */
  async filter(change: { text?: string; dataset?: string }): Promise<void> {
    this.text = (change.text ?? this.text).slice(0, FILTER_LENGTH);
    this.dataset = change.dataset ?? this.dataset;
    await this.restart();
  }

  /** The next page, where there is one and none is on its way. */
  async more(): Promise<void> {
    if (this.hasMore && this.status === 'ready') {
      await this.fill();
    }
  }

  /** Asks again for the page that failed. */
  async retry(): Promise<void> {
    if (this.status === 'failed') {
      await this.fill();
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }

  private async restart(): Promise<void> {
    clearTimeout(this.timer);
    this.abort.abort();
    this.abort = new AbortController();
    // A remembered place belongs to the first question only.
    this.scroll = this.status === 'idle' ? this.scroll : 0;
    this.items = [];
    this.total = undefined;
    this.exact = true;
    this.from = undefined;
    this.cursor = undefined;
    this.seen.clear();
    await this.fill();
  }

  private async fill(): Promise<void> {
    const { signal } = this.abort;
    const { cursor } = this;
    this.status = 'loading';
    this.error = null;
    this.announce();
    try {
      const page = await this.ask(
        {
          text: this.text.trim(),
          limit: PAGE,
          ...(cursor === undefined ? {} : { cursor }),
          ...(this.dataset === '' ? {} : { dataset: this.dataset })
        },
        signal
      );
      if (!signal.aborted) {
        this.take(page);
      }
    } catch (reason) {
      if (!signal.aborted) {
        this.status = 'failed';
        // A source that gives up by itself must not leave a list that loads for ever.
        this.error = isAbort(reason)
          ? new BioImageError('UPSTREAM_DOWN', say`The request was broken off.`, { cause: reason })
          : toBioImageError(reason);
      }
    }
    if (!signal.aborted) {
      this.announce();
    }
  }

  private take({ items, total, exact, cursor, from }: IPage<T>): void {
    this.items = this.items.concat(items).slice(0, MAX_ITEMS);
    this.total = total;
    this.exact = exact !== false;
    this.from = from;
    this.wasEmpty = items.length === 0;
    // A cursor that was there before would go round in circles.
    this.cursor = cursor !== undefined && !this.seen.has(cursor) && this.items.length < MAX_ITEMS ? cursor : undefined;
    if (cursor !== undefined) {
      this.seen.add(cursor);
    }
    this.status = 'ready';
  }

  private cursor: string | undefined;
  private wasEmpty = false;
  private readonly seen = new Set<string>();
  private abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
}
