// Starts a Jupyter server of ours and waits until its page answers.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { VENV } from './setup.mjs';
import { ROOT } from './steps.mjs';

/** The port itself if it can be listened on, the next free one up to `tries` further, or null. */
export async function freePort(port, tries = 50) {
  for (let at = port; at <= port + tries; at++) {
    const free = await new Promise(resolve => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(at, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) {
      return at;
    }
  }
  return null;
}

/** Static files of JupyterLab go out compressed and cacheable; JupyterLab's own defaults are neither. */
export const FAST_STATIC = ['--LabApp.cache_files=True', '--ServerApp.tornado_settings={"compress_response": True}'];

/** JupyterLab asks for news over the network on its first start, and asks the person whether it may: neither here. */
export function quietNews(settings) {
  const file = path.join(settings, '@jupyterlab', 'apputils-extension', 'notification.jupyterlab-settings');
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ fetchNews: 'false', checkForUpdates: false }));
  }
}

/**
 * Starts `jupyter lab`. `stores` is the value of the trait BioImage.stores. Resolves with {url, token, child, base}
 * once the page has answered 200; rejects with the end of the log when the server ends before that.
 */
export async function startLab({ port, rootDir, stores, stateDir, env = {}, args = [], base = '/', venv = VENV, token = randomBytes(24).toString('hex'), timeout = 120000, onLog }) {
  quietNews(path.join(stateDir, 'settings'));
  const child = spawn(
    path.join(venv, 'bin', 'jupyter-lab'),
    ['--no-browser', '--ip=127.0.0.1', `--port=${port}`, '--ServerApp.port_retries=0', `--ServerApp.root_dir=${rootDir}`,
      `--ServerApp.base_url=${base}`, `--IdentityProvider.token=${token}`, ...(process.getuid?.() === 0 ? ['--allow-root'] : []), ...FAST_STATIC, ...args],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${path.join(venv, 'bin')}:${process.env.PATH}`,
        JUPYTERLAB_WORKSPACES_DIR: path.join(stateDir, 'workspaces'),
        JUPYTERLAB_SETTINGS_DIR: path.join(stateDir, 'settings'),
        BIOIMAGE_STORES: JSON.stringify(stores),
        ...env
      }
    }
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', data => {
      log = (log + data).slice(-20000);
      onLog?.(data);
    });
  }
  const address = `http://127.0.0.1:${port}${base}`;
  const url = `${address}lab?token=${token}`;
  const until = Date.now() + timeout;
  while (Date.now() < until) {
    if (child.exitCode !== null) {
      throw new Error(`The server ended before its page answered:\n${log}`);
    }
    const answer = await fetch(url).catch(() => null);
    if (answer?.status === 200) {
      return { url, token, child, address, log: () => log };
    }
    await new Promise(resolve => setTimeout(resolve, 150));
  }
  child.kill('SIGKILL');
  throw new Error(`The page did not answer within ${timeout / 1000} s:\n${log}`);
}

/** Ends a server and its kernels; kills it when it does not end by itself. */
export async function stop(child, patience = 8000) {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(timer);
}
