import type { ISelection } from '../../entities';
import { boxRegion, clamp, fit, pan, regionBox, sameView, seen, seenRegion, sizeOf, snap, zoomAbout, zoomRange } from './camera';
import type { ICamera, ISize } from './camera';
import type { IBox } from './geometry';

/** What a viewpoint is made from. */
export interface IViewpointOptions {
  /** The element that is drawn in. */
  view: HTMLElement;
  /** All of the image, in level-0 pixels. */
  image: IBox;
  region: ISelection['region'];
  /** Whether a view is too much to read without being asked: then the first one is nearer. */
  tooMuch(view: IBox, unit: number): boolean;
  /** Something else is seen, or in another size. */
  moved(): void;
}

/** Where somebody looks from: the camera, and the place it returns to. */
export class Viewpoint {
  constructor(private readonly _options: IViewpointOptions) {
    const { view, image, region } = _options;
    this._size = sizeOf(view);
    this._home = region ? regionBox(region) : image;
    this._camera = this._opening();
    this._resize = new ResizeObserver(() => this._onResize());
    this._resize.observe(view);
  }

  get camera(): ICamera {
    return this._camera;
  }

  get size(): ISize {
    return this._size;
  }

  /** CSS pixels per level-0 pixel. */
  get unit(): number {
    return 2 ** this._camera.zoom;
  }

  /** What is seen, in level-0 pixels; it may reach beyond the image. */
  get box(): IBox {
    return seen(this._camera, this._size);
  }

  get zoomRange(): [number, number] {
    return zoomRange(this._options.image, this._size);
  }

  /** Whether all of the image is in view. */
  get whole(): boolean {
    const { image } = this._options;
    return seenRegion(this._camera, this._size, image.right, image.bottom) === undefined;
  }

  /** What a selection says of it. A region asked for comes back as it was until somebody moves, though the view shows more. */
  region(width: number, height: number): ISelection['region'] {
    return this._fitted && this._home !== this._options.image
      ? boxRegion(this._home)
      : seenRegion(this._camera, this._size, width, height);
  }

  /** Shows the region asked for. */
  show(region: NonNullable<ISelection['region']>): void {
    this._home = regionBox(region);
    this._fitted = true;
    this._look(this._opening());
  }

  /** All of the image. */
  fit(): void {
    this._home = this._options.image;
    this._fitted = true;
    this._look(fit(this._home, this._size));
  }

  /** One level-0 pixel is one CSS pixel. */
  actualSize(): void {
    this.look({ ...this._camera, zoom: 0 });
  }

  /** Zooms about the middle of the view, or about a point of the image that stays where it is. */
  zoomBy(steps: number, about?: readonly [number, number]): void {
    const [low, high] = this.zoomRange;
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

  dispose(): void {
    this._resize.disconnect();
  }

  private _look(camera: ICamera, resized = false): void {
    const next = snap(clamp(camera, this._options.image, this._size), this._size);
    if (sameView(next, this._camera) && !resized) {
      return; // the end of a drag tells the place it is at once more
    }
    this._camera = next;
    this._options.moved();
  }

  /** First view: the region asked for, else all of the image; the middle of it where that were too much to read. */
  private _opening(): ICamera {
    let camera = snap(clamp(fit(this._home, this._size), this._options.image, this._size), this._size);
    while (camera.zoom < 0 && this._options.tooMuch(seen(camera, this._size), 2 ** camera.zoom)) {
      camera = { ...camera, zoom: Math.min(0, camera.zoom + 0.5) };
      this._fitted = false;
    }
    return camera;
  }

  private _onResize(): void {
    const size = sizeOf(this._options.view);
    if (size.width > 0 && size.height > 0 && (size.width !== this._size.width || size.height !== this._size.height)) {
      this._size = size;
      this._look(this._fitted ? fit(this._home, size) : this._camera, true);
    }
  }

  private readonly _resize: ResizeObserver;
  private _home: IBox;
  private _camera: ICamera;
  private _size: ISize;
  private _fitted = true;
}
