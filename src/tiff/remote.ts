import { ITEM_BYTES, type IServerPart } from '../ngff';
import { schemeOf } from './compression';
import type { ITiffMore } from './decode/spec';
import { TAG, type Directory } from './directory';
import { unitShape, type IFormat } from './format';

/** What is packed around LERC, by the second number of its tag. */
const LERC_PACKED = ['none', 'deflate', 'zstd'];

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
}

/** Name and parameters of a codec as the server's table has them (`services/tiffcodecs.py`). */
function codecOf(
  directory: Directory,
  format: IFormat,
  tables: Uint8Array
): Pick<IServerPart['codec'], 'name' | 'configuration'> {
  const { compression, reversed } = format;
  switch (compression) {
    case 'ccittfax3':
      return { name: compression, configuration: { reversed, options: directory.value(TAG.T4Options) ?? 0 } };
    case 'ccittrle':
    case 'ccittfax4':
    case 'lzma':
      return { name: compression, configuration: { reversed } };
    case 'jpeg2000':
      return { name: compression, configuration: { ycc: format.ycc } };
    case 'jpegdeep': {
      const { bits, photometric } = format;
      return { name: 'jpeg', configuration: { bits, photometric, tables: base64(tables) } };
    }
    case 'lerc': {
      const packed = LERC_PACKED[directory.list(TAG.LercParameters)[1] ?? 0] ?? 'none';
      return { name: compression, configuration: { packed } };
    }
    default:
      return { name: compression, configuration: {} };
  }
}

/** A unit that the session's server decodes, and what the page does with the answer. */
export interface IDivided {
  readonly server: IServerPart;
  /** Undefined: the answer is the unit. */
  readonly more?: ITiffMore;
}

/**
 * Divides the decoding of a unit: the server takes back the compression; byte order, predictor, packed bits and colours of a
 * palette are done in the page, by the same code as for all other compressions.
 *
 * @param more - how the unit would be decoded if the page had the codec
 * @param size - rows and columns of the unit
 */
export function divided(
  directory: Directory,
  format: IFormat,
  more: ITiffMore,
  size: { readonly rows: number; readonly columns: number }
): IDivided {
  const { rows, columns } = size;
  const { samples } = unitShape(format);
  const asBytes = schemeOf(format.compression).gives === 'bytes';
  const dtype = asBytes || format.dtype === 'bool' ? 'uint8' : format.dtype;
  const row = asBytes ? Math.ceil((columns * samples * format.bits) / 8) : columns * samples * ITEM_BYTES[dtype];
  const high = more.parts.reduce((sum, [, , part]) => sum + part, 0);
  const server: IServerPart = {
    codec: {
      ...codecOf(directory, format, more.tables ?? new Uint8Array()),
      shape: asBytes ? [rows, row, 1] : [rows, columns, samples],
      dtype
    },
    pieces: more.parts.map(([offset, length, part, skipped]) => [offset, length, part, skipped ?? 0])
  };
  if (!asBytes && !more.palette) {
    return { server };
  }
  const compression = asBytes ? 'none' : 'values';
  return {
    server,
    more: { ...more, parts: [[0, high * row, high]], compression, reversed: false, tables: undefined }
  };
}
