import { test as base, expect, type Page } from '@playwright/test';
import { below, campaignPage, random, size, type ICampaignPage } from '../lib/campaign';
import { CHANNELS, LEVELS, serveAddresses, TIMES, type IAddressServer, type IChunkRequest } from '../lib/address';
import { installFrames, keepFrames, type IAddressView, type IFrameCheck } from '../lib/frame';
import { openPreview, startLab } from '../lib/lab';

/** Of every answer, in ms. */
const DELAY = 100;
const VIEWS = size(2000);
const ROUTES = ['direct', 'session'] as const;
/** One in so many views is then dragged elsewhere with the mouse. */
const DRAGGED = 10;
/** Between two steps of a slider that is dragged, in ms. */
const STEP = 40;

interface IPreviewWindow {
  jupyterapp: { shell: { widgets(area: string): Iterable<{ content?: { uri: string; node: HTMLElement; selection: { level: number }; select(view: object): void } }> } };
  __read(node: HTMLElement, level: number, view: IAddressView, stride: number, shift: number): IFrameCheck;
}

/** What the frames of one drag showed. */
interface IScrub {
  frames: number;
  ready: number;
  /** Frames that claimed to be exact and showed another plane than the slider. */
  stale: string[];
  /** When the slider left each plane, ms since the epoch. */
  left: number[];
}

/** So long before its answer was due a plane must have been left to count as skipped (ms): what is on its way cannot be called back. */
const MARGIN = 20;

function randomView(next: () => number): IAddressView {
  const [width, height] = [LEVELS[0].width, LEVELS[0].height];
  const level = below(next, LEVELS.length + 1);
  // all of the finest level would be dozens of requests: its views are parts
  const most = level === 0 ? 0.4 : 1;
  const w = 40 + below(next, width * most - 40);
  const h = 40 + below(next, height * most - 40);
  const [x, y] = [below(next, width - w + 1), below(next, height - h + 1)];
  const c = Array.from({ length: CHANNELS }, (_, i) => i).filter(() => next() < 0.6);
  const shown = c.length > 0 ? c : [below(next, CHANNELS)];
  return {
    ...(level < LEVELS.length ? { level } : {}),
    t: below(next, TIMES),
    z: below(next, LEVELS[0].depth),
    c: shown,
    region: [y, y + h, x, x + w],
    ranges: shown.map(() => {
      const low = below(next, 120);
      return [low, low + 20 + below(next, 235 - low)];
    })
  };
}

/** Shows a view and reads the frame that is called exact. */
function look(page: Page, uri: string, view: IAddressView, shift: number): Promise<IFrameCheck> {
  return page.evaluate(
    async ([address, wanted, moved]) => {
      const { jupyterapp, __read } = window as unknown as IPreviewWindow;
      const { content } = [...jupyterapp.shell.widgets('main')].find(one => one.content?.uri === address)!;
      const { node } = content!;
      const { ranges, ...selection } = wanted;
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      content!.select(selection);
      const by = node.querySelector('select')!;
      if (wanted.level === undefined && by.value !== '') {
        Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value')!.set!.call(by, '');
        by.dispatchEvent(new Event('change', { bubbles: true }));
      }
      const set = async (name: string, value: number) => {
        const control = () => node.querySelector<HTMLInputElement>(`input[aria-label="${name}"]`);
        while (control() === null) {
          await frame(); // of a channel that has just become visible
        }
        const input = control()!;
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(input, String(value));
        input.dispatchEvent(new Event('input', { bubbles: true }));
      };
      const until = performance.now() + 20_000;
      for (const [i, c] of wanted.c.entries()) {
        await set(`c${c} maximum`, 255); // the other end gives way where the two would meet
        await set(`c${c} minimum`, ranges[i][0]);
        await set(`c${c} maximum`, ranges[i][1]);
      }
      while (node.dataset.status !== 'ready' && performance.now() < until) {
        await frame();
      }
      return __read(node, content!.selection.level, wanted, 2, moved);
    },
    [uri, view, shift] as const
  );
}

