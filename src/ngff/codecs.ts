import { asArray, asInteger, asObject, asString, BioImageError } from '../core';
import { ITEM_BYTES, readDtypeV2 } from './dtype';
import type { DataType } from './dtype';

/** One step of a codec pipeline, as it stands in a Zarr v3 document. */
export interface ICodec {
  readonly name: string;
  readonly configuration?: Readonly<Record<string, unknown>>;
}

/** What a codec's configuration is checked against: the unit it decodes. */
interface IContext {
  readonly dtype: DataType;
  readonly rank: number;
}

type Kind = 'array-array' | 'array-bytes' | 'bytes-bytes';
type Check = (configuration: Record<string, unknown>, context: IContext, where: string) => Record<string, unknown>;
interface IKnownCodec {
  readonly kind: Kind;
  readonly check?: Check;
}

/** No sane array has more; a list of thousands would be built step by step for every chunk. */
const MAX_CODECS = 16;

function bad(where: string, why: string): BioImageError {
  return new BioImageError('BAD_METADATA', `This image's description is not valid: ${where} ${why}.`, { where });
}

/** UNSUPPORTED, naming the codec. */
export function unsupportedCodec(name: string, where: string): BioImageError {
  return new BioImageError('UNSUPPORTED', `This format is not supported: codec ${name.slice(0, 60)}.`, { where });
}

/** Arithmetic on values cannot run on the integer that carries a 16-bit float's or a boolean's bits. */
function needsRealType(name: string): Check {
  return (configuration, { dtype }, where) => {
    if (dtype === 'float16' || dtype === 'bool') {
      throw unsupportedCodec(`${name} of ${dtype}`, where);
    }
    return configuration;
  };
}

const transpose: Check = (configuration, { rank }, where) => {
  const given = configuration.order;
  // "C" and "F" are the spelling of Zarr v3 drafts.
  const straight = Array.from({ length: rank }, (_, i) => i);
  const order =
    given === 'C'
      ? straight
      : given === 'F'
        ? straight.reverse()
        : asArray(given, `${where}.order`).map((axis, i) => asInteger(axis, `${where}.order[${i}]`, 0, rank - 1));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw bad(`${where}.order`, 'is not a permutation of the axes');
  }
  return { order };
};

const bytes: Check = (configuration, _, where) => {
  const endian = configuration.endian ?? 'little';
  if (endian !== 'little' && endian !== 'big') {
    throw bad(`${where}.endian`, 'is neither little nor big');
  }
  return { endian };
};

/** zarrita shuffles by the element's size, whatever the configuration says. */
const shuffle: Check = (configuration, { dtype }, where) => {
  if ((configuration.elementsize ?? 4) !== ITEM_BYTES[dtype]) {
    throw unsupportedCodec('shuffle of another element size', where);
  }
  return configuration;
};

/** Only differences kept in the array's own type: zarrita adds them up in that type. */
const delta: Check = (configuration, context, where) => {
  needsRealType('delta')(configuration, context, where);
  for (const key of ['dtype', 'astype']) {
    const named = configuration[key];
    if (
      named !== undefined &&
      named !== context.dtype &&
      readDtypeV2(named, `${where}.${key}`).dtype !== context.dtype
    ) {
      throw unsupportedCodec('delta of another data type', where);
    }
  }
  return configuration;
};

const fixedScaleOffset: Check = (configuration, context, where) => {
  needsRealType('fixedscaleoffset')(configuration, context, where);
  for (const key of ['scale', 'offset']) {
    if (typeof configuration[key] !== 'number') {
      throw bad(`${where}.${key}`, 'is not a number');
    }
  }
  if (configuration.astype !== undefined) {
    readDtypeV2(configuration.astype, `${where}.astype`);
  }
  return configuration;
};

const compress: IKnownCodec = { kind: 'bytes-bytes' };

/** Every codec that may be named. Nothing is ever loaded by a name that is not here. */
const V3: ReadonlyMap<string, IKnownCodec> = new Map<string, IKnownCodec>([
  ['transpose', { kind: 'array-array', check: transpose }],
  ['bitround', { kind: 'array-array' }],
  ['numcodecs.bitround', { kind: 'array-array' }],
  ['numcodecs.delta', { kind: 'array-array', check: delta }],
  ['scale_offset', { kind: 'array-array', check: needsRealType('scale_offset') }],
  ['cast_value', { kind: 'array-array', check: needsRealType('cast_value') }],
  ['bytes', { kind: 'array-bytes', check: bytes }],
  ['numcodecs.shuffle', { kind: 'bytes-bytes', check: shuffle }],
  ['crc32c', { kind: 'bytes-bytes' }],
  ...['blosc', 'gzip', 'zlib', 'zstd', 'lz4'].flatMap((name): [string, IKnownCodec][] => [
    [name, compress],
    [`numcodecs.${name}`, compress]
  ])
]);

