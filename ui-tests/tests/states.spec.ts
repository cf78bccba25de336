import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { violations } from '../lib/axe';
import { campaignPage, type ICampaignPage } from '../lib/campaign';
import { FAULTS } from '../lib/faults';
import { serveFaults, type IFaultServer } from '../lib/faultserver';
import { execute, openPanelByKeyboard, openPreview, settled, startLab } from '../lib/lab';
import { writePlate } from '../lib/plates';
import { pseudoLocale, untranslated } from '../lib/pseudo';

const PREVIEW = '.jp-BioImagePreview';
const SAMPLES = 'store:samples/';

/** States of a preview, and how each comes about. */
const STATES: Record<string, (page: Page) => Promise<Locator>> = {
  image: page => openPreview(page, `${SAMPLES}stack-zt.ome.zarr`),
  plate: page => openPreview(page, 'store:made/small.ome.zarr'),
  well: page => openPreview(page, 'store:made/small.ome.zarr', { well: 'A2' }),
  field: page => openPreview(page, 'store:made/small.ome.zarr', { well: 'A2', field: 1 }),
  'labels on': async page => {
    const preview = await openPreview(page, `${SAMPLES}labels.ome.zarr`, { labels: ['nuclei'] });
    await expect(preview.getByRole('group', { name: /Labels/ })).toBeVisible();
    return preview;
  },
  'labels alone': page => openPreview(page, `${SAMPLES}labels.ome.zarr/labels/nuclei`),
  tree: page => openPreview(page, 'store:samples/plate-2x3.ome.zarr/A'),
  collection: page => openPreview(page, 'store:session/collection'),
  archive: page => openPreview(page, `${SAMPLES}labels.ozx`),
  TIFF: page => openPreview(page, `${SAMPLES}nuclei.ome.tif`),
  'damaged chunk': page => openPreview(page, 'store:session/damaged-chunk'),
  ...Object.fromEntries(
    ['no-such-key', 'unknown-codec', 'bad-json', 'huge-chunk', 'bad-tiff/x.ome.tif', 'bad-zip/x.zarr.zip'].map(name => [
      `failed: ${name}`,
      async (page: Page) => {
        const uri = `store:session/${name}`;
        await execute(page, 'bioimage:open-preview', { uri }, false);
        const preview = page.locator(`${PREVIEW}[data-uri="${uri}"]`);
        await expect(preview).toHaveAttribute('data-status', 'failed', { timeout: 30_000 });
        return preview;
      }
    ])
  )
};

/** Two images under a root that lists them in its layout, and nothing that names them. */
const COLLECTION = (key: string, all: ReadonlyMap<string, Buffer>) =>
  key === '.zattrs' ? { body: '{"bioformats2raw.layout": 3}' } : /^[01]\//.test(key) && all.has(key.slice(2)) ? { body: all.get(key.slice(2)) } : key === '.zgroup' ? {} : { status: 404 };

