import { Notification } from '@jupyterlab/apputils';

import { inNotebook } from './innotebook';
import { inConsole, inEditor } from './intext';
import type { IInsertionServices, Insert, InsertionTarget } from './services';

/** Time in ms that a notice is shown. */
const NOTICE = 10_000;

/** Where code can go: one line each. */
const TARGETS: Record<InsertionTarget, Insert> = { notebook: inNotebook, console: inConsole, editor: inEditor };

/**
 * Inserts code as one undoable step and moves the focus to it. Where that is not possible, nothing is changed, the code
 * is on the clipboard, and a notification says why.
 */
export async function insertCode(code: string, target: InsertionTarget, services: IInsertionServices): Promise<void> {
  const { trans } = services;
  const obstacle = await TARGETS[target](code, services);
  if (obstacle !== null) {
    await services.copy(code);
    Notification.info(trans.__('%1 The code was copied to the clipboard instead.', obstacle), { autoClose: NOTICE });
  }
}
