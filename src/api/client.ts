import { ServerConnection } from '@jupyterlab/services';
import { BioImageError, isAbort, say, throwIfAborted, Turns } from '../core';
import type {
  IBatchItem,
  IDecodeParts,
  IPage,
  IPlanePicture,
  IPlateView,
  IRelayAnswer,
  ISessionTransport,
  IStoreEntry,
  IStoreInfo,
  IView,
  RelayQuery
} from '../entities';
import { failureOf, jsonOf, noAnswer, refuseForeign } from './answer';
import type { ICatalogues, IManners } from './relay';
import { mannersOf, readCatalogues, relayed } from './relay';
import { readListing, readStores } from './wire';

/**
 * Questions to one service at a time. The server asks a host one after the other anyway, and each question that waits there
 * holds one of the six connections that a browser opens to it, which previews, saving and kernels need too.
 */
const RELAYED_AT_ONCE = 2;

/** A view as the routes of one image take it. */
function viewQuery(path: string, view: IView): Query {
  const selection = view.selection && Object.keys(view.selection).length > 0 ? view.selection : undefined;
  return {
    path,
    selection: selection && JSON.stringify(selection),
    size: `${Math.max(1, Math.round(view.width))}x${Math.max(1, Math.round(view.height))}`
  };
}

/** Query parameters; those that are `undefined` are left out. */
type Query = Record<string, string | undefined>;

/**
 * Typed client of this extension's server routes. Every request goes through JupyterLab's connection, which adds the
 * XSRF token that a hub demands of reads too.
 *
 * Rejects with a `BioImageError`: the server's own where it has answered; `SESSION_ENDED` where a login answers in its
 * place; `HUB_GONE` where the hub or its proxy does; `UPSTREAM_DOWN` where nobody does; `UNSUPPORTED` where the server
 * part is missing. An aborted signal rejects with its reason, and cancels the work in the server.
 */
export class BioImageClient implements ISessionTransport {
  /** How the relay is to treat the catalogues' services on this person's behalf. */
  manners: IManners = {};
  /** The frames that a question of several parts is answered with. */
  private async _post(
    store: string,
    route: string,
    question: object,
    signal: AbortSignal
  ): Promise<ReadableStream<Uint8Array>> {
    const headers = { 'Content-Type': 'application/json' };
    const init = { method: 'POST', body: JSON.stringify(question), headers };
    return bodyOf(await this._request(this._url(['stores', store, route], {}), init, signal));
  }

  private readonly _settings: ServerConnection.ISettings;
  private readonly _turns = new Turns(RELAYED_AT_ONCE);
  private readonly _base: string;

  constructor(settings: ServerConnection.ISettings) {
    this._settings = settings;
    this._base = `${settings.baseUrl.replace(/\/+$/, '')}/bioimage/`;
  }

  /** The stores of this session, in the operator's order. */
  async stores(signal?: AbortSignal): Promise<IStoreInfo[]> {
    return readStores(await jsonOf(await this._get(['stores'], {}, signal)));
  }

  /** One page of the folder `prefix` of a store (empty for its root), in the server's order. */
  async list(store: string, prefix: string, cursor?: string, signal?: AbortSignal): Promise<IPage<IStoreEntry>> {
    return readListing(await jsonOf(await this._get(['stores', store, 'list'], { prefix, cursor }, signal)));
  }

  async open(store: string, path: string, view: IView, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return bodyOf(await this._get(['stores', store, 'open'], viewQuery(path, view), signal));
  }

  async batch(store: string, items: readonly IBatchItem[], signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this._post(store, 'batch', { items }, signal);
  }

  async decode(
    store: string,
    array: string,
    chunks: readonly (readonly number[])[],
    signal: AbortSignal
  ): Promise<ReadableStream<Uint8Array>> {
    return this._post(store, 'decode', { array, chunks }, signal);
  }

