import { isBioImageError, Said, say } from '../../core';
import type { IArray } from '../array';
import { checkDatasetPath } from '../path';
import { record } from '../versions';
import type { IVersion, Json } from '../versions';
import type { ILookup } from './lookup';
import { rootOf } from './metadata';
import type { IFinding, IMetadata } from './metadata';
import { segment } from './schema';

/** Things of one kind that are looked up in the store: enough to notice what is wrong, not a crawl. */
const MAX_LOOKED_UP = 400;
const AT_ONCE = 16;

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Names that occur again, each once. */
function twins(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  names.filter(name => name !== '').forEach(name => (seen.has(name) ? again : seen).add(name));
  return [...again];
}

/** What is looked at: the metadata, the rules, and where findings go. */
interface ICase {
  readonly metadata: IMetadata;
  readonly rules: IVersion | undefined;
  readonly lookup: ILookup;
  /** `where` is a pointer below the version's namespace. */
  readonly find: (where: string, what: Said) => void;
}

/** A path that leaves the group is a finding and is not read. */
function inside({ find }: ICase, path: unknown, where: string): string | undefined {
  try {
    return checkDatasetPath(path, where);
  } catch (error) {
    if (isBioImageError(error)) {
      find(where, say`is not a path inside the group`);
      return undefined;
    }
    throw error;
  }
}

async function inGroups<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < Math.min(items.length, MAX_LOOKED_UP); i += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(i, Math.min(i + AT_ONCE, MAX_LOOKED_UP)).map(run))));
  }
  return results;
}

/** OME-Zarr 0.4, "multiscales" metadata: order and number of axes. */
function checkAxes({ find }: ICase, axes: readonly unknown[], where: string): void {
  const names = axes.map(axis => (typeof axis === 'string' ? axis : text(record(axis).name)));
  // 0.3 has names alone.
  const named = (name: string): string => (name === 't' ? 'time' : name === 'c' ? 'channel' : 'space');
  const types = axes.map((axis, i) => (typeof axis === 'string' ? named(names[i]) : text(record(axis).type)));
  twins(names).forEach(name => find(where, say`must not have two axes of one name (${name})`));
  const order = types.map(type => (type === 'time' ? 0 : type === 'space' ? 2 : 1));
  if (types.includes('space') && order.some((rank, i) => i > 0 && rank < order[i - 1])) {
    find(where, say`must be in the order time, channel or custom, space`);
  }
  for (const [type, most] of [
    ['time', 1],
    ['channel', 1],
    ['space', 3]
  ] as const) {
    if (types.filter(found => found === type).length > most) {
      find(where, say`must not have more than ${most} of type ${type}`);
    }
  }
}

/** One scale, then at most one translation, each with a number per axis. */
function checkTransformations({ find }: ICase, value: unknown, rank: number, where: string): void {
  const transformations = list(value).map(record);
  transformations.forEach((transformation, i) => {
    const name = transformation.scale === undefined ? 'translation' : 'scale';
    const numbers = transformation[name];
    if (Array.isArray(numbers) && rank > 0 && numbers.length !== rank) {
      find(`${where}/${i}/${name}`, say`has ${numbers.length} numbers for ${rank} axes`);
    }
  });
  const types = transformations.map(({ type }) => text(type));
  if (types.includes('translation') && types.indexOf('translation') < types.indexOf('scale')) {
    find(where, say`must have the scale before the translation`);
  }
}

function checkLevels(
  { find, metadata, rules }: ICase,
  arrays: readonly IArray[],
  axes: readonly unknown[],
  where: string
): void {
  const names = axes.map(axis => text(record(axis).name));
  arrays.forEach((array, k) => {
    const rank = array.shape.length;
    if (axes.length > 0 && rank !== axes.length) {
      find(where, say`names array ${array.path}, which has ${rank} dimensions for ${axes.length} axes`);
    }
    if (array.dtype !== arrays[0].dtype) {
      find(where, say`names arrays that differ in data type (${arrays[0].dtype}, ${array.dtype})`);
    }
    const before = arrays.at(k - 1)?.shape ?? [];
    if (k > 0 && rank === before.length && array.shape.some((size, i) => size > before[i])) {
      find(where, say`names array ${array.path}, which is larger than the one before`);
    }
    if (array.zarrFormat === 3 && array.dimensionNames?.some((name, i) => name !== names[i])) {
      find(where, say`names array ${array.path}, whose dimension_names are not the axes' names`);
    }
    const dotted = rank > 1 && array.objectKey(array.shape.map(() => 0)).endsWith('0.0');
    if (metadata.zarrFormat === 2 && rules?.separator === '/' && dotted) {
      find(where, say`names array ${array.path}, whose chunks are not separated by "/"`);
    }
  });
}

