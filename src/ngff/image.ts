import { asArray, asObject, BioImageError, invalid, say } from '../core';
import type { Said } from '../core';
import type { IDocuments } from '../stores';
import type { IArray } from './array';
import { namesByLength, readAxes } from './axes';
import type { IAxes } from './axes';
import { readChannels, readDefault, readOmero } from './channels';
import { readLabelInfo } from './labelinfo';
import { documentKey, placeLevels, readArrays } from './levels';
import type { IDataset } from './levels';
import { cut } from './model';
import type { IAxis, IImage } from './model';
import { checkDatasetPath } from './path';
import { asRow, bareNames, MAX_BARE_AXES, othersOf } from './planes';
import { isRgb } from './rgb';
import type { IVersion, Json } from './versions';

/** The attributes of a group, freed of the version's wrapping. */
export interface IAttributes {
  readonly zarrFormat: 2 | 3;
  /** As declared, else as guessed from the form. */
  readonly version: string;
  /** The rules it is read by. */
  readonly rules: IVersion;
  /** What stands under `ome` since 0.5, and at the top before. */
  readonly values: Json;
  /** Document and pointer of `values`, such as `zarr.json#/attributes/ome`. */
  readonly root: string;
  readonly notices: readonly Said[];
}

/** A multiscale of any version in the same words. */
export interface IMultiscale {
  readonly name: string;
  readonly axes: readonly unknown[] | undefined;
  readonly datasets: readonly IDataset[];
  /** Transformations of all levels alike. */
  readonly whole: unknown;
}

/** A viewer cannot use more levels than a 2^32 pixel wide image has. */
const MAX_LEVELS = 32;

/** Reads the first multiscale. Throws BAD_METADATA naming the field. */
export function readMultiscale({ values, rules }: IAttributes, notices: Said[]): IMultiscale {
  const list = asArray(rules.multiscales(values), 'multiscales');
  if (list.length > 1) {
    notices.push(say`Only the first of ${list.length} multiscales is shown.`);
  }
  const multiscale = asObject(list[0], 'multiscales[0]');
  const listed = asArray(rules.levels(multiscale), 'multiscales[0].datasets');
  if (listed.length === 0) {
    throw invalid('multiscales[0].datasets', say`is empty`);
  }
  if (listed.length > MAX_LEVELS) {
    notices.push(say`Only the first ${MAX_LEVELS} of ${listed.length} levels are used.`);
  }
  const datasets = listed.slice(0, MAX_LEVELS).map((value, i): IDataset => {
    const where = `multiscales[0].datasets[${i}]`;
    const dataset = asObject(value, where);
    return {
      path: checkDatasetPath(dataset.path, `${where}.path`),
      transformations: dataset.coordinateTransformations
    };
  });
  const { axes, whole, notices: said } = rules.frame(multiscale);
  notices.push(...said);
  return { name: typeof multiscale.name === 'string' ? multiscale.name : '', axes, datasets, whole };
}

/** Units without a scale that can be trusted would label a wrong scale bar. */
function withoutUnits(axes: readonly IAxis[]): IAxis[] {
  return axes.map(({ name, type }) => ({ name, type }));
}

/** Builds the image, or names the arrays' documents that are still needed. Throws BAD_METADATA, UNSUPPORTED, NOT_FOUND, TOO_LARGE. */
export function buildImage(attributes: IAttributes, documents: IDocuments): { node: IImage } | { missing: string[] } {
  const { values, version, zarrFormat } = attributes;
  const notices = [...attributes.notices];
  const multiscale = readMultiscale(attributes, notices);
  const keys = multiscale.datasets.map(({ path }) => documentKey(path, zarrFormat));
  const missing = keys.filter(key => !documents.has(key));
  if (missing.length > 0) {
    return { missing: [...new Set(missing)] };
  }
  const found = readArrays(multiscale.datasets, zarrFormat, documents, notices);
  const shape = found[0].array.shape;
  const axes = readAxes(multiscale.axes, shape.length, attributes.rules.fixedAxes, notices);
  const { levels, calibrated } = placeLevels(found, axes, multiscale.whole, notices);
  const omero = readOmero(values.omero);
  const name = multiscale.name || (typeof omero?.name === 'string' ? omero.name : '');
  const imageLabel = values['image-label'] !== undefined;
  const label = imageLabel ? readLabelInfo(values['image-label'], documents, zarrFormat, notices) : undefined;
  return {
    node: {
      kind: 'image',
      version,
      zarrFormat,
      path: '',
      name: cut(name, 200),
      axes: calibrated ? axes.axes : withoutUnits(axes.axes),
      at: axes.at,
      levels,
      calibrated,
      ...shownOf(levels[0].array, axes, omero, notices),
      hasOmero: Array.isArray(omero?.channels),
      notices,
      imageLabel,
      ...(label && { label }),
      rgb: !imageLabel && isRgb(levels[0].array, axes, omero)
    }
  };
}

/** Channels and first planes; what has to be said about them is added to `notices`. */
function shownOf(
  array: IArray,
  { axes, at }: IAxes,
  omero: Json | undefined,
  notices: Said[]
): Pick<IImage, 'channels' | 'defaults' | 'others'> {
  const size = (axis: number | undefined): number => (axis === undefined ? 1 : array.shape[axis]);
  const channels = readChannels(omero, size(at.c), notices);
  const t = readDefault(omero, 'defaultT', size(at.t), 0, notices);
  const z = readDefault(omero, 'defaultZ', size(at.z), Math.floor(size(at.z) / 2), notices);
  const others = othersOf(array, at);
  if (others.length > 0) {
    const names = others.map(({ axis }) => axes[axis].name).join(', ');
    notices.push(say`Only position 0 is shown along ${names}.`);
  }
  return { channels, defaults: { t, z }, others };
}

/** A bare array as an image of one level; axes from its `dimension_names`, else from their order and lengths. */
export function buildBareImage(stored: IArray, name: string): IImage {
  const rank = stored.shape.length;
  if (rank === 0 || rank > MAX_BARE_AXES) {
    const what = rank === 0 ? say`an array of a single value, which has no picture` : say`an array of ${rank} axes`;
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: ${what}.`, {
      where: 'shape',
      hint: say`Read it with the code snippet.`
    });
  }
  const notices = [say`This is a plain Zarr array without OME-Zarr metadata.`];
  const array = rank === 1 ? asRow(stored) : stored;
  const named = array.dimensionNames && bareNames(array.dimensionNames);
  const guessed = named ? undefined : namesByLength(array.shape);
  if (guessed) {
    notices.push(say`The axes are not named; ${guessed.join(', ')} are assumed from their lengths.`);
  }
  const axes = readAxes(named ?? guessed, array.shape.length, false, notices, MAX_BARE_AXES);
  const found = [{ dataset: { path: array.path, transformations: undefined }, array }];
  const { levels, calibrated } = placeLevels(found, axes, undefined, notices);
  return {
    kind: 'image',
    version: '',
    zarrFormat: array.zarrFormat,
    path: '',
    name: cut(name, 200),
    axes: axes.axes,
    at: axes.at,
    levels,
    calibrated,
    ...shownOf(array, axes, undefined, notices),
    hasOmero: false,
    notices,
    imageLabel: false,
    rgb: isRgb(array, axes, undefined)
  };
}
