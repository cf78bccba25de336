import type { ISelection } from '../../entities';
import type { IStageOptions } from '../types';
import { StandIn } from '../standin';
import type { ICamera, ISize } from './camera';

/** A hand that moves asks for one picture, not for one of every place it passes (ms). */
const SETTLE = 300;

/** What a reduced picture is made for. */
export interface IReducedView {
  readonly selection: ISelection & { region: [number, number, number, number] };
  readonly size: ISize;
  readonly camera: ICamera;
}

/**
 * A picture of a view that is too large to read, made by the server: for display only, under the drawing. Once asked for it
 * follows the view, until that can be read.
 */
export class Reduced {
  constructor(
    private readonly _view: HTMLElement,
    private readonly _ask: NonNullable<IStageOptions['reduced']>,
    private readonly _changed: () => void
  ) {}

  /** Somebody has asked for it. */
  get wanted(): boolean {
    return this._wanted;
  }

  /** It stands on the screen. */
  get shown(): boolean {
    return this._picture?.shown ?? false;
  }

  /** It shows less than the view: all of that would be too much for the server too. */
  get partial(): boolean {
    return this._partial;
  }

  get failed(): boolean {
    return this._failed;
  }

  /** Asks for a picture of this view. */
  show(view: IReducedView): void {
    this._wanted = true;
    this._seen = view;
    void this._fetch(view);
  }

  /**
   * The camera has moved, or what is seen has changed: then the picture there is shows something else. One that is not
   * `cheap` is not made again for a move, and for something else only when it is asked for.
   */
  follow(view: () => IReducedView, same: boolean, cheap: boolean): void {
    if (!this._wanted) {
      return;
    }
    if (!same) {
      this._picture?.end();
      this._picture = null;
    }
    const { camera, size } = (this._seen = view());
    this._picture?.follow(camera, size);
    clearTimeout(this._timer);
    if (!cheap) {
      if (!same) {
        this.end();
      }
      return;
    }
    this._timer = setTimeout(() => void this._fetch(view()), SETTLE);
  }

  /** Takes the picture away: the pixels themselves are there, or somebody wants them. */
  end(): void {
    this._wanted = false;
    this._failed = false;
    clearTimeout(this._timer);
    this._abort?.abort();
    this._picture?.end();
    this._picture = null;
  }

  private async _fetch({ selection, size }: IReducedView): Promise<void> {
    this._abort?.abort();
    const { signal } = (this._abort = new AbortController());
    const picture = new StandIn(this._view);
    try {
      const { picture: blob, region = selection.region } = await this._ask(selection, size, signal);
      const bytes = new Uint8Array(await blob.arrayBuffer());
      this._failed = !(await picture.show({ mime: blob.type, bytes, level: 0, width: size.width, height: size.height, region: [...region] }));
      this._partial = region.some((edge, i) => (i % 2 === 0 ? edge > selection.region[i] : edge < selection.region[i]));
    } catch {
      this._failed = !signal.aborted; // said over the image, with another way
    }
    if (signal.aborted) {
      picture.end();
      return;
    }
    this._picture?.end();
    this._picture = picture;
    if (this._seen) {
      picture.follow(this._seen.camera, this._seen.size); // where it is looked at by now
    }
    this._changed();
  }

  private _picture: StandIn | null = null;
  private _seen: IReducedView | null = null;
  private _abort: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _wanted = false;
  private _failed = false;
  private _partial = false;
}
