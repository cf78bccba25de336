import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { cleanText, localised } from '../../core';
import type { IBoard, ICell } from './cells';
import { moveTo } from './cells';

/** Sizes of a cell in CSS pixels, headers and gap included. */
export const CELL = { least: 14, most: 240, header: 26, gap: 2 };
/** Device pixels of the canvas; above that pictures are drawn coarser. */
const MAX_CANVAS = 16_000_000;

/** What a board is made from. */
export interface IBoardOptions {
  board: IBoard;
  label: string;
  /** Said where there is no cell. */
  empty: string;
  trans: TranslationBundle;
  /** A cell was chosen. */
  open(cell: ICell): void;
  /** The cell that is looked at: under the pointer, or with the focus. */
  look(cell: ICell): void;
}

/**
 * Cells in rows and columns, their pictures on one canvas under them: 1,536 pictures cost one element. One cell is reached by
 * Tab, arrow keys go from cell to cell.
 */
export class CellBoard extends Widget {
  constructor(private readonly _options: IBoardOptions) {
    super();
    this.addClass('jp-BioImagePlate');
    this._board = _options.board;
    const sheet = document.createElement('div');
    sheet.className = 'jp-BioImagePlate-sheet';
    this._canvas.className = 'jp-BioImagePlate-canvas';
    this._canvas.setAttribute('aria-hidden', 'true');
    this._canvas.addEventListener('contextrestored', () => this._layOut()); // it comes back empty
    this._grid.className = 'jp-BioImagePlate-grid';
    sheet.append(this._canvas, this._grid);
    this._note.className = 'jp-BioImagePlate-empty';
    this._note.setAttribute('role', 'status');
    this.node.append(this._note, sheet);
    this._fill();
    this._grid.addEventListener('click', event => this._onClick(event));
    this._grid.addEventListener('keydown', event => this._onKey(event));
    this._grid.addEventListener('focusin', event => this._onFocus(event));
    this._grid.addEventListener('pointerover', event => this._onPointer(event));
    this.size = CELL.least;
  }

  get board(): IBoard {
    return this._board;
  }

  /** Another board in place of this one, for example of another acquisition. */
  replace(board: IBoard): void {
    this._board = board;
    this._active = 0;
    this._fill();
    this._layOut();
  }

  /** Width and height of a cell in CSS pixels. */
  get size(): number {
    return this._size;
  }

  set size(size: number) {
    const next = Math.round(Math.min(CELL.most, Math.max(CELL.least, size)));
    if (next !== this._size) {
      this._size = next;
      this._layOut();
    }
  }

  /** The largest size at which all cells are in view. */
  get fitting(): number {
    const { rowCount, columnCount } = this._board;
    const { clientWidth, clientHeight } = this.node;
    return Math.floor(Math.min((clientWidth - this._left - 8) / Math.max(1, columnCount), (clientHeight - this._top - 8) / Math.max(1, rowCount)));
  }

  /** Brings one cell up to date: its state for those who read it, its picture for those who see it. */
  updateCell(cell: ICell): void {
    const node = this._nodes[this._board.cells.indexOf(cell)];
    if (node) {
      this._describe(node, cell);
      this._draw(cell);
    }
  }

  focusCell(): void {
    this._nodes[this._active]?.focus({ preventScroll: true });
  }

  /** A widget that is taken out of the page forgets where it was scrolled to. */
  keepScroll(): void {
    this._scroll = [this.node.scrollLeft, this.node.scrollTop];
  }

  restoreScroll(): void {
    [this.node.scrollLeft, this.node.scrollTop] = this._scroll;
  }

  private get _left(): number {
    return this._board.rows.length ? CELL.header : 0;
  }

  private get _top(): number {
    return this._board.columns.length ? CELL.header : 0;
  }

  private _fill(): void {
    const { rows, columns, rowCount, columnCount, cells } = this._board;
    const { label } = this._options;
    const [headRows, headColumns] = [columns.length ? 1 : 0, rows.length ? 1 : 0];
    const grid = this._grid;
    grid.setAttribute('role', 'grid');
    grid.setAttribute('aria-label', label);
    grid.setAttribute('aria-rowcount', String(rowCount + headRows));
    grid.setAttribute('aria-colcount', String(columnCount + headColumns));
    const parts: HTMLElement[] = [];
    if (columns.length) {
      const row = rowOf(1, 'head');
      row.append(...columns.map((name, i) => headerOf('columnheader', name, i, i + headColumns + 1)));
      parts.push(row);
    }
    this._nodes = cells.map((cell, index) => this._cell(cell, index, cell.column + headColumns + 1));
    for (let r = 0; r < rowCount; r++) {
      const here = cells.flatMap((cell, index) => (cell.row === r ? [this._nodes[index]] : []));
      const row = rowOf(r + headRows + 1, 'row');
      row.style.setProperty('--jp-row', String(r));
      row.append(...(rows.length ? [headerOf('rowheader', rows[r], r, 1)] : []), ...here);
      if (row.childElementCount > 0) {
        parts.push(row); // a row of gaps only is no row for those who read it
      }
    }
    grid.replaceChildren(...parts);
    this._note.hidden = cells.length > 0;
    this._note.textContent = cells.length > 0 ? '' : this._options.empty;
  }

  private _cell(cell: ICell, index: number, column: number): HTMLElement {
    const node = document.createElement('div');
    node.className = 'jp-BioImagePlate-cell';
    node.setAttribute('role', 'gridcell');
    node.setAttribute('aria-colindex', String(column));
    node.tabIndex = index === this._active ? 0 : -1;
    node.dataset.index = String(index);
    node.style.setProperty('--jp-column', String(cell.column));
    this._describe(node, cell);
    return node;
  }

