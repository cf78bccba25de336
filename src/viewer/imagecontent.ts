import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { isBioImageError, toBioImageError } from '../core';
import type { BioImageError, IDisposableLike } from '../core';
import type { IArrayPlane, ISelection } from '../entities';
import type { IComplaint, IImage, withAxes } from '../ngff';
import type { ILabelImages, IOpened, Pyramid } from '../pixels';
import type { IContent, IContentOptions, IParts } from './content';
import type { IStage, IStageModule, IStageOptions } from './types';

/** An image: the drawing half of the preview over one pyramid, and over another one where other axes are to be shown. */
export class ImageContent implements IContent {
  constructor(
    private readonly _options: IContentOptions,
    private readonly _module: IStageModule,
    private readonly _image: IImage,
    pyramid: Pyramid,
    private readonly _withAxes: typeof withAxes
  ) {
    const { plane, ...selection } = _options.selection;
    this._stage = this._show(plane && this._canTurn ? this._turned(plane, pyramid) : pyramid, selection);
  }

  get parts(): IParts {
    const { toolbar, controls, footer } = this._stage;
    return { tools: toolbar, side: controls, foot: footer };
  }

  get exact(): boolean {
    return this._stage.exact;
  }

  get damaged(): number {
    return this._stage.damaged;
  }

  get pending(): number {
    return [...this._watched.keys()].reduce((sum, { pending }) => sum + pending, 0);
  }

  /** A display-only picture stands in for what is too large to read. */
  get standIn(): boolean {
    return this._stage.standIn ?? false;
  }

  get asking(): boolean {
    return this._stage.asking ?? false;
  }

  get failure(): BioImageError | null {
    return this._failure ?? this._stage.failure;
  }

  get selection(): ISelection {
    return { ...this._stage.selection, ...this._axes };
  }

  get state(): ISelection {
    return { ...this._stage.state, ...this._axes };
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  select({ plane, ...selection }: ISelection): void {
    if (plane && this._canTurn && JSON.stringify(plane) !== JSON.stringify(this._axes.plane)) {
      this._turn(plane);
    }
    this._stage.select(selection);
  }

  start(): void {
    this._isStarted = true;
    this._stage.start();
  }

  stop(): void {
    this._isStarted = false;
    this._stage.stop();
  }

  nudge(): void {
    this._stage.choose?.();
  }

  focus(): void {
    this._options.view.node.focus({ preventScroll: true });
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._stage.dispose();
    this._unwatch();
    this._own?.dispose();
    Signal.clearData(this);
  }

  private get _isOme(): boolean {
    return this._image.version !== '' && this._image.zarrFormat !== 0;
  }

  /** What the specification has against the documents that the image was opened from; they are at hand in the store's cache. */
  private async _complaints(signal: AbortSignal): Promise<readonly IComplaint[]> {
    const { store } = this._options.opened;
    const { levels, zarrFormat } = this._image;
    const [own, array] = zarrFormat === 3 ? [['zarr.json'], 'zarr.json'] : [['.zgroup', '.zattrs'], '.zarray'];
    const keys = [...own, ...levels.map(({ path }) => (path === '' ? array : `${path}/${array}`))];
    const [{ complain }, documents] = await Promise.all([
      import('../ngff/spec'),
      Promise.all(keys.map(async key => [key, (await store.get(key, { signal })) ?? null] as const))
    ]);
    return complain(new Map(documents));
  }

  /** Only the axes of a bare array have no meaning of their own. */
  private get _canTurn(): boolean {
    return this._image.version === '' && this._image.zarrFormat !== 0 && this._image.axes.length > 2;
  }

  /** The pixels with other axes as the plane. A plane that the array does not have leaves it as it is. */
  private _turned(plane: IArrayPlane, fallback: Pyramid): Pyramid {
    try {
      const pyramid = this._options.opened.pyramidOf(this._withAxes(this._image, plane));
      this._own = pyramid;
      this._axes = { plane };
      return pyramid;
    } catch (error) {
      if (!isBioImageError(error, 'BAD_REQUEST')) {
        throw error;
      }
      return fallback;
    }
  }

  private _turn(plane: IArrayPlane): void {
    const before = this._own;
    try {
      const pyramid = this._turned(plane, this._pyramid!);
      if (pyramid === this._pyramid) {
        return;
      }
      const { c } = this._stage.state;
      this._stage.dispose();
      this._unwatch();
      this._options.standIn?.end();
      before?.dispose();
      this._stage = this._show(pyramid, c && pyramid.image.at.c !== undefined ? { c } : {});
      this._changed.emit();
      if (this._isStarted) {
        this._stage.start();
      }
    } catch (error) {
      this._failure = toBioImageError(error);
      this._changed.emit();
    }
  }

  private _show(pyramid: Pyramid, selection: ISelection): IStage {
    const { opened, view, uri, name, route, host, fullScreen } = this._options;
    this._pyramid = pyramid;
    this._watch(pyramid);
    const options: IStageOptions = {
      view: view.node,
      pyramid,
      selection,
      uri,
      name,
      route,
      host,
      fullScreen,
      labels: signal => this._labels(opened, signal),
      reduced: this._reduced(),
      ...(this._isOme && { complaints: (signal: AbortSignal) => this._complaints(signal) }),
      ...(this._canTurn && { showAxes: (axes: IArrayPlane) => this._turn(axes) })
    };
    const stage = this._module.createStage(options);
    stage.changed.connect(this._onStage, this);
    return stage;
  }

  private async _labels(opened: IOpened, signal: AbortSignal | undefined): Promise<ILabelImages> {
    const pyramid = this._pyramid;
    const found = await opened.labels(signal);
    if (!this._isDisposed && this._pyramid === pyramid) {
      found.labels.forEach(label => this._watch(label.pyramid));
    }
    return found;
  }

  private _watch(pyramid: Pyramid): void {
    if (!this._watched.has(pyramid)) {
      this._watched.set(pyramid, pyramid.onPending(() => this._changed.emit()));
    }
  }

  private _unwatch(): void {
    this._watched.forEach(watch => watch.dispose());
    this._watched.clear();
  }

  /** The server composes what would be too much to read here; only where it reads the image itself. */
  private _reduced(): IStageOptions['reduced'] {
    const { opened, transport } = this._options;
    const { store, key } = opened.place;
    if (opened.route !== 'session' || !store || transport?.plane === undefined) {
      return undefined;
    }
    return (selection, size, signal) => transport.plane!(store.id, key, { selection: { ...selection, ...this._axes }, ...size }, signal);
  }

  private readonly _onStage = (stage: IStage): void => {
    const { standIn } = this._options;
    if (stage.exact) {
      standIn?.end();
    } else {
      standIn?.follow(stage.camera, stage.size);
    }
    this._changed.emit();
  };

  private readonly _changed = new Signal<this, void>(this);
  private _stage: IStage;
  private _pyramid: Pyramid | null = null;
  private _own: IDisposableLike | null = null;
  /** Whose outstanding reads count: the image's pixels, and those of the labels over it. */
  private readonly _watched = new Map<Pyramid, IDisposableLike>();
  private _axes: { plane?: IArrayPlane } = {};
  private _failure: BioImageError | null = null;
  private _isStarted = false;
  private _isDisposed = false;
}
