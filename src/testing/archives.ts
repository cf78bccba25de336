import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { IRelayAnswer, IRewrite, Relay, RelayQuery } from '../catalogue';
import { BioImageError, type ErrorCode, isAbort, say } from '../core';
import { projectPython } from './sessionserver';

/** The doubles of the archives' services, running as a process of their own. */
export interface IArchives {
  /** Address without a slash at the end; each service lives under `/<id>/`, storage under `/storage/`. */
  readonly url: string;
  /** Asks the doubles as the session's relay would, without its cache and without trying again. */
  readonly relay: Relay;
  readonly services: readonly string[];
  /** Where the storage of the archives has moved, longest prefix first. */
  readonly rewrites: readonly IRewrite[];
  /** `GET /<service>/…` (or `POST … <body>`) of each request since the last `control`. */
  requests(): Promise<string[]>;
  /** Those of the requests that the client gave up before they were answered. */
  aborted(): Promise<string[]>;
  /** Replaces all settings of the doubles (`fixtures/doubles/README.md`) and forgets what was asked. */
  control(settings: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
}

const SERVICES = [
  'biostudies',
  'biostudies-ftp',
  'bia',
  'bia-search',
  'idr',
  'idr-tables',
  'ngff-samples',
  'ngff-challenge'
];

const NEW = 'https://livingobjects.ebi.ac.uk';
const OLD = 'https://uk1s3.embassy.ebi.ac.uk';

/** As the server has them by default. */
const REWRITES: readonly IRewrite[] = [
  { from: `${OLD}/idr/share/ome2024-ngff-challenge`, to: `${NEW}/idr/share/ome2024-ngff-challenge` },
  { from: `${OLD}/ebi-ngff-challenge-2024`, to: `${NEW}/bioimaging-01-pub/ebi-ngff-challenge-2024` },
  { from: `${OLD}/bia-integrator-data`, to: `${NEW}/bioimaging-integrator-data` },
  { from: `${OLD}/bia-zarr-test/vizarr`, to: `${NEW}/bioimaging-01-pub/bia-zarr-test/vizarr` },
  { from: `${OLD}/idr/zarr`, to: `${NEW}/idr/zarr` },
  { from: 'https://livingobjects-int.ebi.ac.uk', to: NEW }
];

/** Bound of one answer, in bytes, as in the session's relay. */
const MAX_BYTES = 16 * 2 ** 20;
const DATA = /^(application\/([a-z.-]+\+)?json|text\/(csv|plain|tab-separated-values)|image\/(png|jpeg))$/;

function codeOf(status: number): ErrorCode {
  const named: Partial<Record<number, ErrorCode>> = {
    401: 'UPSTREAM_DENIED',
    403: 'UPSTREAM_DENIED',
    404: 'NOT_FOUND',
    408: 'UPSTREAM_SLOW',
    410: 'NOT_FOUND',
    429: 'BUSY',
    504: 'UPSTREAM_SLOW'
  };
  return named[status] ?? (status >= 500 ? 'UPSTREAM_DOWN' : 'CATALOGUE_BAD');
}

/** The query in the order it was given; a list repeats its name. */
function queryOf(query: RelayQuery): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? (value as readonly string[]) : value === undefined ? [] : [value as string];
    return values.map(one => [name, String(one)]);
  });
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

function failed(code: ErrorCode, where: string): BioImageError {
  return new BioImageError(code, say`The catalogue did not answer as it should.`, { where });
}

async function read(response: Response, where: string): Promise<IRelayAnswer> {
  if (response.status !== 200) {
    throw failed(codeOf(response.status), `${where}: status ${response.status}`);
  }
  const type = (response.headers.get('Content-Type') ?? '').split(';')[0].trim().toLowerCase();
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > MAX_BYTES) {
    throw failed('TOO_LARGE', where);
  }
  // A page of a login is no data, whatever its status; the session's relay refuses it by its type and first bytes.
  const head = new TextDecoder().decode(bytes.subarray(0, 64));
  if (!DATA.test(type) || (type.endsWith('json') && !/^\s*[[{"0-9tfn-]/.test(head))) {
    throw failed('CATALOGUE_BAD', `${where}: ${type}`);
  }
  return { bytes, type: type.endsWith('+json') ? 'application/json' : type, from: 'service' };
}

function relayTo(url: string): Relay {
  return async (service, place, { query = {}, body }, signal) => {
    signal.throwIfAborted();
    if (!SERVICES.includes(service)) {
      throw failed('STORE_DENIED', service);
    }
    const address = `${url}/${service}/${place.split('/').map(encodeURIComponent).join('/')}${queryOf(query)}`;
    const post = { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    try {
      return await read(await fetch(address, { ...(body === undefined ? {} : post), signal }), `${service}/${place}`);
    } catch (error) {
      if (signal.aborted || isAbort(error) || error instanceof BioImageError) {
        throw signal.aborted ? (signal.reason as Error) : error;
      }
      throw new BioImageError('UPSTREAM_DOWN', say`The catalogue could not be reached.`, { cause: error });
    }
  };
}

/** The address that a new server prints; rejects with what it said where it ends first. */
function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (data: unknown): void => {
      said += String(data);
      const url = /READY (\S+)/.exec(said)?.[1];
      if (url !== undefined) {
        resolve(url);
      }
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`the doubles did not start (${code}):\n${said.slice(-2000)}`)));
  });
}

async function json(response: Response): Promise<Record<string, string[]>> {
  return (await response.json()) as Record<string, string[]>;
}

/**
 * Starts the doubles with the sample images of this project, where those have been made. Needs the project's Python
 * environment; rejects where it is not there. The process ends with `close`, and when this one ends.
 */
export async function startArchives(options: { shared?: string } = {}): Promise<IArchives> {
  const python = projectPython();
  if (python === null) {
    throw new Error('the Python environment of the project is not there');
  }
  const samples = path.resolve('.cache/samples');
  const args = ['fixtures/doubles/serve.py', '--owned'];
  args.push(...(existsSync(samples) ? ['--samples', samples] : []));
  args.push(...(options.shared === undefined ? [] : ['--shared', options.shared]));
  // Ends by itself when its standard input closes, also where this process is killed.
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const url = await ready(child);
  const record = async (): Promise<Record<string, string[]>> => json(await fetch(`${url}/requests`));
  return {
    url,
    relay: relayTo(url),
    services: SERVICES,
    rewrites: REWRITES,
    requests: async () => (await record()).requests,
    aborted: async () => (await record()).aborted,
    control: async settings => {
      const response = await fetch(`${url}/control`, { method: 'POST', body: JSON.stringify(settings) });
      if (!response.ok) {
        throw new Error(`the doubles refused the settings: ${response.status}`);
      }
    },
    close: async () => {
      child.stdin?.end();
      await ended;
    }
  };
}
