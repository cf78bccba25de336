import type { ISelection } from './selection';

/** A named root of bytes that this session may read, as the server describes it. */
export interface IStoreInfo {
  id: string;
  /** For people. */
  label: string;
  kind: 'folder' | 's3' | 'https';
  /** Public addresses (`https://…`, `s3://…`) under which its objects are known, aliases included. */
  prefixes: string[];
  /** Which route is tried first. */
  prefer: 'session' | 'direct' | 'auto';
  /** Base URL that a browser may read, without a slash at the end. */
  direct?: string;
  /** The store answers 403 for objects that do not exist (S3 without the right to list). */
  absentIs403: boolean;
  /** How a kernel of this session reads it; `prefix` is the part of the bucket that is the store's root. */
  access: { root?: string; endpoint?: string; bucket?: string; prefix?: string; url?: string };
}

/** One read of a batch: the whole object, the bytes `[start, end)`, or the last `suffix` bytes. */
export interface IBatchItem {
  key: string;
  start?: number;
  end?: number;
  suffix?: number;
}

/** What the opening stream is asked for; width and height in screen pixels. */
export interface IView {
  selection?: ISelection;
  width: number;
  height: number;
}

/**
 * The two requests of the in-session route. Both answer a stream of frames (see `readFrames`); a refusal before the
 * first frame rejects with the server's `BioImageError`. `path` and the keys of items are relative to the store's root.
 */
export interface ISessionTransport {
  open(store: string, path: string, view: IView, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  batch(store: string, items: readonly IBatchItem[], signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** An entry of a store's listing; `zarr` is a folder that holds Zarr metadata. Sizes in bytes. */
export interface IStoreEntry {
  name: string;
  kind: 'file' | 'folder' | 'zarr';
  size?: number;
  /** A link that leads nowhere. */
  broken?: boolean;
}
