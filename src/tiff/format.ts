import { BioImageError, say } from '../core';
import type { Said } from '../core';
import { ITEM_BYTES, type DataType } from '../ngff';
import { badTiff } from './bytes';
import { compressionOf, schemeOf, type Compression } from './compression';
import { TAG, type Directory } from './directory';

/** How the pixels of one directory are stored. */
export interface IFormat {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Values of a pixel. */
  readonly samples: number;
  /** Each sample has units of its own (planar configuration 2). */
  readonly planar: boolean;
  readonly dtype: DataType;
  /** Bits of a value as stored. */
  readonly bits: number;
  readonly compression: Compression;
  /** The values of a pixel are YCbCr, which their decoder does not know: JPEG 2000, in Aperio's files (33003) or said so. */
  readonly ycc: boolean;
  /** Each value is the number of a colour (tag ColorMap, which has all 2^`bits` of them). */
  readonly palette: boolean;
  /** 1 none, 2 horizontal differences, 3 floating point. */
  readonly predictor: 1 | 2 | 3;
  /** Photometric interpretation (TIFF 6.0, sections 4, 6 and 20 to 23). */
  readonly photometric: number;
  /** Bits of a byte are in reverse order. */
  readonly reversed: boolean;
  /** In pixels; `null` for strips. */
  readonly tile: { readonly width: number; readonly height: number } | null;
  /** Rows of a strip; the height for tiles. */
  readonly rows: number;
  /** A smaller version of another image (bit 0 of NewSubfileType). */
  readonly reduced: boolean;
  /** A transparency mask of another image (bit 2). */
  readonly mask: boolean;
  /** Where row 0 and column 0 lie (TIFF 6.0, section 8); 1 = top left, as pixels are shown. */
  readonly orientation: number;
  /** Some of the strips are not in the file. */
  readonly sparse: boolean;
}

/** Axes longer than this exist in no format. */
const MAX_SIDE = 2 ** 31 - 1;
/** Units of one directory: 16 × 16 pixel tiles of 131,072 × 131,072 pixels. */
const MAX_UNITS = 2 ** 26;
const MAX_SAMPLES = 1024;
/** Decoded bytes of one unit; see `array.ts` of the Zarr arrays. */
const MAX_UNIT_BYTES = 256 * 1024 * 1024;

/** Neither the page nor the session decodes it, and code that is made here opens the file by the same reader. */
const ELSEWHERE = say`Convert it to OME-Zarr with bioformats2raw, or read it in Python with tifffile and imagecodecs installed.`;

function unsupported(what: Said, key: string, hint?: Said): BioImageError {
  return new BioImageError('UNSUPPORTED', say`This format is not supported: TIFF with ${what}.`, { where: key, hint });
}

/** Element type of `bits` wide samples (tag SampleFormat: 1 unsigned, 2 signed, 3 float, 4 undefined). */
function dtypeOf(bits: number, sampleFormat: number, key: string): DataType {
  const regular = bits === 8 || bits === 16 || bits === 32 || bits === 64;
  if (sampleFormat === 3 && regular && bits > 8) {
    return `float${bits as 16 | 32 | 64}`; // narrowed by the line above, which the compiler does not follow
  }
  if (sampleFormat === 2 && regular) {
    return `int${bits}`;
  }
  if (sampleFormat === 1 || sampleFormat === 4) {
    if (bits === 64) {
      return 'uint64';
    }
    if (bits >= 1 && bits <= 32) {
      return bits === 1 ? 'bool' : bits <= 8 ? 'uint8' : bits <= 16 ? 'uint16' : 'uint32';
    }
  }
  const kinds: Readonly<Record<number, Said>> = {
    1: say`unsigned`,
    2: say`signed`,
    3: say`float`,
    5: say`complex`,
    6: say`complex`
  };
  throw unsupported(say`${kinds[sampleFormat] ?? say`unknown`} samples of ${bits} bits`, key);
}

