import type { CatalogueItem, ICatalogueSource } from '../catalogue';
import type { FacetId, FacetValues, IFacet } from '../entities';
import { FACETS } from '../entities';
import { isChosen, valuesOf } from './filters';
import type { Group } from './group';

/** A value that can be chosen. */
export interface IFacetValue {
  readonly value: string;
  readonly label: string;
  /** How many have it; absent where nobody knows. */
  readonly count?: number;
}

/** One facet over all sources. */
export interface IFacetGroup {
  readonly id: FacetId;
  /** By count, then by label; chosen ones are there even when nothing has them. */
  readonly values: readonly IFacetValue[];
  /** False where there are at least so many. */
  readonly exact: boolean;
}

/** How many of the items so far have each value; an item costs the number of its values. */
export class Tally {
  add(item: CatalogueItem): void {
    for (const facet of FACETS) {
      for (const value of valuesOf(item, facet)) {
        const counts = this.counts.get(facet) ?? new Map<string, number>();
        this.counts.set(facet, counts.set(value, (counts.get(value) ?? 0) + 1));
      }
    }
  }

  values(facet: FacetId): IFacetValue[] {
    return [...(this.counts.get(facet) ?? [])].map(([value, count]) => ({ value, label: value, count }));
  }

  private readonly counts = new Map<FacetId, Map<string, number>>();
}

type Merged = Map<string, { value: string; label: string; count?: number }>;

/** Joins counts to those that are there; spellings that differ in case are one value. */
function addTo(merged: Merged, values: readonly IFacetValue[], join = (a: number, b: number): number => a + b): void {
  for (const { value, label, count } of values) {
    const key = value.toLowerCase();
    const old = merged.get(key);
    if (old === undefined) {
      merged.set(key, { value, label, count });
    } else if (count !== undefined) {
      old.count = join(old.count ?? 0, count);
    }
  }
}

/** What one group knows of a facet: the source's own counts over everything, else those over the items that came. */
function counted(group: Group, id: FacetId): { values: readonly IFacetValue[]; exact: boolean } {
  const given: IFacet | undefined = group.facets.find(facet => facet.id === id);
  return given ?? { values: group.tally.values(id), exact: group.cursor === undefined };
}

/**
 * Adds what the groups know of a facet. Sources with accessions in common count the same studies: of these the largest count
 * is taken, and there are at least so many.
 */
function addGroups(merged: { values: Merged; exact: boolean }, groups: readonly Group[], id: FacetId): void {
  const common: Merged = new Map();
  let sharers = 0;
  for (const group of groups) {
    const { values, exact } = counted(group, id);
    merged.exact &&= exact || values.length === 0;
    if (group.common.size === 0) {
      addTo(merged.values, values);
    } else if (values.length > 0) {
      sharers++;
      const own: Merged = new Map();
      addTo(own, values);
      addTo(common, [...own.values()], Math.max);
    }
  }
  addTo(merged.values, [...common.values()]);
  merged.exact &&= sharers < 2;
}

/**
 * The facets of the results, merged over the sources. While a value of a facet is chosen, services count only what has it:
 * the other values are kept as they were before, so that an alternative can still be chosen.
 */
export class Facets {
  merge(groups: readonly Group[], filters: FacetValues, sources: readonly ICatalogueSource[]): IFacetGroup[] {
    const answered = groups.filter(({ items, cannot }) => items.length > 0 && cannot.length === 0);
    // Until somebody has answered, what there was stands: nobody loses the checkbox they are at.
    const isWaiting = answered.length === 0 && groups.some(({ status }) => status === 'loading');
    return FACETS.flatMap(id => {
      const merged = id === 'source' ? bySource(groups, sources) : { values: new Map() as Merged, exact: true };
      if (id !== 'source') {
        addGroups(merged, answered, id);
      }
      const facet = (isWaiting ? this.last.get(id) : undefined) ?? this.finish(id, merged, filters);
      this.last.set(id, facet);
      return facet.values.length === 0 ? [] : [facet];
    });
  }

  /** The same results are about to be filtered: values keep the order they have. */
  hold(): void {
    this.order = new Map([...this.last].map(([id, { values }]) => [id, values.map(({ value }) => value)]));
  }

  /** Forgets what was counted for another text. */
  clear(): void {
    this.before.clear();
    this.last.clear();
    this.order.clear();
  }

  private finish(id: FacetId, merged: { values: Merged; exact: boolean }, filters: FacetValues): IFacetGroup {
    const chosen = filters[id] ?? [];
    let { exact } = merged;
    if (chosen.length === 0) {
      this.before.set(id, [...merged.values.values()]);
    } else {
      const missing = (this.before.get(id) ?? []).filter(({ value }) => !merged.values.has(value.toLowerCase()));
      addTo(merged.values, missing);
      addTo(
        merged.values,
        chosen.filter(value => !merged.values.has(value.toLowerCase())).map(value => ({ value, label: value }))
      );
      exact &&= missing.length === 0;
    }
    return { id, values: this.sorted(id, merged.values), exact };
  }

  /** In the order that was held, then by count, then by label. */
  private sorted(id: FacetId, merged: Merged): IFacetValue[] {
    const held = new Map((this.order.get(id) ?? []).map((value, index) => [value, index]));
    const place = ({ value }: IFacetValue): number => held.get(value) ?? held.size;
    return [...merged.values()].sort(
      (a, b) => place(a) - place(b) || (b.count ?? -1) - (a.count ?? -1) || a.label.localeCompare(b.label)
    );
  }

  private readonly before = new Map<FacetId, readonly IFacetValue[]>();
  private readonly last = new Map<FacetId, IFacetGroup>();
  private order = new Map<FacetId, readonly string[]>();
}

/** Every source that could be asked, with how much it has where it was. */
function bySource(groups: readonly Group[], sources: readonly ICatalogueSource[]): { values: Merged; exact: boolean } {
  const values: Merged = new Map();
  let exact = true;
  for (const { id, label } of sources) {
    const group = groups.find(({ source }) => source.id === id);
    const known = group?.status === 'ready' && group.cannot.length === 0;
    const total = known && !group.isFiltered ? group.total : undefined;
    values.set(id.toLowerCase(), { value: id, label, count: known ? (total ?? group.shown.length) : undefined });
    exact &&= !known || (group.exact && (total !== undefined || group.cursor === undefined));
  }
  return { values, exact };
}

/** The values to show first: the most frequent ones, and all that are chosen. */
export function firstValues(group: IFacetGroup, filters: FacetValues, count: number): readonly IFacetValue[] {
  return group.values.filter(({ value }, index) => index < count || isChosen(filters, group.id, value));
}
