import { say } from '../../core';
import { damaged, fits, type IOutputBound } from './sizes';

/** What one pass over a Zstandard frame tells without decoding it. */
interface IFrame {
  /** Content size the header claims, in bytes; null where it claims none. */
  readonly content: number | null;
  /** Length of the fields before the first block, in bytes. */
  readonly header: number;
  /** More than this cannot come out, whatever the blocks hold, in bytes. */
  readonly most: number;
}

const MAGIC = 0xfd2fb528;
const BLOCK = 131_072; // RFC 8878 3.1.1.2.4: a block never holds more than 128 KiB
const WINDOW = 1 << 27; // what the reference decoder accepts without being asked for more

/**
 * Checks that `bytes` are exactly one Zstandard frame (RFC 8878) of the expected content size, and returns the frame to
 * decode. Writers of Zarr produce just that: skippable frames, a second frame or bytes behind the frame are damage.
 *
 * A frame without a content size gets the expected one written into its header: the decoder then allocates exactly that
 * much and fails when another amount comes out.
 */
export function checkZstd(bytes: Uint8Array, bound: IOutputBound): Uint8Array {
  const frame = scan(bytes);
  if (frame.content !== null) {
    if (!fits(frame.content, bound)) {
      throw damaged(say`zstd claims ${frame.content} bytes where ${bound.bytes} are expected`);
    }
    return bytes;
  }
  if (!bound.exact) {
    if (frame.most > bound.bytes + BLOCK) {
      throw damaged(say`zstd data may unpack to more than is expected`);
    }
    return bytes;
  }
  if (frame.most < bound.bytes) {
    throw damaged(say`zstd data is too short`);
  }
  return withContentSize(bytes, frame.header, bound.bytes);
}

function scan(bytes: Uint8Array): IFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 6 || view.getUint32(0, true) !== MAGIC) {
    throw damaged(say`not a zstd frame`);
  }
  const descriptor = bytes[4];
  const single = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3];
  const sizeField = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6];
  const header = 5 + (single ? 0 : 1) + dictionary + sizeField;
  if ((descriptor & 0x08) !== 0 || dictionary !== 0 || bytes.length < header + 3) {
    throw damaged(say`the zstd header is not valid`);
  }
  const content = contentSize(view, header - sizeField, sizeField);
  let window = content ?? 0;
  if (!single) {
    const base = 2 ** (10 + (bytes[5] >>> 3));
    window = base + (base / 8) * (bytes[5] & 7);
    if (window > WINDOW) {
      throw damaged(say`the zstd window is too large`);
    }
  }
  return { content, header, most: walk(view, header, Math.min(window, BLOCK), (descriptor & 4) !== 0 ? 4 : 0) };
}

/** Content size field: none, or 1, 2 (plus 256), 4 or 8 bytes. */
function contentSize(view: DataView, at: number, length: number): number | null {
  switch (length) {
    case 0:
      return null;
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

/** Steps over the blocks and the checksum, which must end where the bytes end; returns the most that can come out. */
function walk(view: DataView, from: number, blockMost: number, checksum: number): number {
  let at = from;
  let most = 0;
  for (let last = false; !last;) {
    if (at + 3 > view.byteLength) {
      throw damaged(say`zstd data is cut off`);
    }
    const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    last = (head & 1) !== 0;
    const type = (head >>> 1) & 3;
    const size = head >>> 3;
    // 0 raw, 1 one byte repeated, 2 compressed, 3 reserved
    if (type === 3 || size > BLOCK) {
      throw damaged(say`a zstd block is not valid`);
    }
    most += type === 2 ? blockMost : size;
    at += 3 + (type === 1 ? 1 : size);
  }
  if (at + checksum !== view.byteLength) {
    throw damaged(at + checksum > view.byteLength ? say`zstd data is cut off` : say`bytes follow the zstd frame`);
  }
  return most;
}

/** The same frame with an 8-byte content size field (flag 3); single-segment frames always have one already. */
function withContentSize(bytes: Uint8Array, header: number, content: number): Uint8Array {
  const out = new Uint8Array(bytes.length + 8);
  out.set(bytes.subarray(0, header));
  out[4] |= 0xc0;
  new DataView(out.buffer).setBigUint64(header, BigInt(content), true);
  out.set(bytes.subarray(header), header + 8);
  return out;
}
