import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execute, expect, openLab, test } from '../lib/lab';

const ROWS = 100_000;

/** A catalogue of a person's own with many images, and the setting that names it. */
function writeCatalogue(home: string): void {
  const rows = Array.from({ length: ROWS }, (_, i) => `store:samples/many/${i}.ome.zarr,Image number ${i} of many`);
  writeFileSync(path.join(home, 'many.csv'), `File Path,File Name\n${rows.join('\n')}\n`);
  const settings = path.join(home, '..', 'settings', 'jupyterlab-bioimage');
  mkdirSync(settings, { recursive: true });
  writeFileSync(path.join(settings, 'catalogue.jupyterlab-settings'), JSON.stringify({ catalogues: ['many.csv'] }));
}

test('100,000 results: few rows in the page, also at the end', async ({ page, lab }) => {
  test.setTimeout(240_000);
  writeCatalogue(lab.home);
  await openLab(page, lab);
  await execute(page, 'bioimage:search', { query: 'number', sources: ['csv:1'] });
  const list = page.getByRole('list', { name: 'Results' });
  await expect(list.getByRole('button').first()).toBeVisible({ timeout: 30_000 });
  const scroller = page.locator('.jp-BioImageBrowser-scroll');
  const shown = (): Promise<number> => scroller.evaluate(node => Math.round(node.scrollHeight / 44));
  await expect(async () => {
    await scroller.evaluate(node => (node.scrollTop = node.scrollHeight));
    expect(await shown()).toBeGreaterThanOrEqual(ROWS);
  }).toPass({ timeout: 120_000, intervals: [20] });
  const rows = (): Promise<number> => list.getByRole('listitem').count();
  expect(await rows()).toBeLessThan(200);
  const frames = await scroller.evaluate(async node => {
    const times: number[] = [];
    let last = performance.now();
    for (let step = 0; step < 240; step++) {
      // A hand on the wheel, and every so often a jump with the bar.
      node.scrollTop = step % 40 === 0 ? Math.random() * node.scrollHeight : node.scrollTop + 120;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times.slice(5).sort((a, b) => a - b);
  });
  expect(await rows()).toBeLessThan(200);
  const heap = await page.evaluate(() => (performance as unknown as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0);
  const p95 = frames[Math.floor(frames.length * 0.95)];
  console.log(`${ROWS} results: ${await rows()} rows in the page, frame median ${frames[frames.length >> 1].toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, JavaScript heap ${(heap / 2 ** 20).toFixed(0)} MiB`);
  await page.keyboard.press('Escape');
});
