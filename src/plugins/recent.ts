import type { IStateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';

import type { Personal } from './personal';

/** Images remembered. */
const COUNT = 20;
/** Longest address that is remembered, in UTF-16 units. */
const LENGTH = 2048;
const KEY = 'jupyterlab-bioimage:recent';
/** An address with a query or a fragment may be signed: who reads it can read the data, so that it is not kept. */
const SECRET = /^https?:[^?#]*[?#]/i;

/** Kept lists are data: anything in them that is no address is left out. */
function addressesOf(list: readonly unknown[]): string[] {
  const uris = list.filter((uri): uri is string => typeof uri === 'string' && uri !== '' && uri.length <= LENGTH);
  return [...new Set(uris)].slice(0, COUNT);
}

/**
 * The images opened lately, newest first. They belong to the person and are kept in the settings; without settings in the
 * state database of the workspace, where there is one.
 */
export class RecentImages {
  constructor(
    private readonly state: IStateDB | null,
    owner: unknown,
    private readonly personal: Personal | null = null
  ) {
    this.changed = new Signal(owner);
    void this.load();
  }

  readonly changed: Signal<unknown, void>;

  get uris(): readonly string[] {
    return this._uris;
  }

  add(uri: string): void {
    if (uri.length <= LENGTH) {
      this.set([uri, ...this._uris]);
      if (!SECRET.test(uri)) {
        void this.keep(uri);
      }
    }
  }

  private async keep(uri: string): Promise<void> {
    const kept = (list: readonly unknown[]): string[] =>
      addressesOf([uri, ...list, ...this._uris]).filter(one => !SECRET.test(one));
    if (this.personal !== null && (await this.personal.isKept())) {
      return this.personal.change('recent', kept);
    }
    try {
      await this.state?.save(KEY, kept([]));
    } catch (reason) {
      // A full or missing storage loses the list and nothing else.
      console.warn('jupyterlab-bioimage: recent images are not kept', reason);
    }
  }

  private async load(): Promise<void> {
    const own = await this.personal?.list('recent');
    // What was kept in a workspace before there were settings counts until something is opened.
    const saved: unknown = own ?? (await this.state?.fetch(KEY).catch(() => undefined));
    if (Array.isArray(saved)) {
      this.set([...this._uris, ...(saved as unknown[])]);
    }
    void this.personal?.follow('recent', list => this.set([...list, ...this._uris]));
  }

  private set(list: readonly unknown[]): void {
    const uris = addressesOf(list);
    if (uris.join('\n') !== this._uris.join('\n')) {
      this._uris = uris;
      this.changed.emit();
    }
  }

  private _uris: string[] = [];
}
