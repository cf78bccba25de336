import { say } from '../core';
import type { FileBytes } from './bytes';
import { badTiff } from './bytes';

/** Tags that are read (TIFF 6.0, and its supplements where said), by their names there. */
export const TAG = {
  NewSubfileType: 254,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  Photometric: 262,
  FillOrder: 266,
  ImageDescription: 270,
  StripOffsets: 273,
  Orientation: 274,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  XResolution: 282,
  YResolution: 283,
  PlanarConfiguration: 284,
  T4Options: 292,
  ResolutionUnit: 296,
  Predictor: 317,
  ColorMap: 320,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  /** Supplement 1: directories of reduced images. */
  SubIFDs: 330,
  ExtraSamples: 338,
  SampleFormat: 339,
  /** Technical note 2 on JPEG. */
  JPEGTables: 347,
  /** Planes in one directory (SGI). */
  ImageDepth: 32997,
  /** Version, and what is packed around (libtiff). */
  LercParameters: 50674
} as const;

/** Values that are read together with their directory: all that can be long is read where it is needed. */
const SMALL: readonly number[] = Object.values(TAG).filter(
  tag =>
    ![
      TAG.ImageDescription,
      TAG.ColorMap,
      TAG.JPEGTables,
      TAG.StripOffsets,
      TAG.StripByteCounts,
      TAG.TileOffsets,
      TAG.TileByteCounts
    ].some(long => long === tag)
);

/** Bytes of one value of each field type (TIFF 6.0, section 2; 13 of supplement 1; 16 to 18 of BigTIFF). */
const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/** Directories of real files have some twenty entries, those with maker's notes some hundred. */
const MAX_ENTRIES = 4096;
/** Values of a tag that is read with its directory: samples of a pixel, reduced images. */
const MAX_SMALL = 4096;

/** Byte order and width of offsets of a file. */
export interface IForm {
  readonly little: boolean;
  /** BigTIFF: 8-byte offsets. */
  readonly big: boolean;
}

/** One entry of a directory. */
interface IField {
  readonly type: number;
  readonly count: number;
  /** Offset of the first value in the file. */
  readonly at: number;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 64-bit whole number; beyond 2^53 it is no place in any file, and stays wrong as a float. */
function wide(data: DataView, at: number, little: boolean): number {
  return Number(data.getBigUint64(at, little));
}

function valueOf(data: DataView, at: number, type: number, little: boolean): number {
  switch (type) {
    case 3:
      return data.getUint16(at, little);
    case 4:
    case 13:
      return data.getUint32(at, little);
    case 5:
      return data.getUint32(at, little) / data.getUint32(at + 4, little);
    case 6:
      return data.getInt8(at);
    case 8:
      return data.getInt16(at, little);
    case 9:
      return data.getInt32(at, little);
    case 10:
      return data.getInt32(at, little) / data.getInt32(at + 4, little);
    case 11:
      return data.getFloat32(at, little);
    case 12:
      return data.getFloat64(at, little);
    case 16:
    case 18:
      return wide(data, at, little);
    case 17:
      return Number(data.getBigInt64(at, little));
    default:
      return data.getUint8(at);
  }
}

/** One image file directory; offsets and byte counts of its strips or tiles are read when they are asked for. */
export class Directory {
  readonly bytes: FileBytes;
  readonly form: IForm;
  readonly offset: number;
  /** Offset of the next directory; 0 = none. */
  readonly next: number;
  private readonly _fields: ReadonlyMap<number, IField>;
  private readonly _small = new Map<number, readonly number[]>();

  private constructor(
    bytes: FileBytes,
    form: IForm,
    offset: number,
    fields: ReadonlyMap<number, IField>,
    next: number
  ) {
    this.bytes = bytes;
    this.form = form;
    this.offset = offset;
    this.next = next;
    this._fields = fields;
  }

