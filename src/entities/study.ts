import type { Said } from '../core';

/** A licence: the name or code people know, and its text where the archive links it. */
export interface ILicence {
  text: string;
  /** `https:` only. */
  url?: string;
}

/** What results can be filtered by, in the order the panel shows them. */
export const FACETS = [
  'source',
  'organism',
  'imaging_method',
  'year',
  'licence',
  'study_type',
  'ome_zarr',
  'dimensions',
  'file_type',
  'gene',
  'phenotype',
  'compound',
  'antibody',
  'sirna',
  'cell_line'
] as const;

export type FacetId = (typeof FACETS)[number];

/** Values of an item or chosen by a person, per facet. Values of one facet are alternatives, facets add up. */
export type FacetValues = Partial<Record<FacetId, readonly string[]>>;

/** One facet with how many items have each value. */
export interface IFacet {
  id: FacetId;
  /** Sorted by count, then by label; `value` is what a filter is given, `label` what people read. */
  values: readonly { value: string; label: string; count: number }[];
  /** False where the counts are estimates, or values were left out. */
  exact: boolean;
}

/** One image, or something that holds images, as a catalogue lists it. */
export interface IImageRecord {
  /** Unique within its source. */
  id: string;
  /** Id of the catalogue source. */
  source: string;
  /** What opens it: https, s3, `store:<id>/<key>`, or a path in the file browser; '' where nothing does. */
  uri: string;
  /** Plain text, as the source gave it; whoever shows it cuts it. */
  title: string;
  description?: string;
  kind?: 'image' | 'plate' | 'collection' | 'folder';
  /** OME-Zarr version where it is known. */
  version?: string;
  viewable: boolean;
  /** Not viewable now, but of a format that can be converted to OME-Zarr. */
  convertible?: boolean;
  /** Why it cannot be viewed. */
  reason?: Said;
  licence?: string;
  /** The address before the storage moved, as the archive still gives it. */
  formerUri?: string;
  /** A `data:image/…` picture from the archive; without one the panel draws the smallest level. */
  thumbnail?: string;
  /** Pixels of level 0, where the archive says so. */
  size?: { x?: number; y?: number; z?: number; c?: number; t?: number };
  bytes?: number;
  /** Ending of the file name or the archive's word for the format. */
  format?: string;
  /** The study it belongs to. */
  study?: { accession: string; title?: string };
  /** Id of its dataset within the study. */
  dataset?: string;
  /** The archive's own page about it, `https:`. */
  page?: string;
  facets?: FacetValues;
}

/** A study of an archive, as a list shows it. */
export interface IStudy {
  source: string;
  accession: string;
  title: string;
  description?: string;
  /** How many images it has, where the archive says so. */
  images?: number;
  /** How many of them can be viewed; absent while that is not known. */
  viewable?: number;
  authors?: readonly string[];
  /** `YYYY-MM-DD`, or as much of it as is known. */
  released?: string;
  licence?: ILicence;
  /** A `data:image/…` picture, or the URI of an OME-Zarr whose smallest level is drawn. */
  thumbnail?: string;
  /** The archive's own page about it, `https:`. */
  page?: string;
  facets?: FacetValues;
}

export interface IAuthor {
  name: string;
  /** Sixteen digits in groups of four, without the address. */
  orcid?: string;
  affiliation?: string;
}

export interface IPublication {
  title?: string;
  doi?: string;
  pubmed?: string;
  year?: string;
}

/** A part of a study: a dataset, study component, screen or project. */
export interface IDataset {
  /** Unique within the study. */
  id: string;
  title: string;
  description?: string;
  images?: number;
  viewable?: number;
  files?: number;
  bytes?: number;
  /** False where the numbers are estimates or lower bounds. */
  exact?: boolean;
}

/** Everything the page of a study shows. */
export interface IStudyDetails extends IStudy {
  /** Plain text or simple markup from the archive: untrusted, cleaned by whoever shows it. */
  abstract?: string;
  people: readonly IAuthor[];
  /** Bare DOI, such as `10.6019/S-BIAD1`. */
  doi?: string;
  keywords: readonly string[];
  publications: readonly IPublication[];
  datasets: readonly IDataset[];
  /** Everything else worth reading, in the archive's order. */
  attributes: readonly { name: string; value: string; url?: string }[];
  /** What is shown as a table of files: how many and how large, where known. */
  files?: number;
  bytes?: number;
  /** Fields that could not be read, in words; the rest of the study is there. */
  notices: readonly Said[];
}

/** A file of a study. */
export interface IFileEntry {
  /** Relative to the study, '/'-separated; a name, never an address. */
  path: string;
  kind: 'file' | 'folder';
  bytes?: number;
  /** Where it can be fetched, `https:`. */
  uri?: string;
  dataset?: string;
  /** There where the file is an image that can be viewed. */
  image?: IImageRecord;
}

/** A question to a catalogue. */
export interface IQuery {
  text: string;
  /** Where the page before ended; opaque. */
  cursor?: string;
  /** Most items wanted on the page. */
  limit?: number;
  /** Only items with one of the values of each facet. A source ignores facets it does not list in `filters`. */
  filters?: FacetValues;
  /** Of a study's images or files: only those of this dataset. */
  dataset?: string;
}

/** A page of an answer. */
export interface IPage<T> {
  items: readonly T[];
  /** Of all pages together, where the source counts them. */
  total?: number;
  /** False where the total is an estimate or a lower bound. */
  exact?: boolean;
  /** Present where there is more. */
  cursor?: string;
  /** Counts over all pages, where the source has them. */
  facets?: readonly IFacet[];
  /** Where the answer comes from when it is not the service itself, with its age in seconds. */
  from?: { kind: 'cache' | 'recorded'; age?: number };
  /** What is missing from the answer, in words: the rest is there. */
  notices?: readonly Said[];
}

/** Something a person may have meant while typing. */
export interface ISuggestion {
  /** What the search box gets. */
  text: string;
  /** A filter instead of words, such as a gene. */
  facet?: FacetId;
  /** How many images have it. */
  count?: number;
  source: string;
}
