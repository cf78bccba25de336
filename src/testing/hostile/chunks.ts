import { gzipSync, deflateSync } from 'node:zlib';
import Blosc from 'numcodecs/blosc';
import LZ4 from 'numcodecs/lz4';
import Zstd from 'numcodecs/zstd';
import { crc32c } from '../../core';
import { CHUNK, CHUNKS, ORACLE, planeV2, SIDE, text, META_V3, type IHostileCase, type Outcome } from './case';

const SIZE = CHUNK * CHUNK * 2; // bytes of a decoded chunk
type Damage = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

const blosc =
  (cname: string): Damage =>
  bytes =>
    Blosc.fromConfig({ id: 'blosc', cname, clevel: 5, shuffle: 1 }).encode(bytes);
const lz4: Damage = bytes => LZ4.fromConfig({ id: 'lz4' }).encode(bytes);
const zstd: Damage = bytes => Zstd.fromConfig({ id: 'zstd', level: 3 }).encode(bytes);

/** Variants of one row over a v2 plane whose chunk (0, 0) is damaged after it was encoded. */
function damages(
  row: string,
  compressor: object | null,
  encode: Damage,
  variants: Record<string, Damage>,
  more: Partial<IHostileCase> = {}
): IHostileCase[] {
  return Object.entries(variants).map(([variant, damage]) => ({
    row,
    variant,
    expected: ['BAD_CHUNK'],
    oracle: ORACLE,
    objects: () => planeV2({ compressor }, encode, damage),
    ...more
  }));
}

const cut =
  (length: (bytes: Uint8Array) => number): Damage =>
  bytes =>
    bytes.slice(0, length(bytes));
const with32 =
  (at: number, value: (bytes: Uint8Array) => number): Damage =>
  bytes => {
    const out = bytes.slice();
    new DataView(out.buffer).setUint32(at, value(bytes), true);
    return out;
  };
const withByte =
  (at: number, value: number): Damage =>
  bytes =>
    bytes.map((byte, i) => (i === at ? value : byte));
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap(part => [...part]));

/** A Zstandard frame whose blocks repeat one byte, 128 KiB per 4 bytes; 8-byte content size where one is claimed. */
export function zstdBomb(blocks: number, claim: bigint | null): Uint8Array {
  const head = claim === null ? [0x00, 0x58] : [0xc0, 0x58, ...new Uint8Array(BigUint64Array.of(claim).buffer)];
  const out = new Uint8Array(4 + head.length + 4 * blocks);
  out.set([0x28, 0xb5, 0x2f, 0xfd, ...head]);
  for (let i = 0; i < blocks; i++) {
    const field = (0x1ffff << 3) | 2 | (i === blocks - 1 ? 1 : 0);
    out.set([field & 255, (field >>> 8) & 255, field >>> 16, 65], 4 + head.length + 4 * i);
  }
  return out;
}

/** A complete frame that claims another content size; the flag of the encoder's frame is a 2-byte size. */
const claiming =
  (size: bigint): Damage =>
  bytes => {
    const flag = bytes[4] >>> 6;
    const at = 5 + ((bytes[4] & 0x20) !== 0 ? 0 : 1);
    const field = [(bytes[4] & 0x20) !== 0 ? 1 : 0, 2, 4, 8][flag];
    const window = (bytes[4] & 0x20) !== 0 ? [] : [bytes[5]];
    const descriptor = (bytes[4] & 0x1f) | 0xc0; // an 8-byte size, not a single segment
    return joined(
      bytes.slice(0, 4),
      Uint8Array.of(descriptor, ...(window.length ? window : [0x58])),
      new Uint8Array(BigUint64Array.of(size).buffer),
      bytes.slice(at + field)
    );
  };

const skippable = (bytes: Uint8Array): Uint8Array =>
  joined(Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4), bytes);

/** A gzip file that unpacks to 64 MiB of zeros. */
const gzipBomb = (): Uint8Array => gzipSync(new Uint8Array(64 << 20));

const PAGES: Readonly<Record<string, string>> = {
  'a proxy’s page': '<html><head><title>504 Gateway Time-out</title></head><body>504</body></html>',
  'a login page':
    '<!DOCTYPE HTML>\n<html>\n<head><title>JupyterHub</title></head><body><form action="/hub/login?next=" method="post"><input name="_xsrf"/></form></body></html>',
  'an S3 error with status 200':
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
  'a page of just the right length': '<html>'.padEnd(SIZE, ' ')
};

interface IShardChange {
  /** Entries (offset, length) in C order of the four inner chunks. */
  readonly index?: (entries: bigint[]) => void;
  readonly breakCrc?: boolean;
  readonly side?: number;
}