function side(directory: Directory, tag: number, name: string): number {
  const value = directory.value(tag) ?? 0;
  if (!Number.isInteger(value) || value < 1 || value > MAX_SIDE) {
    throw badTiff(directory.bytes.key, say`${name} of the directory at byte ${directory.offset} is ${value}`);
  }
  return value;
}

/** The same value for all samples. */
function common(directory: Directory, tag: number, fallback: number, what: Said): number {
  const list = directory.list(tag);
  if (list.some(value => value !== list[0])) {
    throw unsupported(say`samples of different ${what}`, directory.bytes.key);
  }
  return list[0] ?? fallback;
}

/** Rows and columns of one unit, and the values of a pixel in it. */
export function unitShape(format: IFormat): { width: number; height: number; samples: number } {
  return {
    width: format.tile?.width ?? format.width,
    height: format.tile?.height ?? format.rows,
    samples: format.planar ? 1 : format.samples
  };
}

/** Units along y and x of one plane. */
export function unitGrid({ width, height, tile, rows }: IFormat): { down: number; across: number } {
  return tile
    ? { down: Math.ceil(height / tile.height), across: Math.ceil(width / tile.width) }
    : { down: Math.ceil(height / rows), across: 1 };
}

/** Compression, predictor and colours must go together. */
function checkScheme(directory: Directory, format: IFormat): void {
  const { bytes } = directory;
  const { compression, bits, dtype, predictor, photometric } = format;
  const jpeg = compression === 'jpeg' ? bits === 8 : compression !== 'jpegdeep' || bits === 12 || bits === 16;
  if (!jpeg || (compression.startsWith('jpeg') && dtype.startsWith('int') && compression !== 'jpeg2000')) {
    throw unsupported(say`JPEG of ${bits} bits`, bytes.key);
  }
  if (compression.startsWith('ccitt') && (bits !== 1 || format.samples !== 1)) {
    throw badTiff(bytes.key, say`black and white (CCITT) of ${format.samples} × ${bits} bits`);
  }
  if (photometric === 6 && schemeOf(compression).gives !== 'values') {
    throw unsupported(say`YCbCr colours that are not JPEG`, bytes.key);
  }
  if (predictor !== 1 && bits !== 8 * ITEM_BYTES[dtype]) {
    throw unsupported(say`a predictor over ${bits} bits`, bytes.key);
  }
  if (predictor === 3 && !dtype.startsWith('float')) {
    throw badTiff(bytes.key, say`a floating point predictor over ${dtype}`);
  }
}

/** Offsets and lengths must be there for each unit, and lie in the file as far as its length is known. */
function checkUnits(directory: Directory, format: IFormat): void {
  const { bytes, offset } = directory;
  const { down, across } = unitGrid(format);
  const units = down * across * (format.planar ? format.samples : 1);
  if (units > MAX_UNITS) {
    throw badTiff(bytes.key, say`the directory at byte ${offset} has ${units} strips or tiles`);
  }
  const [offsets, counts] = unitTags(format);
  const missing = directory.count(counts) === 0 && format.compression === 'none';
  if (directory.count(offsets) < units || (directory.count(counts) < units && !missing)) {
    throw badTiff(bytes.key, say`the directory at byte ${offset} lists too few of its ${units} strips or tiles`);
  }
  if (directory.length(offsets) > (bytes.size ?? Infinity)) {
    throw badTiff(bytes.key, say`the list of strips or tiles of the directory at byte ${offset} is not in the file`);
  }
  const { width, height, samples } = unitShape(format);
  // Uncompressed strips are cut, however high they are.
  const rows = format.compression === 'none' && !format.tile ? 1 : height;
  const size = width * rows * samples * ITEM_BYTES[format.dtype];
  if (size > MAX_UNIT_BYTES) {
    const mib = Math.round(size / 2 ** 20);
    throw new BioImageError(
      'TOO_LARGE',
      say`Too large to preview (one strip or tile is ${mib} MiB). Use the code snippet instead.`,
      { where: bytes.key }
    );
  }
}

