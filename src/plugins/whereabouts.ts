import { locate, rewritten, sampleCopies } from '../catalogue';
import type { IStoreInfo } from '../entities';
import type { IResolved } from '../stores';
import { DirectStore, resolveUri, SessionStore } from '../stores';
import { catalogueEnvironment } from './catalogueenvironment';
import type { IBioImageSession } from './tokens';

/** Documents one of which every Zarr group or array has at its root. */
const DOCUMENTS = ['zarr.json', '.zattrs', '.zgroup', '.zarray'];

/** The store and key of a public address, by the table of what has moved; costs no request to any storage. */
export async function resolvePublic(
  uri: string,
  stores: readonly IStoreInfo[],
  session: Pick<IBioImageSession, 'catalogues'>
): Promise<IResolved> {
  // Without the server extension, or with an older one, addresses are what they are.
  const rewrites = await session.catalogues().then(
    known => known.rewrites,
    () => []
  );
  return { ...resolveUri(rewritten(uri, rewrites).uri, stores), uri };
}

/**
 * Looks for an image that is not where its address says: where storage has moved from or to, and among the copies of the
 * same image that IDR's table of samples names. `null` for addresses that the table of moves says nothing about.
 *
 * Rejects with NOT_FOUND naming the address where the image is nowhere.
 */
export async function relocate(
  uri: string,
  stores: readonly IStoreInfo[],
  session: IBioImageSession,
  signal: AbortSignal
): Promise<IResolved | null> {
  const environment = catalogueEnvironment(session, () => []);
  const probe = async (address: string): Promise<boolean> => {
    const { store, key, direct } = resolveUri(address, stores);
    if (store === null && direct === undefined) {
      return false;
    }
    const readable =
      store === null ? new DirectStore(direct ?? '') : new SessionStore(await session.client(), store.id, key);
    const found = await Promise.all(DOCUMENTS.map(document => readable.get(document, { signal })));
    return found.some(bytes => bytes !== undefined);
  };
  const rewrites = await environment.rewrites();
  const samples = (wanted: AbortSignal) => sampleCopies(environment, wanted);
  const found = await locate(uri, { rewrites, probe, samples }, signal);
  return found.by === 'given' ? null : { ...resolveUri(found.uri, stores), uri };
}
