import type { Said } from '../../core';
import type { IPlate, IWell } from '../../ngff';

/** How far one cell is. */
export type CellState = 'waiting' | 'picture' | 'absent' | 'failed';

/** A picture that can be drawn on a canvas. */
export type Picture = ImageBitmap | HTMLCanvasElement | OffscreenCanvas;

/** One well of a plate, or one field of a well. */
export interface ICell {
  readonly row: number;
  readonly column: number;
  /** As it is called: `A1`; for a field what the caller names it. */
  readonly name: string;
  /** Key relative to what the board is of. */
  readonly path: string;
  /** Position of a field in its well. */
  readonly field?: number;
  /** What the metadata say of it besides. */
  readonly conditions: readonly (readonly [string, string])[];
  state: CellState;
  /** Fields of a well, once known. */
  fields?: number;
  /** Why it failed, or why parts of its picture are marked. */
  message?: Said;
  picture?: Picture;
}

/** Cells in rows and columns. Places without a cell are gaps. */
export interface IBoard {
  /** Names of rows and columns; empty where they have none. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly rowCount: number;
  readonly columnCount: number;
  /** By row, then column. */
  readonly cells: readonly ICell[];
}

/** The wells of a plate where they are on it; of two in one place the first counts. */
export function plateBoard(plate: IPlate): IBoard {
  const cells = new Map<string, ICell>();
  for (const { name, path, row, column, conditions } of plate.wells) {
    const key = `${row}/${column}`;
    if (!cells.has(key)) {
      cells.set(key, { row, column, name, path, conditions, state: 'waiting' });
    }
  }
  return {
    rows: plate.rows,
    columns: plate.columns,
    rowCount: plate.rows.length,
    columnCount: plate.columns.length,
    cells: [...cells.values()].sort((a, b) => a.row - b.row || a.column - b.column)
  };
}

/** The fields of a well, in rows of nearly as many as there are rows; `named` names the one at a position. */
export function wellBoard(well: IWell, named: (index: number) => string, acquisition?: number): IBoard {
  const fields = well.fields
    .map((field, index) => ({ ...field, index }))
    .filter(field => acquisition === undefined || field.acquisition === acquisition);
  const columnCount = Math.max(1, Math.ceil(Math.sqrt(fields.length)));
  return {
    rows: [],
    columns: [],
    rowCount: Math.ceil(fields.length / columnCount),
    columnCount,
    cells: fields.map(({ path, index }, at) => ({
      row: Math.floor(at / columnCount),
      column: at % columnCount,
      name: named(index),
      path,
      field: index,
      conditions: [],
      state: 'waiting'
    }))
  };
}

/** Rows that Page Up and Page Down go. */
const PAGE = 5;

/**
 * Where a key leads from the cell at `from`; gaps are stepped over. `undefined` where the key means nothing here, `from` where
 * there is nothing further on.
 */
export function moveTo(board: IBoard, from: number, key: string, isWhole: boolean): number | undefined {
  const { cells } = board;
  const at = cells[from];
  const inRow = (row: number): number[] => cells.flatMap((cell, index) => (cell.row === row ? [index] : []));
  switch (key) {
    case 'ArrowRight':
      return cells[from + 1]?.row === at.row ? from + 1 : from;
    case 'ArrowLeft':
      return cells[from - 1]?.row === at.row ? from - 1 : from;
    case 'ArrowDown':
      return inColumn(board, from, 1);
    case 'ArrowUp':
      return inColumn(board, from, -1);
    case 'PageDown':
    case 'PageUp': {
      let to = from;
      for (let i = 0; i < PAGE; i++) {
        to = inColumn(board, to, key === 'PageDown' ? 1 : -1);
      }
      return to;
    }
    case 'Home':
      return isWhole ? 0 : inRow(at.row)[0];
    case 'End':
      return isWhole ? cells.length - 1 : (inRow(at.row).at(-1) ?? from);
    default:
      return undefined;
  }
}

/** The next cell of the same column upwards or downwards. */
function inColumn({ cells }: IBoard, from: number, step: 1 | -1): number {
  const { column } = cells[from];
  for (let i = from + step; i >= 0 && i < cells.length; i += step) {
    if (cells[i].column === column && cells[i].row !== cells[from].row) {
      return i;
    }
  }
  return from;
}
