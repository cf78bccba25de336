import type { Locator, Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { activations, countActivations } from '../lib/activations';
import { test, type IArchiveLab } from '../lib/archives';
import { execute, expect, kernelReady, openLab, openPanelByKeyboard, openPreview, settled } from '../lib/lab';

/** A study of the doubles that has an OME-Zarr image in the doubles' storage. */
const ACCESSION = 'S-BIAD90001';

test.beforeEach(async ({ archives }) => archives.control({}));

const panel = (page: Page) => page.locator('#jp-bioimage-browser');
const searchBox = (page: Page) => page.getByRole('searchbox', { name: 'Search images and studies' });
const results = (page: Page) => page.getByRole('list', { name: 'Results' });
const heading = (page: Page, name: string) => results(page).locator('.jp-BioImageBrowser-heading', { hasText: new RegExp(`^${name}`) });
const status = (page: Page) => panel(page).getByRole('status').first();

async function openPanel(page: Page, archives: IArchiveLab, query = ''): Promise<void> {
  await openLab(page, archives.lab, query);
  await settled(page);
  await execute(page, 'bioimage:open-browser');
  await expect(searchBox(page)).toBeFocused();
}

test('what has answered is shown at once; the slow and the dead hold nothing back; cancel reaches the archives', async ({ page, archives }) => {
  await openPanel(page, archives);
  await expect(results(page).getByRole('button').first()).toBeVisible();
  await archives.control({ delay: { idr: 0.05, 'idr-tables': 0.05, searchengine: 0.05, 'bia-search': 5, bia: 5, biostudies: 600 } });
  await searchBox(page).fill('zebrafish');
  await expect(heading(page, 'IDR( recorded|$)')).toBeVisible({ timeout: 4000 });
  await expect(heading(page, 'BioImage')).toHaveCount(0);
  // The panel is usable meanwhile: the first hit can be reached and opened.
  await expect(async () => {
    await page.keyboard.press('ArrowDown'); // through the suggestions into the list
    await expect(results(page).locator('button:focus')).toHaveCount(1, { timeout: 1000 });
  }).toPass({ timeout: 10_000, intervals: [50] });
  await panel(page).getByRole('button', { name: /^Cancel/ }).click();
  await expect(async () => {
    const { aborted } = await archives.asked();
    expect(aborted.filter(line => /^GET \/(biostudies|bia-search)\//.test(line)).length).toBeGreaterThanOrEqual(2);
  }).toPass({ timeout: 10_000 });
  await expect(heading(page, 'IDR( recorded|$)')).toBeVisible();
});

test('a source that fails says so, and answers when it is asked again', async ({ page, archives }) => {
  await openPanel(page, archives);
  await archives.control({ fail: { biostudies: 404 } });
  await searchBox(page).fill('mitochondria');
  await expect(status(page)).toContainText(/BioStudies: failed/, { timeout: 15_000 });
  await archives.control({});
  await panel(page).getByRole('button', { name: /try again/i }).first().click();
  await expect(status(page)).not.toContainText(/failed/);
});

test('from a fresh JupyterLab to the array on the screen: four activations, three for a pasted accession', async ({ page, archives }) => {
  test.setTimeout(240_000);
  for (const way of ['typed', 'pasted'] as const) {
    await openLab(page, archives.lab);
    await settled(page);
    await countActivations(page);
    await page.locator('[data-id="jp-bioimage-browser"]').click();
    await expect(searchBox(page)).toBeFocused();
    if (way === 'typed') {
      await page.keyboard.type('light sheet recording of a zebrafish tailbud');
      await results(page).getByRole('button', { name: new RegExp(ACCESSION) }).first().click();
    } else {
      await page.evaluate(text => navigator.clipboard.writeText(text), ACCESSION);
      await page.keyboard.press('Control+V');
    }
    await panel(page).getByRole('button', { name: /^Insert code/ }).first().click({ timeout: 30_000 });
    const notebook = page.locator('.jp-NotebookPanel');
    await expect(notebook.locator('.jp-CodeCell').first()).toContainText('image', { timeout: 40_000 });
    await kernelReady(page);
    await page.keyboard.press('Shift+Enter');
    await expect(notebook.locator('.jp-OutputArea-output').first()).toContainText(/dask|Array|uint/, { timeout: 60_000 });
    await expect(page.locator('.jp-Dialog')).toHaveCount(0);
    const { acts } = await activations(page);
    console.log(`${way}: ${acts.length} activations: ${acts.join(' | ')}`);
    expect(acts.length).toBeLessThanOrEqual(way === 'typed' ? 4 : 3);
  }
});

test('the same with the keyboard alone', async ({ page, archives }) => {
  test.setTimeout(180_000);
  await openLab(page, archives.lab);
  await settled(page);
  await countActivations(page);
  await openPanelByKeyboard(page);
  await expect(searchBox(page)).toBeFocused();
  await page.evaluate(text => navigator.clipboard.writeText(text), ACCESSION);
  await page.keyboard.press('Control+V');
  const insert = panel(page).getByRole('button', { name: /^Insert code/ }).first();
  await expect(insert).toBeVisible({ timeout: 30_000 });
  for (let i = 0; i < 40 && !(await insert.evaluate(node => node === document.activeElement)); i++) {
    await page.keyboard.press(i < 30 && !(await insert.evaluate(node => node.parentElement?.contains(document.activeElement) ?? false)) ? 'Tab' : 'ArrowRight');
  }
  await page.keyboard.press('Enter');
  const notebook = page.locator('.jp-NotebookPanel');
  await expect(notebook.locator('.jp-CodeCell').first()).toContainText('image', { timeout: 40_000 });
  await kernelReady(page);
  await page.keyboard.press('Shift+Enter');
  await expect(notebook.locator('.jp-OutputArea-output').first()).toContainText(/dask|Array|uint/, { timeout: 60_000 });
  const { acts, moves } = await activations(page);
  console.log(`keyboard: ${acts.length} activations: ${acts.join(' | ')}; ${moves.length} keys that move: ${moves.join(' ')}`);
  expect(acts.filter(act => act.startsWith('click'))).toEqual([]);
  expect(acts.length).toBeLessThanOrEqual(4);
});

test('a link to an accession opens its page, also through a login', async ({ page, archives }) => {
  await openLab(page, archives.lab, `&bioimage=${ACCESSION}`);
  await expect(panel(page).getByRole('heading', { name: /zebrafish tailbud/i })).toBeVisible({ timeout: 30_000 });
  expect(page.url()).not.toContain('bioimage=');
  await page.context().clearCookies();
  await page.goto(`${archives.lab.address}lab?reset&bioimage=${ACCESSION}`);
  await page.locator('#password_input').fill(archives.lab.token);
  await page.locator('#login_submit').click();
  await expect(panel(page).getByRole('heading', { name: /zebrafish tailbud/i })).toBeVisible({ timeout: 60_000 });
});

test('what was typed, filtered, marked and opened is there after a reload', async ({ page, archives }) => {
  await openPanel(page, archives);
  await searchBox(page).fill('zebrafish');
  const row = results(page).getByRole('button', { name: new RegExp(ACCESSION) }).first();
  await row.click();
  await expect(panel(page).getByRole('heading', { name: /zebrafish tailbud/i })).toBeVisible();
  await panel(page).getByRole('button', { name: /favourite/i }).first().click();
  await page.waitForTimeout(2500); // the state database saves at rest
  await page.goto(archives.lab.url);
  await expect(panel(page).getByRole('heading', { name: /zebrafish tailbud/i })).toBeVisible({ timeout: 60_000 });
  await expect(searchBox(page)).toHaveValue('zebrafish');
  await searchBox(page).fill('');
  await expect(results(page).getByText('Favourites', { exact: true })).toBeVisible();
  // In another workspace too: favourites belong to the person.
  await openPanel(page, archives);
  await expect(results(page).getByText('Favourites', { exact: true })).toBeVisible();
});

/** Drags the first sample in the panel to the middle of an element, slowly enough for its code to be made on the way. */
async function dragSample(page: Page, target: Locator): Promise<void> {
  const from = (await results(page).getByRole('button', { name: /^Cells, three channels/ }).first().boundingBox())!;
  const to = (await target.boundingBox())!;
  const [x, y] = [to.x + to.width / 2, to.y + to.height / 2];
  await page.mouse.move(from.x + 60, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(from.x + 80, from.y + 30, { steps: 4 });
  await page.mouse.move(x, y, { steps: 10 });
  await page.waitForTimeout(1500);
  await page.mouse.move(x + 2, y + 2);
  await page.mouse.up();
}

test('an image dragged into a notebook becomes a cell, in an editor its code, on a terminal its address', async ({ page, archives }) => {
  await openPanel(page, archives);
  await execute(page, 'notebook:create-new', { kernelName: 'python3' }, false);
  await kernelReady(page);
  const below = page.locator('.jp-WindowedPanel-outer').first();
  await dragSample(page, below);
  const cell = page.locator('.jp-NotebookPanel .jp-CodeCell').last();
  await expect(cell).toContainText('zarr.open_array', { timeout: 20_000 });

  await execute(page, 'fileeditor:create-new', { fileExt: 'py' }, false);
  const editor = page.locator('.jp-FileEditor .cm-content');
  await expect(editor).toBeVisible();
  await dragSample(page, editor);
  await expect(editor).toContainText('zarr.open_array');

  await execute(page, 'terminal:create-new', {}, false);
  const terminal = page.locator('.jp-Terminal');
  await expect(terminal.locator('.xterm-screen')).toBeVisible();
  await page.waitForTimeout(1500); // the shell's first prompt
  await terminal.click();
  await page.keyboard.type(`echo dropped > ${archives.lab.home}/typed.txt; printf '%s' `);
  await dragSample(page, terminal);
  await terminal.click();
  await page.keyboard.type(` > ${archives.lab.home}/dropped.txt`);
  await page.keyboard.press('Enter');
  await expect(async () => {
    expect(readFileSync(path.join(archives.lab.home, 'dropped.txt'), 'utf8')).toBe('store:samples/cells-2d.ome.zarr');
  }).toPass({ timeout: 15_000 });
});

test('an address from before the storage moved opens where the image is now, or says that it is gone', async ({ page, archives }) => {
  const OLD = 'https://uk1s3.embassy.ebi.ac.uk';
  await openLab(page, archives.lab);
  const moved = `${OLD}/idr/zarr/v0.4/idr0062A/6001240.zarr`;
  await openPreview(page, moved);
  const gone = `${OLD}/bia-integrator-data/S-BIAD0/nothing/here.ome.zarr`;
  await execute(page, 'bioimage:open-preview', { uri: gone });
  const alert = page.locator('.jp-BioImagePreview[data-status="failed"]').getByRole('alert');
  await expect(alert).toContainText(/moved or removed/, { timeout: 30_000 });
  await expect(alert).toContainText(gone);
});
