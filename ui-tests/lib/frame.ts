import type { Page } from '@playwright/test';
import { addressByte, COLORS, LEVELS } from './address';

/** A view of the addresses: what is asked for, and how each channel is stretched. */
export interface IAddressView {
  level?: number;
  t: number;
  z: number;
  c: number[];
  region: [number, number, number, number];
  /** Minimum and maximum of each channel shown. */
  ranges: [number, number][];
}

/** What a frame showed. */
export interface IFrameCheck {
  status: string;
  level: number;
  /** Canvas pixels compared, and those of another colour than the formula's by more than 1/255. */
  pixels: number;
  wrong: number;
  worst: number;
  first?: string;
}

/** Has every drawing context keep its last frame, so that it can be read at any time. To be called before the page loads. */
export async function keepFrames(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, options?: object) {
      const kept = kind === 'webgl2' ? { ...options, preserveDrawingBuffer: true } : options;
      return original.call(this, kind, kept);
    } as typeof original;
  });
}

/**
 * Puts helpers into the page: `read` compares the drawn frame with the formula, by the view asked for and nothing that the
 * product has worked out. `stride`: every so many canvas pixels along both axes.
 */
export async function installFrames(page: Page): Promise<void> {
  await page.evaluate(
    ([formula, levels, colors]) => {
      const byteAt = new Function(`return (${formula})`)() as typeof addressByte;
      const tints = colors.map(color => [0, 2, 4].map(i => parseInt(color.slice(i, i + 2), 16) / 255));
      const read = (node: HTMLElement, level: number, view: IAddressView, stride: number, shift: number): IFrameCheck => {
        const canvas = node.querySelector('canvas')!;
        const { width: w, height: h } = canvas;
        const gl = canvas.getContext('webgl2')!;
        const pixels = new Uint8Array(w * h * 4);
        const bound = gl.getParameter(gl.READ_FRAMEBUFFER_BINDING) as WebGLFramebuffer | null;
        gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
        gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
        gl.bindFramebuffer(gl.READ_FRAMEBUFFER, bound);
        const { width, height, scale, offset, ratio, depth } = levels[level];
        const [y0, y1, x0, x1] = view.region;
        const unit = Math.min(w / (x1 - x0), h / (y1 - y0));
        const z = Math.min(depth - 1, Math.floor(view.z / ratio));
        // a border between pixels may be drawn a thirty-second of a screen pixel off
        const slack = [1 / 16 / unit / scale[0], 1 / 16 / unit / scale[1]];
        const along = (at: number, size: number, low: number, high: number, axis: number) =>
          ((at + 0.5 - size / 2) / unit + (low + high) / 2 - offset[axis]) / scale[axis];
        const check: IFrameCheck = { status: node.dataset.status ?? '', level, pixels: 0, wrong: 0, worst: 0 };
        for (let row = shift % stride; row < h; row += stride) {
          const v = along(row, h, y0, y1, 1);
          const y = Math.floor(v);
          if (y < 0 || y >= height || Math.abs(v - Math.round(v)) < slack[1]) {
            continue;
          }
          for (let column = shift % stride; column < w; column += stride) {
            const u = along(column, w, x0, x1, 0);
            const x = Math.floor(u);
            if (x < 0 || x >= width || Math.abs(u - Math.round(u)) < slack[0]) {
              continue;
            }
            const sum = [0, 0, 0];
            view.c.forEach((c, i) => {
              const [low, high] = view.ranges[i];
              const part = Math.min(1, Math.max(0, (byteAt(level, view.t, c, z, y, x) - low) / (high - low)));
              tints[c].forEach((tint, k) => (sum[k] += tint * part));
            });
            const from = ((h - 1 - row) * w + column) * 4;
            const away = Math.max(...sum.map((value, k) => Math.abs(Math.min(1, value) * 255 - pixels[from + k])));
            check.pixels++;
            check.worst = Math.max(check.worst, away);
            if (away > 1) {
              check.wrong++;
              check.first ??= `screen ${column},${row}, pixel ${x},${y}: ${pixels.subarray(from, from + 3).join()} not ${sum.map(value => Math.round(Math.min(1, value) * 255)).join()}`;
            }
          }
        }
        return check;
      };
      Object.assign(window, { __read: read });
    },
    [addressByte.toString(), LEVELS, COLORS] as const
  );
}
