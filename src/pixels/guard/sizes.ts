import { BioImageError } from '../../core';

/** What zarrita hands to a codec when it is made: the decoded unit as it lies on disk at this place of the chain. */
export interface ICodecContext {
  readonly dataType: string;
  readonly shape: readonly number[];
  readonly codecs: readonly { readonly name: string; readonly configuration?: unknown }[];
}

/** How many bytes a codec may put out: exactly `bytes`, or at most so many where another compressor lies between. */
export interface IOutputBound {
  readonly exact: boolean;
  readonly bytes: number;
}

const ITEM: Readonly<Record<string, number>> = {
  int8: 1,
  uint8: 1,
  bool: 1,
  int16: 2,
  uint16: 2,
  float16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
  float64: 8
};

const COMPRESSORS = /^(numcodecs\.)?(blosc|lz4|zstd|gzip|zlib)$/;
const CHECKSUM = /^(numcodecs\.)?crc32c$/;

/** Bytes of one decoded unit of the type that is on disk. */
export function rawBytes(context: ICodecContext): number {
  const item = ITEM[context.dataType];
  if (item === undefined) {
    throw new BioImageError('UNSUPPORTED', `This format is not supported: data type ${context.dataType.slice(0, 40)}.`);
  }
  return context.shape.reduce((product, size) => product * size, item);
}

/**
 * The size a bytes-to-bytes codec must produce. The first one after the serialiser must give exactly the raw bytes; one
 * further out gives the other's encoded bytes, which no compressor here makes longer than 1/64 of its input plus 64 KiB.
 *
 * @param configuration - the object zarrita passes to `fromConfig`; its identity tells which entry of the chain is meant
 */
export function outputBound(name: string, configuration: unknown, context: ICodecContext): IOutputBound {
  let bytes = rawBytes(context);
  let exact = true;
  for (const codec of context.codecs) {
    if (codec.name.endsWith(name) && codec.configuration === configuration) {
      break;
    }
    if (CHECKSUM.test(codec.name)) {
      bytes += 4;
    } else if (COMPRESSORS.test(codec.name)) {
      bytes += (bytes >>> 6) + 65_536;
      exact = false;
    }
  }
  return { exact, bytes };
}

/** True where `claimed` bytes may come out of the codec. */
export function fits(claimed: number, bound: IOutputBound): boolean {
  return bound.exact ? claimed === bound.bytes : claimed >= 0 && claimed <= bound.bytes;
}

/** The failure of a chunk whose bytes are not what its codec writes. */
export function damaged(what: string, cause?: unknown): BioImageError {
  return new BioImageError('BAD_CHUNK', `A part of the image is damaged: ${what}.`, { cause });
}
