import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { cleanText, localised, messageAndHint } from '../../core';
import type { ITreeItem, TreeModel } from './model';

/** What the tree does outside of itself. */
export interface ITreeViewOptions {
  model: TreeModel;
  trans: TranslationBundle;
  label: string;
  /** Shows what it is that Enter was pressed on. */
  open(item: ITreeItem): void;
  look(item: ITreeItem): void;
}

/** The members of a group as an ARIA tree; rows out of sight are not laid out. */
export class TreeView extends Widget {
  constructor(private readonly _options: ITreeViewOptions) {
    super();
    this.addClass('jp-BioImageTree');
    this._tree.className = 'jp-BioImageTree-items';
    this._tree.setAttribute('role', 'tree');
    this._tree.setAttribute('aria-label', _options.label);
    this._note.className = 'jp-BioImagePreview-note';
    this._note.setAttribute('role', 'status');
    this.node.append(this._tree, this._note);
    this._tree.addEventListener('click', event => this._onClick(event));
    this._tree.addEventListener('dblclick', event => this._onOpen(event));
    this._tree.addEventListener('keydown', event => this._onKey(event));
    this._tree.addEventListener('focusin', event => this._onFocus(event));
    _options.model.changed.connect(this._show, this);
    this._show();
  }

  focusItem(): void {
    this._rows[this._active]?.focus({ preventScroll: true });
  }

  keepScroll(): void {
    this._scroll = this.node.scrollTop;
  }

  restoreScroll(): void {
    this.node.scrollTop = this._scroll;
  }

  private readonly _show = (): void => {
    const { model, trans } = this._options;
    const hadFocus = this._tree.contains(document.activeElement);
    const at = this._items[this._active]?.path;
    this._items = model.shown;
    this._active = Math.max(0, this._items.findIndex(({ path }) => path === at));
    this._rows = this._items.map((item, index) => this._row(item, index));
    this._tree.replaceChildren(...this._rows);
    this._tree.setAttribute('aria-busy', String(model.root.busy));
    this._note.textContent = this._said();
    this._more.forEach(button => button.remove());
    this._more = [model.root, ...this._items].flatMap(item => (item.cursor && item.expanded ? [this._moreButton(item, trans)] : []));
    this.node.append(...this._more);
    if (hadFocus) {
      this.focusItem();
    }
  };

  private _said(): string {
    const { model, trans } = this._options;
    const { root } = model;
    if (model.unlisted) {
      return trans.__('This store cannot be listed from the browser, and the group does not name what lies in it. Open a member by its own address, or open the group through the session.');
    }
    if (root.error) {
      return localised(trans, messageAndHint(root.error));
    }
    if (root.busy) {
      return trans.__('Listing…');
    }
    return this._items.length === 0 ? trans.__('There is nothing in this group.') : '';
  }

  private _row(item: ITreeItem, index: number): HTMLElement {
    const { model, trans } = this._options;
    const row = document.createElement('div');
    row.className = 'jp-BioImageTree-item';
    row.setAttribute('role', 'treeitem');
    row.setAttribute('aria-level', String(item.level));
    row.setAttribute('aria-selected', String(index === this._active));
    if (model.canExpand(item)) {
      row.setAttribute('aria-expanded', String(item.expanded));
    }
    row.dataset.index = String(index);
    row.dataset.type = item.type ?? 'unknown';
    row.tabIndex = index === this._active ? 0 : -1;
    row.style.setProperty('--jp-level', String(item.level));
    const twisty = document.createElement('span');
    twisty.className = 'jp-BioImageTree-twisty';
    twisty.setAttribute('aria-hidden', 'true');
    twisty.textContent = model.canExpand(item) ? (item.expanded ? '▾' : '▸') : '';
    const name = document.createElement('span');
    name.textContent = cleanText(item.name);
    const kind = document.createElement('span');
    kind.className = 'jp-BioImageTree-kind';
    kind.textContent = item.busy ? trans.__('reading…') : item.error ? trans.__('could not be read') : kindText(item, trans);
    row.append(twisty, name, kind);
    return row;
  }

  private _moreButton(item: ITreeItem, trans: TranslationBundle): HTMLElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'jp-BioImagePreview-button';
    button.textContent = item.path ? trans.__('More in %1', cleanText(item.path)) : trans.__('More');
    button.addEventListener('click', () => void this._options.model.more(item));
    return button;
  }

  private _at(event: Event): number | null {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    return row ? Number(row.dataset.index) : null;
  }

  private _activate(index: number): void {
    const old = this._rows[this._active];
    old?.setAttribute('tabindex', '-1');
    old?.setAttribute('aria-selected', 'false');
    this._active = index;
    this._rows[index]?.setAttribute('tabindex', '0');
    this._rows[index]?.setAttribute('aria-selected', 'true');
  }

  private _onClick(event: MouseEvent): void {
    const index = this._at(event);
    if (index === null) {
      return;
    }
    this._activate(index);
    this._rows[index].focus({ preventScroll: true });
    if ((event.target as HTMLElement).classList.contains('jp-BioImageTree-twisty')) {
      this._toggle(this._items[index]);
    }
  }

  private _onOpen(event: MouseEvent): void {
    const index = this._at(event);
    if (index !== null) {
      this._options.open(this._items[index]);
    }
  }

  private _toggle(item: ITreeItem): void {
    const { model } = this._options;
    if (item.expanded) {
      model.collapse(item);
    } else {
      void model.expand(item);
    }
  }

  private _onFocus(event: FocusEvent): void {
    const index = this._at(event);
    if (index !== null) {
      this._activate(index);
      this._options.look(this._items[index]);
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const index = this._at(event);
    if (index === null || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const item = this._items[index];
    const last = this._items.length - 1;
    const go = (to: number): void => {
      this._activate(Math.max(0, Math.min(last, to)));
      this._rows[this._active].focus();
    };
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(index + 1),
      ArrowUp: () => go(index - 1),
      Home: () => go(0),
      End: () => go(last),
      ArrowRight: () => (item.expanded ? go(index + 1) : this._toggle(item)),
      ArrowLeft: () => (item.expanded ? this._toggle(item) : go(this._parentOf(index))),
      Enter: () => this._options.open(item),
      ' ': () => this._options.open(item)
    };
    const run = keys[event.key];
    if (run) {
      event.preventDefault();
      run();
    }
  }

  private _parentOf(index: number): number {
    let at = index - 1;
    while (at >= 0 && this._items[at].level >= this._items[index].level) {
      at--;
    }
    return at < 0 ? index : at;
  }

  private readonly _tree = document.createElement('div');
  private readonly _note = document.createElement('p');
  private _more: readonly HTMLElement[] = [];
  private _items: readonly ITreeItem[] = [];
  private _rows: readonly HTMLElement[] = [];
  private _active = 0;
  private _scroll = 0;
}

/** What an entry is, in a word or two. */
export function kindText({ type, array, node }: ITreeItem, trans: TranslationBundle): string {
  switch (type) {
    case 'array':
      return array ? `${array.dtype} ${array.shape.join(' × ')}` : trans.__('array');
    case 'group':
      return trans.__('group');
    case 'ome':
      return { image: trans.__('image'), plate: trans.__('plate'), well: trans.__('well'), collection: trans.__('collection'), group: trans.__('group') }[node?.kind ?? 'image'];
    default:
      return '';
  }
}
