/** The part of a Yjs undo manager that is used here; the interfaces of shared documents do not declare theirs. */
interface IUndoManager {
  readonly undoStack: unknown[];
  stopCapturing(): void;
  addToScope(types: unknown[]): void;
}

interface IUndoable {
  undoManager?: IUndoManager | null;
}

/**
 * Ends the undo step that is being collected. Changes less than half a second apart become one step otherwise, and undo
 * would take back the person's own edit together with ours.
 */
export function sealUndo(shared: object): void {
  (shared as IUndoable).undoManager?.stopCapturing();
}

/**
 * Lets the undo of one cell take back the notebook's last step too. JupyterLab has two kinds of undo, each with its own
 * keys: that of the notebook, and that of the text in a cell, which is the one a person tries first. Nothing to do where
 * the notebook is set to have one undo for everything.
 */
export function shareLastStep(notebook: object, cell: object): void {
  const all = (notebook as IUndoable).undoManager;
  const own = (cell as IUndoable).undoManager;
  const step = all?.undoStack.at(-1);
  if (own != null && own !== all && step !== undefined) {
    // The list of cells, so that the cell itself can go.
    own.addToScope([(cell as { ymodel: { parent: unknown } }).ymodel.parent]);
    own.undoStack.push(step);
  }
}
