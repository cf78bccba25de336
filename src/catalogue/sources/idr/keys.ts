import type { FacetId, FacetValues } from '../../../entities';

/**
 * Facets that images have and studies have not, and the keys of IDR's annotations for each: the first is the one that
 * people mean. The search engine knows 675 keys; these are the ones IDR's own pages search by.
 */
export const IMAGE_KEYS = {
  gene: ['Gene Symbol', 'Gene Identifier'],
  phenotype: ['Phenotype', 'Phenotype Term Name', 'Phenotype Term Accession'],
  compound: ['Compound Name'],
  antibody: ['Antibody Identifier', 'Antibody'],
  sirna: ['siRNA Identifier', 'siRNA Pool Identifier'],
  cell_line: ['Cell Line']
} as const satisfies Partial<Record<FacetId, readonly string[]>>;

export type ImageFacet = keyof typeof IMAGE_KEYS;

export const IMAGE_FACETS = Object.keys(IMAGE_KEYS) as readonly ImageFacet[];

/** Facets of the annotations of a study, and their keys. Licence and year are read from values of their own form. */
export const STUDY_KEYS = {
  organism: 'Organism',
  imaging_method: 'Imaging Method',
  study_type: 'Study Type'
} as const satisfies Partial<Record<FacetId, string>>;

/** Facets that the list of studies can be filtered by without asking again. */
export const STUDY_FACETS = ['organism', 'imaging_method', 'year', 'licence', 'study_type', 'ome_zarr'] as const;

/** The facet that a key of an image's annotations belongs to. */
export function facetOfKey(key: string): FacetId | undefined {
  return imageFacetOf(key) ?? (key === STUDY_KEYS.organism ? 'organism' : undefined);
}

/** The facet of images that a key belongs to. */
export function imageFacetOf(key: string): ImageFacet | undefined {
  return IMAGE_FACETS.find(facet => (IMAGE_KEYS[facet] as readonly string[]).includes(key));
}

/** What of the filters only the search engine can answer. */
export function imageFilters(filters: FacetValues | undefined): readonly [ImageFacet, readonly string[]][] {
  return IMAGE_FACETS.map(facet => [facet, filters?.[facet] ?? []] as [ImageFacet, readonly string[]]).filter(
    ([, values]) => values.length > 0
  );
}
