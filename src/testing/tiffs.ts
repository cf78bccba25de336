import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ITEM_BYTES, type IArray, type IImage } from '../ngff';
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
const FIXTURES = path.resolve('fixtures', 'tiff');

/** Python with tifffile is what the files are made and compared with; a machine without it has nothing to compare. */
export function hasPython(): boolean {
  const python = existsSync(PYTHON) ? PYTHON : 'python3';
  return spawnSync(python, ['-c', 'import tifffile, imagecodecs, PIL']).status === 0;
}

/** Makes the files of a script of `fixtures/tiff` in a temporary folder, or only reads `files` with tifffile. */
export function makeTiffs(files: readonly string[] = [], script: 'make.py' | 'served.py' = 'make.py'): ITiffs {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bioimage-tiff-'));
  const python = existsSync(PYTHON) ? PYTHON : 'python3';
  const run = spawnSync(python, [path.join(FIXTURES, script), folder, ...files], { maxBuffer: 64 << 20 });
  if (run.status !== 0) {
    throw new Error(`fixtures/tiff/${script} failed: ${run.stderr.toString()}`);
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

/** What reads the decoded units of an array, such as a `ChunkReader`. */
export interface IUnitReader {
  readonly array: IArray;
  chunk(index: readonly number[]): Promise<{ readonly words: ArrayBufferView }>;
}

/** All values of an array in C order, little-endian. */
export async function wholeArray(reader: IUnitReader): Promise<Uint8Array> {
  const { shape, chunks, dtype } = reader.array;
  const item = ITEM_BYTES[dtype];
  const out = new Uint8Array(shape.reduce((product, size) => product * size, item));
  const grid = shape.map((size, axis) => Math.ceil(size / chunks[axis]));
  const strides = (sizes: readonly number[]): number[] =>
    sizes.map((_, i) => sizes.slice(i + 1).reduce((a, b) => a * b, item));
  const [to, from] = [strides(shape), strides(chunks)];
  const indices = Array.from({ length: grid.reduce((a, b) => a * b, 1) }, (_, n) =>
    grid.map((size, axis) => Math.floor(n / grid.slice(axis + 1).reduce((a, b) => a * b, 1)) % size)
  );
  const fill = async (index: readonly number[]): Promise<void> => {
    const { words } = await reader.chunk(index);
    const data = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    const copy = (axis: number, source: number, target: number): void => {
      const start = index[axis] * chunks[axis];
      const count = Math.min(chunks[axis], shape[axis] - start);
      if (axis === shape.length - 1) {
        out.set(data.subarray(source, source + count * item), target + start * item);
        return;
      }
      for (let i = 0; i < count; i++) {
        copy(axis + 1, source + i * from[axis], target + (start + i) * to[axis]);
      }
    };
    copy(0, 0, 0);
  };
  await Promise.all(indices.map(fill));
  return out;
}

/** Letters of an image's axes as `IExpectedLevel` has them. */
export function axesOf({ axes, at }: IImage): string {
  return axes
    .map((_, i) => (i === at.t ? 't' : i === at.z ? 'z' : i === at.y ? 'y' : i === at.x ? 'x' : i > at.x ? 's' : 'c'))
    .join('');
}
