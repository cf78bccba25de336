import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { cleanText } from '../../core';
import type { ISelection } from '../../entities';
import type { IGroup } from '../../ngff';
import { joinKey } from '../../stores';
import type { IContent, IContentOptions, IParts } from '../content';
import { TreeDetails } from './details';
import { TreeModel } from './model';
import type { ITreeItem, ListBelow } from './model';
import { TreeView } from './view';

/** An entry that the focus rests on so long (ms) is looked up. */
const REST = 150;

/** A group that is no image: the tree of what lies in it. */
export function treeContent(group: IGroup, options: IContentOptions): IContent {
  return new TreeContent(group, options);
}

class TreeContent implements IContent {
  constructor(
    group: IGroup,
    private readonly _options: IContentOptions
  ) {
    const { host, opened } = _options;
    const { trans } = host;
    this._model = new TreeModel(group, opened.store, listing(_options));
    this._tree = new TreeView({
      model: this._model,
      trans,
      label: trans.__('Members of the group %1', cleanText(group.name)).trim(),
      open: item => void this._open(item),
      look: item => this._look(item)
    });
    this._details = new TreeDetails(trans);
    this._details.showItem(this._model.root, null);
    this._model.changed.connect(this._onModel, this);
  }

  get parts(): IParts {
    return { main: this._tree, side: this._details };
  }

  /** The list is there, or why it cannot be. */
  get exact(): boolean {
    const { root } = this._model;
    return root.children !== undefined || root.error !== undefined || this._model.unlisted;
  }

  get pending(): number {
    return this._model.root.busy ? 1 : 0;
  }

  readonly damaged = 0;
  readonly failure = null;
  readonly selection: ISelection = {};
  readonly state: ISelection = {};

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._tree.isDisposed;
  }

  select(): void {
    // there is one view of a tree
  }

  start(): void {
    this._tree.restoreScroll();
    if (this._model.root.children === undefined && !this._model.unlisted) {
      void this._model.more(this._model.root);
    }
  }

  stop(): void {
    this._tree.keepScroll();
  }

  focus(): void {
    this._tree.focusItem();
  }

  dispose(): void {
    clearTimeout(this._resting);
    this._model.dispose();
    this._tree.dispose();
    this._details.dispose();
    Signal.clearData(this);
  }

  private _look(item: ITreeItem): void {
    this._looked = item;
    this._showDetails();
    clearTimeout(this._resting);
    this._resting = setTimeout(() => void this._model.look(item), REST);
  }

  /** An image, a plate or an array is opened; a group that is none is expanded. */
  private async _open(item: ITreeItem): Promise<void> {
    await this._model.look(item);
    if (item.type === 'array' || item.type === 'ome') {
      this._options.enter({ kind: 'member', path: item.path, name: item.path });
    } else if (item.expanded) {
      this._model.collapse(item);
    } else {
      await this._model.expand(item);
    }
  }

  private readonly _onModel = (): void => {
    this._showDetails();
    this._changed.emit();
  };

  private _showDetails(): void {
    const item = this._looked ?? this._model.root;
    const canOpen = item.type === 'array' || item.type === 'ome';
    this._details.showItem(item, canOpen ? () => void this._open(item) : null);
  }

  private readonly _model: TreeModel;
  private readonly _tree: TreeView;
  private readonly _details: TreeDetails;
  private readonly _changed = new Signal<this, void>(this);
  private _looked: ITreeItem | null = null;
  private _resting: ReturnType<typeof setTimeout> | undefined;
}

/** Lists by way of the session, where it reads the store. */
function listing({ opened, transport }: IContentOptions): ListBelow | null {
  const { store, key } = opened.place;
  if (opened.route !== 'session' || !store || !transport?.list) {
    return null;
  }
  return async (path, cursor, signal) => {
    const prefix = [key, path].filter(part => part !== '').reduce((base, part) => (base === '' ? part : joinKey(base, part)), '');
    const { items, cursor: next } = await transport.list!(store.id, prefix, cursor, signal);
    const names = items.filter(({ kind, broken }) => kind !== 'file' && !broken).map(({ name }) => name);
    return { names, cursor: next };
  };
}
