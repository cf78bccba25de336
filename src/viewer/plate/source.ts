import { asArray, asInteger, asNumber, asObject, asString, BioImageError, heard, isBioImageError, isErrorCode, optional, parseJson, readFrames, say } from '../../core';
import type { IPlateFrame, IPlateHead, IPlateView, ISessionTransport } from '../../entities';
import type { Picture } from './cells';

/** What a source of pictures tells as it goes. */
export interface IPictureListener {
  head(head: IPlateHead): void;
  /** One well or field has been answered. Pictures belong to the listener. */
  cell(frame: IPlateFrame, picture: Picture | null): void;
}

/**
 * Makes the pictures of a plate or a well, as they are ready. Resolves when all have been told; rejects with what concerns
 * the whole, or the signal's reason.
 */
export type PictureSource = (view: IPlateView, listener: IPictureListener, signal: AbortSignal) => Promise<void>;

/** Decodes a picture; `null` where it is broken. */
export type DecodePicture = (bytes: Uint8Array, mime: string) => Promise<Picture | null>;

/** Longest text from the wire that is kept, in UTF-16 units. */
const MAX_TEXT = 500;

/** Pictures composed by the server: one request for all of them. `path` is that of the plate in the store. */
export function sessionSource(
  plate: NonNullable<ISessionTransport['plate']>,
  store: string,
  path: string,
  decode: DecodePicture = decodePicture
): PictureSource {
  return async (view, listener, signal) => {
    const stream = await plate(store, path, view, signal);
    for await (const { header, bytes } of readFrames(stream, signal)) {
      const frame = readFrame(header);
      if (frame.type === 'plate') {
        listener.head(readHead(parseJson(bytes, 'the plate')));
        continue;
      }
      const picture = frame.state === 'picture' ? await decode(bytes, frame.mime ?? '') : null;
      if (signal.aborted) {
        close(picture);
        throw signal.reason as Error;
      }
      listener.cell(frame.state === 'picture' && !picture ? { ...frame, state: 'failed' } : frame, picture);
    }
  };
}

async function decodePicture(bytes: Uint8Array, mime: string): Promise<Picture | null> {
  try {
    return await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mime }));
  } catch (error) {
    if (error instanceof DOMException) {
      return null; // told as a failed well
    }
    throw error;
  }
}

/** Gives up the memory of a picture. */
export function close(picture: Picture | null | undefined): void {
  if (picture && 'close' in picture) {
    picture.close();
  }
}

/** A frame's header, read field by field; UPSTREAM_BAD where it is none. */
function readFrame(header: Record<string, unknown>): IPlateFrame {
  const { type, state } = header;
  if (type !== 'plate' && type !== 'well' && type !== 'field') {
    throw new BioImageError('UPSTREAM_BAD', say`The server gave a wrong answer: a frame of another kind.`);
  }
  const index = (name: string): number | undefined => optional(header[name], name, (value, where) => asInteger(value, where, 0));
  const text = (name: string): string | undefined => optional(header[name], name, (value, where) => asString(value, where).slice(0, MAX_TEXT));
  const code = text('code');
  return {
    type,
    row: index('row'),
    column: index('column'),
    field: index('field'),
    state: state === 'picture' || state === 'absent' ? state : 'failed',
    mime: text('mime'),
    width: index('width'),
    height: index('height'),
    fields: index('fields'),
    code: isErrorCode(code) ? code : undefined,
    message: heard(text('message'), (Object(header.said) as { message?: unknown }).message)
  };
}

function readHead(value: unknown): IPlateHead {
  const head = asObject(value, 'plate');
  const named = (item: unknown, where: string): { index: number; label: string; color: string } => {
    const channel = asObject(item, where);
    return {
      index: asInteger(channel.index, `${where}.index`, 0),
      label: asString(channel.label, `${where}.label`).slice(0, MAX_TEXT),
      color: asString(channel.color, `${where}.color`).slice(0, 6)
    };
  };
  return {
    count: asInteger(head.count, 'plate.count', 0),
    channels: asArray(head.channels, 'plate.channels').map((item, i) => {
      const where = `plate.channels[${i}]`;
      const ends = asArray(asObject(item, where).window, `${where}.window`);
      const [low, high] = [0, 1].map(end => asNumber(ends[end], `${where}.window[${end}]`));
      return { ...named(item, where), window: [low, high] as const };
    }),
    others: optional(head.others, 'plate.others', asArray)?.map((item, i) => named(item, `plate.others[${i}]`))
  };
}

/** Kinds of refusal that leave it to this browser to make the pictures: the server has no such route, or not for this plate. */
const LEFT = ['UNSUPPORTED', 'NOT_FOUND', 'BAD_METADATA', 'BAD_REQUEST'];

/** The pictures of the first source; of the second where the first one refuses before it has told anything. */
export function eitherSource(first: PictureSource, second: PictureSource): PictureSource {
  let refused = false;
  return async (view, listener, signal) => {
    if (!refused) {
      let told = false;
      const head = (value: IPlateHead): void => {
        told = true;
        listener.head(value);
      };
      try {
        return await first(view, { head, cell: (frame, picture) => listener.cell(frame, picture) }, signal);
      } catch (error) {
        if (told || signal.aborted || !isBioImageError(error) || !LEFT.includes(error.code)) {
          throw error;
        }
        refused = true;
      }
    }
    return second(view, listener, signal);
  };
}

/** A source whose code is loaded with its first use. */
export function lateSource(load: () => Promise<PictureSource>): PictureSource {
  let loaded: Promise<PictureSource> | null = null;
  return async (...args) => {
    loaded ??= load();
    loaded.catch(() => (loaded = null));
    return (await loaded)(...args);
  };
}
