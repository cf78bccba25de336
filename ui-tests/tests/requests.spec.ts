import { test as base, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { rounds, serveFolder, type IDataServer, type IRequest } from '../lib/dataserver';
import { execute, expect, openLab, openPreview, SAMPLES, startLab, test, type ILab } from '../lib/lab';

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

/**
 * Of every answer, in ms. A page that stalls for less than this between two requests of one round is not counted as
 * having waited for an answer: a busy machine makes no rounds.
 */
const DELAY = 400;

base.describe('opening directly from a distant store', () => {
  let data: IDataServer;
  let lab: ILab;
  let end: () => Promise<void>;
  let folder: string;

  base.beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-layouts-'));
    execFileSync(path.join(ROOT, '.venv/bin/python'), [path.join(ROOT, 'ui-tests/make_layouts.py'), folder]);
    cpSync(path.join(SAMPLES, 'sharded.ome.zarr'), path.join(folder, 'sharded.ome.zarr'), { recursive: true });
    data = await serveFolder(folder, DELAY);
    ({ lab, end } = await startLab({ stores: [{ id: 'far', label: 'Far away', url: data.url, direct: data.url, prefixes: [`${data.url}/`], prefer: 'direct' }] }));
  });
  base.afterAll(async () => {
    await end?.();
    await data?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens an image and returns the requests until the level asked for is exact. */
  async function opened(page: Page, image: string, level?: number): Promise<IRequest[]> {
    data.requests.length = 0;
    await openPreview(page, `${data.url}/${image}`, level === undefined ? undefined : { level });
    // What is asked for once the image is exact (labels, documents for the specification's judge) may be seen before the page
    // has told that it is.
    return data.requests.filter(({ key }) => !/\/labels\/|\/\.zgroup$/.test(key));
  }

  const listed = (made: readonly IRequest[]): string => made.map(r => `${r.arrived.toFixed(0)}-${r.left.toFixed(0)} ${r.status} ${r.method} ${r.key}`).join('\n');

  /** Requests that brought something, in a line for the record. */
  function needed(image: string, made: readonly IRequest[]): IRequest[] {
    const found = made.filter(request => request.status < 300);
    console.log(`${image}: ${made.length} requests, ${made.length - found.length} absent, ${rounds(found)} rounds`);
    return found;
  }

  const layouts = ['plane', 'stack'].flatMap(kind => [2, 3].flatMap(version => ['plain', 's', 'scale'].map(name => ({ kind, version, name }))));
  for (const { kind, version, name } of layouts) {
    // Six connections take both group documents and level 0 under two names in two formats. Under a third name its document
    // comes in the second round, and which plane of a stack is shown first cannot be known before.
    const bound = kind === 'stack' && name === 'scale' ? 3 : 2;
    base(`${kind}, Zarr v${version}, levels ${name === 'plain' ? '' : name}0: ${bound} rounds until the coarsest level is exact`, async ({ page }) => {
      const image = `${kind}-v${version}-${name}.zarr`;
      expect(JSON.parse(readFileSync(path.join(folder, 'layouts.json'), 'utf8'))).toContain(image);
      await openLab(page, lab);
      const made = await opened(page, image, 2);
      const coarsest = made.filter(request => request.key.includes(`/${name === 'plain' ? '' : name}2/`) && request.status === 200);
      expect(coarsest.length).toBeGreaterThan(0);
      expect(rounds(needed(image, made)), listed(made)).toBeLessThanOrEqual(bound);
    });
  }

  for (const version of [2, 3]) {
    base(`stack, Zarr v${version}, levels scale0, after an image of the same layout: 2 rounds`, async ({ page }) => {
      await openLab(page, lab);
      await opened(page, `plane-v${version}-scale.zarr`, 2);
      const image = `stack-v${version}-scale.zarr`;
      const made = await opened(page, image, 2);
      expect(rounds(needed(`${image}, second`, made)), listed(made)).toBeLessThanOrEqual(2);
    });
  }

  base('small shards: one request each, in the round after the opening', async ({ page }) => {
    await openLab(page, lab);
    const image = 'sharded.ome.zarr';
    const made = await opened(page, image, 0);
    expect(made.filter(({ key }) => key.startsWith(`${image}/0/c/`)).map(({ method }) => method)).toEqual(Array.from({ length: 8 }, () => 'GET'));
    // Six probes, the other three levels' documents, two shards of the coarsest level, eight of level 0.
    expect(made.length, listed(made)).toBeLessThanOrEqual(19);
    // Level 0: eight requests over six connections.
    expect(rounds(needed(image, made)), listed(made)).toBeLessThanOrEqual(4);
  });

  base('large shards: size, index, and neighbouring chunks in one request', async ({ page }) => {
    await openLab(page, lab);
    const image = 'shards-v3-plain.zarr';
    const made = await opened(page, image, 1);
    const shards = made.filter(({ key }) => key.startsWith(`${image}/1/c/`));
    expect(shards.filter(({ method }) => method === 'HEAD').map(({ key }) => key).sort()).toEqual([0, 1].map(c => `${image}/1/c/${c}/0/0`));
    expect(shards.length, listed(made)).toBeLessThanOrEqual(6);
    expect(rounds(needed(image, made)), listed(made)).toBeLessThanOrEqual(5);
  });
});
