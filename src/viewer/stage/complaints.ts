import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { IComplaint } from '../../ngff';

/** What the specification says against the metadata of the image shown; looked for once the image is exact. */
export class Complaints {
  /** @param find absent where nobody looks */
  constructor(private readonly _find?: (signal: AbortSignal) => Promise<readonly IComplaint[]>) {}

  get items(): readonly IComplaint[] {
    return this._items;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Looks for them; once. */
  start(): void {
    if (!this._find || this._started) {
      return;
    }
    this._started = true;
    const { signal } = this._abort;
    this._find(signal).then(
      items => {
        if (!signal.aborted) {
          this._items = items;
          this._changed.emit();
        }
      },
      () => undefined // the image is there: that its metadata could not be judged is nothing that anybody could act on
    );
  }

  dispose(): void {
    this._abort.abort();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _abort = new AbortController();
  private _items: readonly IComplaint[] = [];
  private _started = false;
}
