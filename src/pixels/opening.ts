import { BioImageError, isBioImageError, say, SharedTask, throwIfAborted } from '../core';
import type { Said } from '../core';
import type { IImage, ILayout, INode } from '../ngff';
import { below, parentOf, segmentsOf } from '../stores';
import type { IOpeningEvents, IReadableStore, IResolved, ISessionTransport, IView } from '../stores';
import type { IDecoder } from './decoder';
import { NO_LABELS, openLabels, type ILabelImages } from './labels';
import { Pyramid } from './pyramid';
import type { IServerDecoder } from './remote';
import { openPlace } from './ways';

/** The way bytes come: through the server of the session, or from the store to the browser. */
export type Route = 'session' | 'direct';

/** Something opened: its metadata, its pixels where it is an image, and the way they come. */
export interface IOpened {
  readonly node: INode;
  /** Only for images. */
  readonly pyramid?: Pyramid;
  readonly route: Route;
  /** Rooted at what was opened. */
  readonly store: IReadableStore;
  /** The place that the reads go to: `childOf` of it opens what lies below. */
  readonly place: IResolved;
  /**
   * The label images of an image (OME-Zarr 0.4, section 2.5), each over its own levels; read when first asked for, for no label
   * may delay the image. Those that cannot be read are told in `failed`. Empty where there are none. Rejects with what the
   * store throws, or the signal's reason. Their pyramids end with this opening.
   */
  labels(signal?: AbortSignal): Promise<ILabelImages>;
  /**
   * Another pyramid over the same store: of a bare array with other axes shown, or of an image that lies at `path` below what
   * was opened. The caller disposes it.
   */
  pyramidOf(image: IImage, path?: string): Pyramid;
  /** Resolves when nothing more comes of the opening itself; never rejects: what failed fails where it is read. */
  readonly done: Promise<void>;
  dispose(): void;
}

/** What opening needs from outside. */
export interface IOpenEnvironment {
  /** The server's routes; without it only the direct route is left. */
  readonly transport?: ISessionTransport;
  readonly fetch?: typeof fetch;
  readonly decoder: IDecoder;
  /** Layouts found last by origin, for as long as the caller keeps the map: the next image beside opens a round sooner. */
  readonly layouts?: Map<string, ILayout>;
  /** Bound of the decoded chunks kept, in bytes. */
  readonly cacheBytes?: number;
}

/** What is told while an image is opened. */
export interface IOpenImageEvents extends IOpeningEvents {
  /** The way that is tried now, and why; called again when the other one is tried. */
  route?(route: Route, why?: Said): void;
  /** A read has come to its end, of the opening or of what was opened. */
  read?(): void;
}

/** Decoded chunks kept per label image, in bytes: there may be several beside the image. */
const LABEL_CACHE = 16 << 20;

/**
 * Opens what `target` names: a Zarr hierarchy, or what lies in an archive or a TIFF file (see `CONTAINERS`). Where nothing is
 * there and the address ends in a number, as addresses of single images in a collection do, the place above is opened.
 *
 * The store's policy names the first route; the other one is tried when the first fails with UPSTREAM_DOWN (network, or a
 * store without CORS), and only then: a refusal or a wrong answer is final. Where both fail the error tells both reasons.
 *
 * @throws NOT_FOUND, BAD_METADATA, UNSUPPORTED, what the stores throw, or the signal's reason
 */
export async function openImage(
  target: IResolved,
  view: IView,
  env: IOpenEnvironment,
  events: IOpenImageEvents,
  signal: AbortSignal
): Promise<IOpened> {
  const routes = routesOf(target, env);
  if (routes.length === 0) {
    throw new BioImageError('STORE_DENIED', say`This store is not on the list of allowed stores.`);
  }
  let first: BioImageError | null = null;
  for (const route of routes) {
    throwIfAborted(signal);
    events.route?.(route, first ? failed(routes[0], first) : policy(target, routes));
    try {
      return await openBy(route, target, view, env, events, signal);
    } catch (error) {
      if (first) {
        throw both(routes, first, error);
      }
      if (routes.length < 2 || !isBioImageError(error, 'UPSTREAM_DOWN')) {
        throw error;
      }
      first = error;
    }
  }
  throw new BioImageError('INTERNAL', say`No route was tried.`);
}

function failed(route: Route, { said }: BioImageError): Said {
  return route === 'session'
    ? say`through this session: ${said.message}`
    : say`directly from the store: ${said.message}`;
}

function routesOf(target: IResolved, env: IOpenEnvironment): Route[] {
  const routes: Route[] = target.store?.prefer === 'direct' ? ['direct', 'session'] : ['session', 'direct'];
  return routes.filter(route =>
    route === 'session' ? target.store !== null && env.transport !== undefined : target.direct !== undefined
  );
}

/** Nothing where there is no other way. */
function policy(target: IResolved, routes: readonly Route[]): Said | undefined {
  if (routes.length === 1) {
    return undefined;
  }
  return target.store?.prefer === 'auto'
    ? say`storage beside this session is tried first`
    : say`as the store is configured`;
}

/** Both reasons in one text; a cancelled second try stays a cancellation. */
function both(routes: readonly Route[], first: BioImageError, error: unknown): unknown {
  if (!isBioImageError(error)) {
    return error;
  }
  const [one, other] = [first, error].map(({ said }) => said.message);
  const text =
    routes[0] === 'session'
      ? say`Through this session: ${one} Directly from the store: ${other}`
      : say`Directly from the store: ${one} Through this session: ${other}`;
  return new BioImageError(error.code, text, { hint: error.said.hint, cause: error });
}