const V2_FILTERS: ReadonlyMap<string, IKnownCodec> = new Map<string, IKnownCodec>([
  ['delta', { kind: 'array-array', check: delta }],
  ['bitround', { kind: 'array-array' }],
  ['fixedscaleoffset', { kind: 'array-array', check: fixedScaleOffset }],
  ['shuffle', { kind: 'bytes-bytes', check: shuffle }]
]);

const V2_COMPRESSORS = new Set(['blosc', 'gzip', 'zlib', 'zstd', 'lz4']);

function readCodec(value: unknown, where: string): ICodec {
  // Zarr v3.1 allows the bare name where there is no configuration.
  if (typeof value === 'string') {
    return { name: value };
  }
  const object = asObject(value, where);
  const name = asString(object.name, `${where}.name`);
  return object.configuration === undefined || object.configuration === null
    ? { name }
    : { name, configuration: asObject(object.configuration, `${where}.configuration`) };
}

function refuseRepeats(names: readonly string[], where: string): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw unsupportedCodec(`${repeated} twice`, where);
  }
}

/** Array→array steps first, then one array→bytes step, then bytes→bytes (Zarr v3 core, "codecs"). */
function checkOrder(kinds: readonly Kind[], where: string): void {
  const serializers = kinds.filter(kind => kind === 'array-bytes').length;
  const rank = (kind: Kind): number => ['array-array', 'array-bytes', 'bytes-bytes'].indexOf(kind);
  if (serializers !== 1 || kinds.some((kind, i) => i > 0 && rank(kind) < rank(kinds[i - 1]))) {
    throw bad(where, 'is not a chain of codecs with one step from array to bytes');
  }
}

/** Reads a list of codecs without looking at what they are; at most 16. */
export function readCodecList(value: unknown, where: string): ICodec[] {
  const list = asArray(value, where);
  if (list.length > MAX_CODECS) {
    throw unsupportedCodec(`chain of ${list.length} steps`, where);
  }
  return list.map((codec, i) => readCodec(codec, `${where}[${i}]`));
}

/** Checks a Zarr v3 pipeline that holds no sharding; returns it with checked configurations. */
export function checkPipeline(codecs: readonly ICodec[], context: IContext, where: string): ICodec[] {
  const known = codecs.map(({ name }) => {
    const found = V3.get(name);
    if (!found) {
      throw unsupportedCodec(name, where);
    }
    return found;
  });
  refuseRepeats(
    codecs.map(({ name }) => name.replace('numcodecs.', '')),
    where
  );
  checkOrder(
    known.map(({ kind }) => kind),
    where
  );
  // A transposition is undone by strides alone, so a step before it that walks the values in order would walk wrongly.
  const turn = codecs.findIndex(({ name }) => name === 'transpose');
  if (turn > 0) {
    throw unsupportedCodec(`transpose after ${codecs[turn - 1].name}`, where);
  }
  return codecs.map(({ name, configuration }, i) => ({
    name,
    configuration: known[i].check?.({ ...configuration }, context, `${where}[${i}]`) ?? { ...configuration }
  }));
}

/** Filters and compressor of a Zarr v2 array, checked; `id` and parameters side by side as they stand in `.zarray`. */
export function readCodecsV2(
  document: Record<string, unknown>,
  context: IContext,
  where: string
): { filters: Record<string, unknown>[] | null; compressor: Record<string, unknown> | null; names: string[] } {
  const listed = asArray(document.filters ?? [], `${where}.filters`);
  if (listed.length > MAX_CODECS) {
    throw unsupportedCodec(`chain of ${listed.length} steps`, `${where}.filters`);
  }
  const filters = listed.map((value, i) => {
    const here = `${where}.filters[${i}]`;
    const filter = asObject(value, here);
    const id = asString(filter.id, `${here}.id`);
    const known = V2_FILTERS.get(id);
    if (!known) {
      throw unsupportedCodec(id, here);
    }
    known.check?.({ ...filter }, context, here);
    return filter;
  });
  const compressor = document.compressor ? asObject(document.compressor, `${where}.compressor`) : null;
  const names = filters.map(filter => String(filter.id));
  if (compressor) {
    const id = asString(compressor.id, `${where}.compressor.id`);
    if (!V2_COMPRESSORS.has(id)) {
      throw unsupportedCodec(id, `${where}.compressor`);
    }
    names.push(id);
  }
  refuseRepeats(names, where);
  return { filters: filters.length > 0 ? filters : null, compressor, names };
}