/** The plane as one shard of four inner chunks; the index at the end. */
function shard({ index, breakCrc }: IShardChange): Map<string, Uint8Array> {
  const inner = [...CHUNKS.values()];
  const entries = inner.flatMap((_, i) => [BigInt(i * SIZE), BigInt(SIZE)]);
  index?.(entries);
  const body = new Uint8Array(BigUint64Array.from(entries).buffer);
  const check = new Uint8Array(Uint32Array.of((crc32c(body) ^ (breakCrc ? 1 : 0)) >>> 0).buffer);
  return new Map([
    ['zarr.json', text(shardMeta([SIDE, SIDE], [CHUNK, CHUNK]))],
    ['0.0', joined(...inner, body, check)]
  ]);
}

function shardMeta(shape: number[], inner: number[], codecs: object[] = META_V3.codecs): object {
  const configuration = {
    chunk_shape: inner,
    codecs,
    index_codecs: [...META_V3.codecs, { name: 'crc32c' }],
    index_location: 'end'
  };
  return {
    ...META_V3,
    shape,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: shape } },
    codecs: [{ name: 'sharding_indexed', configuration }]
  };
}

const NONE = 2n ** 64n - 1n;
const shards = (
  variants: Record<string, IShardChange>,
  expected: readonly Outcome[] = ['BAD_CHUNK'],
  more: Partial<IHostileCase> = {}
): IHostileCase[] =>
  Object.entries(variants).map(([variant, change]) => ({
    row: 'B09',
    variant,
    expected,
    oracle: ORACLE,
    objects: () => shard(change),
    ...more
  }));

const entry = (offset: bigint, length: bigint, at = 0): IShardChange => ({
  index: entries => {
    [entries[2 * at], entries[2 * at + 1]] = [offset, length];
  }
});

/** The oracle with the first chunk at the fill value. */
function firstAbsent(): Uint8Array {
  const out = ORACLE.slice();
  for (let y = 0; y < CHUNK; y++) {
    out.fill(0, y * SIDE * 2, y * SIDE * 2 + CHUNK * 2);
  }
  return out;
}

const crcChunk: Damage = bytes => joined(bytes, new Uint8Array(Uint32Array.of(crc32c(bytes)).buffer));

