import { registry } from 'zarrita';
import { crc32c } from '../../core';
import { checkBlosc, decodeBlosc, type IBlosc } from './blosc';
import { inflate } from './deflate';
import { decodeLz4 } from './lz4';
import { damaged, outputBound, rawBytes, type ICodecContext, type IOutputBound } from './sizes';
import { checkZstd } from './zstd';

/** Name of our own link in a chain of codecs that compares the length of the raw bytes; see `withLengthCheck`. */
export const LENGTH_CHECK = 'bioimage.length';

type Entry = Parameters<typeof registry.set>[1];
type Decode = (bytes: Uint8Array, bound: IOutputBound) => Uint8Array | Promise<Uint8Array>;

// The stock codecs, loaded only when a chain names them: each brings its WebAssembly as some hundred kilobytes of text.
const stockBlosc = registry.get('blosc');
const stockZstd = registry.get('zstd');
let blosc: Promise<IBlosc> | undefined;
let zstd: Promise<IBlosc> | undefined;

const NO_CONTEXT = { dataType: 'uint8' as const, shape: [1], codecs: [], fillValue: null };

async function load(stock: Entry | undefined, config: object): Promise<IBlosc> {
  if (!stock) {
    throw new Error('the codec is missing in zarrita');
  }
  return (await stock()).fromConfig(config, NO_CONTEXT);
}

function loadBlosc(): Promise<IBlosc> {
  return (blosc ??= load(stockBlosc, { cname: 'lz4', clevel: 5, shuffle: 0, blocksize: 0 }));
}

function loadZstd(): Promise<IBlosc> {
  return (zstd ??= load(stockZstd, { level: 1 }));
}

/** A codec that only decodes and is told what may come out. */
function checked(name: string, decode: Decode): Entry {
  return () =>
    Promise.resolve({
      kind: 'bytes_to_bytes',
      fromConfig: (configuration: unknown, context: ICodecContext) => {
        const bound = outputBound(name, configuration, context);
        return {
          kind: 'bytes_to_bytes' as const,
          encode: () => {
            throw new Error(`${name}: only decoding is built`);
          },
          decode: (bytes: Uint8Array) => decode(bytes, bound)
        };
      }
    });
}

const DECODERS: Readonly<Record<string, Decode>> = {
  async blosc(bytes, bound) {
    checkBlosc(bytes, bound);
    return decodeBlosc(await loadBlosc(), bytes);
  },
  async zstd(bytes, bound) {
    const frame = checkZstd(bytes, bound);
    const out = await (await loadZstd()).decode(frame);
    if (bound.exact && out.length !== bound.bytes) {
      throw damaged(`zstd data unpacks to ${out.length} of ${bound.bytes} bytes`);
    }
    return out;
  },
  lz4: decodeLz4,
  gzip: (bytes, bound) => inflate(bytes, 'gzip', bound),
  zlib: (bytes, bound) => inflate(bytes, 'deflate', bound),
  crc32c(bytes) {
    if (bytes.length < 4) {
      throw damaged('the checksum is missing');
    }
    const body = bytes.subarray(0, bytes.length - 4);
    const stored = new DataView(bytes.buffer, bytes.byteOffset + body.length, 4).getUint32(0, true);
    if (crc32c(body) !== stored) {
      throw damaged('its checksum does not match');
    }
    return body;
  }
};

let installed = false;

/**
 * Puts our checked codecs into zarrita's registry in place of the stock ones (which return old memory for damaged Blosc,
 * unpack bombs, and never compare a checksum). Once per realm; harmless when called again.
 */
export function installCodecs(): void {
  if (installed) {
    return;
  }
  installed = true;
  for (const [name, decode] of Object.entries(DECODERS)) {
    registry.set(name, checked(name, decode));
    registry.set(`numcodecs.${name}`, checked(name, decode));
  }
  registry.set(`numcodecs.${LENGTH_CHECK}`, () =>
    Promise.resolve({
      kind: 'bytes_to_bytes',
      fromConfig: (_: unknown, context: ICodecContext) => ({
        kind: 'bytes_to_bytes' as const,
        encode: (bytes: Uint8Array) => bytes,
        decode: (bytes: Uint8Array) => {
          const expected = rawBytes(context);
          if (bytes.length !== expected) {
            throw damaged(`it has ${bytes.length} bytes where ${expected} are expected`);
          }
          return bytes;
        }
      })
    })
  );
}

const warmed = new Map<string, Promise<unknown>>();

/** Loads and instantiates what the named codecs need, so that the first chunk does not wait for it. Never rejects. */
export async function warmCodecs(names: readonly string[]): Promise<void> {
  const wanted = new Set(names.map(name => name.replace(/^numcodecs\./, '')));
  const jobs = (
    [
      ['blosc', loadBlosc],
      ['zstd', loadZstd]
    ] as const
  )
    .filter(([name]) => wanted.has(name))
    .map(([name, get]) => {
      const job = warmed.get(name) ?? get().then(roundTrip);
      warmed.set(name, job);
      return job;
    });
  // Whatever fails here fails again, with its chunk, when it is needed.
  await Promise.allSettled(jobs);
}

/** Loading gives code only; a first round trip makes the WebAssembly instance. */
async function roundTrip(codec: IBlosc): Promise<void> {
  await codec.decode(await codec.encode(new Uint8Array(16)));
}
