import type { IPlate, IWell } from '../../../ngff';
import { moveTo, plateBoard, wellBoard } from '../cells';

/** A plate of 3 rows and 4 columns with gaps: A1 A2 A4 · B2 · C1 C4. */
const plate: IPlate = {
  kind: 'plate',
  version: '0.4',
  path: '',
  name: '',
  rows: ['A', 'B', 'C'],
  columns: ['1', '2', '3', '4'],
  wells: ['C4', 'A1', 'A2', 'A4', 'B2', 'C1', 'A1'].map(name => {
    const [row, column] = ['ABC'.indexOf(name[0]), Number(name[1]) - 1];
    return { name, path: `${name[0]}/${name[1]}`, row, column, conditions: [] };
  }),
  acquisitions: [],
  notices: []
};

describe('plateBoard', () => {
  it('has the wells in row order, each place once, and gaps where there is none', () => {
    const board = plateBoard(plate);
    expect(board.cells.map(({ name }) => name)).toEqual(['A1', 'A2', 'A4', 'B2', 'C1', 'C4']);
    expect(board).toMatchObject({ rowCount: 3, columnCount: 4 });
  });
});

describe('wellBoard', () => {
  const well = { kind: 'well', fields: [0, 1, 2, 3, 4].map(i => ({ path: String(i), acquisition: i % 2 })) } as unknown as IWell;

  it('puts fields into nearly a square', () => {
    const board = wellBoard(well, index => `field ${index + 1}`);
    expect(board).toMatchObject({ rowCount: 2, columnCount: 3, rows: [], columns: [] });
    expect(board.cells.map(({ name, row, column }) => `${name}@${row},${column}`)).toEqual([
      'field 1@0,0',
      'field 2@0,1',
      'field 3@0,2',
      'field 4@1,0',
      'field 5@1,1'
    ]);
  });

  it('keeps the position in the well where an acquisition is chosen', () => {
    expect(wellBoard(well, String, 1).cells.map(({ field }) => field)).toEqual([1, 3]);
  });
});

describe('moveTo', () => {
  const board = plateBoard(plate);
  const at = (name: string): number => board.cells.findIndex(cell => cell.name === name);
  it.each([
    ['A1', 'ArrowRight', 'A2'],
    ['A2', 'ArrowRight', 'A4'],
    ['A4', 'ArrowRight', 'A4'],
    ['A4', 'ArrowLeft', 'A2'],
    ['C1', 'ArrowLeft', 'C1'],
    ['A1', 'ArrowDown', 'C1'],
    ['A4', 'ArrowDown', 'C4'],
    ['B2', 'ArrowDown', 'B2'],
    ['B2', 'ArrowUp', 'A2'],
    ['A2', 'Home', 'A1'],
    ['A1', 'End', 'A4'],
    ['C4', 'Home', 'C1'],
    ['A1', 'PageDown', 'C1'],
    ['C4', 'PageUp', 'A4']
  ])('from %s by %s to %s', (from, key, to) => {
    expect(board.cells[moveTo(board, at(from), key, false) ?? -1]?.name).toBe(to);
  });

  it('goes to the first and the last of all', () => {
    expect(moveTo(board, at('B2'), 'Home', true)).toBe(0);
    expect(moveTo(board, at('B2'), 'End', true)).toBe(5);
  });

  it('leaves other keys alone', () => {
    expect(moveTo(board, 0, 'a', false)).toBeUndefined();
  });
});
