import type { ICodeCellModel } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';

import { sealUndo, shareLastStep } from './undo';

/** True for a code cell with nothing in it and nothing under it, which the person has made for what comes next. */
function isEmptyCode(notebook: Notebook): boolean {
  const model = notebook.activeCell?.model;
  return (
    model?.type === 'code' &&
    model.sharedModel.getSource() === '' &&
    (model as ICodeCellModel).outputs.length === 0 &&
    model.getMetadata('editable') !== false
  );
}

/**
 * Puts code into the active cell if that is an empty code cell, else into a new one below it, as one step of undo: of the
 * notebook's (Z) and of the cell's own (Ctrl+Z), whichever the person uses.
 *
 * Leaves the notebook in command mode with that cell active, so that Shift+Enter runs it.
 */
export function insertCell(notebook: Notebook, code: string): void {
  const shared = notebook.model?.sharedModel;
  if (shared === undefined) {
    return;
  }
  const fills = isEmptyCode(notebook);
  const index =
    notebook.activeCell === null ? shared.cells.length : fills ? notebook.activeCellIndex : notebook.activeCellIndex + 1;
  sealUndo(shared);
  if (fills) {
    // The notebook is the origin of the change, so that its undo sees it as the cell's own does.
    shared.transact(() => shared.getCell(index).setSource(code));
  } else {
    shared.insertCell(index, { cell_type: 'code', source: code, metadata: { trusted: true } });
  }
  sealUndo(shared);
  shareLastStep(shared, shared.getCell(index));
  notebook.mode = 'command';
  notebook.activeCellIndex = index;
  notebook.deselectAll();
}