  async decodeParts(store: string, request: IDecodeParts, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this._post(store, 'decode', request, signal);
  }

  async plate(store: string, path: string, view: IPlateView, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { size, ...rest } = view;
    const given = Object.values(rest).some(value => value !== undefined);
    const query = { path, size: String(size), view: given ? JSON.stringify(rest) : undefined };
    return bodyOf(await this._get(['stores', store, 'plate'], query, signal));
  }

  async plane(store: string, path: string, view: IView, signal: AbortSignal): Promise<IPlanePicture> {
    const response = await this._get(['stores', store, 'plane'], viewQuery(path, view), signal);
    const region = (response.headers.get('X-BioImage-Region') ?? '').split(',').map(Number);
    const [y0, y1, x0, x1] = region;
    const whole = region.length === 4 && region.every(Number.isSafeInteger) && y0 < y1 && x0 < x1;
    return { picture: await response.blob(), ...(whole && { region: [y0, y1, x0, x1] as const }) };
  }

  /** A display-only picture of an image, at most `size` pixels on its longer side; the browser may keep it. */
  async thumbnail(store: string, path: string, size: number, signal: AbortSignal): Promise<Blob> {
    return (await this._get(['stores', store, 'thumbnail'], { path, size: String(size) }, signal)).blob();
  }

  /** What the relay knows: its services, and where storage has moved. */
  async catalogues(signal?: AbortSignal): Promise<ICatalogues> {
    return readCatalogues(await jsonOf(await this._get(['catalogues'], {}, signal)));
  }

  /**
   * One answer of a catalogue's service through the relay; `path` is below the service's root and encoded here, segment by
   * segment. `body` is sent as JSON with POST.
   */
  async relay(
    service: string,
    path: string,
    { query = {}, body }: { query?: RelayQuery; body?: unknown },
    signal: AbortSignal
  ): Promise<IRelayAnswer> {
    const words = Object.entries(query)
      .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map(one => [name, one as unknown] as const))
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
    const address = this._url(['catalogues', service, ...path.split('/')], {});
    const headers = mannersOf(this.manners);
    const init =
      body === undefined
        ? { headers }
        : { method: 'POST', body: JSON.stringify(body), headers: { ...headers, 'Content-Type': 'application/json' } };
    const whole = words.length === 0 ? address : `${address}?${words.join('&')}`;
    // The whole answer is read before the next turn: a connection is held until then.
    return this._turns.run(service, async () => relayed(await this._request(whole, init, signal)), signal);
  }

  private _get(path: readonly string[], query: Query, signal?: AbortSignal): Promise<Response> {
    return this._request(this._url(path, query), {}, signal);
  }

  /** Each piece of the path is encoded once, so that an id with a slash stays one segment. */
  private _url(path: readonly string[], query: Query): string {
    const parameters = Object.entries(query)
      .filter((entry): entry is [string, string] => entry[1] !== undefined)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const address = this._base + path.map(piece => encodeURIComponent(piece)).join('/');
    return parameters.length > 0 ? `${address}?${parameters.join('&')}` : address;
  }

  private async _request(url: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
    throwIfAborted(signal);
    let response: Response;
    try {
      // With JupyterLab's default, no-store, every address would get a time stamp and nothing could ever be kept.
      response = await ServerConnection.makeRequest(url, { cache: 'default', ...init, signal }, this._settings);
    } catch (cause) {
      // Any failure of fetch comes as a network error, a cancellation too.
      throwIfAborted(signal);
      if (isAbort(cause)) {
        throw cause;
      }
      throw noAnswer(cause);
    }
    if (!response.ok) {
      throw await failureOf(response);
    }
    refuseForeign(response, this._base);
    return response;
  }
}

function bodyOf(response: Response): ReadableStream<Uint8Array> {
  if (!response.body) {
    throw new BioImageError('UPSTREAM_BAD', say`The server gave an empty answer.`);
  }
  return response.body;
}
