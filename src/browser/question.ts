import type { ICatalogueSource } from '../catalogue';
import { isAbort, toBioImageError } from '../core';
import type { FacetValues } from '../entities';
import { Group } from './group';
import { twinsOf } from './twins';

/**
 * Items asked for at first, and at most: who goes on gets as many again as there are. Sources whose services give less give
 * less.
 */
const PAGE = 100;
const MAX_PAGE = 1000;

/** A folder that is being browsed. */
export interface IPlace {
  readonly source: ICatalogueSource;
  /** Without slashes at its ends; '' is the root. */
  readonly path: string;
}

/** What is asked for. */
export interface IAsked {
  readonly text: string;
  readonly filters: FacetValues;
  /** The folder that is listed instead of searching. */
  readonly place: IPlace | null;
}

/**
 * One question to several sources at once, each of which answers, fails or is slow for itself. When the question is no
 * longer wanted its requests are aborted, and an answer that comes all the same is dropped.
 */
export class Question {
  constructor(
    readonly asked: IAsked,
    private readonly changed: () => void
  ) {}

  /** In the order of the sources, whichever answers first. */
  get groups(): readonly Group[] {
    return this._groups;
  }
  get isSearching(): boolean {
    return this._groups.some(({ status }) => status === 'loading');
  }

  /** Asks the sources; those that have been asked before keep what they have, those no longer there are forgotten. */
  async ask(sources: readonly ICatalogueSource[]): Promise<void> {
    const old = new Map(this._groups.map(group => [group.source, group]));
    const fresh: Group[] = [];
    this._groups = sources.map(source => {
      const group = old.get(source) ?? new Group(source, this.asked.filters);
      if (!old.has(source)) {
        fresh.push(group);
      }
      old.delete(source);
      return group;
    });
    this.pair();
    old.forEach(gone => this.aborts.get(gone)?.abort());
    this.changed();
    await Promise.all(fresh.map(group => this.fill(group)));
  }

  /** Asks nobody until each of them is tried again. */
  postpone(sources: readonly ICatalogueSource[]): void {
    this._groups = sources.map(source => new Group(source, this.asked.filters));
    this.cancel();
  }

  /** The next page of a source. */
  async more(id: string): Promise<void> {
    const group = this.group(id);
    if (group?.cursor !== undefined && group.status !== 'loading') {
      await this.fill(group);
    }
  }

  /** Asks a source again that failed or was cancelled; the others keep what they have. */
  async retry(id: string): Promise<void> {
    const group = this.group(id);
    if (group?.status === 'failed' || group?.status === 'cancelled') {
      await this.fill(group);
    }
  }

  /** Stops waiting for the sources that have not answered; what has come stays. */
  cancel(): void {
    for (const group of this._groups.filter(({ status }) => status === 'loading')) {
      group.status = 'cancelled';
      this.aborts.get(group)?.abort();
    }
    this.changed();
  }

  /** Nothing of it is wanted any more, and nothing more is announced. */
  drop(): void {
    this.isDropped = true;
    this.aborts.forEach(abort => abort.abort());
  }

  private group(id: string): Group | undefined {
    return this._groups.find(({ source }) => source.id === id);
  }

  private async fill(group: Group): Promise<void> {
    if (this.isDropped) {
      return;
    }
    const { source, cursor } = group;
    const { text, filters, place } = this.asked;
    const abort = new AbortController();
    const { signal } = abort;
    this.aborts.set(group, abort);
    group.status = 'loading';
    group.error = undefined;
    this.announce();
    try {
      const limit = Math.min(MAX_PAGE, Math.max(PAGE, group.items.length));
      const query = { text, limit, cursor, filters };
      const page = await (place === null ? source.search(query, signal) : source.browse?.(place.path, query, signal));
      if (!signal.aborted && page !== undefined) {
        group.add(page);
        this.pair();
      }
    } catch (reason) {
      if (!signal.aborted) {
        group.status = isAbort(reason) ? 'cancelled' : 'failed';
        group.error = isAbort(reason) ? undefined : toBioImageError(reason);
      }
    }
    if (!signal.aborted) {
      this.announce();
    }
  }

  /** Finds the studies that stand in the list of more than one source. */
  private pair(): void {
    this._groups.forEach((group, index) => (group.twins = twinsOf(group, this._groups.slice(0, index))));
  }

  private announce(): void {
    if (!this.isDropped) {
      this.changed();
    }
  }

  private _groups: Group[] = [];
  private readonly aborts = new Map<Group, AbortController>();
  private isDropped = false;
}