export const CHUNK_CASES: readonly IHostileCase[] = [
  ...['blosclz', 'lz4', 'lz4hc', 'zlib', 'zstd'].flatMap(cname =>
    damages('B01', { id: 'blosc', cname, clevel: 5, shuffle: 1, blocksize: 0 }, blosc(cname), {
      [`${cname} cut at 8`]: cut(() => 8),
      [`${cname} cut at 16`]: cut(() => 16),
      [`${cname} cut at half`]: cut(bytes => bytes.length >>> 1),
      [`${cname} cut by 1`]: cut(bytes => bytes.length - 1)
    })
  ),
  ...damages('B02', { id: 'blosc', cname: 'lz4', clevel: 5, shuffle: 1, blocksize: 0 }, blosc('lz4'), {
    'nbytes 10': with32(4, () => 10),
    'nbytes 2^31 − 1': with32(4, () => 2 ** 31 - 1),
    'cbytes one more': with32(12, bytes => bytes.length + 1),
    'cbytes 16': with32(12, () => 16),
    'blocksize 0': with32(8, () => 0),
    'blocksize larger than the chunk': with32(8, () => SIZE + 1),
    'version 9': withByte(0, 9),
    'block offsets outside': with32(16, () => 2 ** 31 - 1),
    'second half zeros': bytes => bytes.slice().fill(0, bytes.length >>> 1)
  }),
  ...damages('B04', { id: 'lz4', acceleration: 1 }, lz4, {
    'length 2^31 − 1': with32(0, () => 2 ** 31 - 1),
    'length −1': with32(0, () => 2 ** 32 - 1),
    'length 0': with32(0, () => 0),
    empty: cut(() => 0),
    '3 bytes': cut(() => 3),
    'HTML text': () => text(PAGES['a proxy’s page']),
    'cut at half': cut(bytes => bytes.length >>> 1)
  }),
  ...damages('B05', { id: 'zstd', level: 3 }, zstd, {
    'cut at half': cut(bytes => bytes.length >>> 1),
    'cut by 1': cut(bytes => bytes.length - 1),
    empty: cut(() => 0),
    'skippable frame before': skippable,
    'skippable frame only': () => skippable(new Uint8Array()),
    'two frames': bytes => joined(bytes, bytes),
    'bytes behind': bytes => joined(bytes, Uint8Array.of(1, 2, 3))
  }),
  ...damages(
    'B05',
    { id: 'zstd', level: 3 },
    zstd,
    {
      'claims 1.75 GiB': claiming(1879048192n),
      'claims 2^40': claiming(2n ** 40n),
      '16 kB ⇒ 512 MiB': () => zstdBomb(4096, 2n ** 29n),
      '16 kB ⇒ 512 MiB, no size': () => zstdBomb(4096, null)
    },
    { noStock: 'would allocate up to 1 TiB' }
  ),
  ...damages('B06', { id: 'gzip', level: 5 }, bytes => gzipSync(bytes), {
    '64 kB ⇒ 64 MiB': gzipBomb,
    'wrong CRC': bytes => withByte(bytes.length - 8, bytes[bytes.length - 8] ^ 1)(bytes),
    'wrong length': bytes => withByte(bytes.length - 4, bytes[bytes.length - 4] ^ 1)(bytes),
    'garbage behind': bytes => joined(bytes, Uint8Array.of(7, 7, 7, 7)),
    'zeros behind': bytes => joined(bytes, new Uint8Array(512)),
    'two members': bytes => joined(bytes, gzipSync(Uint8Array.of(1))),
    'two halves': () =>
      joined(
        gzipSync((CHUNKS.get('0.0') as Uint8Array).slice(0, SIZE / 2)),
        gzipSync((CHUNKS.get('0.0') as Uint8Array).slice(SIZE / 2))
      ),
    'cut at half': cut(bytes => bytes.length >>> 1),
    'cut by 1': cut(bytes => bytes.length - 1)
  }),
  ...damages('B06', { id: 'zlib', level: 5 }, bytes => deflateSync(bytes), {
    'zlib: wrong checksum': bytes => withByte(bytes.length - 1, bytes[bytes.length - 1] ^ 1)(bytes),
    'zlib: garbage behind': bytes => joined(bytes, Uint8Array.of(7, 7, 7, 7)),
    'zlib: cut at half': cut(bytes => bytes.length >>> 1)
  }),
  ...damages('B07', null, bytes => bytes, {
    '1 byte short': cut(bytes => bytes.length - 1),
    '1 byte long': bytes => joined(bytes, Uint8Array.of(0)),
    half: cut(bytes => bytes.length >>> 1),
    twice: bytes => joined(bytes, bytes),
    empty: cut(() => 0),
    odd: cut(() => 33)
  }),
  ...Object.entries(PAGES).flatMap(([name, page]) => [
    ...damages(
      'B08',
      null,
      bytes => bytes,
      { [`${name}, uncompressed`]: () => text(page) },
      { expected: ['UPSTREAM_BAD', 'SESSION_ENDED'] }
    ),
    ...damages(
      'B08',
      { id: 'zstd', level: 3 },
      zstd,
      { [`${name}, zstd`]: () => text(page) },
      { expected: ['UPSTREAM_BAD', 'SESSION_ENDED'] }
    )
  ]),
  ...shards({
    'offset beyond the end': entry(10_000_000n, BigInt(SIZE)),
    'range over the end': entry(BigInt(4 * SIZE), BigInt(SIZE)),
    'length 0': entry(0n, 0n),
    'length 2^62': entry(0n, 2n ** 62n),
    'offset 2^63': entry(2n ** 63n, BigInt(SIZE)),
    'offset none, length given': entry(NONE, BigInt(SIZE))
  }),
  ...shards({ 'CRC of the index broken': { breakCrc: true } }, ['BAD_CHUNK'], { beside: 0 }),
  // Which of the two is right cannot be told.
  ...shards(
    {
      'overlapping by half': entry(BigInt(SIZE / 2), BigInt(SIZE)),
      'the same as another': entry(BigInt(SIZE), BigInt(SIZE))
    },
    ['BAD_CHUNK'],
    { beside: 2 }
  ),
  ...shards({ 'all ones (absent)': entry(NONE, NONE) }, ['pixels'], { oracle: firstAbsent() }),
  {
    row: 'B09',
    variant: '2^26 entries',
    expected: ['BAD_CHUNK'],
    oracle: new Uint8Array(2),
    region: [
      [0, 1],
      [0, 1]
    ],
    objects: () =>
      new Map([
        ['zarr.json', text(shardMeta([8192, 8192], [1, 1]))],
        ['0.0', new Uint8Array(1000)]
      ]),
    noStock: 'would ask for 1 GiB',
    beside: 0
  },
  {
    row: 'B09',
    variant: 'shard shorter than its index',
    expected: ['BAD_CHUNK'],
    oracle: ORACLE,
    beside: 0,
    objects: () => new Map([...shard({}), ['0.0', new Uint8Array(20)]])
  },
  {
    row: 'B10',
    variant: 'crc32c of a chunk',
    expected: ['BAD_CHUNK'],
    oracle: ORACLE,
    objects: async (): Promise<Map<string, Uint8Array>> => {
      const objects = new Map([['zarr.json', text({ ...META_V3, codecs: [...META_V3.codecs, { name: 'crc32c' }] })]]);
      for (const [key, bytes] of CHUNKS) {
        const whole = await crcChunk(bytes);
        objects.set(key, key === '0.0' ? await withByte(100, whole[100] ^ 1)(whole) : whole);
      }
      return objects;
    }
  }
];
