import { isAbort, toBioImageError } from '../../core';
import type { BioImageError } from '../../core';
import { ITEM_BYTES } from '../../ngff';
import type { IImage } from '../../ngff';
import type { ILabelImage, ILabelImages, PixelValue } from '../../pixels';
import type { IPlane } from './content';
import type { ILayerFrame, ILayerOptions } from './drawnlayer';
import type { IBox } from './geometry';
import { LabelModel } from './labelmodel';
import { LabelPlanes } from './labelplanes';
import { labelShader } from './labelshader';
import { packColors, packLook } from './labeltable';
import { wordFormat } from './planelayer';
import type { IOversize } from './planes';
import type { ILabelReading } from './readout';
import { kindOf } from './table';
import type { ITexels } from './table';

/** What labels are made from. */
export interface ILabelsOptions {
  /** The image under them. */
  image: IImage;
  /** Names of those to show at first. */
  wanted?: readonly string[];
  /** Finds them; absent where there can be none. */
  load?: (signal?: AbortSignal) => Promise<ILabelImages>;
  /** The plane of the image that is shown. */
  plane: () => IPlane;
  /** What a label image that is opened by itself is called, where it has no name. */
  nameless: string;
}

/** In a view of a label image alone it is its own and only label image, without a name. */
const ALONE = '';

interface IEntry {
  readonly name: string;
  readonly planes: LabelPlanes;
  readonly layer: ILayerOptions;
}

/** The label images over an image: found once the image itself is exact, each drawn from its own levels. */
export class Labels {
  constructor(private readonly _options: ILabelsOptions) {
    const { image, wanted, nameless } = _options;
    this.alone = image.imageLabel;
    this.model = new LabelModel(this.alone ? [ALONE] : wanted);
    if (this.alone) {
      this.model.fill([{ name: ALONE, title: image.name || nameless, info: image.label, notices: [] }], [], { opacity: 1 });
    }
  }

  /** The image itself is a label image, and its own layer. */
  readonly alone: boolean;

  readonly model: LabelModel;

  /** Whether those asked for at first are known by now: until then the view lacks something. */
  get settled(): boolean {
    return this.model.known || !this._options.load || this.model.shown.length === 0;
  }

  /** Layers to be drawn, from below. */
  get layers(): readonly ILayerOptions[] {
    return this._shown.map(({ layer }) => layer);
  }

  /** Ids of the layers of label images. */
  get ids(): readonly string[] {
    return this._entries.map(({ layer }) => layer.id);
  }

  /** Looks which ones there are; once. */
  start(): void {
    const { load } = this._options;
    if (!load || this._started || this.alone) {
      return;
    }
    this._started = true;
    const { signal } = this._abort;
    load(signal).then(
      found => !signal.aborted && this._found(found),
      (error: unknown) => {
        if (!signal.aborted && !isAbort(error)) {
          this.model.fill([], [{ name: '', cause: toBioImageError(error).said.message }]);
        }
      }
    );
  }

  /** Whether every label image shown is drawn exactly in this frame. */
  exact(frame: ReadonlyMap<string, ILayerFrame>): boolean {
    return this.settled && this._shown.every(({ layer }) => frame.get(layer.id)?.exact);
  }

  /** Damaged parts are read again when they are next asked for. */
  forgetFailures(): void {
    this._entries.forEach(({ planes }) => planes.forgetFailures());
  }

  /** Causes of the damaged tiles in this frame. */
  damaged(frame: ReadonlyMap<string, ILayerFrame>): BioImageError[] {
    return this._shown.flatMap(({ layer }) => (frame.get(layer.id)?.contents ?? []).flatMap(content => content.damaged ?? []));
  }

  /** How an image of labels alone is drawn. */
  look(visible: boolean): ITexels {
    const [item] = this.model.items;
    return packLook({ ...item, opacity: visible ? item.opacity : 0 }, true);
  }

  /** The first one shown that would read too much in this view. */
  oversize(view: IBox, unit: number): (IOversize & { label: string; allow(): void }) | null {
    for (const { name, planes } of this._shown) {
      const over = planes.oversize(view, unit);
      if (over) {
        const item = this.model.items.find(one => one.name === name);
        return { ...over, label: item?.label ?? name, allow: () => planes.allow() };
      }
    }
    return null;
  }

  /** What an image of labels alone has at a pixel of that value. */
  reading(value: PixelValue): ILabelReading {
    const [{ label, info }] = this.model.items;
    const id = idOf(value);
    return { name: label, label, id, properties: (id !== null && info?.properties.get(id)) || [] };
  }

  /** Ids of the labels shown at a place given in level-0 pixels; `undefined` while one is not read. */
  readAt(x: number, y: number, unit: number): readonly ILabelReading[] | undefined {
    const readings: ILabelReading[] = [];
    let complete = true;
    for (const { name, planes } of this._shown) {
      const at = planes.valueAt(x, y, unit);
      const item = this.model.items.find(one => one.name === name);
      if (!at || !item) {
        continue;
      }
      if (at.value === undefined) {
        complete = false;
        continue;
      }
      const id = idOf(at.value);
      readings.push({ name, label: item.label, id, properties: (id !== null && item.info?.properties.get(id)) || [] });
    }
    return complete ? readings : undefined;
  }

  /** Reads again what `readAt` lacks: it is drawn, but no longer kept. */
  async refetch(x: number, y: number, unit: number, signal: AbortSignal): Promise<void> {
    await Promise.all(
      this._shown.map(async ({ planes }) => {
        const at = planes.valueAt(x, y, unit);
        if (at && at.value === undefined) {
          await planes.load(at.tile, signal);
        }
      })
    );
  }

  dispose(): void {
    this._abort.abort();
  }

  private _found({ labels, failed }: ILabelImages): void {
    const { image, plane } = this._options;
    this._entries = labels.map(label => {
      const planes = new LabelPlanes(label, image, plane);
      return { name: label.name, planes, layer: this._layer(label, planes) };
    });
    this.model.fill(
      labels.map(({ name, image: own }, i) => ({ name, info: own.label, notices: [...own.notices, ...this._entries[i].planes.notices] })),
      failed.map(({ name, error }) => ({ name, cause: error.said.message }))
    );
  }

  private _layer(label: ILabelImage, planes: LabelPlanes): ILayerOptions {
    const { dtype } = label.image.levels[0].array;
    return {
      id: `labels/${label.name}`,
      levels: planes.levels,
      format: wordFormat(ITEM_BYTES[dtype]),
      shader: labelShader(kindOf(dtype)),
      tiles: planes,
      load: planes.load,
      current: planes.current,
      table: () => packLook(this.model.items.find(item => item.name === label.name)!, false), // one item for each
      colors: packColors(label.image.label?.colors ?? new Map()),
      over: true
    };
  }

  private get _shown(): readonly IEntry[] {
    const shown = new Set(this.model.shown);
    return this._entries.filter(({ name }) => shown.has(name));
  }

  private readonly _abort = new AbortController();
  private _entries: readonly IEntry[] = [];
  private _started = false;
}

/** An id as decimal text; `null` where there is no data. Booleans count as 0 and 1. */
export function idOf(value: PixelValue): string | null {
  return value === null ? null : String(typeof value === 'boolean' ? Number(value) : value);
}
