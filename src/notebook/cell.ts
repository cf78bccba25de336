import type { Notebook } from '@jupyterlab/notebook';

import { sealUndo } from './undo';

/** True for a code cell without a character in it, which the person has made for what comes next. */
function isEmptyCode(notebook: Notebook): boolean {
  const model = notebook.activeCell?.model;
  return model?.type === 'code' && model.sharedModel.getSource() === '' && model.getMetadata('editable') !== false;
}

/**
 * Puts code into a new cell below the active one, or in place of the active one where that is an empty code cell, as one
 * step of the notebook's undo. The empty cell is replaced and not filled: an edit of a cell's text belongs to the undo of
 * that cell alone, and undoing it would depend on where the cursor is.
 *
 * Leaves the notebook in command mode with the new cell active: Shift+Enter runs it, Z takes it back.
 */
export function insertCell(notebook: Notebook, code: string): void {
  const shared = notebook.model?.sharedModel;
  if (shared === undefined) {
    return;
  }
  const replaces = isEmptyCode(notebook);
  const index = notebook.activeCell === null ? shared.cells.length : notebook.activeCellIndex + 1;
  sealUndo(shared);
  shared.transact(() => {
    shared.insertCell(index, { cell_type: 'code', source: code, metadata: { trusted: true } });
    if (replaces) {
      shared.deleteCell(index - 1);
    }
  });
  sealUndo(shared);
  notebook.mode = 'command';
  notebook.activeCellIndex = replaces ? index - 1 : index;
  notebook.deselectAll();
}
