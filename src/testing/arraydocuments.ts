/** Array documents that are valid as they are, and the parts that tests change in them. */
/** A Zarr v2 array of 100 × 90 uint16 in chunks of 64 × 64, uncompressed. */
export const V2 = {
  zarr_format: 2,
  shape: [100, 90],
  chunks: [64, 64],
  dtype: '<u2',
  fill_value: 0,
  order: 'C',
  filters: null,
  compressor: null
} as const;

/** The serializer of Zarr v3 that every array of more than one byte names. */
export const BYTES = { name: 'bytes', configuration: { endian: 'little' } };
/** The same array in Zarr v3. */
export const V3 = {
  zarr_format: 3,
  node_type: 'array',
  shape: [100, 90],
  data_type: 'uint16',
  chunk_grid: { name: 'regular', configuration: { chunk_shape: [64, 64] } },
  chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
  fill_value: 0,
  codecs: [BYTES]
};

/** A sharding codec for inner chunks of 16 × 32, with what is changed in its configuration. */
export const sharding = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: 'sharding_indexed',
  configuration: {
    chunk_shape: [16, 32],
    codecs: [BYTES, { name: 'zstd', configuration: { level: 3 } }],
    index_codecs: [BYTES, { name: 'crc32c' }],
    ...more
  }
});

/** V2 and V3 with fields changed or added. */
export const v2 = (more: Record<string, unknown>): unknown => ({ ...V2, ...more });
export const v3 = (more: Record<string, unknown>): unknown => ({ ...V3, ...more });
/** V3 with another encoding of chunk keys. */
export const keyed = (configuration: unknown, name = 'default'): unknown =>
  v3({ chunk_key_encoding: { name, configuration } });
