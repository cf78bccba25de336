import { asArray, asInteger, asString, BioImageError, invalid, say } from '../core';
import { ITEM_BYTES, readDtypeV2 } from './dtype';
import type { DataType } from './dtype';
import { readFill } from './fill';

/** Element type and byte order of values somewhere in a chain. */
export interface IElement {
  readonly dtype: DataType;
  readonly big: boolean;
}

/** What a step makes of what, named for encoding: values of values, bytes of values, bytes of bytes. */
export type CodecKind = 'array-array' | 'array-bytes' | 'bytes-bytes';

/** Who can take a step back: a browser lacks some, which the server of the session has. */
export type DecodedBy = 'browser' | 'server';

/** The values that a step was given when it encoded. */
export interface IStepContext {
  readonly dtype: DataType;
  /** Byte order of the array's own values: Zarr v2 only. */
  readonly big: boolean;
  readonly rank: number;
  /** Zarr v2 gives a step bytes and lets it see in them the type it names itself; v3 knows the type. */
  readonly format: 2 | 3;
}

/** A step whose configuration is known to be sane. */
export interface IChecked {
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Values before the step, and after it: only of steps from values to values. */
  readonly decoded?: IElement;
  readonly encoded?: IElement;
  /** Where this configuration needs another than the table says. */
  readonly by?: DecodedBy;
}

type Check = (configuration: Record<string, unknown>, context: IStepContext, where: string) => IChecked;

/** One codec: under which names it stands in documents, what it is, who decodes it, how its configuration is checked. */
export interface ICodecEntry {
  /** Plain name; in Zarr v3 `numcodecs.` may stand before it. */
  readonly name: string;
  readonly kind: CodecKind;
  readonly by: DecodedBy;
  /** Versions of Zarr in which it exists. */
  readonly formats: readonly (2 | 3)[];
  readonly check?: Check;
}

/** UNSUPPORTED, naming the codec. */
export function unsupportedCodec(name: string, where: string): BioImageError {
  return new BioImageError('UNSUPPORTED', say`This format is not supported: codec ${name.slice(0, 60)}.`, {
    where,
    hint: say`Install a package with this codec in the kernel and use the code snippet, or open the image with the program that wrote it.`
  });
}

const INTEGER = /^u?int/;
const WIDE = /64$/;

/** numpy's spellings of a type: `<u2`, `u2`, `uint16`. */
function readElement(value: unknown, where: string): IElement {
  const text = typeof value === 'string' && Object.hasOwn(ITEM_BYTES, value) ? value : null;
  if (text !== null) {
    return { dtype: text as DataType, big: false }; // a key of the table is a type
  }
  return readDtypeV2(typeof value === 'string' && /^[a-z]\d$/.test(value) ? `<${value}` : value, where);
}

/** The type a step was given: what it names itself, or the array's. In Zarr v3 the two must be of one size. */
function given(value: unknown, context: IStepContext, name: string, where: string): IElement {
  const element =
    value === undefined || value === null ? { dtype: context.dtype, big: context.big } : readElement(value, where);
  if (context.format === 3 && ITEM_BYTES[element.dtype] !== ITEM_BYTES[context.dtype]) {
    throw unsupportedCodec(`${name} of another data type`, where);
  }
  return straight(element, context, name, where);
}

function made(value: unknown, fallback: IElement, context: IStepContext, name: string, where: string): IElement {
  return value === undefined || value === null ? fallback : straight(readElement(value, where), context, name, where);
}

/** In Zarr v3 the step `bytes` tells the byte order; writers get a second one wrong themselves. */
function straight(element: IElement, { format }: IStepContext, name: string, where: string): IElement {
  if (format === 3 && element.big && ITEM_BYTES[element.dtype] > 1) {
    throw unsupportedCodec(`${name} of big-endian values`, where);
  }
  return element;
}

function finite(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw invalid(where, say`is not a number`);
  }
  return value;
}

const transpose: Check = (configuration, { rank }, where) => {
  const order = configuration.order;
  // "C" and "F" are the spelling of Zarr v3 drafts.
  const plain = Array.from({ length: rank }, (_, i) => i);
  const axes =
    order === 'C'
      ? plain
      : order === 'F'
        ? plain.reverse()
        : asArray(order, `${where}.order`).map((axis, i) => asInteger(axis, `${where}.order[${i}]`, 0, rank - 1));
  if (axes.length !== rank || new Set(axes).size !== rank) {
    throw invalid(`${where}.order`, say`is not a permutation of the axes`);
  }
  return { configuration: { order: axes } };
};

const bytes: Check = (configuration, _, where) => {
  const endian = configuration.endian ?? 'little';
  if (endian !== 'little' && endian !== 'big') {
    throw invalid(`${where}.endian`, say`is neither little nor big`);
  }
  return { configuration: { endian } };
};

