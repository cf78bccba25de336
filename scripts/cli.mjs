// Runs `validate` and `read` from the bundle; builds it first where it is missing or older than its sources.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCli, BUNDLE } from './build-cli.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const ROOMS = ['cli', 'core', 'entities', 'stores', 'ngff', 'tiff', 'pixels'];

/** Time of the latest change in a folder, tests left out; in ms. */
function newest(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.name !== '__tests__')
    .reduce((latest, entry) => {
      const file = path.join(folder, entry.name);
      return Math.max(latest, entry.isDirectory() ? newest(file) : statSync(file).mtimeMs);
    }, 0);
}

/** An installed package without sources has only the bundle. */
function isStale() {
  if (!existsSync(BUNDLE)) {
    return true;
  }
  const folders = ROOMS.map(room => path.join(ROOT, 'src', room)).filter(existsSync);
  return Math.max(0, ...folders.map(newest)) > statSync(BUNDLE).mtimeMs;
}

if (isStale()) {
  if (!existsSync(path.join(ROOT, 'node_modules', '@rspack', 'core'))) {
    console.error('The commands have to be built, and the packages for that are not installed: run `npm ci` first.');
    process.exit(69); // EX_UNAVAILABLE
  }
  console.error('Building the commands…');
  await buildCli();
}
createRequire(import.meta.url)(BUNDLE);
