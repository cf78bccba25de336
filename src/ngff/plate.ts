import { asArray, asObject, asString, BioImageError } from '../core';
import type { IAttributes } from './image';
import { cut } from './model';
import type { IPlate, IWell } from './model';
import { checkDatasetPath } from './path';

/** Larger than any plate that is made (1536 wells, 3456 in a few laboratories). */
const MAX_WELLS = 10_000;

function readNames(value: unknown, where: string): string[] {
  return asArray(value, where).map((item, i) =>
    cut(asString(asObject(item, `${where}[${i}]`).name, `${where}[${i}].name`), 80)
  );
}

/** Before 0.4 a well had only its path, `<row>/<column>`. */
function place(
  well: Readonly<Record<string, unknown>>,
  path: string,
  rows: readonly string[],
  columns: readonly string[]
): [number, number] {
  const [row, column] = path.split('/');
  const given = (value: unknown, names: readonly string[], name: string): number =>
    typeof value === 'number' ? value : names.indexOf(name);
  return [
    given(well.rowIndex ?? well.row_index, rows, row),
    given(well.columnIndex ?? well.column_index, columns, column)
  ];
}

/** Reads `plate` (OME-Zarr 0.1 and later). Wells outside the grid and second wells at one place are left out with a notice. */
export function buildPlate({ values, version, notices: before }: IAttributes): IPlate {
  const plate = asObject(values.plate, 'plate');
  const notices = [...before];
  const rows = readNames(plate.rows, 'plate.rows');
  const columns = readNames(plate.columns, 'plate.columns');
  const listed = asArray(plate.wells, 'plate.wells');
  if (listed.length > MAX_WELLS) {
    throw new BioImageError(
      'TOO_LARGE',
      `Too large to preview (${listed.length} wells). Use the code snippet instead.`,
      {
        where: 'plate.wells'
      }
    );
  }
  const wells = new Map<string, IPlate['wells'][number]>();
  listed.forEach((value, i) => {
    const where = `plate.wells[${i}]`;
    const well = asObject(value, where);
    const path = checkDatasetPath(well.path, `${where}.path`);
    const [row, column] = place(well, path, rows, columns);
    const name = `${rows[row] ?? ''}${columns[column] ?? ''}`;
    if (rows[row] === undefined || columns[column] === undefined) {
      notices.push(`Well ${cut(path, 80)} is left out: it lies outside the rows and columns of the plate.`);
    } else if (wells.has(`${row}/${column}`)) {
      notices.push(`Well ${cut(path, 80)} is left out: ${name} is listed already.`);
    } else {
      wells.set(`${row}/${column}`, { name, path, row, column, conditions: [] });
    }
  });
  return {
    kind: 'plate',
    version,
    path: '',
    name: typeof plate.name === 'string' ? cut(plate.name, 200) : '',
    rows,
    columns,
    wells: [...wells.values()],
    acquisitions: [],
    notices
  };
}

/** Reads `well`: its fields in the order of the metadata. */
export function buildWell({ values, version, notices }: IAttributes): IWell {
  const well = asObject(values.well, 'well');
  const fields = asArray(well.images, 'well.images').map((value, i) => {
    const where = `well.images[${i}]`;
    const image = asObject(value, where);
    const path = checkDatasetPath(image.path, `${where}.path`);
    return typeof image.acquisition === 'number' ? { path, acquisition: image.acquisition } : { path };
  });
  return { kind: 'well', version, path: '', name: '', fields, notices };
}
