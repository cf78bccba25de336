import { toBioImageError } from '../../core';
import { ITEM_BYTES } from '../../ngff';
import type { Pyramid } from '../../pixels';
import { damagedTile, packTile } from './content';
import type { IPlane, ITileContent } from './content';
import { chooseLevel, pixelsInView, tilesInView } from './geometry';
import type { IBox, ITileIndex } from './geometry';
import type { ViewModel } from './model';
import type { ITileChoice } from './tileset';

/**
 * Raw bytes of one view that are read without asking, where no coarser level could be read instead. A screen full of a
 * pyramid needs less: 2,000 × 1,200 points with 4 channels of 16 bits at the worst zoom are 73 MiB, of any but its coarsest
 * level.
 */
export const MAX_VIEW_BYTES = 64 * 2 ** 20;

/** The first view of an image without a pyramid is chosen so that it needs no more than this: nobody has asked for all of it. */
export const MAX_OPENING_BYTES = 16 * 2 ** 20;

/** A coarsest level larger than this is not laid under finer ones: it would delay them. */
const MAX_UNDERLAY_BYTES = 4 * 2 ** 20;

/** A view that would read too much. */
export interface IOversize {
  readonly level: number;
  /** Raw bytes that the view holds, uncompressed. */
  readonly bytes: number;
}

/** Chooses and reads the tiles of a view. */
export class Planes implements ITileChoice {
  constructor(
    private readonly _pyramid: Pyramid,
    private readonly _model: ViewModel
  ) {
    this._opened = _model.plane;
  }

  /** The level drawn at `unit` CSS pixels per level-0 pixel. */
  level(unit: number): number {
    return this._model.pinned ?? chooseLevel(this._pyramid.levels, unit);
  }

  /** What reading the view would cost, if that is too much to do without being asked. */
  oversize(view: IBox, unit: number, most = MAX_VIEW_BYTES): IOversize | null {
    const { levels } = this._pyramid;
    const level = this.level(unit);
    const coarser = level < levels.length - 1 && this._model.pinned === undefined;
    if (coarser || this._allowed.has(level)) {
      return null;
    }
    const channels = Math.max(1, this._model.visible.length);
    const bytes = pixelsInView(levels, level, view) * ITEM_BYTES[this._model.dtype] * channels;
    return bytes > most ? { level, bytes } : null;
  }

  /** The person wants this level whatever it costs. */
  allow(level: number): void {
    this._allowed.add(level);
  }

  /** The tiles of a view; none of one that would read too much. */
  readonly choose = (view: IBox, unit: number): readonly ITileIndex[] =>
    this.oversize(view, unit) ? [] : tilesInView(this._pyramid.levels, this.level(unit), view);

  /**
   * The coarsest level of the plane that was opened: it has come with the opening. Of any other plane it would be a further
   * read, and none is laid under a level that is nearly as coarse.
   */
  readonly underlay = (view: IBox, unit: number): readonly ITileIndex[] => {
    const { levels } = this._pyramid;
    const last = levels.length - 1;
    const { plane } = this._model;
    const opened = plane.t === this._opened.t && plane.z === this._opened.z;
    const bytes = pixelsInView(levels, last, view) * ITEM_BYTES[this._model.dtype] * this._model.visible.length;
    return opened && last > this.level(unit) && bytes <= MAX_UNDERLAY_BYTES ? tilesInView(levels, last, view) : [];
  };

  /** Reads the visible channels of a tile. Rejects only when cancelled; a failure becomes a damaged tile. */
  readonly load = async (tile: ITileIndex, signal: AbortSignal): Promise<ITileContent> => {
    const { plane, visible } = this._model;
    const source = this._pyramid.levels[tile.level];
    try {
      const parts = await Promise.all(visible.map(c => source.tileAt(tile.x, tile.y, { ...plane, c }, signal)));
      return packTile(parts, visible, plane);
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      return damagedTile(toBioImageError(error), visible, plane);
    }
  };

  /** Whether a tile holds the plane and all the channels shown now. */
  readonly current = ({ plane, slots }: ITileContent): boolean =>
    plane.t === this._model.plane.t &&
    plane.z === this._model.plane.z &&
    this._model.visible.every(channel => slots.includes(channel));

  private readonly _allowed = new Set<number>();
  private readonly _opened: IPlane;
}
