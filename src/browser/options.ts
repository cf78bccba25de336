import type { ISignal } from '@lumino/signaling';

import type { ICatalogueSource } from '../catalogue';
import type { IPanelMemory } from './memory';
import type { IAddress } from './recognise';

/** What the panel's state is made from. */
export interface IBrowserModelOptions {
  /** The registered sources in their order. */
  sources: () => readonly ICatalogueSource[];
  sourcesChanged: ISignal<unknown, void>;
  /** Adds the sources of this session to the registered ones; asked once, and again after a failure. */
  populate: () => Promise<void>;
  /** Images opened lately, newest first. */
  recent: () => readonly IAddress[];
  recentChanged: ISignal<unknown, void>;
  /** Without it nothing survives a reload. */
  memory?: IPanelMemory;
}
