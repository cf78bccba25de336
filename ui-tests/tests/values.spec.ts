import type { Locator } from '@playwright/test';
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

interface IReading {
  level: string;
  index: { t?: number; z?: number; y: number; x: number };
  channels: number[];
  values: number[];
}

/** What is shown for the pointer, read at one moment and after the frame that followed the last move; null beside the image. */
function reading(value: Locator): Promise<IReading | null> {
  return value.evaluate(
    node =>
      new Promise<IReading | null>(resolve =>
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            const { level, index, channels, values } = (node as HTMLElement).dataset;
            resolve(
              values === undefined ? null : { level: level!, index: JSON.parse(index!), channels: JSON.parse(channels!), values: JSON.parse(values) }
            );
          })
        )
      )
  );
}

for (const { path: sample, levels } of IMAGES) {
  test(`${sample}: values under the pointer equal the formula on every level`, async ({ page, lab, oracle }) => {
    await openLab(page, lab);
    const next = random(20260101);
    for (let level = 0; level < levels; level++) {
      const preview = await openPreview(page, `store:samples/${sample}`, { level });
      const box = (await preview.locator('canvas').first().boundingBox())!;
      const value = preview.locator('[data-testid="pixel-value"]');
      let seen = 0;
      for (let tries = 0; seen < POSITIONS && tries < 400; tries++) {
        await page.mouse.move(box.x + box.width * next(), box.y + box.height * next());
        const read = await reading(value);
        if (read === null) {
          continue; // beside the image
        }
        expect(read.level).toBe(String(level));
        const expected: number[] = [];
        for (const c of read.channels) {
          expected.push(await oracle.value({ sample, level, c, ...read.index }));
        }
        expect(read.values, `${sample} level ${level} at ${JSON.stringify(read.index)}`).toEqual(expected);
        seen++;
      }
      expect(seen).toBe(POSITIONS);
      await execute(page, 'application:close');
    }
  });
}

test('a sample opens from the panel by a click', async ({ page, lab }) => {
  await openLab(page, lab);
  await execute(page, 'bioimage:open-browser');
  await page.getByRole('list', { name: 'Results' }).getByRole('button', { name: /cells/i }).first().click();
  await expect(page.locator('.jp-BioImagePreview')).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
});
