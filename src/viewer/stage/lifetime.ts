import type { Device } from '@luma.gl/core';

/** The parts of luma.gl's canvas context (9.2) that outlive it: private there, and its `destroy` ends none of them. */
interface ICanvasContext {
  _observeDevicePixelRatio?: () => void;
  readonly _resizeObserver?: ResizeObserver;
  readonly _intersectionObserver?: IntersectionObserver;
  destroy(): void;
}

function contextOf(device: Device): ICanvasContext | null {
  return device.canvasContext as unknown as ICanvasContext | null;
}

/**
 * Keeps luma.gl from listening to the page's pixel ratio, which it would do for as long as the page lives, and hold canvas and
 * preview with it. We give the ratio ourselves. To be called as soon as there is a device: the listening starts a task later.
 */
export function bound(device: Device): void {
  const context = contextOf(device);
  if (context) {
    context._observeDevicePixelRatio = () => undefined;
  }
}

/** Ends what luma.gl observes of a canvas that goes. */
export function release(device: Device): void {
  const context = contextOf(device);
  context?._resizeObserver?.disconnect();
  context?._intersectionObserver?.disconnect();
  context?.destroy();
  device.destroy();
}
