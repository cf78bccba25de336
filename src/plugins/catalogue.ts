import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ICatalogueEnvironment, ICatalogueSource } from '../catalogue';
// eslint-disable-next-line jupyter/prefer-lazy-imports -- other extensions add at start-up; only this class is bundled
import { Registry } from '../core';
import { IBioImageCatalogue, IBioImageSession } from './tokens';

/** The registered sources, and those of the session once somebody wants to see them. */
class Catalogue implements IBioImageCatalogue {
  constructor(private readonly session: IBioImageSession) {
    this.registry.onChanged(() => this._changed.emit());
  }

  get sources(): readonly ICatalogueSource[] {
    return this.registry.items;
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
    const { PROVIDERS } = await import('../catalogue');
    const environment: ICatalogueEnvironment = {
      stores: () => this.session.stores(),
      list: async (store, prefix, { cursor }, signal) => (await this.session.client()).list(store, prefix, cursor, signal),
      read: async (store, key, signal) => {
        const [{ SessionStore }, client] = await Promise.all([import('../stores'), this.session.client()]);
        return new SessionStore(client, store, '').get(key, { signal });
      },
      relay: async (service, path, options, signal) => (await this.session.client()).relay(service, path, options, signal),
      services: async () => (await this.session.catalogues()).services,
      rewrites: async () => (await this.session.catalogues()).rewrites
    };
    // All or none: a second try after a failure must not meet the ids of the first.
    const made = await Promise.all(PROVIDERS.map(provider => provider.create(environment)));
    made.flat().forEach(source => this.registry.add(source));
  }

  private readonly registry = new Registry<ICatalogueSource>();
  private readonly _changed = new Signal<this, void>(this);
  private populating: Promise<void> | null = null;
}

export const catalogue: JupyterFrontEndPlugin<IBioImageCatalogue> = {
  id: 'jupyterlab-bioimage:catalogue',
  description: 'The registry of sources of images and studies.',
  autoStart: true,
  requires: [IBioImageSession],
  provides: IBioImageCatalogue,
  activate: (_app, session: IBioImageSession) => new Catalogue(session)
};
