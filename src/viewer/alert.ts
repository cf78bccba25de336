import type { TranslationBundle } from '@jupyterlab/translation';
import { cleanText } from '../core';
import type { BioImageError } from '../core';
import type { INode } from '../ngff';

/** Longest cause shown; details that are copied are whole. */
const MAX_CAUSE = 600;

/** So many images of a plate, well or collection are offered. */
const MAX_LISTED = 12;

/** One thing that can be done about a failure. */
export interface IAction {
  label: string;
  run: () => void;
}

/** An image inside something larger; `path` is relative to that, and of the well where it is one of a plate. */
export interface IInside {
  name: string;
  path: string;
  well?: boolean;
}

/** What an alert says. */
export interface IAlert {
  title: string;
  cause: string;
  next: string;
  /** Of what failed; a tab's title may be cut. */
  address?: string;
  actions: readonly IAction[];
  /** Other images to open, below the text. */
  images?: readonly IAction[];
  /** Nothing is broken: it is only not what can be drawn. */
  calm?: boolean;
}

/** An element that says what failed, why, and what can be done. Text from data stays text. */
export function alertElement({ title, cause, next, address, actions, images = [], calm }: IAlert, imagesLabel: string): HTMLElement {
  const node = part('div', 'alert');
  node.classList.toggle('jp-mod-calm', calm === true);
  node.setAttribute('role', 'alert');
  const heading = part('h2', 'alertTitle', title);
  const buttons = part('div', 'buttons');
  buttons.append(...actions.map(button));
  node.append(heading, part('p', 'alertCause', cleanText(cause, MAX_CAUSE)), part('p', 'alertNext', next));
  if (address !== undefined) {
    node.append(part('p', 'note', cleanText(address, MAX_CAUSE)));
  }
  if (images.length) {
    const list = part('ul', 'alertImages');
    list.setAttribute('aria-label', imagesLabel);
    for (const image of images) {
      const item = document.createElement('li');
      item.append(button(image));
      list.append(item);
    }
    node.append(list);
  }
  node.append(buttons);
  return node;
}

/** What a failure says to people, and what they can copy for a report. */
export function failureAlert(error: BioImageError, uri: string, trans: TranslationBundle): Omit<IAlert, 'actions'> & { details: string } {
  const details = [
    `${error.code}: ${error.message}`,
    `address: ${uri}`,
    ...(error.where ? [`where: ${error.where}`] : []),
    ...(error.id ? [`log: ${error.id}`] : []),
    ...(error.cause instanceof Error ? [`cause: ${error.cause.name}: ${error.cause.message}`] : [])
  ].join('\n');
  const where = error.where && !error.message.includes(error.where) ? ` (${error.where})` : '';
  return { title: trans.__('The image could not be shown'), cause: error.message + where, next: error.hint, address: uri, details };
}

/** What to say of something that is recognised but not drawn yet, with the images inside it. */
export function recognisedAlert(
  node: Exclude<INode, { kind: 'image' }>,
  trans: TranslationBundle
): Omit<IAlert, 'actions' | 'images'> & { inside: readonly IInside[] } {
  const named = (path: string): IInside => ({ name: path, path });
  const next = trans.__('It is not drawn as a whole yet. Open one of its images:');
  switch (node.kind) {
    case 'plate':
      return {
        title: trans.__('This is a plate'),
        cause: trans.__('%1 rows × %2 columns, %3 wells with images.', node.rows.length, node.columns.length, node.wells.length),
        next: trans.__('It is not drawn as a whole yet. Open the first image of a well:'),
        inside: node.wells.slice(0, MAX_LISTED).map(({ name, path }) => ({ name, path, well: true }))
      };
    case 'well':
      return {
        title: trans.__('This is a well of a plate'),
        cause: trans._n('%1 field of view.', '%1 fields of view.', node.fields.length),
        next,
        inside: node.fields.slice(0, MAX_LISTED).map(field => named(field.path))
      };
    case 'collection':
      return {
        title: trans.__('This is a collection of images'),
        cause: trans._n('%1 image.', '%1 images.', node.series.length),
        next,
        inside: node.series.slice(0, MAX_LISTED).map(({ path }) => named(path))
      };
    case 'group':
      return { title: trans.__('This is a Zarr group'), cause: '', next, inside: [] };
  }
}

function part(tag: keyof HTMLElementTagNameMap, name: string, text?: string): HTMLElement {
  const node = document.createElement(tag);
  node.className = `jp-BioImagePreview-${name}`;
  if (text !== undefined) {
    node.textContent = text;
  }
  return node;
}

function button({ label, run }: IAction): HTMLButtonElement {
  const node = document.createElement('button');
  node.type = 'button';
  node.className = 'jp-BioImagePreview-button';
  node.textContent = label;
  node.addEventListener('click', () => run());
  return node;
}
