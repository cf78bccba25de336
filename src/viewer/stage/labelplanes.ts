import { toBioImageError } from '../../core';
import type { Said } from '../../core';
import { ITEM_BYTES, placeOver } from '../../ngff';
import type { IImage, IPlacement } from '../../ngff';
import type { ILabelImage, ILevelSource, PixelValue } from '../../pixels';
import { damagedTile, packTile } from './content';
import type { IPlane, ITileContent } from './content';
import { chooseLevel, pixelAt, pixelsInView, tilesInView } from './geometry';
import type { IBox, ILevelGeometry, ITileIndex } from './geometry';
import { MAX_VIEW_BYTES } from './planes';
import type { IOversize } from './planes';
import type { ITileChoice } from './tileset';

/** The channel of a label image that has a channel axis, which the specification does not ask for: ids are no channels. */
const CHANNEL = 0;

/** What a label image holds at a place of the image under it. */
export interface ILabelValue {
  /** Reads missing values: the tile they lie in. */
  readonly tile: ITileIndex;
  /** `undefined` while it is not read. */
  readonly value: PixelValue | undefined;
}

/** Chooses and reads the tiles of a label image, in places of the image that it lies over. */
export class LabelPlanes implements ITileChoice {
  /** @param plane the plane of the image that is shown */
  constructor(
    private readonly _label: ILabelImage,
    base: IImage,
    private readonly _plane: () => IPlane
  ) {
    this._placement = placeOver(_label.image, base);
    this.levels = _label.pyramid.levels.map(({ width, height, tile }, i) => ({ width, height, tile, ...this._placement.levels[i] }));
  }

  /** In pixels of level 0 of the image under it. */
  readonly levels: readonly ILevelGeometry[];

  get notices(): readonly Said[] {
    return this._placement.notices;
  }

  /** Its own plane; `null` where it has none for the one shown. */
  get plane(): IPlane | null {
    const { t, z } = this._plane();
    const [own, deep] = [this._placement.planeAt('t', t), this._placement.planeAt('z', z)];
    return own === null || deep === null ? null : { t: own, z: deep };
  }

  /** What reading it in this view would cost, if that is too much to do without being asked. */
  oversize(view: IBox, unit: number): IOversize | null {
    const level = chooseLevel(this.levels, unit);
    const bytes = pixelsInView(this.levels, level, view) * ITEM_BYTES[this._label.image.levels[level].array.dtype];
    return level === this.levels.length - 1 && bytes > MAX_VIEW_BYTES && !this._allowed ? { level, bytes } : null;
  }

  allow(): void {
    this._allowed = true;
  }

  readonly choose = (view: IBox, unit: number): readonly ITileIndex[] =>
    this.plane === null || this.oversize(view, unit) ? [] : tilesInView(this.levels, chooseLevel(this.levels, unit), view);

  /** None: the image is there to be seen meanwhile. */
  readonly underlay = (): readonly ITileIndex[] => [];

  /** Reads one tile. Rejects only when cancelled; a failure becomes a damaged tile. */
  readonly load = async (tile: ITileIndex, signal: AbortSignal): Promise<ITileContent> => {
    const plane = this.plane ?? { t: 0, z: 0 };
    try {
      const part = await this._source(tile.level).tileAt(tile.x, tile.y, { ...plane, c: CHANNEL }, signal);
      return packTile([part], [CHANNEL], plane);
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      return damagedTile(toBioImageError(error), [CHANNEL], plane);
    }
  };

  readonly current = (content: ITileContent): boolean => {
    const { plane } = this;
    return plane !== null && content.plane.t === plane.t && content.plane.z === plane.z;
  };

  /** What lies at a place given in level-0 pixels of the image; `null` beside the label image. */
  valueAt(x: number, y: number, unit: number): ILabelValue | null {
    const { plane } = this;
    const level = chooseLevel(this.levels, unit);
    const { tile } = this.levels[level];
    const pixel = pixelAt(this.levels[level], x, y);
    return plane && pixel
      ? {
          tile: { x: Math.floor(pixel.x / tile[0]), y: Math.floor(pixel.y / tile[1]), level },
          value: this._source(level).value(pixel.x, pixel.y, { ...plane, c: CHANNEL })
        }
      : null;
  }

  forgetFailures(): void {
    this._label.pyramid.forgetFailures();
  }

  private _source(level: number): ILevelSource {
    return this._label.pyramid.levels[level];
  }

  private readonly _placement: IPlacement;
  private _allowed = false;
}
