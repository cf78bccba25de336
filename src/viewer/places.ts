import { cleanText } from '../core';
import type { BioImageError } from '../core';
import type { ISelection } from '../entities';
import type { INode } from '../ngff';
import type { Route } from '../pixels';
import { childOf } from '../stores';
import type { IResolved } from '../stores';
import { alertElement } from './alert';
import { makeContent } from './contents';
import type { ICrumb } from './crumbs';
import { failureActions } from './failure';
import { failureDetails, failureText } from './failuretext';
import { hostAt } from './hosts';
import type { IStep, Whereabouts } from './navigation';
import { samePlace, Trail, viewOf, wayOn, whereaboutsOf } from './navigation';
import type { IOpening, IOpeningListener } from './opening';
import { openPreview } from './opening';
import { Place } from './place';
import type { IPreviewHost, IPreviewOptions, IStageModule } from './types';
import { openWell } from './wells';

/** What the places of a preview need from its widget. */
export interface IPlacesOptions extends IPreviewOptions {
  size(): { width: number; height: number };
  fullScreen(): void;
  isVisible(): boolean;
  /** Something that is shown has changed. */
  changed(): void;
  /** Another place is on the screen. */
  moved(): void;
}

/** The places of one preview: opens them one inside the other, keeps those that Back leads to, and tells failures. */
export class Places {
  constructor(private readonly _options: IPlacesOptions) {
    this._wanted = _options.selection ?? {};
    this._trail.push(this._make(null, null, viewOf(this._wanted)));
  }

  get top(): Place {
    return this._trail.places[this._trail.places.length - 1];
  }

  /** The collection that the place on the screen is a series of. */
  get list(): Place | null {
    const under = this._trail.places[this._trail.places.length - 2] as Place | undefined;
    return under?.node?.kind === 'collection' ? under : null;
  }

  /** Where one is; where one is on the way to while that is looked for. */
  get whereabouts(): Whereabouts {
    return { ...whereaboutsOf(this._wanted), ...this._trail.whereabouts() };
  }

  get canGoBack(): boolean {
    return this._trail.back >= 0;
  }

  get crumbs(): readonly ICrumb[] {
    const { places } = this._trail;
    const last = places.length - 1;
    return places.map((place, index) => {
      const isHere = index === last || (index === last - 1 && this.list !== null);
      return { label: this._label(place), ...(isHere ? {} : { go: () => this._backTo(index) }) };
    });
  }

  /** Shows another part: another place where the selection names one, else of what is on the screen. */
  select(selection: ISelection): void {
    const place = whereaboutsOf(selection);
    if (Object.keys(place).length === 0 || samePlace({ ...this.whereabouts, ...place }, this.whereabouts)) {
      this.top.select(viewOf(selection));
      return;
    }
    this._wanted = { ...place, ...viewOf(selection) };
    this._cut(1);
    const root = this.top;
    if (root.node) {
      this._onOpened(root);
    }
    this._options.moved();
  }

  appear(): void {
    this.list?.appear();
    this.top.appear();
  }

  leave(): void {
    this.list?.leave();
    this.top.leave();
  }

  /** Goes back to where what is shown was opened from; false where that is the beginning. */
  back(): boolean {
    const { back } = this._trail;
    if (back < 0) {
      return false;
    }
    this._backTo(back);
    return true;
  }

  dispose(): void {
    [...this._trail.places].reverse().forEach(place => place.dispose());
  }

  private _backTo(index: number): void {
    this._wanted = {};
    const place = this._trail.places[index];
    place.through = false;
    this._cut(index + 1);
    this._options.moved(); // while it is known where the focus was
    place.stay();
    if (this._options.isVisible()) {
      this.appear();
    }
  }

  private _cut(length: number): void {
    const gone = this._trail.cut(length);
    if (gone.length) {
      // after the next place has been put in: until then it is known where the focus was
      setTimeout(() => gone.forEach(place => place.dispose()));
    }
  }

  private _enter(from: Place, step: IStep, through: boolean): void {
    this._cut(this._trail.places.indexOf(from) + 1);
    from.through = through;
    if (from.node?.kind !== 'collection') {
      from.leave();
    }
    const place = this._make(step, from, viewOf(this._wanted));
    this._trail.push(place);
    this._options.moved();
    if (this._options.isVisible()) {
      place.appear();
    }
  }

  /** A person's choice: what was wanted at first no longer counts. */
  private _choose(from: Place, step: IStep): void {
    this._wanted = {};
    this._enter(from, step, from.node?.kind === 'collection');
  }

