import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { omeZarrIcon } from './icons';
import { IBioImagePreviews } from './tokens';

/**
 * Lets the file browser know folders of OME-Zarr by their name: an icon of their own and, by the menu in this plugin's
 * schema, an item that previews them. Opening such a folder by a double click still enters it.
 */
export const files: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-bioimage:files',
  description: 'Shows OME-Zarr folders in the file browser and previews them from its context menu.',
  autoStart: true,
  // The menu item is of use only where the previews are.
  requires: [IBioImagePreviews],
  optional: [ITranslator],
  activate: (app, _previews: IBioImagePreviews, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_bioimage');
    const type: Partial<DocumentRegistry.IFileType> & { name: string } = {
      name: 'ome-zarr',
      displayName: trans.__('OME-Zarr image'),
      contentType: 'directory',
      extensions: ['.zarr', '.ome.zarr'],
      mimeTypes: [],
      icon: omeZarrIcon
    };
    app.docRegistry.addFileType(type);
  }
};
