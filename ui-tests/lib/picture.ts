import { expect, type Locator, type Page } from '@playwright/test';
import { below, type IComparison, type IFound, type Reader } from './campaign';
import { execute } from './lab';

/** What a screenshot is to show, as the page says it: channels by index, opacity of label images by name. */
interface IDrawn {
  status: string;
  canvas: { x: number; y: number; width: number; height: number };
  channels: { index: number; color: string; range: [number, number] }[];
  labels: { name: string; opacity: number }[];
}

/** What is looked at. */
export interface IPicture {
  /** The address that is opened, and what leads from there to the image. */
  uri: string;
  inside?: { well: string; field: number };
  image: IFound;
  level: number;
  /** Label images to be drawn over it, by their names. */
  labels?: string[];
  /** Of those, 0 to 1. */
  opacity?: number;
}

interface ILabWindow {
  jupyterapp: {
    shell: { widgets(area: string): Iterable<{ content?: { uri: string; node: HTMLElement; select(selection: object): void } }> };
  };
}

/** Nothing but the image: what lies over it is no part of the picture. */
export async function bare(page: Page): Promise<void> {
  await page.addStyleTag({
    content: '.jp-BioImagePreview-overlay { visibility: hidden !important; } .jp-BioImagePreview-view::after { display: none !important; }'
  });
}

/** A preview shows nothing smaller than at this many level-0 pixels for a screen pixel, where all of the image is in view. */
const SMALLEST = 4;

/** A part as large as the view, with borders of pixels on borders of the screen's: one to one, on coarser levels one to two. */
function regionOf(image: IFound, level: number, view: { width: number; height: number }, next: () => number): [number, number, number, number] {
  const { ratio } = image.levels[level];
  const along = (axis: string) => image.axes.indexOf(axis);
  const unit = level === 0 ? 1 : Math.min(SMALLEST, Math.min(ratio[along('y')], ratio[along('x')]) / 2);
  const range = (axis: string, pixels: number): [number, number] => {
    const wanted = Math.max(1, Math.round(pixels * unit));
    const most = image.levels[0].shape[along(axis)] - wanted;
    const start = most > 0 ? below(next, most / 2 + 1) * 2 : 0; // an even one keeps borders on borders
    return [start, start + wanted];
  };
  return [...range('y', view.height), ...range('x', view.width)];
}

/** Makes the view an even number of pixels high and wide, so that its middle is a border of pixels. */
async function evenView(page: Page, canvas: Locator): Promise<{ width: number; height: number }> {
  const { width, height } = (await canvas.boundingBox())!;
  const whole = page.viewportSize()!;
  if (width % 2 === 0 && height % 2 === 0) {
    return { width, height };
  }
  await page.setViewportSize({ width: whole.width + (width % 2), height: whole.height + (height % 2) });
  await expect.poll(async () => {
    const { width: across, height: down } = (await canvas.boundingBox())!;
    return [across % 2, down % 2];
  }).toEqual([0, 0]);
  return (await canvas.boundingBox())!;
}

