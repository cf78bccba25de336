import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { BioImageError, Said } from '../../core';
import type { ISelection } from '../../entities';
import type { IAcquisition } from '../../ngff';
import type { IContent, IContentOptions, IParts } from '../content';
import { CELL, CellBoard } from './board';
import type { IBoard, ICell } from './cells';
import { PlateFoot } from './foot';
import { PictureModel } from './model';
import { PlateSide } from './side';
import type { PictureSource } from './source';
import { PlateTools } from './tools';

/** Pixels of the pictures asked for: at least so many, that a larger cell still shows something. */
const PICTURE = { least: 96, most: 256 };
/** Bytes of all pictures together, 4 per pixel. */
const MEMORY = 96 << 20;

/** What differs between a plate and a well. */
export interface IPicturesOptions {
  readonly place: IContentOptions;
  readonly board: IBoard;
  readonly source: PictureSource;
  /** For those who hear it. */
  readonly label: string;
  /** Said where there is nothing to show. */
  readonly empty: string;
  /** What is counted, in the plural: wells, fields. */
  readonly progress: (done: number, all: number) => string;
  /** Restricts the pictures to one well. */
  readonly well?: string;
  readonly acquisitions: readonly IAcquisition[];
  /** The largest number of fields of a well, where wells are shown and it is known. */
  readonly fieldCount?: number;
  /** Name and value of what is known of the whole. */
  readonly facts: readonly (readonly [string, string])[];
  readonly notices: readonly Said[];
  /** Board of another acquisition, where that changes which cells there are. */
  boardOf?(acquisition: number | undefined): IBoard;
  open(cell: ICell): void;
}

/** Pictures of wells or of fields in rows and columns: the view of a plate, and of a well of several fields. */
export class PicturesContent implements IContent {
  constructor(private readonly _options: IPicturesOptions) {
    const { place, board, source, label, empty, well } = _options;
    const { trans } = place.host;
    const choice = well === undefined && place.selection.field !== undefined ? { field: place.selection.field } : {};
    this.model = new PictureModel(board, source, well === undefined ? {} : { well }, choice);
    this._board = new CellBoard({
      board,
      label,
      empty,
      trans,
      open: cell => this._open(cell),
      look: cell => this._look(cell)
    });
    this._tools = new PlateTools(this, _options);
    this._side = new PlateSide(this, _options);
    this._foot = new PlateFoot(this, _options);
    this.model.changed.connect(this._onModel, this);
    this._resize = new ResizeObserver(() => this._fit());
    this._resize.observe(this._board.node);
  }

  readonly model: PictureModel;

  get parts(): IParts {
    return { tools: this._tools, main: this._board, side: this._side, foot: this._foot };
  }

  get exact(): boolean {
    return this.model.complete;
  }

  get damaged(): number {
    return 0;
  }

  get pending(): number {
    const [done, all] = this.model.progress;
    return this.model.error ? 0 : all - done;
  }

  /** Only where nothing at all can be shown; else it is told under the pictures. */
  get failure(): BioImageError | null {
    return this.model.known ? null : this.model.error;
  }

  get selection(): ISelection {
    return this.state;
  }

  get state(): ISelection {
    const { field } = this.model.choice;
    return field ? { field } : {};
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The cell that is looked at. */
  get looked(): ICell | null {
    return this._looked;
  }

  get lookedChanged(): ISignal<this, void> {
    return this._lookedChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get cellSize(): number {
    return this._board.size;
  }

  /** Enlarges or shrinks the cells by hand: they no longer follow the size of the view. */
  set cellSize(size: number) {
    this._isSized = true;
    this._board.size = size;
  }

  select({ field }: ISelection): void {
    if (field !== undefined && this._options.well === undefined && field !== (this.model.choice.field ?? 0)) {
      this.choose({ field });
    }
  }

  choose(choice: { field?: number; acquisition?: number }): void {
    const board = 'acquisition' in choice ? this._options.boardOf?.(choice.acquisition) : undefined;
    this.model.choose({ ...this.model.choice, ...choice }, board);
    this._board.replace(this.model.board);
    this._fit();
  }

  retry(): void {
    this.model.retry();
  }

  start(): void {
    this._fit();
    this._board.restoreScroll();
    this.model.ask(this._pictureSize());
  }

  stop(): void {
    this._board.keepScroll(); // what is being read goes on: one comes back to it
  }

  focus(): void {
    this._board.focusCell();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._resize.disconnect();
    this.model.dispose();
    [this._tools, this._side, this._foot, this._board].forEach(widget => widget.dispose());
    Signal.clearData(this);
  }

  private _open(cell: ICell): void {
    this._look(cell);
    if (cell.state !== 'absent') {
      this._options.open(cell);
    }
  }

  private _look(cell: ICell): void {
    if (cell !== this._looked) {
      this._looked = cell;
      this._lookedChanged.emit();
    }
  }

  private _fit(): void {
    if (!this._isSized && this._board.node.clientWidth > 0) {
      this._board.size = Math.min(200, this._board.fitting);
    }
  }

  private _pictureSize(): number {
    const wanted = Math.ceil((this._board.size * (devicePixelRatio || 1)) / 32) * 32;
    const bound = Math.floor(Math.sqrt(MEMORY / 4 / Math.max(1, this.model.board.cells.length)));
    return Math.max(CELL.least, Math.min(bound, PICTURE.most, Math.max(PICTURE.least, wanted)));
  }

  private readonly _onModel = (_: PictureModel, cell: ICell | null): void => {
    if (cell) {
      this._board.updateCell(cell);
      if (cell === this._looked) {
        this._lookedChanged.emit();
      }
    } else {
      this._changed.emit();
    }
  };

  private readonly _board: CellBoard;
  private readonly _tools: PlateTools;
  private readonly _side: PlateSide;
  private readonly _foot: PlateFoot;
  private readonly _resize: ResizeObserver;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _lookedChanged = new Signal<this, void>(this);
  private _looked: ICell | null = null;
  private _isSized = false;
  private _isDisposed = false;
}
