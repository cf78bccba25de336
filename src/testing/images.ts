import type { IArray } from '../ngff';
import { V2, v2 } from './arraydocuments';

/** One level of a made image. Axes: t, c, z, y, x, of which the first may be missing. */
export interface IMadeLevel {
  readonly path: string;
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  /** Physical size of a pixel, per axis. */
  readonly scale: readonly number[];
  readonly translation?: readonly number[];
}

export interface IMadeImage {
  readonly axes: readonly string[];
  readonly levels: readonly IMadeLevel[];
  /** Chunks that are left out, as `path/0.0.1`. */
  readonly absent?: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = { t: 'time', c: 'channel', z: 'space', y: 'space', x: 'space' };

/** The value of every pixel of a made image: its own address and level, in 16 bits. */
export function madeValue(level: number, index: readonly number[]): number {
  let value = level * 9973;
  for (const at of index) {
    value = (value * 131 + at * 7 + 3) & 0xffff;
  }
  return value;
}

/**
 * An OME-Zarr 0.4 image (Zarr v2, uint16, uncompressed, keys with `/`) whose pixels follow `madeValue`, as the objects of a
 * store.
 */
export function makeImage({ axes, levels, absent = [] }: IMadeImage): Map<string, Uint8Array> {
  const objects = new Map<string, Uint8Array>();
  const json = (key: string, value: unknown): void =>
    void objects.set(key, new TextEncoder().encode(JSON.stringify(value)));
  json('.zgroup', { zarr_format: 2 });
  const datasets = levels.map(({ path, scale, translation }) => ({
    path,
    coordinateTransformations: [
      { type: 'scale', scale },
      ...(translation ? [{ type: 'translation', translation }] : [])
    ]
  }));
  const named = axes.map(name => ({ name, type: TYPES[name], ...(TYPES[name] === 'space' && { unit: 'micrometer' }) }));
  json('.zattrs', { multiscales: [{ version: '0.4', name: 'made', axes: named, datasets }] });
  levels.forEach((level, number) => {
    const { path, shape, chunks } = level;
    json(`${path}/.zarray`, v2({ shape, chunks, dimension_separator: '/' }));
    for (const chunk of boxes(shape.map((size, axis) => Math.ceil(size / chunks[axis])))) {
      if (!absent.includes(`${path}/${chunk.join('.')}`)) {
        objects.set(`${path}/${chunk.join('/')}`, madeChunk(number, chunks, chunk));
      }
    }
  });
  return objects;
}

function madeChunk(level: number, chunks: readonly number[], chunk: readonly number[]): Uint8Array {
  const values = new Uint16Array(chunks.reduce((product, size) => product * size, 1));
  const index = chunk.map((at, axis) => at * chunks[axis]);
  for (let i = 0; i < values.length; i++) {
    values[i] = madeValue(level, index);
    for (let axis = chunks.length - 1; axis >= 0 && ++index[axis] === (chunk[axis] + 1) * chunks[axis]; axis--) {
      index[axis] = chunk[axis] * chunks[axis];
    }
  }
  return new Uint8Array(values.buffer);
}

/** All indices of a box, in C order. */
export function boxes(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap(head => Array.from({ length: size }, (_, i) => [...head, i])),
    [[]]
  );
}

/** A plain array for tests of decoders: `chunks` of uint8, uncompressed. */
export function plainArray(chunks: readonly number[] = [4]): IArray {
  return {
    path: '',
    zarrFormat: 2,
    shape: chunks,
    chunks,
    dtype: 'uint8',
    fill: 0,
    fillBytes: Uint8Array.of(0),
    codecs: [],
    decodedBy: 'browser',
    decodeDoc: { ...V2, shape: chunks, chunks, dtype: '|u1' },
    objectKey: chunk => chunk.join('.')
  };
}
