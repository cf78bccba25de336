import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

/** The settings of a person where the server keeps them. */
export interface IKeptSettings {
  user: ReadonlyPartialJSONObject;
}

/** The settings as one tab has them: what another one writes is there after a reload, or never. */
export class SettingsOfTab {
  writes = 0;
  /** Handed out and not disposed: the registry holds every one of them. */
  open = 0;

  constructor(
    private readonly server: IKeptSettings,
    private readonly failure: Error | null = null
  ) {
    this.user = server.user;
  }

  get composite(): ReadonlyPartialJSONObject {
    return { favourites: [], recent: [], ...this.user };
  }

  readonly changed = new Signal<object, void>(this);

  load(): Promise<SettingsOfTab> {
    this.open++;
    return this.failure === null ? Promise.resolve(this) : Promise.reject(this.failure);
  }

  async reload(): Promise<SettingsOfTab> {
    await this.fetch();
    this.open++;
    return this;
  }

  dispose(): void {
    this.open--;
  }

  async set(name: string, value: unknown): Promise<void> {
    this.writes++;
    this.server.user = { ...this.user, [name]: value as null };
    await this.fetch();
  }

  /** This tab's settings as the application hands them out. */
  get registry(): ISettingRegistry {
    return this as unknown as ISettingRegistry;
  }

  user: ReadonlyPartialJSONObject;

  private async fetch(): Promise<void> {
    await Promise.resolve();
    this.user = this.server.user;
    this.changed.emit();
  }
}