/**
 * Drags the image with the mouse and reads the frame that is called exact then. The first step of a drag only tells it from a
 * click: the image follows from there.
 */
async function drag(page: Page, uri: string, view: IAddressView, next: () => number): Promise<{ moved: IAddressView; seen: IFrameCheck }> {
  const box = (await page.locator(`.jp-BioImagePreview[data-uri="${uri}"] canvas`).first().boundingBox())!;
  const [x, y] = [box.x + box.width * (0.3 + 0.4 * next()), box.y + box.height * (0.3 + 0.4 * next())].map(Math.round);
  const [across, down] = [below(next, box.width * 0.4) - Math.round(box.width * 0.2), below(next, box.height * 0.4) - Math.round(box.height * 0.2)];
  await page.mouse.move(x - 3, y - 3);
  await page.mouse.down();
  await page.mouse.move(x, y);
  await page.mouse.move(x + across, y + down, { steps: 5 });
  await page.mouse.up();
  const [y0, y1, x0, x1] = view.region;
  const unit = Math.min(box.width / (x1 - x0), box.height / (y1 - y0));
  // the middle of the view never leaves the image
  const shift = (low: number, high: number, by: number, size: number) => Math.min(size, Math.max(0, (low + high) / 2 - by / unit)) - (low + high) / 2;
  const [right, under] = [shift(x0, x1, across, LEVELS[0].width), shift(y0, y1, down, LEVELS[0].height)];
  const moved: IAddressView = { ...view, region: [y0 + under, y1 + under, x0 + right, x1 + right] };
  return { moved, seen: await read(page, uri, moved) };
}

/** Reads the frame once it is called exact. */
function read(page: Page, uri: string, view: IAddressView): Promise<IFrameCheck> {
  return page.evaluate(
    async ([address, wanted]) => {
      const { jupyterapp, __read } = window as unknown as IPreviewWindow;
      const { content } = [...jupyterapp.shell.widgets('main')].find(one => one.content?.uri === address)!;
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      const until = performance.now() + 20_000;
      do {
        await frame();
      } while (content!.node.dataset.status !== 'ready' && performance.now() < until);
      return __read(content!.node, content!.selection.level, wanted, 2, 0);
    },
    [uri, view] as const
  );
}

/** Drags the Z slider over all planes, and looks at every frame meanwhile, and at every moment the status changes. */
function scrub(page: Page, uri: string, view: IAddressView, step: number): Promise<IScrub> {
  return page.evaluate(
    async ([address, wanted, ms]) => {
      const { jupyterapp, __read } = window as unknown as IPreviewWindow;
      const { content } = [...jupyterapp.shell.widgets('main')].find(one => one.content?.uri === address)!;
      const { node } = content!;
      const slider = node.querySelector<HTMLInputElement>('input[aria-label="Z"]')!;
      const found: IScrub = { frames: 0, ready: 0, stale: [], left: [] };
      const check = () => {
        found.frames++;
        if (node.dataset.status === 'ready') {
          const z = Number(slider.getAttribute('aria-valuenow'));
          const seen = __read(node, content!.selection.level, { ...wanted, z }, 9, found.frames);
          found.ready++;
          if (seen.wrong > 0 || seen.pixels === 0) {
            found.stale.push(`z ${z}: ${seen.wrong} of ${seen.pixels} wrong, ${seen.first}`);
          }
        }
      };
      const watching = new MutationObserver(check);
      watching.observe(node, { attributes: true, attributeFilter: ['data-status'] });
      let going = true;
      const loop = () => {
        if (going) {
          check();
          requestAnimationFrame(loop);
        }
      };
      loop();
      const last = Number(slider.max);
      for (let z = 0; z <= last; z++) {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(slider, String(z));
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        found.left[Math.max(0, z - 1)] = performance.timeOrigin + performance.now();
        await new Promise(resolve => setTimeout(resolve, ms));
      }
      const until = performance.now() + 20_000;
      while (node.dataset.status !== 'ready' && performance.now() < until) {
        await new Promise(resolve => requestAnimationFrame(resolve));
      }
      check();
      going = false;
      watching.disconnect();
      return found;
    },
    [uri, view, step] as const
  );
}