  private _make(step: IStep | null, from: Place | null, selection: ISelection): Place {
    const uri = step && from?.opened ? childOf(from.opened.place, step.path).uri : this._options.uri;
    const place: Place = new Place({
      step,
      uri,
      name: step ? cleanText(step.name) || undefined : this._options.title,
      host: hostAt(this._options.host, this._options.uri, uri, () => this._trail.whereabouts(this._trail.places.indexOf(place))),
      open: (listener, signal) => this._open(place, from, listener, signal),
      selection,
      content: makeContent,
      plate: step?.kind === 'well' && from?.opened ? { place: from.opened.place, well: step.name } : undefined,
      stage: () => this._stage(),
      warm: () => void this._stage().catch(() => undefined), // told when it is needed
      fullScreen: () => this._options.fullScreen(),
      enter: next => this._choose(place, next),
      opened: () => this._onOpened(place),
      changed: () => this._onChanged(),
      failed: (_, error) => this._onFailed(place, error)
    });
    return place;
  }

  private async _open(place: Place, from: Place | null, listener: IOpeningListener, signal: AbortSignal): Promise<IOpening> {
    const { host, open, uri } = this._options;
    const { step } = place;
    const base = from?.opened;
    if (step?.kind === 'well' && base && from?.opening) {
      return openWell(from.opening, step.path, signal);
    }
    const target = {
      uri: place.uri,
      resolve: async () => preferring(step && base ? childOf(base.place, step.path) : await host.resolve(uri), this._prefer),
      ...(step ? {} : { relocate: (stop: AbortSignal) => host.relocate?.(uri, stop) ?? Promise.resolve(null) }),
      selection: viewOf(place.state),
      size: () => this._options.size()
    };
    return openPreview(target, place.host, listener, signal, open);
  }

  private _onOpened(place: Place): void {
    if (place !== this.top) {
      return; // it was left while it opened
    }
    const { node } = place;
    const at = this._trail.whereabouts().inside ?? '';
    const way = node && wayOn(node, this._wanted, at);
    if (!way || node?.kind === 'collection') {
      place.stay();
    }
    if (way) {
      place.forget();
      this._enter(place, way.step, way.through);
    } else {
      this._wanted = {};
      this._options.changed();
    }
  }

  private _onChanged(): void {
    const { step } = this.top;
    if (step) {
      this.list?.content?.beside?.(step.path);
    }
    this._options.changed();
  }

  private _onFailed(place: Place, error: BioImageError): void {
    this._wanted = place === this.top ? {} : this._wanted;
    const { host } = this._options;
    const { trans } = host;
    const { uri, route } = place;
    const actions = failureActions(error, {
      uri,
      route,
      trans,
      resolved: place.resolved,
      hasSession: place.transport !== undefined,
      selection: place.state,
      retry: () => place.retry(),
      copyDetails: () => void host.copy(failureDetails(error, uri, route)),
      useRoute: other => {
        this._prefer = other;
        place.retry();
      },
      insert: (address, selection) => place.host.insert(address, selection),
      login: host.login ? () => host.login?.() : null,
      back: this.canGoBack ? () => void this.back() : null,
      open: host.open ? address => host.open?.(address) : null,
      documents: place.resolved ? () => void this._showDocuments(place, error) : null
    });
    place.cover(alertElement({ ...failureText(error, route, trans), address: uri, actions }));
    this._options.changed();
  }

  /** Puts the metadata that are there under the words of a failure. */
  private async _showDocuments(place: Place, error: BioImageError): Promise<void> {
    const { resolved, transport, route } = place;
    if (resolved) {
      const { documentsElement } = await import('./tree');
      place.addToCover(await documentsElement({ resolved, transport, route, where: error.where, trans: this._options.host.trans }));
    }
  }

  private _label({ step, node }: Place): string {
    const { trans } = this._options.host;
    switch (step?.kind) {
      case 'well':
        return cleanText(step.name);
      case 'field':
        return trans.__('field %1', (step.field ?? 0) + 1);
      case 'series':
      case 'member':
        return cleanText(step.name) || cleanText(step.path);
      default:
        return kindWord(node, this._options.host);
    }
  }

  private _stage(): Promise<IStageModule> {
    this._stageModule ??= this._options.loadStage ? this._options.loadStage() : import('./stage');
    this._stageModule.catch(() => (this._stageModule = null));
    return this._stageModule;
  }

  private readonly _trail = new Trail<Place>();
  private _stageModule: Promise<IStageModule> | null = null;
  /** What is still to be looked for. */
  private _wanted: ISelection;
  /** The way that a person chose after the other one failed. */
  private _prefer: Route | null = null;
}

function preferring(resolved: IResolved, route: Route | null): IResolved {
  return route && resolved.store ? { ...resolved, store: { ...resolved.store, prefer: route } } : resolved;
}

function kindWord(node: INode | undefined, { trans }: IPreviewHost): string {
  switch (node?.kind) {
    case 'plate':
      return trans.__('Plate');
    case 'well':
      return trans.__('Well');
    case 'collection':
      return trans.__('Images');
    case 'group':
      return trans.__('Group');
    default:
      return trans.__('Image');
  }
}
