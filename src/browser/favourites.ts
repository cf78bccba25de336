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

/**
 * What was marked and unmarked since `before`, done to the list as it is `now`: another tab may have changed it meanwhile.
 * `null` where nothing was.
 */
export function mergeFavourites(
  before: readonly IFavourite[],
  mine: readonly IFavourite[],
  now: readonly IFavourite[]
): readonly IFavourite[] | null {
  const [old, own] = [before, mine].map(list => new Set(list.map(favouriteKey)));
  const added = mine.filter(one => !old.has(favouriteKey(one)));
  if (added.length === 0 && before.every(one => own.has(favouriteKey(one)))) {
    return null;
  }
  if (now.length === before.length && now.every(one => old.has(favouriteKey(one)))) {
    // Nobody else has changed it: the order is this one's.
    return mine;
  }
  const others = now.filter(one => !own.has(favouriteKey(one)) && !old.has(favouriteKey(one)));
  const left = now.filter(one => old.has(favouriteKey(one)) && own.has(favouriteKey(one)));
  return [...added, ...others, ...left].slice(0, MAX_FAVOURITES);
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

  /** Takes over what is marked by now. */
  replace(list: readonly IFavourite[]): void {
    const isSame =
      list.length === this.marked.length &&
      list.every((one, index) => favouriteKey(one) === favouriteKey(this.marked[index]));
    if (!isSame) {
      this.set(list);
    }
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
