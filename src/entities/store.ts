import type { Said } from '../core';
import type { ISelection } from './selection';
import type { IPage } from './study';

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
  /**
   * Decoded units of one Zarr array, for codecs that a browser lacks; lossless. `array`: key of the array in the store;
   * `chunks`: indices of decoded units. Frames of `batch`, in completion order, `i` the position in `chunks`: `status` 200
   * with C-order little-endian bytes (`encoding` is `gzip` where they are compressed for the way), 404 for an absent one,
   * else `code` and `message`. At most 64 units.
   */
  decode?(
    store: string,
    array: string,
    chunks: readonly (readonly number[])[],
    signal: AbortSignal
  ): Promise<ReadableStream<Uint8Array>>;
  /**
   * The same for units whose places in files the caller has found: parts of TIFF files, and of files in archives. At most 64
   * parts, all decoded alike. Frames also have the `etag` of the file, so that a changed one is noticed.
   */
  decodeParts?(store: string, request: IDecodeParts, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** The wells of a plate, or the fields of one of its wells, as display-only pictures; frames as `IPlateFrame`. */
  plate?(store: string, path: string, view: IPlateView, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** One display-only picture of a part of an image, composed by the server. */
  plane?(store: string, path: string, view: IView, signal: AbortSignal): Promise<IPlanePicture>;
  /** Names directly below a folder of a store, one page after the other. */
  list?(store: string, prefix: string, cursor?: string, signal?: AbortSignal): Promise<IPage<IStoreEntry>>;
}

/** One unit by its place in a file. */
export interface IDecodePart {
  readonly key: string;
  /** Bytes of the file, the end excluded. */
  readonly start: number;
  readonly end: number;
  /** These are deflated (RFC 1951), to so many bytes. */
  readonly inflate?: number;
  /** CRC-32 of the bytes, once inflated. */
  readonly crc?: number;
  /** What of them is the unit, where it is not all. */
  readonly from?: number;
  readonly to?: number;
  /** Of TIFF files: offset in the unit's bytes, length (0: stays 0), rows, and rows before these to leave out. */
  readonly pieces?: readonly (readonly [number, number, number, number])[];
}

/** Units by their places: decoded as chunks of an array, or by a codec of TIFF files. */
export interface IDecodeParts {
  /** A `.zarray` or `zarr.json` without shards, whose chunks the parts are. */
  readonly document?: Readonly<Record<string, unknown>>;
  readonly tiff?: {
    readonly name: string;
    readonly configuration: Readonly<Record<string, unknown>>;
    readonly shape: readonly [number, number, number];
    readonly dtype: string;
  };
  readonly parts: readonly IDecodePart[];
}

/** A display-only picture, and what it shows: less than was asked for where all of that would be too much. */
export interface IPlanePicture {
  /** Its mime type tells the format. */
  readonly picture: Blob;
  /** `[y0, y1, x0, x1]` in pixels of level 0, ends excluded; absent: all that was asked for. */
  readonly region?: readonly [number, number, number, number];
}

/** What pictures of a plate are asked for. */
export interface IPlateView {
  /** Longer side of one well's (or field's) picture in pixels, at most 256. */
  size: number;
  /** Position of the field in each well; 0 where nothing is said. Clipped to the fields a well has. */
  field?: number;
  /** Fields of this acquisition only. */
  acquisition?: number;
  /** All fields of this well (by name, such as `A1`) instead of one field of each well. */
  well?: string;
  /** Channels shown; those that the metadata marks active where nothing is said. */
  c?: readonly number[];
  /** Raw values drawn as black and as full colour, one pair per entry of `c`; else one common contrast is found. */
  windows?: readonly (readonly [number, number])[];
}

/**
 * Header of a frame of `plate`. First `plate` (its body: JSON `IPlateHead`), then a `well` or `field` in row order with its
 * picture as body, as they are ready; `state` tells the others.
 */
export interface IPlateFrame {
  type: 'plate' | 'well' | 'field';
  /** Position in the plate's grid, from 0. */
  row?: number;
  column?: number;
  /** Position of the field in the well, from 0. */
  field?: number;
  state?: 'picture' | 'absent' | 'failed';
  mime?: string;
  /** Of the picture, in its own pixels. */
  width?: number;
  height?: number;
  /** Number of fields of the well (of the acquisition asked for). */
  fields?: number;
  /** Why it failed; with a picture: why parts of it are marked as damaged. */
  code?: string;
  message?: Said;
}

/** What the server says of a plate before the first picture. */
export interface IPlateHead {
  /** Contrast of every picture, per channel shown. */
  channels: readonly { index: number; label: string; color: string; window: readonly [number, number] }[];
  /** Channels that are there and not shown. */
  others?: readonly { index: number; label: string; color: string }[];
  /** Wells (or fields) that follow. */
  count: number;
}

/** An entry of a store's listing; `zarr` is a folder that holds Zarr metadata. Sizes in bytes. */
export interface IStoreEntry {
  name: string;
  kind: 'file' | 'folder' | 'zarr';
  size?: number;
  /** A link that leads nowhere. */
  broken?: boolean;
}
