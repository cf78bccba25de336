/** One image, or something that holds images, as a catalogue lists it. */
export interface IImageRecord {
  /** Unique within its source. */
  id: string;
  /** Id of the catalogue source. */
  source: string;
  /** What opens it: https, s3, `store:<id>/<key>`, or a path in the file browser. */
  uri: string;
  /** Plain text, as the source gave it; whoever shows it cuts it. */
  title: string;
  description?: string;
  kind?: 'image' | 'plate' | 'collection' | 'folder';
  /** OME-Zarr version where it is known. */
  version?: string;
  viewable: boolean;
  /** Why it cannot be viewed. */
  reason?: string;
  licence?: string;
}

/** A study of an archive. */
export interface IStudy {
  source: string;
  accession: string;
  title: string;
  description?: string;
  /** How many images it has, and how many of them can be viewed. */
  images: number;
  viewable: number;
}

/** A question to a catalogue. */
export interface IQuery {
  text: string;
  /** Where the page before ended; opaque. */
  cursor?: string;
  /** Most items wanted on the page. */
  limit?: number;
}

/** A page of an answer. */
export interface IPage<T> {
  items: readonly T[];
  /** Of all pages together, where the source counts them. */
  total?: number;
  /** Present where there is more. */
  cursor?: string;
}
