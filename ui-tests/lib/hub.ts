import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SAMPLES } from './lab';

const ROOT = path.resolve(__dirname, '../..');
export const PASSWORD = 'only-in-this-test';

export interface IHub {
  url: string;
  log(): string;
  end(): Promise<void>;
}

/** Starts JupyterHub and its proxy on free ports; waits until the hub's health page answers 200 through the proxy. */
export async function startHub(options: { stores?: object[]; env?: Record<string, string> } = {}): Promise<IHub> {
  const { freePort } = (await import(path.join(ROOT, 'scripts/lib/server.mjs'))) as { freePort(port: number): Promise<number> };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-hub-'));
  const first = await freePort(21000 + Math.floor(Math.random() * 2000));
  const second = await freePort(first + 1);
  const third = await freePort(second + 1);
  const logFile = path.join(folder, 'hub.log');
  mkdirSync(path.join(folder, 'home'));
  const child = spawn(
    path.join(ROOT, '.venv/bin/jupyterhub'),
    ['--config', path.join(ROOT, 'ui-tests/hub/jupyterhub_config.py')],
    {
      cwd: folder,
      detached: true, // a group of its own: the proxy and the single-user servers end with it
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${path.join(ROOT, '.venv/bin')}:${process.env.PATH}`,
        BIOIMAGE_HUB_FOLDER: folder,
        BIOIMAGE_HUB_PORTS: [first, second, third].join(','),
        BIOIMAGE_HUB_PROXY: path.join(ROOT, 'node_modules/.bin/configurable-http-proxy'),
        BIOIMAGE_HUB_PASSWORD: PASSWORD,
        BIOIMAGE_STORES: JSON.stringify([
          { id: 'samples', label: 'Samples', root: SAMPLES, prefer: 'session' },
          ...(options.stores ?? [])
        ]),
        ...options.env
      }
    }
  );
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const url = `http://127.0.0.1:${first}`;
  const read = (): string => readFileSync(logFile, 'utf8');
  const end = async (): Promise<void> => {
    const ended = new Promise(resolve => child.once('exit', resolve));
    process.kill(-child.pid!, 'SIGTERM');
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 10_000);
    if (child.exitCode === null) {
      await ended;
    }
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
  };
  const until = Date.now() + 90_000;
  while (Date.now() < until && child.exitCode === null) {
    // The proxy answers 404 until the hub has registered its route.
    if ((await fetch(`${url}/hub/health`).catch(() => null))?.status === 200) {
      return { url, log: read, end };
    }
    await new Promise(resolve => setTimeout(resolve, 250));
  }
  const text = read();
  await end();
  throw new Error(`The hub did not start:\n${text.slice(-4000)}`);
}
