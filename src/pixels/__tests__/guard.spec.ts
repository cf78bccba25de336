import { gzipSync, deflateSync } from 'node:zlib';
import Blosc from 'numcodecs/blosc';
import LZ4 from 'numcodecs/lz4';
import Zstd from 'numcodecs/zstd';
import { crc32c } from '../../core';
import { ChunkDecoder, type IDecodeSpec } from '../chunkdecoder';
import { adler32 } from '../guard/deflate';
import { looksLikeMarkup } from '../guard/text';
import { checkZstd } from '../guard/zstd';
import { zstdBomb } from '../../testing/hostile/chunks';

const SIDE = 128;
const COUNT = SIDE * SIDE;

/** A plane of uint16 that compresses somewhat, different per seed. */
function plane(seed: number): Uint16Array {
  return Uint16Array.from({ length: COUNT }, (_, i) => ((i * 31 + seed * 977) ^ (i >>> 3)) & 0xfff);
}

function bytesOf(values: Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function specV2(compressor: object | null, more: object = {}): IDecodeSpec {
  const document = {
    zarr_format: 2,
    shape: [SIDE, SIDE],
    chunks: [SIDE, SIDE],
    dtype: '<u2',
    fill_value: 0,
    order: 'C',
    filters: null,
    compressor,
    ...more
  };
  const codecs = compressor ? [(compressor as { id: string }).id] : [];
  return { document, zarrFormat: 2, chunks: [SIDE, SIDE], itemBytes: 2, codecs };
}

function specV3(codecs: { name: string; configuration?: object }[]): IDecodeSpec {
  const document = {
    zarr_format: 3,
    node_type: 'array',
    shape: [SIDE, SIDE],
    data_type: 'uint16',
    chunk_grid: { name: 'regular', configuration: { chunk_shape: [SIDE, SIDE] } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: 0,
    codecs,
    attributes: {}
  };
  return { document, zarrFormat: 3, chunks: [SIDE, SIDE], itemBytes: 2, codecs: codecs.map(({ name }) => name) };
}

const codeOf = (job: Promise<unknown>): Promise<string> =>
  job.then(
    () => 'pixels',
    (error: { code?: string; message?: string }) => error.code ?? error.message ?? 'unknown'
  );

async function blosc(cname: string, bytes: Uint8Array): Promise<Uint8Array> {
  return Blosc.fromConfig({ id: 'blosc', cname, clevel: 5, shuffle: 1 }).encode(bytes);
}

/** A Zstandard frame of one raw block, without a content size, as streaming writers make it. */
function streamedZstd(content: Uint8Array): Uint8Array {
  const blocks: number[][] = [];
  for (let at = 0; at < content.length; at += 100_000) {
    const part = content.subarray(at, at + 100_000);
    const head = (part.length << 3) | (at + 100_000 >= content.length ? 1 : 0);
    blocks.push([head & 255, (head >>> 8) & 255, head >>> 16, ...part]);
  }
  return Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, ...blocks.flat()]);
}

const data = bytesOf(plane(1));
const encoders: Record<string, () => Promise<[IDecodeSpec, Uint8Array]>> = {
  'blosc-lz4': async () => [specV2({ id: 'blosc' }), await blosc('lz4', data)],
  'blosc-zstd': async () => [
    specV3([
      { name: 'bytes', configuration: { endian: 'little' } },
      { name: 'blosc', configuration: {} }
    ]),
    await blosc('zstd', data)
  ],
  'blosc-zlib': async () => [specV2({ id: 'blosc' }), await blosc('zlib', data)],
  'blosc-lz4hc': async () => [specV2({ id: 'blosc' }), await blosc('lz4hc', data)],
  'blosc-blosclz': async () => [specV2({ id: 'blosc' }), await blosc('blosclz', data)],
  lz4: async () => [specV2({ id: 'lz4' }), await LZ4.fromConfig({ id: 'lz4' }).encode(data)],
  zstd: async () => [specV2({ id: 'zstd' }), await Zstd.fromConfig({ id: 'zstd', level: 3 }).encode(data)],
  'zstd without a content size': async () => [specV2({ id: 'zstd' }), streamedZstd(data)],
  gzip: async () => [specV2({ id: 'gzip' }), gzipSync(data)],
  zlib: async () => [specV2({ id: 'zlib' }), deflateSync(data)],
  'gzip + crc32c': async () => {
    const packed = gzipSync(data);
    const out = new Uint8Array(packed.length + 4);
    out.set(packed);
    new DataView(out.buffer).setUint32(packed.length, crc32c(packed), true);
    return [
      specV3([
        { name: 'bytes', configuration: { endian: 'little' } },
        { name: 'gzip', configuration: {} },
        { name: 'crc32c' }
      ]),
      out
    ];
  },
  raw: async () => [specV2(null), data]
};

