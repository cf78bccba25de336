import type { Locator, Page } from '@playwright/test';
import { copyFileSync, cpSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { execute, expect, openLab, openPreview, SAMPLES, settled, test, type ILab } from '../lib/lab';

const TIFF = readdirSync(SAMPLES).find(name => /\.tiff?$/.test(name))!;

const preview = (page: Page, uri: string): Locator => page.locator(`.jp-BioImagePreview[data-uri="${uri}"]`);
const row = (page: Page, name: string): Locator => page.locator('.jp-DirListing-item', { hasText: name });
const tabs = (page: Page): Locator => page.locator('.lm-DockPanel-tabBar .lm-TabBar-tab');

/** The file browser in a folder that has an archive, a TIFF and a folder of an image; nothing else is open. */
async function browse(page: Page, lab: ILab): Promise<void> {
  const folder = path.join(lab.home, 'browsed');
  mkdirSync(folder, { recursive: true });
  copyFileSync(path.join(SAMPLES, 'labels.ozx'), path.join(folder, 'a.ozx'));
  copyFileSync(path.join(SAMPLES, TIFF), path.join(folder, 'b.tif'));
  cpSync(path.join(SAMPLES, 'cells-2d.ome.zarr'), path.join(folder, 'c.zarr'), { recursive: true });
  await openLab(page, lab);
  await settled(page);
  await execute(page, 'filebrowser:go-to-path', { path: 'browsed' }, false);
  await expect(row(page, 'a.ozx')).toBeVisible();
}

/** Drags with the mouse, in steps as a hand does. */
async function drag(page: Page, from: Locator, to: Locator, over?: () => Promise<void>): Promise<void> {
  const [a, b] = [(await from.boundingBox())!, (await to.boundingBox())!];
  await page.mouse.move(a.x + 20, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(a.x + 40, a.y + a.height / 2 + 10, { steps: 5 });
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 10 });
  await over?.();
  await page.mouse.up();
}

test('a double click opens the preview of an archive and of a TIFF, without the file being read whole', async ({ page, lab }) => {
  test.setTimeout(240_000);
  await browse(page, lab);
  lab.mark();
  for (const name of ['a.ozx', 'b.tif']) {
    await row(page, name).dblclick();
    await expect(preview(page, `browsed/${name}`)).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
  }
  // what stood in their place is gone, and a second double click shows the tab that is there
  await row(page, 'a.ozx').dblclick();
  await expect(preview(page, 'browsed/a.ozx')).toBeVisible();
  await expect(page.locator('.lm-DockPanel .jp-Document')).toHaveCount(0);
  await expect(tabs(page).filter({ hasText: /a\.ozx|b\.tif/ })).toHaveCount(2);
  // neither its content nor a copy of it as a checkpoint
  const read = lab.lines().filter(line => /\/api\/contents\/browsed\/[ab]\./.test(line));
  expect(read.length).toBeGreaterThan(0);
  expect(read.filter(line => !/ GET .*([?&]content=0|\/checkpoints)/.test(line))).toEqual([]);
  // the other viewers stay in the menu
  await row(page, 'a.ozx').click({ button: 'right' });
  await page.locator('.lm-Menu-item', { hasText: 'Open With' }).hover();
  const menu = page.locator('.lm-Menu').last();
  await expect(menu.getByText('Editor', { exact: true })).toBeVisible();
  await expect(menu.getByText('Image preview', { exact: true })).toBeVisible();
});

test('a folder or a file dropped on a preview opens in a tab beside it', async ({ page, lab }) => {
  test.setTimeout(240_000);
  await browse(page, lab);
  const first = await openPreview(page, 'browsed/a.ozx');
  await drag(page, row(page, 'c.zarr'), first, async () => {
    await expect(page.locator('.jp-mod-dropTarget > .jp-BioImagePreview')).toHaveCount(1);
  });
  await expect(preview(page, 'browsed/c.zarr')).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
  await expect(page.locator('.jp-mod-dropTarget')).toHaveCount(0);
  // a file goes where JupyterLab's own marking says, here the middle: the same tabs
  await drag(page, row(page, 'b.tif'), preview(page, 'browsed/c.zarr'));
  await expect(preview(page, 'browsed/b.tif')).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
  await expect(tabs(page).filter({ hasText: /a\.ozx|b\.tif|c\.zarr/ })).toHaveText([/a\.ozx/, /c\.zarr/, /b\.tif/]);
});

test('an image of the panel dropped on a preview opens in a tab beside it', async ({ page, lab }) => {
  test.setTimeout(240_000);
  await browse(page, lab);
  const first = await openPreview(page, 'browsed/a.ozx');
  await execute(page, 'bioimage:open-browser');
  const item = page.locator('#jp-bioimage-browser').getByRole('button', { name: /^Cells, three channels/ }).first();
  await expect(item).toBeVisible();
  await drag(page, item, first);
  await expect(preview(page, 'store:samples/cells-2d.ome.zarr')).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
  await expect(page.locator('[id^="jp-bioimage-place"]')).toHaveCount(0);
});
