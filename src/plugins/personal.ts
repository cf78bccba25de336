import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { PartialJSONValue } from '@lumino/coreutils';

/** Plugin whose settings hold what belongs to a person: it has the schema. */
const PLUGIN = 'jupyterlab-bioimage:browser';

/** Lists that are kept there. */
export type PersonalList = 'favourites' | 'recent';

/**
 * What belongs to a person rather than to a workspace, kept in the settings, which a hub keeps with the home folder. Other
 * tabs and windows write it too: every change is made to what is there now, one after the other.
 */
export class Personal {
  constructor(registry: ISettingRegistry) {
    this.registry = registry;
    this.settings = registry.load(PLUGIN).catch((reason: unknown) => {
      console.warn('jupyterlab-bioimage: favourites and recent images are kept in this workspace only', reason);
      return null;
    });
  }

  /** Resolves with `false` where there are no settings to keep anything in. */
  async isKept(): Promise<boolean> {
    return (await this.settings) !== null;
  }

  /** The list as the person has it; `undefined` where it has never been kept here. */
  async list(name: PersonalList): Promise<readonly unknown[] | undefined> {
    const settings = await this.settings;
    return settings === null ? undefined : listIn(settings, name);
  }

  /** Calls back with the list whenever the settings have changed, by whomever. */
  async follow(name: PersonalList, listener: (list: readonly unknown[]) => void): Promise<void> {
    const settings = await this.settings;
    if (settings !== null) {
      const tell = (): void => listener(listIn(settings, name) ?? []);
      this.listeners.push(tell);
      // While a change is made here, the list is for a moment as it was before it.
      settings.changed.connect(() => this.isWriting || tell());
    }
  }

  /** Makes a change to the list as it is by then; `null` leaves it as it is. Never rejects. */
  change(name: PersonalList, made: (list: readonly unknown[]) => readonly unknown[] | null): Promise<void> {
    this.changing = this.changing
      .then(() => this.write(name, made))
      .catch((reason: unknown) => console.warn(`jupyterlab-bioimage: the list of ${name} is not kept`, reason));
    return this.changing;
  }

  private async write(
    name: PersonalList,
    made: (list: readonly unknown[]) => readonly unknown[] | null
  ): Promise<void> {
    if ((await this.settings) === null) {
      return;
    }
    this.isWriting = true;
    let settings: ISettingRegistry.ISettings | undefined;
    try {
      // What this page has loaded knows nothing of what another one has written since.
      settings = await this.registry.reload(PLUGIN);
      const list = made(listIn(settings, name) ?? []);
      if (list !== null) {
        await settings.set(name, JSON.parse(JSON.stringify(list)) as PartialJSONValue);
      }
    } finally {
      // The registry hands out a new one each time, and holds it until it is disposed.
      settings?.dispose();
      this.isWriting = false;
    }
    this.listeners.forEach(tell => tell());
  }

  private readonly registry: ISettingRegistry;
  private readonly settings: Promise<ISettingRegistry.ISettings | null>;
  private readonly listeners: (() => void)[] = [];
  private isWriting = false;
  private changing = Promise.resolve();
}

/** The person's own list, else one that an operator has set for everybody. */
function listIn({ user, composite }: ISettingRegistry.ISettings, name: PersonalList): readonly unknown[] | undefined {
  const [own, given] = [user[name], composite[name]];
  return Array.isArray(own) ? own : Array.isArray(given) && given.length > 0 ? given : undefined;
}

/** One for a registry: the panel and the previews change the same settings in turn. */
const made = new WeakMap<ISettingRegistry, Personal>();

/** What belongs to the person, by way of this registry; `null` without one. */
export function personalOf(registry: ISettingRegistry | null): Personal | null {
  if (registry === null) {
    return null;
  }
  let personal = made.get(registry);
  if (personal === undefined) {
    made.set(registry, (personal = new Personal(registry)));
  }
  return personal;
}