base.describe('an image whose pixels are their own addresses, 100 ms away', () => {
  let data: IAddressServer;
  let shared: ICampaignPage;
  let end: () => Promise<void>;

  base.beforeAll(async ({ browser }) => {
    data = await serveAddresses(DELAY);
    const stores = ROUTES.map(prefer => ({ id: prefer, label: prefer, url: data.url, ...(prefer === 'direct' ? { direct: data.url } : {}), prefixes: [], prefer }));
    const started = await startLab({ stores });
    end = started.end;
    shared = await campaignPage(browser, started.lab, keepFrames);
    await installFrames(shared.page);
  });
  base.afterAll(async () => {
    await shared?.close();
    await end?.();
    await data?.close();
  });

  for (const route of ROUTES) {
    const uri = `store:${route}/addresses.zarr`;

    base(`${route}: random views show no wrong pixel`, async () => {
      base.setTimeout(size(1_800_000, 300_000));
      const { page } = shared;
      await openPreview(page, uri);
      const next = random(20260404);
      const wrong: string[] = [];
      let [pixels, drags] = [0, 0];
      for (let i = 0; i < VIEWS / ROUTES.length; i++) {
        const view = randomView(next);
        const seen = await look(page, uri, view, i);
        pixels += seen.pixels;
        if (seen.status !== 'ready' || seen.wrong > 0 || seen.pixels === 0) {
          wrong.push(`${JSON.stringify(view)}: ${JSON.stringify(seen)}`);
        }
        if (i % DRAGGED === 0) {
          const { moved, seen: after } = await drag(page, uri, view, next);
          drags++;
          pixels += after.pixels;
          if (after.status !== 'ready' || after.wrong > 0 || after.pixels === 0) {
            wrong.push(`dragged to ${JSON.stringify(moved)}: ${JSON.stringify(after)}`);
          }
        }
      }
      console.log(`${route}: ${VIEWS / ROUTES.length} views and ${drags} drags, ${pixels} pixels compared, ${wrong.length} wrong`);
      expect(wrong).toEqual([]);
    });

    base(`${route}: no frame is stale while z is dragged, and slices passed over are given up`, async () => {
      base.setTimeout(size(600_000, 120_000));
      const { page } = shared;
      await openPreview(page, uri);
      const next = random(20260405);
      let skipped: IChunkRequest[] = [];
      const stale: string[] = [];
      let frames = 0;
      let asked = 0;
      for (let turn = 0; turn < size(10, 2); turn++) {
        const view: IAddressView = { ...randomView(next), level: 0, z: 0, t: turn % TIMES, c: [0, 1, 2], ranges: [[0, 255], [0, 255], [0, 255]] };
        const { status } = await look(page, uri, view, turn);
        expect(status).toBe('ready');
        data.chunks.length = 0;
        const found = await scrub(page, uri, view, STEP);
        frames += found.frames;
        stale.push(...found.stale);
        expect(found.ready).toBeGreaterThan(0);
        skipped = skipped.concat(data.chunks.filter(({ z, at }) => at + DELAY - MARGIN > (found.left[z] ?? Infinity)));
        asked += data.chunks.length;
        await expect.poll(() => data.chunks.every(({ outcome }) => outcome !== 'open')).toBe(true);
      }
      const aborted = skipped.filter(({ outcome }) => outcome === 'aborted').length;
      console.log(`${route}: ${frames} frames looked at, ${stale.length} stale; ${asked} chunks asked for, ${skipped.length} of them of slices skipped, ${aborted} of these given up`);
      expect(stale).toEqual([]);
      expect(aborted / Math.max(1, skipped.length)).toBeGreaterThanOrEqual(skipped.length > 0 ? 0.9 : 0);
    });
  }
});
