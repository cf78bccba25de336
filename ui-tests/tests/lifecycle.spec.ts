import { test as base, expect, type Locator } from '@playwright/test';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { campaignPage, type ICampaignPage } from '../lib/campaign';
import { serveFolder, type IDataServer } from '../lib/dataserver';
import { keepFrames } from '../lib/frame';
import { heapOf, type IHeap } from '../lib/heap';
import { heldBy, watchHeld, type IHeld } from '../lib/held';
import { execute, openPreview, SAMPLES, startLab, type ILab } from '../lib/lab';
import { drawOther, otherDeck } from '../lib/otherdeck';

const PREVIEWS = 30;
/** What may stay above the baseline. */
const SHARE = 0.05;

/**
 * Functions that run often are compiled, and compiled again better, for as long as they do: what that takes grows by itself and
 * is dropped when the engine wants the room, so that it hides what is really held. The first flag drops all of it at every
 * forced collection, the others keep the compilers away whose code stays. Everything else is counted as it is.
 */
const FLAGS = '--js-flags=--stress-flush-code --no-opt --no-maglev --no-sparkplug';

/**
 * What JupyterLab keeps of every tab that is closed, at most, per tab: whenever a tab without headings comes to the front again, its table
 * of contents listens once more for the end of that tab. Of
 * nameless objects the engine keeps one as a template per literal that has run: their bytes tell. Weak references are of what is
 * watched here.
 */
const THEIRS: Record<string, number> = { 'closure ': 1, 'object Object': Infinity, 'object Array': 2, 'object system / Context': 1, 'object WeakRef': Infinity };

const test = base.extend({
  launchOptions: [
    async ({}, use, { project }) => {
      const { launchOptions } = project.use;
      await use({ ...launchOptions, args: [...(launchOptions?.args ?? []), FLAGS] });
    },
    { scope: 'worker' }
  ]
});

/** A collection of two series, beside what else is in the home folder. */
function collection(lab: ILab): string {
  const folder = path.join(lab.home, 'images', 'two-series.zarr');
  for (const series of ['0', '1']) {
    cpSync(path.join(lab.home, 'images', 'v2.zarr'), path.join(folder, series), { recursive: true });
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, '.zgroup'), '{"zarr_format": 2}');
  writeFileSync(path.join(folder, '.zattrs'), '{"bioformats2raw.layout": 3}');
  return 'images/two-series.zarr';
}

/** What a preview opens, and what is to be shown of it. */
type Opened = readonly [uri: string, selection?: object];

/** One address of every kind that a preview opens, by each way there is. */
function kinds(lab: ILab, far: IDataServer): Opened[] {
  const near: Opened[] = [
    ['cells-2d.ome.zarr'],
    ['stack-zt.ome.zarr', { z: 5, t: 2 }],
    ['labels.ome.zarr', { labels: ['nuclei'] }],
    ['plate-2x3.ome.zarr'],
    ['plate-2x3.ome.zarr', { well: 'A/2', field: 1 }],
    ['nuclei.ome.tif'],
    ['labels.ozx']
  ];
  const direct = ['sharded.ome.zarr', 'nuclei.ome.tif'].map((name): Opened => [`${far.url}/${name}`]);
  return [...near.map(([name, selection]): Opened => [`store:samples/${name}`, selection]), ...direct, [collection(lab)]];
}

interface ILostView {
  uri: string;
  selection: object;
  /** What the person changes before the context is lost. */
  change(preview: Locator): Promise<void>;
}

