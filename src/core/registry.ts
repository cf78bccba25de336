/** Something that can be taken back. Disposing twice is harmless. */
export interface IDisposableLike {
  dispose(): void;
}

/** Rank of an item that names none. */
const DEFAULT_RANK = 100;

/** An ordered table to which others may add. Adding returns the way to remove. */
export class Registry<T extends { id: string; rank?: number }> {
  private readonly _items = new Map<string, T>();
  private readonly _listeners = new Set<() => void>();
  private _sorted: readonly T[] | null = null;

  /** Adds an item; throws where its id is taken already. */
  add(item: T): IDisposableLike {
    if (this._items.has(item.id)) {
      throw new Error(`"${item.id}" has been added already`);
    }
    this._items.set(item.id, item);
    this._changed();
    return {
      dispose: () => {
        // A later item under the same id is not ours to remove.
        if (this._items.get(item.id) === item) {
          this._items.delete(item.id);
          this._changed();
        }
      }
    };
  }

  /** All items, lowest rank first, equal ranks (100 where none is given) in the order they came. */
  get items(): readonly T[] {
    this._sorted ??= [...this._items.values()].sort((a, b) => (a.rank ?? DEFAULT_RANK) - (b.rank ?? DEFAULT_RANK));
    return this._sorted;
  }

  get(id: string): T | undefined {
    return this._items.get(id);
  }

  /** Calls `listener` after every change, until disposed. */
  onChanged(listener: () => void): IDisposableLike {
    // A fresh function per call: the same listener given twice is called twice and removed one by one.
    const entry = () => listener();
    this._listeners.add(entry);
    return { dispose: () => void this._listeners.delete(entry) };
  }

  private _changed(): void {
    this._sorted = null;
    for (const listener of [...this._listeners]) {
      listener();
    }
  }
}
