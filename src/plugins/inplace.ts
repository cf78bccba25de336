import type { JupyterFrontEnd } from '@jupyterlab/application';
import { showErrorMessage } from '@jupyterlab/apputils';
import type { DocumentWidget } from '@jupyterlab/docregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { imageUri } from './selectedimage';
import type { IBioImagePreviews } from './tokens';

/** Puts the preview of a file where the file's tab is, once JupyterLab has found the file; the tab is closed. */
export async function showInPlace(
  document: DocumentWidget,
  app: JupyterFrontEnd,
  previews: IBioImagePreviews,
  trans: TranslationBundle
): Promise<void> {
  const { path, ready } = document.context;
  try {
    await ready;
    // A drive that the server does not hold is named as it is: the preview then says why it cannot be read.
    await previews.open(imageUri(app, path) ?? path, { instead: document });
  } catch (reason) {
    await showErrorMessage(trans.__('No preview'), reason instanceof Error ? reason : String(reason));
  } finally {
    document.dispose();
  }
}

let count = 0;

/** A tab that is dropped somewhere and becomes a preview there. */
export function dropped(uri: string, title: string, previews: IBioImagePreviews): Widget {
  const place = new Widget();
  place.id = `jp-bioimage-place-${++count}`;
  place.title.label = title;
  place.title.closable = true;
  // After the drop: until then the tab is nowhere.
  setTimeout(() => void previews.open(uri, { title, instead: place }).finally(() => place.dispose()));
  return place;
}
