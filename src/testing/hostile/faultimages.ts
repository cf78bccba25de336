import { deflateSync, gzipSync } from 'node:zlib';
import Blosc from 'numcodecs/blosc';
import LZ4 from 'numcodecs/lz4';
import Zstd from 'numcodecs/zstd';
import { crc32, crc32c } from '../../core';
import { halfBits, ITEM_BYTES, type DataType } from '../../ngff';
import { fletcher32, jenkins } from '../../pixels/guard/checksums';
import { adler32 } from '../../pixels/guard/deflate';

/** The kinds of arrays that the campaign of faults goes over. */
export const LAYOUTS = ['v2', 'v3', 'sharded'] as const;
export type Layout = (typeof LAYOUTS)[number];
export const DTYPES: readonly DataType[] = [
  'uint8',
  'int16',
  'uint16',
  'uint32',
  'int64',
  'float16',
  'float32',
  'float64'
];

const SIDE = 16;
const COUNT = SIDE * SIDE;

type Bytes = Uint8Array | Promise<Uint8Array>;

/** How the chunks of one codec are written: small whole numbers in, what lies in the store out. */
export interface IMadeCodec {
  readonly name: string;
  /** Steps as in Zarr v2 (`id`), filters first; a compressor stands alone at the end. */
  readonly steps: (dtype: DataType) => readonly Record<string, unknown>[];
  readonly encode: (values: readonly number[], dtype: DataType) => Bytes;
  /** The values that come out, where they are not those that went in. */
  readonly decoded?: (value: number) => number;
  /** A changed byte never passes. */
  readonly checked: boolean;
  readonly formats: readonly (2 | 3)[];
}

/** Whole numbers as values of a type, little-endian. */
export function typed(values: readonly number[], dtype: DataType): Uint8Array {
  const size = ITEM_BYTES[dtype];
  const view = new DataView(new ArrayBuffer(values.length * size));
  values.forEach((value, i) => {
    const at = i * size;
    if (dtype === 'float16') {
      view.setUint16(at, halfBits(value), true);
    } else if (dtype === 'float32') {
      view.setFloat32(at, value, true);
    } else if (dtype === 'float64') {
      view.setFloat64(at, value, true);
    } else {
      for (let byte = 0; byte < size; byte++) {
        view.setUint8(at + byte, byte === 0 ? value : value < 0 ? 255 : 0);
      }
    }
  });
  return new Uint8Array(view.buffer);
}

const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const summed = (bytes: Uint8Array, sum: number, first: boolean): Uint8Array => {
  const four = new Uint8Array(Uint32Array.of(sum).buffer);
  return first ? joined(four, bytes) : joined(bytes, four);
};
const shuffled = (bytes: Uint8Array, item: number): Uint8Array =>
  bytes.map((_, i) => bytes[(i % (bytes.length / item)) * item + Math.floor(i / (bytes.length / item))]);
const differences = (values: readonly number[]): number[] =>
  values.map((value, i) => value - (i > 0 ? values[i - 1] : 0));

const BOTH = [2, 3] as const;
const plain = (
  name: string,
  step: Record<string, unknown> | null,
  pack: (bytes: Uint8Array, item: number) => Bytes,
  checked = false
): IMadeCodec => ({
  name,
  steps: () => (step ? [step] : []),
  encode: (values, dtype) => pack(typed(values, dtype), ITEM_BYTES[dtype]),
  checked,
  formats: BOTH
});
const blosc = (cname: string): IMadeCodec =>
  plain(`blosc ${cname}`, { id: 'blosc', cname, clevel: 5, shuffle: 1, blocksize: 0 }, bytes =>
    Blosc.fromConfig({ id: 'blosc', cname, clevel: 5, shuffle: 1 }).encode(bytes)
  );
const zstd = (bytes: Uint8Array): Bytes => Zstd.fromConfig({ id: 'zstd', level: 3 }).encode(bytes);

