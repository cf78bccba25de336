import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import type { BioImageClient, ICatalogues } from '../api';
import type { IStoreInfo } from '../entities';
import { IBioImageSession } from './tokens';

/** Keeps what an asynchronous call answered; a failure is forgotten, so that the next caller tries again. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | null = null;
  return () => {
    kept ??= make().catch((reason: unknown) => {
      kept = null;
      throw reason;
    });
    return kept;
  };
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
    const client = remembered<BioImageClient>(async () => {
      const { BioImageClient } = await import('../api');
      return new BioImageClient(app.serviceManager.serverSettings);
    });
    const stores = remembered<readonly IStoreInfo[]>(async () => (await client()).stores());
    const catalogues = remembered<ICatalogues>(async () => (await client()).catalogues());
    return {
      client,
      stores,
      catalogues,
      resolve: async uri => {
        const [{ resolveUri }, listed] = await Promise.all([
          import('../stores'),
          // Without the server extension a public address can still be read by the browser alone.
          /^https:/i.test(uri) ? stores().catch(() => []) : stores()
        ]);
        return resolveUri(uri, listed);
      }
    };
  }
};