const VIEWS: Record<string, ILostView> = {
  'a plane of one channel, its contrast moved': {
    uri: 'store:samples/stack-zt.ome.zarr',
    selection: { z: 5, t: 2, c: [1], region: [40, 140, 60, 180] },
    change: async preview => {
      await preview.getByRole('slider', { name: /minimum$/ }).first().fill('60');
      await preview.getByRole('slider', { name: /maximum$/ }).first().fill('190');
    }
  },
  'labels over it': {
    uri: 'store:samples/labels.ome.zarr',
    selection: { labels: ['nuclei'], region: [100, 300, 100, 300] },
    change: preview => preview.getByRole('slider', { name: /opacity$/ }).fill('0.25')
  },
  'outlines of one label': {
    uri: 'store:samples/labels.ome.zarr',
    selection: { labels: ['nuclei'] },
    change: async preview => {
      await preview.getByRole('checkbox', { name: /Outlines only$/ }).check();
      await preview.getByRole('textbox', { name: /show only this id$/ }).fill('3');
    }
  },
  'labels hidden': {
    uri: 'store:samples/labels.ome.zarr',
    selection: { labels: ['nuclei'] },
    change: preview => preview.getByRole('group', { name: /Labels/ }).getByRole('checkbox').first().uncheck()
  },
  'a field of a plate': {
    uri: 'store:samples/plate-2x3.ome.zarr',
    selection: { well: 'A/2', field: 1, region: [20, 120, 30, 200] },
    change: preview => preview.getByRole('slider', { name: /maximum$/ }).first().fill('700')
  }
};

/** What a person sees of a preview: the state that is kept, the way to it, every control, and the pixels. */
function seen(preview: Locator): Promise<object> {
  return preview.evaluate(node => {
    interface ITab {
      content?: { node: Element; state: object };
    }
    const { shell } = (window as unknown as { jupyterapp: { shell: { widgets(area: string): Iterable<ITab> } } }).jupyterapp;
    const { content } = [...shell.widgets('main')].find(one => one.content?.node === node)!;
    const controls = [...node.querySelectorAll<HTMLInputElement>('input, select')].map(({ checked, value }) => [checked, value]);
    const canvas = node.querySelector('canvas')!;
    const gl = canvas.getContext('webgl2')!;
    const pixels = new Uint8Array(canvas.width * canvas.height * 4);
    gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    return {
      state: content!.state,
      kind: node.getAttribute('data-kind'),
      way: node.querySelector('nav')?.textContent,
      controls,
      size: [canvas.width, canvas.height],
      lit: pixels.some((value, i) => i % 4 < 3 && value > 0),
      pixels: pixels.reduce((sum, value, i) => (sum * 31 + value * (i % 97)) % 2147483647, 7)
    };
  });
}

