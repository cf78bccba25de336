/** What the drawing needs to know of one level: its tiles' places in level-0 pixels. Axis order of every pair: x, y. */
export interface ILevelGeometry {
  /** Size in pixels of this level. */
  readonly width: number;
  readonly height: number;
  /** Tile size in pixels of this level; tiles at the right and lower edge are smaller. */
  readonly tile: readonly [number, number];
  /** Size of one pixel of this level in level-0 pixels. */
  readonly scale: readonly [number, number];
  /** Corner of pixel (0, 0) in level-0 pixels. */
  readonly offset: readonly [number, number];
}

/** A rectangle in level-0 pixels; y grows downwards. */
export interface IBox {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Column, row and level of a tile. */
export interface ITileIndex {
  x: number;
  y: number;
  level: number;
}

/** Rounding slack when a level's pixel is compared with a screen pixel: the fitted zoom is a power with rounding error. */
const SLACK = 1.0001;

/** Where tile (x, y) of a level lies, cut at the level's right and lower edge. */
export function placeTile(level: ILevelGeometry, x: number, y: number): IBox {
  const width = Math.min(level.tile[0], level.width - x * level.tile[0]);
  const height = Math.min(level.tile[1], level.height - y * level.tile[1]);
  const left = level.offset[0] + x * level.tile[0] * level.scale[0];
  const top = level.offset[1] + y * level.tile[1] * level.scale[1];
  return { left, top, right: left + width * level.scale[0], bottom: top + height * level.scale[1] };
}

/** The place of a whole level. */
export function placeLevel(level: ILevelGeometry): IBox {
  return {
    left: level.offset[0],
    top: level.offset[1],
    right: level.offset[0] + level.width * level.scale[0],
    bottom: level.offset[1] + level.height * level.scale[1]
  };
}

/**
 * The coarsest level whose pixel is not larger than a screen pixel, level 0 where none is.
 *
 * @param unit CSS pixels per level-0 pixel. CSS, not device, pixels: on a dense screen the finer level would cost four times
 * the bytes for detail hardly anybody sees; zooming in fetches it.
 */
export function chooseLevel(levels: readonly ILevelGeometry[], unit: number): number {
  let k = levels.length - 1;
  while (k > 0 && Math.max(...levels[k].scale) * unit > SLACK) {
    k--;
  }
  return k;
}

/** Tiles of a level that touch `view`, nearest to its centre first: requests start in this order. */
export function tilesInView(levels: readonly ILevelGeometry[], k: number, view: IBox): ITileIndex[] {
  const level = levels[k];
  const cut = (value: number, axis: 0 | 1) =>
    Math.floor((value - level.offset[axis]) / level.scale[axis] / level.tile[axis]);
  const columns = Math.ceil(level.width / level.tile[0]);
  const rows = Math.ceil(level.height / level.tile[1]);
  const tiles: ITileIndex[] = [];
  for (let y = Math.max(0, cut(view.top, 1)); y <= Math.min(rows - 1, cut(view.bottom, 1)); y++) {
    for (let x = Math.max(0, cut(view.left, 0)); x <= Math.min(columns - 1, cut(view.right, 0)); x++) {
      tiles.push({ x, y, level: k });
    }
  }
  const distance = (tile: ITileIndex) => {
    const box = placeTile(level, tile.x, tile.y);
    return Math.hypot(box.left + box.right - view.left - view.right, box.top + box.bottom - view.top - view.bottom);
  };
  return tiles
    .map(tile => ({ tile, at: distance(tile) }))
    .sort((a, b) => a.at - b.at)
    .map(entry => entry.tile);
}

/**
 * Pixels of level `k` that the tiles touching `view` hold. Computed, not counted: at fit an image without a pyramid may have
 * millions of tiles.
 */
export function pixelsInView(levels: readonly ILevelGeometry[], k: number, view: IBox): number {
  const level = levels[k];
  const along = (low: number, high: number, axis: 0 | 1, size: number) => {
    const tile = level.tile[axis];
    const first = Math.max(0, Math.floor((low - level.offset[axis]) / level.scale[axis] / tile) * tile);
    const last = Math.min(size, (Math.floor((high - level.offset[axis]) / level.scale[axis] / tile) + 1) * tile);
    return Math.max(0, last - first);
  };
  return along(view.left, view.right, 0, level.width) * along(view.top, view.bottom, 1, level.height);
}

/** Whether two rectangles share more than an edge. */
export function overlaps(a: IBox, b: IBox): boolean {
  return a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top;
}

/** Pixel of a level that holds a point given in level-0 pixels; `null` outside the level. */
export function pixelAt(level: ILevelGeometry, x: number, y: number): { x: number; y: number } | null {
  const px = Math.floor((x - level.offset[0]) / level.scale[0]);
  const py = Math.floor((y - level.offset[1]) / level.scale[1]);
  return px >= 0 && py >= 0 && px < level.width && py < level.height ? { x: px, y: py } : null;
}
