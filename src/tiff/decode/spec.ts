import type { DataType } from '../../ngff';
import type { PageScheme } from '../compression';

/** What all units of one array have in common; plain data, the `decodeDoc` of its array. */
export interface ITiffDocument {
  readonly dtype: DataType;
  /** Of a unit, in pixels; the result is padded to it. */
  readonly rows: number;
  readonly columns: number;
  /** Values of a pixel in a unit. */
  readonly samples: number;
  /** Bits of a value as stored. */
  readonly bits: number;
}

/** What one unit needs beyond; plain data, the `more` of its place. */
export interface ITiffMore {
  /**
   * Pieces of the unit from top to bottom, each compressed by itself: offset in the unit's bytes, length in bytes (0: stays
   * 0), rows, and rows at the top of the piece that are another unit's (0 where it is left out).
   */
  readonly parts: readonly (readonly [number, number, number, number?])[];
  /** Rows that a piece may hold, where these may be more than the unit has. */
  readonly mostRows?: number;
  /** `values`: nothing is left to be unpacked, these are little-endian values of the type's full width. */
  readonly compression: PageScheme | 'values';
  readonly predictor: 1 | 2 | 3;
  readonly photometric: number;
  /** Bits of a byte are in reverse order. */
  readonly reversed: boolean;
  /** Byte order of the file. */
  readonly little: boolean;
  /** JPEG tables that the units of a directory share. */
  readonly tables?: Uint8Array;
  /** Red, green and blue of every number; then what is stored is one number for each pixel, and colours are made of them. */
  readonly palette?: Uint8Array;
}

/** How many bytes may come out: exactly `bytes`, or at most so many. */
export interface IBound {
  readonly exact: boolean;
  readonly bytes: number;
}

/** Decoders that live elsewhere; they throw BAD_CHUNK. */
export interface IDecodeTools {
  /** Unpacks zlib data. */
  inflate(data: Uint8Array, bound: IBound): Promise<Uint8Array>;
  /** Unpacks one Zstandard frame. */
  zstd(data: Uint8Array, bound: IBound): Promise<Uint8Array>;
}
