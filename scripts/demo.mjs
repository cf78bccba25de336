// npm run demo: sets up everything, starts JupyterLab with the panel, the sample images and an example notebook.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { openArchives, reachable } from './lib/archives.mjs';
import { freePort, startLab, stop } from './lib/server.mjs';
import { build, node, python, samples, SAMPLES } from './lib/setup.mjs';
import { CACHE, ROOT, StepFailed } from './lib/steps.mjs';

const HOME = path.join(CACHE, 'demo', 'home');

/** Stores of the demo: the samples, the archives' storage, and what the environment adds (BIOIMAGE_DATA, BIOIMAGE_S3). */
function demoStores(env, archives) {
  const stores = [{ id: 'samples', label: 'Samples', root: SAMPLES, prefer: 'session' }, ...archives];
  if (env.BIOIMAGE_DATA) {
    const root = path.resolve(env.BIOIMAGE_DATA);
    if (!existsSync(root) || !statSync(root).isDirectory()) {
      throw new StepFailed(`BIOIMAGE_DATA: ${root} is not a folder`);
    }
    stores.push({ id: 'data', label: path.basename(root), root, prefer: 'session' });
  }
  if (env.BIOIMAGE_S3) {
    const match = /^(https?:\/\/[^/]+)\/([^/]+)\/?$/.exec(env.BIOIMAGE_S3);
    if (!match) {
      throw new StepFailed('BIOIMAGE_S3 must look like https://host:port/bucket');
    }
    // Whoever starts the demo names this host: it may stand on a private network.
    const addresses = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
    const prefixes = [`s3://${match[2]}/`, `${match[1]}/${match[2]}/`];
    stores.push({ id: 's3', label: match[2], endpoint: match[1], bucket: match[2], prefixes, addresses, prefer: 'session' });
  }
  return stores;
}

function openBrowser(url) {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(command, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => console.log('No browser could be opened here: open the address above yourself.'));
  child.unref();
}

async function main() {
  const offline = process.env.BIOIMAGE_DEMO_OFFLINE;
  // Asked while everything else is made ready.
  const isReachable = offline === '0' || offline === '1' ? null : reachable();
  await node();
  await python('demo');
  await build();
  await samples();
  mkdirSync(path.join(HOME, 'images'), { recursive: true });
  const example = path.join(HOME, 'first-steps.ipynb');
  if (!existsSync(example)) {
    cpSync(path.join(ROOT, 'docs', 'examples', 'first-steps.ipynb'), example);
  }
  const copied = path.join(HOME, 'images', 'cells-2d.ome.zarr');
  if (!existsSync(copied)) {
    cpSync(path.join(SAMPLES, 'cells-2d.ome.zarr'), copied, { recursive: true });
  }
  const wanted = Number(process.env.PORT ?? 8888);
  const port = await freePort(wanted, process.env.PORT ? 0 : 50);
  if (port === null) {
    throw new StepFailed(`port ${wanted} is taken: choose another with PORT=…`);
  }
  const archives = await openArchives(offline, isReachable);
  console.log(archives.line);
  const stores = demoStores(process.env, archives.stores);
  const server = await startLab({ port, rootDir: HOME, stores, stateDir: path.join(CACHE, 'demo'), env: archives.env });
  await archives.ready;
  let ending = false;
  const end = async () => {
    ending = true;
    await stop(server.child);
    await archives.stop();
    process.exit(0);
  };
  process.on('SIGINT', () => void end());
  process.on('SIGTERM', () => void end());
  if (process.env.npm_lifecycle_event) {
    // npm passes a signal on to the shell it started, which ends without passing it on to us: then we have another parent.
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && !ending && void end(), 500).unref();
  }
  server.child.on('exit', code => {
    if (ending) {
      return;
    }
    console.log(`The server ended (${code}).\n${server.log()}`);
    process.exit(code ?? 1);
  });
  console.log(`READY ${server.url}`);
  console.log('Open the address, then the panel with the round cell in the left sidebar. Ctrl-C ends everything.');
  if (process.env.BIOIMAGE_DEMO_NO_OPEN !== '1') {
    openBrowser(server.url);
  }
}

main().catch(error => {
  console.error(error instanceof StepFailed ? `The demo could not start: ${error.message}.` : error);
  process.exit(1);
});