const delta: Check = (configuration, context, where) => {
  const decoded = given(configuration.dtype, context, 'delta', `${where}.dtype`);
  const encoded = made(configuration.astype, decoded, context, 'delta', `${where}.astype`);
  // numpy adds booleans by "or", so differences of them cannot be taken back; and fractions cut to integers neither.
  if (
    decoded.dtype === 'bool' ||
    encoded.dtype === 'bool' ||
    (INTEGER.test(decoded.dtype) && !INTEGER.test(encoded.dtype))
  ) {
    throw unsupportedCodec(`delta of ${encoded.dtype} for ${decoded.dtype}`, where);
  }
  return { configuration, decoded, encoded, by: exact(encoded, decoded) };
};

/** 64-bit integers become smaller floats in one rounding, which doubles on the way cannot show. */
function exact(from: IElement, to: IElement): DecodedBy | undefined {
  const wide = WIDE.test(from.dtype) && INTEGER.test(from.dtype);
  return wide && (to.dtype === 'float32' || to.dtype === 'float16') ? 'server' : undefined;
}

const fixedScaleOffset: Check = (configuration, context, where) => {
  const [scale, offset] = ['scale', 'offset'].map(key => finite(configuration[key], `${where}.${key}`));
  if (scale === 0) {
    throw invalid(`${where}.scale`, say`is 0`);
  }
  const decoded = given(configuration.dtype, context, 'fixedscaleoffset', `${where}.dtype`);
  const encoded = made(configuration.astype, decoded, context, 'fixedscaleoffset', `${where}.astype`);
  if (decoded.dtype === 'bool' || encoded.dtype === 'bool') {
    throw unsupportedCodec('fixedscaleoffset of bool', where);
  }
  return { configuration: { scale, offset }, decoded, encoded };
};

const astype: Check = (configuration, context, where) => {
  const decoded = given(configuration.decode_dtype, context, 'astype', `${where}.decode_dtype`);
  if (configuration.encode_dtype === undefined) {
    throw invalid(`${where}.encode_dtype`, say`is missing`);
  }
  const encoded = made(configuration.encode_dtype, decoded, context, 'astype', `${where}.encode_dtype`);
  return { configuration, decoded, encoded, by: exact(encoded, decoded) };
};

const quantize: Check = (configuration, context, where) => {
  const decoded = given(configuration.dtype, context, 'quantize', `${where}.dtype`);
  const encoded = made(configuration.astype, decoded, context, 'quantize', `${where}.astype`);
  if (INTEGER.test(decoded.dtype) || INTEGER.test(encoded.dtype) || decoded.dtype === 'bool') {
    throw unsupportedCodec('quantize of integers', where);
  }
  return { configuration, decoded, encoded };
};

const packbits: Check = (configuration, { dtype, format }, where) => {
  if (format === 3 && dtype !== 'bool') {
    throw unsupportedCodec(`packbits of ${dtype}`, where);
  }
  return { configuration, decoded: { dtype: 'bool', big: false }, encoded: { dtype: 'uint8', big: false } };
};

/** `scale` and `offset` are values of the array's own type, in which the arithmetic is done. */
const scaleOffset: Check = (configuration, { dtype }, where) => {
  if (dtype === 'bool') {
    throw unsupportedCodec('scale_offset of bool', where);
  }
  const [scale, offset] = [
    readFill(configuration.scale ?? 1, dtype, `${where}.scale`).fill,
    readFill(configuration.offset ?? 0, dtype, `${where}.offset`).fill
  ];
  if (Number(scale) === 0) {
    throw invalid(`${where}.scale`, say`is 0`);
  }
  const element = { dtype, big: false };
  return { configuration: { scale, offset }, decoded: element, encoded: element };
};

const ROUNDINGS = ['nearest-even', 'towards-zero', 'towards-positive', 'towards-negative', 'nearest-away'];

const castValue: Check = (configuration, { dtype }, where) => {
  const encoded = readElement(configuration.data_type, `${where}.data_type`);
  const rounding = asString(configuration.rounding ?? 'nearest-even', `${where}.rounding`);
  const range = configuration.out_of_range ?? null;
  if (!ROUNDINGS.includes(rounding)) {
    throw invalid(`${where}.rounding`, say`is not a way to round`);
  }
  if (range !== null && range !== 'clamp' && range !== 'wrap') {
    throw invalid(`${where}.out_of_range`, say`is neither clamp nor wrap`);
  }
  const decoded = { dtype, big: false };
  if (dtype === 'bool' || encoded.dtype === 'bool') {
    throw unsupportedCodec('cast_value of bool', where);
  }
  if (!INTEGER.test(dtype) && rounding !== 'nearest-even') {
    throw unsupportedCodec(`cast_value rounded ${rounding} to ${dtype}`, where);
  }
  const map = readMap(configuration.scalar_map, encoded.dtype, dtype, `${where}.scalar_map`);
  return { configuration: { rounding, range, map }, decoded, encoded, by: exact(encoded, decoded) };
};