base.describe('states of a preview', () => {
  let data: IFaultServer;
  let started: Awaited<ReturnType<typeof startLab>>;
  let folder: string;

  base.beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-states-'));
    writePlate(path.join(folder, 'small.ome.zarr'));
    data = await serveFaults({ ...Object.fromEntries(Object.entries(FAULTS).map(([name, { fault }]) => [name, fault])), collection: (key, _, all) => COLLECTION(key, all) });
    started = await startLab({
      stores: [
        { id: 'made', label: 'Made', root: folder, prefer: 'session' },
        { id: 'session', label: 'Far', url: data.url, prefixes: [], prefer: 'session' }
      ]
    });
  });
  base.afterAll(async () => {
    await started?.end();
    await data?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  base('axe finds nothing in any of them, light and dark', async ({ browser }) => {
    base.setTimeout(300_000);
    const { page, close } = await campaignPage(browser, started.lab);
    const faults: string[] = [];
    for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
      await execute(page, 'apputils:change-theme', { theme });
      for (const [name, reach] of Object.entries(STATES)) {
        await reach(page);
        faults.push(...(await violations(page, `${PREVIEW}:not(.lm-mod-hidden *)`)).map(fault => `${theme}, ${name}: ${fault}`));
        await execute(page, 'application:close', {}, false);
      }
    }
    await close();
    expect(faults).toEqual([]);
  });

  base('no text of any of them is left untranslated', async ({ browser }) => {
    base.setTimeout(300_000);
    let texts = 0;
    const { page, close } = await campaignPage(browser, started.lab, async before => {
      texts = await pseudoLocale(before);
    });
    expect(texts).toBeGreaterThan(200);
    const found: string[] = [];
    let marked = 0;
    for (const [name, reach] of Object.entries(STATES)) {
      const preview = await reach(page);
      marked += ((await preview.innerText()).match(/⟦/g) ?? []).length;
      found.push(...(await untranslated(page, `${PREVIEW}[data-uri="${await preview.getAttribute('data-uri')}"]`, DATA)).map(text => `${name}: ${text}`));
      await execute(page, 'application:close', {}, false);
    }
    console.log(`${texts} texts of the source, ${marked} seen in ${Object.keys(STATES).length} states`);
    await close();
    expect(marked).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });

  base('waiting: what for is said and heard, and keys begin anew', async ({ browser }) => {
    base.setTimeout(180_000);
    const { page, close } = await campaignPage(browser, started.lab, async before => void (await pseudoLocale(before)));
    const open = /\/stores\/samples\/open/;
    await page.route(open, () => undefined); // no answer, and no end
    const uri = `${SAMPLES}stack-zt.ome.zarr`;
    await execute(page, 'bioimage:open-preview', { uri }, false);
    const preview = page.locator(`${PREVIEW}[data-uri="${uri}"]`);
    const again = preview.getByRole('button', { name: 'Try again' });
    await expect(again).toBeVisible({ timeout: 60_000 });
    await expect(preview).toHaveAttribute('data-status', 'loading');
    await expect(preview.locator('.jp-BioImagePreview-waiting')).toContainText(/Still waiting for .*the server.*: \d+ s/);
    await expect(preview.getByRole('status').filter({ hasText: 'the server' })).toHaveCount(1);
    expect(await violations(page, PREVIEW)).toEqual([]);
    expect(await untranslated(page, `${PREVIEW}[data-uri="${uri}"]`, DATA)).toEqual([]);
    await page.unroute(open);
    await walk(page, 'Tab', again);
    await page.keyboard.press('Enter');
    await expect(preview).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
    await expect(again).toBeHidden();
    await close();
  });

  base('what is found beside an image leaves it ready', async ({ browser }) => {
    base.setTimeout(120_000);
    const { page, close } = await campaignPage(browser, started.lab);
    await page.evaluate(() => {
      const seen: (string | null)[] = [];
      const observer = new MutationObserver(changes => seen.push(...changes.map(({ target }) => (target as Element).getAttribute('data-status'))));
      observer.observe(document.body, { subtree: true, attributeFilter: ['data-status'] });
      Object.assign(window, { __seen: seen });
    });
    const preview = await openPreview(page, `${SAMPLES}labels.ome.zarr`);
    await expect(preview.getByRole('group', { name: /Labels/ })).toBeVisible();
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    expect(await page.evaluate(() => (window as unknown as { __seen: string[] }).__seen.filter(status => ['loading', 'ready', 'failed'].includes(status)))).toEqual(['ready']);
    await close();
  });

  base('keys alone: palette, plate, well, field and back; labels; a tree', async ({ browser }) => {
    base.setTimeout(180_000);
    const { page, close }: ICampaignPage = await campaignPage(browser, started.lab);
    await settled(page);
    await openPanelByKeyboard(page);
    await expect(page.getByRole('searchbox', { name: 'Search images and studies' })).toBeFocused();
    const results = page.getByRole('list', { name: 'Results' });
    await walk(page, 'Tab', results.getByRole('button').first());
    await walk(page, 'ArrowDown', results.getByRole('button', { name: /^Plate 2 x 3/ }));
    await page.keyboard.press('Enter');
    const plate = page.locator(`${PREVIEW}[data-uri="${SAMPLES}plate-2x3.ome.zarr"]`);
    await expect(plate).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
    await walk(page, 'Tab', plate.getByRole('gridcell').first());
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await expect(plate.getByRole('gridcell', { name: 'B2' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(plate.getByRole('navigation')).toContainText('B2');
    await expect(plate).toHaveAttribute('data-status', 'ready');
    await walk(page, 'Tab', plate.getByRole('gridcell').first());
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect(plate).toHaveAttribute('data-kind', 'image');
    await expect(plate).toHaveAttribute('data-status', 'ready');
    await page.keyboard.press('Backspace');
    await expect(plate).toHaveAttribute('data-kind', 'plate');
    await expect(plate).toHaveAttribute('data-status', 'ready');
    await page.keyboard.press('Backspace');
    await expect(plate.getByRole('gridcell', { name: 'B2' })).toBeFocused();

    const labels = await openPreview(page, `${SAMPLES}labels.ome.zarr`);
    const toggle = labels.getByRole('group', { name: /Labels/ }).getByRole('checkbox').first();
    await expect(toggle).toBeVisible();
    await walk(page, 'Tab', toggle);
    const before = await toggle.isChecked();
    await page.keyboard.press('Space');
    await expect(toggle).toBeChecked({ checked: !before });
    await expect(labels).toHaveAttribute('data-status', 'ready');

    const tree = await openPreview(page, 'store:samples/plate-2x3.ome.zarr/A');
    await walk(page, 'Tab', tree.getByRole('treeitem').first());
    await page.keyboard.press('ArrowDown');
    await expect(tree.getByRole('treeitem').nth(1)).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(tree.getByRole('navigation')).toBeVisible();
    await page.keyboard.press('Backspace');
    await expect(tree.getByRole('tree')).toBeVisible();
    await close();
  });
});

/** Presses a key until an element has the focus. */
async function walk(page: Page, key: string, element: Locator, most = 60): Promise<void> {
  await expect(element).toBeVisible();
  for (let i = 0; i < most; i++) {
    if (await element.evaluate(node => node === document.activeElement)) {
      return;
    }
    await page.keyboard.press(key);
  }
  await expect(element).toBeFocused({ timeout: 1000 });
}

/** What is data, a name, a unit or a proper noun, and is not translated. */
const DATA =
  /^(store|samples?|session|made|far|small|first|grey|good|nuclei|cells|labels?|stack|zt|ome|zarr|tif|tiff|ozx|zip|plate|2x3|c\d|z|t|x|y|min|max|µm|um|px|u?int\d+|float\d+|bool|blosc|zstd|zlib|gzip|raw|lz4|deflate|lzw|jpeg|little|big|DAPI|GFP|tubulin|actin|nucleus|x\.\S*|json|https?|ngff|dtype|id|[A-H]\d+|\S*[./_-]\S*|filaments?|over|time|with|[KM]iB|bytes|main|area|content)$/;
