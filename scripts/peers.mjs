// npm run bench -- --peers: which images of the data beside this project open here, and in vizarr, neuroglancer and Viv's own
// loaders, measured by the tools that stand there (README of ../shared/tools/peers; its install.sh fetches the viewers).
// Opens: more than 0.08 % of the picture is drawn. Writes docs/PEERS.md.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CACHE, ROOT } from './lib/steps.mjs';

const TOOLS = path.resolve(ROOT, '../shared/tools/peers');
const DATA = path.resolve(ROOT, '../shared/data');
const INSTALLED = process.env.PEERS_HOME ?? path.join(os.homedir(), '.cache/bioimage-peers');
const HOME = path.join(CACHE, 'peers');
const NAMES = { product: 'here', vizarr: 'vizarr', 'vizarr-galaxy': 'vizarr (fork)', viv: 'Viv', 'neuroglancer-auto': 'neuroglancer', url: 'Viv' };

/** A list of images: path, and why there is nothing to see in it. */
function listed(name) {
  const lines = readFileSync(path.join(ROOT, 'scripts/peers', name), 'utf8').split('\n').filter(line => line && !line.startsWith('#'));
  return lines.map(line => line.split(' # ')).map(([file, why = '']) => ({ file, why }));
}

/** The viewers as installed, with one page more: Viv's loaders of TIFF files. */
function pages() {
  rmSync(HOME, { recursive: true, force: true });
  const apps = path.join(HOME, 'apps');
  mkdirSync(path.join(apps, 'viv-tiff'), { recursive: true });
  for (const name of readdirSync(path.join(INSTALLED, 'apps'))) {
    symlinkSync(path.join(INSTALLED, 'apps', name), path.join(apps, name));
  }
  symlinkSync(path.join(INSTALLED, 'node_modules'), path.join(HOME, 'node_modules'));
  copyFileSync(path.join(ROOT, 'scripts/peers/vivtiff.html'), path.join(apps, 'viv-tiff/index.html'));
  const page = path.join(HOME, 'vivtiff.mjs'); // beside the viewers' packages, not this project's: one React for all
  copyFileSync(path.join(ROOT, 'scripts/peers/vivtiff.mjs'), page);
  execFileSync(
    path.join(INSTALLED, 'node_modules/.bin/esbuild'),
    [page, '--bundle', '--splitting', '--format=esm', '--minify', '--define:process.env.NODE_ENV="production"',
      '--define:global=globalThis', `--outdir=${path.join(apps, 'viv-tiff')}`, '--log-level=error'],
    { cwd: HOME, stdio: 'inherit' }
  );
  return existsSync(path.join(apps, 'vizarr')) ? 'vizarr' : 'vizarr-galaxy';
}

/** Opens every image in every viewer, in turns; viewer → image → opens. */
function measured(name, images, args) {
  const list = path.join(HOME, `${name}.txt`);
  const out = path.join(HOME, `${name}.json`);
  writeFileSync(list, images.map(({ file }) => file).join('\n'));
  execFileSync(
    process.execPath,
    [path.join(TOOLS, 'measure.mjs'), '--root', DATA, '--data', `@${list}`, '--product', path.join(ROOT, 'scripts/peers/product.mjs'), '--rtt', '0', '--bw', '0', '--repeat', '1',
      '--share', '0.0008', '--patience', '10', '--keep', '--out', out, '--shots', path.join(HOME, 'shots'), ...args],
    { env: { ...process.env, PEERS_HOME: HOME }, stdio: ['ignore', 'ignore', 'inherit'] }
  );
  return out;
}

/** What JSON files of the tool say, together. */
function opened(files) {
  const found = new Map();
  for (const { results } of files.map(file => JSON.parse(readFileSync(file, 'utf8')))) {
    results.forEach(({ peer, data, ok }) => found.set(`${peer} ${data}`, ok));
  }
  return found;
}

/** One table, and what opens in one of two places only. */
function table(images, peers, found) {
  const head = [`| image | ${peers.map(peer => NAMES[peer]).join(' | ')} |`, `|---|${peers.map(() => ':-:|').join('')}`];
  const opens = (peer, { file }) => found.get(`${peer} ${file}`) === true;
  const rows = images.map(image => `| ${image.file}${image.why ? ` (${image.why})` : ''} | ${peers.map(peer => (opens(peer, image) ? '✓' : '–')).join(' | ')} |`);
  const whole = images.filter(({ why }) => !why);
  const others = peers.filter(peer => peer !== 'product');
  const there = images.filter(image => !opens('product', image) && others.some(peer => opens(peer, image)));
  const here = whole.filter(image => opens('product', image) && !others.some(peer => opens(peer, image)));
  const counts = peers.map(peer => `${NAMES[peer]} ${whole.filter(image => opens(peer, image)).length}`);
  const names = list => (list.length ? `: ${list.map(({ file }) => file).join(', ')}` : '');
  return [
    `Of ${whole.length} in which there is something to see: ${counts.join(', ')}. Opens elsewhere and not here: **${there.length}**${names(there)}. Opens only here: **${here.length}**${names(here)}.`,
    '', ...head, ...rows
  ];
}

const HEAD = `# What opens here and in other viewers

By \`npm run bench -- --peers\`, which opens each image in each viewer in a real browser and looks whether anything is drawn
(more than 0.08 % of the picture); whether it is drawn *rightly* is no part of this table. Viv is its published loaders and
viewer in a page of our own; neuroglancer is given the address and nothing else, as a person would. Of images without chunks we draw that there is no data.
`;

export function write(vizarr, zarr, tiff) {
  const images = table(listed('images.txt'), ['product', vizarr, 'viv', 'neuroglancer-auto'], opened(zarr));
  const files = table(listed('tiffs.txt'), ['product', 'url'], opened(tiff));
  writeFileSync(path.join(ROOT, 'docs/PEERS.md'), [HEAD, '## OME-Zarr and Zarr', '', ...images, '', '## TIFF and OME-TIFF', '', ...files, ''].join('\n'));
  console.log([images[0], files[0]].join('\n'));
}

/** Installs nothing: the viewers are fetched by the tool's own script. */
export function peers() {
  if (!existsSync(path.join(TOOLS, 'measure.mjs')) || !existsSync(path.join(INSTALLED, 'apps'))) {
    console.log(`The other viewers are not installed: run ${path.join(TOOLS, 'install.sh')} first.`);
    return;
  }
  const vizarr = pages();
  const zarr = measured('images', listed('images.txt'), ['--peers', `${vizarr},viv,neuroglancer-auto`]);
  const tiff = measured('tiffs', listed('tiffs.txt'), ['--peers', '', '--url', 'http://127.0.0.1:9000/viv-tiff/?source={data}']);
  write(vizarr, [zarr], [tiff]);
}
