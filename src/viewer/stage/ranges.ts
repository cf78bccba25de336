import type { Pyramid } from '../../pixels';
import { fallbackRange } from './contrast';
import type { ViewModel } from './model';

/** Finds contrast ranges in the pixels of the coarsest level, for channels whose metadata give none. */
export class Ranges {
  constructor(
    private readonly _pyramid: Pyramid,
    private readonly _model: ViewModel
  ) {}

  /** Whether every visible channel can be drawn. */
  get complete(): boolean {
    return this._model.channels.every(channel => !channel.visible || channel.range);
  }

  /** Asks for the ranges that visible channels lack. */
  ensure(): void {
    for (const { index, visible, range } of this._model.channels) {
      if (visible && !range && !this._asked.has(index)) {
        this._asked.add(index);
        void this._find(index);
      }
    }
  }

  /** Stretches the visible channels over what the shown plane holds. */
  async auto(): Promise<void> {
    await Promise.all(this._model.visible.map(index => this._find(index)));
  }

  dispose(): void {
    this._abort.abort();
  }

  private async _find(index: number): Promise<void> {
    const { t, z } = this._model.plane;
    const { signal } = this._abort;
    try {
      const range = await this._pyramid.contrast(index, t, z, signal);
      if (!signal.aborted) {
        this._model.setRange(index, range);
      }
    } catch {
      if (signal.aborted) {
        return;
      }
      // the tiles show what is damaged; the whole range of the type still shows what is not
      this._model.setRange(index, fallbackRange(this._model.dtype));
    }
  }

  private readonly _abort = new AbortController();
  private readonly _asked = new Set<number>();
}
