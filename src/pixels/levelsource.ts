import { ITEM_BYTES, type IImage, type ILevel } from '../ngff';
import { emptyTile, planeIndex, readPlane, type IPlaneSelection, type IPlaneTile, type IRectangle } from './plane';
import type { ChunkReader } from './reader';
import { valueAt, type PixelValue } from './values';

/** One level of a pyramid as tiles of planes. */
export interface ILevelSource {
  /** Position in the image's levels; 0 is full resolution. */
  readonly level: number;
  /** In pixels of this level. */
  readonly width: number;
  readonly height: number;
  /** Size of a tile along x and y, in pixels of this level; tiles at the far borders are cut. */
  readonly tile: readonly [number, number];
  /** Along x and y: size of this level's pixel in pixels of level 0. */
  readonly scale: readonly [number, number];
  /** Along x and y: corner of this level's first pixel in pixels of level 0. */
  readonly offset: readonly [number, number];
  /**
   * Tile (x, y) of a plane given in indices of level 0.
   *
   * @throws the signal's reason only; a tile that could not be read says so in `damaged`
   */
  tileAt(x: number, y: number, selection: IPlaneSelection, signal?: AbortSignal): Promise<IPlaneTile>;
  /** Any rectangle of a plane, in pixels of this level, as `tileAt`. */
  area(rectangle: IRectangle, selection: IPlaneSelection, signal?: AbortSignal): Promise<IPlaneTile>;
  /** Exact value of pixel (x, y) of this level, from what is decoded already; null = no data, undefined = not read. */
  value(x: number, y: number, selection: IPlaneSelection): PixelValue | undefined;
}

const GATHER_BELOW = 256; // pixels: chunks smaller than this are put together …
const GATHERED_MOST = 512; // … into tiles of at most so many
const CUT_ABOVE = 1024; // pixels: chunks larger than this are cut

/**
 * Size of the tiles along one axis for chunks of `chunk` pixels: the chunk itself, so that each is uploaded once; small
 * ones gathered, because each tile costs a draw call and a texture; large ones cut into equal parts, because a texture of
 * many megapixels stalls the page.
 */
export function tileSize(chunk: number, length: number): number {
  const useful = Math.min(chunk, Math.max(1, length)); // a chunk may be larger than the array
  if (useful < GATHER_BELOW && useful < length) {
    return chunk * Math.floor(GATHERED_MOST / chunk);
  }
  return useful > CUT_ABOVE ? Math.ceil(useful / Math.ceil(useful / CUT_ABOVE)) : useful;
}

/** A level over the reader of its array. */
export class LevelSource implements ILevelSource {
  readonly level: number;
  readonly width: number;
  readonly height: number;
  readonly tile: readonly [number, number];
  readonly scale: readonly [number, number];
  readonly offset: readonly [number, number];
  private readonly _image: IImage;
  private readonly _level: ILevel;
  private readonly _reader: ChunkReader;

  constructor(image: IImage, level: ILevel, reader: ChunkReader) {
    const { x, y } = image.at;
    const { shape, chunks } = level.array;
    this._image = image;
    this._level = level;
    this._reader = reader;
    this.level = level.index;
    [this.width, this.height] = [shape[x], shape[y]];
    this.tile = [tileSize(chunks[x], shape[x]), tileSize(chunks[y], shape[y])];
    this.scale = [level.ratio[x], level.ratio[y]];
    this.offset = [level.offset[x], level.offset[y]];
  }

  tileAt(x: number, y: number, selection: IPlaneSelection, signal?: AbortSignal): Promise<IPlaneTile> {
    const [x0, y0] = [x * this.tile[0], y * this.tile[1]];
    return this.area({ x0, y0, x1: x0 + this.tile[0], y1: y0 + this.tile[1] }, selection, signal);
  }

  async area(rectangle: IRectangle, selection: IPlaneSelection, signal?: AbortSignal): Promise<IPlaneTile> {
    const area = {
      x0: Math.max(0, rectangle.x0),
      y0: Math.max(0, rectangle.y0),
      x1: Math.min(this.width, rectangle.x1),
      y1: Math.min(this.height, rectangle.y1)
    };
    const index = planeIndex(this._image, this._level, selection);
    // A plane of an empty array (an axis of length 0), or a rectangle outside of the level.
    if (area.x1 <= area.x0 || area.y1 <= area.y0 || this._level.array.shape.includes(0)) {
      return { words: new Uint8Array(), width: 0, height: 0, absent: Uint8Array.of(1), maskSize: [1, 1] };
    }
    if (index === null) {
      return emptyTile(this._reader.array.dtype, area);
    }
    return readPlane(this._reader, this._image.at, index, area, signal);
  }

  value(x: number, y: number, selection: IPlaneSelection): PixelValue | undefined {
    if (!(x >= 0 && y >= 0 && x < this.width && y < this.height)) {
      return undefined;
    }
    const index = planeIndex(this._image, this._level, selection);
    if (index === null) {
      return null;
    }
    index[this._image.at.x] = Math.floor(x);
    index[this._image.at.y] = Math.floor(y);
    const { chunks, dtype } = this._reader.array;
    const chunk = this._reader.peek(index.map((value, axis) => Math.floor(value / chunks[axis])));
    if (!chunk || chunk.absent) {
      return chunk ? null : undefined;
    }
    const at = index.reduce((sum, value, axis) => sum * chunks[axis] + (value % chunks[axis]), 0);
    return ITEM_BYTES[dtype] * (at + 1) <= chunk.words.byteLength ? valueAt(chunk.words, dtype, at) : undefined;
  }
}
