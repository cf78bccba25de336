import { ByteLru, throwIfAborted, type IDisposableLike } from '../core';
import type { DataType, IImage } from '../ngff';
import type { IReadableStore } from '../stores';
import { contrastLimits } from './contrast';
import type { IDecoder } from './decoder';
import { LevelSource, type ILevelSource } from './levelsource';
import type { IPlaneSelection, IPlaneTile, IRectangle } from './plane';
import { ChunkReader, type IChunkData } from './reader';
import type { IServerDecoder } from './remote';
import { VivPixelSource, vivTileSize, type IVivPixelSource } from './viv';

const CACHE = 64 << 20; // bytes of decoded chunks kept per image
const FINER = 3; // levels beside the coarsest one that contrast is looked for in: a level without chunks is an odd one
const CONTRAST_SIDE = 1024; // pixels: of a larger coarsest level only the middle is looked at

/**
 * An image's levels over one store: tiles and values with one cache of decoded chunks. The store and the decoder are the
 * caller's; what is outstanding stops with `dispose`.
 */
export class Pyramid implements IDisposableLike {
  readonly image: IImage;
  readonly levels: readonly ILevelSource[];
  private readonly _readers: readonly ChunkReader[];
  private readonly _listeners = new Set<() => void>();
  private readonly _running = new Running();
  private readonly _limits = new Map<string, [number, number]>();

  /**
   * @param cacheBytes - bound of the decoded chunks kept; 64 MiB where nothing is said
   * @param server - decodes arrays whose codecs the browser lacks; without it these fail
   */
  constructor(
    image: IImage,
    store: IReadableStore,
    decoder: IDecoder,
    cacheBytes: number = CACHE,
    server?: IServerDecoder
  ) {
    const cache = new ByteLru<IChunkData>(cacheBytes);
    const changed = (): void => this._listeners.forEach(listener => listener());
    this.image = image;
    this._readers = image.levels.map(level => new ChunkReader(store, level.array, decoder, cache, changed, server));
    this.levels = image.levels.map((level, i) => new EndingLevel(image, level, this._readers[i], this._running));
  }

  /** Chunks that are being fetched or decoded. */
  get pending(): number {
    return this._readers.reduce((sum, reader) => sum + reader.pending, 0);
  }

  /** Calls `listener` whenever `pending` has changed. */
  onPending(listener: () => void): IDisposableLike {
    this._listeners.add(listener);
    return { dispose: () => void this._listeners.delete(listener) };
  }

  /**
   * Contrast limits of a channel at a plane (indices of level 0) by the rule of `contrastLimits`, from the coarsest level;
   * where that is larger than 1024 × 1024 pixels, from its middle. Where nothing of that is there, from the next finer
   * levels, then from other planes.
   *
   * @throws the signal's reason, or why the level could not be read
   */
  async contrast(channel: number, t: number, z: number, signal?: AbortSignal): Promise<[number, number]> {
    const key = `${channel}/${t}/${z}`;
    const known = this._limits.get(key);
    if (known) {
      return known;
    }
    const { tile, dtype } = await this._something(channel, t, z, signal);
    await new Promise(resolve => setTimeout(resolve)); // a task of its own for each channel: the page stays responsive
    throwIfAborted(signal);
    if (tile.damaged && tile.absent.every(cell => cell !== 0)) {
      throw tile.damaged;
    }
    const limits = contrastLimits([{ words: tile.words, present: presence(tile) }], dtype);
    if (!tile.damaged) {
      this._limits.set(key, limits);
    }
    return limits;
  }

  /** The first of the places where contrast is looked for that has any pixels, or damage; the first one where none has. */
  private async _something(
    c: number,
    t: number,
    z: number,
    signal?: AbortSignal
  ): Promise<{ tile: IPlaneTile; dtype: DataType }> {
    const [coarsest, ...finer] = this.levels.slice(-1 - FINER).reverse();
    const look = async (
      source: ILevelSource,
      plane: IPlaneSelection
    ): Promise<{ tile: IPlaneTile; dtype: DataType }> => ({
      tile: await source.area(middle(source), plane, signal),
      dtype: this.image.levels[source.level].array.dtype
    });
    const first = await look(coarsest, { t, z, c });
    const others = [
      ...finer.map(source => ({ source, plane: { t, z, c } })),
      ...this._otherPlanes(t, z).map(plane => ({ source: coarsest, plane: { ...plane, c } }))
    ];
    let found = first;
    for (let i = 0; i < others.length && isAbsent(found.tile); i++) {
      found = await look(others[i].source, others[i].plane);
    }
    return isAbsent(found.tile) ? first : found;
  }