/** Pairs [value on disk, value of the array] that are not computed. */
function readMap(value: unknown, from: DataType, to: DataType, where: string): [unknown, unknown][] {
  const pairs = typeof value === 'object' && value !== null && 'decode' in value ? (value.decode ?? []) : [];
  const list = asArray(pairs, `${where}.decode`);
  if (list.length > 256) {
    throw invalid(`${where}.decode`, say`has more than 256 entries`);
  }
  return list.map((pair, i) => {
    const here = `${where}.decode[${i}]`;
    const [source, target] = asArray(pair, here);
    return [readFill(source, from, here).fill, readFill(target, to, here).fill];
  });
}

const shuffle: Check = (configuration, { dtype, format }, where) => {
  const size = configuration.elementsize ?? (format === 3 ? ITEM_BYTES[dtype] : 4);
  return { configuration: { elementsize: asInteger(size, `${where}.elementsize`, 0, 4096) } };
};

const checksum =
  (location: 'start' | 'end'): Check =>
  (configuration, _, where) => {
    const at = configuration.location ?? location;
    if (at !== 'start' && at !== 'end') {
      throw invalid(`${where}.location`, say`is neither start nor end`);
    }
    return { configuration: { location: at } };
  };

const jenkins: Check = (configuration, _, where) => {
  if (configuration.prefix !== undefined && configuration.prefix !== null) {
    throw unsupportedCodec('jenkins_lookup3 with a prefix', where);
  }
  return { configuration: { initval: asInteger(configuration.initval ?? 0, `${where}.initval`, 0, 2 ** 32 - 1) } };
};

const BOTH = [2, 3] as const;

const entry = (
  name: string,
  kind: CodecKind,
  by: DecodedBy,
  check?: Check,
  formats: readonly (2 | 3)[] = BOTH
): ICodecEntry => ({ name, kind, by, formats, ...(check && { check }) });

/** Pictures and arrays: they hold the values of a chunk with its shape. Zarr v2 names them as compressors. */
const PICTURES = [
  'jpeg2k',
  'htj2k',
  'jpegxl',
  'jpegls',
  'jpegxr',
  'jpeg',
  'ljpeg',
  'png',
  'webp',
  'avif',
  'qoi',
  'lerc'
];
const ARRAYS = ['zfp', 'pcodec', 'sperr', 'sz3'];
const STREAMS = [
  ...['blosc', 'blosc2', 'brotli', 'bz2', 'deflate', 'lz4', 'lz4f', 'lz4h5', 'lzf', 'lzfse', 'lzma', 'lzw', 'snappy'],
  ...['zlib', 'zlibng', 'zopfli', 'zstd']
];

/**
 * Every codec that may be named; nothing is ever loaded by a name that is not here. The server has the same table
 * (`services/zarrcodecs.py`), and `fixtures/codecs.json` holds both to each other.
 */
export const CODECS: readonly ICodecEntry[] = [
  entry('transpose', 'array-array', 'browser', transpose, [3]),
  entry('bitround', 'array-array', 'browser'),
  entry('delta', 'array-array', 'browser', delta),
  entry('fixedscaleoffset', 'array-array', 'browser', fixedScaleOffset),
  entry('astype', 'array-array', 'browser', astype),
  entry('quantize', 'array-array', 'browser', quantize),
  entry('packbits', 'array-array', 'browser', packbits),
  entry('scale_offset', 'array-array', 'browser', scaleOffset, [3]),
  entry('cast_value', 'array-array', 'browser', castValue, [3]),
  entry('bytes', 'array-bytes', 'browser', bytes, [3]),
  ...['blosc', 'gzip', 'zlib', 'zstd', 'lz4'].map(name => entry(name, 'bytes-bytes', 'browser')),
  entry('shuffle', 'bytes-bytes', 'browser', shuffle),
  entry('crc32c', 'bytes-bytes', 'browser', checksum('end')),
  entry('crc32', 'bytes-bytes', 'browser', checksum('start')),
  entry('adler32', 'bytes-bytes', 'browser', checksum('start')),
  entry('fletcher32', 'bytes-bytes', 'browser'),
  entry('jenkins_lookup3', 'bytes-bytes', 'browser', jenkins),
  entry('base64', 'bytes-bytes', 'browser', undefined, [2]),
  entry('bz2', 'bytes-bytes', 'server'),
  entry('lzma', 'bytes-bytes', 'server'),
  entry('pcodec', 'array-bytes', 'server'),
  entry('zfpy', 'array-bytes', 'server'),
  ...[...PICTURES, ...ARRAYS].map(name => entry(`imagecodecs_${name}`, 'array-bytes', 'server')),
  ...STREAMS.map(name => entry(`imagecodecs_${name}`, 'bytes-bytes', 'server'))
];

const BY_NAME: ReadonlyMap<string, ICodecEntry> = new Map(CODECS.map(codec => [codec.name, codec]));

/** The entry of a name as it stands in a document of that version of Zarr. */
export function codecOf(name: string, format: 2 | 3): ICodecEntry | undefined {
  const found = BY_NAME.get(format === 3 ? name.replace(/^numcodecs\./, '') : name);
  return found?.formats.includes(format) ? found : undefined;
}
