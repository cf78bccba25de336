import { BioImageError, say } from '../core';
import type { Said } from '../core';
import { ITEM_BYTES, type IPlace } from '../ngff';
import { isPageScheme, schemeOf, type Compression } from './compression';
import type { ITiffMore } from './decode/spec';
import { TAG, type Directory } from './directory';
import { unitGrid, unitShape, unitTags, type IFormat } from './format';
import { divided } from './remote';

/** The decoded unit of an array: rows and columns of a plane. */
export interface ILayout {
  readonly rows: number;
  readonly columns: number;
}

/** Rows of a uncompressed block, and bytes of it: about what a tile of a viewer needs. */
const BLOCK_ROWS = 512;
const BLOCK_BYTES = 2 * 1024 * 1024;
/** Rows of compressed strips that are put together. */
const GATHERED_ROWS = 256;
const GATHERED_BYTES = 1024 * 1024;
/** Bytes of one read, see the stores. */
const MAX_SPAN = 64 * 1024 * 1024;
/** Tables of quantisation and of Huffman codes have some 600 bytes. */
const MAX_TABLES = 64 * 1024;

/** Bytes of a row of `width` pixels as stored. */
export function rowBytes(width: number, samples: number, bits: number): number {
  return Math.ceil((width * samples * bits) / 8);
}

/**
 * The unit that an image is cut into: its tile; blocks of rows where strips are not compressed, however they lie; several
 * strips of few rows together, else one. Where strips are missing no unit goes beyond one, so that these are no data.
 */
export function layoutOf(format: IFormat): ILayout {
  const { width, height, samples } = unitShape(format);
  if (format.tile) {
    return { rows: height, columns: width };
  }
  if (format.compression === 'none') {
    const bytes = width * samples * ITEM_BYTES[format.dtype];
    let rows = Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_BYTES / bytes)));
    if (format.sparse) {
      for (rows = Math.min(rows, height); height % rows !== 0;) {
        rows -= 1;
      }
    }
    return { rows: Math.min(rows, format.height), columns: width };
  }
  const bytes = height * width * samples * ITEM_BYTES[format.dtype];
  const together = format.sparse
    ? 1
    : Math.max(1, Math.min(Math.floor(GATHERED_ROWS / height), Math.floor(GATHERED_BYTES / bytes)));
  return { rows: Math.min(height * together, Math.ceil(format.height / height) * height), columns: width };
}

/** One piece of a unit in the file; `length` 0: it is not there. */
interface IPiece {
  readonly offset: number;
  readonly length: number;
  readonly rows: number;
  /** Rows before these that are another unit's. */
  readonly skipped?: number;
}

function damaged(why: Said, key: string): BioImageError {
  return new BioImageError('BAD_CHUNK', say`Part of this image is damaged: ${why}.`, { where: key });
}

/** Lists of offsets and lengths of units `[from, to)`; `lengths` is empty where the file has none. */
async function listUnits(
  directory: Directory,
  format: IFormat,
  from: number,
  to: number,
  signal?: AbortSignal
): Promise<{ offsets: number[]; lengths: number[] }> {
  const [offsetTag, lengthTag] = unitTags(format);
  const [offsets, lengths] = await Promise.all([
    directory.slice(offsetTag, from, to - from, signal),
    directory.has(lengthTag) ? directory.slice(lengthTag, from, to - from, signal) : []
  ]);
  return { offsets, lengths };
}

async function tilePieces(
  directory: Directory,
  format: IFormat,
  index: number,
  signal?: AbortSignal
): Promise<IPiece[]> {
  const { offsets, lengths } = await listUnits(directory, format, index, index + 1, signal);
  const { width, height, samples } = unitShape(format);
  const full = height * rowBytes(width, samples, format.bits);
  const length = lengths.length === 0 ? full : format.compression === 'none' ? cut(lengths[0], full) : lengths[0];
  return [{ offset: offsets[0], length: offsets[0] === 0 ? 0 : length, rows: height }];
}

/** Uncompressed bytes are as many as the pixels need; what is listed beyond is padding. */
function cut(listed: number, needed: number): number {
  return listed >= needed ? needed : listed;
}

