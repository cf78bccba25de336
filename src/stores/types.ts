/** The bytes `[start, end)` of an object, or its last `suffix` bytes (all of them where it is shorter). */
export type ByteRange = { start: number; end: number } | { suffix: number };

/** Options of one read. */
export interface IReadOptions {
  signal?: AbortSignal;
}

/**
 * A root of bytes that can be read. Keys are relative to it and valid (see `checkKey`).
 *
 * | what happened | answer |
 * |---|---|
 * | the object is there | its bytes; they may be shared: read them, never write to them, copy before a transfer |
 * | the object does not exist | `undefined` (only 404, or 403 where the store is marked so) |
 * | an end beyond the object | the bytes up to its end |
 * | a start at or beyond its end | `UPSTREAM_BAD` |
 * | anything else | a `BioImageError`; never bytes that are not the object's |
 * | the signal fires | its reason |
 */
export interface IReadableStore {
  /** For messages; no secrets. */
  readonly name: string;
  get(key: string, options?: IReadOptions): Promise<Uint8Array | undefined>;
  getRange(key: string, range: ByteRange, options?: IReadOptions): Promise<Uint8Array | undefined>;
}

/** Keeps planned items waiting until they are put or the hold is released. Releasing twice is harmless. */
export interface IHold {
  release(): void;
}

/** A store that remembers what it has read, and can be given what somebody else has read. */
export interface ICachedStore extends IReadableStore {
  /** Seeds an item; `null` for the whole object, `undefined` bytes for one that does not exist. */
  put(key: string, range: ByteRange | null, bytes: Uint8Array | undefined): void;
  /** Reads of these items wait until they are put or the hold is released, and go by themselves then. */
  hold(items: Iterable<{ key: string; range?: ByteRange }>): IHold;
  /** The same for every item that is not here yet. */
  holdAll(): IHold;
}

/** Told of every read of a store; must not throw. */
export interface IStoreObserver {
  started(key: string, range?: ByteRange): void;
  /** `bytes`: how many were handed out. */
  ended(key: string, outcome: 'ok' | 'absent' | 'failed' | 'aborted', bytes: number): void;
}

/** Documents of an image by key relative to its root; `null` where there is none under that key. */
export type IDocuments = Map<string, Uint8Array | null>;
