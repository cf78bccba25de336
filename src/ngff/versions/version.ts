import type { Said } from '../../core';

/** A JSON object of metadata; untrusted. */
export type Json = Readonly<Record<string, unknown>>;

/** Axes of an image and what leads all its levels alike into the world. */
export interface IFrame {
  /** As listed; `undefined` where the version has none or they are missing. */
  readonly axes: readonly unknown[] | undefined;
  /** Coordinate transformations of all levels, applied after their own. */
  readonly whole: unknown;
  /** Things to be said about it. */
  readonly notices: readonly Said[];
}

/**
 * One version of OME-Zarr: where it keeps things and which rules hold. A new version is a file with one of these and a
 * line in the table.
 */
export interface IVersion {
  /** Name of its folder of schemas. */
  readonly id: string;
  /** Its names in metadata, those of development included. */
  readonly names: RegExp;
  readonly zarrFormat: 2 | 3;
  /** The attribute that holds everything else; '' where it stands at the top. */
  readonly namespace: '' | 'ome';
  /** Where the version stands: in every multiscale, plate and well by itself, or once for the group. */
  readonly versionIn: 'parts' | 'group';
  /** Between the numbers of a chunk's key, as its writers do it. */
  readonly separator: '.' | '/';
  /** There are five axes in the order t, c, z, y, x, which no metadata names. */
  readonly fixedAxes: boolean;
  /** Multiscales of a group, as far as they are there; `undefined` where this version keeps none. */
  multiscales(values: Json): unknown;
  /** Levels of a multiscale, finest first. */
  levels(multiscale: Json): unknown;
  /** Whether a multiscale is written in the words of this version. */
  recognises(multiscale: Json): boolean;
  frame(multiscale: Json): IFrame;
  /** Headings of the specification under which the rules for a part stand, where they are not the usual ones. */
  readonly headings: Readonly<Partial<Record<Part, string>>>;
}

/** Parts of the metadata that rules are about. */
export type Part =
  | 'axes'
  | 'bioformats2raw.layout'
  | 'coordinateTransformations'
  | 'image-label'
  | 'labels'
  | 'multiscales'
  | 'omero'
  | 'plate'
  | 'scene'
  | 'series'
  | 'version'
  | 'well';

/** A JSON object, or an empty one. */
export function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}; // checked
}

/** What has not changed from 0.1 to 0.5. */
export const STEADY = {
  multiscales: (values: Json) => values.multiscales,
  levels: (multiscale: Json) => multiscale.datasets,
  recognises: (multiscale: Json) => Array.isArray(multiscale.datasets),
  frame: plainFrame
} as const;

/** As it was in Zarr v2: everything at the top, the version in every part. */
export const IN_ZARR_2 = {
  ...STEADY,
  zarrFormat: 2,
  namespace: '',
  versionIn: 'parts',
  separator: '/',
  fixedAxes: false
} as const;

/** Headings of the specifications before 0.4, which have none for these parts. */
export const EARLY_HEADINGS = {
  axes: '"multiscales" metadata',
  coordinateTransformations: '"multiscales" metadata',
  'bioformats2raw.layout': 'Images'
} as const;

/** `axes` and `coordinateTransformations` of the multiscale itself, as from 0.3 to 0.5. */
export function plainFrame(multiscale: Json): IFrame {
  return {
    axes: Array.isArray(multiscale.axes) ? (multiscale.axes as readonly unknown[]) : undefined, // checked
    whole: multiscale.coordinateTransformations,
    notices: []
  };
}
