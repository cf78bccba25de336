import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { omeZarrIcon } from './icons';
import { IBioImagePreviews } from './tokens';

/** Name endings of files of images. Those of plain TIFF files are JupyterLab's own type `tiff`, which the menu names too. */
const ARCHIVES = ['.zarr.zip', '.ome.zarr.zip', '.ozx'];
const TIFFS = ['.ome.tif', '.ome.tiff', '.btf', '.tf2', '.tf8', '.svs', '.ndpi', '.scn', '.qptiff'];

/**
 * Lets the file browser know folders and files of images by their name: an icon of their own and, by the menu in this
 * plugin's schema, an item that previews them. Opening such a folder by a double click still enters it, and a file is
 * opened as ever.
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
    const common = { mimeTypes: [], icon: omeZarrIcon };
    const file = { ...common, contentType: 'file', fileFormat: 'base64' } as const;
    const types: (Partial<DocumentRegistry.IFileType> & { name: string })[] = [
      {
        ...common,
        name: 'ome-zarr',
        displayName: trans.__('OME-Zarr image'),
        contentType: 'directory',
        extensions: ['.zarr', '.ome.zarr']
      },
      { ...file, name: 'ome-zarr-zip', displayName: trans.__('OME-Zarr image in an archive'), extensions: ARCHIVES },
      { ...file, name: 'bioimage-tiff', displayName: trans.__('TIFF image'), extensions: TIFFS }
    ];
    types.forEach(type => app.docRegistry.addFileType(type));
  }
};
