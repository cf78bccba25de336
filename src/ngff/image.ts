import { asArray, asObject, BioImageError } from '../core';
import type { IDocuments } from '../stores';
import type { IArray } from './array';
import { readAxes } from './axes';
import { readChannels, readDefault, readOmero } from './channels';
import { documentKey, placeLevels, readArrays } from './levels';
import type { IDataset } from './levels';
import { cut } from './model';
import type { IAxis, IImage } from './model';
import { checkDatasetPath } from './path';

/** The attributes of a group, freed of the version's wrapping. */
export interface IAttributes {
  readonly zarrFormat: 2 | 3;
  /** As declared, else as guessed from the form. */
  readonly version: string;
  /** What stands under `ome` since 0.5, and at the top before. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly notices: readonly string[];
}

/** A multiscale of any version in the words of 0.4. */
export interface IMultiscale {
  readonly name: string;
  readonly axes: readonly unknown[] | undefined;
  readonly datasets: readonly IDataset[];
  /** Transformations of all levels alike. */
  readonly whole: unknown;
}

/** A viewer cannot use more levels than a 2^32 pixel wide image has. */
const MAX_LEVELS = 32;

/** 0.6 names coordinate systems; the levels lead into the one that their first transformation outputs to. */
function systemAxes(
  multiscale: Readonly<Record<string, unknown>>,
  datasets: readonly unknown[]
): readonly unknown[] | undefined {
  if (!Array.isArray(multiscale.coordinateSystems)) {
    return undefined;
  }
  const systems = multiscale.coordinateSystems.map((system, i) =>
    asObject(system, `multiscales[0].coordinateSystems[${i}]`)
  );
  const transformations =
    datasets.length > 0 ? asObject(datasets[0], 'multiscales[0].datasets[0]').coordinateTransformations : undefined;
  const output: unknown = Array.isArray(transformations)
    ? (transformations[0] as { output?: unknown } | undefined)?.output
    : undefined; // only compared
  const name = typeof output === 'object' && output !== null && 'name' in output ? output.name : output;
  const chosen = systems.find(system => system.name === name) ?? systems[0];
  return Array.isArray(chosen?.axes) ? chosen.axes : undefined;
}

/** Reads the first multiscale. Throws BAD_METADATA naming the field. */
export function readMultiscale(values: Readonly<Record<string, unknown>>, notices: string[]): IMultiscale {
  // A development version of 1.0 has one `multiscale` with `levels`.
  const list =
    values.multiscales === undefined && values.multiscale !== undefined
      ? [values.multiscale]
      : asArray(values.multiscales, 'multiscales');
  if (list.length > 1) {
    notices.push(`Only the first of ${list.length} multiscales is shown.`);
  }
  const multiscale = asObject(list[0], 'multiscales[0]');
  const listed = asArray(multiscale.datasets ?? multiscale.levels, 'multiscales[0].datasets');
  if (listed.length === 0) {
    throw new BioImageError(
      'BAD_METADATA',
      "This image's description is not valid: multiscales[0].datasets is empty.",
      {
        where: 'multiscales[0].datasets'
      }
    );
  }
  if (listed.length > MAX_LEVELS) {
    notices.push(`Only the first ${MAX_LEVELS} of ${listed.length} levels are used.`);
  }
  const datasets = listed.slice(0, MAX_LEVELS).map((value, i): IDataset => {
    const where = `multiscales[0].datasets[${i}]`;
    const dataset = asObject(value, where);
    return {
      path: checkDatasetPath(dataset.path, `${where}.path`),
      transformations: dataset.coordinateTransformations
    };
  });
  const systems = systemAxes(multiscale, listed);
  return {
    name: typeof multiscale.name === 'string' ? multiscale.name : '',
    axes: systems ?? (Array.isArray(multiscale.axes) ? multiscale.axes : undefined),
    datasets,
    // Between coordinate systems (0.6) lists lead elsewhere than to the pixels' own.
    whole: systems ? undefined : multiscale.coordinateTransformations
  };
}

/** Units without a scale that can be trusted would label a wrong scale bar. */
function withoutUnits(axes: readonly IAxis[]): IAxis[] {
  return axes.map(({ name, type }) => ({ name, type }));
}

/** Builds the image, or names the arrays' documents that are still needed. Throws BAD_METADATA, UNSUPPORTED, NOT_FOUND, TOO_LARGE. */
export function buildImage(attributes: IAttributes, documents: IDocuments): { node: IImage } | { missing: string[] } {
  const { values, version, zarrFormat } = attributes;
  const notices = [...attributes.notices];
  const multiscale = readMultiscale(values, notices);
  const keys = multiscale.datasets.map(({ path }) => documentKey(path, zarrFormat));
  const missing = keys.filter(key => !documents.has(key));
  if (missing.length > 0) {
    return { missing: [...new Set(missing)] };
  }
  const found = readArrays(multiscale.datasets, zarrFormat, documents, notices);
  const shape = found[0].array.shape;
  const axes = readAxes(multiscale.axes, shape.length, version === '0.1' || version === '0.2', notices);
  const { levels, calibrated } = placeLevels(found, axes, multiscale.whole, notices);
  const omero = readOmero(values.omero);
  const name = multiscale.name || (typeof omero?.name === 'string' ? omero.name : '');
  const { base, rest } = describe(levels[0].array, axes, omero);
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
      ...base,
      hasOmero: Array.isArray(omero?.channels),
      notices: [...notices, ...rest],
      imageLabel: values['image-label'] !== undefined,
      others: [],
      rgb: false
    }
  };
}