async function openBy(
  route: Route,
  target: IResolved,
  view: IView,
  env: IOpenEnvironment,
  events: IOpenImageEvents,
  signal: AbortSignal
): Promise<IOpened> {
  const end = new AbortController();
  const stop = (): void => end.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const open = (place: IResolved): Promise<IPlaced> => openPlace({ route, place, view, env, events }, end.signal);
    const placed = await orAbove(target, open);
    refuseUndecodable(placed);
    return new Opened(placed, route, env, end);
  } catch (error) {
    end.abort(); // nothing goes on behind a failure
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What a way has led to. */
export interface IPlaced {
  readonly node: INode;
  readonly store: IReadableStore;
  readonly server: IServerDecoder;
  readonly place: IResolved;
  readonly done: Promise<void>;
}

/** What is at `target`; where nothing is and its name is a number, what is above it, with a notice. */
async function orAbove(target: IResolved, open: (place: IResolved) => Promise<IPlaced>): Promise<IPlaced> {
  try {
    return await open(target);
  } catch (error) {
    const name = segmentsOf(target).at(-1) ?? '';
    const above = /^\d{1,9}$/.test(name) && isBioImageError(error, 'NOT_FOUND') ? parentOf(target) : null;
    if (!above) {
      throw hinted(error, target);
    }
    const placed = await open(above).catch((second: unknown) => {
      throw isBioImageError(second, 'NOT_FOUND') ? hinted(error, target) : second;
    });
    if (namesIn(placed.node).includes(name)) {
      throw hinted(error, target); // it leads back here, and so on for ever
    }
    const notice = say`There is nothing at /${name}; what lies above it is shown.`;
    return { ...placed, node: { ...placed.node, notices: [...placed.node.notices, notice] } };
  }
}

/** What a collection or a well leads to. */
function namesIn(node: INode): string[] {
  const listed = node.kind === 'collection' ? node.series : node.kind === 'well' ? node.fields : [];
  return listed.map(({ path }) => path.replace(/^(\.\/)+|\/+$/g, ''));
}

/** Such a store says the same of what is not there and of what is not public; the person should know. */
function hinted(error: unknown, { store }: IResolved): unknown {
  return store?.absentIs403 && isBioImageError(error, 'NOT_FOUND')
    ? new BioImageError('NOT_FOUND', error.said.message, {
        where: error.where,
        cause: error,
        hint: say`Check the address. This store gives the same answer for data that are not public, or not yet.`
      })
    : error;
}

/** Throws where not one level could be decoded by anybody: that is told now, not tile by tile. */
function refuseUndecodable({ node, server }: IPlaced): void {
  if (node.kind === 'image' && node.levels.every(({ array }) => array.decodedBy === 'server')) {
    const refusal = server.refusal(node.levels[0].array);
    if (refusal) {
      throw refusal;
    }
  }
}

class Opened implements IOpened {
  readonly node: INode;
  readonly pyramid?: Pyramid;
  readonly store: IReadableStore;
  readonly place: IResolved;
  readonly done: Promise<void>;
  private readonly _made: Pyramid[] = [];
  private _labels: SharedTask<ILabelImages> | undefined;

  constructor(
    private readonly _placed: IPlaced,
    readonly route: Route,
    private readonly _env: IOpenEnvironment,
    private readonly _end: AbortController
  ) {
    const { node, store, place, done } = _placed;
    [this.node, this.store, this.place, this.done] = [node, store, place, done];
    if (node.kind === 'image') {
      warm(node, _env.decoder);
      this.pyramid = this.pyramidOf(node);
      this._made.push(this.pyramid);
    }
  }

  async labels(signal?: AbortSignal): Promise<ILabelImages> {
    const { node } = this;
    if (node.kind !== 'image') {
      return NO_LABELS;
    }
    if (!this._labels || this._labels.abandoned || this._failed) {
      this._failed = false;
      this._labels = new SharedTask(inner => this._openLabels(node, inner));
    }
    return this._labels.join(signal);
  }

  pyramidOf(image: IImage, path = ''): Pyramid {
    const { store, server } = this._placed;
    const { decoder, cacheBytes } = this._env;
    return path === ''
      ? new Pyramid(image, store, decoder, cacheBytes, server)
      : new Pyramid(image, below(store, path), decoder, cacheBytes, server.below(path));
  }

  dispose(): void {
    this._end.abort();
    this._made.forEach(pyramid => pyramid.dispose());
  }

  /** The last reading of labels has failed: the next one reads anew. */
  private _failed = false;

  private async _openLabels(node: IImage, signal: AbortSignal): Promise<ILabelImages> {
    const stop = (): void => leave.abort(signal.aborted ? signal.reason : this._end.signal.reason);
    const leave = new AbortController();
    const both = [signal, this._end.signal];
    both.forEach(one => one.addEventListener('abort', stop, { once: true }));
    if (both.some(one => one.aborted)) {
      stop();
    }
    try {
      return await openLabels(
        node,
        this.store,
        (image, path, store) => {
          warm(image, this._env.decoder);
          const made = new Pyramid(image, store, this._env.decoder, LABEL_CACHE, this._placed.server.below(path));
          this._made.push(made);
          return made;
        },
        leave.signal
      );
    } catch (error) {
      this._failed = true;
      throw error;
    } finally {
      both.forEach(one => one.removeEventListener('abort', stop));
    }
  }
}

/** Loads the codecs that the browser is to have before the first chunk comes. */
function warm(image: IImage, decoder: IDecoder): void {
  const arrays = image.levels.map(({ array }) => array).filter(({ decodedBy }) => decodedBy === 'browser');
  decoder.warm([...new Set(arrays.flatMap(({ codecs }) => codecs))]);
}
