import type { IBox } from './geometry';

/** What part of the image is seen: the point in the middle, and zoom, log2 of CSS pixels per level-0 pixel. */
export interface ICamera {
  readonly target: readonly [number, number];
  readonly zoom: number;
}

/** Size of the drawing area in CSS pixels. */
export interface ISize {
  readonly width: number;
  readonly height: number;
}

/** Closest zoom: one level-0 pixel is 64 CSS pixels wide. Tiny images may be fitted at more. */
const CLOSEST = 6;

/** The camera that shows all of `box`; an empty one (an axis of length 0) counts as one pixel. */
export function fit(box: IBox, size: ISize): ICamera {
  const width = box.right - box.left || 1;
  const height = box.bottom - box.top || 1;
  const unit = Math.min(Math.max(1, size.width) / width, Math.max(1, size.height) / height);
  return { target: [(box.left + box.right) / 2, (box.top + box.bottom) / 2], zoom: Math.log2(unit) };
}

/** The rectangle of the image, in level-0 pixels, that the camera sees; it may reach beyond the image. */
export function seen(camera: ICamera, size: ISize): IBox {
  const half = 0.5 / 2 ** camera.zoom;
  const [x, y] = camera.target;
  return {
    left: x - size.width * half,
    top: y - size.height * half,
    right: x + size.width * half,
    bottom: y + size.height * half
  };
}

/** Level-0 coordinates under a point of the drawing area, given in CSS pixels from its upper left corner. */
export function unproject(camera: ICamera, size: ISize, x: number, y: number): [number, number] {
  const unit = 2 ** camera.zoom;
  return [camera.target[0] + (x - size.width / 2) / unit, camera.target[1] + (y - size.height / 2) / unit];
}

/** Where a point of the image is drawn, in CSS pixels from the upper left corner of the drawing area. */
export function project(camera: ICamera, size: ISize, x: number, y: number): [number, number] {
  const unit = 2 ** camera.zoom;
  return [(x - camera.target[0]) * unit + size.width / 2, (y - camera.target[1]) * unit + size.height / 2];
}

/** Zoom bounds: from two steps outside the fitted view to `CLOSEST`. */
export function zoomRange(image: IBox, size: ISize): [number, number] {
  const fitted = fit(image, size).zoom;
  return [Math.min(fitted, 0) - 2, Math.max(fitted, CLOSEST)];
}

/**
 * Where a level-0 pixel is a whole number of device pixels, the nearest place at which their borders meet: half a pixel off,
 * each device pixel would lie between two of the image.
 */
export function snap({ target, zoom }: ICamera, { width, height }: ISize, ratio = pixelRatio()): ICamera {
  const unit = 2 ** zoom * ratio; // device pixels
  const along = (middle: number, length: number): number => {
    const half = (length * ratio) / 2;
    return (Math.round(middle * unit - half) + half) / unit;
  };
  return Number.isInteger(unit) ? { target: [along(target[0], width), along(target[1], height)], zoom } : { target, zoom };
}

/** Keeps the zoom in its bounds and the image within reach: the middle of the view never leaves the image. */
export function clamp(camera: ICamera, image: IBox, size: ISize): ICamera {
  const [low, high] = zoomRange(image, size);
  return {
    target: [
      Math.min(image.right, Math.max(image.left, camera.target[0])),
      Math.min(image.bottom, Math.max(image.top, camera.target[1]))
    ],
    zoom: Math.min(high, Math.max(low, camera.zoom))
  };
}

/** Another zoom with one point of the image kept where it is seen; the middle of the view if none is given. */
export function zoomAbout(camera: ICamera, zoom: number, [x, y]: readonly [number, number] = camera.target): ICamera {
  const part = 1 - 2 ** (camera.zoom - zoom);
  const [cx, cy] = camera.target;
  return { target: [cx + (x - cx) * part, cy + (y - cy) * part], zoom };
}

/** Moves by a fraction of the drawing area, to the right and down. */
export function pan(camera: ICamera, size: ISize, right: number, down: number): ICamera {
  const unit = 2 ** camera.zoom;
  const [x, y] = camera.target;
  return { target: [x + (right * size.width) / unit, y + (down * size.height) / unit], zoom: camera.zoom };
}

/**
 * The part of the image that is seen, as `[y0, y1, x0, x1]` in whole level-0 pixels with exclusive ends; `undefined` when all
 * of the image is seen or none.
 */
export function seenRegion(
  camera: ICamera,
  size: ISize,
  width: number,
  height: number
): [number, number, number, number] | undefined {
  const box = seen(camera, size);
  // a fitted edge misses its whole number by rounding only: a thousandth of a pixel is not a pixel
  const low = (value: number) => Math.max(0, Math.floor(value + 1e-3));
  const high = (value: number, limit: number) => Math.min(limit, Math.ceil(value - 1e-3));
  const region: [number, number, number, number] = [
    low(box.top),
    high(box.bottom, height),
    low(box.left),
    high(box.right, width)
  ];
  const [y0, y1, x0, x1] = region;
  const all = y0 === 0 && x0 === 0 && y1 === height && x1 === width;
  return all || y0 >= y1 || x0 >= x1 ? undefined : region;
}

/** The rectangle of a selection's region. */
export function regionBox(region: readonly [number, number, number, number]): IBox {
  const [top, bottom, left, right] = region;
  return { left, top, right, bottom };
}

/** The region of a selection's rectangle. */
export function boxRegion({ left, top, right, bottom }: IBox): [number, number, number, number] {
  return [top, bottom, left, right];
}

/**
 * The largest length up to `length` CSS pixels that is a whole number of device pixels too, at `ratio` of these per CSS
 * pixel. Ends where ten pixels less do not help: that is every ratio with one decimal, as browsers zoom.
 */
export function wholeLength(length: number, ratio: number): number {
  for (let less = 0; less < 10 && less < length; less++) {
    const device = (length - less) * ratio;
    if (Math.abs(device - Math.round(device)) < 1e-3) {
      return length - less;
    }
  }
  return length;
}

/**
 * The part of an element that is drawn in, in CSS pixels from its upper left corner. On whole device pixels: else the
 * drawing would be stretched by half a pixel, and the value under the pointer not be that of the pixel seen there.
 */
export function sizeOf({ clientWidth, clientHeight }: HTMLElement, ratio = pixelRatio()): ISize {
  return { width: wholeLength(clientWidth, ratio), height: wholeLength(clientHeight, ratio) };
}

/** Denser screens are drawn at two device pixels per CSS pixel: a ratio of 4 would cost four times the memory again. */
const MAX_PIXEL_RATIO = 2;

/** Device pixels drawn per CSS pixel. */
export function pixelRatio(): number {
  return Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO);
}

/** Whether two cameras see the same. */
export function sameView(a: ICamera, b: ICamera): boolean {
  return a.zoom === b.zoom && a.target[0] === b.target[0] && a.target[1] === b.target[1];
}

/** CSS pixels per level-0 pixel as a percentage without its sign, to two or three digits. */
export function percent(unit: number): string {
  return String(Number((unit * 100).toPrecision(unit >= 0.1 ? 3 : 2)));
}
