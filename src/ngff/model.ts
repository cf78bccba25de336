import type { IArray } from './array';

/** One axis of an image, as the metadata orders them. */
export interface IAxis {
  /** At most 80 characters; `axis n` where the metadata gives none that can be used. */
  readonly name: string;
  readonly type: 'time' | 'channel' | 'space' | 'other';
  /** UDUNITS-2 name, for example `micrometer`; absent where there is none or the scale cannot be trusted. */
  readonly unit?: string;
}

/** One level of the pyramid. Lists have one entry per axis, in the image's axis order. */
export interface ILevel {
  /** Position in the image's `levels`; 0 is full resolution. */
  readonly index: number;
  /** Key of the array, relative to the image. */
  readonly path: string;
  readonly array: IArray;
  /** Physical units per pixel; pixels of level 0 where the metadata has no usable scale. */
  readonly scale: readonly number[];
  /** Physical position of the level's first pixel; 0 where none is given. */
  readonly translation: readonly number[];
  /** Size of this level's pixel in pixels of level 0; at least 1 for y and x. */
  readonly ratio: readonly number[];
  /**
   * Corner of this level's first pixel, in pixels of level 0. 0 where the levels are aligned at their corners, which is
   * meant where they differ in no translation; else translations name centres of pixels (OME-Zarr 0.4, section 3.4).
   */
  readonly offset: readonly number[];
}

/** One channel, with the hints of `omero` where they can be used. */
export interface IChannel {
  readonly index: number;
  /** At most 80 characters, different for every channel of an image. */
  readonly label: string;
  /** Six hexadecimal digits. */
  readonly color?: string;
  readonly active: boolean;
  /** Raw values; `start` < `end`, `min` ≤ `start`, `end` ≤ `max`. */
  readonly window?: { readonly min: number; readonly max: number; readonly start: number; readonly end: number };
}

/** A multiscale image, a label image or a bare array, of any OME-Zarr version. */
export interface IImage {
  readonly kind: 'image';
  /** OME-Zarr version; '' for a bare array. */
  readonly version: string;
  readonly zarrFormat: 2 | 3;
  /** Key of the image, relative to the store's root; always '' today, for a store is rooted at its image. */
  readonly path: string;
  readonly name: string;
  readonly axes: readonly IAxis[];
  /** Positions of the axes that have a meaning to a viewer. */
  readonly at: {
    readonly t?: number;
    readonly c?: number;
    readonly z?: number;
    readonly y: number;
    readonly x: number;
  };
  /** Finest first, at least one. */
  readonly levels: readonly ILevel[];
  /** At least one, also where there is no channel axis; at most 32 have hints, the rest are numbered. */
  readonly channels: readonly IChannel[];
  /** Plane to show first, in pixels of level 0. */
  readonly defaults: { readonly t: number; readonly z: number };
  readonly hasOmero: boolean;
  /** What was repaired, guessed or left out, one sentence each. */
  readonly notices: readonly string[];
  readonly imageLabel: boolean;
}

/** A plate of wells; row and column count from 0. */
export interface IPlate {
  readonly kind: 'plate';
  readonly version: string;
  readonly path: string;
  readonly name: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly wells: readonly {
    readonly name: string;
    readonly path: string;
    readonly row: number;
    readonly column: number;
  }[];
  readonly notices: readonly string[];
}

/** One well and its fields of view. */
export interface IWell {
  readonly kind: 'well';
  readonly version: string;
  readonly path: string;
  readonly name: string;
  readonly fields: readonly { readonly path: string; readonly acquisition?: number }[];
  readonly notices: readonly string[];
}

/** Several images in one folder: a bioformats2raw layout or a group of labels. */
export interface ICollection {
  readonly kind: 'collection';
  readonly version: string;
  readonly path: string;
  readonly name: string;
  /** Keys of the images, relative to the collection. */
  readonly series: readonly string[];
  readonly notices: readonly string[];
}

/** What a place in a store can be. */
export type INode = IImage | IPlate | IWell | ICollection;

/** Shortens a text from metadata for display; `limit` in characters. */
export function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
