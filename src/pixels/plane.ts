import { isAbort, toBioImageError, type BioImageError } from '../core';
import { indexAtLevel, ITEM_BYTES, type IImage, type ILevel } from '../ngff';
import { stridesOf } from './order';
import type { ChunkReader, IChunkData } from './reader';

/** Which plane of an image, in indices of level 0; axes the image lacks are ignored. */
export interface IPlaneSelection {
  readonly t: number;
  readonly z: number;
  readonly c: number;
}

/** A rectangle of one plane. */
export interface IPlaneTile {
  /** Row-major raw words; 64-bit values as two little-endian 32-bit words each. Shared: not to be written to. */
  readonly words: IChunkData['words'];
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /**
   * One byte per cell of a mask laid evenly over the tile, row-major: 0 pixels, 1 no data (the chunk is not in the store),
   * 2 damaged (the chunk could not be read). A border of chunks is always a border of cells.
   */
  readonly absent: Uint8Array;
  /** Cells along x and y; they divide width and height. */
  readonly maskSize: [number, number];
  /** Why part of the tile is damaged; the rest of it is exact all the same. */
  readonly damaged?: BioImageError;
}

/** A rectangle in pixels of a level; ends excluded. */
export interface IRectangle {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

interface ISpan {
  /** Index of the chunk along the axis. */
  readonly chunk: number;
  /** [from, to) in pixels of the level. */
  readonly from: number;
  readonly to: number;
}

/**
 * Index of a plane along every axis of the array but y and x; along other axes than t, c and z, the position that is shown.
 * `null` where the level does not reach there.
 */
export function planeIndex(image: IImage, level: ILevel, selection: IPlaneSelection): number[] | null {
  const { shape } = level.array;
  const index = new Array<number>(shape.length).fill(0);
  const { t, c, z } = image.at;
  if (c !== undefined) {
    index[c] = Math.max(0, Math.min(shape[c] - 1, selection.c));
  }
  // Given in pixels of level 0, the others as t and z are.
  const wanted = image.others.map(({ axis, index: shown }): [number | undefined, number] => [axis, shown]);
  for (const [axis, shown] of [...wanted, [t, selection.t] as const, [z, selection.z] as const]) {
    const found = axis === undefined ? 0 : indexAtLevel(image, level.index, axis, shown);
    if (found === null) {
      return null;
    }
    if (axis !== undefined) {
      index[axis] = found;
    }
  }
  return index;
}

/** A tile without data. */
export function emptyTile(dtype: ILevel['array']['dtype'], { x0, y0, x1, y1 }: IRectangle): IPlaneTile {
  const [width, height] = [x1 - x0, y1 - y0];
  const words = emptyWords(ITEM_BYTES[dtype], width * height * (ITEM_BYTES[dtype] === 8 ? 2 : 1));
  return { words, width, height, absent: Uint8Array.of(1), maskSize: [1, 1] };
}

/** The parts of [from, to) by chunks of `length`. */
function spans(from: number, to: number, length: number): ISpan[] {
  const out: ISpan[] = [];
  for (let chunk = Math.floor(from / length); chunk * length < to; chunk++) {
    out.push({ chunk, from: Math.max(from, chunk * length), to: Math.min(to, (chunk + 1) * length) });
  }
  return out;
}

/**
 * Puts a rectangle of a plane together from the chunks it touches; a chunk of many planes is fetched and decoded once for
 * all of them.
 *
 * @param index - the plane, as of `planeIndex`
 * @throws the signal's reason; whatever else fails is told by `damaged`
 */
export async function readPlane(
  reader: ChunkReader,
  at: { y: number; x: number },
  index: readonly number[],
  area: IRectangle,
  signal?: AbortSignal
): Promise<IPlaneTile> {
  const { chunks, dtype } = reader.array;
  const rows = spans(area.y0, area.y1, chunks[at.y]);
  const columns = spans(area.x0, area.x1, chunks[at.x]);
  const base = index.map((value, axis) => Math.floor(value / chunks[axis]));
  let damaged: BioImageError | undefined;
  const leave = signalsFrom(signal);
  const parts = await Promise.all(
    rows.flatMap(row =>
      columns.map(async column => {
        const chunk = base.map((value, axis) => (axis === at.y ? row.chunk : axis === at.x ? column.chunk : value));
        try {
          return { row, column, data: await reader.chunk(chunk, leave.next()) };
        } catch (error) {
          if (isAbort(error) || signal?.aborted) {
            throw error;
          }
          damaged ??= toBioImageError(error);
          return { row, column, data: null };
        }
      })
    )
  ).finally(leave.done);
  const [width, height] = [area.x1 - area.x0, area.y1 - area.y0];
  const perValue = ITEM_BYTES[dtype] === 8 ? 2 : 1;
  const words = whole(parts, at, index, width, perValue) ?? emptyWords(ITEM_BYTES[dtype], width * height * perValue);
  if (parts.length !== 1 || parts[0].data?.words.buffer !== words.buffer) {
    for (const { row, column, data } of parts) {
      if (data) {
        copyPart(data, words, { at, index, row, column, area, perValue });
      }
    }
  }
  return { words, width, height, ...mask(parts, area), ...(damaged && { damaged }) };
}

/** A signal per read that fires with `signal`: one listener on the caller's, however many reads go on at once. */
export function signalsFrom(signal: AbortSignal | undefined): {
  next: () => AbortSignal | undefined;
  done: () => void;
} {
  const all: AbortController[] = [];
  const stop = (): void => all.forEach(controller => controller.abort(signal?.reason));
  signal?.addEventListener('abort', stop, { once: true });
  return {
    next() {
      const controller = new AbortController();
      all.push(controller);
      if (signal?.aborted) {
        controller.abort(signal.reason);
      }
      return signal && controller.signal;
    },
    done: () => signal?.removeEventListener('abort', stop)
  };
}

function emptyWords(itemBytes: number, length: number): IChunkData['words'] {
  return itemBytes === 1 ? new Uint8Array(length) : itemBytes === 2 ? new Uint16Array(length) : new Uint32Array(length);
}

type Part = { readonly row: ISpan; readonly column: ISpan; readonly data: IChunkData | null };

/** First word of a plane inside its chunk: index within the chunk along every axis but y and x. */
function planeStart(
  data: IChunkData,
  at: { y: number; x: number },
  index: readonly number[],
  stride: readonly number[]
): number {
  return index.reduce(
    (sum, value, axis) => (axis === at.y || axis === at.x ? sum : sum + (value % data.shape[axis]) * stride[axis]),
    0
  );
}

/** The chunk's own memory where the rectangle is exactly one plane of one chunk; else undefined. */
function whole(
  parts: readonly Part[],
  at: { y: number; x: number },
  index: readonly number[],
  width: number,
  perValue: number
): IChunkData['words'] | undefined {
  const [{ row, data }] = parts;
  if (parts.length !== 1 || !data) {
    return undefined;
  }
  const stride = stridesOf(data.shape, perValue);
  const height = row.to - row.from;
  if (
    width !== data.shape[at.x] ||
    height !== data.shape[at.y] ||
    stride[at.x] !== perValue ||
    stride[at.y] !== width * perValue
  ) {
    return undefined;
  }
  const start = planeStart(data, at, index, stride);
  return data.words.subarray(start, start + width * height * perValue);
}

interface IPlacing {
  readonly at: { y: number; x: number };
  readonly index: readonly number[];
  readonly row: ISpan;
  readonly column: ISpan;
  readonly area: IRectangle;
  readonly perValue: number;
}

function copyPart(
  data: IChunkData,
  target: IChunkData['words'],
  { at, index, row, column, area, perValue }: IPlacing
): void {
  const stride = stridesOf(data.shape, perValue);
  const start = planeStart(data, at, index, stride);
  const width = area.x1 - area.x0;
  const run = column.to - column.from;
  for (let y = row.from; y < row.to; y++) {
    let from =
      start +
      (y - row.chunk * data.shape[at.y]) * stride[at.y] +
      (column.from - column.chunk * data.shape[at.x]) * stride[at.x];
    let to = ((y - area.y0) * width + column.from - area.x0) * perValue;
    if (stride[at.x] === perValue) {
      target.set(data.words.subarray(from, from + run * perValue), to);
      continue;
    }
    // x is not the last axis (interleaved channels): value by value
    for (let i = 0; i < run; i++, from += stride[at.x], to += perValue) {
      target[to] = data.words[from];
      if (perValue === 2) {
        target[to + 1] = data.words[from + 1];
      }
    }
  }
}

/**
 * The mask at the resolution of chunks. Chunks rarely divide a tile evenly at the image's border, so cells are the largest
 * squares whose borders meet all borders of chunks; one cell where all chunks agree.
 */
function mask(parts: readonly Part[], area: IRectangle): Pick<IPlaneTile, 'absent' | 'maskSize'> {
  const state = ({ data }: Part): number => (data === null ? 2 : data.absent ? 1 : 0);
  if (parts.every(part => state(part) === state(parts[0]))) {
    return { absent: Uint8Array.of(state(parts[0])), maskSize: [1, 1] };
  }
  const cellWidth = parts.reduce((size, { column }) => gcd(size, column.to - area.x0), area.x1 - area.x0);
  const cellHeight = parts.reduce((size, { row }) => gcd(size, row.to - area.y0), area.y1 - area.y0);
  const maskSize: [number, number] = [(area.x1 - area.x0) / cellWidth, (area.y1 - area.y0) / cellHeight];
  const absent = new Uint8Array(maskSize[0] * maskSize[1]);
  for (const part of parts) {
    const [left, right] = [part.column.from, part.column.to].map(x => (x - area.x0) / cellWidth);
    for (let y = (part.row.from - area.y0) / cellHeight; y < (part.row.to - area.y0) / cellHeight; y++) {
      absent.fill(state(part), y * maskSize[0] + left, y * maskSize[0] + right);
    }
  }
  return { absent, maskSize };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