  /** Reads the directory at `offset` and its small values. Throws BAD_METADATA naming the offset or the tag. */
  static async read(bytes: FileBytes, form: IForm, offset: number, signal?: AbortSignal): Promise<Directory> {
    const [countBytes, entryBytes, offsetBytes] = form.big ? [8, 20, 8] : [2, 12, 4];
    const head = view(await bytes.read(offset, countBytes, signal));
    const count = form.big ? wide(head, 0, form.little) : head.getUint16(0, form.little);
    if (count === 0 || count > MAX_ENTRIES) {
      throw badTiff(bytes.key, say`the directory at byte ${offset} has ${count} entries`);
    }
    const start = offset + countBytes;
    const body = view(await bytes.read(start, count * entryBytes + offsetBytes, signal));
    const fields = new Map<number, IField>();
    for (let i = 0; i < count; i++) {
      const at = i * entryBytes;
      const type = body.getUint16(at + 2, form.little);
      const values = form.big ? wide(body, at + 4, form.little) : body.getUint32(at + 4, form.little);
      const length = (TYPE_BYTES[type] ?? 0) * values;
      const inline = at + (form.big ? 12 : 8);
      const far = form.big ? wide(body, inline, form.little) : body.getUint32(inline, form.little);
      const tag = body.getUint16(at, form.little);
      // Types that are not known are passed over, as TIFF 6.0 demands. Micro-Manager writes two descriptions, OME-XML first.
      if (length > 0 && !fields.has(tag)) {
        fields.set(tag, {
          type,
          count: values,
          at: length <= offsetBytes ? start + inline : far
        });
      }
    }
    const last = count * entryBytes;
    const next = form.big ? wide(body, last, form.little) : body.getUint32(last, form.little);
    const directory = new Directory(bytes, form, offset, fields, next);
    directory._take(body, start);
    await Promise.all(SMALL.map(tag => directory._load(tag, signal)));
    return directory;
  }

  has(tag: number): boolean {
    return this._fields.has(tag);
  }

  /** Number of values of a tag; 0 where it is missing. */
  count(tag: number): number {
    return this._fields.get(tag)?.count ?? 0;
  }

  /** The values of one of the small tags; empty where it is missing. */
  list(tag: number): readonly number[] {
    return this._small.get(tag) ?? [];
  }

  /** The first value of one of the small tags. */
  value(tag: number): number | undefined {
    return this._small.get(tag)?.[0];
  }

  /** Values `[from, from + count)` of a tag, read now. BAD_METADATA where it has fewer. */
  async slice(tag: number, from: number, count: number, signal?: AbortSignal): Promise<number[]> {
    const field = this._fields.get(tag);
    if (!field || from + count > field.count) {
      throw badTiff(this.bytes.key, say`tag ${tag} of the directory at byte ${this.offset} has too few values`);
    }
    const size = TYPE_BYTES[field.type];
    const data = view(await this.bytes.read(field.at + from * size, count * size, signal));
    return Array.from({ length: count }, (_, i) => valueOf(data, i * size, field.type, this.form.little));
  }

  /** The bytes of a tag; `undefined` where it is missing or longer than `most`. */
  async raw(tag: number, most: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const field = this._fields.get(tag);
    const length = field ? field.count * TYPE_BYTES[field.type] : 0;
    return field && length <= most ? this.bytes.read(field.at, length, signal) : undefined;
  }

  /** Length in bytes of a tag's values. */
  length(tag: number): number {
    const field = this._fields.get(tag);
    return field ? field.count * TYPE_BYTES[field.type] : 0;
  }

  /** The small values that stand in the directory itself. */
  private _take(body: DataView, start: number): void {
    for (const tag of SMALL) {
      const field = this._fields.get(tag);
      const at = (field?.at ?? 0) - start;
      if (field && at >= 0 && at < body.byteLength) {
        const size = TYPE_BYTES[field.type];
        if (at + size * field.count <= body.byteLength) {
          const values = Array.from({ length: field.count }, (_, i) =>
            valueOf(body, at + i * size, field.type, this.form.little)
          );
          this._small.set(tag, values);
        }
      }
    }
  }

  private async _load(tag: number, signal?: AbortSignal): Promise<void> {
    if (this._small.has(tag)) {
      return;
    }
    const count = this.count(tag);
    if (count > MAX_SMALL) {
      throw badTiff(this.bytes.key, say`tag ${tag} of the directory at byte ${this.offset} has ${count} values`);
    }
    if (count > 0) {
      this._small.set(tag, await this.slice(tag, 0, count, signal));
    }
  }
}
