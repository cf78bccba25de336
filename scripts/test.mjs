// npm test: sets up everything, then runs the suites: those of the front end beside those of the server, for each keeps one
// core busy, then the browser tests: most of them two at a time, those that count or measure by themselves. Last line: N passed, N failed, N skipped.
// `--only jest,pytest` runs some; `--full` runs property and fault campaigns at full size.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build, debian, node, python, samples, TEST_PACKAGES, VENV } from './lib/setup.mjs';
import { CACHE, ROOT, step, StepFailed } from './lib/steps.mjs';

const args = process.argv.slice(2);
const only = args.includes('--only') ? args[args.indexOf('--only') + 1].split(',') : null;
const REPORTS = path.join(CACHE, 'reports');
const totals = { passed: 0, failed: 0, skipped: 0 };
const env = {
  PATH: `${path.join(VENV, 'bin')}:${path.join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}`,
  BIOIMAGE_CAMPAIGN: args.includes('--full') ? 'full' : 'tenth',
  CI: process.env.CI ?? 'true',
  JUPYTER_PLATFORM_DIRS: '1'
};

/** Runs one suite. A suite counts its own tests in a report; without a report it is one test. */
async function suite(id, name, command, commandArgs, { report, count, more = {} } = {}) {
  if (only && !only.includes(id)) {
    return;
  }
  if (report) {
    rmSync(report, { force: true });
  }
  let failed = false;
  try {
    await step(name, command, commandArgs, { env: { ...env, ...more }, say: true });
  } catch (error) {
    if (!(error instanceof StepFailed)) {
      throw error;
    }
    failed = true;
  }
  let counts = { passed: failed ? 0 : 1, failed: failed ? 1 : 0, skipped: 0 };
  if (report) {
    try {
      counts = count(readFileSync(report, 'utf8'));
    } catch (error) {
      console.log(`${name}: no readable report (${error.message})`);
      counts = { passed: 0, failed: 1, skipped: 0 };
    }
    if (failed && counts.failed === 0) {
      counts.failed = 1; // the runner itself failed
    }
  }
  console.log(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  for (const key of Object.keys(totals)) {
    totals[key] += counts[key];
  }
}

const jestCounts = text => {
  const r = JSON.parse(text);
  const broken = r.testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0).length;
  return { passed: r.numPassedTests, failed: r.numFailedTests + broken, skipped: r.numPendingTests + r.numTodoTests };
};
const junitCounts = text => {
  const read = name => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)[1]);
  const failed = read('failures') + read('errors');
  return { passed: read('tests') - failed - read('skipped'), failed, skipped: read('skipped') };
};
const playwrightCounts = text => {
  const { stats, errors } = JSON.parse(text);
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped };
};

async function main() {
  await debian(TEST_PACKAGES);
  await node();
  await python('test');
  await build();
  await samples();
  mkdirSync(REPORTS, { recursive: true });
  const report = name => path.join(REPORTS, name);
  const frontEnd = async () => {
    await suite('types', 'TypeScript, tests included', 'npx', ['tsc', '-p', 'tsconfig.test.json']);
    await suite('types', 'TypeScript of the browser tests', 'npx', ['tsc', '-p', 'ui-tests/tsconfig.json']);
    await suite('jest', 'Unit tests (jest)', 'npx', ['jest', '--json', `--outputFile=${report('jest.json')}`], { report: report('jest.json'), count: jestCounts });
    await suite('eslint', 'ESLint', 'npx', ['eslint', '.', '--max-warnings', '0']);
  };
  const server = async () => {
    await suite('ruff', 'ruff', 'ruff', ['check', 'jupyterlab_bioimage', 'samples', 'fixtures', 'ui-tests']);
    await suite('mypy', 'mypy', 'mypy', ['--strict', 'jupyterlab_bioimage']);
    await suite('pytest', 'Server tests (pytest)', 'python', ['-m', 'pytest', '-q', '-rs', `--junitxml=${report('pytest.xml')}`], { report: report('pytest.xml'), count: junitCounts });
  };
  await Promise.all([frontEnd(), server()]);
  for (const part of ['shared', 'alone']) {
    const file = report(`playwright-${part}.json`);
    await suite('browser', `Browser tests (Playwright, ${part})`, 'npx', ['playwright', 'test', '-c', 'ui-tests/playwright.config.mjs'], {
      report: file,
      count: playwrightCounts,
      more: { BIOIMAGE_PART: part, BIOIMAGE_REPORT: file }
    });
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);
}

main().catch(error => {
  console.error(error instanceof StepFailed ? `The tests could not run: ${error.message}.` : error);
  console.log(`${totals.passed} passed, ${totals.failed + 1} failed, ${totals.skipped} skipped`);
  process.exit(1);
});
