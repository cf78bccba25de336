import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { execute, expect, kernelReady, openLab, openPreview, test } from '../lib/lab';

const ROOT = path.resolve(__dirname, '../..');

/** One view per sample: axes and shape of the level shown, and what the view selects. */
const VIEWS = [
  { sample: 'cells-2d.ome.zarr', axes: 'cyx', shape: [3, 512, 512], dtype: 'uint16', selection: { level: 1, region: [200, 600, 240, 740] } },
  { sample: 'stack-zt.ome.zarr', axes: 'tczyx', shape: [5, 2, 12, 256, 256], dtype: 'uint8', selection: { level: 0, t: 3, z: 4, c: [1], region: [30, 90, 50, 120] } },
  { sample: 'labels.ome.zarr', axes: 'cyx', shape: [2, 256, 256], dtype: 'uint16', selection: { level: 1 } },
  { sample: 'sharded.ome.zarr', axes: 'cyx', shape: [2, 1024, 1024], dtype: 'uint16', selection: { level: 0, region: [100, 420, 310, 777] } },
  { sample: 'plate-2x3.ome.zarr/A/3/1', axes: 'cyx', shape: [2, 256, 256], dtype: 'uint16', selection: { level: 0 } }
];

const HASH = [
  'import hashlib, numpy as np',
  'done = np.asarray(image)',
  'print("sha", hashlib.sha256(np.ascontiguousarray(done.astype(done.dtype.newbyteorder("<"))).tobytes()).hexdigest(), done.shape)'
].join('\n');

interface IIndex {
  t?: number;
  z?: number;
  y: number;
  x: number;
}

/** Pixel under a point of the canvas (0 to 1 across it, kept `inset` CSS pixels inside it), or null beside the image. */
async function pixelAt(page: Page, preview: Locator, fx: number, fy: number, inset = 0.5): Promise<IIndex | null> {
  const box = (await preview.locator('canvas').first().boundingBox())!;
  await page.mouse.move(box.x + inset + fx * (box.width - 2 * inset), box.y + inset + fy * (box.height - 2 * inset));
  // The reading follows in the frame after the move.
  const text = await preview.locator('[data-testid="pixel-value"]').evaluate(
    node =>
      new Promise<string | null>(resolve =>
        requestAnimationFrame(() => requestAnimationFrame(() => resolve((node as HTMLElement).dataset.index ?? null)))
      )
  );
  // Chromium rounds a pointer's position to whole CSS pixels, which can put the outermost half pixel beside the canvas.
  if (text === null && inset < 1) {
    return pixelAt(page, preview, fx, fy, 1);
  }
  return text === null ? null : (JSON.parse(text) as IIndex);
}

/** Rows and columns of the shown level that the canvas covers, found by touching the canvas' edges and its middle. */
async function shown(page: Page, preview: Locator, height: number, width: number): Promise<{ y: number[]; x: number[] }> {
  const [top, bottom, left, right] = [
    await pixelAt(page, preview, 0.5, 0), await pixelAt(page, preview, 0.5, 1), await pixelAt(page, preview, 0, 0.5), await pixelAt(page, preview, 1, 0.5)
  ];
  return { y: [top?.y ?? 0, bottom ? bottom.y + 1 : height], x: [left?.x ?? 0, right ? right.x + 1 : width] };
}

function expected(view: (typeof VIEWS)[number], area: { y: number[]; x: number[] }): { sha256: string; shape: number[] } {
  const slices = [...view.axes].map(axis => {
    const selection = view.selection as { t?: number; z?: number; c?: number[] };
    switch (axis) {
      case 't':
        return selection.t ?? 0;
      case 'z':
        return selection.z ?? 0;
      case 'c':
        return selection.c ? { list: selection.c } : null;
      case 'y':
        return area.y;
      default:
        return area.x;
    }
  });
  const ask = { sample: view.sample, level: view.selection.level, axes: [...view.axes], shape: view.shape, dtype: view.dtype, slices };
  return JSON.parse(execFileSync(path.join(ROOT, '.venv/bin/python'), [path.join(ROOT, 'ui-tests/expected.py')], { input: `${JSON.stringify(ask)}\n`, encoding: 'utf8' })) as { sha256: string; shape: number[] };
}

/** `y = slice(3, 7)` in the inserted code: [3, 7]; null where the axis is not cut. */
function slice(code: string, axis: string): number[] | null {
  const match = new RegExp(`^${axis} = slice\\((\\d+), (\\d+)\\)$`, 'm').exec(code);
  return match ? [Number(match[1]), Number(match[2])] : null;
}

const pythonShape = (shape: number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;

const notebookText = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const app = (window as unknown as { jupyterapp: { shell: { widgets(area: string): Iterable<{ content?: { model?: { toJSON(): unknown; cells?: unknown } } }> } } }).jupyterapp;
    const models = [...app.shell.widgets('main')].map(widget => widget.content?.model).filter(model => model?.cells !== undefined);
    return JSON.stringify(models[0]?.toJSON());
  });

