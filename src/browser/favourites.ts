import type { CatalogueItem } from '../catalogue';
import { isStudy } from '../catalogue';

/** Favourites kept at most; the oldest go. */
export const MAX_FAVOURITES = 500;

/** What a person has marked: enough to show and to open it without asking anybody. */
export type IFavourite =
  | { readonly kind: 'image'; readonly uri: string; readonly title: string; readonly source?: string }
  | { readonly kind: 'study'; readonly source: string; readonly accession: string; readonly title: string };

/** What tells one favourite from another. */
export function favouriteKey(one: IFavourite): string {
  return one.kind === 'image' ? `image ${one.uri}` : `study ${one.source} ${one.accession}`;
}

/** An item of a source as a favourite; `null` for what cannot be opened by its address (folders, images without one). */
export function asFavourite(item: CatalogueItem): IFavourite | null {
  const { source, title } = item;
  if (isStudy(item)) {
    return { kind: 'study', source, accession: item.accession, title };
  }
  return item.kind === 'folder' || item.uri === '' ? null : { kind: 'image', uri: item.uri, title, source };
}

/** Marked studies and images, newest first; the last removal can be taken back. */
export class Favourites {
  constructor(private readonly changed: () => void) {}

  get list(): readonly IFavourite[] {
    return this.marked;
  }

  has(one: IFavourite): boolean {
    return this.keys.has(favouriteKey(one));
  }

  /** Marks it, or takes the mark away; tells whether it is marked now. */
  toggle(one: IFavourite): boolean {
    const key = favouriteKey(one);
    const index = this.marked.findIndex(other => favouriteKey(other) === key);
    if (index < 0) {
      this.set([one, ...this.marked]);
      return true;
    }
    this.removed = { one: this.marked[index], index };
    this.set(this.marked.filter((_, place) => place !== index));
    return false;
  }

  /** Puts back what was removed last, where it was. */
  undo(): void {
    const removed = this.removed;
    this.removed = null;
    if (removed !== null && !this.has(removed.one)) {
      this.set([...this.marked.slice(0, removed.index), removed.one, ...this.marked.slice(removed.index)]);
    }
  }

  /** Adds those of an earlier visit after those of this one. */
  restore(earlier: readonly IFavourite[]): void {
    this.set([...this.marked, ...earlier.filter(one => !this.has(one))]);
  }

  private set(list: readonly IFavourite[]): void {
    this.marked = list.slice(0, MAX_FAVOURITES);
    this.keys = new Set(this.marked.map(favouriteKey));
    this.changed();
  }

  private marked: readonly IFavourite[] = [];
  private keys: ReadonlySet<string> = new Set();
  private removed: { one: IFavourite; index: number } | null = null;
}
