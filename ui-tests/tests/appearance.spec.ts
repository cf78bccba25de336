import type { Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test, type IArchiveLab } from '../lib/archives';
import { violations } from '../lib/axe';
import { execute, expect, openLab } from '../lib/lab';
import { widenSidebar } from '../lib/width';

const SHOTS = path.resolve(__dirname, '../../.cache/screenshots');
const PANEL = '#jp-bioimage-browser';

test.use({ viewport: { width: 1500, height: 900 } });

/** Parts of the panel that stick out of it sideways. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(selector => {
    const panel = document.querySelector(selector)!;
    const { left, right } = panel.getBoundingClientRect();
    return [...panel.querySelectorAll('button, input, select, h1, h2, h3, [role="listitem"], [role="tab"]')]
      .filter(node => {
        const box = node.getBoundingClientRect();
        return box.width > 0 && (box.left < left - 1 || box.right > right + 1);
      })
      .map(node => `${node.tagName} ${node.className} ${(node.textContent ?? '').slice(0, 40)}`);
  }, PANEL);
}

/** Each state of the panel, and how it comes about. */
const STATES: Record<string, (page: Page, archives: IArchiveLab) => Promise<void>> = {
  landing: async page => {
    await execute(page, 'bioimage:search', { query: '' });
    await expect(page.getByRole('list', { name: 'Results' }).getByRole('button').first()).toBeVisible();
  },
  results: async page => {
    await execute(page, 'bioimage:search', { query: 'zebrafish' });
    await page.locator(PANEL).getByRole('button', { name: /^Filters/ }).click();
    await expect(page.locator(PANEL).getByRole('checkbox', { name: /Danio rerio/ })).toBeVisible();
  },
  failed: async (page, archives) => {
    await page.locator(PANEL).getByRole('button', { name: /^Filters/ }).click();
    await archives.control({ fail: { biostudies: 404, 'bia-search': 404, bia: 404 } });
    await execute(page, 'bioimage:search', { query: 'nothing of this name anywhere' });
    await archives.control({});
    await expect(page.locator(PANEL).getByRole('status').first()).toContainText('failed');
  },
  study: async page => {
    await execute(page, 'bioimage:open-study', { source: 'idr', accession: 'idr0062' });
    await expect(page.locator(PANEL).getByRole('tab', { name: /^Images/ })).toBeVisible();
    await page.waitForTimeout(1500); // pictures
  },
  about: async page => {
    await execute(page, 'bioimage:open-study', { source: 'biostudies', accession: 'S-BIAD1492' });
    await page.locator(PANEL).getByRole('tab', { name: /^About/ }).click();
    await expect(page.locator(PANEL).getByRole('button', { name: /BibTeX/ })).toBeVisible();
  }
};

for (const theme of ['JupyterLab Light', 'JupyterLab Dark', 'JupyterLab Dark High Contrast']) {
  for (const width of [200, 1000]) {
    test(`the panel at ${width} pixels, ${theme}: nothing sticks out, axe finds nothing`, async ({ page, archives }) => {
      test.setTimeout(180_000);
      mkdirSync(SHOTS, { recursive: true });
      await archives.control({});
      await openLab(page, archives.lab);
      await execute(page, 'apputils:change-theme', { theme });
      await execute(page, 'bioimage:open-browser');
      await expect(page.getByRole('searchbox', { name: 'Search images and studies' })).toBeVisible();
      await widenSidebar(page, width);
      const faults: string[] = [];
      for (const [name, reach] of Object.entries(STATES)) {
        await reach(page, archives);
        await page.screenshot({ path: path.join(SHOTS, `${name}-${width}-${theme.replaceAll(' ', '-')}.png`) });
        faults.push(...(await overflow(page)).map(fault => `${name}: sticks out: ${fault}`));
        faults.push(...(await violations(page, PANEL)).map(fault => `${name}: ${fault}`));
      }
      expect(faults).toEqual([]);
    });
  }
}