describe.each(Object.keys(encoders))('decoding %s', name => {
  let spec: IDecodeSpec;
  let bytes: Uint8Array;

  beforeAll(async () => {
    [spec, bytes] = await encoders[name]();
  });

  it('gives the values that were encoded', async () => {
    expect(Buffer.compare(await new ChunkDecoder(spec).decode(bytes), data)).toBe(0);
  });

  it('refuses every cut', async () => {
    const cuts = [1, 3, 8, 15, 16, 17, bytes.length >> 1, bytes.length - 5, bytes.length - 1];
    const codes = await Promise.all(cuts.map(length => codeOf(new ChunkDecoder(spec).decode(bytes.slice(0, length)))));
    expect(codes).toEqual(cuts.map(() => 'BAD_CHUNK'));
  });

  it('refuses bytes behind the end, and nothing at all', async () => {
    expect(await codeOf(new ChunkDecoder(spec).decode(Uint8Array.of(...bytes, 0)))).toBe('BAD_CHUNK');
    // A zlib stream twice over ends with the right checksum by chance; the pixels are those of the first.
    const twice = codeOf(new ChunkDecoder(spec).decode(Uint8Array.of(...bytes, ...bytes)));
    expect(await twice).toBe(name === 'zlib' ? 'pixels' : 'BAD_CHUNK');
    expect(await codeOf(new ChunkDecoder(spec).decode(new Uint8Array()))).toBe('BAD_CHUNK');
  });

  it('refuses a chunk of another length', async () => {
    const small = { ...spec, chunks: [SIDE, SIDE / 2], document: shrunk(spec.document) };
    expect(await codeOf(new ChunkDecoder(small).decode(bytes))).toBe('BAD_CHUNK');
  });

  it('is right again after it has refused', async () => {
    await codeOf(new ChunkDecoder(spec).decode(bytes.slice(0, bytes.length >> 1)));
    expect(Buffer.compare(await new ChunkDecoder(spec).decode(bytes), data)).toBe(0);
  });
});

function shrunk(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const chunks = [SIDE, SIDE / 2];
  return document.zarr_format === 2
    ? { ...document, shape: chunks, chunks }
    : { ...document, shape: chunks, chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } } };
}

describe('a damaged Blosc chunk', () => {
  it.each(['lz4', 'zstd'])('of %s never shows the chunk decoded before it', async cname => {
    const [mine, other] = [await blosc(cname, data), await blosc(cname, bytesOf(plane(2)))];
    const spec = specV2({ id: 'blosc' });
    let caught = 0;
    for (let run = 0; run < 20; run++) {
      await new ChunkDecoder(spec).decode(other);
      // The second half is zeros: header and length stay right, streams inside end early.
      const broken = mine.slice().fill(0, mine.length >> 1);
      caught += (await codeOf(new ChunkDecoder(spec).decode(broken))) === 'BAD_CHUNK' ? 1 : 0;
    }
    expect(caught).toBe(20);
  });

  it('does not take data for memory that was never written', async () => {
    const spec = specV2({ id: 'blosc' });
    for (const byte of [0xa5, 0x5a]) {
      const even = new Uint8Array(data.length).fill(byte);
      expect(Buffer.compare(await new ChunkDecoder(spec).decode(await blosc('lz4', even)), even)).toBe(0);
    }
  });
});

