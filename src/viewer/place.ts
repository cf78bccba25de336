import type { Widget } from '@lumino/widgets';
import { toBioImageError } from '../core';
import type { BioImageError, IDisposableLike, Said } from '../core';
import type { ISelection } from '../entities';
import type { INode } from '../ngff';
import type { IOpened, Route } from '../pixels';
import type { IPreviewPicture, IResolved, ISessionTransport } from '../stores';
import type { IContent, IContentOptions, IParts } from './content';
import type { IStep, IVisited } from './navigation';
import { routeText } from './opening';
import type { IOpening, IOpeningListener } from './opening';
import { StandIn } from './standin';
import type { IPreviewHost } from './types';
import { viewWidget } from './view';

/** What a place is made from. */
export interface IPlaceOptions {
  /** The step that led here; `null` for the address itself. */
  step: IStep | null;
  uri: string;
  name?: string;
  /** As the content of this place sees it. */
  host: IPreviewHost;
  /** Opens what lies here. */
  open(listener: IOpeningListener, signal: AbortSignal): Promise<IOpening>;
  /** What is to be shown of it, without the place. */
  selection: ISelection;
  /** Makes the content of what has been opened. */
  content(node: INode, options: IContentOptions): Promise<IContent>;
  stage: IContentOptions['stage'];
  /** See `IContentOptions.plate`. */
  plate?: IContentOptions['plate'];
  /** Says that code for drawing will be needed soon. */
  warm(): void;
  fullScreen: () => void;
  enter: (step: IStep) => void;
  /** It is open: whoever made it decides what comes now. */
  opened(place: Place): void;
  changed(): void;
  failed(place: Place, error: BioImageError): void;
}

/** One place of a preview: opens what lies there, and holds what shows it. */
export class Place implements IVisited {
  constructor(private readonly _options: IPlaceOptions) {
    this.step = _options.step;
    this.uri = _options.uri;
    this.host = _options.host;
    this._selection = _options.selection;
    this.view = viewWidget(_options.host.trans);
  }

  readonly step: IStep | null;
  readonly uri: string;
  readonly host: IPreviewHost;
  /** What images are drawn in, and failures told in. */
  readonly view: Widget;
  through = false;

  get node(): INode | undefined {
    return this._opening?.opened.node;
  }

  get opened(): IOpened | null {
    return this._opening?.opened ?? null;
  }

  get opening(): IOpening | null {
    return this._opening;
  }

  /** Where it is read from. */
  get resolved(): IResolved | null {
    return this._resolved;
  }

  /** The routes of the session, as far as it came to them. */
  get transport(): ISessionTransport | undefined {
    return this._transport;
  }

  /** The way that was tried last. */
  get route(): Route | null {
    return this._route;
  }

  get content(): IContent | null {
    return this._content;
  }

  get failure(): BioImageError | null {
    return this._failure;
  }

  /** A display-only picture stands in. */
  get standIn(): boolean {
    return (this._standIn?.shown ?? false) || (this._content?.standIn ?? false);
  }

  get pending(): number {
    return this._content?.pending ?? this.opened?.pyramid?.pending ?? 0;
  }

  /** What shows it. Where it failed there is only the view with the alert in it, and around it what an image's drawing left. */
  get parts(): IParts {
    const parts = this._content?.parts ?? {};
    return this._failure && parts.main ? {} : parts;
  }

  get selection(): ISelection {
    return this._content?.selection ?? this._selection;
  }

  get state(): ISelection {
    return this._content?.state ?? this._selection;
  }

  select(selection: ISelection): void {
    this._selection = { ...this.state, ...selection };
    this._content?.select(selection);
  }

  /** It is on the screen: opens it, or goes on with what it shows. */
  appear(): void {
    this._visible = true;
    if (!this._ending) {
      void this._open();
    } else if (this._stays) {
      void this._draw();
    }
    this._start();
  }

  /** It is no longer on the screen; what has been read is kept. */
  leave(): void {
    this._visible = false;
    if (this._started) {
      this._started = false;
      this._content?.stop();
    }
  }

  /** One stays here: it is drawn, now or once it is on the screen. */
  stay(): void {
    this._stays = true;
    if (this._visible) {
      void this._draw();
    }
  }

  /** What was wanted to be shown is that of another place. */
  forget(): void {
    this._selection = {};
  }

  /** Opens again from the start, with the view kept. */
  retry(): void {
    this._selection = this.state;
    this.close();
    void this._open();
  }

  /** It is being opened, or open. */
  get isOpen(): boolean {
    return this._ending !== null;
  }

  /** Reads that have come to an end. */
  get came(): number {
    return this._came;
  }

  /** Nothing goes on before a person has chosen. */
  get asking(): boolean {
    return this._asking || (this._content?.asking ?? false);
  }

