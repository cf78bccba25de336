// Long steps with a visible clock: one line while a step runs, its log in a file, and on failure its name, the end of the
// log and what to do next.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const CACHE = path.join(ROOT, '.cache');
const LOGS = path.join(CACHE, 'logs');

export class StepFailed extends Error {}

const clock = since => `${((Date.now() - since) / 1000).toFixed(0)} s`;

/** Passes text on in whole lines: those of steps that run at the same time do not mix. */
function lineWriter() {
  let rest = '';
  return {
    write: text => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      if (lines.length > 0) {
        process.stdout.write(`${lines.join('\n')}\n`);
      }
    },
    end: () => rest !== '' && process.stdout.write(`${rest}\n`)
  };
}

/** Runs one step; resolves when it ended well, throws StepFailed otherwise. `say: true` passes its output through. */
export async function step(name, command, args, { cwd = ROOT, env = {}, next = '', say = false } = {}) {
  mkdirSync(LOGS, { recursive: true });
  const file = path.join(LOGS, `${name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.log`);
  const log = createWriteStream(file);
  const started = Date.now();
  const live = process.stdout.isTTY && !say;
  process.stdout.write(`… ${name}${live ? '' : '\n'}`);
  const beat = setInterval(
    () => process.stdout.write(live ? `\r… ${name} (${clock(started)})` : `  … ${name}: still running, ${clock(started)}\n`),
    live ? 1000 : 20000
  );
  const lines = lineWriter();
  const code = await new Promise(resolve => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', data => {
        log.write(data);
        if (say) {
          lines.write(String(data));
        }
      });
    }
    child.on('error', error => {
      log.write(`${error.message}\n`);
      resolve(127);
    });
    child.on('close', resolve);
  });
  clearInterval(beat);
  lines.end();
  await new Promise(resolve => log.end(resolve));
  if (code !== 0) {
    const tail = say ? '' : readFileSync(file, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
    console.log(`${live ? '\r' : ''}✗ ${name} failed (exit ${code}, ${clock(started)})\n${tail}`);
    console.log(`  Whole log: ${path.relative(ROOT, file)}`);
    if (next) {
      console.log(`  Next: ${next}`);
    }
    throw new StepFailed(name);
  }
  console.log(`${live ? '\r' : ''}✓ ${name} (${clock(started)})`);
}
