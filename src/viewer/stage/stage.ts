import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { BioImageError } from '../../core';
import type { IDisposableLike } from '../../core';
import type { ISelection } from '../../entities';
import { ITEM_BYTES } from '../../ngff';
import type { Pyramid } from '../../pixels';
import { Controls } from '../controls/controls';
import { StageToolbar } from '../controls/toolbar';
import type { IStage, IStageOptions } from '../types';
import { boxRegion, clamp, fit, pan, percent, regionBox, sameView, seen, seenRegion, sizeOf, zoomAbout, zoomRange } from './camera';
import type { ICamera, ISize } from './camera';
import { Drawing } from './drawing';
import type { IFrame } from './drawing';
import { Footer } from './footer';
import { placeLevel } from './geometry';
import type { IBox } from './geometry';
import { damagedMessage, oversizeMessage } from './messages';
import { ViewModel } from './model';
import type { ViewChange } from './model';
import { Overlay } from './overlay';
import { MAX_OPENING_BYTES, Planes } from './planes';
import { wordFormat } from './planelayer';
import { Pointer } from './pointer';
import { Ranges } from './ranges';
import { intensityShader, LABELS } from './shader';
import { kindOf, packTable } from './table';

/** One view of one pyramid: holds camera and model, and keeps drawing, overlay and footer at them. */
export class Stage implements IStage {
  constructor(private readonly _options: IStageOptions) {
    const { pyramid, selection, view } = _options;
    this._pyramid = pyramid;
    this._trans = _options.host.trans;
    this.model = new ViewModel(pyramid.image, selection, index => this._trans.__('Channel %1', index));
    this._planes = new Planes(pyramid, this.model);
    this._ranges = new Ranges(pyramid, this.model);
    this._image = placeLevel(pyramid.levels[0]);
    this._size = sizeOf(view);
    this._home = selection.region ? regionBox(selection.region) : this._image;
    this._camera = this._opening();
    this._overlay = new Overlay(view, this._trans);
    this.footer = new Footer({ image: pyramid.image, trans: this._trans, copy: text => _options.host.copy(text) });
    this.toolbar = new StageToolbar(this, _options);
    this.controls = new Controls(this, _options);
    this._pointer = new Pointer(view, this, this._planes, pyramid, this.footer);
    this._drawing = this._makeDrawing();
    this.model.changed.connect(this._onModel, this);
    this._pending = pyramid.onPending(() => this._showProgress());
    this._resize = new ResizeObserver(() => this._onResize());
    this._resize.observe(view);
    this._ranges.ensure();
    this._show();
  }

  readonly model: ViewModel;
  readonly toolbar: StageToolbar;
  readonly controls: Controls;
  readonly footer: Footer;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get exact(): boolean {
    return this._exact;
  }

  get damaged(): number {
    return this._damaged.length;
  }

  get failure(): BioImageError | null {
    return this._failure;
  }

  get camera(): ICamera {
    return this._camera;
  }

  get size(): ISize {
    return this._size;
  }

