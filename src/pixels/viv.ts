import type { DataType, IImage } from '../ngff';
import type { ILevelSource } from './levelsource';
import type { IPlaneSelection, IPlaneTile } from './plane';
import { typedValues } from './values';

/** Names Viv uses for the types it can draw. */
export type VivDtype = 'Uint8' | 'Uint16' | 'Uint32' | 'Int8' | 'Int16' | 'Int32' | 'Float32' | 'Float64';

type VivValues =
  Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** Pixels as Viv takes them. */
export interface IVivPixelData {
  data: VivValues;
  width: number;
  height: number;
}

/** Indices of level 0 by label; labels that are left out are 0. */
export type VivSelection = Readonly<Record<string, number>>;

/**
 * Viv's pixel-source interface (`PixelSource` of @vivjs/types), so that any Viv layer can draw our images. Viv wants an
 * array of these, finest first, in steps of two; whether an image has such steps is the caller's to ask.
 */
export interface IVivPixelSource {
  readonly shape: number[];
  readonly labels: string[];
  readonly dtype: VivDtype;
  readonly tileSize: number;
  readonly meta: { physicalSizes?: Record<string, { size: number; unit: string }> };
  getTile(request: { x: number; y: number; selection: VivSelection; signal?: AbortSignal }): Promise<IVivPixelData>;
  getRaster(request: { selection: VivSelection; signal?: AbortSignal }): Promise<IVivPixelData>;
  onTileError(error: Error): void;
}

/** 64-bit integers become doubles (rounded above 2^53): Viv knows no larger type. */
const DTYPES: Readonly<Record<DataType, VivDtype>> = {
  bool: 'Uint8',
  uint8: 'Uint8',
  uint16: 'Uint16',
  uint32: 'Uint32',
  int8: 'Int8',
  int16: 'Int16',
  int32: 'Int32',
  float16: 'Float32',
  float32: 'Float32',
  float64: 'Float64',
  int64: 'Float64',
  uint64: 'Float64'
};

/** One level of an image for Viv. */
export class VivPixelSource implements IVivPixelSource {
  readonly shape: number[];
  readonly labels: string[];
  readonly dtype: VivDtype;
  readonly tileSize: number;
  readonly meta: IVivPixelSource['meta'];
  private readonly _image: IImage;
  private readonly _source: ILevelSource;
  private readonly _dtype: DataType;

  /** @param tile - side of Viv's square tiles, a power of two, the same for all levels of an image */
  constructor(image: IImage, source: ILevelSource, tile: number) {
    const level = image.levels[source.level];
    this._image = image;
    this._source = source;
    this._dtype = level.array.dtype;
    this.shape = [...level.array.shape];
    this.labels = image.axes.map(axis => axis.name);
    this.dtype = DTYPES[level.array.dtype];
    this.tileSize = tile;
    const sizes = (['x', 'y', 'z'] as const).flatMap(name => {
      const axis = image.at[name];
      const unit = axis === undefined ? undefined : image.axes[axis].unit;
      return axis === undefined || unit === undefined ? [] : [[name, { size: level.scale[axis], unit }] as const];
    });
    // Viv reads both x and y once it is given any.
    this.meta = sizes.length >= 2 ? { physicalSizes: Object.fromEntries(sizes) } : {};
  }

  async getTile({
    x,
    y,
    selection,
    signal
  }: {
    x: number;
    y: number;
    selection: VivSelection;
    signal?: AbortSignal;
  }): Promise<IVivPixelData> {
    const [x0, y0] = [x * this.tileSize, y * this.tileSize];
    const area = { x0, y0, x1: x0 + this.tileSize, y1: y0 + this.tileSize };
    return this._pixels(await this._source.area(area, this._plane(selection), signal));
  }

  async getRaster({ selection, signal }: { selection: VivSelection; signal?: AbortSignal }): Promise<IVivPixelData> {
    const area = { x0: 0, y0: 0, x1: this._source.width, y1: this._source.height };
    return this._pixels(await this._source.area(area, this._plane(selection), signal));
  }

  onTileError(error: Error): void {
    console.error(error);
  }

  private _plane(selection: VivSelection): IPlaneSelection {
    const { t, z, c } = this._image.at;
    const at = (axis: number | undefined): number => (axis === undefined ? 0 : (selection[this.labels[axis]] ?? 0));
    return { t: at(t), z: at(z), c: at(c) };
  }

  private _pixels({ words, width, height, damaged }: IPlaneTile): IVivPixelData {
    if (damaged) {
      throw damaged;
    }
    const values = typedValues(words, this._dtype);
    const data =
      values instanceof BigInt64Array || values instanceof BigUint64Array ? Float64Array.from(values, Number) : values;
    return { data, width, height };
  }
}

/** Largest power of two not above the finest level's tile, between 64 and 1024. */
export function vivTileSize(finest: ILevelSource): number {
  return 2 ** Math.max(6, Math.min(10, Math.floor(Math.log2(Math.min(...finest.tile)))));
}
