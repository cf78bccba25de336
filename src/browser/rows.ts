import type { Said } from '../core';
import type { CatalogueItem, ICatalogueSource } from '../catalogue';
import type { IPage } from '../entities';
import type { IFavourite } from './favourites';
import type { Group } from './group';
import type { IAddress } from './recognise';
import type { IHit } from './recognised';
import { HEADING, ROW } from './virtual';

/** One row of the list; `key` is unique in it and stays with the row while it is there. */
export type IRow = { readonly key: string } & (
  | { readonly kind: 'hit'; readonly hit: IHit }
  | { readonly kind: 'address'; readonly address: IAddress }
  | { readonly kind: 'favourite'; readonly favourite: IFavourite; readonly label: string }
  | { readonly kind: 'recent'; readonly address: IAddress }
  | { readonly kind: 'item'; readonly item: CatalogueItem; readonly from: ICatalogueSource }
  | { readonly kind: 'root'; readonly source: ICatalogueSource }
  | { readonly kind: 'more'; readonly source: string; readonly status: Group['status'] }
);

/** What stands above the first row of a section. */
export type IHeading =
  | { readonly kind: 'open' | 'favourites' | 'roots' | 'recent' }
  | {
      readonly kind: 'source';
      readonly label: string;
      readonly from?: IPage<unknown>['from'];
      /** What the source has to say of its answer, in full. */
      readonly notices?: readonly Said[];
    };

/** Rows that stand together under one heading. Sections grow at their end while a question is the same. */
export interface ISection {
  readonly id: string;
  readonly heading: IHeading;
  readonly count: number;
  row(index: number): IRow;
  /**
   * What each row is called in slots, ascending, where some rows are left out that had been there: a slot means the same row
   * before and after. Without it a row is called by its index.
   */
  readonly places?: readonly number[];
}

/** A place in the list that outlives the insertion of rows before it. */
export interface ISlot {
  readonly section: string;
  /** Position within the section, as if no row were left out of it. */
  readonly offset: number;
}

/** A row where it stands. */
export interface IPlaced {
  readonly row: IRow;
  readonly heading: IHeading | null;
  /** Top of the row, its heading included, in CSS pixels. */
  readonly top: number;
}

/**
 * The rows of all sections as one list. It costs as much as there are sections, whatever the number of rows: a row is made
 * when it is asked for, and where it stands is arithmetic.
 */
export class RowList {
  /** Sections without rows are left out. */
  readonly sections: readonly ISection[];
  readonly count: number;
  /** Of the whole list, in CSS pixels. */
  readonly height: number;

  constructor(sections: readonly ISection[]) {
    this.sections = sections.filter(({ count }) => count > 0);
    let index = 0;
    let top = 0;
    for (const { count } of this.sections) {
      this.starts.push(index);
      this.tops.push(top);
      index += count;
      top += HEADING + count * ROW;
    }
    this.count = index;
    this.height = top;
  }

  at(index: number): IPlaced {
    const place = lastAtMost(this.starts, index);
    const section = this.sections[place];
    const offset = index - this.starts[place];
    return { row: section.row(offset), heading: offset === 0 ? section.heading : null, top: this.top(index) };
  }

  /** Top of the row, its heading included; the height of the list for the index after the last one. */
  top(index: number): number {
    if (index >= this.count) {
      return this.height;
    }
    const place = lastAtMost(this.starts, index);
    const offset = index - this.starts[place];
    return this.tops[place] + (offset === 0 ? 0 : HEADING + offset * ROW);
  }

  /** The last row whose top is at or above `y`; 0 for an empty list. */
  rowAt(y: number): number {
    if (this.count === 0) {
      return 0;
    }
    const place = lastAtMost(this.tops, Math.max(0, y));
    const offset = Math.max(0, Math.floor((y - this.tops[place] - HEADING) / ROW));
    return this.starts[place] + Math.min(offset, this.sections[place].count - 1);
  }

  slot(index: number): ISlot {
    const place = lastAtMost(this.starts, index);
    const offset = index - (this.starts[place] ?? 0);
    return { section: this.sections[place]?.id ?? '', offset: this.sections[place]?.places?.[offset] ?? offset };
  }

  /** Where the slot is now; -1 where it is no longer. */
  indexOf({ section, offset }: ISlot): number {
    const place = this.sections.findIndex(({ id }) => id === section);
    const index = place < 0 ? -1 : indexIn(this.sections[place], offset);
    return index < 0 ? -1 : this.starts[place] + index;
  }

  /** Where the slot is now, or the last row before it in its section; 0 where there is none. */
  nearest(slot: ISlot): number {
    const place = this.sections.findIndex(({ id }) => id === slot.section);
    if (place < 0) {
      return 0;
    }
    const { count, places } = this.sections[place];
    const offset = places === undefined ? slot.offset : lastAtMost(places, slot.offset);
    return this.starts[place] + Math.max(0, Math.min(offset, count - 1));
  }

  /** All rows, made one by one: for those who need the whole list. */
  all(): IRow[] {
    return this.sections.flatMap(section => Array.from({ length: section.count }, (_, index) => section.row(index)));
  }

  /** Index of the first row, and top, of each section. */
  private readonly starts: number[] = [];
  private readonly tops: number[] = [];
}

/** Where the row of that position stands in its section now; -1 where it is left out or has never been. */
function indexIn({ count, places }: ISection, offset: number): number {
  if (places === undefined) {
    return offset < 0 || offset >= count ? -1 : offset;
  }
  const index = lastAtMost(places, offset);
  return index < count && places[index] === offset ? index : -1;
}

/** Place of the last number that is at most `value` in an ascending list, 0 where there is none, by bisection. */
function lastAtMost(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ascending[middle] <= value) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/** A section over a list in memory. */
export function sectionOf<T>(id: string, heading: IHeading, items: readonly T[], row: (item: T) => IRow): ISection {
  const rows = items.map(row);
  return { id, heading, count: rows.length, row: index => rows[index] };
}
