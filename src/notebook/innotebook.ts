import type { NotebookPanel } from '@jupyterlab/notebook';

import { insertCell } from './cell';
import { pythonKernel } from './kernel';
import type { IInsertionServices, Insert } from './services';

/** True where the document must not be changed: locked, or a file that cannot be written. */
function isReadOnly({ context }: NotebookPanel): boolean {
  return context.model.readOnly || context.contentsModel?.writable === false;
}

/** A new notebook with a kernel for Python, without any question; or why there is none. */
async function newNotebook(services: IInsertionServices): Promise<NotebookPanel | string> {
  const { app, trans, documents, fileBrowser } = services;
  if (documents === null) {
    return trans.__('No notebook is open.');
  }
  const name = await pythonKernel(app.serviceManager.kernelspecs);
  if (name === undefined) {
    return trans.__('There is no kernel for Python here.');
  }
  const { path } = await documents.newUntitled({ type: 'notebook', path: fileBrowser?.model.path ?? '' });
  const panel = documents.openOrReveal(path, 'Notebook', { name }) as NotebookPanel | undefined;
  return panel ?? trans.__('The new notebook was opened somewhere else.');
}

/** Into the notebook that was used last, or a new one. */
export const inNotebook: Insert = async (code, services) => {
  const { app, trans, notebooks } = services;
  const open = notebooks?.currentWidget ?? null;
  if (open !== null && isReadOnly(open)) {
    return trans.__('The notebook is read-only.');
  }
  const panel = open ?? (await newNotebook(services));
  if (typeof panel === 'string') {
    return panel;
  }
  await panel.context.ready;
  await panel.revealed;
  if (panel.isDisposed || panel.content.model === null) {
    return trans.__('The notebook was closed.');
  }
  insertCell(panel.content, code);
  app.shell.activateById(panel.id);
  return null;
};
