import { asObject, isBioImageError, parseJson } from '../core';
import type { Said } from '../core';
import type { IDocuments } from '../stores';
import { readArray, shardBytes } from './array';
import type { IArray } from './array';
import { readAxes } from './axes';
import { readChannels, readDefault, readOmero } from './channels';
import { readMultiscale } from './image';
import type { IAttributes, IMultiscale } from './image';
import { columnNorms } from './matrix';
import type { IImage } from './model';
import { under } from './path';
import { compose } from './transform';

/** More objects than this are not guessed: the level is no overview then, and the viewer will ask for less. */
const MAX_KEYS = 16;
/** Channels of a multi-channel image that does not list them; one that is not there costs an absent object. */
const USUAL_CHANNELS = 3;
/** Shards are asked for whole, so that their index costs no round of its own; larger ones are not worth it. */
const MAX_SHARD_BYTES = 8 * 1024 * 1024;

/** Objects that may hold the coarsest level's first view. */
export interface ISpeculation {
  readonly keys: readonly string[];
  /** The plane is not known: of a stack these are others than the first view's, and better asked for last. */
  readonly vague: boolean;
}

/** Documents of arrays that are here already, of any content; `undefined` where they are not. */
export interface IKnownLevels {
  readonly first?: unknown;
  readonly coarsest?: unknown;
}

/** Where the coarsest level's objects are expected to lie. */
interface IGuess {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  objectKey(chunk: readonly number[]): string;
}

/** Consolidated metadata inside `zarr.json` (zarr-python 3). Only guesses rest on it, for the real files win. */
function consolidatedDocument(documents: IDocuments, path: string): unknown {
  const bytes = documents.get('zarr.json');
  if (!bytes) {
    return undefined;
  }
  const { consolidated_metadata: consolidated } = asObject(parseJson(bytes, 'zarr.json'), 'zarr.json');
  const entries =
    typeof consolidated === 'object' && consolidated !== null && 'metadata' in consolidated
      ? consolidated.metadata
      : undefined;
  return typeof entries === 'object' && entries !== null && Object.hasOwn(entries, path)
    ? Object.getOwnPropertyDescriptor(entries, path)?.value
    : undefined;
}

function fitsShard(array: IArray): boolean {
  return (shardBytes(array) ?? 0) <= MAX_SHARD_BYTES;
}

/** Level 0's chunks and keys at the coarsest level's place; its shape follows from the scales, else from halving y and x. */
function scaled(first: unknown, multiscale: IMultiscale, at: IImage['at']): IGuess | undefined {
  const coarsest = multiscale.datasets[multiscale.datasets.length - 1];
  const array = readArray(coarsest.path, first);
  const rank = array.shape.length;
  const ignored = new Set<Said>();
  const [fine, coarse] = [multiscale.datasets[0], coarsest].map(dataset => {
    const affine = compose(dataset.transformations, rank, ignored);
    return affine.sized ? columnNorms(affine.matrix) : undefined;
  });
  const halved = 2 ** (multiscale.datasets.length - 1);
  const ratio = array.shape.map((_, i) =>
    fine && coarse ? coarse[i] / fine[i] : i === at.y || i === at.x ? halved : 1
  );
  const shape = array.shape.map((size, i) => Math.max(1, Math.round(size / ratio[i])));
  return fitsShard({ ...array, shape }) ? { ...array, shape } : undefined;
}

/** With nothing known of any array: one chunk for the plane, keys as the version's writers make them. */
function blind(
  multiscale: IMultiscale,
  attributes: IAttributes,
  rank: number,
  channels: number,
  at: IImage['at']
): IGuess {
  const { path } = multiscale.datasets[multiscale.datasets.length - 1];
  const { separator } = attributes.rules;
  return {
    shape: Array.from({ length: rank }, (_, i) => (i === at.c ? channels : Number.MAX_SAFE_INTEGER)),
    chunks: Array.from({ length: rank }, (_, i) => (i === at.y || i === at.x ? Number.MAX_SAFE_INTEGER : 1)),
    objectKey: chunk => under(path, attributes.zarrFormat === 3 ? ['c', ...chunk].join('/') : chunk.join(separator))
  };
}

