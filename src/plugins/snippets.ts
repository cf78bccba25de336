import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { IEditorTracker } from '@jupyterlab/fileeditor';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';

// eslint-disable-next-line jupyter/prefer-lazy-imports -- other extensions add at start-up; only this class is bundled
import { Registry } from '../core';
import type { ISnippetInput, ISnippetTemplate } from '../snippets';
import { described, hasImage } from './describe';
import type { ISnippetServices } from './snippetcommands';
import { IBioImagePreviews, IBioImageSession, IBioImageSnippets } from './tokens';

const PLUGIN = 'jupyterlab-bioimage:snippets';
const INSERT = 'bioimage:insert-snippet';
const COPY = 'bioimage:copy-snippet';

/** The templates of others, and the built-in ones from the first use on. */
class Snippets implements IBioImageSnippets {
  /** Id of the template that is used when none is named; the first one by rank if it is unknown. */
  preferred: string | undefined;

  add(template: ISnippetTemplate): IDisposable {
    const added = this.registry.add(template);
    return new DisposableDelegate(() => added.dispose());
  }

  async template(id: string | undefined, input: ISnippetInput): Promise<ISnippetTemplate | undefined> {
    const loading = (this.loading ??= import('../snippets').then(({ TEMPLATES, fits }) => {
      // Another extension may have taken an id on purpose, to put its own in place of ours.
      TEMPLATES.filter(one => this.registry.get(one.id) === undefined).forEach(one => this.registry.add(one));
      return fits;
    }));
    const fits = await loading;
    if (id !== undefined) {
      return this.registry.get(id);
    }
    const preferred = this.registry.get(this.preferred ?? '');
    return [...(preferred ? [preferred] : []), ...this.registry.items].find(template => fits(template, input));
  }

  private readonly registry = new Registry<ISnippetTemplate>();
  private loading: Promise<(template: ISnippetTemplate, input: ISnippetInput) => boolean> | null = null;
}

function addCommands(services: ISnippetServices): void {
  const { app, trans, previews } = services;
  const isEnabled = (args: ReadonlyPartialJSONObject): boolean => hasImage(args.uri, previews.find()?.uri);
  // A second call with the same arguments while the first one runs is the same gesture.
  const running = new Map<string, Promise<string>>();
  app.commands.addCommand(INSERT, {
    label: trans.__('Insert code'),
    caption: trans.__('Insert code that loads the image as it is shown'),
    isEnabled,
    describedBy: described(INSERT),
    execute: args => {
      const key = JSON.stringify(args);
      const run =
        running.get(key) ??
        import('./snippetcommands')
          .then(({ insertSnippet }) => insertSnippet(args, services))
          .finally(() => running.delete(key));
      running.set(key, run);
      return run;
    }
  });
  app.commands.addCommand(COPY, {
    label: trans.__('Copy code'),
    caption: trans.__('Copy code that loads the image as it is shown'),
    isEnabled,
    describedBy: described(COPY),
    execute: async args => {
      const { copySnippet } = await import('./snippetcommands');
      return copySnippet(args, services);
    }
  });
}

export const snippets: JupyterFrontEndPlugin<IBioImageSnippets> = {
  id: PLUGIN,
  description: 'Inserts and copies code that loads an image.',
  autoStart: true,
  requires: [IBioImageSession, IBioImagePreviews],
  optional: [
    INotebookTracker,
    IConsoleTracker,
    IEditorTracker,
    IDocumentManager,
    IDefaultFileBrowser,
    ICommandPalette,
    ISettingRegistry,
    ITranslator
  ],
  provides: IBioImageSnippets,
  activate: (
    app,
    session: IBioImageSession,
    previews: IBioImagePreviews,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    editors: IEditorTracker | null,
    documents: IDocumentManager | null,
    fileBrowser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_bioimage');
    const snippets = new Snippets();
    addCommands({ app, session, previews, snippets, trans, notebooks, consoles, editors, documents, fileBrowser });
    const category = trans.__('Bioimages');
    palette?.addItem({ command: INSERT, category });
    palette?.addItem({ command: COPY, category });
    void settings?.load(PLUGIN).then(
      loaded => {
        const update = (): void => {
          snippets.preferred = loaded.composite.template as string | undefined;
        };
        loaded.changed.connect(update);
        update();
      },
      (reason: unknown) => console.warn('jupyterlab-bioimage: settings of snippets are not available', reason)
    );
    return snippets;
  }
};
