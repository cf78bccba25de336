import type { Page } from '@playwright/test';
import { execute, expect, openLab, openPreview, test } from '../lib/lab';

const STACK = 'store:samples/stack-zt.ome.zarr';

function tabs(page: Page) {
  return page.locator('#jp-main-dock-panel .lm-TabBar-tab');
}

test('samples are listed by title and description, and their tabs keep the title over a reload', async ({ page, lab }) => {
  await openLab(page, lab);
  await execute(page, 'bioimage:open-browser');
  const row = page.getByRole('list', { name: 'Results' }).getByRole('button', { name: /nuclei over time/i }).first();
  await expect(row).toContainText('5 time points');
  await row.click();
  const preview = page.locator(`.jp-BioImagePreview[data-uri="${STACK}"]`);
  await expect(preview).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
  const tab = tabs(page).filter({ hasText: 'Nuclei over time, z-stack' });
  await expect(tab).toHaveCount(1);
  await page.waitForTimeout(2000); // JupyterLab saves the layout a second after the last change
  await page.goto(lab.url);
  await expect(tab).toHaveCount(1, { timeout: 60_000 });
  await expect(preview).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
});

test('a new selection moves the view of the tab that is open', async ({ page, lab, oracle }) => {
  await openLab(page, lab);
  const preview = await openPreview(page, STACK, { z: 3 });
  const slider = (name: string) => preview.getByRole('slider', { name, exact: true });
  await expect(slider('Z')).toHaveAttribute('aria-valuenow', '3');
  const count = await tabs(page).count();
  await openPreview(page, STACK, { z: 7, t: 2, c: [1], level: 0, region: [100, 140, 60, 100] });
  expect(await tabs(page).count()).toBe(count);
  await expect(slider('Z')).toHaveAttribute('aria-valuenow', '7');
  await expect(slider('T')).toHaveAttribute('aria-valuenow', '2');
  await expect(preview.getByRole('checkbox').first()).not.toBeChecked();
  await expect(preview).toHaveAttribute('data-status', 'ready');
  const box = (await preview.locator('canvas').first().boundingBox())!;
  await page.mouse.move(box.x + box.width / 2 + 3, box.y + box.height / 2 + 3);
  const value = preview.locator('[data-testid="pixel-value"]');
  await expect(value).toHaveAttribute('data-index', JSON.stringify({ t: 2, z: 7, y: 120, x: 80 }));
  const wanted = await oracle.value({ sample: 'stack-zt.ome.zarr', level: 0, c: 1, t: 2, z: 7, y: 120, x: 80 });
  await expect(value).toHaveAttribute('data-values', JSON.stringify([wanted]));
  await openPreview(page, STACK, { t: 0 });
  await expect(slider('T')).toHaveAttribute('aria-valuenow', '0');
  await expect(slider('Z')).toHaveAttribute('aria-valuenow', '7');
});

test('the link that a preview copies reopens its view', async ({ page, lab }) => {
  await openLab(page, lab);
  const preview = await openPreview(page, STACK, { z: 8, t: 1, c: [0] });
  await preview.getByRole('button', { name: 'Copy link' }).click();
  await expect(async () => {
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('bioimage=');
  }).toPass();
  const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  link.searchParams.set('token', lab.token);
  link.searchParams.set('reset', '');
  await page.goto(link.href);
  await expect(preview).toHaveAttribute('data-status', 'ready', { timeout: 60_000 });
  await expect(preview.getByRole('slider', { name: 'Z', exact: true })).toHaveAttribute('aria-valuenow', '8');
  await expect(preview.getByRole('checkbox').nth(1)).not.toBeChecked();
});

test.describe('on a screen of one and a half device pixels per CSS pixel', () => {
  test.use({ deviceScaleFactor: 1.5, viewport: { width: 1281, height: 803 } });

  test('the drawing is on whole device pixels', async ({ page, lab }) => {
    await openLab(page, lab);
    const preview = await openPreview(page, 'store:samples/cells-2d.ome.zarr');
    const canvas = preview.locator('canvas').first();
    const [drawn, shown] = await canvas.evaluate((node: HTMLCanvasElement) => {
      const box = node.getBoundingClientRect();
      return [[node.width, node.height], [box.width, box.height]];
    });
    expect(drawn).toEqual(shown.map(length => length * 1.5));
  });
});
