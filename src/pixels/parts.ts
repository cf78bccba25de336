import { BioImageError, say } from '../core';
import type { IDecodePart, IDecodeParts, ISessionTransport } from '../entities';
import { ITEM_BYTES, type IArray, type IPlace } from '../ngff';
import { Batches, frameError, joinKey, type IZip } from '../stores';
import { damaged } from './guard/sizes';
import { lacking, plain, TOO_OLD, type IServerDecoder, type IServerUnit } from './remote';

type Transport = Pick<ISessionTransport, 'decodeParts'>;

/** Range of a file; the end excluded. */
interface IRange {
  readonly start: number;
  readonly end: number;
}

/** Where bytes lie in a file of the store, and what is to be done with them. */
type Origin = Omit<IDecodePart, 'pieces'>;

/** Finds where a file (or a range of it) of some root lies in the session's store; `null` where it is not there. */
type Find = (key: string, range: IRange | undefined, signal: AbortSignal | undefined) => Promise<Origin | null>;

const MAX_UNITS = 64; // of one request, as the server has it
const MAX_REQUEST = 60 * 1024; // bytes: the server takes 64 KiB
const MAX_READ = 64 << 20; // bytes of the ranges of one request

interface IQuestion {
  /** What all units of one request have in common, as it is sent. */
  readonly common: Omit<IDecodeParts, 'parts'>;
  /** The same as text, by which units are put together. */
  readonly key: string;
  readonly part: IDecodePart;
  /** Bytes of the decoded unit. */
  readonly size: number;
}

/**
 * Has units of files decoded by the session's server: of TIFF files, and of Zarr in archives. Where a unit lies has been found
 * in the page; the server reads the range and decodes it.
 */
export class PartsDecoder implements IServerDecoder {
  private constructor(
    private readonly _transport: Transport,
    private readonly _find: Find,
    private readonly _batches: Batches<IQuestion>
  ) {}

  /** Over the files of the folder `folder` (a key; '' = the root) of a store of the session. */
  static of(transport: Transport, store: string, folder: string): PartsDecoder {
    const key = (name: string): string => (folder === '' ? name : joinKey(folder, name));
    const find: Find = async (name, range) =>
      // A file that is wanted whole lies in an archive, or its array has places.
      range ? { key: key(name), start: range.start, end: range.end } : null;
    return new PartsDecoder(transport, find, batchesOf(transport, store));
  }

  /** The same for what lies in the archive `file`. */
  inside(file: string, zip: IZip): PartsDecoder {
    const find: Find = async (key, range, signal) => {
      const place = await zip.origin(key, range, signal);
      if (!place) {
        return null;
      }
      const { start, end, ...take } = place;
      const origin = await this._find(file, { start, end }, signal);
      if (!origin || Object.keys(take).length === 0) {
        return origin;
      }
      if (origin.inflate === undefined) {
        const { key: object, from = 0, to = origin.end - origin.start } = origin;
        return { key: object, start: origin.start + from, end: origin.start + to, ...take };
      }
      if (take.inflate !== undefined) {
        throw new BioImageError('UNSUPPORTED', say`This format is not supported: files that are packed twice.`, {
          where: key,
          hint: say`Unpack the archive and open what is in it through the session.`
        });
      }
      const narrow = { start: start + (take.from ?? 0), end: start + (take.to ?? end - start) };
      return this._find(file, narrow, signal);
    };
    return new PartsDecoder(this._transport, find, this._batches);
  }

  below(root: string): PartsDecoder {
    const find: Find = async (key, ...rest) => this._find(root === '' ? key : joinKey(root, key), ...rest);
    return new PartsDecoder(this._transport, find, this._batches);
  }

  refusal(array: IArray): BioImageError | null {
    return this._transport.decodeParts ? null : lacking(array, TOO_OLD);
  }

  decode(array: IArray): Promise<Uint8Array | null> {
    // Arrays without places have keys: whoever asks without one does not know this decoder.
    return Promise.reject(lacking(array, TOO_OLD));
  }

  async part(array: IArray, place: IPlace, signal?: AbortSignal): Promise<IServerUnit | null> {
    const refusal = this.refusal(array);
    if (refusal) {
      throw refusal;
    }
    const origin = await this._find(place.key, place.range, signal);
    if (!origin) {
      return null;
    }
    const { server, more } = place;
    const common = server ? { tiff: server.codec } : { document: array.decodeDoc };
    const [shape, dtype] = server ? [server.codec.shape, server.codec.dtype] : [array.chunks, array.dtype];
    const size = shape.reduce((product, length) => product * length, ITEM_BYTES[dtype]);
    const part = { ...origin, ...(server && { pieces: server.pieces }) };
    const bytes = await this._batches.ask({ common, key: JSON.stringify(common), part, size }, signal);
    return bytes ? { bytes, ...(server && more && { more }) } : null;
  }
}

function batchesOf(transport: Transport, store: string): Batches<IQuestion> {
  const etags = new Map<string, string>();
  return new Batches({
    send: async (questions, signal) => {
      if (!transport.decodeParts) {
        throw new BioImageError('UNSUPPORTED', say`This format is not supported: ${TOO_OLD}.`);
      }
      const [{ common }] = questions;
      return transport.decodeParts(store, { ...common, parts: questions.map(({ part }) => part) }, signal);
    },
    split,
    answer: (question, header, bytes) => answer(question, header, bytes, etags)
  });
}

/** Into requests within the server's bounds, each of units that are decoded alike. */
function split<T extends { readonly question: IQuestion }>(asked: readonly T[]): T[][] {
  const batches = new Map<string, { parts: T[]; text: number; bytes: number }[]>();
  for (const one of asked) {
    const { key, part } = one.question;
    const text = new TextEncoder().encode(JSON.stringify(part)).length + 1;
    const bytes = part.end - part.start;
    const all = batches.get(key) ?? [];
    batches.set(key, all);
    const last = all.at(-1);
    if (last && last.parts.length < MAX_UNITS && last.text + text <= MAX_REQUEST && last.bytes + bytes <= MAX_READ) {
      last.parts.push(one);
      last.text += text;
      last.bytes += bytes;
    } else {
      all.push({ parts: [one], text: text + new TextEncoder().encode(key).length, bytes });
    }
  }
  return [...batches.values()].flat().map(({ parts }) => parts);
}

function answer(
  { part, size }: IQuestion,
  header: Record<string, unknown>,
  bytes: Uint8Array,
  etags: Map<string, string>
): Uint8Array | undefined | Promise<Uint8Array> {
  if (header.status === 416) {
    throw damaged(say`the file ends before it`);
  }
  if (header.status === 404) {
    // Its directory was read a moment ago.
    throw new BioImageError('CHANGED', say`The file is no longer there.`, { where: part.key });
  }
  if (header.status !== 200) {
    throw frameError(header, part.key);
  }
  if (typeof header.etag === 'string') {
    const before = etags.get(part.key) ?? header.etag;
    etags.set(part.key, before);
    if (before !== header.etag) {
      throw new BioImageError('CHANGED', say`The data changed while it was being read.`, { where: part.key });
    }
  }
  return plain(header, bytes, size);
}
