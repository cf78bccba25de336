import type { CatalogueItem } from '../catalogue';
import { isStudy } from '../catalogue';

/**
 * Accessions that the archives of EMBL-EBI have in common: a study of the BioImage Archive is listed by BioStudies too, under
 * the same one. Names of other forms are each archive's own.
 */
const COMMON = /^S-[A-Z]{2,8}\d+$/i;

/** What of one source's share matters for finding the same studies in another one's. */
export interface IShare {
  readonly source: { readonly label: string };
  readonly cannot: readonly unknown[];
  /** Studies with an accession that other sources may list too, with where they stand among the rows shown. */
  readonly common: ReadonlyMap<string, number>;
}

/** Rows that stand further up already, in the share of the first source that has any of them. */
export interface ITwins {
  /** Places among the rows shown. */
  readonly places: ReadonlySet<number>;
  /** The first of the sources that list them. */
  readonly label: string;
}

/** The accession of a study that another source may list too, in one spelling. */
export function commonAccession(item: CatalogueItem): string | null {
  return isStudy(item) && COMMON.test(item.accession) ? item.accession.toUpperCase() : null;
}

/** The rows of a share that one of those before it has as well; `null` where there are none. */
export function twinsOf(share: IShare, before: readonly IShare[]): ITwins | null {
  const places = new Set<number>();
  let label: string | null = null;
  for (const other of before.filter(({ common, cannot }) => common.size > 0 && cannot.length === 0)) {
    for (const [accession, place] of share.common) {
      if (other.common.has(accession)) {
        places.add(place);
        label ??= other.source.label;
      }
    }
  }
  return label === null ? null : { places, label };
}
