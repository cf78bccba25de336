import type { IStateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';

/** Images remembered. */
const COUNT = 20;
/** Longest address that is remembered, in UTF-16 units. */
const LENGTH = 2048;
const KEY = 'jupyterlab-bioimage:recent';

/** The images opened lately, newest first, kept in the state database where there is one. */
export class RecentImages {
  constructor(
    private readonly state: IStateDB | null,
    owner: unknown
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
      this._uris = [uri, ...this._uris.filter(one => one !== uri)].slice(0, COUNT);
      this.changed.emit();
      // A full or missing storage loses the list and nothing else.
      void this.state?.save(KEY, [...this._uris]).catch((reason: unknown) => {
        console.warn('jupyterlab-bioimage: recent images are not kept', reason);
      });
    }
  }

  private async load(): Promise<void> {
    const saved: unknown = await this.state?.fetch(KEY).catch(() => undefined);
    // Saved state is data: anything in it that is no address is left out.
    if (Array.isArray(saved)) {
      const uris = saved.filter((uri): uri is string => typeof uri === 'string' && uri !== '' && uri.length <= LENGTH);
      this._uris = [...new Set([...this._uris, ...uris])].slice(0, COUNT);
      this.changed.emit();
    }
  }

  private _uris: string[] = [];
}