export const MADE_CODECS: readonly IMadeCodec[] = [
  plain('none', null, bytes => bytes),
  ...['lz4', 'zstd', 'zlib', 'blosclz'].map(blosc),
  plain('lz4', { id: 'lz4' }, bytes => LZ4.fromConfig({ id: 'lz4' }).encode(bytes)),
  plain('zstd', { id: 'zstd', level: 3 }, zstd),
  plain('gzip', { id: 'gzip', level: 1 }, bytes => new Uint8Array(gzipSync(bytes)), true),
  plain('zlib', { id: 'zlib', level: 1 }, bytes => new Uint8Array(deflateSync(bytes)), true),
  plain('crc32c', { id: 'crc32c' }, bytes => summed(bytes, crc32c(bytes), false), true),
  plain('crc32', { id: 'crc32' }, bytes => summed(bytes, crc32(bytes), true), true),
  plain('adler32', { id: 'adler32' }, bytes => summed(bytes, adler32(bytes), true), true),
  plain('fletcher32', { id: 'fletcher32' }, bytes => summed(bytes, fletcher32(bytes), false), true),
  plain('jenkins_lookup3', { id: 'jenkins_lookup3' }, bytes => summed(bytes, jenkins(bytes, 0), false), true),
  {
    ...plain('shuffle + zstd', null, async (bytes, item) => zstd(shuffled(bytes, item))),
    steps: dtype => [
      { id: 'shuffle', elementsize: ITEM_BYTES[dtype] },
      { id: 'zstd', level: 3 }
    ]
  },
  {
    ...plain('zstd + crc32c', null, async bytes => {
      const packed = await zstd(bytes);
      return summed(packed, crc32c(packed), false);
    }),
    steps: () => [{ id: 'zstd', level: 3 }, { id: 'crc32c' }],
    checked: true,
    formats: [3]
  },
  {
    ...plain('base64', { id: 'base64' }, bytes => new TextEncoder().encode(Buffer.from(bytes).toString('base64'))),
    formats: [2]
  },
  {
    ...plain('delta', null, bytes => bytes),
    steps: dtype => [{ id: 'delta', dtype: dtype }],
    encode: (values, dtype) => typed(differences(values), dtype)
  },
  {
    ...plain('astype', null, bytes => bytes),
    steps: dtype => [{ id: 'astype', encode_dtype: 'uint8', decode_dtype: dtype }],
    encode: values => typed(values, 'uint8')
  },
  {
    ...plain('fixedscaleoffset', null, bytes => bytes),
    steps: dtype => [{ id: 'fixedscaleoffset', scale: 2, offset: 3, dtype: dtype, astype: 'uint8' }],
    encode: values =>
      typed(
        values.map(value => value * 2),
        'uint8'
      ),
    decoded: value => value + 3
  },
  {
    ...plain('scale_offset', null, bytes => bytes),
    steps: () => [{ id: 'scale_offset', scale: 2, offset: 3 }],
    encode: (values, dtype) =>
      typed(
        values.map(value => value * 2),
        dtype
      ),
    decoded: value => value + 3,
    formats: [3]
  },
  {
    ...plain('cast_value', null, bytes => bytes),
    steps: () => [{ id: 'cast_value', data_type: 'int16', out_of_range: 'clamp' }],
    encode: values => typed(values, 'int16'),
    formats: [3]
  },
  {
    ...plain('transpose', null, bytes => bytes),
    steps: () => [{ id: 'transpose', order: [1, 0] }],
    encode: (values, dtype) =>
      typed(
        values.map((_, i) => values[(i % SIDE) * SIDE + Math.floor(i / SIDE)]),
        dtype
      ),
    formats: [3]
  }
];

/** An array of 2 × 2 chunks, all of other values. */
export interface IFaultImage {
  readonly document: Record<string, unknown>;
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** By chunk, C order: key of its object, its range in a shard, and its values. */
  readonly chunks: readonly { key: string; range?: [number, number]; expected: Uint8Array }[];
}

