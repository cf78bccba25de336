import type { Pyramid } from '../../pixels';
import { unproject } from './camera';
import type { Footer } from './footer';
import { pixelAt } from './geometry';
import { ISOLATE, onKey } from './keyboard';
import type { Planes } from './planes';
import { pixelIndex } from './readout';
import type { IReadout } from './readout';
import type { Stage } from './stage';

/** One zoom step of a double click: twice as large. */
const DOUBLE_CLICK = 1;

/** Elements that take letters: a key in them is text. */
const TYPING = 'textarea, select, [contenteditable]:not([contenteditable="false"]), input:not([type="checkbox"], [type="radio"], [type="range"], [type="color"], [type="button"])';

/** Pointer and keyboard over the image: what is under the pointer, zoom by double click, keys. */
export class Pointer {
  constructor(
    private readonly _view: HTMLElement,
    private readonly _stage: Stage,
    private readonly _planes: Planes,
    private readonly _pyramid: Pyramid,
    private readonly _footer: Footer
  ) {
    const signal = this._listening.signal;
    _view.addEventListener('pointermove', event => this._move(event), { signal });
    _view.addEventListener('pointerleave', () => this.leave(), { signal });
    _view.addEventListener('pointercancel', () => this.leave(), { signal });
    _view.addEventListener('blur', () => this._keyboard && this.leave(), { signal });
    _view.addEventListener('dblclick', event => this._zoom(event), { signal });
    _view.addEventListener('keydown', event => this._key(event), { signal });
    document.addEventListener('keydown', event => this._keyElsewhere(event), { signal });
  }

  /** Reads the value again: the plane, the level, the channels or the place may have changed. */
  refresh(): void {
    const readout = this._read();
    this._last = readout ?? this._last;
    this._footer.showPixel(readout, this._stage.model.channels);
  }

  /** The pointer is elsewhere, or the image is no longer where it is. */
  leave(): void {
    this._at = null;
    this._setKeyboard(false);
    this.refresh();
  }

  /** Of every label under the pointer shows only its id, or all again where that is so already. */
  isolate(): void {
    const { model } = this._stage.labels;
    for (const { name, id } of this._last?.labels ?? []) {
      const item = model.items.find(one => one.name === name) ?? model.items[0];
      const nothing = id === null || (id === '0' && !item.info?.colors.has(id));
      if (!nothing || item.isolated !== null) {
        model.isolate(item.name, nothing || item.isolated === id ? null : id);
      }
    }
  }

  dispose(): void {
    this._listening.abort();
    this._missing?.abort();
  }

  private _move(event: PointerEvent): void {
    const box = this._view.getBoundingClientRect();
    // a message over the image is not the image
    const over = event.target instanceof Element && event.target.closest('.jp-BioImagePreview-message');
    this._at = over ? null : [event.clientX - box.left, event.clientY - box.top];
    this._setKeyboard(false);
    this.refresh();
  }

  private _key(event: KeyboardEvent): void {
    if (event.target !== this._view || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (onKey(this._stage, event.key, event.shiftKey)) {
      event.preventDefault();
      event.stopPropagation();
      if (!this._at) {
        this._setKeyboard(true); // who moves by keys reads the pixel in the middle
        this.refresh();
      }
    }
  }

  /** The one key that means what is under the pointer counts wherever the focus is, but in what takes letters itself. */
  private _keyElsewhere(event: KeyboardEvent): void {
    const { target } = event;
    const isPlain = event.key === ISOLATE && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
    if (!isPlain || event.defaultPrevented || !(target instanceof Element) || target.closest(TYPING)) {
      return;
    }
    if (this._at || this._view.closest('.jp-BioImagePreview')?.contains(target)) {
      onKey(this._stage, event.key, event.shiftKey);
      event.preventDefault();
    }
  }

  private _zoom(event: MouseEvent): void {
    const box = this._view.getBoundingClientRect();
    const point = unproject(this._stage.camera, this._stage.size, event.clientX - box.left, event.clientY - box.top);
    this._stage.zoomBy(event.shiftKey ? -DOUBLE_CLICK : DOUBLE_CLICK, point);
  }

  private _setKeyboard(on: boolean): void {
    this._keyboard = on;
    this._view.classList.toggle('jp-mod-crosshair', on);
  }

  private _read(): IReadout | null {
    const { camera, size, model, level, labels, viewpoint } = this._stage;
    const at = this._at ?? (this._keyboard ? [size.width / 2, size.height / 2] : null);
    if (!at) {
      return null;
    }
    const source = this._pyramid.levels[level];
    const place = unproject(camera, size, at[0], at[1]);
    const pixel = pixelAt(source, ...place);
    if (!pixel) {
      return null;
    }
    const { plane, image } = model;
    const channels = model.visible;
    const values = channels.map(c => source.value(pixel.x, pixel.y, { ...plane, c }));
    const known = values.filter(value => value !== undefined);
    const complete = known.length === values.length;
    const ids = labels.alone ? known.slice(0, 1).map(value => labels.reading(value)) : labels.readAt(...place, viewpoint.unit);
    if (!complete || !ids) {
      this._fetch(level, pixel, place);
    }
    const index = pixelIndex(image, level, plane, pixel.x, pixel.y);
    const unread = !complete && this._planes.oversize(viewpoint.box, viewpoint.unit) !== null;
    return { level, index, channels, unread, ...(complete && { values: known }), ...(ids && { labels: ids }) };
  }

  /** The tile is drawn but its chunk has left the decoded cache: read it again for the value. */
  private _fetch(level: number, { x, y }: { x: number; y: number }, place: readonly [number, number]): void {
    if (!this._stage.exact || this._stage.damaged) {
      return; // its own read is under way, or has failed
    }
    const [width, height] = this._pyramid.levels[level].tile;
    const { t, z } = this._stage.model.plane;
    const { labels, viewpoint, model } = this._stage;
    const asked = [level, t, z, Math.floor(x / width), Math.floor(y / height), model.visible, labels.model.shown].join();
    if (asked === this._asked) {
      return; // a cache too small for one tile must not read for ever
    }
    this._asked = asked;
    this._missing?.abort();
    const missing = (this._missing = new AbortController());
    const tile = { x: Math.floor(x / width), y: Math.floor(y / height), level };
    const done = () => {
      if (!missing.signal.aborted && this._missing === missing) {
        this.refresh();
      }
    };
    const { signal } = missing;
    Promise.all([this._planes.load(tile, signal), labels.refetch(...place, viewpoint.unit, signal)]).then(done, done);
  }

  private readonly _listening = new AbortController();
  private _missing: AbortController | null = null;
  private _asked = '';
  private _at: [number, number] | null = null;
  private _keyboard = false;
  private _last: IReadout | null = null;
}
