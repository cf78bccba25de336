import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import type { BioImageClient, ICatalogues, IManners } from '../api';
import type { IStoreInfo } from '../entities';
import { IBioImageSession } from './tokens';

/** What {@link remembered} returns; `peek` makes nothing. */
interface IRemembered<T> {
  (): Promise<T>;
  peek(): Promise<T> | null;
}

/** Keeps what an asynchronous call answered; a failure is forgotten, so that the next caller tries again. */
function remembered<T>(make: () => Promise<T>): IRemembered<T> {
  let kept: Promise<T> | null = null;
  const get = (): Promise<T> => {
    kept ??= make().catch((reason: unknown) => {
      kept = null;
      throw reason;
    });
    return kept;
  };
  return Object.assign(get, { peek: () => kept });
}

/**
 * The connection to our server routes and everything made from it once per page. Nothing is asked and nothing is loaded
 * until the first use.
 */
export const session: JupyterFrontEndPlugin<IBioImageSession> = {
  id: 'jupyterlab-bioimage:session',
  description: 'Reads the stores of this session.',
  autoStart: true,
  provides: IBioImageSession,
  activate: app => {
    let manners: IManners = {};
    const client = remembered<BioImageClient>(async () => {
      const { BioImageClient } = await import('../api');
      const made = new BioImageClient(app.serviceManager.serverSettings);
      made.manners = manners;
      return made;
    });
    const stores = remembered<readonly IStoreInfo[]>(async () => (await client()).stores());
    const catalogues = remembered<ICatalogues>(async () => (await client()).catalogues());
    const provided: IBioImageSession = {
      client,
      stores,
      catalogues,
      get manners() {
        return manners;
      },
      setManners: wanted => {
        manners = wanted;
        // Without a client there is nothing to tell yet; it will be made with these.
        client.peek()?.then(
          made => (made.manners = wanted),
          () => undefined
        );
      },
      resolve: async uri => {
        if (/^https?:/i.test(uri)) {
          const [{ resolvePublic }, listed] = await Promise.all([
            import('./whereabouts'),
            // Without the server extension a public address can still be read by the browser alone.
            stores().catch(() => [])
          ]);
          return resolvePublic(uri, listed, { catalogues });
        }
        const [{ resolveUri }, listed] = await Promise.all([import('../stores'), stores()]);
        return resolveUri(uri, listed);
      },
      relocate: async (uri, signal) => {
        if (!/^https?:/i.test(uri)) {
          return null;
        }
        const [{ relocate }, listed] = await Promise.all([import('./whereabouts'), stores()]);
        return relocate(uri, listed, provided, signal);
      }
    };
    return provided;
  }
};
