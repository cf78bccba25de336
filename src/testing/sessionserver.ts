import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BioImageError, type ErrorCode, say } from '../core';
import type { IBatchItem, IDecodeParts, IPlateView, ISessionTransport, IView } from '../entities';

/** A Jupyter server of this machine with our extension, over one mounted folder. */
export interface ISessionServer {
  /** Address with base path, without a slash at the end. */
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** The project's own Python, or null where its environment has not been made. */
export function projectPython(): string | null {
  const python = path.resolve('.venv/bin/python');
  return existsSync(python) ? python : null;
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Starts a server whose store `id` is the folder `root`; resolves when it answers. Throws with its log where it ends first. */
export async function startSession(python: string, id: string, root: string): Promise<ISessionServer> {
  return startServer(python, [{ id, label: id, root, prefixes: [], prefer: 'session' }]);
}

/** The same over any `stores`, described as an operator does; `module` is what Python runs as the server. */
export async function startServer(
  python: string,
  stores: readonly Record<string, unknown>[],
  module = 'jupyter_server'
): Promise<ISessionServer> {
  const home = mkdtempSync(path.join(tmpdir(), 'session-'));
  const [port, token] = [await freePort(), 'a-token-of-tests'];
  const args = [
    '-m',
    module,
    '--no-browser',
    '--allow-root',
    '--ServerApp.ip=127.0.0.1',
    `--port=${port}`,
    '--ServerApp.port_retries=0'
  ];
  const settings = [
    `--IdentityProvider.token=${token}`,
    `--ServerApp.root_dir=${home}`,
    '--ServerApp.base_url=/user/a@b/'
  ];
  const config = { ServerApp: { jpserver_extensions: { jupyterlab_bioimage: true } } };
  writeFileSync(path.join(home, 'jupyter_server_config.json'), JSON.stringify(config));
  const child = spawn(python, [...args, ...settings], {
    cwd: process.cwd(),
    env: {
      ...process.env,
      HOME: home,
      JUPYTER_CONFIG_DIR: home,
      JUPYTER_RUNTIME_DIR: home,
      BIOIMAGE_STORES: JSON.stringify(stores)
    },
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let log = '';
  child.stdout.on('data', data => (log += String(data)));
  child.stderr.on('data', data => (log += String(data)));
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}/user/a@b`;
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    const answer = await fetch(`${url}/api/status`, { headers: { Authorization: `token ${token}` } }).catch(() => null); // not yet listening
    if (answer?.ok) {
      return { url, token, stop };
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`the server did not start:\n${log.slice(-2000)}`);
}

/** The session's routes with a token, as the browser uses them with a cookie; what was asked is recorded. */
export class TokenTransport implements ISessionTransport {
  readonly opened: string[] = [];
  readonly batches: string[][] = [];
  /** Units of each request for decoding. */
  readonly decoded: number[] = [];

  constructor(private readonly _server: ISessionServer) {}

  open(store: string, place: string, view: IView, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    this.opened.push(place);
    const query = new URLSearchParams({ path: place, size: `${view.width}x${view.height}` });
    if (view.selection) {
      query.set('selection', JSON.stringify(view.selection));
    }
    return this._stream(`stores/${store}/open?${query.toString()}`, { signal });
  }

  batch(store: string, items: readonly IBatchItem[], signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    this.batches.push(items.map(({ key }) => key));
    return this._stream(`stores/${store}/batch`, { method: 'POST', body: JSON.stringify({ items }), signal });
  }

  decode(
    store: string,
    array: string,
    chunks: readonly (readonly number[])[],
    signal: AbortSignal
  ): Promise<ReadableStream<Uint8Array>> {
    this.decoded.push(chunks.length);
    return this._stream(`stores/${store}/decode`, { method: 'POST', body: JSON.stringify({ array, chunks }), signal });
  }

  decodeParts(store: string, request: IDecodeParts, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    this.decoded.push(request.parts.length);
    return this._stream(`stores/${store}/decode`, { method: 'POST', body: JSON.stringify(request), signal });
  }

  plate(store: string, place: string, view: IPlateView, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const query = new URLSearchParams({ path: place, size: String(view.size), view: JSON.stringify(view) });
    return this._stream(`stores/${store}/plate?${query.toString()}`, { signal });
  }

  /** The whole answer of a route that sends no frames. */
  async bytes(route: string): Promise<Uint8Array> {
    return new Uint8Array(await new Response(await this._stream(route, {})).arrayBuffer());
  }

  private async _stream(route: string, init: RequestInit): Promise<ReadableStream<Uint8Array>> {
    const headers = { Authorization: `token ${this._server.token}`, 'Content-Type': 'application/json' };
    const response = await fetch(`${this._server.url}/bioimage/${route}`, { ...init, headers });
    if (!response.ok || !response.body) {
      const { code, message } = (await response.json()) as { code: ErrorCode; message: string };
      throw new BioImageError(code, say`${message}`);
    }
    return response.body;
  }
}