/** Aperio's 33003 is YCbCr whatever else is said, its 33005 is RGB (as OpenSlide has it). */
function isYcc(tag: number, id: Compression, photometric: number, samples: number): boolean {
  return id === 'jpeg2000' && samples === 3 && (tag === 33003 || (photometric === 6 && tag !== 33005));
}

/** Tags of offsets and byte counts. */
export function unitTags(format: IFormat): [number, number] {
  return format.tile ? [TAG.TileOffsets, TAG.TileByteCounts] : [TAG.StripOffsets, TAG.StripByteCounts];
}

/**
 * Reads how a directory's pixels are stored (TIFF 6.0, sections 4, 8, 14, 15, 18, 22).
 *
 * @throws BAD_METADATA naming the tag, UNSUPPORTED naming what is not known, TOO_LARGE for a unit over 256 MiB
 */
export function readFormat(directory: Directory): IFormat {
  const { key } = directory.bytes;
  const [width, height] = [
    side(directory, TAG.ImageWidth, 'ImageWidth'),
    side(directory, TAG.ImageLength, 'ImageLength')
  ];
  const samples = directory.value(TAG.SamplesPerPixel) ?? 1;
  if (samples < 1 || samples > MAX_SAMPLES) {
    throw badTiff(key, say`SamplesPerPixel of the directory at byte ${directory.offset} is ${samples}`);
  }
  if ((directory.value(TAG.ImageDepth) ?? 1) > 1) {
    throw unsupported(say`several planes in one directory`, key);
  }
  const tag = directory.value(TAG.Compression) ?? 1;
  const bits = common(directory, TAG.BitsPerSample, 1, say`sizes`);
  const known = compressionOf(tag, bits);
  if ('name' in known) {
    throw unsupported(say`the compression ${known.name}`, key, ELSEWHERE);
  }
  const { id, gives } = known.scheme;
  const predictor = directory.value(TAG.Predictor) ?? 1;
  if (predictor !== 1 && predictor !== 2 && predictor !== 3) {
    throw unsupported(say`predictor ${predictor}`, key);
  }
  const photometric = directory.value(TAG.Photometric) ?? 1;
  const tiled = directory.has(TAG.TileWidth) || directory.has(TAG.TileOffsets);
  const kind = directory.value(TAG.NewSubfileType) ?? 0;
  const format: IFormat = {
    width,
    height,
    samples,
    planar: directory.value(TAG.PlanarConfiguration) === 2 && samples > 1,
    bits,
    dtype: dtypeOf(bits, common(directory, TAG.SampleFormat, 1, say`kinds`), key),
    compression: id,
    ycc: isYcc(tag, id, photometric, samples),
    palette: photometric === 3 && samples === 1 && bits <= 8 && directory.count(TAG.ColorMap) === 3 << bits,
    // Pictures have no rows of values that a predictor could run along.
    predictor: gives === 'values' ? 1 : predictor,
    photometric,
    // CCITT is a stream of bits; other pictures are files in the file.
    reversed: directory.value(TAG.FillOrder) === 2 && (gives === 'bytes' || id.startsWith('ccitt')),
    tile: tiled
      ? { width: side(directory, TAG.TileWidth, 'TileWidth'), height: side(directory, TAG.TileLength, 'TileLength') }
      : null,
    rows: tiled ? height : Math.min(height, Math.max(1, directory.value(TAG.RowsPerStrip) ?? height)),
    reduced: (kind & 1) === 1,
    mask: (kind & 4) === 4,
    orientation: directory.value(TAG.Orientation) ?? 1,
    sparse: false // told by lists that are read where they are needed
  };
  checkScheme(directory, format);
  checkUnits(directory, format);
  return format;
}

/** Whether two directories are planes of one array. */
export function sameArray(a: IFormat, b: IFormat): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.samples === b.samples &&
    a.planar === b.planar &&
    a.dtype === b.dtype &&
    a.bits === b.bits &&
    a.palette === b.palette
  );
}
