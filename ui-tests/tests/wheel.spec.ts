import { expect, test } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openLab, openPreview, startLab } from '../lib/lab';

const ROOT = path.resolve(__dirname, '../..');

test('the wheel alone, installed without Node, gives a working extension', async ({ page }) => {
  test.setTimeout(400_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-wheel-'));
  const run = (command: string, args: string[], env: NodeJS.ProcessEnv = process.env): string =>
    execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const python = path.join(ROOT, '.venv/bin/python');
    const build = { ...process.env, PATH: `${path.join(ROOT, '.venv/bin')}:${process.env.PATH}` };
    run(python, ['-m', 'build', '--wheel', '--no-isolation', '--outdir', folder, '.'], build);
    const wheel = readdirSync(folder).find(name => name.endsWith('.whl'))!;
    const names = run(python, ['-m', 'zipfile', '-l', path.join(folder, wheel)]);
    expect(names).toContain('labextensions/jupyterlab-bioimage/package.json');
    expect(names).not.toMatch(/tests\/|fixtures|samples|\.orig/);

    // A PATH that holds the new environment only: whatever wants Node fails.
    const venv = path.join(folder, 'venv');
    run(python, ['-m', 'venv', venv]);
    const bare = { ...process.env, PATH: `${venv}/bin` };
    run(`${venv}/bin/python`, ['-m', 'pip', 'install', '-q', '-c', 'requirements/demo.txt', 'jupyterlab', path.join(folder, wheel)], bare);
    expect(run(`${venv}/bin/jupyter-labextension`, ['list'], bare) + run('sh', ['-c', `${venv}/bin/jupyter-labextension list 2>&1`])).toMatch(/jupyterlab-bioimage.*enabled.*OK/);

    const { lab, end } = await startLab({ venv, env: { PATH: `${venv}/bin` } });
    try {
      await openLab(page, lab);
      await openPreview(page, 'store:samples/cells-2d.ome.zarr');
    } finally {
      await end();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
