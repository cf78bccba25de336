import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { DisposableSet } from '@lumino/disposable';
import type { Menu } from '@lumino/widgets';

import type { IFavourite } from './favourites';
import type { IPanelHost } from './host';
import { readFavourite } from './memory';
import type { BrowserModel } from './model';

/** Command that marks a study or image, or takes the mark away. */
export const TOGGLE = 'bioimage:toggle-favourite';

/** Command that copies what a study is cited and found by. */
export const COPY_ACCESSION = 'bioimage:copy-accession';

function itemOf(args: ReadonlyPartialJSONObject): IFavourite | undefined {
  return readFavourite(args.item)[0];
}

/** Adds the panel's commands to those of the application as long as it is there: menus and keyboards can use them. */
export function addCommands(model: BrowserModel, host: IPanelHost, trans: TranslationBundle): IDisposable {
  const added = new DisposableSet();
  added.add(addToggle(model, host, trans));
  added.add(addCopy(host, trans));
  return added;
}

function addCopy(host: IPanelHost, trans: TranslationBundle): IDisposable {
  return host.commands.addCommand(COPY_ACCESSION, {
    label: trans.__('Copy accession'),
    caption: trans.__('Copy the accession of the study'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          item: { type: 'object', description: trans.__('{kind: "study", source, accession, title}') }
        },
        required: ['item']
      }
    },
    execute: async args => {
      const item = itemOf(args);
      if (item?.kind === 'study') {
        await host.copy(item.accession);
      }
    }
  });
}

function addToggle(model: BrowserModel, { commands }: IPanelHost, trans: TranslationBundle): IDisposable {
  return commands.addCommand(TOGGLE, {
    label: args => {
      const item = itemOf(args);
      return item !== undefined && model.kept.favourites.has(item)
        ? trans.__('Remove from favourites')
        : trans.__('Add to favourites');
    },
    caption: trans.__('Mark a study or image as a favourite, or take the mark away'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          item: {
            type: 'object',
            description: trans.__('{kind: "image", uri, title} or {kind: "study", source, accession, title}')
          }
        },
        required: ['item']
      }
    },
    execute: args => {
      const item = itemOf(args);
      if (item !== undefined) {
        model.toggleFavourite(item);
      }
    }
  });
}

/** The menu of what else can be done with a study or image, the mark last. */
export function openMenu(item: IFavourite, anchor: HTMLElement, host: IPanelHost): Menu {
  const menu = new MenuSvg({ commands: host.commands });
  const actions = item.kind === 'image' ? [...host.actions(item.uri)] : [...(host.studyActions?.(item) ?? [])];
  if (item.kind === 'study') {
    actions.push({ command: COPY_ACCESSION, args: { item: { ...item } } });
  }
  for (const { command, args } of actions) {
    menu.addItem({ command, args });
  }
  // Where nothing else can be done, the mark stands alone.
  if (actions.length > 0) {
    menu.addItem({ type: 'separator' });
  }
  menu.addItem({ command: TOGGLE, args: { item: { ...item } } });
  // The focus returns to where it came from before the command runs, which may move it on.
  menu.aboutToClose.connect(() => anchor.focus());
  const { left, bottom } = anchor.getBoundingClientRect();
  menu.open(left, bottom);
  return menu;
}
