import { test } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execute, expect, openLab, openPreview, SAMPLES, startLab, type ILab } from '../lib/lab';
import { Oracle } from '../lib/oracle';

const ROOT = path.resolve(__dirname, '../..');

/** A real Ceph gateway, the kind of storage the archives run, read through the session and directly by the browser. */
test.describe('an S3 bucket', () => {
  let folder: string;
  let endpoint: string;
  let lab: ILab;
  let end: () => Promise<void>;

  test.beforeAll(async () => {
    test.setTimeout(240_000);
    const { freePort } = (await import(path.join(ROOT, 'scripts/lib/server.mjs'))) as { freePort(port: number): Promise<number> };
    folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'bioimage-rgw-')), 'ceph');
    const port = await freePort(24000 + Math.floor(Math.random() * 1000));
    const monitor = await freePort(port + 10);
    endpoint = execFileSync('bash', [path.join(ROOT, 'scripts/rgw.sh'), 'start', folder, String(port), String(monitor)], { encoding: 'utf8' }).trim();
    execFileSync(path.join(ROOT, '.venv/bin/python'), [path.join(ROOT, 'ui-tests/fill_bucket.py'), endpoint, 'images', SAMPLES, 'sharded.ome.zarr']);
    const store = (id: string, prefer: string): object => ({
      id,
      label: `Bucket, ${prefer}`,
      endpoint,
      bucket: 'images',
      prefixes: prefer === 'session' ? [`s3://images/`] : [`${endpoint}/images/`],
      direct: `${endpoint}/images`,
      prefer
    });
    ({ lab, end } = await startLab({ stores: [store('near', 'session'), store('far', 'direct')] }));
  });
  test.afterAll(async () => {
    await end?.();
    if (endpoint) {
      execFileSync('bash', [path.join(ROOT, 'scripts/rgw.sh'), 'stop', folder]);
    }
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  for (const route of ['session', 'direct']) {
    test(`a sharded image is exact by the ${route} route, and the panel lists the bucket`, async ({ page }) => {
      const oracle = new Oracle();
      await openLab(page, lab);
      const asked: string[] = [];
      page.on('request', request => asked.push(request.url()));
      const preview = await openPreview(page, route === 'session' ? 'store:near/sharded.ome.zarr' : `${endpoint}/images/sharded.ome.zarr`, { level: 0, region: [0, 300, 0, 400] });
      const box = (await preview.locator('canvas').first().boundingBox())!;
      const value = preview.locator('[data-testid="pixel-value"]');
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await expect(value).toHaveAttribute('data-values', /\d/);
      const { index, values, channels } = await value.evaluate(node => {
        const data = (node as HTMLElement).dataset;
        return { index: JSON.parse(data.index!) as { y: number; x: number }, values: JSON.parse(data.values!) as number[], channels: JSON.parse(data.channels!) as number[] };
      });
      for (const [at, c] of channels.entries()) {
        expect(values[at]).toBe(await oracle.value({ sample: 'sharded.ome.zarr', level: 0, c, ...index }));
      }
      expect(asked.some(url => url.startsWith(`${endpoint}/images/`))).toBe(route === 'direct');
      oracle.close();
    });
  }

  test('the panel browses the bucket', async ({ page }) => {
    await openLab(page, lab);
    await execute(page, 'bioimage:open-browser');
    await expect(page.getByRole('list', { name: 'Results' })).toContainText('Bucket, session');
  });
});
