import type { ISlot, RowList } from './rows';
import type { IListView } from './search';

/**
 * Time in ms after the first rows of an answer in which others may still take their place above them. What has stood
 * longer, or has been touched, is being looked at and does not move.
 */
const SETTLING = 1000;

/** What a scrolled box is; an element is one. */
export interface IScrolled {
  scrollTop: number;
}

/**
 * Keeps what a person is looking at where it is while sources that answer late are inserted above it, and brings a list
 * back to where it stood before.
 */
export class Anchor {
  /** Rows have been inserted above what is visible, and not been looked at. */
  isAbove = false;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** A person has touched the list: nothing in it moves by itself from now on. */
  touch(): void {
    this.isTouched = true;
    this.wanted = null;
  }

  /** The box was scrolled, by whomever. True where that counts: while it is being brought back it does not. */
  scrolled(box: IScrolled, list: RowList, view: IListView): boolean {
    if (this.wanted !== null) {
      return false;
    }
    view.scroll = box.scrollTop;
    this.isAbove &&= box.scrollTop > 0;
    this.hold(list, view);
    return true;
  }

  /**
   * The list is another one, or longer: puts the box where it belongs. `height` is that of the box, `isSettled` says that
   * no more rows are to come by themselves.
   */
  follow(box: IScrolled, list: RowList, view: IListView, serial: number, height: number, isSettled: boolean): void {
    if (serial !== this.serial) {
      this.serial = serial;
      this.slot = null;
      this.since = null;
      this.isAbove = false;
      this.isTouched = false;
      this.wanted = view.scroll > 0 ? view.scroll : null;
      box.scrollTop = 0;
    }
    if (this.wanted !== null) {
      if (!isSettled && list.height < this.wanted + height) {
        return;
      }
      view.scroll = Math.max(0, Math.min(this.wanted, list.height - height));
      this.wanted = null;
      this.isTouched = true;
      box.scrollTop = view.scroll;
    }
    this.since ??= list.count > 0 ? this.now() : null;
    const index = this.slot === null ? -1 : list.indexOf(this.slot);
    if (index >= 0 && this.isLookedAt(view)) {
      const scroll = list.top(index) + this.delta;
      if (scroll !== view.scroll) {
        this.isAbove ||= scroll > view.scroll;
        view.scroll = scroll;
        box.scrollTop = scroll;
      }
    }
    this.hold(list, view);
  }

  private isLookedAt(view: IListView): boolean {
    return this.isTouched || view.scroll > 0 || (this.since !== null && this.now() - this.since > SETTLING);
  }

  /** Remembers the first visible row, and how far the box is scrolled beyond its top. */
  private hold(list: RowList, view: IListView): void {
    if (list.count > 0) {
      const index = list.rowAt(view.scroll);
      this.slot = list.slot(index);
      this.delta = view.scroll - list.top(index);
    }
  }

  private serial = -1;
  private slot: ISlot | null = null;
  private delta = 0;
  private since: number | null = null;
  private isTouched = false;
  /** Where the box is to be brought, once the list is long enough. */
  private wanted: number | null = null;
}
