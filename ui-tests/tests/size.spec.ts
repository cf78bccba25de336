import { gzipSync } from 'node:zlib';
import { execute, expect, openLab, openPreview, test } from '../lib/lab';

const OURS = '/extensions/jupyterlab-bioimage/static/';
/** Bytes of our own minified code that a fresh workspace may load, the bundler's federation entry apart. */
const EAGER_LIMIT = 20 * 1024;

test('a fresh workspace loads at most 20 KB of our code; the viewer loads once, on first use', async ({ page, lab }) => {
  const files = new Map<string, number>();
  const times = new Map<string, number>();
  page.on('response', async response => {
    const url = new URL(response.url());
    if (url.pathname.includes(OURS) && url.pathname.endsWith('.js')) {
      const name = url.pathname.split('/').pop()!;
      times.set(name, (times.get(name) ?? 0) + 1);
      const body = await response.body();
      files.set(name, body.length);
      console.log(`  ${name}: ${body.length} bytes, ${gzipSync(body).length} gzipped`);
    }
  });
  await openLab(page, lab);
  await page.waitForTimeout(5000); // the budget is counted until five seconds after the workspace is restored
  const entry = [...files.keys()].filter(name => name.startsWith('remoteEntry'));
  const eager = [...files].filter(([name]) => !name.startsWith('remoteEntry')).reduce((sum, [, size]) => sum + size, 0);
  console.log(`federation entry ${entry.map(name => files.get(name)).join('+')} bytes; own eager code ${eager} bytes in ${files.size - entry.length} files`);
  expect(entry.length).toBe(1);
  expect(eager).toBeLessThanOrEqual(EAGER_LIMIT);

  const before = files.size;
  await openPreview(page, 'store:samples/cells-2d.ome.zarr');
  expect(files.size).toBeGreaterThan(before);
  const loaded = files.size;
  await execute(page, 'bioimage:open-browser');
  await openPreview(page, 'store:samples/plate-2x3.ome.zarr/A/1/0');
  // The worker's own copies of shared files are fetched by the workers; the page itself asks for each file once.
  expect([...times].filter(([name, count]) => count > 1 && !/decode/.test(name) && files.get(name)! > 300_000 && /stage|viewer/.test(name))).toEqual([]);
  expect(loaded).toBeGreaterThan(2);
});
