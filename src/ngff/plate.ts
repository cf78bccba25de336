import { asArray, asObject, asString, BioImageError, say } from '../core';
import type { Said } from '../core';
import { readEach } from './each';
import type { IAttributes } from './image';
import { cut } from './model';
import type { IAcquisition, IPlate, IWell } from './model';
import { checkDatasetPath } from './path';
import { record } from './versions';

/** Larger than any plate that is made (1536 wells, 3456 in a few laboratories). */
const MAX_WELLS = 10_000;
/** Runs of the microscope; a menu of more cannot be used. */
const MAX_ACQUISITIONS = 1000;

/** A name that cannot be read is '': the places of the others stay, and a well may be told by its indices. */
function readNames(value: unknown, where: string, notices: Said[]): string[] {
  const list = asArray(value, where);
  if (list.length > MAX_WELLS) {
    throw new BioImageError('TOO_LARGE', say`Too large to preview (${list.length} rows or columns).`, { where });
  }
  const read = (item: unknown, i: number): string =>
    cut(asString(asObject(item, `${where}[${i}]`).name, `${where}[${i}].name`), 80);
  return readEach(list, say`names of ${where}`, notices, read).map(name => name ?? '');
}

/** Position of every name; of equal ones the first. */
function positions(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, i) => [name, i] as const).reverse());
}

/** Before 0.4 a well had only its path, `<row>/<column>`. */
function place(
  well: Readonly<Record<string, unknown>>,
  path: string,
  rows: ReadonlyMap<string, number>,
  columns: ReadonlyMap<string, number>
): [number, number] {
  const [row, column] = path.split('/');
  const given = (value: unknown, names: ReadonlyMap<string, number>, name: string): number =>
    typeof value === 'number' ? value : (names.get(name) ?? -1);
  return [
    given(well.rowIndex ?? well.row_index, rows, row),
    given(well.columnIndex ?? well.column_index, columns, column)
  ];
}

/** Fields of a well's entry that the specification knows; what else is there are conditions. */
const KNOWN_FIELDS = new Set(['path', 'rowIndex', 'columnIndex', 'row_index', 'column_index']);
/** Conditions of one well, and characters of one, that are kept. */
const MAX_CONDITIONS = 32;
const MAX_TEXT = 200;

/** A value of metadata as text for people: lists and objects as JSON. */
export function asText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return cut(text, MAX_TEXT);
}

/** Names and values of the entries of an object but those in `known`; entries of an inner `conditions` stand for themselves. */
function conditionsOf(well: Readonly<Record<string, unknown>>): [string, string][] {
  const entries = Object.entries(well).filter(([key, value]) => !KNOWN_FIELDS.has(key) && value !== null);
  const flat = entries.flatMap(([key, value]) =>
    key === 'conditions' && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value as Record<string, unknown>) // checked just above; null is filtered out
      : [[key, value] as const]
  );
  return flat.slice(0, MAX_CONDITIONS).map(([key, value]) => [cut(key, 80), asText(value)]);
}

/** `acquisitions` of a plate; an entry without a usable number is left out, for fields refer to it by that. */
function readAcquisitions(value: unknown, notices: Said[]): { runs: IAcquisition[]; most: number } {
  const listed = Array.isArray(value) ? (value as readonly unknown[]).slice(0, MAX_ACQUISITIONS) : [];
  const runs: IAcquisition[] = [];
  let most = 0;
  for (const { id, name, maximumfieldcount } of listed.map(record)) {
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || runs.some(run => run.id === id)) {
      notices.push(say`An acquisition of the plate is left out: it has no number of its own.`);
      continue;
    }
    runs.push({ id, name: typeof name === 'string' ? cut(name, 80) : '' });
    most = Math.max(most, positive(maximumfieldcount) ?? 0);
  }
  return { runs, most };
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** Reads `plate` (OME-Zarr 0.1 and later). Wells outside the grid and second wells at one place are left out with a notice. */
export function buildPlate({ values, version, notices: before }: IAttributes): IPlate {
  const plate = asObject(values.plate, 'plate');
  const notices = [...before];
  const rows = readNames(plate.rows, 'plate.rows', notices);
  const columns = readNames(plate.columns, 'plate.columns', notices);
  const [rowAt, columnAt] = [positions(rows), positions(columns)];
  const listed = asArray(plate.wells, 'plate.wells');
  if (listed.length > MAX_WELLS) {
    throw new BioImageError(
      'TOO_LARGE',
      say`Too large to preview (${listed.length} wells). Use the code snippet instead.`,
      {
        where: 'plate.wells'
      }
    );
  }
  const wells = new Map<string, IPlate['wells'][number]>();
  const read = (value: unknown, i: number): void => {
    const where = `plate.wells[${i}]`;
    const well = asObject(value, where);
    const path = checkDatasetPath(well.path, `${where}.path`);
    const [row, column] = place(well, path, rowAt, columnAt);
    const name = `${rows[row] ?? ''}${columns[column] ?? ''}`;
    if (rows[row] === undefined || columns[column] === undefined) {
      notices.push(say`Well ${cut(path, 80)} is left out: it lies outside the rows and columns of the plate.`);
    } else if (wells.has(`${row}/${column}`)) {
      notices.push(say`Well ${cut(path, 80)} is left out: ${name} is listed already.`);
    } else {
      wells.set(`${row}/${column}`, { name, path, row, column, conditions: conditionsOf(well) });
    }
  };
  readEach(listed, say`wells of the plate`, notices, read);
  const { runs, most } = readAcquisitions(plate.acquisitions, notices);
  const fieldCount = positive(plate.field_count) ?? (most > 0 ? most : undefined);
  return {
    kind: 'plate',
    version,
    path: '',
    name: typeof plate.name === 'string' ? cut(plate.name, 200) : '',
    rows,
    columns,
    wells: [...wells.values()],
    acquisitions: runs,
    ...(fieldCount !== undefined && { fieldCount }),
    notices
  };
}

type IField = IWell['fields'][number];

/** Reads `well`: its fields in the order of the metadata. */
export function buildWell({ values, version, notices: before }: IAttributes): IWell {
  const notices = [...before];
  const well = asObject(values.well, 'well');
  const fields = readEach(asArray(well.images, 'well.images'), say`fields of the well`, notices, (value, i): IField => {
    const where = `well.images[${i}]`;
    const image = asObject(value, where);
    const path = checkDatasetPath(image.path, `${where}.path`);
    return typeof image.acquisition === 'number' ? { path, acquisition: image.acquisition } : { path };
  }).filter(field => field !== null);
  return { kind: 'well', version, path: '', name: '', fields, notices };
}
