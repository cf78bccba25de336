import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { ABCWidgetFactory, DocumentModel, DocumentWidget, TextModelFactory } from '@jupyterlab/docregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { omeZarrIcon } from './icons';
import { IBioImagePreviews } from './tokens';

/** Name endings of files of images. */
const ARCHIVES = ['.zarr.zip', '.ome.zarr.zip', '.ozx'];
const TIFFS = ['.btf', '.tf2', '.tf8', '.svs', '.ndpi', '.scn', '.qptiff'];
/** A pattern goes before JupyterLab's own type of these names, whose viewer shows what a browser can draw: no TIFF. */
const TIFF = '\\.[tT][iI][fF][fF]?$';

/** What settings call the viewer, as in `defaultViewers`, and its type of model, which the registry finds in small letters only. */
const NAME = 'bioimage preview';

/** A file that is not read as a whole: its preview asks for the parts it shows. */
class UnreadFactory extends TextModelFactory {
  override get name(): string {
    return NAME;
  }

  override get fileFormat(): null {
    return null;
  }

  override createNew(): DocumentModel {
    // What somebody else saves JupyterLab does not copy, as it would each file it opens, into a checkpoint.
    return new DocumentModel({ collaborationEnabled: true });
  }
}

/** What a double click or a drop makes of a file: a tab that the preview takes the place of once its code is there. */
class PreviewFactory extends ABCWidgetFactory<DocumentWidget> {
  /** Puts the preview in the place of such a tab. */
  show!: (document: DocumentWidget) => void;

  protected createNewWidget(context: DocumentRegistry.Context): DocumentWidget {
    const document = new DocumentWidget({ content: new Widget(), context });
    this.show(document);
    return document;
  }
}

/**
 * Lets the file browser know folders and files of images by their name: an icon of their own, by the menu in this plugin's
 * schema an item that previews them, and for files the preview as what a double click opens. Opening a folder by a double
 * click still enters it.
 */
export const files: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-bioimage:files',
  description: 'Shows OME-Zarr folders in the file browser; previews them and files of images.',
  autoStart: true,
  // All this is of use only where the previews are.
  requires: [IBioImagePreviews],
  optional: [ITranslator],
  activate: (app, previews: IBioImagePreviews, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_bioimage');
    const registry = app.docRegistry;
    const common = { mimeTypes: [], icon: omeZarrIcon };
    const file = { ...common, contentType: 'file', fileFormat: 'base64' } as const;
    const types: (Partial<DocumentRegistry.IFileType> & { name: string })[] = [
      { ...file, name: 'ome-zarr-zip', displayName: trans.__('OME-Zarr image in an archive'), extensions: ARCHIVES },
      { ...file, name: 'bioimage-tiff', displayName: trans.__('TIFF image'), extensions: TIFFS, pattern: TIFF },
      {
        ...common,
        name: 'ome-zarr',
        displayName: trans.__('OME-Zarr image'),
        contentType: 'directory',
        extensions: ['.zarr', '.ome.zarr']
      }
    ];
    types.forEach(type => registry.addFileType(type));
    const fileTypes = [types[0].name, types[1].name];
    registry.addModelFactory(new UnreadFactory(false));
    const factory = new PreviewFactory({
      name: NAME,
      label: trans.__('Image preview'),
      modelName: NAME,
      fileTypes,
      defaultFor: fileTypes,
      readOnly: true
    });
    factory.show = document => void import('./inplace').then(({ showInPlace }) => showInPlace(document, app, previews, trans));
    registry.addWidgetFactory(factory);
  }
};
