import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Oracle } from './oracle';

const ROOT = path.resolve(__dirname, '../..');
export const SAMPLES = path.join(ROOT, '.cache', 'samples');

/** A running JupyterLab of this suite. */
export interface ILab {
  url: string;
  address: string;
  token: string;
  home: string;
  /** Lines of the server's log since the last call of `mark`. */
  lines(): string[];
  mark(): void;
}

export interface IStart {
  stores?: object[];
  base?: string;
  args?: string[];
  env?: Record<string, string>;
  port?: number;
  /** Virtual environment whose JupyterLab is started; default: the project's own. */
  venv?: string;
}

/** Starts a server with the samples and whatever `options` adds; returns it with a function that ends it. */
export async function startLab(options: IStart = {}): Promise<{ lab: ILab; end: () => Promise<void> }> {
  const servers = (await import(path.join(ROOT, 'scripts/lib/server.mjs'))) as {
    freePort(port: number, tries?: number): Promise<number>;
    startLab(options: object): Promise<{ url: string; token: string; address: string; child: object }>;
    stop(child: object): Promise<void>;
  };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-lab-'));
  const home = path.join(folder, 'home');
  mkdirSync(path.join(home, 'images'), { recursive: true });
  cpSync(path.join(SAMPLES, 'labels.ome.zarr'), path.join(home, 'images', 'labels.ome.zarr'), { recursive: true });
  cpSync(path.join(SAMPLES, 'plate-2x3.ome.zarr', 'A', '1', '0'), path.join(home, 'images', 'v2.zarr'), { recursive: true });
  let text = '';
  let from = 0;
  const server = await servers.startLab({
    port: await servers.freePort(options.port ?? 18800 + Math.floor(Math.random() * 2000)),
    rootDir: home,
    stateDir: folder,
    stores: [{ id: 'samples', label: 'Samples', root: SAMPLES, prefer: 'session' }, ...(options.stores ?? [])],
    base: options.base ?? '/',
    ...(options.venv ? { venv: options.venv } : {}),
    args: ['--LabApp.expose_app_in_browser=True', '--Application.log_level=DEBUG', ...(options.args ?? [])],
    env: options.env ?? {},
    onLog: (data: string) => (text += data)
  });
  const lab: ILab = {
    url: server.url,
    address: server.address,
    token: server.token,
    home,
    lines: () => text.slice(from).split('\n'),
    mark: () => {
      from = text.length;
    }
  };
  return {
    lab,
    end: async () => {
      await servers.stop(server.child);
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

interface IJupyterWindow {
  jupyterapp: { restored: Promise<void>; commands: { execute(id: string, args?: object): Promise<unknown> } };
}

/** Opens JupyterLab in an empty workspace and waits until it is restored. */
export async function openLab(page: Page, lab: ILab, query = ''): Promise<void> {
  await page.goto(`${lab.url}&reset${query}`);
  await page.waitForFunction(() => (window as unknown as Partial<IJupyterWindow>).jupyterapp !== undefined, null, { timeout: 60_000 });
  await page.evaluate(() => (window as unknown as IJupyterWindow).jupyterapp.restored);
}

/** Waits until JupyterLab has moved the focus into its launcher, which it does once, some time after it is restored. */
export async function settled(page: Page): Promise<void> {
  await page
    .waitForFunction(() => document.activeElement?.closest('.jp-Launcher') != null, null, { timeout: 3000 })
    .catch(() => undefined); // it had done so before, or does not today
}

/** Opens the panel from the command palette with keys alone. */
export async function openPanelByKeyboard(page: Page): Promise<void> {
  // JupyterLab closes its palette when anything else takes the focus while the workspace settles: ask again then.
  await expect(async () => {
    await page.keyboard.press('Control+Shift+C');
    await expect(page.locator('.lm-CommandPalette-input')).toBeFocused({ timeout: 1000 });
    await page.keyboard.type('Open bioimage panel');
    await expect(page.locator('.lm-CommandPalette-item', { hasText: 'Open bioimage panel' })).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  await page.keyboard.press('Enter');
}

/** Runs a JupyterLab command in the page; returns what it resolves with, or nothing where that cannot leave the page. */
export async function execute(page: Page, id: string, args: object = {}, answer = true): Promise<unknown> {
  return page.evaluate(
    async ([command, values, wanted]) => {
      const result = await (window as unknown as IJupyterWindow).jupyterapp.commands.execute(command, values);
      return wanted ? result : undefined;
    },
    [id, args, answer] as const
  );
}

interface INotebookPanel {
  sessionContext: { ready: Promise<void>; session: { kernel: { info: Promise<unknown> } | null } | null };
}

/** Waits until the kernel of the notebook in front has answered: one that only looks idle loses what it is sent. */
export async function kernelReady(page: Page): Promise<void> {
  await expect(page.locator('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status="idle"]')).toBeVisible({ timeout: 90_000 });
  await page.evaluate(async () => {
    const { shell } = (window as unknown as { jupyterapp: { shell: { currentWidget: INotebookPanel } } }).jupyterapp;
    const { sessionContext } = shell.currentWidget;
    await sessionContext.ready;
    await sessionContext.session?.kernel?.info;
  });
}

/** Opens a preview through its command and waits until what is drawn is exact. */
export async function openPreview(page: Page, uri: string, selection?: object): Promise<Locator> {
  await execute(page, 'bioimage:open-preview', { uri, ...(selection ? { selection } : {}) });
  const preview = page.locator(`.jp-BioImagePreview[data-uri="${uri}"]`);
  await expect(preview).toHaveAttribute('data-status', 'ready', { timeout: 40_000 });
  return preview;
}

export const test = base.extend<object, { lab: ILab; oracle: Oracle }>({
  lab: [
    async ({}, use) => {
      const { lab, end } = await startLab();
      await use(lab);
      await end();
    },
    { scope: 'worker', timeout: 120_000 }
  ],
  oracle: [
    async ({}, use) => {
      const oracle = new Oracle();
      await use(oracle);
      oracle.close();
    },
    { scope: 'worker' }
  ]
});

export { expect };
