import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { described, hasImage } from './describe';
import { IBioImagePreviews } from './tokens';

/** Copies a text made by `make` and resolves with it; without an image it says what is missing and rejects. */
function copier(
  previews: IBioImagePreviews,
  trans: TranslationBundle,
  make: (uri: string, args: ReadonlyPartialJSONObject) => string | Promise<string>
) {
  return async (args: ReadonlyPartialJSONObject): Promise<string> => {
    const [{ textArg, withoutImage }, { copyText }] = await Promise.all([import('./args'), import('./clipboard')]);
    const uri = textArg(args.uri) ?? previews.find()?.uri;
    if (uri === undefined) {
      throw withoutImage(trans);
    }
    const text = await make(uri, args);
    await copyText(text);
    return text;
  };
}

export const copy: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-bioimage:copy',
  description: 'Copies the address of an image and links that reopen its view.',
  autoStart: true,
  requires: [IBioImagePreviews],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app,
    previews: IBioImagePreviews,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_bioimage');
    const category = trans.__('Bioimages');
    const isEnabled = (args: ReadonlyPartialJSONObject): boolean => hasImage(args.uri, previews.find()?.uri);
    app.commands.addCommand('bioimage:copy-uri', {
      label: trans.__('Copy address of image'),
      caption: trans.__('Copy the address of the image'),
      describedBy: described('bioimage:copy-uri'),
      isEnabled,
      execute: copier(previews, trans, uri => uri)
    });
    app.commands.addCommand('bioimage:copy-link', {
      label: trans.__('Copy link to view'),
      caption: trans.__('Copy a link that reopens this view of the image'),
      describedBy: described('bioimage:copy-link'),
      isEnabled,
      execute: copier(previews, trans, async (uri, args) => {
        const [{ selectionArg }, { makeDeepLink }, { labAddress }] = await Promise.all([
          import('./args'),
          import('./deeplink'),
          import('./labaddress')
        ]);
        const selection = selectionArg(args.selection, trans) ?? previews.find(uri)?.state;
        return makeDeepLink(labAddress(app), uri, selection);
      })
    });
    palette?.addItem({ command: 'bioimage:copy-uri', category });
    palette?.addItem({ command: 'bioimage:copy-link', category });
  }
};
