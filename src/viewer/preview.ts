import type { Message } from '@lumino/messaging';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { cleanText } from '../core';
import type { ISelection } from '../entities';
import type { IImage } from '../ngff';
import type { IResolved } from '../stores';
import { Crumbs } from './crumbs';
import type { IShown } from './layout';
import { PreviewLayout } from './layout';
import { Places } from './places';
import type { Place } from './place';
import { applyStatus } from './status';
import type { IPreviewOptions } from './types';
import { toggleFullScreen } from './view';
import { Waiting } from './waiting';
import { waitingEnded, waitOf } from './waits';

/** View changes are announced at most this often (ms): they are stored for the next reload. */
const ANNOUNCE = 300;

/** Below this width the controls lie under the image (CSS pixels). */
const NARROW = 560;

/** Asked of the server where the preview has no size yet, in CSS pixels. */
const DEFAULT_SIZE = { width: 800, height: 600 };

/**
 * A preview of what an address names, and of what lies in it: a field of a plate, a series of a collection. The light half:
 * lays out what its places show, and holds the attributes that tell where it is.
 */
export class PreviewWidget extends Widget {
  constructor(options: IPreviewOptions) {
    super();
    this.uri = options.uri;
    this.name = options.title;
    this.addClass('jp-BioImagePreview');
    const { trans } = options.host;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Image preview: %1', cleanText(this.name ?? this.uri)));
    this._crumbs = new Crumbs(trans);
    this.layout = this._parts = new PreviewLayout();
    this._places = new Places({
      ...options,
      size: () => this._size(),
      fullScreen: () => toggleFullScreen(this.node),
      isVisible: () => this.isVisible,
      changed: () => this._onChanged(),
      moved: () => this._onMoved()
    });
    this._waiting = new Waiting({
      trans,
      wait: () => (this.isVisible ? waitOf(this._top) : null),
      retry: () => this.retry(),
      stop: (what, ms, byHand) => this._top.stop(waitingEnded(what, ms, byHand)),
      nudge: () => this._top.content?.nudge?.(),
      unfocused: () => this._focus()
    });
    this.node.append(this._waiting.node, this._waiting.voice);
    this.node.addEventListener('keydown', this._onKey);
    // not every place that shows a widget tells it its size: a cell's output does not
    this._narrow = new ResizeObserver(() => this._arrange());
    this._narrow.observe(this.node);
    this._show();
  }

  /** The argument, verbatim. */
  readonly uri: string;
  /** What it is called where it was found. */
  readonly name: string | undefined;

  /** What is on the screen as code would load it: the level drawn, and where in the address it is. */
  get selection(): ISelection {
    return { ...this._top.selection, ...this._places.whereabouts };
  }

  /** What is on the screen as it is to be restored or linked: a level only where one is pinned. */
  get state(): ISelection {
    return { ...this._top.state, ...this._places.whereabouts };
  }

  /** The image on the screen: that of the address, a field, a series. */
  get image(): IImage | null {
    const { node } = this._top;
    return node?.kind === 'image' ? node : null;
  }

  /** Where what is on the screen is read from. */
  get resolved(): IResolved | null {
    return this._top.resolved;
  }

  /** Address of what is on the screen; `uri` itself, or something below it. */
  get shownUri(): string {
    return this._top.uri;
  }

  /** The view, or what is known of what is shown, has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Shows another part, now or once it is open: what the selection leaves out stays as it is. */
  select(selection: ISelection): void {
    this._places.select(selection);
  }

  /** Opens what is on the screen again from the start, with the view kept. */
  retry(): void {
    this._top.retry();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    clearTimeout(this._announcing);
    this._narrow.disconnect();
    this._waiting.leave();
    this.node.removeEventListener('keydown', this._onKey);
    // what belongs to places that are not shown is disposed with them, the rest with the layout
    this._places.dispose();
    this._crumbs.dispose();
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
    this._places.leave();
    this._waiting.leave();
    super.onBeforeHide(msg);
  }

  protected override onBeforeDetach(msg: Message): void {
    this._places.leave();
    this._waiting.leave();
    super.onBeforeDetach(msg);
  }

  protected override onActivateRequest(): void {
    this._focus();
  }

  /** A preview in a hidden tab, restored after a reload, opens when it is looked at. */
  private _appear(): void {
    if (this.isVisible) {
      this._places.appear();
      this._waiting.update();
    }
  }

  private get _top(): Place {
    return this._places.top;
  }

  private _focus(): void {
    const { content, view } = this._top;
    if (content && !this._top.failure) {
      content.focus();
    } else {
      view.node.focus({ preventScroll: true });
    }
  }

  private readonly _onKey = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    const isBack = event.key === 'Backspace' || (event.key === 'ArrowLeft' && event.altKey);
    if (isBack && !event.defaultPrevented && !target.matches('input, select, textarea') && this._places.back()) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  private _onChanged(): void {
    this._show();
    this._announce();
  }

  /** Another place is on the screen: the focus goes with it, where it was in the preview. */
  private _onMoved(): void {
    const hadFocus = this.node.contains(document.activeElement);
    this._onChanged();
    if (hadFocus) {
      this._focus();
    }
  }

  private _arrange(): void {
    this.toggleClass('jp-mod-narrow', this.node.clientWidth < NARROW);
  }

  /** Of the view as it will be drawn: its place is kept free from the start, so that what is asked for fits. */
  private _size(): { width: number; height: number } {
    this._arrange();
    const { clientWidth: width, clientHeight: height } = this._top.view.node;
    return width > 0 && height > 0 ? { width, height } : DEFAULT_SIZE;
  }

  private _show(): void {
    if (this.isDisposed) {
      return;
    }
    const { top, list } = this._places;
    const { parts, content } = top;
    const wasFocused = !parts.main || this._parts.widgets.includes(parts.main) ? false : top.view.node.contains(document.activeElement);
    this._parts.show({ ...this._way(), list: list?.content?.parts.list, main: top.view, ...parts });
    if (wasFocused) {
      content?.focus();
    }
    this.toggleClass('jp-mod-drawn', parts.side !== undefined);
    this.toggleClass('jp-mod-listed', list !== null);
    applyStatus(this.node, {
      uri: this.uri,
      failed: top.failure !== null,
      kind: list ? 'collection' : top.node?.kind,
      exact: (content?.exact ?? false) && (list === null || list.content !== null),
      damaged: content?.damaged ?? 0,
      pending: top.pending,
      standIn: top.standIn
    });
    this._waiting.update();
  }

  private _way(): IShown {
    const { crumbs, canGoBack } = this._places;
    if (!crumbs.some(({ go }) => go)) {
      return {}; // one is at the address itself, or at a series of it
    }
    this._crumbs.showWay(crumbs, canGoBack ? () => void this._places.back() : null);
    return { crumbs: this._crumbs };
  }

  private _announce(): void {
    this._announcing ??= setTimeout(() => {
      this._announcing = undefined;
      this._changed.emit();
    }, ANNOUNCE);
  }

  private readonly _places: Places;
  private readonly _crumbs: Crumbs;
  private readonly _parts: PreviewLayout;
  private readonly _narrow: ResizeObserver;
  private readonly _waiting: Waiting;
  private readonly _changed = new Signal<this, void>(this);
  private _announcing: ReturnType<typeof setTimeout> | undefined;
}
