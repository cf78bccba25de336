import { execute, expect, openLab, openPreview, test } from '../lib/lab';

/** Samples that are images, the levels each has, and one field of the plate by its own path. */
const IMAGES = [
  { path: 'cells-2d.ome.zarr', levels: 4 },
  { path: 'stack-zt.ome.zarr', levels: 3 },
  { path: 'labels.ome.zarr', levels: 3 },
  { path: 'labels.ome.zarr/labels/nuclei', levels: 3 },
  { path: 'sharded.ome.zarr', levels: 4 },
  { path: 'plate-2x3.ome.zarr/B/2/1', levels: 2 }
];
const POSITIONS = 20;

/** Small generator with a fixed seed (xorshift): the same positions in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

for (const { path: sample, levels } of IMAGES) {
  for (let level = 0; level < levels; level++) {
    test(`${sample} level ${level}: values under the pointer equal the formula`, async ({ page, lab, oracle }) => {
      await openLab(page, lab);
      const preview = await openPreview(page, `store:samples/${sample}`, { level });
      const box = (await preview.locator('canvas').first().boundingBox())!;
      const value = preview.locator('[data-testid="pixel-value"]');
      const next = random(20260101 + level);
      let seen = 0;
      for (let tries = 0; seen < POSITIONS && tries < 400; tries++) {
        await page.mouse.move(box.x + box.width * next(), box.y + box.height * next());
        const text = await value.getAttribute('data-values', { timeout: 1000 }).catch(() => null);
        if (text === null) {
          continue; // beside the image
        }
        const index = JSON.parse((await value.getAttribute('data-index'))!) as { t?: number; z?: number; y: number; x: number };
        const channels = JSON.parse((await value.getAttribute('data-channels'))!) as number[];
        expect(await value.getAttribute('data-level')).toBe(String(level));
        const expected = await Promise.all(channels.map(c => oracle.value({ sample, level, c, ...index })));
        expect(JSON.parse(text), `${sample} at ${JSON.stringify(index)}`).toEqual(expected);
        seen++;
      }
      expect(seen).toBe(POSITIONS);
    });
  }
}

test('a sample opens from the panel by a click', async ({ page, lab }) => {
  await openLab(page, lab);
  await execute(page, 'bioimage:open-browser');
  await page.getByRole('list', { name: 'Results' }).getByRole('button', { name: /cells/i }).first().click();
  await expect(page.locator('.jp-BioImagePreview')).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
});
