import type { IDocuments } from '../stores';
import { buildBioformats, buildLabels, buildNodes, buildScene } from './collection';
import { buildImage } from './image';
import type { IAttributes } from './image';
import type { INode } from './model';
import { buildPlate, buildWell } from './plate';
import type { Json } from './versions';

/** A node, or the keys of the documents that are needed to know it. */
export type Built = { node: INode } | { missing: string[] };

/** One thing that a group with OME-Zarr metadata can be. */
export interface IKind {
  readonly id: string;
  /** The attribute that makes it one, in every version; the first of them is told. */
  readonly keys: readonly string[];
  /** The key is a common word, which counts only under the namespace of the versions that know it. */
  readonly namespaced?: true;
  /** Pure; throws BAD_METADATA naming the field, UNSUPPORTED, TOO_LARGE, NOT_FOUND. */
  build(attributes: IAttributes, documents: IDocuments): Built;
}

/**
 * Asked in this order: a plate converted by bioformats2raw is a plate, an image with a label's description is an image.
 * Groups and arrays without any of the keys are `group` and bare images, see `node`.
 */
export const KINDS: readonly IKind[] = [
  { id: 'plate', keys: ['plate'], build: attributes => ({ node: buildPlate(attributes) }) },
  { id: 'well', keys: ['well'], build: attributes => ({ node: buildWell(attributes) }) },
  { id: 'image', keys: ['multiscales', 'multiscale'], build: buildImage },
  { id: 'bioformats2raw', keys: ['bioformats2raw.layout'], build: buildBioformats },
  { id: 'labels', keys: ['labels'], build: attributes => ({ node: buildLabels(attributes) }) },
  { id: 'scene', keys: ['scene'], namespaced: true, build: attributes => ({ node: buildScene(attributes) }) },
  { id: 'collection', keys: ['collection'], namespaced: true, build: attributes => ({ node: buildNodes(attributes) }) }
];

/** The first kind whose key is there; `namespaced` where `values` stood under `ome`. */
export function kindOf(values: Json, namespaced: boolean): IKind | undefined {
  const has = (key: string): boolean => Object.hasOwn(values, key) && values[key] !== undefined;
  return KINDS.find(kind => (namespaced || !kind.namespaced) && kind.keys.some(has));
}
