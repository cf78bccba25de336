import type { Pyramid } from '../../pixels';
import { unproject } from './camera';
import type { Footer } from './footer';
import { pixelAt } from './geometry';
import { onKey } from './keyboard';
import type { Planes } from './planes';
import { pixelIndex } from './readout';
import type { IReadout } from './readout';
import type { Stage } from './stage';

/** One zoom step of a double click: twice as large. */
const DOUBLE_CLICK = 1;

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
    _view.addEventListener('pointerleave', () => this._leave(), { signal });
    _view.addEventListener('pointercancel', () => this._leave(), { signal });
    _view.addEventListener('blur', () => this._keyboard && this._leave(), { signal });
    _view.addEventListener('dblclick', event => this._zoom(event), { signal });
    _view.addEventListener('keydown', event => this._key(event), { signal });
  }

  /** Reads the value again: the plane, the level, the channels or the place may have changed. */
  refresh(): void {
    this._footer.showPixel(this._read(), this._stage.model.channels);
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

  private _leave(): void {
    this._at = null;
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
    const { camera, size, model, level } = this._stage;
    const at = this._at ?? (this._keyboard ? [size.width / 2, size.height / 2] : null);
    if (!at) {
      return null;
    }
    const source = this._pyramid.levels[level];
    const pixel = pixelAt(source, ...unproject(camera, size, at[0], at[1]));
    if (!pixel) {
      return null;
    }
    const { plane, image } = model;
    const channels = model.visible;
    const values = channels.map(c => source.value(pixel.x, pixel.y, { ...plane, c }));
    const known = values.filter(value => value !== undefined);
    if (known.length < values.length) {
      this._fetch(level, pixel.x, pixel.y);
    }
    const index = pixelIndex(image, level, plane, pixel.x, pixel.y);
    return { level, index, channels, ...(known.length < values.length ? {} : { values: known }) };
  }

  /** The tile is drawn but its chunk has left the decoded cache: read it again for the value. */
  private _fetch(level: number, x: number, y: number): void {
    if (!this._stage.exact || this._stage.damaged) {
      return; // its own read is under way, or has failed
    }
    const [width, height] = this._pyramid.levels[level].tile;
    const { t, z } = this._stage.model.plane;
    const asked = [level, t, z, Math.floor(x / width), Math.floor(y / height), this._stage.model.visible].join();
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
    this._planes.load(tile, missing.signal).then(done, done);
  }

  private readonly _listening = new AbortController();
  private _missing: AbortController | null = null;
  private _asked = '';
  private _at: [number, number] | null = null;
  private _keyboard = false;
}
