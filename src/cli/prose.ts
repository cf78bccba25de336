import { isBioImageError } from '../core';
import { checkDatasetPath, openArray } from '../ngff';
import type { IArray } from '../ngff';
import type { IReadableStore } from '../stores';
import type { IMetadata } from './judge';

type Record_ = Readonly<Record<string, unknown>>;

/** Things of one kind that are looked up in the store: enough to notice what is wrong, not a crawl. */
const MAX_LOOKED_UP = 400;
const AT_ONCE = 16;

function record(value: unknown): Record_ {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record_) : {}; // checked
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function twins(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => name !== '' && names.indexOf(name) !== i))];
}

/** A path that leaves the group is a finding and is not read. */
function inside(path: unknown, where: string, findings: string[]): string | undefined {
  try {
    return checkDatasetPath(path, where);
  } catch (error) {
    if (isBioImageError(error)) {
      findings.push(`${where} is not a path inside the group`);
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

async function lookUp(store: IReadableStore, path: string, zarrFormat: 2 | 3): Promise<IArray | string> {
  try {
    const array = await openArray(store, path);
    return array.zarrFormat === zarrFormat
      ? array
      : `array ${path} is of Zarr v${array.zarrFormat}, the group of v${zarrFormat}`;
  } catch (error) {
    if (isBioImageError(error)) {
      return error.code === 'NOT_FOUND' ? `array ${path} is not there` : `array ${path}: ${error.message}`;
    }
    throw error;
  }
}

/** OME-Zarr 0.4, section 3.4 "multiscales": order and number of axes. */
function checkAxes(axes: readonly unknown[], where: string, findings: string[]): void {
  const names = axes.map(axis => (typeof axis === 'string' ? axis : text(record(axis).name)));
  // 0.3 has names alone.
  const named = (name: string): string => (name === 't' ? 'time' : name === 'c' ? 'channel' : 'space');
  const types = axes.map((axis, i) => (typeof axis === 'string' ? named(names[i]) : text(record(axis).type)));
  for (const name of twins(names)) {
    findings.push(`${where}/axes: two axes are called ${name}`);
  }
  const order = types.map(type => (type === 'time' ? 0 : type === 'space' ? 2 : 1));
  if (types.includes('space') && order.some((rank, i) => i > 0 && rank < order[i - 1])) {
    findings.push(`${where}/axes must be in the order time, channel or custom, space`);
  }
  for (const [type, most] of [
    ['time', 1],
    ['channel', 1],
    ['space', 3]
  ] as const) {
    if (types.filter(found => found === type).length > most) {
      findings.push(`${where}/axes has more than ${most} of type ${type}`);
    }
  }
}

/** One scale, then at most one translation, each with a number per axis. */
function checkTransformations(value: unknown, rank: number, where: string, findings: string[]): void {
  const transformations = list(value).map(record);
  for (const transformation of transformations) {
    const numbers = transformation.scale ?? transformation.translation;
    if (Array.isArray(numbers) && rank > 0 && numbers.length !== rank) {
      findings.push(`${where} has ${numbers.length} numbers for ${rank} axes`);
    }
  }
  const types = transformations.map(({ type }) => text(type));
  if (types.indexOf('translation') >= 0 && types.indexOf('translation') < types.indexOf('scale')) {
    findings.push(`${where}: a translation must come after the scale`);
  }
}

function checkLevels(
  arrays: readonly IArray[],
  axes: readonly unknown[],
  where: string,
  version: string,
  findings: string[]
): void {
  const [first] = arrays;
  arrays.forEach((array, k) => {
    const rank = array.shape.length;
    if (axes.length > 0 && rank !== axes.length) {
      findings.push(`${where}: array ${array.path} has ${rank} dimensions for ${axes.length} axes`);
    }
    if (array.dtype !== first.dtype) {
      findings.push(`${where}: arrays differ in data type (${first.dtype}, ${array.dtype})`);
    }
    if (k > 0 && rank === first.shape.length && array.shape.some((size, i) => size > arrays[k - 1].shape[i])) {
      findings.push(`${where}: array ${array.path} is larger than the one before`);
    }
    const names = axes.map(axis => text(record(axis).name));
    if (array.zarrFormat === 3 && array.dimensionNames && array.dimensionNames.some((name, i) => name !== names[i])) {
      findings.push(`${where}: the dimension_names of array ${array.path} are not the axes' names`);
    }
    if (
      version !== '0.1' &&
      array.zarrFormat === 2 &&
      rank > 1 &&
      array.objectKey(array.shape.map(() => 0)).endsWith('0.0')
    ) {
      findings.push(`${where}: the chunks of array ${array.path} are not separated by "/"`);
    }
  });
}

async function checkMultiscale(
  multiscale: Record_,
  where: string,
  metadata: IMetadata,
  version: string,
  store: IReadableStore,
  findings: string[]
): Promise<IArray[]> {
  const axes = list(multiscale.axes);
  checkAxes(axes, where, findings);
  const datasets = list(multiscale.datasets).map(record);
  const paths = datasets.map(({ path }, i) => inside(path, `${where}/datasets/${i}/path`, findings));
  datasets.forEach(({ coordinateTransformations }, i) =>
    checkTransformations(
      coordinateTransformations,
      axes.length,
      `${where}/datasets/${i}/coordinateTransformations`,
      findings
    )
  );
  const found = await inGroups(
    paths.filter(path => path !== undefined),
    path => lookUp(store, path, metadata.zarrFormat)
  );
  findings.push(...found.filter(item => typeof item === 'string'));
  const arrays = found.filter(item => typeof item !== 'string');
  checkLevels(arrays, axes, where, version, findings);
  return arrays;
}

/** Section 3.7 "plate": wells lie at `<row>/<column>`, once each. */
async function checkPlate(
  plate: Record_,
  { zarrFormat }: IMetadata,
  store: IReadableStore,
  findings: string[]
): Promise<void> {
  const names = (value: unknown): string[] => list(value).map(item => text(record(item).name));
  const [rows, columns] = [names(plate.rows), names(plate.columns)];
  const wells = list(plate.wells).map(record);
  for (const path of twins(wells.map(({ path }) => text(path)))) {
    findings.push(`/plate/wells: ${path} is listed twice`);
  }
  const paths: string[] = [];
  wells.forEach((well, i) => {
    const path = inside(well.path, `/plate/wells/${i}/path`, findings);
    if (path === undefined) {
      return;
    }
    paths.push(path);
    if (typeof well.rowIndex === 'number' && `${rows[well.rowIndex]}/${columns[Number(well.columnIndex)]}` !== path) {
      findings.push(`/plate/wells/${i}: row and column do not lead to ${path}`);
    }
  });
  await checkGroups(paths, 'well', zarrFormat, store, findings);
}

async function checkGroups(
  paths: readonly string[],
  what: string,
  zarrFormat: 2 | 3,
  store: IReadableStore,
  findings: string[]
): Promise<void> {
  const there = await inGroups(paths, async path => {
    const keys = zarrFormat === 3 ? ['zarr.json'] : ['.zgroup', '.zattrs'];
    const bytes = await Promise.all(keys.map(key => store.get(`${path}/${key}`)));
    return bytes.some(found => found !== undefined);
  });
  const missing = paths.filter((_, i) => there[i] === false);
  if (missing.length > 0) {
    findings.push(
      `${what} ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''} not there`
    );
  }
}

async function checkNamed(
  value: unknown,
  what: string,
  where: string,
  metadata: IMetadata,
  store: IReadableStore,
  findings: string[]
): Promise<void> {
  const paths = list(value).map((path, i) => inside(path, `${where}/${i}`, findings));
  await checkGroups(
    paths.filter(path => path !== undefined),
    what,
    metadata.zarrFormat,
    store,
    findings
  );
}

/**
 * What the specification's prose demands beyond its schemas, and arrays and groups that are named but not there. Reads
 * only below the group. Throws what the store throws beside absence.
 */
export async function findings(metadata: IMetadata, version: string, store: IReadableStore): Promise<string[]> {
  const { values, zarrFormat } = metadata;
  const found: string[] = [];
  if (version !== '' && /^0\.[1-4]$/.test(version) !== (zarrFormat === 2)) {
    found.push(`OME-Zarr ${version} is not stored in Zarr v${zarrFormat}`);
  }
  for (const [i, item] of list(values.multiscales).entries()) {
    const arrays = await checkMultiscale(record(item), `/multiscales/${i}`, metadata, version, store, found);
    if (values['image-label'] !== undefined && arrays.some(({ dtype }) => dtype.startsWith('float'))) {
      found.push('/image-label: a label image must have whole numbers');
    }
  }
  const label = record(values['image-label']);
  for (const key of ['colors', 'properties']) {
    const marked = list(label[key]).map(item => JSON.stringify(record(item)['label-value']) ?? '');
    if (twins(marked).length > 0) {
      found.push(`/image-label/${key}: a label-value is listed twice`);
    }
  }
  if (values.plate !== undefined) {
    await checkPlate(record(values.plate), metadata, store, found);
  }
  const fields = list(record(values.well).images).map(image => record(image).path);
  await checkNamed(fields, 'field', '/well/images', metadata, store, found);
  await checkNamed(values.labels, 'label image', '/labels', metadata, store, found);
  return found;
}
