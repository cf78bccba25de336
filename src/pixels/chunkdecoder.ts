import { BioImageError, isBioImageError, say } from '../core';
import { readUnit } from '../ngff';
import { pipelineOf } from './guard/pipeline';
import { damaged } from './guard/sizes';
import { looksLikeMarkup } from './guard/text';
import { decodeTiffUnit } from './guard/tiff';

/** What a decoder needs to know of an array; plain data, so that it can be posted to a worker. */
export interface IDecodeSpec {
  /** The document of `IArray.decodeDoc`: one decoded unit, no sharding. */
  readonly document: Readonly<Record<string, unknown>>;
  /** 0: a unit of a TIFF file, see `src/tiff`. */
  readonly zarrFormat: 0 | 2 | 3;
  readonly chunks: readonly number[];
  readonly itemBytes: number;
  readonly codecs: readonly string[];
}

/**
 * Decodes the units of one array. The chain is checked and built once, with the first unit.
 *
 * One job at a time per decoder; one that has thrown must not be used again.
 */
export class ChunkDecoder {
  private readonly _spec: IDecodeSpec;
  private _pipeline: ((bytes: Uint8Array) => Promise<Uint8Array>) | undefined;

  constructor(spec: IDecodeSpec) {
    this._spec = spec;
  }

  /**
   * The unit's values as C-order little-endian bytes, exactly prod(chunks) · itemBytes of them; they may be `bytes`
   * themselves.
   *
   * @param more - what this unit needs beyond the document, see `IPlace`
   * @throws BAD_CHUNK, UPSTREAM_BAD (a text came instead), UNSUPPORTED, BAD_METADATA
   */
  async decode(bytes: Uint8Array, more?: Readonly<Record<string, unknown>>): Promise<Uint8Array> {
    const { chunks, itemBytes, codecs, zarrFormat } = this._spec;
    if (bytes.length === 0) {
      throw damaged(say`it is empty`);
    }
    // A bare LZ4 block has no mark of its own: a text in its place is one of the many ways it can be damaged.
    if (!/(^|\.)lz4$/.test(codecs.at(-1) ?? '') && looksLikeMarkup(bytes)) {
      throw new BioImageError('UPSTREAM_BAD', say`The store gave a web page or an error text instead of pixels.`);
    }
    try {
      const out = zarrFormat === 0 ? await decodeTiffUnit(this._spec.document, bytes, more) : await this._chain(bytes);
      if (out.length !== chunks.reduce((product, size) => product * size, itemBytes)) {
        throw damaged(say`its length is not what the array says`);
      }
      return out;
    } catch (error) {
      throw named(error);
    }
  }

  private _chain(bytes: Uint8Array): Promise<Uint8Array> {
    this._pipeline ??= pipelineOf(readUnit(this._spec.document));
    return this._pipeline(bytes);
  }
}

/** Our own error out of whatever a codec threw. */
function named(error: unknown): BioImageError {
  return isBioImageError(error) ? error : damaged(say`it cannot be decoded`, error);
}
