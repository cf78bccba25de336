import { BioImageError, InflateError, inflateExactly, say } from '../core';
import type { Said } from '../core';
import { ITEM_BYTES, type IArray, type IPlace } from '../ngff';
import { Batches, frameError, joinKey, type ISessionTransport } from '../stores';
import { schemeName } from '../tiff';
import { damaged } from './guard/sizes';

/** What the server has made of a unit. */
export interface IServerUnit {
  readonly bytes: Uint8Array;
  /** What the page has still to do: these are encoded bytes of a place with this `more` then. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Decodes the units of arrays whose codecs the browser lacks (`IArray.decodedBy`). */
export interface IServerDecoder {
  /**
   * The decoded unit at `index`: C-order little-endian bytes, lossless; `null` where it is not there.
   *
   * @throws BAD_CHUNK, UNSUPPORTED, TOO_LARGE, what the session throws, or the signal's reason
   */
  decode(array: IArray, index: readonly number[], signal?: AbortSignal): Promise<Uint8Array | null>;
  /**
   * The unit at a place in a file, where the array has places or lies in an archive; else it is not there. `null`: the unit is
   * not there. Throws as `decode`.
   */
  part?(array: IArray, place: IPlace, signal?: AbortSignal): Promise<IServerUnit | null>;
  /** Why `array` cannot be decoded by it, where that is known beforehand. */
  refusal(array: IArray): BioImageError | null;
  /** The same for arrays whose paths count from `root`. */
  below(root: string): IServerDecoder;
}

const MAX_UNITS = 64; // of one request, as the server has it

interface IQuestion {
  readonly array: IArray;
  /** Key of the array in the store. */
  readonly key: string;
  readonly index: readonly number[];
}

function sizeOf({ chunks, dtype }: IArray): number {
  return chunks.reduce((product, length) => product * length, ITEM_BYTES[dtype]);
}

export const TOO_OLD = say`the server part of this extension is too old to decode it`;

type Transport = Pick<ISessionTransport, 'decode'>;

/** Asks the session's server; units of one array that are wanted in one turn travel in one request. */
export class SessionDecoder implements IServerDecoder {
  /** @param _root - key in the store below which the arrays' paths count */
  constructor(
    private readonly _transport: Transport,
    private readonly _store: string,
    private readonly _root: string,
    private readonly _batches = batchesOf(_transport, _store)
  ) {}

  async decode(array: IArray, index: readonly number[], signal?: AbortSignal): Promise<Uint8Array | null> {
    const parts = [this._root, array.path].filter(part => part !== '');
    const key = parts.length > 0 ? joinKey(parts[0], ...parts.slice(1)) : '';
    return (await this._batches.ask({ array, key, index }, signal)) ?? null;
  }

  refusal(array: IArray): BioImageError | null {
    return this._transport.decode ? null : lacking(array, TOO_OLD);
  }

  below(root: string): IServerDecoder {
    return new SessionDecoder(this._transport, this._store, joinKey(this._root, root), this._batches);
  }
}

function batchesOf(transport: Transport, store: string): Batches<IQuestion> {
  return new Batches({
    send: async (questions, signal) => {
      if (!transport.decode) {
        throw lacking(questions[0].array, TOO_OLD);
      }
      const indices = questions.map(({ index }) => index);
      return transport.decode(store, questions[0].key, indices, signal);
    },
    split,
    answer
  });
}

function split<T extends { readonly question: IQuestion }>(asked: readonly T[]): T[][] {
  const batches = new Map<string, T[][]>();
  for (const one of asked) {
    const all = batches.get(one.question.key) ?? [[]];
    batches.set(one.question.key, all);
    const last = all[all.length - 1];
    if (last.length < MAX_UNITS) {
      last.push(one);
    } else {
      all.push([one]);
    }
  }
  return [...batches.values()].flat();
}

function answer(
  { array, key, index }: IQuestion,
  header: Record<string, unknown>,
  bytes: Uint8Array
): Uint8Array | undefined | Promise<Uint8Array> {
  const size = sizeOf(array);
  if (header.status === 404) {
    return undefined;
  }
  if (header.status !== 200) {
    throw frameError(header, `${key}/${index.join('.')}`);
  }
  return plain(header, bytes, size);
}

/** The bytes of a frame of decoded values, exactly `size` of them. Throws BAD_CHUNK, UPSTREAM_BAD. */
export function plain(
  { encoding }: Record<string, unknown>,
  bytes: Uint8Array,
  size: number
): Uint8Array | Promise<Uint8Array> {
  if (encoding === 'gzip') {
    return inflateExactly(bytes, 'gzip', size).catch((error: unknown) => {
      throw error instanceof InflateError ? damaged(say`what the session decoded ${error.said}`, error) : error;
    });
  }
  if (encoding !== undefined && encoding !== 'identity') {
    throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer: an unknown encoding.`);
  }
  if (bytes.length !== size) {
    throw damaged(say`it has ${bytes.length} bytes where ${size} are expected`);
  }
  return bytes;
}

/** UNSUPPORTED, naming the codec; `why` ends the sentence “browsers lack it, and …”. */
export function lacking({ codecs }: IArray, why: Said, hint?: Said): BioImageError {
  const names = codecs
    .map(codec => schemeName(codec) ?? codec)
    .join(', ')
    .slice(0, 80);
  return new BioImageError(
    'UNSUPPORTED',
    say`This format is not supported: codec ${names}; browsers lack it, and ${why}.`,
    {
      hint: hint ?? say`Use the code snippet: Python reads it.`
    }
  );
}

/** Where no server can help; `why` ends the sentence “browsers lack it, and …”. */
export function noServerDecoder(why: Said, hint?: Said): IServerDecoder {
  const none: IServerDecoder = {
    decode: async array => {
      throw lacking(array, why, hint);
    },
    refusal: array => lacking(array, why, hint),
    below: () => none
  };
  return none;
}
