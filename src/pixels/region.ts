import { BioImageError, say } from '../core';
import { ITEM_BYTES } from '../ngff';
import { bytesOf, stridesOf } from './order';
import type { ChunkReader } from './reader';

/** A region read in full. */
export interface IRegion {
  /** C-order little-endian bytes. */
  readonly data: Uint8Array;
  /** Length per axis of the array. */
  readonly shape: number[];
  /** Chunks that were there, and that were not (they read as the fill value). */
  readonly read: number;
  readonly absent: number;
}

const IN_FLIGHT = 64 << 20; // decoded bytes of chunks asked for at once …
const PARALLEL = 64; // … and how many at most, so that small ones travel together
const REGION_MOST = 2 ** 31 - 1; // bytes; the longest array every engine can hold

/**
 * Reads a box of an array.
 *
 * @param slices - [start, stop) per axis of the array, 0 ≤ start ≤ stop ≤ shape
 * @throws BAD_REQUEST for slices outside of the array, TOO_LARGE, and what the reader throws
 */
export async function readRegion(
  reader: ChunkReader,
  slices: readonly (readonly [number, number])[],
  signal?: AbortSignal
): Promise<IRegion> {
  const { array } = reader;
  const shape = checkedShape(array.shape, slices);
  const item = ITEM_BYTES[array.dtype];
  const size = shape.reduce((product, length) => product * length, item);
  if (size > REGION_MOST) {
    throw new BioImageError(
      'TOO_LARGE',
      say`Too large to preview (a region over 2 GiB). Use the code snippet instead.`
    );
  }
  const data = new Uint8Array(size);
  let [read, absent] = [0, 0];
  const todo = size === 0 ? [][Symbol.iterator]() : chunksOver(slices, array.chunks);
  const work = async (): Promise<void> => {
    for (const index of todo) {
      const chunk = await reader.chunk(index, signal);
      if (chunk.absent) {
        absent += 1;
      } else {
        read += 1;
      }
      const box = slices.map(([start, stop], axis) => overlap(start, stop, index[axis], array.chunks[axis]));
      const target = { bytes: data, shape, at: box.map(({ from }, axis) => from - slices[axis][0]) };
      const source = {
        bytes: bytesOf(chunk.words),
        shape: array.chunks,
        at: box.map(({ from }, axis) => from - index[axis] * array.chunks[axis])
      };
      copyBox(
        source,
        target,
        box.map(({ from, to }) => to - from),
        item
      );
    }
  };
  // The workers share one iterator, so that at most so many chunks are held at once.
  const chunkBytes = array.chunks.reduce((product, length) => product * length, item);
  await Promise.all(Array.from({ length: Math.max(2, Math.min(PARALLEL, Math.floor(IN_FLIGHT / chunkBytes))) }, work));
  return { data, shape, read, absent };
}

function checkedShape(shape: readonly number[], slices: readonly (readonly [number, number])[]): number[] {
  if (slices.length !== shape.length) {
    throw new BioImageError(
      'BAD_REQUEST',
      say`The region has ${slices.length} axes where the array has ${shape.length}.`
    );
  }
  return slices.map(([start, stop], axis) => {
    if (!(Number.isInteger(start) && Number.isInteger(stop) && start >= 0 && start <= stop && stop <= shape[axis])) {
      throw new BioImageError(
        'BAD_REQUEST',
        say`The region is outside of the array on axis ${axis} (length ${shape[axis]}).`
      );
    }
    return stop - start;
  });
}

function overlap(start: number, stop: number, index: number, length: number): { from: number; to: number } {
  return { from: Math.max(start, index * length), to: Math.min(stop, (index + 1) * length) };
}

/** Indices of all chunks that touch the box, in C order. */
export function* chunksOver(
  slices: readonly (readonly [number, number])[],
  chunks: readonly number[]
): Generator<number[], undefined> {
  const first = slices.map(([start], axis) => Math.floor(start / chunks[axis]));
  const last = slices.map(([, stop], axis) => Math.ceil(stop / chunks[axis]) - 1);
  const index = [...first];
  for (;;) {
    yield [...index];
    let axis = index.length - 1;
    while (axis >= 0 && index[axis] === last[axis]) {
      index[axis] = first[axis];
      axis -= 1;
    }
    if (axis < 0) {
      return;
    }
    index[axis] += 1;
  }
}

interface IBox {
  readonly bytes: Uint8Array;
  /** Of the whole buffer, in values. */
  readonly shape: readonly number[];
  /** First value of the box, per axis. */
  readonly at: readonly number[];
}

/** Copies a box of `size` values (per axis) between two C-order buffers, row by row of the last axis. */
function copyBox(source: IBox, target: IBox, size: readonly number[], item: number): void {
  const [from, to] = [stridesOf(source.shape), stridesOf(target.shape)];
  const start = (box: IBox, stride: readonly number[]): number =>
    box.at.reduce((sum, at, axis) => sum + at * stride[axis], 0);
  const row = (size.at(-1) ?? 1) * item;
  const copy = (axis: number, a: number, b: number): void => {
    if (axis >= size.length - 1) {
      target.bytes.set(source.bytes.subarray(a * item, a * item + row), b * item);
      return;
    }
    for (let i = 0; i < size[axis]; i++) {
      copy(axis + 1, a + i * from[axis], b + i * to[axis]);
    }
  };
  copy(0, start(source, from), start(target, to));
}
