// npm run bench [-- --quick] [-- --trace] [-- --restore] [-- --search] [-- --peers]: timings are printed here and asserted nowhere.
//  1. opening each sample through the session: click → stand-in, click → exact, requests, bytes; beside a bare request
//     of the same server in the same run
//  2. self time of our own sources per main-thread task while a 4-channel image loads (bundle evaluation and software-GL
//     uploads apart), median of 5
//  3. from a lost WebGL context to the same exact pixels
//  4. searching doubles of the archives of which one answers at once, one slowly and one never: when each is shown
import { chromium } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { doubledArchives, startDoubles } from './lib/archives.mjs';
import { freePort, startLab, stop } from './lib/server.mjs';
import { bin, build, node, python, samples, SAMPLES } from './lib/setup.mjs';
import { mainThreadTasks, median } from './lib/trace.mjs';

const quick = process.argv.includes('--quick');
const RUNS = quick ? 2 : 5;
const FLAGS = ['--no-sandbox', '--disable-gpu', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--no-first-run', '--disable-background-networking'];
const OURS = '/lab/extensions/jupyterlab-bioimage/static/';
const ms = value => `${value.toFixed(0)} ms`.padStart(9);

const FOUR_CHANNELS = `
import sys, numpy as np, zarr
g = zarr.open_group(sys.argv[1], mode="w", zarr_format=2)
rng = np.random.default_rng(1)
sets = []
for k in range(3):
    n = 2048 >> k
    a = g.create_array(str(k), shape=(4, n, n), chunks=(1, 512, 512), dtype="uint16", chunk_key_encoding={"name": "v2", "separator": "/"})
    a[...] = rng.integers(0, 4000, (4, n, n), dtype=np.uint16)
    sets.append({"path": str(k), "coordinateTransformations": [{"type": "scale", "scale": [1, 2**k, 2**k]}]})
g.attrs["multiscales"] = [{"version": "0.4", "axes": [{"name": "c", "type": "channel"}, {"name": "y", "type": "space"}, {"name": "x", "type": "space"}], "datasets": sets}]
`;

async function fresh(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}&reset`);
  await page.waitForFunction(() => window.jupyterapp !== undefined, null, { timeout: 60000 });
  await page.evaluate(() => window.jupyterapp.restored);
  await page.evaluate(() => window.jupyterapp.commands.execute('bioimage:open-browser'));
  await page.locator('#jp-bioimage-browser [role="list"] button').first().waitFor();
  return { context, page };
}

/** Opens one image and resolves with what the page saw: ms from the command to the stand-in and to exact pixels. */
function open(page, uri) {
  return page.evaluate(
    target =>
      new Promise((resolve, reject) => {
        const began = performance.now();
        const seen = { preview: null, ready: null };
        const look = () => {
          const node = document.querySelector(`.jp-BioImagePreview[data-uri="${target}"]`);
          if (node?.dataset.preview === 'true') {
            seen.preview ??= performance.now() - began;
          }
          if (node?.dataset.status === 'ready') {
            seen.ready = performance.now() - began;
            return resolve(seen);
          }
          if (node?.dataset.status === 'failed' || performance.now() - began > 60000) {
            return reject(new Error(node?.textContent ?? 'no preview'));
          }
          requestAnimationFrame(look);
        };
        void window.jupyterapp.commands.execute('bioimage:open-preview', { uri: target });
        look();
      }),
    uri
  );
}

async function opening(browser, server) {
  console.log(`\nOpening through the session, fresh page each time, median of ${RUNS}`);
  console.log(`${'sample'.padEnd(34)}${'bare'.padStart(9)}${'stand-in'.padStart(9)}${'exact'.padStart(9)}   again  requests     bytes`);
  for (const name of ['cells-2d.ome.zarr', 'stack-zt.ome.zarr', 'labels.ome.zarr', 'sharded.ome.zarr', 'plate-2x3.ome.zarr/A/1/0']) {
    const rows = [];
    for (let run = 0; run < RUNS; run++) {
      const { context, page } = await fresh(browser, server.url);
      let requests = 0;
      let bytes = 0;
      page.on('requestfinished', async request => {
        if (new URL(request.url()).pathname.startsWith('/bioimage/')) {
          requests++;
          bytes += (await request.sizes()).responseBodySize;
        }
      });
      const bare = await page.evaluate(async () => {
        const began = performance.now();
        await fetch('/api/status').then(r => r.text());
        return performance.now() - began;
      });
      const first = await open(page, `store:samples/${name}`);
      const again = await open(page, `store:samples/${name === 'cells-2d.ome.zarr' ? 'sharded.ome.zarr' : 'cells-2d.ome.zarr'}`);
      await page.waitForTimeout(200);
      rows.push({ bare, ...first, again: again.ready, requests: requests - 1, bytes });
      await context.close();
    }
    const of = key => median(rows.map(row => row[key] ?? NaN));
    console.log(`${name.padEnd(34)}${ms(of('bare'))}${ms(of('preview'))}${ms(of('ready'))}${ms(of('again'))}${String(of('requests')).padStart(8)}${String(of('bytes')).padStart(12)}`);
  }
  console.log('again: another image in the same page, its code already loaded.');
}

async function trace(browser, server) {
  console.log(`\nMain-thread self time of our sources while a 4-channel image loads, ${RUNS} runs`);
  const worst = [];
  for (let run = 0; run < RUNS; run++) {
    const { context, page } = await fresh(browser, server.url);
    const client = await context.newCDPSession(page);
    // deck.gl with luma.gl, and each codec, lie in chunks of their own, which hold nothing of ours: the large ones.
    const libraries = new Set();
    page.on('response', async response => {
      if (response.url().includes(OURS) && (await response.body().catch(() => '')).length > 300_000) {
        libraries.add(response.url());
      }
    });
    const events = [];
    client.on('Tracing.dataCollected', ({ value }) => events.push(...value));
    await client.send('Tracing.start', {
      transferMode: 'ReportEvents',
      traceConfig: { includedCategories: ['devtools.timeline', 'v8', 'toplevel', 'disabled-by-default-v8.cpu_profiler', 'disabled-by-default-devtools.timeline'] }
    });
    await open(page, 'store:bench/four.ome.zarr');
    const done = new Promise(resolve => client.once('Tracing.tracingComplete', resolve));
    await client.send('Tracing.end');
    await done;
    const tasks = mainThreadTasks(events, frame => frame.url?.includes(OURS) === true && !libraries.has(frame.url));
    const drawing = mainThreadTasks(events, frame => libraries.has(frame.url)).filter(task => !task.evaluating);
    const plain = tasks.filter(task => !task.evaluating).sort((a, b) => b.self - a.self);
    const evaluating = tasks.filter(task => task.evaluating).sort((a, b) => b.self - a.self);
    worst.push(plain[0]?.self ?? 0);
    const names = [...(plain[0]?.functions ?? [])].sort((a, b) => b[1] - a[1]).slice(0, 4).map(([name, value]) => `${name} ${value.toFixed(0)}`);
    console.log(`  run ${run + 1}: longest ${(plain[0]?.self ?? 0).toFixed(1)} ms (${names.join(', ')}); apart: deck.gl and codecs ${Math.max(0, ...drawing.map(task => task.self)).toFixed(1)} ms, evaluating the bundle ${(evaluating[0]?.self ?? 0).toFixed(1)} ms`);
    await context.close();
  }
  console.log(`  median ${median(worst).toFixed(1)} ms; limit 50 ms; ratio ${(median(worst) / 50).toFixed(2)}`);
}

/** Loses the context of the preview and resolves with the ms until another canvas shows exact pixels. */
function lose(page, uri) {
  return page.evaluate(
    target =>
      new Promise(resolve => {
        const node = document.querySelector(`.jp-BioImagePreview[data-uri="${target}"]`);
        const lost = node.querySelector('canvas');
        const began = performance.now();
        lost.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext();
        const look = () => {
          const canvas = node.querySelector('canvas');
          if (canvas !== null && canvas !== lost && node.dataset.status === 'ready') {
            return resolve(performance.now() - began);
          }
          requestAnimationFrame(look);
        };
        look();
      }),
    uri
  );
}

async function restoring(browser, server) {
  console.log(`\nFrom a lost context to exact pixels again, the view kept, median of ${RUNS}`);
  for (const name of ['cells-2d.ome.zarr', 'labels.ome.zarr', 'plate-2x3.ome.zarr/A/1/0']) {
    const uri = `store:samples/${name}`;
    const { context, page } = await fresh(browser, server.url);
    const times = [];
    for (let run = 0; run < RUNS; run++) {
      // a new tab each time: a preview mends three losses in a minute
      await open(page, uri);
      times.push(await lose(page, uri));
      await page.evaluate(() => window.jupyterapp.commands.execute('application:close').then(() => undefined));
    }
    console.log(`${name.padEnd(34)}${ms(median(times))}   slowest ${Math.max(...times).toFixed(0)} ms`);
    await context.close();
  }
}

/** Delays of the doubles, in s per answer: the first search of IDR costs several answers. */
const DELAYS = { idr: 0.05, searchengine: 0.05, 'idr-tables': 0.05, 'ngff-samples': 0.05, 'bia-search': 5, bia: 5, biostudies: 600 };
/** Name of each source in the status line, and what is said of its delay. */
const SOURCES = [['IDR', '50 ms an answer'], ['BioImage Archive', '5 s an answer'], ['BioStudies', 'never answers']];

/** Searches and resolves with ms until each source has answered, at most 9 s later. */
function search(page, query) {
  return page.evaluate(
    async ([text, names]) => {
      const began = performance.now();
      void window.jupyterapp.commands.execute('bioimage:search', { query: text });
      const seen = {};
      const begun = new Set();
      while (performance.now() - began < 9000) {
        const words = document.querySelector('#jp-bioimage-browser [role="status"]')?.textContent ?? '';
        for (const name of names) {
          if (words.includes(`${name}: searching`)) {
            begun.add(name);
          } else if (begun.has(name)) {
            seen[name] ??= performance.now() - began;
          }
        }
        await new Promise(requestAnimationFrame);
      }
      return seen;
    },
    [query, SOURCES.map(([name]) => name)]
  );
}

async function searching(browser, folder) {
  const doubles = await startDoubles();
  await doubles.ready;
  const control = settings => fetch(`${doubles.url}/control`, { method: 'POST', body: JSON.stringify(settings) });
  const { env, stores } = doubledArchives(doubles.url);
  const state = path.join(folder, 'search');
  mkdirSync(path.join(state, 'home'), { recursive: true });
  const lab = await startLab({
    port: await freePort(19100),
    rootDir: path.join(state, 'home'),
    stateDir: state,
    stores,
    env: { ...env, JUPYTER_DATA_DIR: path.join(state, 'data') },
    args: ['--LabApp.expose_app_in_browser=True']
  });
  console.log('\nSearching three archives at once: from the command until each has answered');
  try {
    const words = ['zebrafish', 'mouse', 'mitochondria', 'nuclei', 'embryo'].slice(0, quick ? 1 : 3);
    for (const [run, word] of words.entries()) {
      const { context, page } = await fresh(browser, lab.url);
      await control({ delay: DELAYS });
      const seen = await search(page, word);
      await page.evaluate(() => [...document.querySelectorAll('#jp-bioimage-browser button')].find(node => node.textContent === 'Cancel')?.click());
      await page.waitForTimeout(500);
      const { requests, aborted } = await (await fetch(`${doubles.url}/requests`)).json();
      const times = SOURCES.map(([name, delay]) => `${name} (${delay}) ${seen[name] === undefined ? 'not in 9 s' : `${seen[name].toFixed(0)} ms`}`);
      console.log(`  run ${run + 1}, “${word}”: ${times.join(', ')}; ${requests.length} requests, ${aborted.length} given up by cancel`);
      await context.close();
    }
    console.log('  The first run fetches the list of IDR’s studies; later ones have it from the server’s memory of a day.');
  } finally {
    await control({});
    await stop(lab.child);
    await doubles.stop();
  }
}

await node();
await python('demo');
await build();
await samples();
if (process.argv.includes('--peers')) {
  (await import('./peers.mjs')).peers(); // what opens here and in other viewers
  process.exit();
}
const folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-bench-'));
mkdirSync(path.join(folder, 'home'));
mkdirSync(path.join(folder, 'data'));
writeFileSync(path.join(folder, 'four.py'), FOUR_CHANNELS);
execFileSync(bin('python'), [path.join(folder, 'four.py'), path.join(folder, 'data', 'four.ome.zarr')]);
const server = await startLab({
  port: await freePort(19000),
  rootDir: path.join(folder, 'home'),
  stateDir: folder,
  stores: [{ id: 'samples', label: 'Samples', root: SAMPLES, prefer: 'session' }, { id: 'bench', label: 'Bench', root: path.join(folder, 'data'), prefer: 'session' }],
  args: ['--LabApp.expose_app_in_browser=True']
});
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
try {
  console.log(`${os.cpus().length} cores, load ${os.loadavg()[0].toFixed(1)}, Chromium ${browser.version()}, software rendering`);
  const only = ['--trace', '--restore', '--search'].filter(part => process.argv.includes(part));
  const wanted = part => only.length === 0 || only.includes(part);
  if (only.length === 0) {
    await opening(browser, server);
  }
  if (wanted('--trace')) {
    await trace(browser, server);
  }
  if (wanted('--restore')) {
    await restoring(browser, server);
  }
  if (wanted('--search')) {
    await searching(browser, folder);
  }
} finally {
  await browser.close();
  await stop(server.child);
  rmSync(folder, { recursive: true, force: true });
}
