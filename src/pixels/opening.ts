import { BioImageError, isBioImageError, throwIfAborted } from '../core';
import { buildNode, openNode, type IImage, type ILayout, type INode } from '../ngff';
import {
  DirectStore,
  readOpening,
  SessionStore,
  withCache,
  withCoalescing,
  withRetry,
  type ICachedStore,
  type IDocuments,
  type IOpeningEvents,
  type IReadableStore,
  type IResolved,
  type ISessionTransport,
  type IView
} from '../stores';
import type { IDecoder } from './decoder';
import { Pyramid } from './pyramid';
import { withWholeShards } from './smallshards';

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
  /** Another pyramid over the same store: of a bare array with other axes shown. The caller disposes it. */
  pyramidOf(image: IImage): Pyramid;
  /** Resolves when nothing more comes of the opening itself; never rejects: what failed fails where it is read. */
  readonly done: Promise<void>;
  dispose(): void;
}

/** A label image laid over an image. */
export interface ILabelImage {
  /** Its path in the group of labels; unique there. */
  readonly name: string;
  readonly image: IImage;
  readonly pyramid: Pyramid;
}

/** The label images of an image, in the order of the metadata. */
export interface ILabelImages {
  readonly labels: readonly ILabelImage[];
  readonly failed: readonly { readonly name: string; readonly error: BioImageError }[];
}

const NO_LABELS: ILabelImages = { labels: [], failed: [] };

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

export interface IOpenImageEvents extends IOpeningEvents {
  /** The way that is tried now, and why; called again when the other one is tried. */
  route?(route: Route, why: string): void;
}

const ENCODED_CACHE = 64 << 20; // bytes of encoded chunks and documents kept per image
const ROUNDS = 6; // of documents that name further documents

/**
 * Opens what `target` names.
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
    throw new BioImageError('STORE_DENIED', 'This store is not on the list of allowed stores.');
  }
  let first: BioImageError | null = null;
  for (const route of routes) {
    throwIfAborted(signal);
    events.route?.(route, first ? `${names[routes[0]]}: ${first.message}` : policy(target, routes));
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
  throw new BioImageError('INTERNAL', 'No route was tried.');
}

const names: Readonly<Record<Route, string>> = { session: 'through this session', direct: 'directly from the store' };

function routesOf(target: IResolved, env: IOpenEnvironment): Route[] {
  const routes: Route[] = target.store?.prefer === 'direct' ? ['direct', 'session'] : ['session', 'direct'];
  return routes.filter(route =>
    route === 'session' ? target.store !== null && env.transport !== undefined : target.direct !== undefined
  );
}

function policy(target: IResolved, routes: readonly Route[]): string {
  if (routes.length === 1) {
    return `only way: ${names[routes[0]]}`;
  }
  return target.store?.prefer === 'auto' ? 'storage beside this session is tried first' : 'as the store is configured';
}

/** Both reasons in one text; a cancelled second try stays a cancellation. */
function both(routes: readonly Route[], first: BioImageError, error: unknown): unknown {
  if (!isBioImageError(error)) {
    return error;
  }
  const text = `${capital(names[routes[0]])}: ${first.message} ${capital(names[routes[1]])}: ${error.message}`;
  return new BioImageError(error.code, text, { hint: error.hint, cause: error });
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
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
    const parts =
      route === 'session'
        ? await openSession(target, view, env, events, end.signal)
        : await openDirect(target, env, end.signal);
    const { node, store, done } = parts;
    const pyramidOf = (image: IImage): Pyramid => new Pyramid(image, store, env.decoder, env.cacheBytes);
    if (node.kind !== 'image') {
      return {
        node,
        route,
        store,
        place: target,
        labels: () => Promise.resolve(NO_LABELS),
        pyramidOf,
        done,
        dispose: () => end.abort()
      };
    }
    env.decoder.warm([...new Set(node.levels.flatMap(level => level.array.codecs))]);
    const pyramid = pyramidOf(node);
    return {
      node,
      pyramid,
      route,
      store,
      place: target,
      labels: () => Promise.resolve(NO_LABELS),
      pyramidOf,
      done,
      dispose() {
        end.abort();
        pyramid.dispose();
      }
    };
  } catch (error) {
    end.abort(); // nothing goes on behind a failure
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

interface IParts {
  readonly node: INode;
  readonly store: IReadableStore;
  readonly done: Promise<void>;
}

async function openSession(
  target: IResolved,
  view: IView,
  env: IOpenEnvironment,
  events: IOpenImageEvents,
  signal: AbortSignal
): Promise<IParts> {
  const { transport } = env;
  if (!transport || !target.store) {
    throw new BioImageError('STORE_DENIED', 'This store is not on the list of allowed stores.');
  }
  const cached = withCache(withRetry(new SessionStore(transport, target.store.id, target.key)), ENCODED_CACHE);
  const { documents, done } = readOpening(transport, target.store.id, target.key, view, cached, events, signal);
  // A stream that breaks off after the documents lets the reads go by themselves, and they tell what is wrong.
  const quiet = done.catch(() => undefined);
  const node = await completed(await documents, cached, signal);
  return { node, store: cached, done: quiet };
}

/** The node of the documents at hand; what they name further is read, usually nothing. */
async function completed(documents: IDocuments, store: ICachedStore, signal: AbortSignal): Promise<INode> {
  for (let round = 0; round < ROUNDS; round++) {
    const built = buildNode(documents);
    if ('node' in built) {
      return built.node;
    }
    const found = await Promise.all(
      built.missing.map(async key => [key, (await store.get(key, { signal })) ?? null] as const)
    );
    found.forEach(([key, bytes]) => documents.set(key, bytes));
  }
  throw new BioImageError('BAD_METADATA', "This image's description is not valid: it never ends.");
}

async function openDirect(target: IResolved, env: IOpenEnvironment, signal: AbortSignal): Promise<IParts> {
  if (target.direct === undefined) {
    throw new BioImageError('STORE_DENIED', 'This store cannot be read directly.');
  }
  const direct = new DirectStore(target.direct, { fetch: env.fetch, absentIs403: target.store?.absentIs403 });
  const cached = withCache(withCoalescing(withRetry(direct)), ENCODED_CACHE);
  const { origin } = new URL(target.direct);
  const node = await openNode(cached, signal, { speculate: true, expected: env.layouts?.get(origin) });
  if (node.kind !== 'image') {
    return { node, store: cached, done: Promise.resolve() };
  }
  if (node.version !== '' && node.zarrFormat !== 0) {
    env.layouts?.set(origin, { zarrFormat: node.zarrFormat, levels: node.levels.map(({ path }) => path) });
  }
  return { node, store: withWholeShards(cached, node), done: Promise.resolve() };
}
