import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IConsoleTracker } from '@jupyterlab/console';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { IEditorTracker } from '@jupyterlab/fileeditor';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

/** What insertion needs of the application; what a front end does not have is null. */
export interface IInsertionServices {
  app: Pick<JupyterFrontEnd, 'commands' | 'serviceManager' | 'shell'>;
  trans: TranslationBundle;
  notebooks: INotebookTracker | null;
  consoles: IConsoleTracker | null;
  editors: IEditorTracker | null;
  documents: IDocumentManager | null;
  fileBrowser: IDefaultFileBrowser | null;
  /** Puts text on the clipboard. */
  copy(text: string): Promise<void>;
}

/** Where code can go. */
export type InsertionTarget = 'notebook' | 'console' | 'editor';

/** Puts code there; `null` when done, else why it was not possible, in a sentence for people. */
export type Insert = (code: string, services: IInsertionServices) => Promise<string | null>;
