/** What shared documents have beyond their declared interface: the undo manager of Yjs. */
interface IUndoable {
  undoManager?: { stopCapturing(): void } | null;
}

/**
 * Ends the undo step that is being collected. Changes less than half a second apart become one step otherwise, and undo
 * would take back the person's own edit together with ours.
 */
export function sealUndo(shared: object): void {
  (shared as IUndoable).undoManager?.stopCapturing();
}
