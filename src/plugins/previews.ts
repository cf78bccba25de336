import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { WidgetTracker } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { PreviewWidget } from '../viewer';
import { described } from './describe';
import { bioimageIcon } from './icons';
import type { Personal } from './personal';
import { personalOf } from './personal';
import type { PreviewHost } from './previewhost';
import { RecentImages } from './recent';
import type { IOpenOptions } from './tokens';
import { IBioImagePreviews, IBioImageSession } from './tokens';

const OPEN = 'bioimage:open-preview';

/** The tabs: one per address, whoever asks for it. */
class Previews implements IBioImagePreviews {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly session: IBioImageSession,
    private readonly trans: TranslationBundle,
    state: IStateDB | null,
    personal: Personal | null,
    private readonly paths: JupyterFrontEnd.IPaths | null
  ) {
    this.images = new RecentImages(state, this, personal);
  }

  readonly tracker = new WidgetTracker<MainAreaWidget<PreviewWidget>>({ namespace: 'bioimage-previews' });

  get recent(): readonly string[] {
    return this.images.uris;
  }

  get recentChanged(): ISignal<IBioImagePreviews, void> {
    return this.images.changed as ISignal<IBioImagePreviews, void>;
  }

  find(uri?: string): PreviewWidget | null {
    const tab = uri === undefined ? this.tracker.currentWidget : this.tracker.find(one => one.content.uri === uri);
    return tab?.content ?? null;
  }

  async open(uri: string, options: IOpenOptions = {}): Promise<string> {
    const { selection } = options;
    const open = this.tracker.find(({ content }) => content.uri === uri);
    if (open !== undefined) {
      if (selection !== undefined) {
        open.content.select(selection);
      }
      this.app.shell.activateById(open.id);
      return open.id;
    }
    // A second request for the same address joins the first, also before the viewer has been loaded.
    const opening = this.opening.get(uri);
    if (opening !== undefined) {
      await opening;
      return this.open(uri, { selection });
    }
    const made = this.make(uri, options).finally(() => this.opening.delete(uri));
    this.opening.set(uri, made);
    return made;
  }

  private async make(uri: string, options: IOpenOptions): Promise<string> {
    // The style sheet too: start-up pays for nothing that only a preview needs.
    const [{ PreviewHost }, transport] = await Promise.all([
      import('./previewhost'),
      this.session.client(),
      import('../../style/preview.css')
    ]);
    const { app, session, trans, paths, tracker, images } = this;
    this.host ??= new PreviewHost({ app, session, trans, paths, transport, tracker, images, previews: this });
    return this.host.show(uri, options);
  }

  private readonly images: RecentImages;
  private readonly opening = new Map<string, Promise<string>>();
  private host: PreviewHost | null = null;
}

export const previews: JupyterFrontEndPlugin<IBioImagePreviews> = {
  id: 'jupyterlab-bioimage:previews',
  description: 'Opens previews of images in tabs and restores them.',
  autoStart: true,
  requires: [IBioImageSession],
  optional: [ILayoutRestorer, IFileBrowserFactory, ITranslator, IStateDB, ISettingRegistry, JupyterFrontEnd.IPaths],
  provides: IBioImagePreviews,
  activate: (
    app,
    session: IBioImageSession,
    restorer: ILayoutRestorer | null,
    files: IFileBrowserFactory | null,
    translator: ITranslator | null,
    state: IStateDB | null,
    settings: ISettingRegistry | null,
    paths: JupyterFrontEnd.IPaths | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_bioimage');
    const previews = new Previews(app, session, trans, state, personalOf(settings), paths);
    app.commands.addCommand(OPEN, {
      label: trans.__('Preview image'),
      caption: trans.__('Show the image in a tab'),
      icon: bioimageIcon,
      describedBy: described(OPEN),
      execute: async args => {
        const [{ selectionArg, textArg, withoutImage }, { FILE_BROWSER, selectedImage }] = await Promise.all([
          import('./args'),
          import('./selectedimage')
        ]);
        const uri = textArg(args.uri) ?? (args.source === FILE_BROWSER ? selectedImage(app, files) : undefined);
        if (uri === undefined) {
          throw withoutImage(trans);
        }
        return previews.open(uri, { title: textArg(args.title), selection: selectionArg(args.selection, trans) });
      }
    });
    void restorer?.restore(previews.tracker, {
      command: OPEN,
      args: ({ content: { uri, name, state } }): ReadonlyPartialJSONObject => ({
        uri,
        ...(name === undefined ? {} : { title: name }),
        selection: { ...state }
      }),
      name: ({ content }) => content.uri
    });
    return previews;
  }
};