  /** A cell is called by its well; what else there is to say of it follows. */
  private _describe(node: HTMLElement, cell: ICell): void {
    const { trans } = this._options;
    const name = cleanText(cell.name);
    node.dataset.state = cell.state;
    const picture = cell.message === undefined ? name : trans.__('%1, parts could not be read', name);
    node.setAttribute('aria-label', { waiting: name, picture, absent: trans.__('%1, no image', name), failed: trans.__('%1, could not be read', name) }[cell.state]);
    node.title = tooltip(cell, trans);
  }

  private _layOut(): void {
    const { rowCount, columnCount } = this._board;
    const width = this._left + columnCount * this._size;
    const height = this._top + rowCount * this._size;
    const sheet = this._grid.parentElement!;
    for (const [name, value] of Object.entries({ cell: this._size, left: this._left, top: this._top, width, height })) {
      sheet.style.setProperty(`--jp-plate-${name}`, `${value}px`);
    }
    const ratio = Math.min(devicePixelRatio || 1, Math.sqrt(MAX_CANVAS / Math.max(1, width * height)));
    this._canvas.width = Math.max(1, Math.round(width * ratio));
    this._canvas.height = Math.max(1, Math.round(height * ratio));
    this._context = this._canvas.getContext('2d');
    this._context?.setTransform(ratio, 0, 0, ratio, 0, 0);
    this._board.cells.forEach(cell => this._draw(cell));
  }

  /** The picture as large as it fits into its cell, in the middle of it. */
  private _draw({ row, column, picture, state }: ICell): void {
    const context = this._context;
    if (!context) {
      return;
    }
    const side = this._size - CELL.gap;
    const [x, y] = [this._left + column * this._size + CELL.gap / 2, this._top + row * this._size + CELL.gap / 2];
    context.clearRect(x, y, side, side);
    if (picture && state !== 'absent') {
      const scale = side / Math.max(picture.width, picture.height, 1);
      const [width, height] = [picture.width * scale, picture.height * scale];
      context.imageSmoothingEnabled = scale < 1;
      context.drawImage(picture, x + (side - width) / 2, y + (side - height) / 2, width, height);
    }
  }

  private _at(event: Event): number | null {
    const node = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    return node ? Number(node.dataset.index) : null;
  }

  private _activate(index: number): void {
    this._nodes[this._active]?.setAttribute('tabindex', '-1');
    this._active = index;
    this._nodes[index]?.setAttribute('tabindex', '0');
  }

  private _onClick(event: MouseEvent): void {
    const index = this._at(event);
    if (index !== null) {
      this._activate(index);
      this._nodes[index].focus({ preventScroll: true });
      this._options.open(this._board.cells[index]);
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const index = this._at(event);
    if (index === null || event.altKey) {
      return;
    }
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this._options.open(this._board.cells[index]);
      return;
    }
    const to = moveTo(this._board, index, event.key, event.ctrlKey || event.metaKey);
    if (to !== undefined) {
      event.preventDefault();
      this._activate(to);
      this._nodes[to].focus(); // brings it into view
    }
  }

  private _onFocus(event: FocusEvent): void {
    const index = this._at(event);
    if (index !== null) {
      this._activate(index);
      this._options.look(this._board.cells[index]);
    }
  }

  private _onPointer(event: PointerEvent): void {
    const index = this._at(event);
    if (index !== null) {
      this._options.look(this._board.cells[index]);
    }
  }

  private _board: IBoard;
  private readonly _grid = document.createElement('div');
  private readonly _canvas = document.createElement('canvas');
  private readonly _note = document.createElement('p');
  private _context: CanvasRenderingContext2D | null = null;
  private _nodes: HTMLElement[] = [];
  private _active = 0;
  private _size = 0;
  private _scroll: readonly [number, number] = [0, 0];
}

function rowOf(index: number, name: string): HTMLElement {
  const row = document.createElement('div');
  row.className = `jp-BioImagePlate-${name}`;
  row.setAttribute('role', 'row');
  row.setAttribute('aria-rowindex', String(index));
  return row;
}

function headerOf(role: 'columnheader' | 'rowheader', name: string, at: number, column: number): HTMLElement {
  const node = document.createElement('div');
  node.className = `jp-BioImagePlate-${role}`;
  node.setAttribute('role', role);
  node.setAttribute('aria-colindex', String(column));
  node.style.setProperty('--jp-column', String(at));
  node.textContent = node.title = cleanText(name, 40);
  return node;
}

/** Everything that is known of a cell, one line each. */
export function factsOf(cell: ICell, trans: TranslationBundle): [string, string][] {
  const states = {
    waiting: trans.__('not read yet'),
    picture: cell.message ? trans.__('shown; parts could not be read: %1', localised(trans, cell.message)) : trans.__('shown'),
    absent: trans.__('no image: the plate names this well, and nothing is there'),
    failed: cell.message ? trans.__('could not be read: %1', localised(trans, cell.message)) : trans.__('could not be read')
  };
  return [
    [trans.__('State'), states[cell.state]],
    ...(cell.fields === undefined ? [] : [[trans.__('Fields'), String(cell.fields)] as [string, string]]),
    ...cell.conditions.map(([name, value]): [string, string] => [cleanText(name), cleanText(value)])
  ];
}

function tooltip(cell: ICell, trans: TranslationBundle): string {
  const facts = factsOf(cell, trans).map(([name, value]) => `${name}: ${value}`);
  return [cleanText(cell.name), ...facts].join('\n');
}
