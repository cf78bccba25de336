/**
 * How the kernel of this session reaches an image: every way is lazy and needs no credentials. `absentIs403`: the store
 * answers 403 for objects that do not exist, such as chunks that were never written.
 */
export type SnippetAccess =
  | { kind: 'file'; /** Absolute path of the image's folder. */ path: string }
  | { kind: 'https'; /** Address of the image, percent-encoded, without a slash at the end. */ url: string; absentIs403?: boolean }
  | { kind: 's3'; endpoint: string; bucket: string; /** Key of the image, plain text. */ key: string; absentIs403?: boolean };

/** One axis of a view: an index (the axis is dropped), `[start, stop)`, a list of indices in their order, or all of it. */
export type SnippetSlice =
  | { index: number }
  | { start: number; stop: number }
  | { list: readonly number[] }
  | null;

/** What an image is packed in: a place in an archive, or one of the images of a TIFF file, counted from 0. */
export type SnippetPacking =
  | { kind: 'zip'; /** Path in the archive, '' for its root. */ inside: string }
  | {
      kind: 'tiff';
      series: number;
      /** Its colours are those of a palette. */
      palette?: boolean;
      /** The file beside it that tells of the whole set it belongs to: a TIFF file, or an OME-XML document by itself. */
      describedBy?: string;
    };

/** Everything a template may say: the image, and the part of it that is on the screen. */
export interface ISnippetInput {
  /** Address as it was given, for the comment. */
  uri: string;
  title: string;
  access: SnippetAccess;
  /** Absent for an image that is a folder; else `access` leads to the file it is packed in. */
  packing?: SnippetPacking;
  /** 0: not Zarr, a TIFF file. */
  zarrFormat: 0 | 2 | 3;
  /** OME-Zarr version. */
  version: string;
  /** Names of the axes in the array's order. */
  axes: readonly string[];
  /** Level and the path of its array below the image. */
  level: number;
  levelPath: string;
  /** Shape of that level, in the order of `axes`. */
  shape: readonly number[];
  /** One per axis, in pixels of that level. */
  slices: readonly SnippetSlice[];
  /** numpy's name of the type. */
  dtype: string;
}

/** A package that a snippet imports, and what installs it. */
export interface IPackage {
  /** Name that is imported. */
  module: string;
  /** Requirement as pip takes it. */
  install: string;
}

/**
 * A template of code: a pure function from an input to text. All text from data goes through `literal` or `comment`, and
 * stands only in variables at the top or in the comment before them.
 */
export interface ISnippetTemplate {
  readonly id: string;
  readonly label: string;
  readonly rank?: number;
  readonly language: 'python';
  /** What it imports whatever the access; the ways to reach the image add theirs. */
  readonly packages: readonly IPackage[];
  /** Whether it knows how to read such an image; where it does not say so, every folder of Zarr. */
  fits?(input: ISnippetInput): boolean;
  /** Code that leaves a lazy array named `image`, in the image's own axis order. */
  render(input: ISnippetInput): string;
}

/** Whether a template knows how to read an image: one that does not say so reads folders of Zarr only. */
export function fits(template: ISnippetTemplate, input: ISnippetInput): boolean {
  return template.fits?.(input) ?? (input.packing === undefined && input.zarrFormat !== 0);
}
