import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { serveFolder } from '../lib/dataserver';
import { execute, expect, openLab, openPreview, SAMPLES, startLab, test } from '../lib/lab';

test('the file browser previews a Zarr v2 folder from its context menu', async ({ page, lab }) => {
  await openLab(page, lab);
  await execute(page, 'filebrowser:go-to-path', { path: 'images' });
  const folder = page.locator('.jp-DirListing-item', { hasText: 'v2.zarr' });
  await folder.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Preview image' }).click();
  const preview = page.locator('.jp-BioImagePreview');
  await expect(preview).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
  await expect(preview).toHaveAttribute('data-kind', 'image');
});

test('a preview comes back after a reload with its view', async ({ page, lab }) => {
  await openLab(page, lab);
  const first = await openPreview(page, 'store:samples/stack-zt.ome.zarr', { t: 2, z: 9 });
  await first.getByRole('slider', { name: 'Z', exact: true }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(first.getByRole('slider', { name: 'Z', exact: true })).toHaveAttribute('aria-valuenow', '10');
  await page.waitForTimeout(2500); // JupyterLab saves its layout a second or two after a change
  await page.goto(lab.url);
  await page.waitForFunction(() => 'jupyterapp' in window, null, { timeout: 60_000 });
  const again = page.locator('.jp-BioImagePreview[data-uri="store:samples/stack-zt.ome.zarr"]');
  await expect(again).toHaveAttribute('data-status', 'ready', { timeout: 60_000 });
  await expect(again.getByRole('slider', { name: 'Z', exact: true })).toHaveAttribute('aria-valuenow', '10');
  await expect(again.getByRole('slider', { name: 'T', exact: true })).toHaveAttribute('aria-valuenow', '2');
});

test('what cannot be shown says so, with a next step', async ({ page, lab }) => {
  await openLab(page, lab);
  for (const [uri, words] of [
    ['store:samples/nothing-here.ome.zarr', /nothing|not found|no /i],
    ['store:samples/samples.json', /nothing at this address|zarr|metadata/i],
    ['store:nobody/x.zarr', /store/i],
    ['store:samples/../secret', /outside|path/i]
  ] as const) {
    await execute(page, 'bioimage:open-preview', { uri });
    const preview = page.locator(`.jp-BioImagePreview[data-uri="${uri}"]`);
    await expect(preview).toHaveAttribute('data-status', 'failed', { timeout: 30_000 });
    await expect(preview.getByRole('alert')).toContainText(words);
    expect((await preview.getByRole('alert').innerText()).length).toBeGreaterThan(20);
  }
});

test('an absent chunk is no data, a damaged one is damaged; neither is ever a value', async ({ page }) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-holes-'));
  const image = path.join(folder, 'holes.ome.zarr');
  cpSync(path.join(SAMPLES, 'cells-2d.ome.zarr'), image, { recursive: true });
  rmSync(path.join(image, '0', '0', '0', '0')); // channel 0, upper left chunk of level 0
  const { writeFileSync, readFileSync } = await import('node:fs');
  const damaged = path.join(image, '0', '1', '3', '3'); // channel 1, lower right chunk
  writeFileSync(damaged, readFileSync(damaged).subarray(0, 100));
  const { lab, end } = await startLab({ stores: [{ id: 'holes', label: 'Holes', root: folder, prefer: 'session' }] });
  try {
    await openLab(page, lab);
    const preview = await openPreview(page, 'store:holes/holes.ome.zarr', { level: 0 });
    await expect(preview).toHaveAttribute('data-damaged', '1');
    const box = (await preview.locator('canvas').first().boundingBox())!;
    const value = preview.locator('[data-testid="pixel-value"]');
    const side = Math.min(box.width, box.height);
    const at = async (y: number, x: number): Promise<(number | null)[]> => {
      await page.mouse.move(box.x + box.width / 2 + (x / 1024 - 0.5) * side, box.y + box.height / 2 + (y / 1024 - 0.5) * side);
      return value.evaluate(
        node => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve(JSON.parse((node as HTMLElement).dataset.values ?? '[]')))))
      );
    };
    const hole = await at(220, 100); // below the message about the damaged tile
    expect(hole[0]).toBeNull();
    expect(hole[1]).toBeGreaterThan(0);
    const whole = await at(500, 500);
    expect(whole.every(v => typeof v === 'number')).toBe(true);
    const broken = await at(900, 900);
    expect(broken[1] ?? null).toBeNull();
    expect(await preview.getByRole('status').or(preview.getByRole('alert')).first().innerText()).toMatch(/damaged/i);
  } finally {
    await end();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('closing the tab stops everything', async ({ page }) => {
  const data = await serveFolder(SAMPLES, 400);
  const { lab, end } = await startLab({ stores: [{ id: 'far', label: 'Far', url: data.url, direct: data.url, prefixes: [`${data.url}/`], prefer: 'direct' }] });
  try {
    await openLab(page, lab);
    await execute(page, 'bioimage:open-preview', { uri: `${data.url}/stack-zt.ome.zarr` });
    await expect.poll(() => data.requests.length).toBeGreaterThan(0);
    await execute(page, 'application:close');
    await expect(page.locator('.jp-BioImagePreview')).toHaveCount(0);
    const asked = data.requests.length;
    await page.waitForTimeout(2000); // five answers' time: whatever went on would have asked again
    expect(data.requests.length).toBeLessThanOrEqual(asked);
  } finally {
    await end();
    await data.close();
  }
});
