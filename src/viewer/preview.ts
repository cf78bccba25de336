import type { Message } from '@lumino/messaging';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';
import { cleanText, isAbort, toBioImageError } from '../core';
import type { BioImageError } from '../core';
import type { ISelection } from '../entities';
import type { IImage } from '../ngff';
import type { IDecoder, IOpened } from '../pixels';
import type { IPreviewPicture, IResolved } from '../stores';
import { alertElement, failureAlert } from './alert';
import type { IAlert } from './alert';
import { insideAlert } from './inside';
import { openPreview, routeText } from './opening';
import { StandIn } from './standin';
import { applyStatus } from './status';
import { toggleFullScreen, viewWidget } from './view';
import type { IPreviewOptions, IStage, IStageModule } from './types';

/** View changes are announced at most this often (ms): they are stored for the next reload. */
const ANNOUNCE = 300;

/** Below this width the controls lie under the image (CSS pixels). */
const NARROW = 560;

/** Asked of the server where the preview has no size yet, in CSS pixels. */
const DEFAULT_SIZE = { width: 800, height: 600 };

/**
 * A preview of one image. The light half: opens, shows the stand-in picture and failures, and holds the attributes that tell
 * where it is; it imports the drawing half once there is something to look at.
 */
export class PreviewWidget extends Widget {
  constructor(private readonly _options: IPreviewOptions) {
    super();
    this.uri = _options.uri;
    this.name = _options.title;
    this._selection = _options.selection ?? {};
    this.addClass('jp-BioImagePreview');
    const { trans } = _options.host;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Image preview: %1', cleanText(this.name ?? this.uri)));
    this._view = viewWidget(trans);
    this.layout = this._parts = new PanelLayout();
    this._parts.addWidget(this._view);
    // not every place that shows a widget tells it its size: a cell's output does not
    this._narrow = new ResizeObserver(() => this._arrange());
    this._narrow.observe(this.node);
    this._show();
  }

  /** The argument, verbatim. */
  readonly uri: string;
  /** What the image is called where it was found. */
  readonly name: string | undefined;

  /** The view as code would load it, the level drawn included. */
  get selection(): ISelection {
    return this._stage?.selection ?? this._selection;
  }

  /** The view as it is to be restored or linked: a level only where one is pinned. */
  get state(): ISelection {
    return this._stage?.state ?? this._selection;
  }

  get image(): IImage | null {
    const node = this._opened?.node;
    return node?.kind === 'image' ? node : null;
  }

  get resolved(): IResolved | null {
    return this._resolved;
  }

  /** The view, or what is known of the image, has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Shows another part of the image, now or once it is open: what the selection leaves out stays as it is. */
  select(selection: ISelection): void {
    this._selection = { ...this.state, ...selection };
    this._stage?.select(selection);
  }

  /** Opens again from the start, with the view kept. */
  retry(): void {
    this._selection = this.state;
    this._close();
    void this._open();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    clearTimeout(this._announcing);
    this._narrow.disconnect();
    this._close();
    Signal.clearData(this);
    super.dispose();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._appear();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._appear();
  }

  protected override onBeforeHide(msg: Message): void {
    this._stage?.stop();
    super.onBeforeHide(msg);
  }

  protected override onBeforeDetach(msg: Message): void {
    this._stage?.stop();
    super.onBeforeDetach(msg);
  }

  protected override onActivateRequest(): void {
    this._view.node.focus({ preventScroll: true });
  }

  /** A preview in a hidden tab, restored after a reload, opens when it is looked at. */
  private _appear(): void {
    if (!this.isVisible) {
      return;
    }
    if (!this._opening) {
      void this._open();
    } else if (this._opened?.pyramid && !this._stage) {
      void this._draw();
    }
    this._stage?.start();
  }

  private async _open(): Promise<void> {
    const opening = (this._opening = new AbortController());
    const { signal } = opening;
    this._failed = false;
    this._show();
    const standIn = (this._standIn = new StandIn(this._view.node));
    try {
      const { opened, decoder } = await openPreview(
        this.uri,
        this._selection,
        () => this._size(),
        this._options.host,
        {
          resolved: resolved => (this._resolved = resolved),
          preview: picture => void this._onPreview(standIn, picture),
          route: why => (this._why = why)
        },
        signal,
        this._options.open
      );
      this._opened = opened;
      this._decoder = decoder;
      await this._onOpened(opened, signal);
    } catch (error) {
      this._onFailed(error, signal);
    }
  }

  private async _onPreview(standIn: StandIn, picture: IPreviewPicture): Promise<void> {
    try {
      if (await standIn.show(picture)) {
        this._show();
      }
    } finally {
      // not before the picture is on the screen: evaluating the drawing code would delay it
      if (standIn === this._standIn) {
        requestAnimationFrame(() => void this._loadStage().catch(() => undefined)); // told when it is needed
      }
    }
  }

