import { BioImageError, isBioImageError, say, throwIfAborted } from '../core';
import { nodeInRounds, openNode, type INode } from '../ngff';
import { DirectStore, parentOf, readOpening, segmentsOf, SessionStore, withCache, withCoalescing } from '../stores';
import {
  withRetry,
  withTrace,
  type ICachedStore,
  type IDocuments,
  type IOpeningEvents,
  type IReadableStore,
  type IResolved,
  type IView
} from '../stores';
import { containedIn, NO_SESSION, type IContained } from './containers';
import type { IOpenEnvironment, IOpenImageEvents, IPlaced, Route } from './opening';
import { PartsDecoder } from './parts';
import { SessionDecoder, type IServerDecoder } from './remote';
import { withWholeShards } from './smallshards';

/** One attempt to open one place by one route. */
export interface IWay {
  readonly route: Route;
  readonly place: IResolved;
  readonly view: IView;
  readonly env: IOpenEnvironment;
  readonly events: IOpenImageEvents;
}

const ENCODED_CACHE = 64 << 20; // bytes of encoded chunks and documents kept per image

/** The objects below `place`, by the route; what fails for a while is tried again. */
function storeAt(place: IResolved, way: IWay): IReadableStore {
  const told = { started: () => undefined, ended: () => way.events.read?.() };
  return withTrace(retrying(place, way), told);
}

function retrying(place: IResolved, { route, env }: IWay): IReadableStore {
  if (route === 'session') {
    if (!env.transport || !place.store) {
      throw new BioImageError('STORE_DENIED', say`This store is not on the list of allowed stores.`);
    }
    return withRetry(new SessionStore(env.transport, place.store.id, place.key));
  }
  if (place.direct === undefined) {
    throw new BioImageError('STORE_DENIED', say`This store cannot be read directly.`);
  }
  return withRetry(new DirectStore(place.direct, { fetch: env.fetch, absentIs403: place.store?.absentIs403 }));
}

/**
 * Opens what lies at the way's place. A name of a container is taken for one; where there is no such file, or it is no regular
 * one, a Zarr hierarchy of that name is looked for.
 *
 * @throws as `openImage`, for this place and route alone
 */
export async function openPlace(way: IWay, signal: AbortSignal): Promise<IPlaced> {
  const contained = containedIn(segmentsOf(way.place));
  if (!contained) {
    return openZarr(way, signal);
  }
  try {
    return await openContained(way, contained, signal);
  } catch (error) {
    throwIfAborted(signal);
    const noFile = ['NOT_FOUND', 'PATH_DENIED', 'UPSTREAM_BAD'].some(
      code => isBioImageError(error) && error.code === code
    );
    if (!noFile) {
      throw error;
    }
    return openZarr(way, signal).catch((second: unknown) => {
      throw isBioImageError(second) && second.code !== 'UPSTREAM_DOWN' ? error : second;
    });
  }
}

async function openContained(way: IWay, { container, file, inner }: IContained, signal: AbortSignal): Promise<IPlaced> {
  const { place } = way;
  const folder = parentOf(place, inner === '' ? 1 : 1 + inner.split('/').length) ?? place;
  // What lies side by side in one file travels together by either route.
  const store = withCoalescing(storeAt(folder, way));
  const { notices, ...content } = await container.open(store, file, inner, signal, partsOf(folder, way));
  const node: INode = { ...content.node, notices: [...content.node.notices, ...notices] };
  return { ...content, node, place, done: Promise.resolve() };
}

async function openZarr(way: IWay, signal: AbortSignal): Promise<IPlaced> {
  const opened = way.route === 'session' ? await openSession(way, signal) : await openDirect(way, signal);
  return { ...opened, server: serverOf(way), place: way.place };
}

type Opened = Pick<IPlaced, 'node' | 'store' | 'done'>;

/** Decoding by the session, which the direct route uses too where the session knows the store. */
function serverOf({ place, env }: IWay): IServerDecoder {
  return place.store && env.transport ? new SessionDecoder(env.transport, place.store.id, place.key) : NO_SESSION;
}

/** The same for parts of the files of `folder`. */
function partsOf({ store, key }: IResolved, { env }: IWay): PartsDecoder | null {
  return store && env.transport ? PartsDecoder.of(env.transport, store.id, key) : null;
}

async function openSession(way: IWay, signal: AbortSignal): Promise<Opened> {
  const { place, env, view, events } = way;
  if (!env.transport || !place.store) {
    throw new BioImageError('STORE_DENIED', say`This store is not on the list of allowed stores.`);
  }
  const session = new SessionStore(env.transport, place.store.id, place.key);
  const cached = withCache(withRetry(session), ENCODED_CACHE);
  const told: IOpeningEvents = {
    preview: picture => events.preview?.(picture),
    digest: digest => events.digest?.(digest),
    version: (key, etag) => session.remember(key, etag)
  };
  const { documents, done } = readOpening(env.transport, place.store.id, place.key, view, cached, told, signal);
  // A stream that breaks off after the documents lets the reads go by themselves, and they tell what is wrong.
  const quiet = done.catch(() => undefined);
  const node = await completed(await documents, cached, signal);
  return { node, store: cached, done: quiet };
}

/** The node of the documents at hand; what they name further is read, usually nothing. */
async function completed(documents: IDocuments, store: ICachedStore, signal: AbortSignal): Promise<INode> {
  const read = async (missing: readonly string[]): Promise<void> => {
    const found = await Promise.all(missing.map(key => store.get(key, { signal })));
    found.forEach((bytes, i) => documents.set(missing[i], bytes ?? null));
  };
  return nodeInRounds(documents, read, signal);
}

async function openDirect(way: IWay, signal: AbortSignal): Promise<Opened> {
  const { place, env } = way;
  const cached = withCache(withCoalescing(storeAt(place, way)), ENCODED_CACHE);
  const { origin } = new URL(place.direct ?? '');
  const node = await openNode(cached, signal, { speculate: true, expected: env.layouts?.get(origin) });
  if (node.kind !== 'image') {
    return { node, store: cached, done: Promise.resolve() };
  }
  if (node.version !== '' && node.zarrFormat !== 0) {
    env.layouts?.set(origin, { zarrFormat: node.zarrFormat, levels: node.levels.map(({ path }) => path) });
  }
  return { node, store: withWholeShards(cached, node), done: Promise.resolve() };
}
