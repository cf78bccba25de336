import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../core';

/** One file of a made archive, with whatever is to be wrong in it. */
export interface IMadeEntry {
  readonly name: string | Uint8Array;
  readonly bytes: Uint8Array;
  /** 8: deflated; any other number is written as it is, with the bytes as they are. */
  readonly method?: number;
  readonly flags?: number;
  /** Extra fields of the local header and of the directory. */
  readonly localExtra?: Uint8Array;
  readonly extra?: Uint8Array;
  /** Sizes and checksum follow the data. */
  readonly descriptor?: boolean;
  readonly crc?: number;
  readonly size?: number;
  /** Offset of another file's local header instead of its own. */
  readonly header?: number;
  /** 64-bit sizes in the directory. */
  readonly zip64?: boolean;
  /** System that made it; 3 is Unix. */
  readonly host?: number;
  /** The name in the local header where it differs. */
  readonly localName?: string;
}

export interface IMadeZip {
  readonly prefix?: Uint8Array;
  readonly comment?: Uint8Array;
  readonly zip64?: boolean;
  /** Added to the offset of the directory and to the number of files. */
  readonly shift?: number;
  readonly more?: number;
}

const text = new TextEncoder();

function record(...fields: readonly (readonly [bytes: 2 | 4 | 8, value: number])[]): Uint8Array {
  const out = new Uint8Array(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  const data = new DataView(out.buffer);
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) {
      data.setUint16(at, value, true);
    } else if (bytes === 4) {
      data.setUint32(at, value, true);
    } else {
      data.setBigUint64(at, BigInt(value), true);
    }
    at += bytes;
  }
  return out;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
}

const none = new Uint8Array(0);
const nameBytes = (name: string | Uint8Array): Uint8Array => (typeof name === 'string' ? text.encode(name) : name);

/** A zip archive (APPNOTE 6.3) of files in this order. Names given as text are UTF-8 and marked so where they need it. */
export function makeZip(entries: readonly IMadeEntry[], options: IMadeZip = {}): Uint8Array {
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = 0;
  for (const entry of entries) {
    const { bytes, method = 0, descriptor = false, localExtra = none, extra = none, zip64 = false } = entry;
    const packed = method === 8 ? new Uint8Array(deflateRawSync(bytes)) : bytes;
    const [crc, size] = [entry.crc ?? crc32(bytes), entry.size ?? bytes.length];
    const name = nameBytes(entry.name);
    const ownName = nameBytes(entry.localName ?? entry.name);
    const marked = typeof entry.name === 'string' && name.some(byte => byte > 127) ? 0x800 : 0;
    const flags = (entry.flags ?? 0) | marked | (descriptor ? 8 : 0);
    const header = entry.header ?? at;
    const head = record(
      [4, 0x04034b50],
      [2, 20],
      [2, flags],
      [2, method],
      [4, 0],
      [4, descriptor ? 0 : crc],
      [4, descriptor ? 0 : packed.length],
      [4, descriptor ? 0 : size],
      [2, ownName.length],
      [2, localExtra.length]
    );
    const after = descriptor ? record([4, 0x08074b50], [4, crc], [4, packed.length], [4, size]) : none;
    const part = joined([head, ownName, localExtra, packed, after]);
    const large = zip64 ? record([2, 1], [2, 24], [8, size], [8, packed.length], [8, header]) : none;
    const extras = joined([large, extra]);
    const full = 0xffffffff;
    central.push(
      record(
        [4, 0x02014b50],
        [2, ((entry.host ?? 3) << 8) | 20],
        [2, 20],
        [2, flags],
        [2, method],
        [4, 0],
        [4, crc],
        [4, zip64 ? full : packed.length],
        [4, zip64 ? full : size],
        [2, name.length],
        [2, extras.length],
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, zip64 ? full : header]
      ),
      name,
      extras
    );
    local.push(part);
    at += part.length;
  }
  const directory = joined(central);
  const [count, offset] = [entries.length + (options.more ?? 0), at + (options.shift ?? 0)];
  const end64 = options.zip64
    ? joined([
        record([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count]),
        record([8, directory.length], [8, offset]),
        record([4, 0x07064b50], [4, 0], [8, at + directory.length], [4, 1])
      ])
    : none;
  const [n, s, o] = options.zip64 ? [0xffff, 0xffffffff, 0xffffffff] : [count & 0xffff, directory.length, offset];
  const comment = options.comment ?? none;
  const end = record([4, 0x06054b50], [2, 0], [2, 0], [2, n], [2, n], [4, s], [4, o], [2, comment.length]);
  return joined([options.prefix ?? none, ...local, directory, end64, end, comment]);
}

/** The objects of a store as an archive, stored or deflated. */
export function zipOf(objects: ReadonlyMap<string, Uint8Array>, method: 0 | 8 = 0, top = ''): Uint8Array {
  return makeZip([...objects].map(([name, bytes]) => ({ name: top + name, bytes, method })));
}
