import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IItemCommand, IPanelHost, IStudyName } from '../browser';
import { copyText } from './clipboard';
import { makeDeepLink } from './deeplink';
import type { DragData } from './dragdata';
import { imageDragData, studyDragData } from './dragdata';
import { dropped } from './inplace';
import { labAddress } from './labaddress';
import { snippetCode } from './snippetcode';
import type { IBioImagePreviews, IBioImageSession, IBioImageSnippets } from './tokens';

/** What the panel's host is made from; without `snippets` nothing but addresses can be dragged. */
export interface IPanelServices {
  app: JupyterFrontEnd;
  session: IBioImageSession;
  previews: IBioImagePreviews;
  snippets: IBioImageSnippets | null;
  trans: TranslationBundle;
}

/** What can be done with an image, in the order of the menu. */
const IMAGE_COMMANDS = [
  'bioimage:open-preview',
  'bioimage:insert-snippet',
  'bioimage:copy-snippet',
  'bioimage:copy-uri',
  'bioimage:copy-link'
];

/** A picture of the image's smallest level by way of this session; `null` where no store of it answers for the address. */
async function thumbnail(
  session: IBioImageSession,
  uri: string,
  size: number,
  signal: AbortSignal
): Promise<string | null> {
  const [{ store, key }, client] = await Promise.all([session.resolve(uri), session.client()]);
  if (store === null) {
    return null;
  }
  return URL.createObjectURL(await client.thumbnail(store.id, key, size, signal));
}

/** The application as the panel sees it. */
export function panelHost({ app, session, previews, snippets, trans }: IPanelServices): IPanelHost {
  const studyLink = ({ accession }: Pick<IStudyName, 'accession'>): string => makeDeepLink(labAddress(app), accession);
  const code = async (uri: string): Promise<string> => {
    if (snippets === null) {
      throw new Error('there is no template of code');
    }
    return snippetCode({ uri }, snippets, session, previews);
  };
  return {
    trans,
    commands: app.commands,
    open: async (uri, source, title) => void (await previews.open(uri, { source, title })),
    insert: async uri => {
      try {
        await app.commands.execute('bioimage:insert-snippet', { uri });
      } catch (reason) {
        // The command has told the person already.
        console.warn('jupyterlab-bioimage: nothing was inserted', reason);
      }
    },
    copy: copyText,
    actions: uri => IMAGE_COMMANDS.map(command => ({ command, args: { uri } })),
    studyActions: ({ source, accession }): IItemCommand[] => [
      { command: 'bioimage:open-study', args: { source, accession } },
      { command: 'bioimage:copy-link', args: { uri: accession } }
    ],
    studyLink,
    thumbnail: (uri, size, signal) => thumbnail(session, uri, size, signal),
    dragData: (item): DragData =>
      item.kind === 'image'
        ? imageDragData(item.uri, code(item.uri), () => dropped(item.uri, item.title, previews))
        : studyDragData(studyLink(item))
  };
}
