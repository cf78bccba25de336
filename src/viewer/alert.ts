import { cleanText } from '../core';
import type { IFailureText } from './failuretext';

/** Longest cause shown; details that are copied are whole. */
const MAX_CAUSE = 600;

/** One thing that can be done about a failure. */
export interface IAction {
  label: string;
  run: () => void;
}

/** What an alert says. */
export interface IAlert extends IFailureText {
  /** Of what failed; a tab's title may be cut. */
  address?: string;
  actions: readonly IAction[];
  /** Nothing is broken: there is only nothing to draw. */
  calm?: boolean;
}

/** An element that says what failed, why, and what can be done. Text from data stays text. */
export function alertElement({ title, cause, next, address, actions, calm }: IAlert): HTMLElement {
  const node = part('div', 'alert');
  node.classList.toggle('jp-mod-calm', calm === true);
  node.setAttribute('role', 'alert');
  const texts = [part('p', 'alertCause', cleanText(cause, MAX_CAUSE)), part('p', 'alertNext', next)];
  node.append(part('h2', 'alertTitle', title), ...texts.filter(({ textContent }) => textContent !== ''));
  if (address !== undefined) {
    node.append(part('p', 'note', cleanText(address, MAX_CAUSE)));
  }
  const buttons = part('div', 'buttons');
  buttons.append(...actions.map(button));
  node.append(buttons);
  return node;
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
