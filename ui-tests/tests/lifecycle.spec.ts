import { test as base, expect, type CDPSession, type Page } from '@playwright/test';
import { campaignPage, size, type ICampaignPage } from '../lib/campaign';
import { keepFrames } from '../lib/frame';
import { execute, openPreview, startLab } from '../lib/lab';
import { drawOther, otherDeck } from '../lib/otherdeck';

const IMAGES = ['cells-2d.ome.zarr', 'stack-zt.ome.zarr', 'sharded.ome.zarr', 'labels.ome.zarr', 'plate-2x3.ome.zarr', 'nuclei.ome.tif'];
const PREVIEWS = size(30, 12);
/** What may stay above the baseline. */
const SHARE = 0.05;

interface ICounted {
  contexts: number;
  listeners: number;
  nodes: number;
  heap: number;
  workers: number;
}

/** Remembers every WebGL context of the page, weakly. To be called before the page loads. */
async function countContexts(page: Page): Promise<void> {
  await keepFrames(page);
  await page.addInitScript(() => {
    const made: WeakRef<WebGL2RenderingContext>[] = [];
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, options?: object) {
      const context: unknown = original.call(this, kind, options);
      if (/webgl/.test(kind) && context !== null && !made.some(one => one.deref() === context)) {
        made.push(new WeakRef(context as WebGL2RenderingContext));
      }
      return context;
    } as typeof original;
    Object.assign(window, { __contexts: () => made.filter(one => one.deref()?.isContextLost() === false).length, __made: () => made.length });
  });
}

/** What the page holds once collecting garbage finds nothing more; what has just been closed takes some rounds. */
async function counted(page: Page, session: CDPSession): Promise<ICounted> {
  let [least, rounds]: [ICounted | null, number] = [null, 0];
  for (let quiet = 0; quiet < 3 && rounds < 15; rounds++) {
    await page.waitForTimeout(250);
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const value = (name: string) => metrics.find(one => one.name === name)?.value ?? NaN;
    const contexts = await page.evaluate(() => (window as unknown as { __contexts(): number }).__contexts());
    const now = { contexts, listeners: value('JSEventListeners'), nodes: value('Nodes'), heap: value('JSHeapUsedSize'), workers: page.workers().length };
    quiet = least && now.nodes >= least.nodes && now.heap > least.heap * 0.995 ? quiet + 1 : 0;
    least = least && least.nodes <= now.nodes && least.heap <= now.heap ? least : now;
  }
  return least!;
}

base.describe('a preview', () => {
  let shared: ICampaignPage;
  let end: () => Promise<void>;

  base.beforeAll(async ({ browser }) => {
    const started = await startLab();
    end = started.end;
    shared = await campaignPage(browser, started.lab, countContexts);
  });
  base.afterAll(async () => {
    await shared?.close();
    await end?.();
  });

  base(`${PREVIEWS} of them open and close: contexts, listeners, nodes and memory return`, async () => {
    base.setTimeout(300_000);
    const { page, context } = shared;
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    const cycle = async (name: string): Promise<void> => {
      await openPreview(page, `store:samples/${name}`);
      await execute(page, 'application:close', {}, false);
    };
    for (const name of [...IMAGES, ...IMAGES]) {
      await cycle(name); // warm: what is loaded once, and what the engine compiles when it is called again
    }
    const before = await counted(page, session);
    for (let i = 0; i < PREVIEWS; i++) {
      await cycle(IMAGES[i % IMAGES.length]);
    }
    const after = await counted(page, session);
    const rows = (Object.keys(before) as (keyof ICounted)[]).map(key => `${key} ${before[key]} → ${after[key]} (${(((after[key] - before[key]) / Math.max(1, before[key])) * 100).toFixed(1)} %)`);
    console.log(`${PREVIEWS} previews: ${rows.join(', ')}`);
    expect(after.contexts).toBeLessThanOrEqual(before.contexts);
    expect(after.workers).toBeLessThanOrEqual(before.workers);
    for (const key of ['listeners', 'nodes', 'heap'] as const) {
      expect(after[key], rows.join(', ')).toBeLessThanOrEqual(before[key] * (1 + SHARE));
    }
  });

  base('a context that is lost comes back with the same view and the same pixels; another deck.gl works on', async () => {
    const { page, errors } = shared;
    const version = '9.0.40';
    await page.addScriptTag({ path: otherDeck(version) });
    expect((await drawOther(page))[0]).toBe(255);
    const uri = 'store:samples/stack-zt.ome.zarr';
    const preview = await openPreview(page, uri, { z: 5, t: 2, c: [1], region: [40, 140, 60, 180] });
    const state = () =>
      page.evaluate(address => {
        const { shell } = (window as unknown as { jupyterapp: { shell: { widgets(area: string): Iterable<{ content?: { uri: string; state: object; node: HTMLElement } }> } } }).jupyterapp;
        const { content } = [...shell.widgets('main')].find(one => one.content?.uri === address)!;
        const canvas = content!.node.querySelector('canvas')!;
        const gl = canvas.getContext('webgl2')!;
        const pixels = new Uint8Array(canvas.width * canvas.height * 4);
        gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
        return { state: content!.state, size: [canvas.width, canvas.height], pixels: pixels.reduce((sum, value, i) => (sum * 31 + value * (i % 97)) % 2147483647, 7) };
      }, uri);
    const before = await state();
    const canvas = await preview.locator('canvas').first().elementHandle();
    await canvas!.evaluate(node => (node as HTMLCanvasElement).getContext('webgl2')!.getExtension('WEBGL_lose_context')!.loseContext());
    await page.waitForFunction(node => !node!.isConnected, canvas);
    await expect(preview).toHaveAttribute('data-status', 'ready');
    expect(await state()).toEqual(before);
    await expect(preview.getByRole('slider', { name: 'Z', exact: true })).toHaveAttribute('aria-valuenow', '5');
    expect((await drawOther(page))[0]).toBe(255);
    await execute(page, 'application:close', {}, false);
    expect((await drawOther(page))[0]).toBe(255);
    expect(errors.filter(text => /deck|luma|uncaught/i.test(text))).toEqual([]);
  });
});
