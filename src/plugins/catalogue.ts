import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ICatalogueSource } from '../catalogue';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- other extensions add at start-up; only this class is bundled
import { Registry } from '../core';
import type { ICatalogueSettings } from './cataloguesettings';
import { IBioImageCatalogue, IBioImageSession } from './tokens';

const PLUGIN = 'jupyterlab-bioimage:catalogue';

/** The registered sources as the person wants them, and those of the session once somebody wants to see them. */
class Catalogue implements IBioImageCatalogue {
  constructor(
    private readonly session: IBioImageSession,
    private readonly registered: ISettingRegistry | null
  ) {
    this.registry.onChanged(() => this.arrange());
  }

  get sources(): readonly ICatalogueSource[] {
    return this.shown;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  add(source: ICatalogueSource): IDisposable {
    const added = this.registry.add(source);
    return new DisposableDelegate(() => added.dispose());
  }

  populate(): Promise<void> {
    this.populating ??= this.addBuiltIn().catch((reason: unknown) => {
      this.populating = null;
      throw reason;
    });
    return this.populating;
  }

  private async addBuiltIn(): Promise<void> {
    const [{ PROVIDERS }, { catalogueEnvironment }] = await Promise.all([
      import('../catalogue'),
      import('./catalogueenvironment'),
      this.follow()
    ]);
    const environment = catalogueEnvironment(this.session, () => this.settings?.catalogues ?? []);
    // All or none: a second try after a failure must not meet the ids of the first.
    const make = (own: boolean): Promise<readonly ICatalogueSource[][]> => {
      const wanted = PROVIDERS.filter(({ isOwn = false }) => isOwn === own);
      return Promise.all(wanted.map(async provider => [...(await provider.create(environment))]));
    };
    const [fixed, own] = await Promise.all([make(false), make(true)]);
    fixed.flat().forEach(source => this.registry.add(source));
    let added = own.flat().map(source => this.registry.add(source));
    this.remake = async () => {
      const fresh = (await make(true)).flat();
      added.forEach(one => one.dispose());
      added = fresh.map(source => this.registry.add(source));
    };
  }

  /** Reads the settings, now and whenever they change. */
  private async follow(): Promise<void> {
    if (this.registered === null || this.settings !== null) {
      return;
    }
    const [{ readCatalogueSettings, arranged }, loaded] = await Promise.all([
      import('./cataloguesettings'),
      // Without settings the sources are there as they are.
      this.registered.load(PLUGIN).catch((reason: unknown) => {
        console.warn('jupyterlab-bioimage: the settings of the catalogues could not be read', reason);
        return null;
      })
    ]);
    if (loaded === null) {
      return;
    }
    const apply = (): void => {
      const before = this.settings?.catalogues.join('\n');
      this.settings = readCatalogueSettings(loaded.composite);
      this.arrangement = sources => arranged(sources, this.settings ?? { order: [], hidden: [] });
      this.session.setManners({ contact: this.settings.contact, cacheHours: this.settings.cacheHours });
      this.arrange();
      if (before !== undefined && before !== this.settings.catalogues.join('\n')) {
        void this.remake?.();
      }
    };
    apply();
    loaded.changed.connect(apply);
  }

  private arrange(): void {
    this.shown = this.arrangement(this.registry.items);
    this._changed.emit();
  }

  private readonly registry = new Registry<ICatalogueSource>();
  private readonly _changed = new Signal<this, void>(this);
  private shown: readonly ICatalogueSource[] = [];
  private settings: ICatalogueSettings | null = null;
  private arrangement: (sources: readonly ICatalogueSource[]) => readonly ICatalogueSource[] = sources => sources;
  /** Makes the sources of the person's own catalogues anew. */
  private remake: (() => Promise<void>) | null = null;
  private populating: Promise<void> | null = null;
}

export const catalogue: JupyterFrontEndPlugin<IBioImageCatalogue> = {
  id: PLUGIN,
  description: 'The registry of sources of images and studies.',
  autoStart: true,
  requires: [IBioImageSession],
  optional: [ISettingRegistry],
  provides: IBioImageCatalogue,
  activate: (_app, session: IBioImageSession, settings: ISettingRegistry | null) => new Catalogue(session, settings)
};
