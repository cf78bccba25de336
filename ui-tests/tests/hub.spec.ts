import { expect, test, type Page } from '@playwright/test';
import { startDoubles, type IDoubles } from '../lib/archives';
import { PASSWORD, startHub, type IHub } from '../lib/hub';
import { execute, kernelReady } from '../lib/lab';

/** JupyterHub refuses script-made requests without the XSRF token, which a bare Jupyter server lets pass. */
test.describe('through JupyterHub and its proxy', () => {
  let hub: IHub;
  let doubles: IDoubles;

  test.beforeAll(async () => {
    test.setTimeout(150_000);
    doubles = await startDoubles();
    hub = await startHub(doubles);
  });
  test.afterAll(async () => {
    await hub?.end();
    await doubles?.stop();
  });

  async function logIn(page: Page, user: string, address = '/hub/login'): Promise<void> {
    await page.goto(`${hub.url}${address}`);
    await page.getByLabel(/username/i).fill(user);
    await page.getByLabel(/password/i).fill(PASSWORD);
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.waitForURL(/\/user\/[^/]+\/lab/, { timeout: 120_000 });
    await page.waitForFunction(() => 'jupyterapp' in window, null, { timeout: 60_000 });
    await page.evaluate(() => (window as unknown as { jupyterapp: { restored: Promise<void> } }).jupyterapp.restored);
  }

  for (const user of ['ada', 'ada@example.org']) {
    test(`panel, preview, snippet, run as ${user}`, async ({ page }) => {
      test.setTimeout(240_000);
      await logIn(page, user);
      await execute(page, 'bioimage:open-browser');
      await page.getByRole('list', { name: 'Results' }).getByRole('button', { name: /cells/i }).first().click();
      const preview = page.locator('.jp-BioImagePreview');
      await expect(preview).toHaveAttribute('data-status', 'ready', { timeout: 60_000 });
      const text = (await execute(page, 'bioimage:insert-snippet', { uri: 'store:samples/cells-2d.ome.zarr', selection: { level: 1 } })) as string;
      expect(text).toContain('image');
      const notebook = page.locator('.jp-NotebookPanel');
      await expect(notebook).toBeVisible();
      await kernelReady(page);
      await execute(page, 'notebook:run-all-cells');
      await expect(notebook.locator('.jp-OutputArea-output').last()).toContainText('(3, 512, 512)', { timeout: 90_000 });
    });
  }

  test('a link to a study goes through the login, and its page comes through the relay', async ({ page }) => {
    test.setTimeout(240_000);
    await logIn(page, 'grace', '/hub/user-redirect/lab?bioimage=S-BIAD90001');
    const panel = page.locator('#jp-bioimage-browser');
    await expect(panel.getByRole('heading', { name: /zebrafish tailbud/i })).toBeVisible({ timeout: 60_000 });
    await expect(panel.getByRole('button', { name: /^Insert code/ }).first()).toBeVisible({ timeout: 30_000 });
    // A search of IDR by a gene is a POST, which the hub lets pass with the token only.
    await execute(page, 'bioimage:search', { query: 'zebrafish' });
    await expect(panel.getByRole('status').first()).toContainText(/IDR: \d/);
    await expect(panel.getByRole('status').first()).not.toContainText('failed');
  });
});
