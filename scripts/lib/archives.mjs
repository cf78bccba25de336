// The archives for a demo or a browser test: the real ones, or doubles of them that need no network.
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { freePort } from './server.mjs';
import { bin, SAMPLES } from './setup.mjs';
import { ROOT } from './steps.mjs';

const STORAGE = 'https://livingobjects.ebi.ac.uk';
/** What the doubles' storage answers for: the bucket server under both kinds of names, and files of BioStudies. */
const PREFIXES = [
  STORAGE,
  'https://bioimaging-01-pub.livingobjects.ebi.ac.uk',
  'https://ftp.ebi.ac.uk'
];
const SERVICES = ['biostudies', 'biostudies-ftp', 'bia', 'bia-search', 'idr', 'idr-tables', 'ngff-samples', 'ngff-challenge'];
/** One small question to each archive. */
const PROBES = [
  'https://www.ebi.ac.uk/biostudies/api/v1/bioimages/search?pageSize=1',
  'https://wwwdev.ebi.ac.uk/bioimage-archive/api/v2/search/study?page_size=1',
  'https://idr.openmicroscopy.org/api/v0/m/'
];
const PATIENCE = 2500; // ms

/** Whether one of the archives answers; decided after 2.5 s at the latest. */
export async function reachable(probes = PROBES) {
  const signal = AbortSignal.timeout(PATIENCE);
  const ask = async address => {
    const answer = await fetch(address, { signal });
    if (!answer.ok) {
      throw new Error(`status ${answer.status}`);
    }
  };
  return Promise.any(probes.map(ask)).then(
    () => true,
    () => false
  );
}

/** Starts the doubles over the sample images: `{url, ready, stop}`. They end with this process, too. */
export async function startDoubles(samples = SAMPLES) {
  const port = await freePort(49200, 500);
  const child = spawn(bin('python'), ['fixtures/doubles/serve.py', '--owned', `--port=${port}`, '--samples', samples], {
    cwd: ROOT,
    // They end when their standard input closes: also where this process is killed.
    stdio: ['pipe', 'pipe', 'inherit'],
    // An interrupt from the keyboard goes to the whole group; the doubles are ended by us, after the server.
    detached: true
  });
  const ended = new Promise(resolve => child.once('exit', resolve));
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => line.startsWith('READY ') && resolve());
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`the doubles of the archives ended (${code})`)));
  });
  ready.catch(() => undefined); // whoever needs them awaits it
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { url: `http://127.0.0.1:${port}`, ready, stop };
}

/** Storage as the server has it by default, asked of the server itself: other stores replace it, so it has to be named again. */
function realStores() {
  const code = 'import json; from jupyterlab_bioimage.config import STORES; print(json.dumps(STORES))';
  return JSON.parse(execFileSync(bin('python'), ['-c', code], { encoding: 'utf8' }));
}

/** Environment and stores of a server whose archives are the doubles at `url`, marked as recorded samples. */
export function doubledArchives(url) {
  const services = Object.fromEntries(SERVICES.map(id => [id, { url: `${url}/${id}`, recorded: true }]));
  const store = { id: 'ebi', label: 'EBI public storage (recorded sample)', url: `${url}/storage`, prefixes: PREFIXES, prefer: 'session' };
  return { env: { BIOIMAGE_SERVICES: JSON.stringify(services) }, stores: [store] };
}

/**
 * What a demo uses: `offline` is BIOIMAGE_DEMO_OFFLINE ('1': the doubles, '0': the archives, else whichever can be had by
 * `isReachable`). Gives `{env, stores, ready, stop, line}`; `line` says which it is.
 */
export async function openArchives(offline, isReachable) {
  if (offline === '0' || (offline !== '1' && (await isReachable))) {
    const line = 'Archives: the BioImage Archive, IDR and BioStudies themselves.';
    return { env: {}, stores: realStores(), ready: Promise.resolve(), stop: async () => undefined, line };
  }
  const { url, ready, stop } = await startDoubles();
  const why = offline === '1' ? 'as BIOIMAGE_DEMO_OFFLINE=1 asks for' : 'for the archives cannot be reached from here';
  return { ...doubledArchives(url), ready, stop, line: `Archives: recorded samples (${why}).` };
}
