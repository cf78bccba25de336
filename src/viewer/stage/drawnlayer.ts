import type { Viewport } from '@deck.gl/core';
import { TileLayer } from '@deck.gl/geo-layers';
import type { _Tile2DHeader, _TileLoadProps } from '@deck.gl/geo-layers';
import type { Device, Texture } from '@luma.gl/core';
import type { ITileContent } from './content';
import type { IBox, ILevelGeometry, ITileIndex } from './geometry';
import { PlaneLayer, integerTexture } from './planelayer';
import type { WordFormat } from './planelayer';
import type { ITexels } from './table';
import { isExact, tilesetOver } from './tileset';
import type { ILevelTileset, ITileChoice } from './tileset';

/** Texture memory and raw words kept for tiles out of view, in bytes per layer. Decoded chunks have their own cache. */
const TILE_CACHE = 128 * 2 ** 20;

/** One image drawn: the image itself, or labels laid over it. */
export interface ILayerOptions {
  /** Unlike those of the other layers. */
  readonly id: string;
  readonly levels: readonly ILevelGeometry[];
  readonly format: WordFormat;
  /** Fragment shader, see `shader.ts`. */
  readonly shader: string;
  readonly tiles: ITileChoice;
  /** Reads one tile; resolves also for damaged ones, rejects only when cancelled. */
  readonly load: (tile: ITileIndex, signal: AbortSignal) => Promise<ITileContent>;
  /** Whether a tile's content is what is to be shown now. */
  readonly current: (content: ITileContent) => boolean;
  /** How it is coloured now; always of one size. */
  readonly table: () => ITexels;
  /** Colours of ids, for label images. */
  readonly colors?: ITexels;
  /** Lies over others: what it leaves transparent shows them. */
  readonly over: boolean;
}

/** What of a layer was drawn in a frame. */
export interface ILayerFrame {
  /** Every selected tile is loaded, current and drawn, and nothing else is. */
  readonly exact: boolean;
  /** Contents of the selected tiles that are loaded. */
  readonly contents: readonly ITileContent[];
}

const OPAQUE = { blend: false } as const;

/** Shaders give colours multiplied by their alpha, as the page expects a canvas to be. */
const OVER = {
  blend: true,
  blendColorOperation: 'add',
  blendColorSrcFactor: 'one',
  blendColorDstFactor: 'one-minus-src-alpha',
  blendAlphaOperation: 'add',
  blendAlphaSrcFactor: 'one',
  blendAlphaDstFactor: 'one-minus-src-alpha',
  // it lies in the plane of the image: its depth differs by rounding alone
  depthCompare: 'always',
  depthWriteEnabled: false
} as const;

/** A layer of tiles in one drawing context, with the small textures that all its tiles share. */
export class DrawnLayer {
  constructor(
    device: Device,
    readonly options: ILayerOptions
  ) {
    this._table = texelTexture(device, options.table());
    this._colors = options.colors ? texelTexture(device, options.colors) : null;
    this.layer = this._make();
  }

  readonly layer: TileLayer<ITileContent>;

  tint(): void {
    this._table.copyImageData({ data: this.options.table().data });
  }

  /** Reads those tiles again for which `stale` holds. */
  reload(stale: (content: ITileContent) => boolean): void {
    this._tileset?.reloadWhere(stale);
    this.layer.setNeedsUpdate();
  }

  /** Asks again which tiles to draw. */
  choose(): void {
    const set = this._tileset;
    if (set) {
      set._viewport = null;
    }
    this.layer.setNeedsUpdate();
  }

  frame(viewport: Viewport): ILayerFrame {
    const set = this._tileset;
    return set
      ? {
          exact: isExact(set, viewport, this.options.current),
          contents: (set.selectedTiles ?? []).flatMap(tile => (tile.content ? [tile.content] : []))
        }
      : { exact: false, contents: [] };
  }

  /** Gives back what deck.gl does not know of; it ends the layer itself, and the reads of its tiles. */
  dispose(): void {
    this._table.destroy();
    this._colors?.destroy();
  }

  private _make(): TileLayer<ITileContent> {
    const { id, format, shader, load, levels, tiles, over } = this.options;
    return new TileLayer<ITileContent>({
      id,
      TilesetClass: tilesetOver(levels, tiles),
      maxRequests: 0, // order and number of requests are the store's business
      maxCacheByteSize: TILE_CACHE,
      getTileData: (props: _TileLoadProps) => {
        const { x, y, z } = props.index;
        return load({ x, y, level: -z }, props.signal ?? new AbortController().signal);
      },
      renderSubLayers: props => {
        const { data, tile } = props as unknown as { data: ITileContent; tile: _Tile2DHeader<ITileContent> };
        return new PlaneLayer({
          id: `${id}-${tile.id}`,
          content: data,
          place: tile.bbox as IBox,
          format,
          shader,
          table: this._table,
          colors: this._colors,
          parameters: over ? OVER : OPAQUE
        });
      }
    });
  }

  private get _tileset(): ILevelTileset<ITileContent> | null {
    return (this.layer.state?.tileset ?? null) as unknown as ILevelTileset<ITileContent> | null;
  }

  private readonly _table: Texture;
  private readonly _colors: Texture | null;
}

function texelTexture(device: Device, { width, height, data }: ITexels): Texture {
  return integerTexture(device, 'rgba32uint', { width, height, depth: 1 }, data);
}
