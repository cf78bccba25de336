import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { isAbort, toBioImageError } from '../../core';
import type { BioImageError } from '../../core';
import { openNode } from '../../ngff';
import type { IArray, IGroup, INode } from '../../ngff';
import { below } from '../../stores';
import type { IReadableStore } from '../../stores';

/** What one page of a listing tells. */
export interface IListed {
  readonly names: readonly string[];
  readonly cursor?: string;
}

/** Names of what lies directly below a key relative to the group; chunks and documents left out. */
export type ListBelow = (path: string, cursor: string | undefined, signal: AbortSignal) => Promise<IListed>;

/** One entry of the tree. */
export interface ITreeItem {
  /** Key relative to the group; '' is the group itself. */
  readonly path: string;
  readonly name: string;
  /** From 1. */
  readonly level: number;
  /** What it is; `undefined` until that has been looked up. */
  type?: 'group' | 'array' | 'ome';
  array?: IArray;
  node?: INode;
  /** Why it could not be looked up or listed. */
  error?: BioImageError;
  expanded: boolean;
  /** `undefined` until they have been listed. */
  children?: ITreeItem[];
  /** There is more to list. */
  cursor?: string;
  busy: boolean;
}

/** What lies in a group: looked up and listed as it is asked for. */
export class TreeModel {
  constructor(
    group: IGroup,
    private readonly _store: IReadableStore,
    private readonly _list: ListBelow | null
  ) {
    this.root = { path: '', name: group.name, level: 0, type: 'group', node: group, expanded: true, busy: false };
    if (group.members) {
      this.root.children = membersOf(group.members);
      this._isComplete = true;
    }
  }

  readonly root: ITreeItem;

  /** Nothing tells what lies in the group. */
  get unlisted(): boolean {
    return !this._isComplete && this._list === null;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The entries that are in sight, in their order. */
  get shown(): readonly ITreeItem[] {
    const walk = (item: ITreeItem): ITreeItem[] => [item, ...(item.expanded ? (item.children ?? []).flatMap(walk) : [])];
    return (this.root.children ?? []).flatMap(walk);
  }

  /** Whether an entry can be expanded: a bare array cannot. */
  canExpand(item: ITreeItem): boolean {
    return item.type !== 'array' && !(this._isComplete && item.children?.length === 0) && !this.unlisted;
  }

  async expand(item: ITreeItem): Promise<void> {
    await this.look(item);
    if (!this.canExpand(item)) {
      return;
    }
    item.expanded = true;
    if (item.children === undefined) {
      await this.more(item);
    }
    this._changed.emit();
  }

  collapse(item: ITreeItem): void {
    item.expanded = false;
    this._changed.emit();
  }

  /** Lists the next page below an entry. */
  async more(item: ITreeItem): Promise<void> {
    if (!this._list || item.busy) {
      return;
    }
    const list = this._list;
    await this._run(item, async signal => {
      const { names, cursor } = await list(item.path, item.cursor, signal);
      const known = new Set((item.children ?? []).map(({ name }) => name));
      const fresh = names.filter(name => !known.has(name)).map(name => itemOf(item, name));
      item.children = [...(item.children ?? []), ...fresh];
      item.cursor = cursor;
    });
  }

  /** Finds out what an entry is, once. */
  async look(item: ITreeItem): Promise<void> {
    if (item.node || item.error || (item.type === 'array' && item.array)) {
      return;
    }
    await this._run(item, async signal => {
      const node = await openNode(below(this._store, item.path), signal, { speculate: false });
      item.node = node;
      const isBare = node.kind === 'image' && node.version === '' && node.zarrFormat !== 0;
      item.type = node.kind === 'group' ? 'group' : isBare ? 'array' : 'ome';
      item.array = node.kind === 'image' && isBare ? node.levels[0].array : undefined;
    });
  }

  dispose(): void {
    this._ending.abort();
    Signal.clearData(this);
  }

  private async _run(item: ITreeItem, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    item.busy = true;
    item.error = undefined;
    this._changed.emit();
    try {
      await work(this._ending.signal);
    } catch (error) {
      if (this._ending.signal.aborted || isAbort(error)) {
        return;
      }
      item.error = toBioImageError(error);
    } finally {
      item.busy = false;
    }
    this._changed.emit();
  }

  private _isComplete = false;
  private readonly _ending = new AbortController();
  private readonly _changed = new Signal<this, void>(this);
}

function itemOf(parent: ITreeItem, name: string): ITreeItem {
  const path = parent.path === '' ? name : `${parent.path}/${name}`;
  return { path, name, level: parent.level + 1, expanded: false, busy: false };
}

/** The tree of a flat list of keys; groups that only the keys of their members name are there too. */
function membersOf(members: NonNullable<IGroup['members']>): ITreeItem[] {
  const root: ITreeItem = { path: '', name: '', level: 0, expanded: true, children: [], busy: false };
  const known = new Map<string, ITreeItem>([['', root]]);
  const at = (path: string): ITreeItem => {
    const there = known.get(path);
    if (there) {
      return there;
    }
    const cut = path.lastIndexOf('/');
    const parent = at(cut < 0 ? '' : path.slice(0, cut));
    const item: ITreeItem = { ...itemOf(parent, path.slice(cut + 1)), children: [] };
    parent.children?.push(item);
    known.set(path, item);
    return item;
  };
  for (const { path, type, array } of members) {
    const item = at(path);
    item.type = type === 'array' ? 'array' : undefined; // a group may be an image: looked up when it is looked at
    item.array = array;
  }
  return root.children ?? [];
}