/** Runs every cell once the kernel is there. */
async function runAll(page: Page): Promise<void> {
  await kernelReady(page);
  await execute(page, 'notebook:run-all-cells');
}

for (const view of VIEWS) {
  test(`${view.sample}: insert, run, and the array is exactly what is shown`, async ({ page, lab }) => {
    test.setTimeout(180_000);
    await openLab(page, lab);
    const preview = await openPreview(page, `store:samples/${view.sample}`, view.selection);
    await preview.locator('.jp-BioImagePreview-view').focus();
    await page.keyboard.press('+'); // from here on the region is what is seen, not what was asked for
    await page.keyboard.press('ArrowRight');
    await expect(preview).toHaveAttribute('data-status', 'ready');
    const [height, width] = view.shape.slice(-2);
    const seen = await shown(page, preview, height, width);

    await preview.getByRole('button', { name: /insert code/i }).click();
    const notebook = page.locator('.jp-NotebookPanel');
    await expect(notebook.locator('.jp-CodeCell').first()).toContainText('image', { timeout: 30_000 });
    const code = await page.evaluate(source => {
      const app = (window as unknown as { jupyterapp: { shell: { currentWidget: { content: { widgets: { model: { sharedModel: { getSource(): string } } }[] } } } } }).jupyterapp;
      return app.shell.currentWidget.content.widgets.map(cell => cell.model.sharedModel.getSource()).join(source);
    }, '\n');
    const area = { y: slice(code, 'y') ?? [0, height], x: slice(code, 'x') ?? [0, width] };
    // What the canvas' edges show, give or take the pixel of which less than half a CSS pixel is seen.
    for (const axis of ['y', 'x'] as const) {
      expect(Math.abs(area[axis][0] - seen[axis][0]), `${axis} ${String(area[axis])} seen ${String(seen[axis])}`).toBeLessThanOrEqual(1);
      expect(Math.abs(area[axis][1] - seen[axis][1]), `${axis} ${String(area[axis])} seen ${String(seen[axis])}`).toBeLessThanOrEqual(1);
    }
    const want = expected(view, area);
    const want_line = `sha ${want.sha256} ${pythonShape(want.shape)}`;

    // One undo restores the notebook byte for byte; redo by inserting again.
    await execute(page, 'notebook:insert-cell-below');
    // A kernel that has just started writes its language into the metadata: that is not part of the insertion.
    await expect.poll(() => notebookText(page)).toContain('"language_info":{"name":"python"');
    const before = await notebookText(page);
    const text = await execute(page, 'bioimage:insert-snippet', { uri: `store:samples/${view.sample}`, selection: view.selection, target: 'notebook' });
    expect(typeof text).toBe('string');
    expect(await notebookText(page)).not.toBe(before);
    await execute(page, 'notebook:undo');
    expect(await notebookText(page)).toBe(before);

    await page.evaluate(code => {
      const app = (window as unknown as { jupyterapp: { shell: { currentWidget: { content: { activeCell: { model: { sharedModel: { setSource(text: string): void } } } } } } } }).jupyterapp;
      app.shell.currentWidget.content.activeCell.model.sharedModel.setSource(code);
    }, HASH);
    await runAll(page);
    await expect(notebook.locator('.jp-OutputArea-output', { hasText: /^sha / })).toContainText(want_line, { timeout: 90_000 });
  });
}

for (const view of VIEWS) {
  test(`${view.sample}: the console gets the same code and the same array`, async ({ page, lab }) => {
    test.setTimeout(180_000);
    await openLab(page, lab);
    const uri = `store:samples/${view.sample}`;
    await openPreview(page, uri, view.selection);
    await execute(page, 'console:create', { kernelPreference: { name: 'python3', autoStartDefault: true } }, false);
    const panel = page.locator('.jp-ConsolePanel');
    await expect(panel.locator('.jp-CodeConsole-promptCell')).toBeVisible({ timeout: 60_000 });
    const code = (await execute(page, 'bioimage:insert-snippet', { uri, selection: view.selection, target: 'console' })) as string;
    await expect(panel).toContainText('image', { timeout: 30_000 });
    await execute(page, 'console:run-forced', {}, false);
    await page.evaluate(async text => {
      const app = (window as unknown as { jupyterapp: { shell: { widgets(area: string): Iterable<{ console?: { inject(code: string): Promise<void> } }> } } }).jupyterapp;
      for (const widget of app.shell.widgets('main')) {
        await widget.console?.inject(text);
      }
    }, HASH);
    const [height, width] = view.shape.slice(-2);
    const full = expected(view, { y: slice(code, 'y') ?? [0, height], x: slice(code, 'x') ?? [0, width] });
    await expect(panel.locator('.jp-OutputArea-output', { hasText: /^sha / }).last()).toContainText(`sha ${full.sha256} ${pythonShape(full.shape)}`, { timeout: 90_000 });
  });
}
