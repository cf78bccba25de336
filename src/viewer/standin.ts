import { isAbort } from '../core';
import type { IPreviewPicture } from '../stores';
import { fit, project, sizeOf } from './stage/camera';
import type { ICamera, ISize } from './stage/camera';

/**
 * The display-only picture that stands in until exact pixels are there. It lies under the transparent drawing and follows
 * its camera; it is never the node's first canvas once there is a drawing, and goes when that is exact.
 */
export class StandIn {
  constructor(private readonly _view: HTMLElement) {}

  get shown(): boolean {
    return this._canvas !== null;
  }

  /** Decodes and draws the picture; resolves with whether it stands on the screen. A broken picture is left out. */
  async show(picture: IPreviewPicture): Promise<boolean> {
    const bytes = picture.bytes as Uint8Array<ArrayBuffer>;
    const image = await createImageBitmap(new Blob([bytes], { type: picture.mime })).catch((error: unknown) => {
      if (!isAbort(error) && !(error instanceof DOMException)) {
        throw error;
      }
      return null;
    });
    if (!image || this._ended) {
      image?.close();
      return false;
    }
    const canvas = document.createElement('canvas');
    canvas.className = 'jp-BioImagePreview-standIn';
    canvas.setAttribute('aria-hidden', 'true');
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext('2d')?.drawImage(image, 0, 0);
    image.close();
    this._canvas?.remove();
    this._canvas = canvas;
    const [top, bottom, left, right] = picture.region ?? [0, canvas.height, 0, canvas.width];
    this._box = { left, top, right, bottom };
    const size = sizeOf(this._view);
    this.follow(fit(this._box, size), size);
    this._view.append(canvas);
    return true;
  }

  /** Keeps the picture at its place in the image. */
  follow(camera: ICamera, size: ISize): void {
    if (this._canvas) {
      const [x0, y0] = project(camera, size, this._box.left, this._box.top);
      const [x1, y1] = project(camera, size, this._box.right, this._box.bottom);
      Object.assign(this._canvas.style, { left: `${x0}px`, top: `${y0}px`, width: `${x1 - x0}px`, height: `${y1 - y0}px` });
    }
  }

  /** Takes the picture away, also one that is still being decoded. */
  end(): void {
    this._ended = true;
    this._canvas?.remove();
    this._canvas = null;
  }

  private _canvas: HTMLCanvasElement | null = null;
  private _ended = false;
  private _box = { left: 0, top: 0, right: 1, bottom: 1 };
}
