import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

/** One place on the way from the address to what is shown. */
export interface ICrumb {
  readonly label: string;
  /** Goes there; absent for where one is. */
  readonly go?: () => void;
}

/** The way from the address to what is shown, with a button for the way back. Not there while one is at the address itself. */
export class Crumbs extends Widget {
  constructor(trans: TranslationBundle) {
    super({ node: document.createElement('nav') });
    this.addClass('jp-BioImagePreview-crumbs');
    this.node.setAttribute('aria-label', trans.__('Place in the preview'));
    this._back.type = 'button';
    this._back.className = 'jp-BioImagePreview-button';
    this._back.textContent = trans.__('Back');
    this._back.title = trans.__('Back to where this was opened from (Backspace)');
    this._back.addEventListener('click', () => this._goBack?.());
    this._list.className = 'jp-BioImagePreview-crumbList';
    this.node.append(this._back, this._list);
  }

  /** Brings the way up to date; the same one is left alone, for it may have the focus. */
  showWay(crumbs: readonly ICrumb[], back: (() => void) | null): void {
    this._goBack = back;
    this._back.hidden = back === null;
    const key = crumbs.map(({ label, go }) => `${go ? '>' : '='}${label}`).join('\n');
    if (key === this._key) {
      this._crumbs = crumbs;
      return;
    }
    this._key = key;
    this._crumbs = crumbs;
    this._list.replaceChildren(...crumbs.map((crumb, index) => this._item(crumb, index)));
  }

  private _item({ label, go }: ICrumb, index: number): HTMLElement {
    const item = document.createElement('li');
    const node = document.createElement(go ? 'button' : 'span');
    node.textContent = label;
    if (node instanceof HTMLButtonElement) {
      node.type = 'button';
      node.className = 'jp-BioImagePreview-crumb';
      node.addEventListener('click', () => this._crumbs[index].go?.());
    } else {
      node.setAttribute('aria-current', 'location');
    }
    item.append(node);
    return item;
  }

  private readonly _back = document.createElement('button');
  private readonly _list = document.createElement('ol');
  private _goBack: (() => void) | null = null;
  private _crumbs: readonly ICrumb[] = [];
  private _key = '';
}
