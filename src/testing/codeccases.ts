import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectPython } from './sessionserver';

/** A chunk written by Python, and the values it must decode to; see `fixtures/make_codecs.py`. */
export interface ICodecCase {
  /** Plain name of the codec it is about; empty for bare bytes. */
  readonly codec: string;
  readonly by: 'browser' | 'server';
  readonly dtype: string;
  readonly document: Record<string, unknown>;
  readonly chunk: Uint8Array;
  /** C order, little-endian. */
  readonly expected: Uint8Array;
}

const SCRIPTS = ['make_codecs.py', 'codecvalues.py'].map(name => path.resolve('fixtures', name));

/** All cases, or null where the project's Python is not there. Made once per version of the script. */
export function codecCases(): ICodecCase[] | null {
  const python = projectPython();
  if (!python) {
    return null;
  }
  const text = SCRIPTS.map(script => readFileSync(script, 'utf8')).join('');
  const version = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const cached = path.resolve('.cache', `codecs-${version}.bin`);
  if (!existsSync(cached)) {
    const made = execFileSync(python, [SCRIPTS[0]], { maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'ignore'] });
    mkdirSync(path.dirname(cached), { recursive: true });
    writeFileSync(`${cached}.${process.pid}`, made);
    renameSync(`${cached}.${process.pid}`, cached); // another test may be making the same
  }
  return parse(new Uint8Array(readFileSync(cached)));
}

function parse(bytes: Uint8Array): ICodecCase[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cases: ICodecCase[] = [];
  for (let at = 0; at < bytes.length;) {
    const from = at + 4;
    const end = from + view.getUint32(at, true);
    const { sizes, ...head } = JSON.parse(new TextDecoder().decode(bytes.subarray(from, end))) as Omit<
      ICodecCase,
      'chunk' | 'expected'
    > & { sizes: [number, number] };
    at = end + sizes[0] + sizes[1];
    cases.push({ ...head, chunk: bytes.subarray(end, end + sizes[0]), expected: bytes.subarray(end + sizes[0], at) });
  }
  return cases;
}
