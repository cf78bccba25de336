import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Python of the project's environment, or `null` where it has not been set up. */
export const PYTHON: string | null = ((): string | null => {
  const file = path.resolve(process.cwd(), '.venv', 'bin', 'python');
  return existsSync(file) ? file : null;
})();

/** `describe` where Python is there; else the tests are skipped by name. */
export const describeWithPython: jest.Describe = PYTHON === null ? describe.skip : describe;

/** Runs a script with JSON on its standard input and reads JSON from its output; `folder` is where it runs. */
export function runPython<T>(script: string, input: unknown, folder: string): T {
  const answer = spawnSync(PYTHON ?? 'python3', ['-I', '-c', script], {
    cwd: folder,
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 28
  });
  if (answer.status !== 0) {
    throw new Error(`Python ended with ${answer.status}:\n${answer.stderr}`);
  }
  return JSON.parse(answer.stdout) as T;
}
