import { throwIfAborted } from '../../core';
import type { IArray, IImage, ILevel } from '../../ngff';
import { ITEM_BYTES } from '../../ngff';
import type { DataType } from '../../ngff';
import type { ILevelSource, IPlaneTile, PixelValue, Pyramid } from '../../pixels';

/** Which pixel of which plane: what a fake image's values are made from. */
export interface IAddress {
  level: number;
  t: number;
  z: number;
  c: number;
  y: number;
  x: number;
}

export interface IFakeLevel {
  width: number;
  height: number;
  tile: [number, number];
  scale: number;
  offset: number;
}

export interface IFakeOptions {
  levels?: readonly IFakeLevel[];
  dtype?: DataType;
  channels?: readonly { label?: string; color?: string; active?: boolean; window?: { min: number; max: number; start: number; end: number } }[];
  z?: number;
  t?: number;
  unit?: string;
  imageLabel?: boolean;
  value?(at: IAddress): number | bigint;
  /** State of a mask cell (one per tile): 0 there, 1 absent, 2 damaged. */
  state?(level: number, x: number, y: number, c: number): 0 | 1 | 2;
  /** Called before a tile is answered: delay, or throw. */
  before?(level: number, x: number, y: number, c: number, signal?: AbortSignal): Promise<void>;
}

/** Factors 3 and 4 with offsets, odd sizes: nothing here is a power of two. */
export const ODD_LEVELS: readonly IFakeLevel[] = [
  { width: 1303, height: 1001, tile: [300, 200], scale: 1, offset: 0 },
  { width: 434, height: 333, tile: [128, 150], scale: 3, offset: 0.5 },
  { width: 108, height: 83, tile: [64, 64], scale: 12, offset: 5.5 }
];

const ONE_CHANNEL = JSON.parse('[{ "label": "red", "color": "FF0000" }]') as NonNullable<IFakeOptions['channels']>;

function words(dtype: DataType, length: number): { words: Uint8Array | Uint16Array | Uint32Array; view: DataView } {
  const bytes = ITEM_BYTES[dtype];
  const buffer = new ArrayBuffer(length * bytes);
  const array = bytes === 1 ? new Uint8Array(buffer) : bytes === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
  return { words: array, view: new DataView(buffer) };
}

function put(view: DataView, dtype: DataType, at: number, value: number | bigint): void {
  const number = Number(value);
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return view.setUint8(at, number);
    case 'int8':
      return view.setInt8(at, number);
    case 'uint16':
    case 'float16':
      return view.setUint16(at * 2, number, true);
    case 'int16':
      return view.setInt16(at * 2, number, true);
    case 'uint32':
      return view.setUint32(at * 4, number, true);
    case 'int32':
      return view.setInt32(at * 4, number, true);
    case 'float32':
      return view.setFloat32(at * 4, number, true);
    case 'float64':
      return view.setFloat64(at * 8, number, true);
    case 'int64':
    case 'uint64':
      return view.setBigUint64(at * 8, BigInt.asUintN(64, BigInt(value)), true);
  }
}

/** A formula image: metadata, and a pyramid whose tiles are computed. */
export class FakePyramid {
  constructor(private readonly _options: IFakeOptions = {}) {
    this.image = fakeImage(_options);
    this.levels = (_options.levels ?? ODD_LEVELS).map((level, k) => this._source(level, k));
  }

  readonly image: IImage;
  readonly levels: readonly ILevelSource[];
  readonly asked: string[] = [];
  readonly aborted: string[] = [];
  pending = 0;
  disposed = false;
  contrasts = 0;

  onPending(listener: () => void): { dispose(): void } {
    this._listeners.add(listener);
    return { dispose: () => void this._listeners.delete(listener) };
  }

  async contrast(): Promise<[number, number]> {
    this.contrasts++;
    return [10, 200];
  }

  dispose(): void {
    this.disposed = true;
  }

  /** As the real one, which it stands in for. */
  get real(): Pyramid {
    return this as unknown as Pyramid;
  }

