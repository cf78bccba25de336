import type { IDecodeTools, ITiffDocument, ITiffMore } from '../../tiff';
import { COMPRESSORS } from './codecs';

const tools: IDecodeTools = {
  inflate: async (data, bound) => COMPRESSORS.zlib(data, bound),
  zstd: async (data, bound) => COMPRESSORS.zstd(data, bound)
};

/**
 * Decodes a unit of a TIFF file. The decoders are loaded with the first one: most images are Zarr.
 *
 * @param document - `decodeDoc` of the array
 * @param more - of the unit's place; both were made by `src/tiff`, on the other side of a worker's door
 */
export async function decodeTiffUnit(
  document: Readonly<Record<string, unknown>>,
  bytes: Uint8Array,
  more: Readonly<Record<string, unknown>> = {}
): Promise<Uint8Array> {
  const { decodeTiff } = await import('../../tiff');
  return decodeTiff(document as unknown as ITiffDocument, bytes, more as unknown as ITiffMore, tools);
}
