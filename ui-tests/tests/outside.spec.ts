import { test as base } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, openLab, startLab, execute } from '../lib/lab';

const ROOT = path.resolve(__dirname, '../..');
const BUILDER = path.join(ROOT, 'node_modules/@jupyter/builder/lib/build-labextension.js');
const CORE = path.join(ROOT, 'node_modules/@jupyterlab/core-meta/core.package.json');

/** Builds the example as its author would, in a folder of its own, and returns where JupyterLab finds it. */
function buildExample(folder: string): string {
  const project = path.join(folder, 'own-source');
  cpSync(path.join(ROOT, 'docs/examples/own-source'), project, { recursive: true });
  mkdirSync(path.join(project, 'node_modules'));
  symlinkSync(ROOT, path.join(project, 'node_modules/jupyterlab-bioimage'));
  symlinkSync(path.join(ROOT, 'node_modules/@jupyterlab'), path.join(project, 'node_modules/@jupyterlab'));
  execFileSync('node', [BUILDER, '--core-package-file', CORE, '.'], { cwd: project, stdio: 'ignore' });
  const extensions = path.join(folder, 'labextensions');
  cpSync(path.join(project, 'labextension'), path.join(extensions, 'own-source-example'), { recursive: true });
  return extensions;
}

base('a source of another package is listed, searched and opened like ours', async ({ page }) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-outside-'));
  const extensions = buildExample(folder);
  const { lab, end } = await startLab({ args: [`--LabServerApp.extra_labextensions_path=${extensions}`] });
  try {
    await openLab(page, lab);
    await execute(page, 'bioimage:open-browser');
    const results = page.getByRole('list', { name: 'Results' });
    await expect(results.getByText('Our own list', { exact: true })).toBeVisible();
    await page.getByRole('searchbox', { name: 'Search images and studies' }).fill('cells from our');
    await results.getByRole('button', { name: /Cells from our own list/ }).first().click();
    await expect(page.locator('.jp-BioImagePreview')).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
  } finally {
    await end();
    rmSync(folder, { recursive: true, force: true });
  }
});