  /** First, last and between, along z and then along t; the plane itself is none of them. */
  private _otherPlanes(t: number, z: number): { t: number; z: number }[] {
    const { shape } = this.image.levels[0].array;
    const spread = (axis: number | undefined, at: number): number[] => {
      const last = axis === undefined ? 0 : shape[axis] - 1;
      const all = [0.5, 0, 1, 0.25, 0.75].map(share => Math.round(share * last));
      return [...new Set(all)].filter(index => index !== at && index >= 0);
    };
    return [
      ...spread(this.image.at.z, z).map(index => ({ t, z: index })),
      ...spread(this.image.at.t, t).map(index => ({ t: index, z }))
    ];
  }

  /** What could not be decoded is read again when it is next asked for. */
  forgetFailures(): void {
    this._readers.forEach(reader => reader.forgetFailures());
  }

  /** The levels for Viv's layers, finest first. */
  vivSources(): IVivPixelSource[] {
    const tile = vivTileSize(this.levels[0]);
    return this.levels.map(source => new VivPixelSource(this.image, source, tile));
  }

  dispose(): void {
    this._running.end();
    this._listeners.clear();
  }
}

/** What runs for a pyramid, so that it can be stopped at once. */
class Running {
  private readonly _all = new Set<AbortController>();
  private _ended = false;

  /** Runs `work` with a signal that fires with the caller's, or at the end. */
  async run<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const own = new AbortController();
    const stop = (): void => own.abort(signal?.reason);
    throwIfAborted(signal);
    if (this._ended) {
      own.abort();
    }
    signal?.addEventListener('abort', stop, { once: true });
    this._all.add(own);
    try {
      throwIfAborted(own.signal);
      return await work(own.signal);
    } finally {
      signal?.removeEventListener('abort', stop);
      this._all.delete(own);
    }
  }

  end(): void {
    this._ended = true;
    this._all.forEach(controller => controller.abort());
  }
}

/** Stops with its own signal and with the pyramid. */
class EndingLevel extends LevelSource {
  private readonly _running: Running;

  constructor(image: IImage, level: IImage['levels'][number], reader: ChunkReader, running: Running) {
    super(image, level, reader);
    this._running = running;
  }

  override area(rectangle: IRectangle, selection: IPlaneSelection, signal?: AbortSignal): Promise<IPlaneTile> {
    return this._running.run(signal, inner => super.area(rectangle, selection, inner));
  }
}

/** At most 1024 × 1024 pixels around the middle of a level. */
function middle({ width, height }: ILevelSource): IRectangle {
  const cut = (length: number): [number, number] => {
    const start = Math.max(0, Math.floor((length - CONTRAST_SIDE) / 2));
    return [start, Math.min(length, start + CONTRAST_SIDE)];
  };
  const [[x0, x1], [y0, y1]] = [cut(width), cut(height)];
  return { x0, y0, x1, y1 };
}

/** Nothing of the tile is in the store; damaged is not absent. */
function isAbsent({ absent }: IPlaneTile): boolean {
  return absent.every(cell => cell === 1);
}

/** Which of a tile's values are pixels. */
function presence({ absent, maskSize, width, height }: IPlaneTile): ((index: number) => boolean) | null {
  if (absent.every(cell => cell === 0)) {
    return null;
  }
  const [cellWidth, cellHeight] = [width / maskSize[0], height / maskSize[1]];
  return index => {
    const [x, y] = [index % width, Math.floor(index / width)];
    return absent[Math.floor(y / cellHeight) * maskSize[0] + Math.floor(x / cellWidth)] === 0;
  };
}
