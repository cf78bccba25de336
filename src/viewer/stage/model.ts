import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { cleanText } from '../../core';
import type { ISelection } from '../../entities';
import type { DataType, IChannel, IImage } from '../../ngff';
import { distinct } from '../text';
import type { IPlane } from './content';
import { boundsFor, fallbackRange, moveEnd, windowRange } from './contrast';
import type { IBounds } from './contrast';
import type { IChannelView } from './table';

/** Channels that get controls; more than these can be shown by a selection only. */
export const MAX_CONTROLS = 32;

/** Longest channel name in the controls, in characters. */
const MAX_LABEL = 80;

/** What a change touches: the plane shown, which channels are visible, how they are tinted, or the level. */
export type ViewChange = 'plane' | 'visible' | 'tint' | 'level';

/** One channel as shown and as controlled. */
export interface IChannelState extends IChannelView {
  /** Position along c. */
  readonly index: number;
  /** Name of its controls: clean and unlike the others. */
  readonly label: string;
  readonly bounds?: IBounds;
}

/** The state of a view: which plane, which channels, how; everything but the camera. */
export class ViewModel {
  constructor(
    readonly image: IImage,
    selection: ISelection = {},
    nameless: (index: number) => string = index => `Channel ${index}`
  ) {
    this._initial = initialChannels(image, selection, nameless);
    this._channels = this._initial;
    this._plane = {
      t: clip(selection.t ?? image.defaults.t, this.count('t')),
      z: clip(selection.z ?? image.defaults.z, this.count('z'))
    };
    this._pinned = selection.level === undefined ? undefined : clip(selection.level, image.levels.length);
  }

  get changed(): ISignal<this, ViewChange> {
    return this._changed;
  }

  get dtype(): DataType {
    return this.image.levels[0].array.dtype;
  }

  /** The plane shown, in level-0 indices. */
  get plane(): IPlane {
    return this._plane;
  }

  get channels(): readonly IChannelState[] {
    return this._channels;
  }

  /** Indices of the visible channels, rising. */
  get visible(): readonly number[] {
    return this._channels.filter(channel => channel.visible).map(channel => channel.index);
  }

  /** The level that is drawn whatever the zoom, if one is pinned. */
  get pinned(): number | undefined {
    return this._pinned;
  }

  /** What of a selection is its business: plane, channels, and the level where one is pinned. */
  get selection(): ISelection {
    const { at } = this.image;
    return {
      ...(this._pinned === undefined ? {} : { level: this._pinned }),
      ...(at.t === undefined ? {} : { t: this._plane.t }),
      ...(at.c === undefined ? {} : { c: [...this.visible] }),
      ...(at.z === undefined ? {} : { z: this._plane.z })
    };
  }

  /** Number of planes along t or z at level 0; 1 where the image has no such axis. */
  count(axis: 't' | 'z'): number {
    const at = this.image.at[axis];
    return at === undefined ? 1 : this.image.levels[0].array.shape[at];
  }

  /** Takes over what a selection names: plane, channels, level. */
  select(selection: ISelection): void {
    const plane = {
      t: clip(selection.t ?? this._plane.t, this.count('t')),
      z: clip(selection.z ?? this._plane.z, this.count('z'))
    };
    if (plane.t !== this._plane.t || plane.z !== this._plane.z) {
      this._plane = plane;
      this._changed.emit('plane');
    }
    const wanted = selection.c?.filter(index => index < this._channels.length) ?? [];
    if (wanted.length > 0 && !sameSet(wanted, this.visible)) {
      this._channels = this._channels.map(channel => ({ ...channel, visible: wanted.includes(channel.index) }));
      this._changed.emit('visible');
    }
    if (selection.level !== undefined) {
      this.pin(selection.level);
    }
  }

  setPlane(axis: 't' | 'z', index: number): void {
    const value = clip(Math.round(index), this.count(axis));
    if (value !== this._plane[axis]) {
      this._plane = { ...this._plane, [axis]: value };
      this._changed.emit('plane');
    }
  }

  setVisible(index: number, visible: boolean): void {
    this._update(index, { visible }, 'visible');
  }

  setColor(index: number, color: string): void {
    if (/^[0-9a-f]{6}$/i.test(color)) {
      this._update(index, { color: color.toUpperCase() }, 'tint');
    }
  }