  private async _onOpened({ node, store, pyramid }: IOpened, signal: AbortSignal): Promise<void> {
    if (node.kind !== 'image') {
      this._failed = true;
      this._standIn?.end();
      this._showAlert(insideAlert(node, this.uri, store, this._options.host, signal));
      return;
    }
    this._pending = pyramid?.onPending(() => this._show()) ?? null;
    this._announce();
    if (this.isVisible) {
      await this._draw();
    }
  }

  private async _draw(): Promise<void> {
    const { signal } = this._opening ?? new AbortController();
    try {
      const stageModule = await this._loadStage();
      const opened = this._opened;
      if (signal.aborted || !opened?.pyramid || this._stage) {
        return;
      }
      const { host } = this._options;
      const stage = stageModule.createStage({
        view: this._view.node,
        pyramid: opened.pyramid,
        selection: this._selection,
        uri: this.uri,
        name: this.name,
        route: routeText(opened.route, this._resolved, this._why, host.trans),
        host,
        fullScreen: () => toggleFullScreen(this.node)
      });
      this._stage = stage;
      this._parts.insertWidget(0, stage.toolbar);
      this._parts.addWidget(stage.controls);
      this._parts.addWidget(stage.footer);
      this.addClass('jp-mod-drawn');
      stage.changed.connect(this._onStage, this);
      if (this.isVisible) {
        stage.start();
      }
      this._onStage();
    } catch (error) {
      this._onFailed(error, signal);
    }
  }

  private _loadStage(): Promise<IStageModule> {
    this._stageModule ??= this._options.loadStage ? this._options.loadStage() : import('./stage');
    this._stageModule.catch(() => (this._stageModule = null));
    return this._stageModule;
  }

  private readonly _onStage = (): void => {
    const stage = this._stage;
    if (!stage) {
      return;
    }
    if (stage.failure && !this._failed) {
      this._fail(stage.failure); // the stand-in stays: better than nothing
    }
    if (stage.exact) {
      this._standIn?.end();
    } else {
      this._standIn?.follow(stage.camera, stage.size);
    }
    this._show();
    this._announce();
  };

  private _onFailed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted || isAbort(error)) {
      return;
    }
    this._standIn?.end();
    this._fail(toBioImageError(error));
  }

  private _fail(error: BioImageError): void {
    this._failed = true;
    const { trans } = this._options.host;
    const { details, ...alert } = failureAlert(error, this.uri, trans);
    this._showAlert({
      ...alert,
      actions: [
        { label: trans.__('Try again'), run: () => this.retry() },
        { label: trans.__('Copy details'), run: () => void this._options.host.copy(details) }
      ]
    });
  }

  private _showAlert(alert: IAlert): void {
    this._alert?.remove();
    this._alert = alertElement(alert, this._options.host.trans.__('Images'));
    this._view.node.append(this._alert);
    this._show();
    this._announce();
  }

  private _arrange(): void {
    this.toggleClass('jp-mod-narrow', this.node.clientWidth < NARROW);
  }

  /** Of the view as it will be drawn: its place is kept free from the start, so that what is asked for fits. */
  private _size(): { width: number; height: number } {
    this._arrange();
    const { clientWidth: width, clientHeight: height } = this._view.node;
    return width > 0 && height > 0 ? { width, height } : DEFAULT_SIZE;
  }

  private _show(): void {
    const stage = this._stage;
    applyStatus(this.node, {
      uri: this.uri,
      failed: this._failed,
      kind: this._opened?.node.kind,
      exact: stage?.exact ?? false,
      damaged: stage?.damaged ?? 0,
      pending: this._opened?.pyramid?.pending ?? 0,
      standIn: this._standIn?.shown ?? false
    });
  }

  private _announce(): void {
    this._announcing ??= setTimeout(() => {
      this._announcing = undefined;
      this._changed.emit();
    }, ANNOUNCE);
  }

  /** Ends everything that belongs to one opening. */
  private _close(): void {
    this._opening?.abort();
    this._opening = null;
    this._stage?.dispose();
    this._stage = null;
    this._pending?.dispose();
    this._pending = null;
    this._standIn?.end();
    this._standIn = null;
    this._alert?.remove();
    this._alert = null;
    this._opened?.dispose();
    this._opened = null;
    this._decoder?.dispose();
    this._decoder = null;
    this.removeClass('jp-mod-drawn');
  }

  private readonly _view: Widget;
  private readonly _parts: PanelLayout;
  private readonly _narrow: ResizeObserver;
  private readonly _changed = new Signal<this, void>(this);
  private _selection: ISelection;
  private _resolved: IResolved | null = null;
  private _opening: AbortController | null = null;
  private _opened: IOpened | null = null;
  private _decoder: IDecoder | null = null;
  private _stage: IStage | null = null;
  private _stageModule: Promise<IStageModule> | null = null;
  private _standIn: StandIn | null = null;
  private _pending: { dispose(): void } | null = null;
  private _alert: HTMLElement | null = null;
  private _failed = false;
  private _why = '';
  private _announcing: ReturnType<typeof setTimeout> | undefined;
}