function everyChunk(guess: IGuess, at: IImage['at'], channels: readonly number[], t: number, z: number): string[] {
  const wanted = guess.shape.map((size, axis): number[] => {
    if (axis === at.y || axis === at.x) {
      const count = Math.ceil(size / guess.chunks[axis]);
      return count > MAX_KEYS ? [] : Array.from({ length: count }, (_, i) => i);
    }
    const indices = axis === at.c ? channels : [axis === at.t ? t : axis === at.z ? z : 0];
    return [...new Set(indices.map(index => Math.floor(Math.min(index, size - 1) / guess.chunks[axis])))];
  });
  const total = wanted.reduce((product, list) => product * list.length, 1);
  const chunks =
    total > MAX_KEYS
      ? []
      : wanted.reduce<number[][]>((made, list) => made.flatMap(head => list.map(index => [...head, index])), [[]]);
  return [...new Set(chunks.map(chunk => guess.objectKey(chunk)))];
}

function guess(attributes: IAttributes, documents: IDocuments, levels: IKnownLevels): ISpeculation {
  const { first } = levels;
  const multiscale = readMultiscale(attributes, []);
  const omero = readOmero(attributes.values.omero);
  const listed = Array.isArray(omero?.channels) ? omero.channels.length : USUAL_CHANNELS;
  const coarsest = multiscale.datasets[multiscale.datasets.length - 1].path;
  const entry = levels.coarsest ?? consolidatedDocument(documents, coarsest);
  const known = entry === undefined ? undefined : readArray(coarsest, entry);
  const base = first === undefined ? undefined : readArray(multiscale.datasets[0].path, first);
  const rank = base?.shape.length ?? known?.shape.length ?? multiscale.axes?.length ?? 5;
  const { at } = readAxes(multiscale.axes, rank, true, []);
  const guessed = known
    ? fitsShard(known)
      ? known
      : undefined
    : base
      ? scaled(first, multiscale, at)
      : blind(multiscale, attributes, rank, listed, at);
  if (!guessed) {
    return { keys: [], vague: false };
  }
  // The planes shown first are named on level 0; without its shape only a default in the metadata tells.
  const fine = base ?? known;
  const size = (axis: number | undefined): number =>
    axis === undefined ? 1 : (fine?.shape[axis] ?? Number.MAX_SAFE_INTEGER);
  const ratio = (axis: number | undefined): number =>
    axis === undefined || !base ? 1 : base.shape[axis] / guessed.shape[axis];
  const t = readDefault(omero, 'defaultT', size(at.t), 0, []);
  const z = readDefault(omero, 'defaultZ', size(at.z), fine ? Math.floor(size(at.z) / 2) : 0, []);
  const count = at.c === undefined ? 1 : guessed.shape[at.c];
  const channels = readChannels(omero, count, []).filter(({ active }) => active);
  const keys = everyChunk(
    guessed,
    at,
    channels.map(({ index }) => index),
    Math.floor(t / ratio(at.t)),
    Math.floor(z / ratio(at.z))
  );
  return { keys, vague: !fine && at.z !== undefined && readDefault(omero, 'defaultZ', Infinity, -1, []) < 0 };
}

/**
 * Keys of the objects that hold the coarsest level's first view: the active channels at the first plane. A wrong guess
 * costs one absent object. Metadata that cannot be read gives no guess; opening reports it.
 */
export function speculate(attributes: IAttributes, documents: IDocuments, levels: IKnownLevels): ISpeculation {
  try {
    return guess(attributes, documents, levels);
  } catch (error) {
    if (isBioImageError(error)) {
      return { keys: [], vague: false };
    }
    throw error;
  }
}
