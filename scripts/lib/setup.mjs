// Everything that a fresh machine lacks, in the order in which it is needed. Each part leaves a stamp with the hash of
// what it was made from, so that a second run skips it in milliseconds.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE, ROOT, step, StepFailed } from './steps.mjs';

export const VENV = path.join(ROOT, '.venv');
export const bin = name => path.join(VENV, 'bin', name);
const NODE_MODULES = path.join(ROOT, 'node_modules');

/** Debian packages that the tests need beside Node and Python, each with a file that shows it is there. */
export const TEST_PACKAGES = {
  chromium: '/usr/bin/chromium',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu',
  radosgw: '/usr/bin/radosgw',
  'ceph-osd': '/usr/bin/ceph-osd',
  'ceph-mon': '/usr/bin/ceph-mon',
  'ceph-common': '/usr/bin/ceph-authtool'
};

function files(folder, skip = /^(__pycache__|__tests__|labextension|_version\.py|tests)$/) {
  if (!existsSync(folder)) {
    return [];
  }
  if (statSync(folder).isFile()) {
    return [folder];
  }
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => !skip.test(entry.name))
    .flatMap(entry => files(path.join(folder, entry.name), skip));
}

/** Hash of the contents of files and folders, relative names included. */
export function hashOf(...names) {
  const hash = createHash('sha256');
  for (const file of names.flatMap(name => files(path.join(ROOT, name))).sort()) {
    hash.update(path.relative(ROOT, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** Does `make` unless it was done for the same `hash` and `there` exists. */
async function once(name, hash, there, make) {
  const stamp = path.join(CACHE, 'stamps', name);
  if (existsSync(there) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) {
    return;
  }
  rmSync(stamp, { force: true });
  await make();
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

function fail(what, next) {
  console.log(`✗ ${what}\n  Next: ${next}`);
  throw new StepFailed(what);
}

function pythonVersion(command) {
  const out = spawnSync(command, ['-c', 'import sys; print(sys.version_info[0] * 100 + sys.version_info[1])'], { encoding: 'utf8' });
  return out.status === 0 ? Number(out.stdout) : 0;
}

const root = () => process.getuid?.() === 0;

/** Installs Debian packages when allowed to; otherwise says exactly what to install. */
export async function debian(packages) {
  const missing = Object.entries(packages).filter(([, file]) => !existsSync(file)).map(([name]) => name);
  if (missing.length === 0) {
    return;
  }
  const line = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!root() || !existsSync('/usr/bin/apt-get')) {
    fail(`These packages are missing: ${missing.join(', ')}`, `run as an administrator: ${line}`);
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await step('Reading the list of Debian packages', 'apt-get', ['update', '-q'], { env, next: 'check the network, then try again' });
  await step(`Installing Debian packages: ${missing.join(' ')}`, 'apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env, next: line });
}

export async function python(lock) {
  const found = ['python3', 'python3.13', 'python3.12', 'python3.11'].find(name => pythonVersion(name) >= 311);
  if (!found) {
    fail('Python 3.11 or newer was not found', 'install it (Debian 12: apt-get install python3 python3-venv), then try again');
  }
  if (spawnSync(found, ['-c', 'import ensurepip, venv']).status !== 0) {
    await debian({ 'python3-venv': '/usr/share/doc/python3-venv' });
  }
  await once('venv', found, bin('python'), () =>
    step('Creating the Python environment', found, ['-m', 'venv', '--clear', VENV], { next: 'apt-get install python3-venv' })
  );
  const stamp = lock === 'demo' ? 'python-demo' : 'python-test';
  const hash = hashOf('requirements');
  const larger = path.join(CACHE, 'stamps', 'python-test');
  if (lock === 'demo' && existsSync(larger) && readFileSync(larger, 'utf8') === hash && existsSync(bin('jupyter-lab'))) {
    return; // the test set contains the demo's
  }
  await once(stamp, hash, bin('jupyter-lab'), () =>
    step('Installing the Python packages (two to four minutes the first time)', bin('python'), ['-m', 'pip', 'install', '-r', `requirements/${lock}.txt`], {
      next: 'check the network, then try again: what was fetched is kept'
    })
  );
}

export async function node() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    fail(`Node ${process.versions.node} is too old`, 'install Node 20 or newer, then try again');
  }
  await once('node', hashOf('package.json', 'package-lock.json'), NODE_MODULES, () =>
    step('Installing the JavaScript packages (one to three minutes the first time)', 'npm', ['ci', '--no-audit', '--no-fund'], {
      env: { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
      next: 'check the network, then try again'
    })
  );
}

const FRONT_END = ['src', 'style', 'schema', 'build', 'rspack.config.cjs', 'tsconfig.json', 'package.json', 'package-lock.json'];
export const LABEXTENSION = path.join(ROOT, 'jupyterlab_bioimage', 'labextension');

/** Builds the front end, then the command line bundle, then installs the package as a wheel: what users get. */
export async function build() {
  await once('labextension', hashOf(...FRONT_END), path.join(LABEXTENSION, 'package.json'), async () => {
    rmSync(path.join(ROOT, 'lib'), { recursive: true, force: true });
    rmSync(path.join(ROOT, 'tsconfig.tsbuildinfo'), { force: true });
    rmSync(LABEXTENSION, { recursive: true, force: true });
    await step('Compiling', 'npx', ['tsc', '-p', 'tsconfig.json'], { next: 'mend the errors above' });
    const builder = ['node_modules/@jupyter/builder/lib/build-labextension.js', '--core-package-file', 'node_modules/@jupyterlab/core-meta/core.package.json', '.'];
    await step('Bundling the extension', 'node', builder, { next: 'mend the errors above' });
    // The builder leaves a second copy of package.json that nothing reads.
    rmSync(path.join(LABEXTENSION, 'schemas', 'jupyterlab-bioimage', 'package.json.orig'), { force: true });
  });
  await once('cli', hashOf('src', 'scripts/build-cli.mjs', 'package-lock.json'), path.join(ROOT, 'dist'), () =>
    step('Bundling the command line', 'node', ['scripts/build-cli.mjs'], { next: 'mend the errors above' })
  );
  const hash = hashOf(...FRONT_END, 'jupyterlab_bioimage', 'pyproject.toml', 'jupyter-config', 'install.json');
  await once('wheel', hash, path.join(VENV, 'share', 'jupyter', 'labextensions', 'jupyterlab-bioimage', 'package.json'), () =>
    step('Installing the extension', bin('python'), ['-m', 'pip', 'install', '--no-build-isolation', '--no-deps', '--force-reinstall', '.'], {
      env: { PATH: `${path.join(VENV, 'bin')}:${process.env.PATH}` },
      next: 'see the log'
    })
  );
}

export const SAMPLES = path.join(CACHE, 'samples');

export async function samples() {
  await once('samples', hashOf('samples'), path.join(SAMPLES, 'samples.json'), async () => {
    rmSync(SAMPLES, { recursive: true, force: true });
    await step('Making the sample images', bin('python'), ['samples/make_samples.py', SAMPLES], { next: 'see the log' });
  });
}
