import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';

import type { BrowserPanel } from '../browser';
import { described } from './describe';
import { bioimageIcon } from './icons';
import { IBioImageCatalogue, IBioImagePanel, IBioImagePreviews, IBioImageSession, IBioImageSnippets } from './tokens';

/** Id of the panel in the sidebar. */
const PANEL = 'jp-bioimage-browser';
/** Among the ranks for extensions of third parties (501–899). */
const RANK = 610;

/** The place of the panel: empty until it is shown for the first time, so that start-up pays for a tab only. */
class PanelFrame extends Widget {
  constructor(private readonly make: () => Promise<BrowserPanel>) {
    super();
    this.id = PANEL;
    this.addClass('jp-BioImageBrowser-frame');
    this.layout = new PanelLayout();
  }

  /** The content, made on first use; a failed load is tried again the next time. */
  panel(): Promise<BrowserPanel> {
    this.content ??= this.make().then(
      panel => {
        (this.layout as PanelLayout).addWidget(panel);
        void panel.model.start();
        return panel;
      },
      (reason: unknown) => {
        this.content = null;
        throw reason;
      }
    );
    return this.content;
  }

  protected override onBeforeShow(msg: Message): void {
    super.onBeforeShow(msg);
    void this.panel();
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    void this.panel().then(panel => panel.focusSearch());
  }

  private content: Promise<BrowserPanel> | null = null;
}

function addCommands(app: JupyterFrontEnd, panel: IBioImagePanel, translator: ITranslator): string[] {
  const trans = translator.load('jupyterlab_bioimage');
  app.commands.addCommand('bioimage:open-browser', {
    label: trans.__('Open bioimage panel'),
    caption: trans.__('Show the panel that finds and opens images, and go to its search box'),
    describedBy: described('bioimage:open-browser'),
    icon: bioimageIcon,
    execute: () => panel.show()
  });
  app.commands.addCommand('bioimage:search', {
    label: trans.__('Search images and studies'),
    caption: trans.__('Search in the bioimage panel'),
    describedBy: described('bioimage:search'),
    execute: async args => {
      const { textArg, textsArg } = await import('./args');
      const query = textArg(args.query);
      return query === undefined ? panel.show() : panel.search(query, textsArg(args.sources));
    }
  });
  app.commands.addCommand('bioimage:open-study', {
    label: trans.__('Open study'),
    caption: trans.__('Show the page of a study in the bioimage panel'),
    describedBy: described('bioimage:open-study'),
    isEnabled: args => typeof args.source === 'string' && typeof args.accession === 'string',
    execute: async args => {
      const { textArg } = await import('./args');
      const [source, accession] = [textArg(args.source), textArg(args.accession)];
      return source === undefined || accession === undefined ? panel.show() : panel.openStudy(source, accession);
    }
  });
  return ['bioimage:open-browser', 'bioimage:search'];
}

export const browser: JupyterFrontEndPlugin<IBioImagePanel> = {
  id: 'jupyterlab-bioimage:browser',
  description: 'The panel that finds and opens images.',
  autoStart: true,
  requires: [IBioImageCatalogue, IBioImagePreviews, IBioImageSession],
  optional: [IBioImageSnippets, ILayoutRestorer, ICommandPalette, IStateDB, ISettingRegistry, ITranslator],
  provides: IBioImagePanel,
  activate: (
    app,
    catalogue: IBioImageCatalogue,
    previews: IBioImagePreviews,
    session: IBioImageSession,
    snippets: IBioImageSnippets | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    state: IStateDB | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_bioimage');
    const frame = new PanelFrame(async () => {
      const [{ addressTitle, BrowserModel, BrowserPanel }, { panelHost }, { panelMemory }, { personalOf }] =
        await Promise.all([
          import('../browser'),
          import('./panelhost'),
          import('./panelmemory'),
          import('./personal'),
          import('../../style/browser.css'),
          import('../../style/study.css')
        ]);
      const model = new BrowserModel({
        sources: () => catalogue.sources,
        sourcesChanged: catalogue.changed,
        populate: () => catalogue.populate(),
        recent: () => previews.recent.map(uri => ({ uri, title: addressTitle(uri) })),
        recentChanged: previews.recentChanged,
        memory: panelMemory(state, personalOf(settings))
      });
      return new BrowserPanel(model, panelHost({ app, session, previews, snippets, trans }));
    });
    frame.title.icon = bioimageIcon;
    frame.title.caption = trans.__('Bioimages');
    frame.node.setAttribute('role', 'region');
    frame.node.setAttribute('aria-label', trans.__('Bioimages'));
    app.shell.add(frame, 'left', { rank: RANK, type: 'Bioimages' });
    restorer?.add(frame, PANEL);

    const shown = (): Promise<BrowserPanel> => {
      app.shell.activateById(PANEL);
      return frame.panel();
    };
    const panel: IBioImagePanel = {
      show: async () => (await shown()).focusSearch(),
      search: async (query, sources) => (await shown()).model.search(query, sources),
      follow: async text => (await shown()).follow(text),
      openStudy: async (source, accession) => (await shown()).model.openStudy(source, accession)
    };
    const category = trans.__('Bioimages');
    for (const command of addCommands(app, panel, translator ?? nullTranslator)) {
      palette?.addItem({ command, category });
    }
    return panel;
  }
};
