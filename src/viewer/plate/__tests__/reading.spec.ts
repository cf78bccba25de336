import type { IPlateFrame, IPlateHead } from '../../../entities';
import type { IPlate } from '../../../ngff';
import type { IOpened } from '../../../pixels';
import { MemoryStore } from '../../../stores';
import { FakePyramid } from '../../__tests__/fakes';
import type { IPixels } from '../compose';
import { levelFor } from '../compose';
import { plateReading } from '../reading';

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A plate of four wells: A1 and A2 with images, B1 named but absent, B2 whose field is no image. */
function store(): MemoryStore {
  const array = { zarr_format: 2, shape: [8, 8], chunks: [8, 8], dtype: '|u1', compressor: null, filters: null, order: 'C', fill_value: 0 };
  const multiscales = [{ version: '0.4', axes: ['y', 'x'].map(name => ({ name, type: 'space' })), datasets: [{ path: '0', coordinateTransformations: [{ type: 'scale', scale: [1, 1] }] }] }];
  const well = (path: string): [string, Uint8Array][] => [
    [`${path}/.zgroup`, json({ zarr_format: 2 })],
    [`${path}/.zattrs`, json({ well: { version: '0.4', images: [{ path: '0', acquisition: 0 }] } })]
  ];
  const image = (path: string): [string, Uint8Array][] => [
    [`${path}/.zgroup`, json({ zarr_format: 2 })],
    [`${path}/.zattrs`, json({ multiscales })],
    [`${path}/0/.zarray`, json(array)]
  ];
  return new MemoryStore(new Map([...well('A/1'), ...image('A/1/0'), ...well('A/2'), ...image('A/2/0'), ...well('B/2'), ['B/2/0/.zgroup', json({ zarr_format: 2 })]]));
}

const plate: IPlate = {
  kind: 'plate',
  version: '0.4',
  path: '',
  name: '',
  rows: ['A', 'B'],
  columns: ['1', '2'],
  wells: ['A/1', 'A/2', 'B/1', 'B/2'].map(path => ({ name: path.replace('/', ''), path, row: 'AB'.indexOf(path[0]), column: Number(path[2]) - 1, conditions: [] })),
  acquisitions: [],
  notices: []
};

/** Pictures of an 8 × 8 image whose value is 100 at A1 and 200 at A2. */
function setUp() {
  const opened: string[] = [];
  const made: FakePyramid[] = [];
  const frames: (IPlateFrame & { pixels?: IPixels })[] = [];
  const heads: IPlateHead[] = [];
  const pyramidOf: IOpened['pyramidOf'] = (_, path = '') => {
    opened.push(path);
    const levels = [{ width: 8, height: 8, tile: [8, 8] as [number, number], scale: 1, offset: 0 }];
    const pyramid = new FakePyramid({ levels, value: () => (path === 'A/1/0' ? 100 : 200) });
    const source = pyramid.levels[0];
    source.area = (_rectangle, selection, signal) => source.tileAt(0, 0, selection, signal);
    made.push(pyramid);
    return pyramid.real;
  };
  let painted: IPixels | undefined;
  const source = plateReading(plate, { opened: { store: store(), pyramidOf }, paint: pixels => ((painted = pixels), {} as ImageBitmap) });
  const listener = {
    head: (head: IPlateHead) => void heads.push(head),
    cell: (frame: IPlateFrame) => void frames.push({ ...frame, pixels: frame.state === 'picture' ? painted : undefined })
  };
  return { source, listener, opened, made, frames, heads };
}

describe('A plate that is read here', () => {
  it('has a picture, an absence or a failure for each well, with one contrast', async () => {
    const { source, listener, frames, heads, made } = setUp();
    await source({ size: 4 }, listener, new AbortController().signal);
    expect(heads).toMatchObject([{ count: 4, channels: [{ index: 0, window: [10, 200] }] }]);
    const state = (row: number, column: number): string | undefined => frames.find(frame => frame.row === row && frame.column === column)?.state;
    expect([state(0, 0), state(0, 1), state(1, 0), state(1, 1)]).toEqual(['picture', 'picture', 'absent', 'failed']);
    expect(frames).toHaveLength(4);
    const light = (column: number): number | undefined => frames.find(frame => frame.row === 0 && frame.column === column)?.pixels?.data[0];
    expect([light(0), light(1)]).toEqual([121, 255]); // (100 − 10) / 190 and (200 − 10) / 190 of 255
    expect(made.every(pyramid => pyramid.disposed)).toBe(true);
  });

  it('takes the contrast that is asked for', async () => {
    const { source, listener, frames } = setUp();
    await source({ size: 4, c: [0], windows: [[0, 400]] }, listener, new AbortController().signal);
    expect(frames.find(frame => frame.column === 1)?.pixels?.data.slice(0, 4)).toEqual(Uint8ClampedArray.of(128, 0, 0, 255));
  });

  it('stops when it is no longer wanted', async () => {
    const { source, listener, frames } = setUp();
    const ending = new AbortController();
    const done = source({ size: 4 }, { ...listener, head: () => ending.abort() }, ending.signal);
    await expect(done).rejects.toMatchObject({ name: 'AbortError' });
    expect(frames).toEqual([]);
  });
});

describe('levelFor', () => {
  const level = (width: number) => new FakePyramid({ levels: [{ width, height: 4, tile: [width, 4], scale: 1, offset: 0 }] }).levels[0];
  it('is the coarsest that is large enough, else the finest', () => {
    const levels = [level(400), level(200), level(100)];
    expect(levelFor(levels, 150)?.width).toBe(200);
    expect(levelFor(levels, 90)?.width).toBe(100);
    expect(levelFor(levels, 900)?.width).toBe(400);
    expect(levelFor([level(5_000_000)], 90)).toBeNull();
  });
});