/** Opens an image at one level with fixed contrast, takes a screenshot of its canvas and compares that with numpy's. */
export async function pictured(page: Page, reader: Reader, { uri, inside, image, level, labels, opacity }: IPicture, png: string, next: () => number): Promise<IComparison | string> {
  const index: Record<string, number> = {};
  for (const axis of ['t', 'z'].filter(one => image.axes.includes(one))) {
    index[axis] = below(next, image.levels[0].shape[image.axes.indexOf(axis)]);
  }
  await execute(page, 'bioimage:open-preview', { uri, selection: { ...inside, level } });
  const preview = page.locator(`.jp-BioImagePreview[data-uri="${uri}"]`);
  await preview.locator('canvas').first().waitFor({ timeout: 20_000 });
  const box = await evenView(page, preview.locator('canvas').first());
  const region = regionOf(image, level, box, next);
  const fixed = image.omero?.channels?.every(({ window }) => window?.start !== undefined && window.end !== undefined) ?? false;
  const drawn = await shown(page, uri, { selection: { ...inside, level, ...index, region, ...(labels && { labels }) }, fixed, labels: labels?.length ?? 0, opacity });
  await page.mouse.move(2, 2);
  await page.screenshot({ path: png, clip: drawn.canvas });
  await execute(page, 'application:close', {}, false);
  if (drawn.status !== 'ready') {
    return drawn.status;
  }
  if (drawn.channels.length === 0 && image.kind !== 'label' && image.axes.includes('c') && image.dtype === 'uint8') {
    // a picture in colour has no contrast to set
    drawn.channels = ['FF0000', '00FF00', '0000FF'].map((color, i) => ({ index: i, color, range: [0, 255] }));
  }
  if (drawn.channels.length === 0 && image.kind !== 'label') {
    return 'no channels';
  }
  const over = drawn.labels.map(({ name, opacity: alpha }) => ({ path: `${image.path}/labels/${name}`, level: 0, opacity: alpha }));
  return reader.compare({ path: image.path, level, index, region, channels: drawn.channels, labels: over, png });
}

/** Shows a view, fixes its contrast, and waits until it is exact. */
function shown(page: Page, uri: string, wanted: { selection: object; fixed: boolean; labels: number; opacity?: number }): Promise<IDrawn> {
  return page.evaluate(
    async ([address, { selection, fixed, labels, opacity }]) => {
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      const { content } = [...(window as unknown as ILabWindow).jupyterapp.shell.widgets('main')].find(one => one.content?.uri === address)!;
      const { node } = content!;
      const until = performance.now() + 20_000;
      const settled = async (there: () => boolean = () => true) => {
        await frame();
        while ((node.dataset.status !== 'ready' || node.dataset.kind !== 'image' || !there()) && node.dataset.status !== 'failed' && performance.now() < until) {
          await frame();
        }
        return performance.now() < until ? node.dataset.status! : `late: ${node.dataset.status}`;
      };
      const control = (name: string) => node.querySelector<HTMLInputElement>(`input[aria-label="${name}"]`);
      const set = (input: HTMLInputElement, value: string) => {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(input, value);
        input.dispatchEvent(new Event('input', { bubbles: true }));
      };
      await settled();
      content!.select(selection);
      const ofLabels = () => [...node.querySelectorAll<HTMLInputElement>('input[aria-label$=" opacity"]')];
      await settled(() => ofLabels().length >= labels);
      if (opacity !== undefined) {
        ofLabels().forEach(input => set(input, String(opacity)));
      }
      const channels = [...node.querySelectorAll<HTMLInputElement>('input[type="color"]')].map(input => input.getAttribute('aria-label')!.replace(/ colou?r$/, ''));
      const visible = channels.flatMap((name, index) => {
        const [low, high] = [control(`${name} minimum`), control(`${name} maximum`)];
        return low && high ? [{ name, index, low, high }] : [];
      });
      for (const { low, high } of fixed ? [] : visible) {
        // an eighth from both ends, so that black, full colour and all between are met
        const [least, most] = [Number(low.value), Number(high.value)];
        set(low, String(least + (most - least) / 8));
        set(high, String(most - (most - least) / 8));
      }
      const status = await settled();
      await frame();
      const { x, y, width, height } = node.querySelector('canvas')!.getBoundingClientRect();
      const number = (input: HTMLInputElement) => Number(input.getAttribute('aria-valuenow') ?? input.value);
      return {
        status,
        canvas: { x, y, width, height },
        channels: visible.map(({ name, index, low, high }) => ({ index, color: control(`${name} colour`)!.value.slice(1).toUpperCase(), range: [number(low), number(high)] as [number, number] })),
        labels: ofLabels().map(input => ({ name: input.getAttribute('aria-label')!.replace(/ opacity$/, ''), opacity: Number(input.value) }))
      };
    },
    [uri, wanted] as const
  );
}
