import { say } from '../../core';
import { damaged, fits, type IOutputBound } from './sizes';

/** The part of numcodecs' Blosc that is used. */
export interface IBlosc {
  encode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  decode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

const HEADER = 16; // bytes: version, inner version, flags, type size, then nbytes, blocksize, cbytes (uint32 each)
const STORED = 0x02; // flag: the payload is a plain copy

/** Compares the header of a Blosc 1 frame with the chunk it should hold, and its block table with the frame's length. */
export function checkBlosc(bytes: Uint8Array, bound: IOutputBound): void {
  if (bytes.length < HEADER) {
    throw damaged(say`blosc data is cut off`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [unpacked, block, packed] = [4, 8, 12].map(at => view.getUint32(at, true));
  if (bytes[0] !== 2) {
    throw damaged(say`blosc format ${bytes[0]} is not known`);
  }
  if (packed !== bytes.length) {
    throw damaged(say`blosc claims ${packed} packed bytes where there are ${bytes.length}`);
  }
  if (!fits(unpacked, bound)) {
    throw damaged(say`blosc claims ${unpacked} bytes where ${bound.bytes} are expected`);
  }
  if (unpacked > 0 && (block === 0 || block > unpacked)) {
    throw damaged(say`the blosc block size is not valid`);
  }
  if ((bytes[2] & STORED) !== 0) {
    if (packed !== unpacked + HEADER) {
      throw damaged(say`the length of stored blosc data is not valid`);
    }
    return;
  }
  const table = HEADER + 4 * (unpacked > 0 ? Math.ceil(unpacked / block) : 0);
  for (let at = HEADER; at < table; at += 4) {
    const start = at + 4 <= packed ? view.getUint32(at, true) : 0;
    if (start < table || start >= packed) {
      throw damaged(say`a blosc block lies outside of the chunk`);
    }
  }
}

// Frames that unpack to a run of one byte, by "MiB/byte"; a few dozen bytes to a few KiB each.
const runs = new Map<string, Uint8Array>();
let queue: Promise<unknown> = Promise.resolve();

/**
 * Decodes Blosc and fails when part of the output was never written.
 *
 * numcodecs drops Blosc's return code: after a failure inside, its output is old memory, often other chunks. So the memory
 * the output will land in is first filled with one byte; where a run of it shows through, a second try with another byte
 * tells data from memory. Finds lost blocks and cut streams; a flipped byte inside of a stream that still unpacks is
 * beyond any decoder.
 *
 * One at a time for the whole module: the filled memory must not be used by another decode in between.
 */
export function decodeBlosc(codec: IBlosc, bytes: Uint8Array): Promise<Uint8Array> {
  const job = queue.then(() => guarded(codec, bytes));
  queue = job.catch(() => undefined);
  return job;
}

async function guarded(codec: IBlosc, bytes: Uint8Array): Promise<Uint8Array> {
  const unpacked = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true);
  if (unpacked === 0) {
    return new Uint8Array();
  }
  const size = bytes.length + unpacked + 65_536; // the copy of the input and the output both land in filled memory
  await fill(codec, size, 0xa5);
  const out = await codec.decode(bytes);
  if (out.length !== unpacked) {
    throw damaged(say`blosc data unpacks to ${out.length} of ${unpacked} bytes`);
  }
  if (!untouched(out, 0xa5)) {
    return out;
  }
  await fill(codec, size, 0x5a);
  const again = await codec.decode(bytes);
  if (again.length !== out.length || out.some((value, i) => value !== again[i])) {
    throw damaged(say`blosc data cannot be unpacked`);
  }
  return out;
}

async function fill(codec: IBlosc, size: number, byte: number): Promise<void> {
  const mebibytes = (size >>> 20) + 1;
  const key = `${mebibytes}/${byte}`;
  let run = runs.get(key);
  if (!run) {
    run = await codec.encode(new Uint8Array(mebibytes << 20).fill(byte));
    runs.set(key, run);
  }
  await codec.decode(run);
}

/** True where one of up to 64 segments shows `byte` at every one of up to 32 places. */
function untouched(out: Uint8Array, byte: number): boolean {
  const segment = Math.max(1, out.length >>> 6);
  const step = Math.max(1, segment >>> 5);
  for (let start = 0; start + segment <= out.length; start += segment) {
    let at = start;
    while (at < start + segment && out[at] === byte) {
      at += step;
    }
    if (at >= start + segment) {
      return true;
    }
  }
  return false;
}
