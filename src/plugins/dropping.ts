import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Drag } from '@lumino/dragdrop';
import type { Widget } from '@lumino/widgets';

import { TAB } from './dragdata';
import { imageUri } from './selectedimage';
import type { IBioImagePreviews } from './tokens';

/** What the file browser drags: paths; of files also what makes a tab of them, which the main area takes in itself. */
const PATHS = 'application/x-jupyter-icontents';

/** While a folder can be dropped. */
const TARGET = 'jp-mod-dropTarget';

/** Address of the folder that is dragged, `undefined` where nothing is that this has to take in. */
function folderOf({ mimeData }: Drag.Event, app: JupyterFrontEnd): string | undefined {
  if (!mimeData.hasData(PATHS) || mimeData.hasData(TAB)) {
    return undefined;
  }
  const [path] = mimeData.getData(PATHS) as string[];
  return path === undefined ? undefined : imageUri(app, path);
}

/**
 * Opens folders that are dropped on a preview in a tab behind it. Files and the panel's images need no such thing: the
 * main area takes them in wherever they are dropped, as it does with any document.
 */
export function acceptImages(tab: Widget, app: JupyterFrontEnd, previews: IBioImagePreviews): void {
  const over = (event: Event): void => {
    const drag = event as Drag.Event;
    if (folderOf(drag, app) !== undefined) {
      drag.preventDefault();
      drag.stopPropagation();
      drag.dropAction = drag.proposedAction;
      tab.addClass(TARGET);
    }
  };
  const listeners: Record<string, (event: Event) => void> = {
    'lm-dragenter': over,
    'lm-dragover': over,
    'lm-dragleave': event => {
      const { relatedTarget } = event as Drag.Event;
      if (!(relatedTarget instanceof Node && tab.node.contains(relatedTarget))) {
        tab.removeClass(TARGET);
      }
    },
    'lm-drop': event => {
      const drag = event as Drag.Event;
      const uri = folderOf(drag, app);
      tab.removeClass(TARGET);
      if (uri !== undefined) {
        drag.preventDefault();
        drag.stopPropagation();
        drag.dropAction = drag.proposedAction;
        void previews.open(uri, { after: tab });
      }
    }
  };
  for (const [type, listener] of Object.entries(listeners)) {
    tab.node.addEventListener(type, listener);
  }
}
