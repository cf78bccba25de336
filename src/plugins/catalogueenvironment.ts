import type { ICatalogueEnvironment } from '../catalogue';
import { SessionStore } from '../stores';
import type { IBioImageSession } from './tokens';

const HOUR = 3_600_000; // ms

/** What the built-in sources are handed: this session's stores and relay. `own` names the person's own catalogues. */
export function catalogueEnvironment(session: IBioImageSession, own: () => readonly string[]): ICatalogueEnvironment {
  return {
    stores: () => session.stores(),
    list: async (store, prefix, { cursor }, signal) => (await session.client()).list(store, prefix, cursor, signal),
    read: async (store, key, signal) => new SessionStore(await session.client(), store, '').get(key, { signal }),
    relay: async (service, path, options, signal) => (await session.client()).relay(service, path, options, signal),
    services: async () => (await session.catalogues()).services,
    rewrites: async () => (await session.catalogues()).rewrites,
    maxAge: () => (session.manners.cacheHours ?? Infinity) * HOUR,
    get ownCatalogues() {
      return own();
    }
  };
}
