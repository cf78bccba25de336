import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MemoryStore } from '../stores';

/** What tifffile reads from one level of a series. */
export interface IExpectedLevel {
  /** Of t, c, z, y, x, s, those there are; s = samples of a pixel that lie together. */
  readonly axes: string;
  readonly shape: readonly number[];
  /** numpy's name. */
  readonly dtype: string;
  /** C-order little-endian values. */
  readonly bytes: Uint8Array;
}

export interface IExpectedTiff {
  readonly file: string;
  readonly series: readonly {
    readonly name: string;
    readonly jpeg: boolean;
    readonly levels: readonly IExpectedLevel[];
  }[];
}

/** TIFF files and what they hold by an independent reader. */
export interface ITiffs {
  readonly folder: string;
  readonly expected: readonly IExpectedTiff[];
  dispose(): void;
}

const PYTHON = path.resolve('.venv', 'bin', 'python');
const MAKE = path.resolve('fixtures', 'tiff', 'make.py');

/** Python with tifffile is what the files are made and compared with; a machine without it has nothing to compare. */
export function hasPython(): boolean {
  const python = existsSync(PYTHON) ? PYTHON : 'python3';
  return spawnSync(python, ['-c', 'import tifffile, imagecodecs, PIL']).status === 0;
}

/** Makes the files of `fixtures/tiff/make.py` in a temporary folder, or only reads `files` with tifffile. */
export function makeTiffs(files: readonly string[] = []): ITiffs {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-tiff-'));
  const python = existsSync(PYTHON) ? PYTHON : 'python3';
  const run = spawnSync(python, [MAKE, folder, ...files], { maxBuffer: 64 << 20 });
  if (run.status !== 0) {
    throw new Error(`fixtures/tiff/make.py failed: ${run.stderr.toString()}`);
  }
  // Our own script's answer, so its form is known.
  const found = JSON.parse(run.stdout.toString()) as {
    file: string;
    series: { name: string; jpeg: boolean; levels: { axes: string; shape: number[]; dtype: string; bin: string }[] }[];
  }[];
  return {
    folder,
    expected: found.map(({ file, series }) => ({
      file,
      series: series.map(({ name, jpeg, levels }) => ({
        name,
        jpeg,
        levels: levels.map(({ bin, ...level }) => ({ ...level, bytes: readFileSync(path.join(folder, bin)) }))
      }))
    })),
    dispose: () => rmSync(folder, { recursive: true, force: true })
  };
}

/** The TIFF files (and what belongs to them) of a folder as a store. */
export function folderStore(folder: string): MemoryStore {
  const names = readdirSync(folder).filter(name => /\.(tiff?|svs|ome)$/i.test(name));
  return new MemoryStore(
    Object.fromEntries(names.map(name => [name, new Uint8Array(readFileSync(path.join(folder, name)))]))
  );
}