async function stripPieces(
  directory: Directory,
  format: IFormat,
  first: number,
  rows: { from: number; to: number },
  signal?: AbortSignal
): Promise<IPiece[]> {
  const { width, height, samples } = unitShape(format);
  const [from, to] = [Math.floor(rows.from / height), Math.ceil(rows.to / height)];
  const { offsets, lengths } = await listUnits(directory, format, first + from, first + to, signal);
  const row = rowBytes(width, samples, format.bits);
  return offsets.map((offset, i) => {
    const top = (from + i) * height;
    const [start, end] = [Math.max(top, rows.from), Math.min(top + height, rows.to)];
    const listed = lengths.length === 0 ? (end - top) * row : lengths[i];
    if (offset === 0 || listed === 0) {
      return { offset: 0, length: 0, rows: end - start };
    }
    if (format.compression !== 'none') {
      // Pages may be cut otherwise than the first one, whose strips make the units.
      return { offset, length: listed, rows: end - start, skipped: start - top };
    }
    if (listed < (end - top) * row) {
      throw damaged(say`a strip has ${listed} bytes where ${(end - top) * row} are needed`, directory.bytes.key);
    }
    return { offset: offset + (start - top) * row, length: (end - start) * row, rows: end - start };
  });
}

/** Neighbours without a gap are one piece where nothing is compressed. */
function joined(pieces: readonly IPiece[], format: IFormat): IPiece[] {
  if (format.compression !== 'none') {
    return [...pieces];
  }
  const out: IPiece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last && last.length > 0 && piece.length > 0 && last.offset + last.length === piece.offset) {
      out[out.length - 1] = { offset: last.offset, length: last.length + piece.length, rows: last.rows + piece.rows };
    } else {
      out.push(piece);
    }
  }
  return out;
}

/** Red, green and blue of each number in 8 bits; some writers store these in the low half of the 16 bits of each. */
async function paletteOf(directory: Directory, { bits }: IFormat, signal?: AbortSignal): Promise<Uint8Array> {
  const size = 1 << bits;
  const stored = await directory.slice(TAG.ColorMap, 0, 3 * size, signal);
  const shift = stored.some(value => value > 255) ? 8 : 0;
  return Uint8Array.from({ length: 3 * size }, (_, i) => stored[(i % 3) * size + Math.floor(i / 3)] >> shift);
}

/** The scheme where the page has it; what the server unpacks are values. */
function pageScheme(compression: Compression): ITiffMore['compression'] {
  return isPageScheme(compression) ? compression : 'values';
}

/** Which unit of a plane: position in the grid of the layout, and the sample where they are apart. */
export interface IUnit {
  readonly row: number;
  readonly column: number;
  readonly sample: number;
  /** Numbers of a palette are made into its colours. */
  readonly coloured?: boolean;
}

/**
 * Where a unit of the plane of `directory` lies; `null` where the file has nothing there (sparse files).
 *
 * @param shift - bytes between the directory's plane and the one that is meant (planes that follow without a directory)
 * @throws BAD_CHUNK, BAD_METADATA, what the store throws, or the signal's reason
 */
export async function locateUnit(
  directory: Directory,
  format: IFormat,
  layout: ILayout,
  unit: IUnit,
  shift: number,
  signal?: AbortSignal
): Promise<IPlace | null> {
  const { down, across } = unitGrid(format);
  const first = format.planar ? unit.sample * down * across : 0;
  const from = unit.row * layout.rows;
  const rows = { from, to: Math.min(format.height, from + layout.rows) };
  const [found, tables, palette] = await Promise.all([
    format.tile
      ? tilePieces(directory, format, first + unit.row * across + unit.column, signal)
      : stripPieces(directory, format, first, rows, signal),
    format.compression.startsWith('jpeg') ? directory.raw(TAG.JPEGTables, MAX_TABLES, signal) : undefined,
    unit.coloured === true ? paletteOf(directory, format, signal) : undefined
  ]);
  const pieces = joined(found, format);
  const there = pieces.filter(({ length }) => length > 0);
  if (there.length === 0) {
    return null;
  }
  if (there.length < pieces.length) {
    // A plane that lacks strips where the first one has them: 0 would pass for a value.
    throw damaged(say`some of its strips are not in the file`, directory.bytes.key);
  }
  const start = Math.min(...there.map(({ offset }) => offset));
  const end = Math.max(...there.map(({ offset, length }) => offset + length));
  if (!Number.isSafeInteger(end) || end - start > MAX_SPAN) {
    throw damaged(say`its strips lie too far apart, or are too long`, directory.bytes.key);
  }
  const more: ITiffMore = {
    parts: pieces.map(({ offset, length, rows: high, skipped }) => [offset - start, length, high, skipped ?? 0]),
    mostRows: format.tile ? format.tile.height : format.rows,
    compression: pageScheme(format.compression),
    predictor: format.predictor,
    photometric: format.photometric,
    reversed: format.reversed,
    little: directory.form.little,
    ...(tables && { tables: tables.slice() }),
    ...(palette && { palette })
  };
  const place = { key: directory.bytes.key, range: { start: start + shift, end: end + shift } };
  if (schemeOf(format.compression).by === 'browser') {
    return { ...place, more: { ...more } };
  }
  const { server, more: left } = divided(directory, format, more, layout);
  return { ...place, server, ...(left && { more: { ...left } }) };
}