  /** Moves the minimum or the maximum; the other end gives way where they would meet. */
  setEnd(index: number, end: 'minimum' | 'maximum', value: number): void {
    const { range, bounds } = this._channels[index];
    if (range && bounds && Number.isFinite(value)) {
      this._update(index, { range: moveEnd(range, end, value, bounds) }, 'tint');
    }
  }

  /** Sets the range found in the pixels. The first one is also what `reset` returns to. */
  setRange(index: number, range: readonly [number, number]): void {
    const usable = range[0] < range[1] ? range : fallbackRange(this.dtype);
    const bounds = boundsFor(this.dtype, usable, this.image.channels[index]);
    if (!this._initial[index].range) {
      this._initial = replaced(this._initial, index, { range: usable, bounds });
    }
    this._update(index, { range: usable, bounds }, 'tint');
  }

  /** `undefined` lets the zoom choose. */
  pin(level: number | undefined): void {
    const value = level === undefined ? undefined : clip(level, this.image.levels.length);
    if (value !== this._pinned) {
      this._pinned = value;
      this._changed.emit('level');
    }
  }

  /** Visibility, colours and contrast as they were at first. */
  reset(): void {
    // a range that became known later is kept: forgetting it would read pixels again
    this._channels = this._initial.map((channel, i) => (channel.range ? channel : { ...channel, ...rangeOf(this._channels[i]) }));
    this._changed.emit('visible');
  }

  private _update(index: number, change: Partial<IChannelState>, kind: ViewChange): void {
    this._channels = replaced(this._channels, index, change);
    this._changed.emit(kind);
  }

  private _changed = new Signal<this, ViewChange>(this);
  private _channels: readonly IChannelState[];
  private _initial: readonly IChannelState[];
  private _plane: IPlane;
  private _pinned: number | undefined;
}

function replaced(channels: readonly IChannelState[], index: number, change: Partial<IChannelState>): readonly IChannelState[] {
  return channels.map(channel => (channel.index === index ? { ...channel, ...change } : channel));
}

function rangeOf({ range, bounds }: IChannelState): Partial<IChannelState> {
  return { range, bounds };
}

function sameSet(some: readonly number[], others: readonly number[]): boolean {
  return some.every(one => others.includes(one)) && others.every(one => some.includes(one));
}

function clip(value: number, count: number): number {
  return Math.max(0, Math.min(count - 1, value));
}

/** Colours where the metadata have none: grey alone, then pairs and triples that can be told apart when they overlap. */
const PALETTES: readonly (readonly string[])[] = [['FFFFFF'], ['00FF00', 'FF00FF'], ['FF0000', '00FF00', '0000FF']];
const MANY = ['00FFFF', 'FFFF00', 'FF00FF', 'FF0000', '00FF00', '0000FF'];

/** The parts of a picture in colour, which is drawn as it is. */
const RGBA: readonly { color: string; alpha?: boolean }[] = [{ color: 'FF0000' }, { color: '00FF00' }, { color: '0000FF' }, { color: 'FFFFFF', alpha: true }];

function defaultColor(index: number, count: number): string {
  const palette = PALETTES[count - 1] ?? MANY;
  return palette[index % palette.length];
}

function initialChannels(image: IImage, selection: ISelection, nameless: (index: number) => string): IChannelState[] {
  const dtype = image.levels[0].array.dtype;
  const count = image.channels.length;
  const labels = distinct(image.channels.map(channel => named(channel, nameless)));
  const wanted = selection.c?.filter(index => index < count);
  const state = (channel: IChannel, i: number): IChannelState => {
    const part = image.rgb ? RGBA[i] : undefined;
    const range = image.imageLabel ? ([0, 1] as const) : part ? fallbackRange(dtype) : windowRange(channel);
    return {
      index: channel.index,
      label: labels[i],
      visible: wanted?.length ? wanted.includes(channel.index) : channel.active,
      color: part?.color ?? channel.color?.toUpperCase() ?? defaultColor(i, count),
      ...(part?.alpha && { alpha: true }),
      range,
      bounds: range && !image.imageLabel ? boundsFor(dtype, range, channel) : undefined
    };
  };
  return image.channels.map(state);
}

/** A channel's own name; the one that the metadata's reader makes up, in English, counts as none. */
function named({ label, index }: IChannel, nameless: (index: number) => string): string {
  const own = cleanText(label, MAX_LABEL);
  return own === '' || own === `Channel ${index}` ? nameless(index) : own;
}
