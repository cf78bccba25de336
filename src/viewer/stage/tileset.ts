import type { Viewport } from '@deck.gl/core';
import { _Tileset2D } from '@deck.gl/geo-layers';
import type { _Tile2DHeader, _Tileset2DProps } from '@deck.gl/geo-layers';
import { overlaps, placeTile } from './geometry';
import type { IBox, ILevelGeometry, ITileIndex } from './geometry';

/** deck.gl's tile index; its z is minus our level, so that deck's order "coarse first" holds. */
export interface IDeckIndex {
  x: number;
  y: number;
  z: number;
}

/** Chooses what to draw in a rectangle of level-0 pixels at `unit` CSS pixels per level-0 pixel. */
export type TileChooser = (view: IBox, unit: number) => readonly ITileIndex[];

/** What a tile set shows of its levels. */
export interface ITileChoice {
  /** Tiles of the view. */
  choose: TileChooser;
  /** Tiles to lay under them until they are there, if they cost nothing; asked for once each. */
  underlay: TileChooser;
}

/** The parts of deck.gl's tile set that we build on, private ones included: they have no public counterpart (9.2). */
export interface ITileset<T> {
  readonly selectedTiles: readonly _Tile2DHeader<T>[] | null;
  readonly _cache: Map<string, _Tile2DHeader<T>>;
  _viewport: Viewport | null;
  _cacheByteSize: number;
  _dirty: boolean;
  getTileId(index: IDeckIndex): string;
  update(viewport: Viewport, options?: object): number;
  _getTile(index: IDeckIndex, create: true): _Tile2DHeader<T>;
}

/** Our tile set, as the rest of the stage sees it. */
export interface ILevelTileset<T> extends ITileset<T> {
  /** Reads the tiles again for which `stale` holds; what is not in view is forgotten instead, what is being read restarts. */
  reloadWhere(stale: (content: T) => boolean): void;
}

// deck.gl declares the members of ITileset private, which TypeScript lets no subclass touch; at run time they are plain
const Base = _Tileset2D as unknown as new (props: _Tileset2DProps) => ITileset<unknown>;

/**
 * A tile set class over levels that are each placed by their own affine, instead of deck.gl's powers of two.
 *
 * deck.gl builds the tile set itself from a class, so levels and chooser come in through the closure.
 */
export function tilesetOver(levels: readonly ILevelGeometry[], { choose, underlay }: ITileChoice): typeof _Tileset2D {
  class LevelTileset extends Base {
    constructor(props: _Tileset2DProps) {
      super({ ...props, refinementStrategy: refine });
    }

    setOptions(props: _Tileset2DProps): void {
      _Tileset2D.prototype.setOptions.call(this, { ...props, refinementStrategy: refine });
    }

    getTileIndices({ viewport }: { viewport: Viewport }): IDeckIndex[] {
      return asked(choose, viewport);
    }

    override update(viewport: Viewport, options?: object): number {
      for (const index of asked(underlay, viewport)) {
        const id = this.getTileId(index);
        if (!this._under.has(id)) {
          this._under.add(id); // once: a full cache would evict it and read it again for ever
          this._getTile(index, true);
        }
      }
      return super.update(viewport, options);
    }

    getTileMetadata({ x, y, z }: IDeckIndex): { bbox: IBox } {
      return { bbox: placeTile(levels[-z], x, y) };
    }

    /** The tree of parents and children is for powers of two; `refine` works on places and needs none. */
    _rebuildTree(): void {
      this._dirty = true;
    }

    /** Called at every update. deck.gl itself cancels nothing unless a limit of requests is set and exceeded. */
    _pruneRequests(): void {
      let bytes = 0;
      for (const tile of this._cache.values()) {
        if (tile.isLoading && !tile.isSelected && !tile.isVisible && !this._under.has(tile.id)) {
          tile.abort();
        }
        bytes += tile.content ? tile.byteLength : 0;
      }
      // deck.gl adds a tile's bytes again each time it is reloaded and never takes the old ones off
      this._cacheByteSize = bytes;
    }

    reloadAll(): void {
      this.reloadWhere(() => true);
    }

    reloadWhere(stale: (content: unknown) => boolean): void {
      for (const [id, tile] of this._cache) {
        if (tile.content !== null && !tile.isLoading && !stale(tile.content)) {
          continue;
        }
        if (this.selectedTiles?.includes(tile)) {
          tile.setNeedsReload();
        } else {
          tile.abort(); // deck.gl's reloadAll forgets such tiles while their reads go on
          this._cache.delete(id);
          this._dirty = true;
        }
      }
    }

    private readonly _under = new Set<string>();
  }
  return LevelTileset as unknown as typeof _Tileset2D;
}

function asked(chooser: TileChooser, viewport: Viewport): IDeckIndex[] {
  const [left, top, right, bottom] = viewport.getBounds();
  return chooser({ left, top, right, bottom }, 2 ** viewport.zoom).map(({ x, y, level }) => ({ x, y, z: -level }));
}

/** Selected tiles are shown when there; loaded coarser tiles stay under those that are missing. */
export function refine(tiles: readonly _Tile2DHeader[]): void {
  const missing = tiles.filter(tile => tile.isSelected && !tile.content);
  for (const tile of tiles) {
    tile.isVisible =
      !!tile.content &&
      (tile.isSelected ||
        missing.some(other => tile.zoom < other.zoom && overlaps(tile.bbox as IBox, other.bbox as IBox)));
  }
}

/**
 * Whether what the tile set shows is exact for `viewport`: its own update has seen this view, every selected tile is loaded,
 * drawn and fits (`current`), and nothing else is visible. (`onViewportLoad` does not fire when a new view needs no new tile,
 * and `isLoaded` is true for one frame of a new view with the old tiles.)
 */
export function isExact<T>(set: ITileset<T>, viewport: Viewport, current: (content: T) => boolean): boolean {
  if (!set.selectedTiles || !set._viewport?.equals(viewport)) {
    return false;
  }
  for (const tile of set._cache.values()) {
    const drawn = tile.isLoaded && tile.isVisible && !!tile.layers && !!tile.content && current(tile.content);
    if (tile.isSelected ? !drawn : tile.isVisible) {
      return false;
    }
  }
  return true;
}
