import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { cleanText } from '../../core';
import type { Said } from '../../core';
import type { ILabelInfo } from '../../ngff';
import { distinct } from '../text';
import type { ILabelLook } from './labeltable';
import { idWords } from './labeltable';

/** Longest name of a label image in the controls, in characters. */
const MAX_LABEL = 80;

/** Opacity at first: areas that can be told apart, over an image that can be seen. */
const OPACITY = 0.5;

/** What a change touches: which label images are drawn, or how. */
export type LabelChange = 'shown' | 'look';

/** One label image as drawn and as controlled. */
export interface ILabelState extends ILabelLook {
  /** As in the metadata and in a selection. */
  readonly name: string;
  /** Name of its controls: clean and unlike the others. */
  readonly label: string;
  readonly shown: boolean;
  readonly info?: ILabelInfo;
  /** What is to be known of how it lies over the image. */
  readonly notices: readonly Said[];
}

/** A label image that could not be opened. */
export interface IFailedLabel {
  readonly label: string;
  readonly cause: Said;
}

/** What a label image brings with it. */
export type LabelSource = Pick<ILabelState, 'name' | 'info' | 'notices'> & {
  /** What it is called, where its name is not for people. */
  readonly title?: string;
};

/** Which label images lie over the image, and how they are drawn. */
export class LabelModel {
  /** @param wanted names of those to show once they are known; those that are not there are left out */
  constructor(wanted: readonly string[] = []) {
    this._wanted = wanted;
  }

  get changed(): ISignal<this, LabelChange> {
    return this._changed;
  }

  get items(): readonly ILabelState[] {
    return this._items;
  }

  get failed(): readonly IFailedLabel[] {
    return this._failed;
  }

  /** Names of those drawn; before they are known, of those to be drawn. */
  get shown(): readonly string[] {
    return this._known ? this._items.filter(item => item.shown).map(item => item.name) : this._wanted;
  }

  /** Whether it is known what there is. */
  get known(): boolean {
    return this._known;
  }

  /** What has been found. */
  fill(sources: readonly LabelSource[], failed: readonly { name: string; cause: Said }[], look: Partial<ILabelLook> = {}): void {
    const labels = distinct(sources.map(({ name, title }) => cleanText(title ?? name, MAX_LABEL)));
    this._items = sources.map(({ name, info, notices }, i) => ({
      name,
      info,
      notices,
      label: labels[i],
      shown: this._wanted.includes(name),
      opacity: OPACITY,
      outline: false,
      isolated: null,
      ...look
    }));
    this._failed = failed.map(({ name, cause }) => ({ label: cleanText(name, MAX_LABEL), cause }));
    this._known = true;
    this._changed.emit('shown');
  }

  /** Shows these and no others. */
  show(names: readonly string[]): void {
    this._wanted = names;
    const items = this._items.map(item => ({ ...item, shown: names.includes(item.name) }));
    if (items.some((item, i) => item.shown !== this._items[i].shown)) {
      this._items = items;
      this._changed.emit('shown');
    }
  }

  setShown(name: string, shown: boolean): void {
    this._update(name, { shown }, 'shown');
  }

  /** @param opacity 0 to 1 */
  setOpacity(name: string, opacity: number): void {
    if (Number.isFinite(opacity)) {
      this._update(name, { opacity: Math.min(1, Math.max(0, opacity)) }, 'look');
    }
  }

  setOutline(name: string, outline: boolean): void {
    this._update(name, { outline }, 'look');
  }

  /** Shows one id only, given as decimal text; `null` shows all again. What is no id changes nothing. */
  isolate(name: string, id: string | null): void {
    if (id === null || idWords(id)) {
      this._update(name, { isolated: id }, 'look');
    }
  }

  private _update(name: string, change: Partial<ILabelState>, kind: LabelChange): void {
    this._items = this._items.map(item => (item.name === name ? { ...item, ...change } : item));
    this._changed.emit(kind);
  }

  private readonly _changed = new Signal<this, LabelChange>(this);
  private _wanted: readonly string[];
  private _items: readonly ILabelState[] = [];
  private _failed: readonly IFailedLabel[] = [];
  private _known = false;
}