  /** Ends what goes on here, with the view kept and told as a failure. */
  stop(error: BioImageError): void {
    this._selection = this.state;
    this.close();
    this._ending = new AbortController(); // not to be opened again by being looked at
    this._fail(error);
  }

  /** Puts something else over the view, in place of what was there. */
  cover(element: HTMLElement | null): void {
    this._cover?.remove();
    this._cover = element;
    if (element) {
      this.view.node.append(element);
    }
  }

  /** Adds to what lies over the view; one thing at a time. */
  addToCover(element: HTMLElement): void {
    this._cover?.querySelector('.jp-BioImageTree-documents')?.remove();
    this._cover?.append(element);
  }

  /** Ends everything that belongs to one opening. */
  close(): void {
    this._ending?.abort();
    this._ending = null;
    this._content?.dispose();
    this._content = null;
    this._pending?.dispose();
    this._pending = null;
    this._standIn?.end();
    this._standIn = null;
    this.cover(null);
    this._opening?.opened.dispose();
    this._opening?.decoder.dispose();
    this._opening = null;
    this._failure = null;
    this._stays = false;
    this._started = false;
  }

  dispose(): void {
    this.close();
    this.view.dispose();
  }

  private async _open(): Promise<void> {
    const { signal } = (this._ending = new AbortController());
    const standIn = (this._standIn = new StandIn(this.view.node));
    this._options.changed();
    try {
      const listener: IOpeningListener = {
        resolved: resolved => (this._resolved = resolved),
        session: transport => (this._transport = transport),
        read: () => this._came++,
        asking: asking => (this._asking = asking),
        preview: picture => void this._onPreview(standIn, picture),
        route: (route, why) => ([this._route, this._why] = [route, why])
      };
      const opening = await this._options.open(listener, signal);
      this._opening = opening;
      this._resolved = opening.opened.place.store || opening.opened.place.direct ? opening.opened.place : this._resolved;
      this._pending = opening.opened.pyramid?.onPending(() => this._options.changed()) ?? null;
      if (opening.opened.node.kind !== 'image') {
        standIn.end();
      }
      this._options.opened(this);
    } catch (error) {
      this._onFailed(error, signal);
    }
  }

  private async _draw(): Promise<void> {
    const [opening, ending] = [this._opening, this._ending];
    if (!opening || !ending || this._content || this._making === ending) {
      return;
    }
    this._making = ending;
    try {
      const content = await this._options.content(opening.opened.node, this._contentOptions(opening));
      if (ending.signal.aborted) {
        content.dispose();
        return;
      }
      this._content = content;
      content.changed.connect(this._onContent, this);
      this._options.changed(); // it is laid out before it is told that it can be seen
      this._start();
      this._onContent();
    } catch (error) {
      this._onFailed(error, ending.signal);
    } finally {
      if (this._making === ending) {
        this._making = null;
      }
    }
  }

  private _start(): void {
    if (this._visible && this._content && !this._started) {
      this._started = true;
      this._content.start();
    }
  }

  private async _onPreview(standIn: StandIn, picture: IPreviewPicture): Promise<void> {
    try {
      if (await standIn.show(picture)) {
        this._options.changed();
      }
    } finally {
      // not before the picture is on the screen: evaluating the drawing code would delay it
      if (standIn === this._standIn) {
        requestAnimationFrame(() => this._options.warm());
      }
    }
  }

  private _contentOptions({ opened, decoder, transport }: IOpening): IContentOptions {
    const { host, uri, name, plate, stage, fullScreen, enter } = this._options;
    const route = routeText(opened.route, this._resolved, this._why, host.trans);
    const selection = this._selection;
    const { view, _standIn: standIn } = this;
    return { opened, decoder, transport, host, uri, name, route, selection, view, standIn, plate, stage, fullScreen, enter };
  }

  private readonly _onContent = (): void => {
    const failure = this._content?.failure;
    if (failure && !this._failure) {
      this._fail(failure); // the stand-in stays: better than nothing
    }
    this._options.changed();
  };

  private _onFailed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) {
      return; // nobody else may end it: any other end has to be told, whatever it is called
    }
    this._standIn?.end();
    this._fail(toBioImageError(error));
  }

  private _fail(error: BioImageError): void {
    this._failure = error;
    this._options.failed(this, error);
  }

  private _opening: IOpening | null = null;
  private _ending: AbortController | null = null;
  private _resolved: IResolved | null = null;
  private _transport: ISessionTransport | undefined;
  private _route: Route | null = null;
  private _why: Said | undefined;
  private _content: IContent | null = null;
  private _making: AbortController | null = null;
  private _stays = false;
  private _visible = false;
  private _started = false;
  private _failure: BioImageError | null = null;
  private _standIn: StandIn | null = null;
  private _pending: IDisposableLike | null = null;
  private _cover: HTMLElement | null = null;
  private _came = 0;
  private _asking = false;
  private _selection: ISelection;
}
