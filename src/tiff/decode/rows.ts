/**
 * What happens to rows of values once they are unpacked: differences summed up, byte order, packed bits. All work in place or
 * on whole rows; `width` is in values along a row (pixels × samples).
 */

/** Turns big-endian values of `size` bytes round, in place. */
export function swapBytes(data: Uint8Array, size: number): void {
  for (let at = 0; at + size <= data.length; at += size) {
    data.subarray(at, at + size).reverse();
  }
}

/** A view as words where the memory allows it, so that no value is copied. */
function words16(data: Uint8Array): Uint16Array {
  return new Uint16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
}

/**
 * Sums up horizontal differences (predictor 2; TIFF 6.0, section 14), modulo the width of the values; floats count as their
 * bits. Little-endian, in place; `data` starts at an address that values of `size` bytes may have.
 */
export function sumRows(data: Uint8Array, width: number, samples: number, size: number): void {
  const rows = Math.floor(data.length / (width * size));
  if (size === 8) {
    const values = new BigUint64Array(data.buffer, data.byteOffset, data.byteLength >> 3);
    for (let row = 0; row < rows; row++) {
      for (let i = row * width + samples; i < (row + 1) * width; i++) {
        values[i] += values[i - samples];
      }
    }
    return;
  }
  const values =
    size === 1
      ? data
      : size === 2
        ? words16(data)
        : new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
  for (let row = 0; row < rows; row++) {
    for (let i = row * width + samples; i < (row + 1) * width; i++) {
      values[i] += values[i - samples];
    }
  }
}

/**
 * Undoes the floating point predictor (predictor 3; supplement 3 of TIFF): byte differences along the row, and the bytes of
 * all values sorted by significance, most significant first whatever the file's byte order. Gives little-endian values.
 */
export function sumFloatRows(data: Uint8Array, width: number, samples: number, size: number): Uint8Array {
  const out = new Uint8Array(data.length);
  const bytes = width * size;
  for (let start = 0; start + bytes <= data.length; start += bytes) {
    for (let i = start + samples; i < start + bytes; i++) {
      data[i] += data[i - samples];
    }
    for (let value = 0; value < width; value++) {
      for (let byte = 0; byte < size; byte++) {
        out[start + value * size + byte] = data[start + (size - 1 - byte) * width + value];
      }
    }
  }
  return out;
}

/** Values of `bits` each (1 to 31, most significant bit first, rows start at a byte) as little-endian ones of `size` bytes. */
export function unpackValues(data: Uint8Array, rows: number, width: number, bits: number, size: number): Uint8Array {
  const out = new Uint8Array(rows * width * size);
  const rowBytes = Math.ceil((width * bits) / 8);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let i = 0, bit = row * rowBytes * 8; i < width; i++) {
      let value = 0;
      for (let left = bits; left > 0;) {
        const free = 8 - (bit & 7);
        const take = Math.min(free, left);
        // Multiplied, not shifted: 32 bits would become negative.
        value = value * (1 << take) + ((data[bit >> 3] >> (free - take)) & ((1 << take) - 1));
        bit += take;
        left -= take;
      }
      for (let byte = 0; byte < size; byte++, to++) {
        out[to] = value & 255;
        value = Math.floor(value / 256);
      }
    }
  }
  return out;
}