async function checkMultiscale(one: ICase, multiscale: Json, where: string): Promise<IArray[]> {
  const listed = list(multiscale.axes);
  checkAxes(one, listed, `${where}/axes`);
  const axes = listed.length > 0 ? listed : (one.rules?.frame(multiscale).axes ?? []);
  const datasets = list(multiscale.datasets).map(record);
  const paths = datasets.map(({ path }, i) => inside(one, path, `${where}/datasets/${i}/path`));
  datasets.forEach(({ coordinateTransformations }, i) =>
    checkTransformations(
      one,
      coordinateTransformations,
      axes.length,
      `${where}/datasets/${i}/coordinateTransformations`
    )
  );
  const found = await inGroups(
    paths.flatMap((path, i) => (path === undefined ? [] : [{ path, i }])),
    async ({ path, i }) => ({ i, array: await one.lookup.array(path) })
  );
  const arrays: IArray[] = [];
  for (const { i, array } of found) {
    if (array instanceof Said) {
      one.find(`${where}/datasets/${i}/path`, say`leads nowhere: ${array}`);
    } else if (array) {
      arrays.push(array);
    }
  }
  checkLevels(one, arrays, axes, `${where}/datasets`);
  return arrays;
}

/** OME-Zarr 0.4, "plate" metadata: wells lie at `<row>/<column>`, once each. */
async function checkPlate(one: ICase, plate: Json): Promise<void> {
  const names = (value: unknown): string[] => list(value).map(item => text(record(item).name));
  const [rows, columns] = [names(plate.rows), names(plate.columns)];
  const wells = list(plate.wells).map(record);
  twins(wells.map(({ path }) => text(path))).forEach(path =>
    one.find('/plate/wells', say`must not list ${path} twice`)
  );
  const paths: string[] = [];
  wells.forEach((well, i) => {
    const path = inside(one, well.path, `/plate/wells/${i}/path`);
    if (path === undefined) {
      return;
    }
    paths.push(path);
    if (typeof well.rowIndex === 'number' && `${rows[well.rowIndex]}/${columns[Number(well.columnIndex)]}` !== path) {
      one.find(`/plate/wells/${i}`, say`has a row and a column that do not lead to ${path}`);
    }
  });
  await checkGroups(one, paths, say`well`, '/plate/wells');
}

async function checkGroups(one: ICase, paths: readonly string[], what: Said, where: string): Promise<void> {
  const there = await inGroups(paths, path => one.lookup.group(path));
  const missing = paths.filter((_, i) => there[i] === false);
  if (missing.length > 0) {
    const first = missing.slice(0, 3).join(', ');
    const more = missing.length - 3;
    one.find(
      where,
      more > 0
        ? say`leads nowhere: ${what} ${first} and ${more} more not there`
        : say`leads nowhere: ${what} ${first} not there`
    );
  }
}

async function checkNamed(one: ICase, value: unknown, what: Said, where: string, field: string): Promise<void> {
  const paths = list(value).map((path, i) => inside(one, path, `${where}/${i}${field}`));
  await checkGroups(
    one,
    paths.filter(path => path !== undefined),
    what,
    where
  );
}

/**
 * What the specification's prose demands beyond its schemas, and arrays and groups that are named but not there, as far as
 * `lookup` knows. Throws what that throws.
 */
export async function findings(metadata: IMetadata, rules: IVersion | undefined, lookup: ILookup): Promise<IFinding[]> {
  const { values, zarrFormat } = metadata;
  const found: IFinding[] = [];
  const root = rootOf(metadata);
  const one: ICase = {
    metadata,
    rules,
    lookup,
    find: (where, what) => void found.push({ pointer: root + where, text: what })
  };
  if (rules && rules.zarrFormat !== zarrFormat) {
    one.find('', say`does not fit the store: OME-Zarr ${rules.id} is not stored in Zarr v${zarrFormat}`);
  }
  for (const [i, item] of list(values.multiscales).entries()) {
    const arrays = await checkMultiscale(one, record(item), `/multiscales/${i}`);
    if (values['image-label'] !== undefined && arrays.some(({ dtype }) => dtype.startsWith('float'))) {
      one.find('/image-label', say`belongs to a label image, which must have whole numbers`);
    }
  }
  const label = record(values['image-label']);
  for (const key of ['colors', 'properties']) {
    const marked = list(label[key]).map(item => JSON.stringify(record(item)['label-value']) ?? '');
    if (twins(marked).length > 0) {
      one.find(`/image-label${segment(key)}`, say`must not have a label-value that is listed twice`);
    }
  }
  if (values.plate !== undefined) {
    await checkPlate(one, record(values.plate));
  }
  const fields = list(record(values.well).images).map(image => record(image).path);
  await checkNamed(one, fields, say`field`, '/well/images', '/path');
  await checkNamed(one, values.labels, say`label image`, '/labels', '');
  return found;
}
