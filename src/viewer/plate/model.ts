import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { isAbort, toBioImageError } from '../../core';
import type { BioImageError } from '../../core';
import type { IPlateHead, IPlateView, IPlateFrame } from '../../entities';
import type { IBoard, ICell, Picture } from './cells';
import { close } from './source';
import type { PictureSource } from './source';

/** One channel of all pictures. */
export interface IPlateChannel {
  readonly index: number;
  readonly label: string;
  readonly color: string;
  readonly visible: boolean;
  /** Raw values drawn as black and as full colour; absent until the channel has been shown once. */
  readonly window?: readonly [number, number];
}

/** After the last change of channels or contrast so long is waited (ms): one request for all of them. */
const DEBOUNCE = 400;
/** Progress is told at most this often (ms). */
const TELL = 60;

/** What is chosen of a plate. */
type Choice = Pick<IPlateView, 'field' | 'acquisition'>;

/** The pictures of a board: asks for them, puts them into the cells, and knows how far it is. */
export class PictureModel {
  constructor(
    board: IBoard,
    private readonly _source: PictureSource,
    private readonly _fixed: Pick<IPlateView, 'well'> = {},
    choice: Choice = {}
  ) {
    this._board = board;
    this._choice = choice;
  }

  get board(): IBoard {
    return this._board;
  }

  get channels(): readonly IPlateChannel[] {
    return this._channels;
  }

  get choice(): Choice {
    return this._choice;
  }

  /** Cells answered in this round, and all of them. */
  get progress(): readonly [number, number] {
    return [this._answered.size, this._board.cells.length];
  }

  /** Every cell is answered, and its picture drawn. */
  get complete(): boolean {
    return this._complete;
  }

  /** Why the round did not end. */
  get error(): BioImageError | null {
    return this._error;
  }

  /** Something of the plate has been told. */
  get known(): boolean {
    return this._known;
  }

  /** What changed; a single cell where one is named. */
  get changed(): ISignal<this, ICell | null> {
    return this._changed;
  }

  /** Asks for the pictures unless they have been asked for; `size` in pixels of the screen. */
  ask(size: number): void {
    this._size = size;
    if (!this._asking && !this._complete && !this._error) {
      void this._round();
    }
  }

  /** Asks once more for everything, with what was chosen. */
  retry(): void {
    void this._round();
  }

  /** Another field or acquisition; where cells differ they are those of `board`. */
  choose(choice: Choice, board?: IBoard): void {
    this._choice = choice;
    this._drop();
    if (board) {
      this._board = board;
    }
    void this._round();
  }

  setVisible(index: number, visible: boolean): void {
    const next = this._channels.map(channel => (channel.index === index ? { ...channel, visible } : channel));
    if (next.some(channel => channel.visible)) {
      this._setChannels(next);
    } else {
      this._tell(); // one stays: puts the mark back
    }
  }

  setWindow(index: number, window: readonly [number, number]): void {
    if (window[0] < window[1] && window.every(Number.isFinite)) {
      this._setChannels(this._channels.map(channel => (channel.index === index ? { ...channel, window } : channel)));
    }
  }

  dispose(): void {
    clearTimeout(this._waiting);
    clearTimeout(this._telling);
    this._asking?.abort();
    this._drop();
    Signal.clearData(this);
  }

  private _setChannels(channels: readonly IPlateChannel[]): void {
    this._channels = channels;
    this._isOwn = true;
    this._complete = false;
    this._tell();
    clearTimeout(this._waiting);
    this._waiting = setTimeout(() => void this._round(), DEBOUNCE);
  }

  private async _round(): Promise<void> {
    clearTimeout(this._waiting);
    this._asking?.abort();
    const asking = (this._asking = new AbortController());
    const { signal } = asking;
    this._answered.clear();
    this._complete = false;
    this._error = null;
    this._tell();
    const isNow = (): boolean => this._asking === asking && !signal.aborted;
    try {
      const listener = {
        head: (head: IPlateHead) => isNow() && this._onHead(head),
        cell: (frame: IPlateFrame, picture: Picture | null) => (isNow() ? this._onCell(frame, picture) : close(picture))
      };
      await this._source({ size: this._size, ...this._choice, ...this._fixed, ...this._tints() }, listener, signal);
      if (isNow()) {
        this._end();
      }
    } catch (error) {
      if (isNow() && !isAbort(error)) {
        this._error = toBioImageError(error);
      }
    } finally {
      if (this._asking === asking) {
        this._asking = null;
        this._tell();
      }
    }
  }

  /** Channels and contrast as a person set them; nothing, for the source to choose, before that. */
  private _tints(): Pick<IPlateView, 'c' | 'windows'> {
    const shown = this._channels.filter(({ visible }) => visible);
    if (!this._isOwn || shown.length === 0) {
      return {};
    }
    const windows = shown.flatMap(({ window }) => (window ? [window] : []));
    return { c: shown.map(({ index }) => index), ...(windows.length === shown.length && { windows }) };
  }

  private _onHead(head: IPlateHead): void {
    this._known = true;
    const shown = head.channels.map(channel => ({ ...channel, visible: true }));
    const told = new Map([...(head.others ?? []).map(channel => ({ ...channel, visible: false })), ...shown].map(one => [one.index, one]));
    const kept = this._channels.filter(({ index }) => !told.has(index)).map(channel => ({ ...channel, visible: false }));
    const windows = new Map(this._channels.map(({ index, window }) => [index, window]));
    this._channels = [...[...told.values()].map(channel => ({ window: windows.get(channel.index), ...channel })), ...kept].sort((a, b) => a.index - b.index);
    this._tell();
  }

  private _onCell(frame: IPlateFrame, picture: Picture | null): void {
    const cell = this._board.cells.find(one =>
      frame.type === 'field' ? one.field === frame.field : one.row === frame.row && one.column === frame.column
    );
    if (!cell) {
      close(picture);
      return;
    }
    close(cell.picture);
    cell.picture = picture ?? undefined;
    cell.state = frame.state ?? 'failed';
    cell.message = frame.message;
    cell.fields = frame.fields ?? cell.fields;
    this._answered.add(cell);
    this._changed.emit(cell);
    this._tell();
  }

  /** What was not answered in a round that ended as it should is not there. */
  private _end(): void {
    for (const cell of this._board.cells) {
      if (!this._answered.has(cell)) {
        close(cell.picture);
        cell.picture = undefined;
        cell.state = 'absent';
        this._answered.add(cell);
        this._changed.emit(cell);
      }
    }
    this._complete = true;
  }

  private _drop(): void {
    for (const cell of this._board.cells) {
      close(cell.picture);
      cell.picture = undefined;
      cell.state = 'waiting';
      cell.message = undefined;
    }
  }

  private _tell(): void {
    this._telling ??= setTimeout(() => {
      this._telling = undefined;
      this._changed.emit(null);
    }, TELL);
  }

  private _board: IBoard;
  private _choice: Choice;
  private _channels: readonly IPlateChannel[] = [];
  /** Channels or contrast were set by a person. */
  private _isOwn = false;
  private _size = 0;
  private _asking: AbortController | null = null;
  private readonly _answered = new Set<ICell>();
  private _complete = false;
  private _known = false;
  private _error: BioImageError | null = null;
  private _waiting: ReturnType<typeof setTimeout> | undefined;
  private _telling: ReturnType<typeof setTimeout> | undefined;
  private readonly _changed = new Signal<this, ICell | null>(this);
}
