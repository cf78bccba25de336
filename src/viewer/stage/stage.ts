import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { BioImageError, IDisposableLike } from '../../core';
import type { ISelection } from '../../entities';
import type { Pyramid } from '../../pixels';
import { Controls } from '../controls/controls';
import { StageToolbar } from '../controls/toolbar';
import type { IStage, IStageOptions } from '../types';
import { percent, type ICamera, type ISize } from './camera';
import { Complaints } from './complaints';
import { Drawing, type Frame } from './drawing';
import { Footer } from './footer';
import { placeLevel } from './geometry';
import { imageLayer, IMAGE } from './imagelayer';
import type { LabelChange, LabelModel } from './labelmodel';
import { Labels } from './labels';
import { Messages } from './messageboard';
import { drawingFailure } from './messages';
import { ViewModel, type ViewChange } from './model';
import { Overlay } from './overlay';
import { MAX_OPENING_BYTES, Planes } from './planes';
import { Pointer } from './pointer';
import { Ranges } from './ranges';
import { Viewpoint } from './viewpoint';

/** What lies beside the image is asked for this long after it is exact (ms): one that is only glanced at costs nothing more. */
const LATER = 1500;

/** One view of one pyramid: holds viewpoint, model and labels, and keeps drawing, overlay and footer at them. */
export class Stage implements IStage {
  constructor(private readonly _options: IStageOptions) {
    const { pyramid, selection, view, host } = _options;
    this._pyramid = pyramid;
    this._trans = host.trans;
    this.model = new ViewModel(pyramid.image, selection, index => this._trans.__('Channel %1', index));
    this._planes = new Planes(pyramid, this.model);
    this._ranges = new Ranges(pyramid, this.model);
    this.labels = new Labels({
      image: pyramid.image,
      wanted: selection.labels,
      load: _options.labels,
      plane: () => this.model.plane,
      nameless: this._trans.__('Labels')
    });
    this.complaints = new Complaints(_options.complaints);
    this.viewpoint = new Viewpoint({
      view,
      image: placeLevel(pyramid.levels[0]),
      region: selection.region,
      tooMuch: (box, unit) => this._planes.oversize(box, unit, MAX_OPENING_BYTES) !== null,
      moved: () => this._onMoved()
    });
    this._overlay = new Overlay(view, this._trans);
    this.footer = new Footer({ image: pyramid.image, trans: this._trans, copy: text => host.copy(text) });
    this.toolbar = new StageToolbar(this, _options);
    this.controls = new Controls(this, _options);
    this._pointer = new Pointer(view, this, this._planes, pyramid, this.footer);
    this._messages = new Messages(this, { ..._options, overlay: this._overlay, planes: this._planes });
    this._drawing = this._makeDrawing();
    this.model.changed.connect(this._onModel, this);
    this.labels.model.changed.connect(this._onLabels, this);
    this._pending = pyramid.onPending(() => this._showProgress());
    this._ranges.ensure();
    this.refresh();
  }

  readonly model: ViewModel;
  readonly labels: Labels;
  readonly complaints: Complaints;
  readonly viewpoint: Viewpoint;
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

  /** Why tiles in the view are damaged. */
  get causes(): readonly BioImageError[] {
    return this._damaged;
  }

  /** What is drawn of the image is exact, and not one chunk of it is in the store. */
  get empty(): boolean {
    return this._empty;
  }

  get standIn(): boolean {
    return this._messages.standIn;
  }

  get asking(): boolean {
    return this._messages.asking;
  }

  get failure(): BioImageError | null {
    return this._failure;
  }

  get camera(): ICamera {
    return this.viewpoint.camera;
  }

  get size(): ISize {
    return this.viewpoint.size;
  }

  /** The level drawn. */
  get level(): number {
    return this._planes.level(this.viewpoint.unit);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get state(): ISelection {
    const { width, height } = this._pyramid.levels[0];
    const region = this.viewpoint.region(width, height);
    const labels = this.labels.alone ? [] : this.labels.model.shown;
    return { ...this.model.selection, ...(region ? { region } : {}), ...(labels.length ? { labels: [...labels] } : {}) };
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
    this._pointer.leave();
    this._stale();
    this._changed.emit();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._later);
    this.viewpoint.dispose();
    this._pending.dispose();
    this._ranges.dispose();
    this.labels.dispose();
    this.complaints.dispose();
    this._drawing.stop();
    [this._pointer, this._messages, this._overlay, this.toolbar, this.controls, this.footer].forEach(part => part.dispose());
    Signal.clearData(this);
  }

  /** All of the image. */
  fit(): void {
    this.viewpoint.fit();
  }

  /** One level-0 pixel is one CSS pixel. */
  actualSize(): void {
    this.viewpoint.actualSize();
  }

  /** Zooms about the middle of the view, or about a point of the image that stays where it is. */
  zoomBy(steps: number, about?: readonly [number, number]): void {
    this.viewpoint.zoomBy(steps, about);
  }

  /** Shows another part: what the selection leaves out stays as it is. */
  select(selection: ISelection): void {
    this.model.select(selection);
    if (selection.labels && !this.labels.alone) {
      this.labels.model.show(selection.labels);
    }
    if (selection.region) {
      this.viewpoint.show(selection.region);
    }
  }

