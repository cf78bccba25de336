import type { IStageOptions } from '../types';
import { damagedMessage, emptyMessage, oversizeLabelMessage, oversizeMessage, pixellessMessage } from './messages';
import type { IMessage, ReducedState } from './messages';
import type { Overlay } from './overlay';
import type { IOversize, Planes } from './planes';
import { Reduced } from './reduced';
import type { IReducedView } from './reduced';
import { reducedPart } from './reducedpart';
import type { IReducedPart } from './reducedpart';
import type { Stage } from './stage';

/** What messages are made from. */
export interface IMessagesOptions extends Pick<IStageOptions, 'view' | 'pyramid' | 'host' | 'reduced'> {
  overlay: Overlay;
  planes: Planes;
}

/** What is to be said over the image, one thing at a time, and the reduced picture of what is too large to read. */
export class Messages {
  constructor(
    private readonly _stage: Stage,
    private readonly _options: IMessagesOptions
  ) {
    const { reduced, view } = _options;
    this._reduced = reduced ? new Reduced(view, reduced, () => this._onReduced()) : null;
  }

  /** What is to be read for this view, where it is not read because it is too much. */
  get oversize(): IOversize | null {
    const { box, unit } = this._stage.viewpoint;
    return this._options.planes.oversize(box, unit);
  }

  /** A picture stands in for the pixels. */
  get standIn(): boolean {
    return this._reduced?.shown ?? false;
  }

  /** It is for the person to say what comes next. */
  get asking(): boolean {
    return this.oversize !== null && this._state !== 'reading';
  }

  /** The view is another one. */
  moved(): void {
    this._follow(true);
  }

  /** The same view shows something else. */
  replaced(): void {
    this._follow(false);
  }

  show(): void {
    const message = this._message();
    if (this._stage.exact) {
      this._reduced?.end();
    }
    this._options.overlay.message(message?.text ?? null, ...(message?.actions ?? []));
  }

  dispose(): void {
    this._reduced?.end();
  }

  private _message(): IMessage | null {
    const stage = this._stage;
    const { trans } = this._options.host;
    const { image, levels } = this._options.pyramid;
    const none = image.axes.filter((_, i) => image.levels[0].array.shape[i] === 0);
    if (none.length > 0) {
      return pixellessMessage(none.map(({ name }) => name), trans);
    }
    const over = this.oversize;
    if (over) {
      const coarsest = over.level === levels.length - 1;
      const extent = coarsest ? this._extent() : undefined;
      const reduced = this._state === 'offered' && extent?.part[0] === 0 ? 'none' : this._state;
      const run = { read: () => this._read(over.level), reduce: () => this._reduce(), stop: () => this._stop() };
      return oversizeMessage({ ...over, coarsest, reduced, extent }, run, trans);
    }
    if (stage.causes.length > 0) {
      return damagedMessage(stage.causes, () => stage.retryDamaged(), trans);
    }
    const { box, unit, whole } = stage.viewpoint;
    const label = stage.labels.oversize(box, unit);
    if (label) {
      const allow = (): void => {
        label.allow();
        stage.choose();
      };
      return oversizeLabelMessage(label, allow, trans);
    }
    return stage.empty ? emptyMessage(whole, trans) : null;
  }

  private get _state(): ReducedState {
    const reduced = this._reduced;
    if (!reduced) {
      return 'none';
    }
    return reduced.shown ? (reduced.partial ? 'partial' : 'shown') : reduced.failed ? 'failed' : reduced.wanted ? 'reading' : 'offered';
  }

  private _extent(): IReducedPart {
    const { image, levels } = this._options.pyramid;
    const { model, viewpoint } = this._stage;
    return reducedPart(image, levels[levels.length - 1], model.visible, viewpoint.box, viewpoint.size);
  }

  private _read(level: number): void {
    this._options.planes.allow(level);
    this._stage.choose();
  }

  private _reduce(): void {
    this._reduced?.show(this._view());
    this.show();
  }

  private _stop(): void {
    this._reduced?.end();
    this.show();
  }

  private _follow(same: boolean): void {
    if (this.oversize) {
      this._reduced?.follow(() => this._view(), same, this._extent().sampled === undefined);
    }
  }

  private _onReduced(): void {
    if (!this._stage.isDisposed) {
      this._stage.refresh();
    }
  }

  private _view(): IReducedView {
    const { selection, viewpoint } = this._stage;
    const { width, height } = this._options.pyramid.levels[0];
    const { size, camera } = viewpoint;
    return { selection: { ...selection, region: selection.region ?? [0, height, 0, width] }, size, camera };
  }

  private readonly _reduced: Reduced | null;
}
