import { asArray, asInteger, asObject, asString, BioImageError, type IFrame, isBioImageError, MAX_SILENCE, optional, orAborted, parseJson, readFrames, say, within } from '../core';
import type { ISessionTransport, IView } from '../entities';
import { checkKey } from './keys';
import { checkRange, itemId } from './range';
import type { ByteRange, ICachedStore, IDocuments, IHold } from './types';
import { UpstreamError } from './upstream';

/** A small encoded picture that stands in until exact pixels come. Display only: its values are never read. */
export interface IPreviewPicture {
  mime: string;
  bytes: Uint8Array;
  /** Of the picture, in its own pixels. */
  width: number;
  height: number;
  /** The level it was made from. */
  level: number;
  /** `[y0, y1, x0, x1]` in level-0 pixels. */
  region?: number[];
}

/** What the stream of an opening tells, in the order of its frames. */
export interface IOpeningEvents {
  preview?(picture: IPreviewPicture): void;
  /** The summary of the metadata, not yet read: kind, name, axes, levels, channels. */
  digest?(digest: unknown): void;
  /** A part of the object `key` (relative to the image) came from the version `etag`. */
  version?(key: string, etag: unknown): void;
}

interface IItem {
  key: string;
  range?: ByteRange;
}

/** Encodings a browser draws from a blob without running anything. */
const PICTURES = ['image/webp', 'image/jpeg', 'image/png'];

/** One request for everything that the first view of an image needs, as its parts arrive. */
class Opening {
  readonly documents: Promise<IDocuments>;
  private readonly _documents: IDocuments = new Map();
  private _resolve!: (documents: IDocuments) => void;
  private _reject!: (error: unknown) => void;
  private readonly _holds = new Map<string, IHold>();
  /** Until the plan is known any read could be one that is already on its way. */
  private readonly _gate: IHold;

  constructor(
    private readonly _cached: ICachedStore,
    private readonly _events: IOpeningEvents
  ) {
    this._gate = _cached.holdAll();
    this.documents = new Promise((resolve, reject) => {
      this._resolve = resolve;
      this._reject = reject;
    });
  }

  async run(stream: Promise<ReadableStream<Uint8Array>>, signal: AbortSignal): Promise<void> {
    try {
      const begun = within(stream, MAX_SILENCE, () => new UpstreamError('UPSTREAM_SLOW', say`The session is too slow.`));
      for await (const frame of readFrames(await orAborted(begun, signal), signal)) {
        this._takeChecked(frame);
      }
      this._resolve(this._documents);
    } catch (error) {
      this._reject(error);
      throw error;
    } finally {
      // Whatever has not come by now is read by whoever needs it.
      this._gate.release();
      this._holds.forEach(hold => hold.release());
    }
  }

  private _takeChecked(frame: IFrame): void {
    try {
      this._take(frame);
    } catch (error) {
      throw asAnswer(error);
    }
  }

  private _take({ header, bytes }: IFrame): void {
    switch (header.type) {
      case 'preview':
        this._preview(header, bytes);
        break;
      case 'digest':
        this._events.digest?.(parseJson(bytes, 'digest'));
        break;
      case 'doc':
        this._document(header, bytes);
        break;
      case 'plan':
        this._plan(bytes);
        break;
      case 'chunk':
        this._chunk(header, bytes);
        break;
      default: // a kind of a later version; what it announces can be done without
    }
  }

  private _preview(header: IFrame['header'], bytes: Uint8Array): void {
    const mime = asString(header.mime, 'mime');
    if (PICTURES.includes(mime)) {
      this._events.preview?.({
        mime,
        bytes,
        width: asInteger(header.width, 'width', 1),
        height: asInteger(header.height, 'height', 1),
        level: asInteger(header.level, 'level', 0),
        region: optional(header.region, 'region', asArray)?.map(value => asInteger(value, 'region', 0))
      });
    }
  }

  private _document(header: IFrame['header'], bytes: Uint8Array): void {
    const key = checkKey(asString(header.key, 'key'));
    const present = header.status === 200;
    if (!present && header.status !== 404) {
      return; // neither there nor absent: whoever needs it reads it and is told why
    }
    this._documents.set(key, present ? bytes : null);
    this._cached.put(key, null, present ? bytes : undefined);
  }

  private _plan(bytes: Uint8Array): void {
    const items = asArray(parseJson(bytes, 'plan'), 'plan').map(value => readItem(asObject(value, 'plan')));
    for (const item of items) {
      const id = itemId(item.key, item.range);
      if (!this._holds.has(id)) {
        this._holds.set(id, this._cached.hold([item]));
      }
    }
    // Held first: those who waited for the documents find the planned items waiting.
    this._documentsComplete();
  }

  private _documentsComplete(): void {
    this._gate.release();
    this._resolve(this._documents);
  }

  private _chunk(header: IFrame['header'], bytes: Uint8Array): void {
    this._documentsComplete();
    const { key, range } = readItem(header);
    if (header.status === 200 || header.status === 206) {
      if (range) {
        this._events.version?.(key, header.etag);
      }
      this._cached.put(key, range ?? null, bytes);
    } else if (header.status === 404) {
      this._cached.put(key, range ?? null, undefined);
    } else {
      // It failed on the server's side: those who wait read it themselves, which tries again and tells them why.
      this._holds.get(itemId(key, range))?.release();
    }
  }
}

function readItem(header: Record<string, unknown>): IItem {
  const key = checkKey(asString(header.key, 'key'));
  if (header.suffix !== undefined) {
    return { key, range: checkRange({ suffix: asInteger(header.suffix, 'suffix', 1) }, key) };
  }
  if (header.start === undefined && header.end === undefined) {
    return { key };
  }
  return {
    key,
    range: checkRange({ start: asInteger(header.start, 'start', 0), end: asInteger(header.end, 'end', 1) }, key)
  };
}

/** A frame that cannot be read is a wrong answer of the server, not a fault in the image's metadata. */
function asAnswer(error: unknown): unknown {
  return isBioImageError(error)
    ? new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer: a frame is not valid.`, { cause: error })
    : error;
}

/** The failure is handed out through `documents` and `done`; a caller may listen to one of them only. */
function ignore(): void {
  return;
}

/**
 * Opens an image of the in-session route with one request. `root` is its key in the store; the keys of `cached` and of
 * the documents are relative to it.
 *
 * `documents` is there with the plan (or the first chunk, or the end, of a stream without one). Planned items are held in `cached`
 * and put there as they come; reads before the plan wait for it. Where the stream fails, all of them are let go to read
 * by themselves, and `done` rejects (`documents` too, where they had not come); so do both where `signal` fires.
 */
export function readOpening(
  transport: ISessionTransport,
  storeId: string,
  root: string,
  view: IView,
  cached: ICachedStore,
  events: IOpeningEvents,
  signal: AbortSignal
): { documents: Promise<IDocuments>; done: Promise<void> } {
  const opening = new Opening(cached, events);
  const done = opening.run(transport.open(storeId, root, view, signal), signal);
  done.catch(ignore);
  opening.documents.catch(ignore);
  return { documents: opening.documents, done };
}