  /** Stretches the visible channels over the plane shown. */
  autoContrast(): void {
    void this._ranges.auto();
  }

  /** Shows only the labels under the pointer, or all of them again. */
  isolate(): void {
    this._pointer.isolate();
  }

  /** Reads the damaged tiles of the view again. */
  retryDamaged(): void {
    this._pyramid.forgetFailures();
    this.labels.forgetFailures();
    this._stale();
    for (const id of [IMAGE, ...this.labels.ids]) {
      this._drawing.reload(id, content => content.damaged !== undefined);
    }
  }

  /** Asks again what to draw: more is allowed to be read than before. */
  choose(): void {
    for (const id of [IMAGE, ...this.labels.ids]) {
      this._drawing.choose(id);
    }
    this.refresh();
  }

  private _makeDrawing(): Drawing {
    const image = imageLayer(this._pyramid, this.model, this._planes, this.labels);
    return new Drawing({
      parent: this._options.view,
      layers: () => [image, ...this.labels.layers],
      camera: () => this.viewpoint.camera,
      size: () => this.viewpoint.size,
      zoomRange: () => this.viewpoint.zoomRange,
      wanted: () => this._wanted,
      moved: camera => this.viewpoint.look(camera),
      rendered: frame => this._onFrame(frame),
      failed: error => this._onFailed(error)
    });
  }

  private _onMoved(): void {
    this._stale();
    this._drawing.look();
    this._messages.moved();
    this.refresh();
  }

  private readonly _onModel = (_: ViewModel, change: ViewChange): void => {
    this._stale();
    this._ranges.ensure();
    switch (change) {
      case 'plane':
        this._reloadPlane();
        break;
      case 'visible':
        this._drawing.tint(IMAGE);
        this._drawing.reload(IMAGE, content => !this._planes.current(content));
        break;
      case 'level':
        this._drawing.choose(IMAGE);
        break;
      case 'tint':
        this._drawing.tint(IMAGE);
        break;
    }
    this._messages.replaced();
    this.refresh();
  };

  /** Label images follow the image, each to a plane of its own, or to none. */
  private _reloadPlane(): void {
    this._drawing.reload(IMAGE, content => !this._planes.current(content));
    for (const { id, current } of this.labels.layers) {
      this._drawing.choose(id);
      this._drawing.reload(id, content => !current(content));
    }
  }

  private readonly _onLabels = (_: LabelModel, change: LabelChange): void => {
    if (change === 'look') {
      [IMAGE, ...this.labels.ids].forEach(id => this._drawing.tint(id));
      this._stale();
    } else if (this._drawing.sync()) {
      this._stale(); // labels that are found and not shown leave what is drawn as it is: exact
    }
    this.refresh();
  };

  private _onFrame(frame: Frame): void {
    const image = frame.get(IMAGE);
    const ready = image !== undefined && image.exact && this._ranges.complete && !this._messages.oversize;
    if (ready) {
      const wait = this._options.selection.labels?.length ? 0 : LATER; // labels that the view names belong to it
      this._later ??= setTimeout(() => [this.labels, this.complaints].forEach(more => more.start()), wait);
    }
    const contents = image?.contents ?? [];
    const damaged = [...contents.flatMap(content => content.damaged ?? []), ...this.labels.damaged(frame)];
    const exact = ready && this.labels.exact(frame);
    const empty = ready && contents.length > 0 && contents.every(content => content.empty);
    if (exact !== this._exact || damaged.length !== this._damaged.length || empty !== this._empty) {
      this._exact = exact;
      this._damaged = damaged;
      this._empty = empty;
      this.refresh();
    }
  }

  private _onFailed(error: Error): void {
    this._drawing.stop();
    this._failure = drawingFailure(error);
    this._changed.emit();
  }

  /** What is drawn no longer is what is to be shown; the next frame tells. */
  private _stale(): void {
    this._exact = false;
    this._drawing.redraw();
  }

  /** Brings everything around the canvas up to date. */
  refresh(): void {
    const { unit, size } = this.viewpoint;
    this._overlay.scale(this._pyramid.image, unit, size.width);
    this.footer.setView(percent(unit), this.level, this._pyramid.levels);
    this._messages.show();
    this._showProgress();
    this._pointer.refresh();
    this._changed.emit();
  }

  private _showProgress(): void {
    this._overlay.progress(this._pyramid.pending, !this._exact && !this._messages.oversize);
  }

  private readonly _pyramid: Pyramid;
  private readonly _trans: TranslationBundle;
  private readonly _planes: Planes;
  private readonly _ranges: Ranges;
  private readonly _overlay: Overlay;
  private readonly _pointer: Pointer;
  private readonly _messages: Messages;
  private readonly _drawing: Drawing;
  private readonly _pending: IDisposableLike;
  private readonly _changed = new Signal<this, void>(this);
  private _wanted = false;
  private _exact = false;
  private _empty = false;
  private _damaged: readonly BioImageError[] = [];
  private _failure: BioImageError | null = null;
  private _later: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
