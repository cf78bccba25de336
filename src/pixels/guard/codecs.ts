import { say } from '../../core';
import { checkBlosc, decodeBlosc, type IBlosc } from './blosc';
import { inflate } from './deflate';
import { decodeLz4 } from './lz4';
import { damaged, type IOutputBound } from './sizes';
import { checkZstd } from './zstd';

/**
 * Whether WebAssembly was given data, or code was loaded for it, since `used` was last set to false. A thread that decodes
 * one unit at a time asks this after a failure: damaged data may have left the WebAssembly in a state nobody knows.
 */
export const webAssembly = { used: false };

/** Unpacks bytes and is told what may come out. */
export type Unpack = (bytes: Uint8Array, bound: IOutputBound) => Uint8Array | Promise<Uint8Array>;

// Loaded only when a chain names them: each brings its WebAssembly as some hundred kilobytes of text.
let blosc: Promise<IBlosc> | undefined;
let zstd: Promise<IBlosc> | undefined;

function loadBlosc(): Promise<IBlosc> {
  const settings = { id: 'blosc', cname: 'lz4', clevel: 5, shuffle: 0, blocksize: 0 };
  return (blosc ??= import('numcodecs/blosc').then(({ default: codec }) => codec.fromConfig(settings)));
}

function loadZstd(): Promise<IBlosc> {
  return (zstd ??= import('numcodecs/zstd').then(({ default: codec }) => codec.fromConfig({ id: 'zstd', level: 1 })));
}

/** The compressors that the browser takes back, each checked before and after. */
export const COMPRESSORS: Readonly<Record<string, Unpack>> = {
  async blosc(bytes, bound) {
    checkBlosc(bytes, bound);
    webAssembly.used = true;
    return decodeBlosc(await loadBlosc(), bytes);
  },
  async zstd(bytes, bound) {
    const frame = checkZstd(bytes, bound);
    webAssembly.used = true;
    const out = await (await loadZstd()).decode(frame);
    if (bound.exact && out.length !== bound.bytes) {
      throw damaged(say`zstd data unpacks to ${out.length} of ${bound.bytes} bytes`);
    }
    return out;
  },
  lz4: decodeLz4,
  gzip: (bytes, bound) => inflate(bytes, 'gzip', bound),
  zlib: (bytes, bound) => inflate(bytes, 'deflate', bound)
};

const warmed = new Map<string, Promise<unknown>>();

/** Loads and instantiates what the named codecs need, so that the first chunk does not wait for it. Never rejects. */
export async function warmCodecs(names: readonly string[]): Promise<void> {
  const wanted = new Set(names.map(name => name.replace(/^(numcodecs|tiff)\./, '')));
  const tiff = names.some(name => name.startsWith('tiff.')) ? [import('../../tiff')] : [];
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
  await Promise.allSettled([...jobs, ...tiff]);
}

/** Loading gives code only; a first round trip makes the WebAssembly instance. */
async function roundTrip(codec: IBlosc): Promise<void> {
  await codec.decode(await codec.encode(new Uint8Array(16)));
}
