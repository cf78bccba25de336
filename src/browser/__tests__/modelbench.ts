import { Signal } from '@lumino/signaling';

import type { ICatalogueSource } from '../../catalogue';
import type { IPanelMemory } from '../memory';
import { BrowserModel } from '../model';

/** Sources that come and go. */
export class Sources {
  readonly changed = new Signal<this, void>(this);
  constructor(public list: ICatalogueSource[]) {}
}

/** A model over sources, by rank as the registry has them. */
export function modelOf(
  list: ICatalogueSource[],
  options: { populate?: () => Promise<void>; recent?: { uri: string; title: string }[]; memory?: IPanelMemory } = {}
): { model: BrowserModel; sources: Sources } {
  const sources = new Sources(list);
  const model = new BrowserModel({
    sources: () => [...sources.list].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0)),
    sourcesChanged: sources.changed,
    populate: options.populate ?? (() => Promise.resolve()),
    recent: () => options.recent ?? [],
    recentChanged: new Signal<Sources, void>(sources),
    memory: options.memory
  });
  return { model, sources };
}

/** What the rows are called, or what they are. */
export function titles(model: BrowserModel): string[] {
  return model.rows.map(row =>
    row.kind === 'item' ? row.item.title : row.kind === 'root' ? row.source.label : row.kind
  );
}

/** A memory that is a variable. */
export class MemoryOfOne implements IPanelMemory {
  saved: unknown;
  saves = 0;

  constructor(saved?: unknown) {
    this.saved = saved;
  }
  load(): Promise<unknown> {
    return Promise.resolve(this.saved);
  }
  save(state: unknown): void {
    this.saves++;
    this.saved = JSON.parse(JSON.stringify(state));
  }
}
