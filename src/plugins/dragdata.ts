import type { Widget } from '@lumino/widgets';

import { literal } from '../snippets';

/** MIME type of cells that a notebook takes in. */
export const CELLS = 'application/vnd.jupyter.cells';
/** MIME type of the bare address. */
export const ADDRESS = 'text/uri-list';

/** MIME type of what makes the tab that JupyterLab's main area takes in. */
export const TAB = 'application/vnd.lumino.widget-factory';

/** What is dragged, by MIME type: a function is asked when the data are dropped. */
export type DragData = Readonly<Record<string, () => unknown>>;

/**
 * An image on its way into a notebook (a cell), an editor or a cell (code), a terminal (its address) or elsewhere in the
 * main area (its preview, as a tab). The code is made while it is dragged; dropped before it is ready, it is the address
 * as a value.
 */
export function imageDragData(uri: string, code: Promise<string>, tab: () => Widget): DragData {
  let text = `uri = ${literal('python', uri)}\n`;
  code.then(
    made => (text = made),
    // The command that failed has told the person; the address is what is left to drop.
    (reason: unknown) => console.warn('jupyterlab-bioimage: no code to drop', reason)
  );
  return {
    'text/plain': () => text,
    [CELLS]: () => [{ cell_type: 'code', source: text, metadata: { trusted: true } }],
    [ADDRESS]: () => uri,
    [TAB]: () => tab
  };
}

/** A study has no code: its page's address is what can be dropped. */
export function studyDragData(address: string): DragData {
  return { 'text/plain': () => address, [ADDRESS]: () => address };
}