const VALUE_STEPS = /^(delta|astype|fixedscaleoffset|scale_offset|cast_value|transpose)$/;

function documentOf(
  layout: Layout,
  steps: readonly Record<string, unknown>[],
  dtype: DataType
): Record<string, unknown> {
  const shape = [2 * SIDE, 2 * SIDE];
  if (layout === 'v2') {
    const last = steps.at(-1);
    const compresses = last && /^(blosc|lz4|zstd|gzip|zlib|base64)$/.test(String(last.id));
    const size = ITEM_BYTES[dtype];
    const letter = dtype.startsWith('u') ? 'u' : dtype.startsWith('i') ? 'i' : 'f';
    const filters = compresses ? steps.slice(0, -1) : steps;
    return {
      zarr_format: 2,
      shape,
      chunks: [SIDE, SIDE],
      dtype: `${size === 1 ? '|' : '<'}${letter}${size}`,
      fill_value: 0,
      order: 'C',
      filters: filters.length > 0 ? filters : null,
      compressor: compresses ? last : null
    };
  }
  const named = steps.map(({ id, ...configuration }) => ({ name: v3Name(String(id)), configuration }));
  const before = named.filter((_, i) => VALUE_STEPS.test(String(steps[i].id)));
  const bytes = { name: 'bytes', configuration: { endian: 'little' } };
  const codecs = [...before, bytes, ...named.slice(before.length)];
  const sharding = {
    name: 'sharding_indexed',
    configuration: {
      chunk_shape: [SIDE, SIDE],
      codecs,
      index_codecs: [bytes, { name: 'crc32c' }],
      index_location: 'end'
    }
  };
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: layout === 'v3' ? [SIDE, SIDE] : shape } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: 0,
    codecs: layout === 'v3' ? codecs : [sharding],
    attributes: {}
  };
}

/** As the writers spell it. */
function v3Name(id: string): string {
  return /^(blosc|zstd|gzip|crc32c|transpose|scale_offset|cast_value)$/.test(id) ? id : `numcodecs.${id}`;
}

/** Values 0 … 99, other ones in every chunk and every `version`. */
function valuesOf(chunk: number, version: number): number[] {
  return Array.from({ length: COUNT }, (_, i) => (i * 7 + (i >> 3) * 5 + chunk * 31 + version * 17) % 100);
}

export async function faultImage(
  layout: Layout,
  codec: IMadeCodec,
  dtype: DataType,
  version: number
): Promise<IFaultImage> {
  const document = documentOf(layout, codec.steps(dtype), dtype);
  const objects = new Map<string, Uint8Array>();
  objects.set(layout === 'v2' ? '.zarray' : 'zarr.json', new TextEncoder().encode(JSON.stringify(document)));
  const made = await Promise.all(
    [0, 1, 2, 3].map(async chunk => {
      const values = valuesOf(chunk, version);
      const decoded = codec.decoded ? values.map(codec.decoded) : values;
      return { bytes: await codec.encode(values, dtype), expected: typed(decoded, dtype) };
    })
  );
  if (layout === 'sharded') {
    const ends = made.reduce<number[]>((all, { bytes }) => [...all, (all.at(-1) ?? 0) + bytes.length], []);
    const ranges = ends.map((end, i): [number, number] => [end - made[i].bytes.length, end]);
    const index = new Uint8Array(
      BigUint64Array.from(ranges.flatMap(([start, end]) => [BigInt(start), BigInt(end - start)])).buffer
    );
    objects.set('c/0/0', joined(...made.map(({ bytes }) => bytes), summed(index, crc32c(index), false)));
    return { document, objects, chunks: made.map(({ expected }, i) => ({ key: 'c/0/0', range: ranges[i], expected })) };
  }
  const chunks = made.map(({ bytes, expected }, i) => {
    const place = [i >> 1, i & 1];
    const key = layout === 'v2' ? place.join('.') : `c/${place.join('/')}`;
    objects.set(key, bytes);
    return { key, expected };
  });
  return { document, objects, chunks };
}
