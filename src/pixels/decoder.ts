import { orAborted, throwIfAborted } from '../core';
import { ITEM_BYTES, type IArray } from '../ngff';
import { ChunkDecoder, type IDecodeSpec } from './chunkdecoder';
import { warmCodecs } from './guard/codecs';

/** Turns the encoded bytes of one chunk (or inner chunk of a shard) into values. */
export interface IDecoder {
  /**
   * C-order little-endian bytes, exactly prod(array.chunks) · itemsize of them. `bytes` is not changed.
   *
   * @param more - what this unit needs beyond the array's document, see `IPlace`
   * @throws BAD_CHUNK, UPSTREAM_BAD, UNSUPPORTED, BAD_METADATA, or the signal's reason
   */
  decode(
    array: IArray,
    bytes: Uint8Array,
    signal?: AbortSignal,
    more?: Readonly<Record<string, unknown>>
  ): Promise<Uint8Array>;
  /** Loads what the named codecs need ahead of the first chunk. */
  warm(codecs: readonly string[]): void;
  dispose(): void;
}

/** The plain-data part of an array that decides how its units are decoded. */
export function decodeSpec(array: IArray): IDecodeSpec {
  return {
    document: array.decodeDoc,
    zarrFormat: array.zarrFormat,
    chunks: array.chunks,
    itemBytes: ITEM_BYTES[array.dtype],
    codecs: array.codecs
  };
}

/**
 * Decodes on the calling thread: for Node and tests. One job at a time per array. A decoder that threw is replaced;
 * WebAssembly lives as long as the process, so what may harm it is refused by the guards before it gets there.
 */
export class InlineDecoder implements IDecoder {
  private readonly _decoders = new WeakMap<IArray, ChunkDecoder>();
  private readonly _tails = new WeakMap<IArray, Promise<unknown>>();

  async decode(
    array: IArray,
    bytes: Uint8Array,
    signal?: AbortSignal,
    more?: Readonly<Record<string, unknown>>
  ): Promise<Uint8Array> {
    const job = (this._tails.get(array) ?? Promise.resolve()).then(() => {
      throwIfAborted(signal);
      return this._run(array, bytes, more);
    });
    this._tails.set(
      array,
      job.catch(() => undefined) // the next job does not care how this one ended; the caller has `job` itself
    );
    return orAborted(job, signal);
  }

  warm(codecs: readonly string[]): void {
    void warmCodecs(codecs);
  }

  dispose(): void {
    // Nothing is held beyond the arrays themselves.
  }

  private async _run(
    array: IArray,
    bytes: Uint8Array,
    more: Readonly<Record<string, unknown>> | undefined
  ): Promise<Uint8Array> {
    let decoder = this._decoders.get(array);
    if (!decoder) {
      decoder = new ChunkDecoder(decodeSpec(array));
      this._decoders.set(array, decoder);
    }
    try {
      return await decoder.decode(bytes, more);
    } catch (error) {
      this._decoders.delete(array);
      throw error;
    }
  }
}