/** Channels and first planes, and what had to be said about them. */
function describe(
  array: IArray,
  { axes, at }: { axes: readonly IAxis[]; at: IImage['at'] },
  omero: Readonly<Record<string, unknown>> | undefined
): { base: Pick<IImage, 'channels' | 'defaults'>; rest: string[] } {
  const rest: string[] = [];
  const size = (axis: number | undefined): number => (axis === undefined ? 1 : array.shape[axis]);
  const channels = readChannels(omero, size(at.c), rest);
  const t = readDefault(omero, 'defaultT', size(at.t), 0, rest);
  const z = readDefault(omero, 'defaultZ', size(at.z), Math.floor(size(at.z) / 2), rest);
  const used = new Set(Object.values(at));
  const unused = axes.filter((_, i) => !used.has(i) && array.shape[i] > 1);
  if (unused.length > 0) {
    rest.push(`Only position 0 is shown along ${unused.map(({ name }) => name).join(', ')}.`);
  }
  return { base: { channels, defaults: { t, z } }, rest };
}

/** Photographs kept as they come from a camera: three or four colours as the last axis, which no microscope image has. */
function colourLast(shape: readonly number[]): string[] | undefined {
  const [y = 0, x = 0, c = 0] = shape;
  return shape.length === 3 && (c === 3 || c === 4) && Math.min(y, x) > 4 ? ['y', 'x', 'c'] : undefined;
}

/** A bare array as an image of one level; axes from its `dimension_names`, else the usual ones. */
export function buildBareImage(array: IArray, name: string): IImage {
  const notices = ['This is a plain Zarr array without OME-Zarr metadata.'];
  const names = array.dimensionNames?.every((axis): axis is string => axis !== null) ? array.dimensionNames : undefined;
  const axes = readAxes(names ?? colourLast(array.shape), array.shape.length, false, notices);
  const found = [{ dataset: { path: array.path, transformations: undefined }, array }];
  const { levels } = placeLevels(found, axes, undefined, notices);
  const { base, rest } = describe(array, axes, undefined);
  return {
    kind: 'image',
    version: '',
    zarrFormat: array.zarrFormat,
    path: '',
    name: cut(name, 200),
    axes: axes.axes,
    at: axes.at,
    levels,
    ...base,
    hasOmero: false,
    notices: [...notices, ...rest],
    imageLabel: false,
    others: [],
    rgb: false
  };
}
