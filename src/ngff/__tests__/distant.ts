import { throwIfAborted } from '../../core';
import { MemoryStore } from '../../stores';
import type { ByteRange, IReadableStore, IReadOptions } from '../../stores';
import { BYTES, sharding, v2, v3 } from '../../testing';
import { boxes } from '../../testing/images';

/** Delay of every answer in ms; longer than a computer takes between two rounds, short enough for many of them. */
export const DELAY = 60;

/**
 * A store as a browser sees it: every answer takes its time, `width` requests run at once (HTTP/1.1: 6 to a host), the
 * rest waits in the order of asking. A request's round is one more than that of the latest answer before it went out.
 */
export class DistantStore implements IReadableStore {
  readonly name = 'distant';
  readonly log: { key: string; round: number; absent: boolean }[] = [];
  private readonly _queue: (() => void)[] = [];
  private _running = 0;
  private _answered = 0;

  constructor(
    private readonly _store: IReadableStore,
    private readonly _width: number
  ) {}

  get rounds(): number {
    return Math.max(...this.log.map(({ round }) => round));
  }

  /** Round of the latest of these keys. */
  roundOf(keys: readonly string[]): number {
    return Math.max(...this.log.filter(({ key }) => keys.includes(key)).map(({ round }) => round));
  }

  async get(key: string, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._ask(key, () => this._store.get(key), options.signal);
  }

  async getRange(key: string, range: ByteRange, options: IReadOptions = {}): Promise<Uint8Array | undefined> {
    return this._ask(key, () => this._store.getRange(key, range), options.signal);
  }

  private async _ask(
    key: string,
    read: () => Promise<Uint8Array | undefined>,
    signal?: AbortSignal
  ): Promise<Uint8Array | undefined> {
    if (this._running >= this._width) {
      await new Promise<void>(resolve => this._queue.push(resolve));
    }
    this._running += 1;
    const round = this._answered + 1;
    try {
      throwIfAborted(signal);
      await new Promise(resolve => setTimeout(resolve, DELAY));
      throwIfAborted(signal);
      const bytes = await read();
      this.log.push({ key, round, absent: bytes === undefined });
      return bytes;
    } finally {
      this._answered = Math.max(this._answered, round);
      this._running -= 1;
      this._queue.shift()?.();
    }
  }
}

export interface ILayout {
  format: 2 | 3;
  name: string;
}

export interface IShape {
  axes: string;
  shape: number[];
  chunks: number[];
  levels: number;
  omero?: Record<string, unknown>;
  sharded?: boolean;
}

export const LAYOUTS: ILayout[] = ([2, 3] as const).flatMap(format =>
  ['0', 's0', 'scale0'].map(name => ({ format, name }))
);

const CHANNELS = { channels: ['DNA', 'actin', 'tubulin'].map(label => ({ label })) };
export const FLAT: IShape = { axes: 'cyx', shape: [3, 2048, 2048], chunks: [1, 512, 512], levels: 4, omero: CHANNELS };
export const STACK: IShape = {
  axes: 'tczyx',
  shape: [4, 2, 32, 1024, 1024],
  chunks: [1, 1, 1, 256, 256],
  levels: 3,
  omero: { ...CHANNELS, channels: CHANNELS.channels.slice(0, 2), rdefs: { defaultZ: 12 } }
};
export const BARE_STACK: IShape = { ...STACK, omero: undefined };

export const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function arrayDocument(format: 2 | 3, shape: number[], { chunks, sharded = false }: IShape): unknown {
  if (format === 2) {
    return v2({ shape, chunks, dimension_separator: '/' });
  }
  const outer = chunks.map((size, i) => (i < chunks.length - 2 ? size : Math.ceil(shape[i] / size) * size));
  const grid = { name: 'regular', configuration: { chunk_shape: sharded ? outer : chunks } };
  const codecs = sharded ? [sharding({ chunk_shape: chunks, codecs: [BYTES] })] : [BYTES];
  return v3({ shape, chunk_grid: grid, codecs, attributes: {} });
}

/** An image whose levels halve in y and x, with a byte in every chunk of every level. */
export function imageStore({ format, name }: ILayout, image: IShape): MemoryStore {
  const objects = new Map<string, Uint8Array>();
  const prefix = name.slice(0, -1);
  const datasets = Array.from({ length: image.levels }, (_, k) => ({
    path: `${prefix}${k}`,
    coordinateTransformations: [
      { type: 'scale', scale: [...image.axes].map(axis => ('yx'.includes(axis) ? 2 ** k : 1)) }
    ]
  }));
  const axes = [...image.axes].map(axis => ({
    name: axis,
    type: axis === 't' ? 'time' : axis === 'c' ? 'channel' : 'space'
  }));
  const attributes = {
    multiscales: [{ version: format === 2 ? '0.4' : undefined, axes, datasets }],
    omero: image.omero
  };
  objects.set('.zgroup', json({ zarr_format: 2 }));
  if (format === 3) {
    objects.clear();
    objects.set(
      'zarr.json',
      json({ zarr_format: 3, node_type: 'group', attributes: { ome: { version: '0.5', ...attributes } } })
    );
  } else {
    objects.set('.zattrs', json(attributes));
  }
  datasets.forEach(({ path }, k) => {
    const shape = image.shape.map((size, i) => ('yx'.includes(image.axes[i]) ? size / 2 ** k : size));
    objects.set(`${path}/${format === 2 ? '.zarray' : 'zarr.json'}`, json(arrayDocument(format, shape, image)));
    const grid = shape.map((size, i) => Math.ceil(size / image.chunks[i]));
    boxes(grid).forEach(chunk =>
      objects.set([path, ...(format === 3 ? ['c'] : []), ...chunk].join('/'), Uint8Array.of(1))
    );
  });
  return new MemoryStore(objects);
}
