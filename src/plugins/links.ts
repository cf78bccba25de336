import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRouter } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IBioImageCatalogue, IBioImagePanel, IBioImagePreviews } from './tokens';

/**
 * Follows `?bioimage=<accession or address>&view=<selection>` once the workspace has been restored, so that what is
 * restored does not cover it, and takes the parameters out of the address: a reload then restores the tab itself.
 */
export const links: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-bioimage:links',
  description: 'Opens the image or search that the address of the page names.',
  autoStart: true,
  requires: [IRouter, IBioImagePreviews],
  optional: [IBioImagePanel, IBioImageCatalogue, ITranslator],
  activate: (
    app,
    router: IRouter,
    previews: IBioImagePreviews,
    panel: IBioImagePanel | null,
    catalogue: IBioImageCatalogue | null,
    translator: ITranslator | null
  ) => {
    // Read now: other routes may rewrite the address before the workspace has been restored.
    const asked = router.current.search ?? '';
    if (!/[?&]bioimage=/.test(asked)) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyterlab_bioimage');
    void app.restored.then(async () => {
      const [{ readDeepLink, withoutDeepLink }, { NOTICE }, { isArchivePage }] = await Promise.all([
        import('./deeplink'),
        import('./args'),
        import('./linktarget')
      ]);
      const link = readDeepLink(asked);
      if (link === null) {
        return;
      }
      const clean = (): void => {
        const { path, search = '', hash = '' } = router.current;
        const rest = withoutDeepLink(search);
        if (rest !== search) {
          router.navigate(`${path}${rest}${hash}`, { skipRouting: true });
        }
      };
      clean();
      // Resetting a workspace ends later than its restoration, and writes the address as it was once more.
      router.routed.connect(clean, app);
      if (link.ignored.length > 0) {
        const message = trans.__('The link to this page is not valid: “%1” was ignored.', link.ignored.join(', '));
        Notification.warning(message, NOTICE);
      }
      if (link.uri !== undefined) {
        const isPage = panel !== null && catalogue !== null && (await isArchivePage(link.uri, catalogue));
        await (isPage ? panel.follow(link.uri) : previews.open(link.uri, { selection: link.selection }));
      } else if (link.query !== undefined) {
        await panel?.follow(link.query);
      }
    });
  }
};
