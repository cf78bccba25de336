import { FACETS } from '../entities';
import type { FacetId, FacetValues, IFacet, IImageRecord } from '../entities';

/** Value of the facet `ome_zarr` of whatever can be opened as OME-Zarr. */
export const HAS_OME_ZARR = 'yes';

/** Values of the facet `dimensions`, by what is more than one. An image without known sizes has none. */
export function dimensionsOf(size: IImageRecord['size'] = {}): string[] {
  const { x, y, z = 1, c = 1, t = 1 } = size;
  if (x === undefined && y === undefined) {
    return [];
  }
  return [z > 1 ? '3D' : '2D', ...(t > 1 ? ['time series'] : []), ...(c > 1 ? ['several channels'] : [])];
}

/** Facets without those that have no value; `undefined` is a value that is not known. */
export function facetValues(values: Partial<Record<FacetId, readonly (string | undefined)[]>>): FacetValues {
  const known: FacetValues = {};
  for (const [id, given] of Object.entries(values) as [FacetId, readonly (string | undefined)[]][]) {
    const list = given.filter(value => value !== undefined);
    if (list.length > 0) {
      known[id] = list.length === 1 ? list : [...new Set(list)];
    }
  }
  return known;
}

/** True where `values` has one of the wanted values of each facet in `ids`; letter case does not matter. */
export function passes(values: FacetValues = {}, wanted: FacetValues = {}, ids: readonly FacetId[] = FACETS): boolean {
  return ids.every(id => {
    const some = wanted[id]?.map(value => value.toLowerCase()) ?? [];
    return some.length === 0 || (values[id] ?? []).some(value => some.includes(value.toLowerCase()));
  });
}

/**
 * How many items have each value. An item is counted for a facet where it passes what is wanted of the *other* facets, so
 * that the numbers say what choosing one more value of this facet would add.
 */
export function countFacets(
  items: readonly { facets?: FacetValues }[],
  ids: readonly FacetId[],
  wanted: FacetValues = {}
): IFacet[] {
  return ids.flatMap(id => {
    const others = ids.filter(other => other !== id && (wanted[other] ?? []).length > 0);
    const counts = new Map<string, number>();
    for (const { facets = {} } of items) {
      if (facets[id] !== undefined && passes(facets, wanted, others)) {
        facets[id].forEach(value => counts.set(value, (counts.get(value) ?? 0) + 1));
      }
    }
    const values = [...counts]
      .map(([value, count]) => ({ value, label: value, count }))
      .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
    return values.length === 0 ? [] : [{ id, values, exact: true }];
  });
}
