import type { Said } from '../core';
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
   * meant where they differ in no translation (along t and z in none of that axis); else translations name centres of pixels (OME-Zarr 0.4, section 3.4).
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
  /** 0: not Zarr (a TIFF file, whose units of storage are given as chunks). */
  readonly zarrFormat: 0 | 2 | 3;
  /** Of one file of a set: the file beside it that describes the set. */
  readonly describedBy?: string;
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
  /** Axes of a length over 1 that `at` does not name, and the position shown along each; see `withAxes` and `withPosition`. */
  readonly others: readonly { readonly axis: number; readonly index: number }[];
  /** Finest first, at least one. */
  readonly levels: readonly ILevel[];
  /** `scale` and `translation` are physical: the metadata gives a scale that can be used. */
  readonly calibrated?: boolean;
  /** At least one, also where there is no channel axis; at most 32 have hints, the rest are numbered. */
  readonly channels: readonly IChannel[];
  /** Plane to show first, in pixels of level 0. */
  readonly defaults: { readonly t: number; readonly z: number };
  readonly hasOmero: boolean;
  /** What was repaired, guessed or left out, one sentence each. */
  readonly notices: readonly Said[];
  readonly imageLabel: boolean;
  /** What `image-label` says of the ids (OME-Zarr 0.4, section 3.6); absent where it says nothing. */
  readonly label?: ILabelInfo;
  /**
   * The first three channels are red, green and blue of one picture (a fourth is alpha): by the axes and the metadata, never
   * by a length of 3 or 4 alone. Values of the whole type's range are drawn as they are.
   */
  readonly rgb: boolean;
}

/** Colours and properties of the ids of a label image. Ids are decimal text: they may be 64 bits wide, and negative. */
export interface ILabelInfo {
  /** Red, green, blue, alpha, each 0 to 255. */
  readonly colors: ReadonlyMap<string, readonly [number, number, number, number]>;
  /** Names and values as text for people. */
  readonly properties: ReadonlyMap<string, readonly (readonly [string, string])[]>;
}

/** One complaint of the specification about metadata that is shown all the same. */
export interface IComplaint {
  /** Document and RFC 6901 pointer into it, such as `zarr.json#/attributes/ome/multiscales/0/axes`. */
  readonly pointer: string;
  /** The rule in one sentence, with the paragraph where it stands. */
  readonly rule: Said;
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
    /** Further fields of the well's entry, as text: conditions, treatments, … as some writers keep them there. */
    readonly conditions: readonly (readonly [string, string])[];
  }[];
  /** In the order of the metadata; empty where the plate names none. */
  readonly acquisitions: readonly IAcquisition[];
  /** The largest number of fields of a well, where the plate says so. */
  readonly fieldCount?: number;
  readonly notices: readonly Said[];
}

/** One run of the microscope over a plate. */
export interface IAcquisition {
  readonly id: number;
  /** At most 80 characters; '' where there is none. */
  readonly name: string;
}

/** One well and its fields of view. */
export interface IWell {
  readonly kind: 'well';
  readonly version: string;
  readonly path: string;
  readonly name: string;
  readonly fields: readonly { readonly path: string; readonly acquisition?: number }[];
  readonly notices: readonly Said[];
}

/** One image of a collection. */
export interface ISeries {
  /** Key relative to the collection. */
  readonly path: string;
  /** From OME-XML or the metadata, at most 200 characters; '' where there is none. */
  readonly name: string;
  /** Pixels along x, y, z, channels, time, where the collection's own metadata tell. */
  readonly size?: {
    readonly x: number;
    readonly y: number;
    readonly z: number;
    readonly c: number;
    readonly t: number;
  };
}

/** Several images in one place: a bioformats2raw layout, a group of labels, a TIFF file of several images. */
export interface ICollection {
  readonly kind: 'collection';
  readonly version: string;
  readonly path: string;
  readonly name: string;
  readonly series: readonly ISeries[];
  readonly notices: readonly Said[];
}

/** A Zarr group that is none of the above: a tree of what lies in it. */
export interface IGroup {
  readonly kind: 'group';
  readonly version: '';
  readonly zarrFormat: 2 | 3;
  readonly path: string;
  readonly name: string;
  /** User attributes, untrusted. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What is known to lie in it, from consolidated metadata; `undefined` where it has to be listed. Keys relative to it. */
  readonly members?: readonly { readonly path: string; readonly type: 'group' | 'array'; readonly array?: IArray }[];
  readonly notices: readonly Said[];
}

/** What a place in a store can be. */
export type INode = IImage | IPlate | IWell | ICollection | IGroup;

/** Shortens a text from metadata for display; `limit` in characters. */
export function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
