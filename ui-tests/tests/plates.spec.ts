import { test as base, expect, type Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { campaignPage, hasPeers, type ICampaignPage } from '../lib/campaign';
import { execute, openPreview, startLab } from '../lib/lab';
import { SMALL, startSynth, writePlate, type ISynth } from '../lib/plates';

const PLATES = [
  { wells: 96, name: 'plate-v04-r8-w12-c3-y512-x512-k256-l2.zarr' },
  { wells: 384, name: 'plate-v04-r16-w24-c3-y512-x512-k256-l2.zarr' },
  { wells: 96, name: 'plate-v05-r8-w12-c3-y512-x512-k256-l2.zarr' }
];

/** What has become of the cells of a plate, and when the first one had its picture, in ms since the epoch. */
interface ICells {
  states: Record<string, number>;
  names: number;
  first: number;
  last: number;
  /** Pictures on the canvas that are of one colour only. */
  flat: number;
}

/** Opens a plate and watches its cells until it is ready. */
function watch(page: Page, uri: string): Promise<ICells> {
  return page.evaluate(async address => {
    const { commands } = (window as unknown as { jupyterapp: { commands: { execute(id: string, args: object): Promise<unknown> } } }).jupyterapp;
    await commands.execute('bioimage:open-preview', { uri: address });
    const node = [...document.querySelectorAll<HTMLElement>('.jp-BioImagePreview')].find(one => one.dataset.uri === address)!;
    const now = () => performance.timeOrigin + performance.now();
    let [first, last] = [0, 0];
    const look = () => {
      if (node.querySelector('[role="gridcell"][data-state="picture"]')) {
        first ||= now();
      }
    };
    const watching = new MutationObserver(look);
    watching.observe(node, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
    const until = performance.now() + 110_000;
    while (node.dataset.status === 'loading' && performance.now() < until) {
      await new Promise(resolve => requestAnimationFrame(resolve));
    }
    last = now();
    watching.disconnect();
    const cells = [...node.querySelectorAll<HTMLElement>('[role="gridcell"]')];
    const states: Record<string, number> = { [node.dataset.status!]: 1 };
    cells.forEach(({ dataset }) => (states[dataset.state!] = (states[dataset.state!] ?? 0) + 1));
    const canvas = node.querySelector('canvas')!;
    const context = canvas.getContext('2d')!;
    const frame = canvas.getBoundingClientRect();
    const flat = cells.filter(cell => {
      const box = cell.getBoundingClientRect();
      const [sx, sy] = [canvas.width / frame.width, canvas.height / frame.height];
      const side = Math.max(2, Math.floor(box.width * sx) - 4);
      const { data } = context.getImageData(Math.round((box.left - frame.left) * sx) + 2, Math.round((box.top - frame.top) * sy) + 2, side, side);
      return new Uint32Array(data.buffer).every(word => word === new Uint32Array(data.buffer)[0]);
    }).length;
    return { states, names: new Set(cells.map(cell => cell.getAttribute('aria-label'))).size, first, last, flat };
  }, uri);
}

base.describe('plates', () => {
  let shared: ICampaignPage;
  let started: Awaited<ReturnType<typeof startLab>>;
  let synth: ISynth | null = null;
  let folder: string;
  const asked: string[] = [];

  base.beforeAll(async ({ browser }) => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-plate-'));
    writePlate(path.join(folder, 'small.ome.zarr'));
    const port = 21000 + (process.pid % 4000);
    synth = hasPeers ? await startSynth(port) : null;
    const stores = [
      { id: 'made', label: 'Made', root: folder, prefer: 'session' },
      ...(synth ? [{ id: 'synth', label: 'Synthetic', url: synth.url, prefixes: [], prefer: 'session' }] : [])
    ];
    started = await startLab({ stores });
    shared = await campaignPage(browser, started.lab);
    shared.page.on('request', request => request.url().includes('/bioimage/') && asked.push(request.url()));
    await execute(shared.page, 'bioimage:open-browser');
    await shared.page.waitForLoadState('networkidle'); // the list of stores is asked for once per page
  });
  base.afterAll(async () => {
    await shared?.close();
    await started?.end();
    synth?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { wells, name } of PLATES) {
    base(`${name}: ${wells} wells in at most 2 requests, the first ones drawn before the last are read`, async () => {
      base.skip(!hasPeers, 'the synthetic data server beside this project is not here');
      base.setTimeout(180_000);
      const { page } = shared;
      await synth!.requests();
      asked.length = 0;
      const seen = await watch(page, `store:synth/${name}`);
      const read = (await synth!.requests()).filter(({ status }) => status === 200 || status === 206);
      const last = Math.max(...read.map(({ at }) => at));
      console.log(`${name}: first well ${(seen.first - read[0].at).toFixed(0)} ms after the first read, last read after ${(last - read[0].at).toFixed(0)}, ready after ${(seen.last - read[0].at).toFixed(0)}; ${read.length} reads; ${asked.length} requests`);
      expect(seen.states).toEqual({ ready: 1, picture: wells });
      expect(seen.names).toBe(wells);
      expect(seen.flat).toBe(0);
      expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(2);
      expect(seen.first).toBeLessThan(last);
      await execute(page, 'application:close');
    });
  }

  base('absent wells are shown as absent, gaps are gaps, and one contrast is for all', async () => {
    const { page } = shared;
    const uri = 'store:made/small.ome.zarr';
    asked.length = 0;
    const preview = await openPreview(page, uri);
    expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(2);
    await expect(preview).toHaveAttribute('data-kind', 'plate');
    const grid = preview.getByRole('grid');
    const named = SMALL.rows.length * SMALL.columns.length - SMALL.gaps.length;
    await expect(grid.getByRole('gridcell')).toHaveCount(named);
    for (const name of SMALL.gaps) {
      await expect(grid.getByRole('gridcell', { name: new RegExp(`^${name}\\b`) })).toHaveCount(0);
    }
    for (const name of SMALL.absent) {
      await expect(grid.getByRole('gridcell', { name: new RegExp(`^${name}\\b`) })).toHaveAttribute('data-state', 'absent');
    }
    await expect(grid.locator('[data-state="picture"]')).toHaveCount(named - SMALL.absent.length);
    for (const name of [...SMALL.rows, ...SMALL.columns]) {
      await expect(grid.getByRole(/\d/.test(name) ? 'columnheader' : 'rowheader', { name, exact: true })).toHaveCount(1);
    }
    // every well has its own grey, with one window for all: wells later in the order are brighter
    const greys = await preview.evaluate(node => {
      const canvas = node.querySelector('canvas')!;
      const frame = canvas.getBoundingClientRect();
      return [...node.querySelectorAll<HTMLElement>('[role="gridcell"][data-state="picture"]')].map(cell => {
        const box = cell.getBoundingClientRect();
        const at = (middle: number, start: number, scale: number) => Math.round((middle - start) * scale);
        const x = at(box.left + box.width / 2, frame.left, canvas.width / frame.width);
        const y = at(box.top + box.height / 2, frame.top, canvas.height / frame.height);
        return canvas.getContext('2d')!.getImageData(x, y, 1, 1).data[0];
      });
    });
    greys.forEach((grey, i) => expect(Math.abs(grey - (10 + i * 10)), `well ${i}`).toBeLessThanOrEqual(3));
  });

  base('well, field and back: in one tab, exact pixels, and a reload comes back there', async () => {
    const { page } = shared;
    const uri = 'store:made/small.ome.zarr';
    const preview = await openPreview(page, uri);
    const tabs = await page.locator('#jp-main-dock-panel .lm-TabBar-tab').count();
    await preview.getByRole('gridcell', { name: 'A2', exact: true }).click();
    await expect(preview).toHaveAttribute('data-status', 'ready');
    await preview.getByRole('gridcell').nth(1).click();
    await expect(preview).toHaveAttribute('data-kind', 'image');
    await expect(preview).toHaveAttribute('data-status', 'ready');
    const box = (await preview.locator('canvas').first().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await expect(preview.getByTestId('pixel-value')).toHaveAttribute('data-values', JSON.stringify([10 + 10 + 1]));
    expect(await page.locator('#jp-main-dock-panel .lm-TabBar-tab').count()).toBe(tabs);
    const way = preview.getByRole('navigation');
    await expect(way).toContainText('A2');
    await way.getByRole('button', { name: 'Back' }).click();
    await expect(preview).toHaveAttribute('data-kind', 'plate');
    await expect(preview).toHaveAttribute('data-status', 'ready');
    await way.getByRole('button', { name: 'Back' }).click();
    await expect(preview.getByRole('grid').getByRole('rowheader')).toHaveCount(SMALL.rows.length);
    // a selection names a field of a well
    await openPreview(page, uri, { well: 'B2', field: 1 });
    await expect(preview).toHaveAttribute('data-kind', 'image');
    await page.waitForTimeout(2000); // JupyterLab saves the layout a second after the last change
    await page.goto(started.lab.url);
    await expect(preview).toHaveAttribute('data-kind', 'image', { timeout: 60_000 });
    await expect(preview).toHaveAttribute('data-status', 'ready');
    await expect(preview.getByRole('navigation')).toContainText('B2');
  });
});
