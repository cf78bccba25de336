import type { CatalogueItem, ICatalogueSource } from '../catalogue';
import { HAS_OME_ZARR, isStudy } from '../catalogue';
import type { FacetId, FacetValues } from '../entities';
import { FACETS } from '../entities';

/** Value of the facet `ome_zarr` of what can be viewed, in every source, and here of what cannot. */
export const VIEWABLE = HAS_OME_ZARR;
const NOT_VIEWABLE = 'no';

/** Values an item has by what else is known of it, where the source gives none. */
function implied(item: CatalogueItem, facet: FacetId): readonly string[] {
  const study = isStudy(item) ? item : null;
  const image = isStudy(item) ? null : item;
  switch (facet) {
    case 'source':
      return [item.source];
    case 'year':
      return study?.released === undefined ? [] : [study.released.slice(0, 4)];
    case 'licence': {
      const licence = study === null ? image?.licence : study.licence?.text;
      return licence === undefined ? [] : [licence];
    }
    case 'ome_zarr': {
      const viewable = study === null ? image?.viewable : study.viewable === undefined ? undefined : study.viewable > 0;
      return viewable === undefined ? [] : [viewable ? VIEWABLE : NOT_VIEWABLE];
    }
    case 'file_type':
      return image?.format === undefined ? [] : [image.format];
    default:
      return [];
  }
}

/** The values of an item in a facet. */
export function valuesOf(item: CatalogueItem, facet: FacetId): readonly string[] {
  const given = item.facets?.[facet];
  return given === undefined || given.length === 0 ? implied(item, facet) : given;
}

/** The facets in which something is chosen, in their order. */
export function chosenFacets(filters: FacetValues): FacetId[] {
  return FACETS.filter(facet => (filters[facet]?.length ?? 0) > 0);
}

/** How many values are chosen. */
export function chosenCount(filters: FacetValues): number {
  return chosenFacets(filters).reduce((sum, facet) => sum + (filters[facet]?.length ?? 0), 0);
}

/** Two spellings of a value are the same when only their case differs: archives disagree on it. */
export function sameValue(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

/** Whether a value is chosen. */
export function isChosen(filters: FacetValues, facet: FacetId, value: string): boolean {
  return filters[facet]?.some(one => sameValue(one, value)) ?? false;
}

/** The filters with a value chosen or given up. */
export function withValue(filters: FacetValues, facet: FacetId, value: string, on: boolean): FacetValues {
  const others = (filters[facet] ?? []).filter(one => !sameValue(one, value));
  const chosen = { ...filters, [facet]: on ? [...others, value] : others };
  return Object.fromEntries(chosenFacets(chosen).map(one => [one, chosen[one]]));
}

/** The chosen facets that the panel has to filter by itself, because the source does not. */
export function ownFacets(source: ICatalogueSource, filters: FacetValues): FacetId[] {
  return chosenFacets(filters).filter(facet => facet !== 'source' && !(source.filters?.includes(facet) ?? false));
}

/** Whether an item has one of the chosen values in each of the facets. */
export function passes(item: CatalogueItem, filters: FacetValues, facets: readonly FacetId[]): boolean {
  return facets.every(facet => valuesOf(item, facet).some(value => isChosen(filters, facet, value)));
}
