import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITerminalTracker } from '@jupyterlab/terminal';
import type { Drag } from '@lumino/dragdrop';

/** As in `dragdata`, which start-up does not load. */
const ADDRESS = 'text/uri-list';

/** An address as one word of a shell's command line: nothing in it is run, and no line ends. */
export function shellWord(address: string): string {
  // eslint-disable-next-line no-control-regex -- a control character would act on the terminal
  const plain = address.replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
  const path = plain.startsWith('-') ? `./${plain}` : plain; // an option otherwise
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Lets an address be dropped on a terminal, where it is typed and not run. JupyterLab's terminals take in nothing by themselves. */
function takeDrops(node: HTMLElement, paste: (text: string) => void): void {
  const accept = (event: Event, act: (drag: Drag.Event) => void): void => {
    const drag = event as Drag.Event;
    if (drag.mimeData.hasData(ADDRESS)) {
      drag.preventDefault();
      drag.stopPropagation();
      drag.dropAction = drag.proposedAction;
      act(drag);
    }
  };
  const nothing = (): void => undefined;
  node.addEventListener('lm-dragenter', event => accept(event, nothing));
  node.addEventListener('lm-dragover', event => accept(event, nothing));
  node.addEventListener('lm-drop', event =>
    accept(event, ({ mimeData }) => paste(shellWord(String(mimeData.getData(ADDRESS)))))
  );
}

export const terminals: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-bioimage:terminals',
  description: 'Takes in addresses of images that are dragged onto a terminal.',
  autoStart: true,
  optional: [ITerminalTracker],
  activate: (_app, tracker: ITerminalTracker | null) => {
    const watch = ({ node, content }: NonNullable<ITerminalTracker['currentWidget']>): void =>
      takeDrops(node, text => content.paste(text));
    tracker?.forEach(watch);
    tracker?.widgetAdded.connect((_, widget) => watch(widget));
  }
};
