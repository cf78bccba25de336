import { test as base } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { rounds, serveFolder, type IDataServer } from '../lib/dataserver';
import { execute, expect, openLab, openPreview, startLab, test, type ILab } from '../lib/lab';

const ROOT = path.resolve(__dirname, '../..');
const SESSION_IMAGES = ['cells-2d.ome.zarr', 'stack-zt.ome.zarr', 'labels.ome.zarr', 'sharded.ome.zarr', 'plate-2x3.ome.zarr/A/2/0'];

for (const sample of SESSION_IMAGES) {
  test(`opening ${sample} through the session is one request`, async ({ page, lab }) => {
    await openLab(page, lab);
    // The panel asks for the stores and the samples once per page, before the click.
    await execute(page, 'bioimage:open-browser');
    await expect(page.locator('#jp-bioimage-browser [role="status"]')).toContainText(/\d/);
    await page.waitForLoadState('networkidle');
    const seen: string[] = [];
    const missing: string[] = [];
    page.on('request', request => {
      if (request.url().includes('/bioimage/')) {
        seen.push(request.url());
      }
    });
    page.on('response', response => {
      if (response.status() === 404) {
        missing.push(response.url());
      }
    });
    lab.mark();
    await openPreview(page, `store:samples/${sample}`);
    const logged = lab.lines().filter(line => /\b(GET|POST|HEAD) \S*\/bioimage\//.test(line));
    expect(missing).toEqual([]);
    expect(seen.length, seen.join('\n')).toBe(1);
    expect(logged.length, logged.join('\n')).toBe(1);
    expect(logged[0]).toMatch(/\b200 GET\b|GET .*\b200\b/);
  });
}

base.describe('opening directly from a store 100 ms away', () => {
  let data: IDataServer;
  let lab: ILab;
  let end: () => Promise<void>;
  let folder: string;

  base.beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-layouts-'));
    execFileSync(path.join(ROOT, '.venv/bin/python'), [path.join(ROOT, 'ui-tests/make_layouts.py'), folder]);
    data = await serveFolder(folder, 100);
    ({ lab, end } = await startLab({ stores: [{ id: 'far', label: 'Far away', url: data.url, direct: data.url, prefixes: [`${data.url}/`], prefer: 'direct' }] }));
  });
  base.afterAll(async () => {
    await end?.();
    await data?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const layouts = ['plane', 'stack'].flatMap(kind => [2, 3].flatMap(version => ['plain', 's', 'scale'].map(name => ({ kind, version, name }))));
  for (const { kind, version, name } of layouts) {
    base(`${kind}, Zarr v${version}, levels ${name === 'plain' ? '' : name}0: two rounds until the coarsest level is exact`, async ({ page }) => {
      const image = `${kind}-v${version}-${name}.zarr`;
      expect(JSON.parse(readFileSync(path.join(folder, 'layouts.json'), 'utf8'))).toContain(image);
      await openLab(page, lab);
      data.requests.length = 0;
      await openPreview(page, `${data.url}/${image}`, { level: 2 });
      const made = [...data.requests];
      const coarsest = made.filter(request => request.key.includes(`/${name === 'plain' ? '' : name}2/`) && request.status === 200);
      expect(coarsest.length).toBeGreaterThan(0);
      const needed = made.filter(request => request.status === 200);
      console.log(`${image}: ${made.length} requests, ${made.filter(r => r.status === 404).length} absent, ${rounds(needed)} rounds`);
      expect(rounds(needed), made.map(r => `${r.arrived.toFixed(0)}-${r.left.toFixed(0)} ${r.status} ${r.key}`).join('\n')).toBeLessThanOrEqual(2);
    });
  }
});
