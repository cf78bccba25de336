import { BioImageError, say, SharedTask, throwIfAborted } from '../core';
import type { Said } from '../core';
import { FACETS } from '../entities';
import type { FacetId, IImageRecord, IPage, IQuery } from '../entities';
import { forEver } from './age';
import type { MaxAge } from './age';
import { countFacets, passes } from './facets';
import { PAGE } from './listing';
import { pageOf } from './paging';
import type { ICatalogueSource } from './source';

/** A record and what it is found by besides its title, description and address. */
export interface IEntry {
  readonly record: IImageRecord;
  readonly words: string;
}

/** A list that has been read. */
export interface IRecordList {
  readonly entries: readonly IEntry[];
  /** What could not be read, in words. */
  readonly notices: readonly Said[];
  readonly from?: IPage<unknown>['from'];
  /** False where a part could not be asked for just now: the list is shown, and read again the next time. */
  readonly complete: boolean;
}

/** Facets that records of a list are counted and filtered by. */
const FILTERS: readonly FacetId[] = FACETS.filter(id => !['source', 'study_type', 'file_type'].includes(id));

/**
 * A source over a list that is read whole when it is first asked for, and remembered: searched, filtered, counted and
 * paged here. A list that could not be read is read again the next time.
 */
export class RecordSource implements ICatalogueSource {
  readonly id: string;
  readonly label: string;
  readonly rank: number;
  readonly filters = FILTERS;

  constructor(
    private readonly options: {
      id: string;
      label: string;
      rank: number;
      /** How long a list is believed, in ms; for ever without it. */
      maxAge?: MaxAge;
    },
    private readonly load: (signal: AbortSignal) => Promise<IRecordList>
  ) {
    ({ id: this.id, label: this.label, rank: this.rank } = options);
  }

  async search(query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    const { entries, notices, from } = await this.list(signal);
    const wanted = query.text.toLowerCase().split(/\s+/);
    const matching = entries
      .filter(({ words }) => wanted.every(word => words.includes(word)))
      .map(({ record }) => record);
    const asked = FILTERS.filter(id => (query.filters?.[id] ?? []).length > 0);
    const found = matching.filter(record => passes(record.facets, query.filters, asked));
    return {
      ...pageOf(found, query, PAGE),
      exact: true,
      facets: countFacets(matching, FILTERS, query.filters),
      ...(notices.length === 0 ? {} : { notices }),
      ...(from === undefined ? {} : { from })
    };
  }

  async image(id: string, signal: AbortSignal): Promise<IImageRecord> {
    const { entries } = await this.list(signal);
    const found = entries.find(({ record }) => record.id === id);
    if (found === undefined) {
      throw new BioImageError('NOT_FOUND', say`This catalogue has no such image.`, { where: this.label });
    }
    return found.record;
  }

  private async list(signal: AbortSignal): Promise<IRecordList> {
    throwIfAborted(signal);
    const { maxAge = forEver } = this.options;
    const isOld = Date.now() - this.begun > maxAge();
    if (this.task === null || this.task.abandoned || (this.task.settled && isOld)) {
      this.task = new SharedTask(async gone => searchable(await this.load(gone)));
      this.begun = Date.now();
    }
    const { task } = this;
    let complete = false;
    try {
      const list = await task.join(signal);
      ({ complete } = list);
      return list;
    } finally {
      if (!complete && task.settled && this.task === task) {
        this.task = null;
      }
    }
  }

  private task: SharedTask<IRecordList> | null = null;
  private begun = 0;
}

/** The list with everything in lower case that an entry is found by, so that a search of 100,000 does not make it anew. */
function searchable(list: IRecordList): IRecordList {
  const entries = list.entries.map(({ record, words }) => {
    const { id, title, description = '', uri, facets = {} } = record;
    const all = [title, description, id, uri, words, ...Object.values(facets).flat()];
    return { record, words: all.join(' ').toLowerCase() };
  });
  return { ...list, entries };
}

/** Whether an address can be opened at all: one of the web with a query or a fragment cannot, for it may carry a secret. */
export function openable(uri: string): Pick<IImageRecord, 'viewable' | 'reason'> {
  return /^https?:[^?#]*[?#]/i.test(uri)
    ? { viewable: false, reason: say`Its address has a query or a fragment, and may carry a secret.` }
    : { viewable: true };
}

/** Entries without those whose id has occurred, and how many these are. */
export function unique(entries: readonly IEntry[]): { entries: IEntry[]; repeated: number } {
  const known = new Map<string, IEntry>();
  for (const entry of entries) {
    if (!known.has(entry.record.id)) {
      known.set(entry.record.id, entry);
    }
  }
  return { entries: [...known.values()], repeated: entries.length - known.size };
}
