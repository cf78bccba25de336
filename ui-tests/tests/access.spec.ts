import { violations } from '../lib/axe';
import { execute, expect, openLab, openPanelByKeyboard, openPreview, settled, test } from '../lib/lab';

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`axe finds nothing in the panel and the preview, ${theme}`, async ({ page, lab }) => {
    await openLab(page, lab);
    await execute(page, 'apputils:change-theme', { theme });
    await execute(page, 'bioimage:open-browser');
    await expect(page.getByRole('list', { name: 'Results' }).getByRole('button').first()).toBeVisible();
    await openPreview(page, 'store:samples/stack-zt.ome.zarr');
    expect(await violations(page, '#jp-bioimage-browser')).toEqual([]);
    expect(await violations(page, '.jp-BioImagePreview')).toEqual([]);
    await execute(page, 'bioimage:open-preview', { uri: 'store:samples/nothing-here.ome.zarr' });
    await expect(page.locator('.jp-BioImagePreview[data-status="failed"] [role="alert"]')).toBeVisible({ timeout: 30_000 });
    expect(await violations(page, '.jp-BioImagePreview[data-status="failed"]')).toEqual([]);
  });
}

test('the keyboard alone completes panel, preview, insert', async ({ page, lab }) => {
  await openLab(page, lab);
  await settled(page);
  await openPanelByKeyboard(page);
  const box = page.getByRole('searchbox', { name: 'Search images and studies' });
  await expect(box).toBeFocused();
  await page.keyboard.type('cells');
  await expect(page.getByRole('list', { name: 'Results' }).getByRole('button', { name: /cells/i }).first()).toBeVisible();
  // What stood there before the search goes when it begins, and the focus with it.
  await expect(page.locator('#jp-bioimage-browser').getByRole('status').first()).toContainText('Samples: 1');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('list', { name: 'Results' }).getByRole('button', { name: /cells/i }).first()).toBeFocused();
  await page.keyboard.press('Enter');
  const preview = page.locator('.jp-BioImagePreview');
  await expect(preview).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
  const insert = preview.getByRole('button', { name: /insert code/i });
  for (let i = 0; i < 40 && !(await insert.evaluate(node => node === document.activeElement || node.contains(document.activeElement))); i++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await expect(page.locator('.jp-NotebookPanel .jp-CodeCell').first()).toContainText('image', { timeout: 30_000 });
});
