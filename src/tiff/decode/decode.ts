import { BioImageError, say } from '../../core';
import { ITEM_BYTES } from '../../ngff';
import { decodeJpeg } from './jpeg/decode';
import { sumFloatRows, sumRows, swapBytes, unpackValues } from './rows';
import type { IDecodeTools, ITiffDocument, ITiffMore } from './spec';
import { damaged, mirrorBits, unpackBits, unpackLzw } from './unpack';

/**
 * Decodes one unit of a TIFF image: C-order little-endian values, exactly rows × columns × samples of them; rows the unit
 * does not have are 0. What comes out is bounded by `document`, whatever the bytes claim.
 *
 * @param bytes - of the unit; not changed
 * @throws BAD_CHUNK, UNSUPPORTED
 */
export async function decodeTiff(
  document: ITiffDocument,
  bytes: Uint8Array,
  more: ITiffMore,
  tools: IDecodeTools
): Promise<Uint8Array> {
  const row = document.columns * document.samples * ITEM_BYTES[document.dtype];
  const out = new Uint8Array(document.rows * row);
  const stored: ITiffDocument = more.palette ? { ...document, samples: 1 } : document;
  let top = 0;
  for (const [at, length, rows, skipped = 0] of more.parts) {
    if (at + length > bytes.length || top + rows > document.rows) {
      throw damaged(say`it is shorter than its directory says`);
    }
    if (length > 0) {
      const part = await decodePart(stored, bytes.subarray(at, at + length), skipped + rows, more, tools);
      out.set((more.palette ? coloured(part, more.palette) : part).subarray(skipped * row), top * row);
    }
    top += rows;
  }
  return out;
}

async function decodePart(
  document: ITiffDocument,
  bytes: Uint8Array,
  rows: number,
  more: ITiffMore,
  tools: IDecodeTools
): Promise<Uint8Array> {
  const { columns, samples, bits, dtype } = document;
  const size = ITEM_BYTES[dtype];
  const width = columns * samples;
  const mostRows = Math.max(document.rows, more.mostRows ?? 0);
  if (more.compression === 'jpeg') {
    const { photometric, tables } = more;
    return decodeJpeg(bytes, { columns, rows, mostRows, samples, photometric, tables });
  }
  const packed = more.compression === 'values' ? width * size : Math.ceil((width * bits) / 8);
  const needed = rows * packed;
  const raw = await unpack(bytes, needed, mostRows * packed, more, tools);
  if (raw.length < needed) {
    throw damaged(say`it unpacks to ${raw.length} of ${needed} bytes`);
  }
  // Always a copy of its own from here on: rows are changed in place, and words need an even address.
  const data = raw.slice(0, needed);
  if (more.compression === 'values') {
    return data;
  }
  if (bits !== 8 * size) {
    // 16, 24 and 32 bit wide ones alone know a byte order; packed ones are a stream of bits.
    return unpackValues(data, rows, width, bits, size);
  }
  if (more.predictor === 3) {
    return sumFloatRows(data, width, samples, size);
  }
  if (!more.little && size > 1) {
    swapBytes(data, size);
  }
  if (more.predictor === 2) {
    sumRows(data, width, samples, size);
  }
  return data;
}

/** Red, green and blue for each number; numbers beyond the palette are black. */
function coloured(numbers: Uint8Array, palette: Uint8Array): Uint8Array {
  const out = new Uint8Array(numbers.length * 3);
  numbers.forEach((number, i) => out.set(palette.subarray(3 * number, 3 * number + 3), 3 * i));
  return out;
}

/** The unpacked bytes: `needed` or more, or fewer where the data ends; never more than `most`. */
async function unpack(
  bytes: Uint8Array,
  needed: number,
  most: number,
  { compression, reversed }: ITiffMore,
  tools: IDecodeTools
): Promise<Uint8Array> {
  const data = reversed ? mirrorBits(bytes) : bytes;
  // A last strip may have been filled up to the height of the others.
  const bound = { exact: most <= needed, bytes: Math.max(needed, most) };
  switch (compression) {
    case 'none':
    case 'values':
      return data;
    case 'lzw':
      return unpackLzw(data, needed);
    case 'packbits':
      return unpackBits(data, needed);
    case 'deflate':
      return tools.inflate(data, bound);
    case 'zstd':
      return tools.zstd(data, bound);
    default:
      throw new BioImageError('UNSUPPORTED', say`This format is not supported: TIFF compression ${compression}.`);
  }
}