  /** The level drawn. */
  get level(): number {
    return this._planes.level(2 ** this._camera.zoom);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get state(): ISelection {
    const { image, plane, visible, pinned } = this.model;
    const { width, height } = this._pyramid.levels[0];
    // a region asked for comes back as it was until somebody moves, though the view shows what lies beside it
    const region = this._fitted && this._home !== this._image ? boxRegion(this._home) : seenRegion(this._camera, this._size, width, height);
    return {
      ...(pinned === undefined ? {} : { level: pinned }),
      ...(image.at.t === undefined ? {} : { t: plane.t }),
      ...(image.at.c === undefined ? {} : { c: [...visible] }),
      ...(image.at.z === undefined ? {} : { z: plane.z }),
      ...(region ? { region } : {})
    };
  }

  get selection(): ISelection {
    return { ...this.state, level: this.level };
  }

  start(): void {
    if (!this._isDisposed && !this._failure) {
      this._wanted = true;
      this._drawing.start();
    }
  }

  stop(): void {
    this._wanted = false;
    this._drawing.stop();
    this._stale();
    this._changed.emit();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._resize.disconnect();
    this._pending.dispose();
    this._ranges.dispose();
    this._drawing.stop();
    this._pointer.dispose();
    this._overlay.dispose();
    this.toolbar.dispose();
    this.controls.dispose();
    this.footer.dispose();
    Signal.clearData(this);
  }

  /** All of the image. */
  fit(): void {
    this._home = this._image;
    this._fitted = true;
    this._look(fit(this._home, this._size));
  }

  /** Shows another part: what the selection leaves out stays as it is. */
  select(selection: ISelection): void {
    this.model.select(selection);
    if (selection.region) {
      this._home = regionBox(selection.region);
      this._fitted = true;
      this._look(this._opening());
    }
  }

  /** One level-0 pixel is one CSS pixel. */
  actualSize(): void {
    this.look({ ...this._camera, zoom: 0 });
  }

  /** Zooms about the middle of the view, or about a point of the image that stays where it is. */
  zoomBy(steps: number, about?: readonly [number, number]): void {
    const [low, high] = zoomRange(this._image, this._size);
    this.look(zoomAbout(this._camera, Math.min(high, Math.max(low, this._camera.zoom + steps)), about));
  }

  /** Moves by fractions of the view, to the right and down. */
  panBy(right: number, down: number): void {
    this.look(pan(this._camera, this._size, right, down));
  }

  /** Looks elsewhere, by the person's own hand: a later resize keeps the place instead of fitting again. */
  look(camera: ICamera): void {
    this._fitted = false;
    this._look(camera);
  }

  /** Stretches the visible channels over the plane shown. */
  autoContrast(): void {
    void this._ranges.auto();
  }

  /** Reads the damaged tiles of the view again. */
  retryDamaged(): void {
    this._stale();
    this._drawing.reload(content => content.damaged !== undefined);
  }

  private _look(camera: ICamera, resized = false): void {
    const next = clamp(camera, this._image, this._size);
    if (sameView(next, this._camera) && !resized) {
      return; // the end of a drag tells the place it is at once more
    }
    this._camera = next;
    this._stale();
    this._drawing.look();
    this._show();
  }

  /** First view: the region asked for, else all of the image; the middle of it where that were too much to read. */
  private _opening(): ICamera {
    let camera = clamp(fit(this._home, this._size), this._image, this._size);
    while (camera.zoom < 0 && this._planes.oversize(seen(camera, this._size), 2 ** camera.zoom, MAX_OPENING_BYTES)) {
      camera = { ...camera, zoom: Math.min(0, camera.zoom + 0.5) };
      this._fitted = false;
    }
    return camera;
  }

  private _makeDrawing(): Drawing {
    const { image, levels } = this._pyramid;
    return new Drawing({
      parent: this._options.view,
      levels,
      format: wordFormat(ITEM_BYTES[this.model.dtype]),
      shader: image.imageLabel ? LABELS : intensityShader(kindOf(this.model.dtype)),
      tiles: this._planes,
      load: this._planes.load,
      current: this._planes.current,
      camera: () => this._camera,
      size: () => this._size,
      zoomRange: () => zoomRange(this._image, this._size),
      table: () => packTable(this.model.channels),
      wanted: () => this._wanted,
      moved: camera => this.look(camera),
      rendered: frame => this._onFrame(frame),
      failed: error => this._onFailed(error)
    });
  }

  private readonly _onModel = (_: ViewModel, change: ViewChange): void => {
    this._stale();
    this._ranges.ensure();
    switch (change) {
      case 'plane':
        this._drawing.reload(content => !this._planes.current(content));
        break;
      case 'visible':
        this._drawing.tint();
        this._drawing.reload(content => !this._planes.current(content));
        break;
      case 'level':
        this._drawing.choose();
        break;
      case 'tint':
        this._drawing.tint();
        break;
    }
    this._show();
  };

  private _onFrame({ exact, contents }: IFrame): void {
    const damaged = contents.flatMap(content => content.damaged ?? []);
    const now = exact && this._ranges.complete && !this._oversize();
    if (now !== this._exact || damaged.length !== this._damaged.length) {
      this._exact = now;
      this._damaged = damaged;
      this._show();
    }
  }

  private _onResize(): void {
    const size = sizeOf(this._options.view);
    if (size.width > 0 && size.height > 0 && (size.width !== this._size.width || size.height !== this._size.height)) {
      this._size = size;
      this._look(this._fitted ? fit(this._home, size) : this._camera, true);
    }
  }

  private _onFailed(error: Error): void {
    this._drawing.stop();
    this._failure = new BioImageError('UNSUPPORTED', this._trans.__('This browser could not draw the image with WebGL 2.'), {
      hint: this._trans.__('Enable hardware acceleration or use another browser; the code snippet works all the same.'),
      cause: error
    });
    this._changed.emit();
  }

  /** What is drawn no longer is what is to be shown; the next frame tells. */
  private _stale(): void {
    this._exact = false;
    this._drawing.redraw();
  }

  private _oversize() {
    return this._planes.oversize(seen(this._camera, this._size), 2 ** this._camera.zoom);
  }

  /** Brings everything around the canvas up to date. */
  private _show(): void {
    const { levels, image } = this._pyramid;
    const unit = 2 ** this._camera.zoom;
    this._overlay.scale(image, unit, this._size.width);
    this.footer.setView(percent(unit), this.level, levels);
    this._showMessage();
    this._showProgress();
    this._pointer.refresh();
    this._changed.emit();
  }

  private _showMessage(): void {
    const over = this._oversize();
    if (over) {
      const { text, label } = oversizeMessage(over, over.level === this._pyramid.levels.length - 1, this._trans);
      this._overlay.message(text, { label, run: () => this._allow(over.level) });
    } else if (this._damaged.length) {
      const { text, label } = damagedMessage(this._damaged, this._trans);
      this._overlay.message(text, { label, run: () => this.retryDamaged() });
    } else {
      this._overlay.message(null);
    }
  }

  private _allow(level: number): void {
    this._planes.allow(level);
    this._drawing.choose();
    this._show();
  }

  private _showProgress(): void {
    const busy = !this._exact && !this._oversize();
    this._overlay.progress(this._pyramid.pending, busy);
  }

  private readonly _pyramid: Pyramid;
  private readonly _trans: TranslationBundle;
  private readonly _planes: Planes;
  private readonly _ranges: Ranges;
  private readonly _overlay: Overlay;
  private readonly _pointer: Pointer;
  private readonly _drawing: Drawing;
  private readonly _pending: IDisposableLike;
  private readonly _resize: ResizeObserver;
  private readonly _image: IBox;
  private readonly _changed = new Signal<this, void>(this);
  private _home: IBox;
  private _camera: ICamera;
  private _size: ISize;
  private _fitted = true;
  private _wanted = false;
  private _exact = false;
  private _damaged: readonly BioImageError[] = [];
  private _failure: BioImageError | null = null;
  private _isDisposed = false;
}