it('refuses LZ4 data that ends early at the end of a sequence', async () => {
  const spec = {
    ...specV2({ id: 'lz4' }),
    chunks: [2, 2],
    document: { ...specV2({ id: 'lz4' }).document, shape: [2, 2], chunks: [2, 2] }
  };
  const whole = Uint8Array.of(8, 0, 0, 0, 0x80, 1, 2, 3, 4, 5, 6, 7, 8);
  expect([...(await new ChunkDecoder(spec).decode(whole))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await codeOf(new ChunkDecoder(spec).decode(Uint8Array.of(8, 0, 0, 0, 0x40, 1, 2, 3, 4)))).toBe('BAD_CHUNK');
});

describe('the check of Zstandard frames', () => {
  const bound = { exact: true, bytes: data.length };

  it('finds by itself what is cut, follows or claims too much', async () => {
    const frame = await Zstd.fromConfig({ id: 'zstd', level: 3 }).encode(data);
    expect(checkZstd(frame, bound)).toBe(frame);
    const wrong = [
      frame.slice(0, -1),
      Uint8Array.of(...frame, 0),
      Uint8Array.of(...frame, ...frame),
      frame.slice(1),
      frame.slice(0, 5)
    ];
    wrong.forEach(bytes => expect(() => checkZstd(bytes, bound)).toThrow('damaged'));
    expect(() => checkZstd(frame, { exact: true, bytes: data.length + 1 })).toThrow('claims');
  });

  it('writes the expected size into a frame that names none', () => {
    const frame = checkZstd(streamedZstd(data), bound);
    expect(frame[4] >>> 6).toBe(3);
    expect(new DataView(frame.buffer).getBigUint64(6, true)).toBe(BigInt(data.length));
    expect(() => checkZstd(streamedZstd(data.slice(1)), bound)).toThrow('too short');
  });

  it('bounds what may come out between two compressors', () => {
    const loose = { exact: false, bytes: 1000 };
    expect(() => checkZstd(zstdBomb(8, null), loose)).toThrow('more than');
    expect(() => checkZstd(zstdBomb(8, 1_000_000n), loose)).toThrow('claims');
  });
});

describe('order of bytes and axes', () => {
  const values = Uint16Array.from({ length: 6 }, (_, i) => 256 + i);

  it('turns Fortran order and big-endian values round', async () => {
    const document = {
      zarr_format: 2,
      shape: [2, 3],
      chunks: [2, 3],
      dtype: '>u2',
      fill_value: 0,
      order: 'F',
      filters: null,
      compressor: null
    };
    const disk = Uint8Array.from([0, 3, 1, 4, 2, 5].flatMap(i => [values[i] >>> 8, values[i] & 255]));
    const out = await new ChunkDecoder({ document, zarrFormat: 2, chunks: [2, 3], itemBytes: 2, codecs: [] }).decode(
      disk
    );
    expect([...new Uint16Array(out.slice().buffer)]).toEqual([...values]);
  });

  it('takes the transpose codec back', async () => {
    const shape = [2, 3, 4];
    const document = {
      zarr_format: 3,
      node_type: 'array',
      shape,
      data_type: 'uint8',
      fill_value: 0,
      attributes: {},
      chunk_grid: { name: 'regular', configuration: { chunk_shape: shape } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      codecs: [
        { name: 'transpose', configuration: { order: [1, 2, 0] } },
        { name: 'bytes', configuration: {} }
      ]
    };
    // On disk the axes lie in the order (1, 2, 0).
    const disk = new Uint8Array(24);
    let at = 0;
    for (let b = 0; b < 3; b++) {
      for (let c = 0; c < 4; c++) {
        for (let a = 0; a < 2; a++) {
          disk[at++] = a * 12 + b * 4 + c;
        }
      }
    }
    const out = await new ChunkDecoder({
      document,
      zarrFormat: 3,
      chunks: shape,
      itemBytes: 1,
      codecs: ['transpose', 'bytes']
    }).decode(disk);
    expect([...out]).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });
});

describe('text in place of pixels', () => {
  const pages = [
    '<html><body>504 Gateway',
    '<!DOCTYPE html>\n<title>Sign in',
    '\ufeff<?xml version="1.0"?><Error>',
    '  <Error><Code>SlowDown'
  ];

  it.each(pages)('is recognised: %s', page => {
    expect(looksLikeMarkup(new TextEncoder().encode(page))).toBe(true);
  });

  it('is not seen in pixels that begin like it', () => {
    expect(looksLikeMarkup(Uint8Array.from([...new TextEncoder().encode('<html'), 0, 1, 200]))).toBe(false);
  });

  it('is no chunk, also where its length fits', async () => {
    const page = new TextEncoder().encode('<html>'.padEnd(data.length, ' '));
    expect(await codeOf(new ChunkDecoder(specV2(null)).decode(page))).toBe('UPSTREAM_BAD');
    expect(await codeOf(new ChunkDecoder(specV2({ id: 'lz4' })).decode(page))).toBe('BAD_CHUNK');
  });
});

it('computes Adler-32 as zlib does', () => {
  const packed = deflateSync(data);
  expect(adler32(data)).toBe(packed.readUInt32BE(packed.length - 4));
});
