import { BioImageError, ByteLru, isBioImageError, isErrorCode, readFrames, say } from '../../core';
import type { IStoreInfo } from '../../entities';
import { readArray } from '../../ngff';
import { ChunkReader, InlineDecoder, openImage, type IChunkData, type IRectangle } from '../../pixels';
import { SessionDecoder } from '../../pixels/remote';
import { resolveUri, SessionStore, withRetry } from '../../stores';
import { TokenTransport, type ISessionServer } from '../sessionserver';
import { equal } from './faultcampaign';
import type { IFaultImage } from './faultimages';
import { ARRAY, FIELD } from './faultplate';

/** The ways on which pixels of a store come through a session: exact chunks, and pictures that the server composes. */
export const WAYS = ['batch', 'decode', 'open', 'plane', 'plate'] as const;
export type Way = (typeof WAYS)[number];
export type PictureWay = Exclude<Way, 'batch' | 'decode'>;

/** One read of chunk `chunk` of an image that lies as `plateOf` puts it below `root` in the store `store`. */
export interface ISessionRead {
  readonly store: string;
  readonly root: string;
  readonly image: IFaultImage;
  readonly chunk: number;
}

/** What came: `exact`, `marked` (a failure, or damage that is marked), `absent`, `WRONG`, or `FAILED` with what should not be. */
export type Came = 'exact' | 'marked' | 'absent' | 'WRONG' | `FAILED ${string}`;

/** A failure: of ours or not, and which. */
export interface IResult {
  readonly came: Came;
  /** Of a failure. */
  readonly code?: string;
}

const RETRY = { retries: 1, base: 1, cap: 2 };
const placeOf = (chunk: number): number[] => [chunk >> 1, chunk & 1];

/** The pixels of one chunk. */
function quarterAt(chunk: number): IRectangle {
  const [y, x] = placeOf(chunk);
  return { y0: y * 16, y1: y * 16 + 16, x0: x * 16, x1: x * 16 + 16 };
}

function infoOf(id: string): IStoreInfo {
  return { id, label: id, kind: 'https', prefixes: [], prefer: 'session', absentIs403: false, access: {} };
}

function asError({ code, message }: Record<string, unknown>): BioImageError {
  return new BioImageError(isErrorCode(code) ? code : 'INTERNAL', say`${String(message)}`);
}

function failed(error: unknown): IResult {
  return isBioImageError(error) && error.code !== 'INTERNAL'
    ? { came: 'marked', code: error.code }
    : { came: `FAILED ${String(error)} ${isBioImageError(error) ? String(error.cause) : ''}` };
}

/** Pictures of an honest store of the values of an image: the whole one, and the one where `chunk` is marked as damaged. */
export interface IPictures {
  (way: PictureWay, image: IFaultImage, chunk?: number): Promise<Uint8Array>;
}

/** Reads through a running server. Pictures are compared with those of an honest store. */
export class SessionReads {
  private readonly _transport: TokenTransport;

  constructor(
    server: ISessionServer,
    private readonly _pictures: IPictures
  ) {
    this._transport = new TokenTransport(server);
  }

  async read(way: Way, read: ISessionRead): Promise<IResult> {
    try {
      return { came: await this[way](read) };
    } catch (error) {
      return failed(error);
    }
  }

  /** The picture that the server makes; a failure of its is thrown. */
  async picture(way: PictureWay, { store, root }: Omit<ISessionRead, 'image' | 'chunk'>): Promise<Uint8Array | null> {
    const { signal } = new AbortController();
    if (way === 'plane') {
      return this._transport.bytes(`stores/${store}/plane?path=${root}/${FIELD}&size=32x32`);
    }
    const stream =
      way === 'plate'
        ? await this._transport.plate(store, root, { size: 32 }, signal)
        : await this._transport.open(store, `${root}/${FIELD}`, { width: 32, height: 32 }, signal);
    let found: Uint8Array | null = null;
    for await (const { header, bytes } of readFrames(stream, signal)) {
      if (header.state === 'failed') {
        throw asError(header);
      }
      found = header.type === 'preview' || header.state === 'picture' ? bytes : found;
    }
    return found;
  }

  private async batch({ store, root, image, chunk }: ISessionRead): Promise<Came> {
    const array = readArray('', image.document);
    const session = withRetry(new SessionStore(this._transport, store, `${root}/${ARRAY}`), RETRY);
    const reader = new ChunkReader(session, array, new InlineDecoder(), new ByteLru<IChunkData>(1 << 20));
    const { words, absent } = await reader.chunk(placeOf(chunk));
    return absent ? 'absent' : equal(words, image.chunks[chunk].expected) ? 'exact' : 'WRONG';
  }

  private async decode({ store, root, image, chunk }: ISessionRead): Promise<Came> {
    const array = readArray('', image.document);
    const at = array.shape.map((_, axis) => placeOf(chunk)[axis] ?? 0); // some have colours as a third axis
    const bytes = await new SessionDecoder(this._transport, store, `${root}/${ARRAY}`).decode(array, at);
    return !bytes ? 'absent' : equal(bytes, image.chunks[chunk].expected) ? 'exact' : 'WRONG';
  }

  /** The whole product: the preview's frame, and all four chunks through the stream and what is asked for after it. */
  private async open({ store, root, image, chunk }: ISessionRead): Promise<Came> {
    const pictures: Uint8Array[] = [];
    const target = resolveUri(`store:${store}/${root}/${FIELD}`, [infoOf(store)]);
    const env = { transport: this._transport, decoder: new InlineDecoder() };
    const events = { preview: ({ bytes }: { bytes: Uint8Array }): number => pictures.push(bytes) };
    const opened = await openImage(target, { width: 32, height: 32 }, env, events, new AbortController().signal);
    try {
      const { pyramid } = opened;
      if (!pyramid) {
        return 'FAILED no image';
      }
      const tiles = await Promise.all(
        [0, 1, 2, 3].map(place => pyramid.levels[0].area(quarterAt(place), { t: 0, z: 0, c: 0 }))
      );
      await opened.done;
      const states = tiles.map((tile, place): Came => {
        const right = equal(tile.words, image.chunks[place].expected);
        return tile.damaged ? 'marked' : tile.absent[0] !== 0 ? 'absent' : right ? 'exact' : 'WRONG';
      });
      const beside = states.findIndex((state, place) => place !== chunk && state !== 'exact');
      if (beside >= 0 && image.chunks[beside].key !== image.chunks[chunk].key) {
        return `FAILED the chunk beside it is ${states[beside]}`;
      }
      for (const picture of pictures) {
        states.push(await this._judge('open', picture, image, chunk));
      }
      return states.includes('WRONG') ? 'WRONG' : states[chunk];
    } finally {
      opened.dispose();
    }
  }

  private plane(read: ISessionRead): Promise<Came> {
    return this._compare('plane', read);
  }

  private plate(read: ISessionRead): Promise<Came> {
    return this._compare('plate', read);
  }

  private async _compare(way: 'plane' | 'plate', read: ISessionRead): Promise<Came> {
    const picture = await this.picture(way, read);
    return picture ? this._judge(way, picture, read.image, read.chunk) : 'absent';
  }

  private async _judge(way: PictureWay, picture: Uint8Array, image: IFaultImage, chunk: number): Promise<Came> {
    return equal(picture, await this._pictures(way, image))
      ? 'exact'
      : equal(picture, await this._pictures(way, image, chunk))
        ? 'marked'
        : 'WRONG';
  }
}
