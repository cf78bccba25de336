import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { ICatalogueSource } from '../catalogue';

/** What a person has set about the sources, as schema/catalogue.json describes it. */
export interface ICatalogueSettings {
  readonly order: readonly string[];
  readonly hidden: readonly string[];
  readonly catalogues: readonly string[];
  readonly contact: string;
  /** Hours; absent where it is not set. */
  readonly cacheHours?: number;
}

const texts = (value: unknown): string[] => {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string' && one.trim() !== '') : [];
};

/** The settings from their composite; what is not as the schema says counts as not set. */
export function readCatalogueSettings(composite: ReadonlyPartialJSONObject): ICatalogueSettings {
  const { order, hidden, catalogues, contact, cacheHours } = composite;
  return {
    order: texts(order),
    hidden: texts(hidden),
    catalogues: [...new Set(texts(catalogues).map(one => one.trim()))],
    contact: typeof contact === 'string' ? contact.trim() : '',
    ...(typeof cacheHours === 'number' && cacheHours >= 0 ? { cacheHours } : {})
  };
}

/** The sources that are shown, those that are named in the order first. */
export function arranged(
  sources: readonly ICatalogueSource[],
  { order, hidden }: Pick<ICatalogueSettings, 'order' | 'hidden'>
): readonly ICatalogueSource[] {
  const place = ({ id }: ICatalogueSource): number => {
    const at = order.indexOf(id);
    return at < 0 ? order.length : at;
  };
  // Sorting is stable: sources that are not named keep the order they have.
  return sources.filter(({ id }) => !hidden.includes(id)).sort((a, b) => place(a) - place(b));
}
