import { BioImageError, invalid, say } from '../core';

/** The element types that can be read, by their Zarr v3 name. */
export type DataType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64';

/** Bytes of one element. */
export const ITEM_BYTES: Record<DataType, 1 | 2 | 4 | 8> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8
};

const V2_NAMES: ReadonlyMap<string, DataType> = new Map([
  ['b1', 'bool'],
  ['i1', 'int8'],
  ['u1', 'uint8'],
  ['i2', 'int16'],
  ['u2', 'uint16'],
  ['i4', 'int32'],
  ['u4', 'uint32'],
  ['i8', 'int64'],
  ['u8', 'uint64'],
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64']
]);

/** `true` where `name` is one of the element types that can be read. */
export function isDataType(name: string): name is DataType {
  return Object.hasOwn(ITEM_BYTES, name);
}

function unsupported(name: string, where: string): BioImageError {
  return new BioImageError('UNSUPPORTED', say`This format is not supported: data type ${name.slice(0, 40)}.`, {
    where
  });
}

/** Element type and byte order of a Zarr v2 `dtype` (Zarr v2 specification, "Data type encoding"). */
export function readDtypeV2(value: unknown, where: string): { dtype: DataType; big: boolean } {
  if (Array.isArray(value)) {
    throw unsupported('structured', where);
  }
  if (typeof value !== 'string') {
    throw invalid(where, say`is not a text`);
  }
  const match = /^([<>|])([a-z]\d+)$/.exec(value);
  const dtype = match ? V2_NAMES.get(match[2]) : undefined;
  if (!match || !dtype || (match[1] === '|' && ITEM_BYTES[dtype] > 1)) {
    throw unsupported(value, where);
  }
  return { dtype, big: match[1] === '>' };
}

/** Element type of a Zarr v3 `data_type`; extension types are objects or other names. */
export function readDtypeV3(value: unknown, where: string): DataType {
  if (typeof value === 'string') {
    if (isDataType(value)) {
      return value;
    }
    throw unsupported(value, where);
  }
  if (typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string') {
    throw unsupported(value.name, where);
  }
  throw invalid(where, say`is neither a text nor an object with a name`);
}

/** Zarr v2 spelling of a type, little-endian unless `big`. */
export function dtypeV2(dtype: DataType, big: boolean): string {
  const size = ITEM_BYTES[dtype];
  const letter = dtype === 'bool' ? 'b' : dtype.startsWith('u') ? 'u' : dtype.startsWith('i') ? 'i' : 'f';
  return `${size === 1 ? '|' : big ? '>' : '<'}${letter}${size}`;
}

/** Smallest and largest value of an integer type, both included. */
export function integerRange(dtype: DataType): [bigint, bigint] {
  const bits = BigInt(8 * ITEM_BYTES[dtype]);
  return dtype.startsWith('u') ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}