  private _source(level: IFakeLevel, k: number): ILevelSource {
    const { width, height, tile } = level;
    const value = (x: number, y: number, s: { t: number; z: number; c: number }): PixelValue =>
      this._options.value?.({ level: k, x, y, ...s }) ?? 0;
    return {
      level: k,
      width,
      height,
      tile,
      scale: [level.scale, level.scale],
      offset: [level.offset, level.offset],
      area: () => Promise.reject(new Error('the viewer reads tiles')),
      tileAt: (x, y, s, signal) => this._tile(level, k, x, y, s, signal),
      value
    };
  }

  private async _tile(level: IFakeLevel, k: number, tx: number, ty: number, s: { t: number; z: number; c: number }, signal?: AbortSignal): Promise<IPlaneTile> {
    const name = `${k}/${tx}/${ty}/${s.c}@${s.t},${s.z}`;
    this.asked.push(name);
    signal?.addEventListener('abort', () => this.aborted.push(name));
    this._count(1);
    try {
      await this._options.before?.(k, tx, ty, s.c, signal);
      throwIfAborted(signal);
    } finally {
      this._count(-1);
    }
    const dtype = this._options.dtype ?? 'uint8';
    const width = Math.min(level.tile[0], level.width - tx * level.tile[0]);
    const height = Math.min(level.tile[1], level.height - ty * level.tile[1]);
    const { words: array, view } = words(dtype, width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        put(view, dtype, y * width + x, this._options.value?.({ level: k, x: tx * level.tile[0] + x, y: ty * level.tile[1] + y, ...s }) ?? 0);
      }
    }
    return { words: array, width, height, absent: Uint8Array.of(this._options.state?.(k, tx, ty, s.c) ?? 0), maskSize: [1, 1] };
  }

  private _count(by: number): void {
    this.pending += by;
    this._listeners.forEach(listener => listener());
  }

  private readonly _listeners = new Set<() => void>();
}

/** Metadata of a fake image; axis order t, c, z, y, x, axes of one plane left out. */
export function fakeImage(options: IFakeOptions = {}): IImage {
  const { z = 1, t = 1, unit, dtype = 'uint8', levels = ODD_LEVELS } = options;
  const channels = options.channels ?? ONE_CHANNEL;
  const names = [...(t > 1 ? ['t'] : []), ...(channels.length > 1 ? ['c'] : []), ...(z > 1 ? ['z'] : []), 'y', 'x'];
  const at = Object.fromEntries(names.map((name, i) => [name, i])) as unknown as IImage['at'];
  const size = (level: IFakeLevel): Record<string, number> => ({ t, c: channels.length, z, y: level.height, x: level.width });
  const type = { t: 'time', c: 'channel', z: 'space', y: 'space', x: 'space' } as const;
  const pixel = unit ? 0.5 : 1;
  return {
    kind: 'image',
    version: '0.4',
    zarrFormat: 2,
    path: '',
    name: 'formula',
    axes: names.map(name => ({ name, type: type[name as 'x'], ...(name === 'c' || !unit ? {} : { unit: name === 't' ? 'second' : unit }) })),
    at,
    levels: levels.map((level, index): ILevel => {
      const ratio = names.map(name => (name === 'x' || name === 'y' ? level.scale : 1));
      return {
        index,
        path: String(index),
        array: {
          path: String(index),
          zarrFormat: 2,
          shape: names.map(name => size(level)[name]),
          chunks: names.map(name => (name === 'x' ? level.tile[0] : name === 'y' ? level.tile[1] : 1)),
          dtype,
          codecs: ['blosc']
        } as unknown as IArray,
        scale: ratio.map(value => value * pixel),
        translation: names.map(() => 0),
        ratio,
        offset: names.map(name => (name === 'x' || name === 'y' ? level.offset : 0))
      };
    }),
    channels: channels.map((channel, index) => ({ index, label: channel.label ?? `Channel ${index}`, active: channel.active ?? true, color: channel.color, window: channel.window })),
    defaults: { t: 0, z: Math.floor(z / 2) },
    hasOmero: true,
    notices: [],
    others: [],
    rgb: false,
    imageLabel: options.imageLabel ?? false
  };
}
