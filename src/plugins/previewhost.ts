import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { WidgetTracker } from '@jupyterlab/apputils';
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Toolbar } from '@jupyterlab/ui-components';

import type { BioImageClient } from '../api';
import { addressTitle } from '../browser';
import { cleanText } from '../core';
import type { ISelection } from '../entities';
import type { IOpenEnvironment } from '../pixels';
import type { IResolved } from '../stores';
import type { IPreviewHost } from '../viewer';
import { PreviewWidget, sharedDecoder } from '../viewer';
import { copyText } from './clipboard';
import { confirmHost } from './confirmhost';
import { acceptImages } from './dropping';
import { bioimageIcon } from './icons';
import type { RecentImages } from './recent';
import { signIn } from './signin';
import type { IBioImagePreviews, IBioImageSession, IOpenOptions } from './tokens';

/** Characters of a tab's title and of its tooltip. */
const TAB_LENGTH = 60;
const CAPTION_LENGTH = 2000;

/** What previews live in. */
export interface IPreviewServices {
  app: JupyterFrontEnd;
  session: IBioImageSession;
  trans: TranslationBundle;
  paths: JupyterFrontEnd.IPaths | null;
  transport: BioImageClient;
  tracker: WidgetTracker<MainAreaWidget<PreviewWidget>>;
  images: RecentImages;
  previews: IBioImagePreviews;
}

/** The application as previews see it; one for all of them, for what a person has agreed to holds for the page. */
export class PreviewHost implements IPreviewHost {
  constructor(private readonly services: IPreviewServices) {}

  get trans(): TranslationBundle {
    return this.services.trans;
  }

  /** Puts a preview into a new tab and resolves with its id. */
  async show(uri: string, options: IOpenOptions): Promise<string> {
    const { tracker, images, previews } = this.services;
    const content = this.preview(uri, options.title, options.selection);
    // the toolbar is never seen: one of the plain kind does not leave a button behind when the tab is closed
    const tab = new MainAreaWidget({ content, toolbar: new Toolbar() });
    tab.id = `jp-bioimage-preview-${++this.count}`;
    tab.toolbar.hide();
    await tracker.add(tab);
    let known = false;
    content.changed.connect(() => {
      void tracker.save(tab);
      if (!known && content.image !== null) {
        // Only what could be opened is worth remembering.
        known = true;
        images.add(uri);
      }
    });
    acceptImages(tab, this.services.app, previews);
    this.place(tab, options);
    return tab.id;
  }

  private place(tab: MainAreaWidget, { after, instead }: IOpenOptions): void {
    const { shell } = this.services.app;
    const ref = (instead ?? after)?.id;
    const options = { type: 'Bioimage preview', ...(ref === undefined ? {} : { ref, mode: 'tab-after' as const }) };
    shell.add(tab, 'main', options);
    if (!tab.isAttached && instead !== undefined) {
      // Notebook 7 keeps its main area for one document, which is what the preview is here.
      instead.dispose();
      shell.add(tab, 'main');
    }
    if (!tab.isAttached) {
      shell.add(tab, 'right');
    }
    shell.activateById(tab.id);
  }

  /** A preview of an address, its tab's title and tooltip set. */
  private preview(uri: string, title: string | undefined, selection: ISelection | undefined): PreviewWidget {
    const content = new PreviewWidget({ uri, title, selection, host: this });
    // The tab takes its title from its content.
    content.title.icon = bioimageIcon;
    content.title.label = cleanText(title ?? addressTitle(uri), TAB_LENGTH);
    content.title.caption = cleanText(uri, CAPTION_LENGTH);
    return content;
  }

  environment(): IOpenEnvironment {
    return { transport: this.services.transport, decoder: sharedDecoder(), layouts: this.layouts };
  }

  resolve(address: string): Promise<IResolved> {
    return this.services.session.resolve(address);
  }

  relocate(address: string, signal: AbortSignal): Promise<IResolved | null> {
    return this.services.session.relocate(address, signal);
  }

  /** Asks once per page whether a host that no store answers for may be read by this browser. */
  async confirmHost(host: string): Promise<boolean> {
    if (!this.confirmed.has(host)) {
      if (!(await confirmHost(host, this.trans))) {
        return false;
      }
      this.confirmed.add(host);
    }
    return true;
  }

  copy(text: string): Promise<void> {
    return copyText(text);
  }

  async copyLink(uri: string, view: ISelection): Promise<void> {
    await this.services.app.commands.execute('bioimage:copy-link', { uri, selection: { ...view } });
  }

  async thumbnail({ store, key }: IResolved, size: number, signal: AbortSignal): Promise<Blob | null> {
    return store === null ? null : this.services.transport.thumbnail(store.id, key, size, signal);
  }

  login(): void {
    const { paths, app } = this.services;
    signIn(paths?.urls, app.serviceManager.serverSettings.baseUrl);
  }

  open(uri: string): void {
    void this.services.previews.open(uri);
  }

  insert(uri: string, selection: ISelection): void {
    void this.insertOnce(uri, selection);
  }

  /** One insertion at a time for the button of a preview, however often it is hit. */
  private async insertOnce(uri: string, selection: ISelection): Promise<void> {
    if (this.inserting) {
      return;
    }
    this.inserting = true;
    try {
      await this.services.app.commands.execute('bioimage:insert-snippet', { uri, selection: { ...selection } });
    } catch (reason) {
      // The command has told the person already; here nobody else is waiting for it.
      console.warn('jupyterlab-bioimage: nothing was inserted', reason);
    } finally {
      setTimeout(() => (this.inserting = false), 500);
    }
  }

  /** By origin, for the life of the page. */
  private readonly layouts: IOpenEnvironment['layouts'] = new Map();
  private readonly confirmed = new Set<string>();
  private inserting = false;
  private count = 0;
}