test.describe('a preview', () => {
  let shared: ICampaignPage;
  let lab: ILab;
  let far: IDataServer;
  let end: () => Promise<void>;

  test.beforeAll(async ({ browser }) => {
    far = await serveFolder(SAMPLES);
    ({ lab, end } = await startLab({
      stores: [{ id: 'far', label: 'Far away', url: far.url, direct: far.url, prefixes: [`${far.url}/`], prefer: 'direct' }]
    }));
    shared = await campaignPage(browser, lab, async page => {
      await keepFrames(page);
      await watchHeld(page);
    });
  });
  test.afterAll(async () => {
    await shared?.close();
    await end?.();
    await far?.close();
  });

  test(`${PREVIEWS} of them open and close: contexts, observers, workers, listeners, nodes and memory return`, async () => {
    test.setTimeout(600_000);
    const { page, context } = shared;
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    const all = kinds(lab, far);
    const cycle = async ([uri, selection]: Opened): Promise<void> => {
      await openPreview(page, uri, selection);
      await execute(page, 'application:close', {}, false);
    };
    /** Closes a preview that is still being opened. */
    const hurried = async ([uri, selection]: Opened, wait: number): Promise<void> => {
      await execute(page, 'bioimage:open-preview', { uri, ...(selection ? { selection } : {}) });
      await page.waitForTimeout(wait);
      await execute(page, 'application:close', {}, false);
    };
    const counted = async (): Promise<[IHeld, IHeap]> => [await heldBy(page, session), await heapOf(session)];
    // it comes by itself once the last tab is closed, sooner or later: its cards are none of ours
    await execute(page, 'launcher:create', {}, false);
    await expect(page.locator('.jp-LauncherCard').first()).toBeVisible();
    for (const one of all) {
      await cycle(one); // once: what is loaded with the first of its kind
    }
    const [before, heapBefore] = await counted();
    const half = PREVIEWS / 2;
    let heapHalf = heapBefore;
    for (let i = 0; i < PREVIEWS; i++) {
      if (i === half) {
        heapHalf = await heapOf(session);
      }
      await cycle(all[i % all.length]);
      await hurried(all[(i * 3) % all.length], 50 * (i % 5));
    }
    const [after, heapAfter] = await counted();
    const bytes = { 'heap without code': [heapBefore.data, heapAfter.data], 'outside the heap': [heapBefore.native, heapAfter.native] };
    const counts = (Object.keys(before) as (keyof IHeld)[]).map(key => [key, [before[key], after[key]]] as const);
    const rows = [...counts, ...Object.entries(bytes)];
    const table = rows.map(([name, [was, is]]) => `${name} ${was} → ${is} (${(((is - was) / Math.max(1, was)) * 100).toFixed(1)} %)`).join(', ');
    console.log(`${PREVIEWS} previews of ${all.length} kinds, and as many closed while they opened: ${table}`);
    for (const [name, [was, is]] of rows) {
      expect.soft(is, `${name} of ${table}`).toBeLessThanOrEqual(was * (1 + SHARE));
    }
    // in the second half: what comes once with some kind, or with the first that is closed early, has come by then
    const grown = [...heapAfter.counts].flatMap(([name, count]) => {
      const more = count - (heapHalf.counts.get(name) ?? 0);
      return more < 2 * half * (THEIRS[name] ?? 0) + half ? [] : [`${name}: ${more} more`];
    });
    expect(grown, 'kept of every preview').toEqual([]);
  });

  for (const [what, { uri, selection, change }] of Object.entries(VIEWS)) {
    test(`a context that is lost comes back with the same view and the same pixels: ${what}; another deck.gl works on`, async () => {
      const { page, errors } = shared;
      await page.addScriptTag({ path: otherDeck('9.0.40') });
      expect((await drawOther(page))[0]).toBe(255);
      const preview = await openPreview(page, uri, selection);
      await change(preview);
      await expect(preview).toHaveAttribute('data-status', 'ready');
      const before = await seen(preview);
      const canvas = await preview.locator('canvas').first().elementHandle();
      await canvas!.evaluate(node => (node as HTMLCanvasElement).getContext('webgl2')!.getExtension('WEBGL_lose_context')!.loseContext());
      await page.waitForFunction(node => !node!.isConnected, canvas);
      await expect(preview).toHaveAttribute('data-status', 'ready');
      expect(await seen(preview)).toEqual(before);
      expect((await drawOther(page))[0]).toBe(255);
      await execute(page, 'application:close', {}, false);
      expect((await drawOther(page))[0]).toBe(255);
      expect(errors.filter(text => /deck|luma|uncaught/i.test(text))).toEqual([]);
    });
  }

  test('the pictures of a plate come back with the context of their canvas', async () => {
    const { page } = shared;
    const preview = await openPreview(page, 'store:samples/plate-2x3.ome.zarr');
    const lit = () =>
      preview.locator('canvas').evaluate(node => {
        const { width, height } = node as HTMLCanvasElement;
        return (node as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height).data.reduce((sum, value) => sum + value, 0);
      });
    const before = await lit();
    expect(before).toBeGreaterThan(0);
    await preview.locator('canvas').evaluate(node => {
      (node as HTMLCanvasElement).getContext('2d')!.reset(); // what a lost one is when it comes back
      node.dispatchEvent(new Event('contextrestored'));
    });
    expect(await lit()).toBe(before);
    await execute(page, 'application:close', {}, false);
  });
});
