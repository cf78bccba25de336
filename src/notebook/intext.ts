import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { ConsolePanel } from '@jupyterlab/console';

import { pythonKernel } from './kernel';
import type { IInsertionServices, Insert } from './services';
import { sealUndo } from './undo';

/** Puts code where the cursor is, over what is selected, as one step of the editor's undo. */
function insertAtCursor(editor: CodeEditor.IEditor, code: string): void {
  const { sharedModel } = editor.model;
  sealUndo(sharedModel);
  const { start, end } = editor.getSelection();
  const from = editor.getOffsetAt(start);
  sharedModel.updateSource(from, editor.getOffsetAt(end), code);
  sealUndo(sharedModel);
  const after = editor.getPositionAt(from + code.length);
  if (after !== undefined) {
    editor.setCursorPosition(after);
  }
}

/** A new console with a kernel for Python, or why there is none. */
async function newConsole({ app, trans }: IInsertionServices): Promise<ConsolePanel | string> {
  const name = await pythonKernel(app.serviceManager.kernelspecs);
  if (name === undefined || !app.commands.hasCommand('console:create')) {
    return trans.__('No console is open.');
  }
  const panel = (await app.commands.execute('console:create', {
    activate: true,
    kernelPreference: { name, shouldStart: true, canStart: true }
  })) as ConsolePanel | undefined;
  return panel ?? trans.__('No console is open.');
}

/** Into the prompt of the console that was used last, or of a new one; it is run by the person. */
export const inConsole: Insert = async (code, services) => {
  const { app, trans, consoles } = services;
  const panel = consoles?.currentWidget ?? (await newConsole(services));
  if (typeof panel === 'string') {
    return panel;
  }
  await panel.sessionContext.ready;
  const editor = panel.console.promptCell?.editor;
  if (editor == null) {
    return trans.__('The console has no prompt now.');
  }
  insertAtCursor(editor, code);
  app.shell.activateById(panel.id);
  return null;
};

/** Into the text file that was used last, at its cursor. */
export const inEditor: Insert = async (code, { app, trans, editors }) => {
  const widget = editors?.currentWidget ?? null;
  if (widget === null) {
    return trans.__('No file is open in an editor.');
  }
  await widget.context.ready;
  if (widget.context.model.readOnly || widget.context.contentsModel?.writable === false) {
    return trans.__('The file is read-only.');
  }
  insertAtCursor(widget.content.editor, code);
  app.shell.activateById(widget.id);
  return null;
};
