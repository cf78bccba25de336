import { BioImageError, say } from '../../core';
import { MAX_VIEW_BYTES, Planes } from '../stage/planes';
import { ViewModel } from '../stage/model';
import { FakePyramid } from './fakes';
import type { IFakeOptions } from './fakes';

const ALL = { left: 0, top: 0, right: 40000, bottom: 30000 };
const FLAT = { levels: [{ width: 40000, height: 30000, tile: [512, 512] as [number, number], scale: 1, offset: 0 }] };

function setUp(options: IFakeOptions = {}) {
  const pyramid = new FakePyramid(options);
  const model = new ViewModel(pyramid.image);
  return { pyramid, model, planes: new Planes(pyramid.real, model) };
}

describe('Planes', () => {
  it('follows the zoom unless a level is pinned', () => {
    const { planes, model } = setUp();
    expect([2, 0.2, 0.01].map(unit => planes.level(unit))).toEqual([0, 1, 2]);
    model.pin(1);
    expect([2, 0.2, 0.01].map(unit => planes.level(unit))).toEqual([1, 1, 1]);
  });

  it('asks before it reads an image without a pyramid whole', () => {
    const { planes } = setUp(FLAT);
    const over = planes.oversize(ALL, 0.02);
    expect(over).toEqual({ level: 0, bytes: 40000 * 30000 });
    expect(planes.choose(ALL, 0.02)).toEqual([]);
    expect(planes.choose({ left: 0, top: 0, right: 1000, bottom: 800 }, 1)).toHaveLength(4);
    planes.allow(0);
    expect(planes.oversize(ALL, 0.02)).toBeNull();
  });

  it('does not ask where the zoom chose a finer level of a pyramid, but where that was pinned', () => {
    const levels = [{ ...FLAT.levels[0] }, { width: 4000, height: 3000, tile: [512, 512] as [number, number], scale: 10, offset: 0 }];
    const { planes, model } = setUp({ levels });
    expect(planes.oversize(ALL, 0.5)).toBeNull();
    expect(planes.oversize(ALL, 0.02)).toBeNull();
    model.pin(0);
    expect(planes.oversize(ALL, 0.02)?.bytes).toBeGreaterThan(MAX_VIEW_BYTES);
  });

  it('lays the coarsest level of the opened plane under finer ones', () => {
    const { planes, model } = setUp({ z: 5 });
    expect(planes.underlay(ALL, 1).map(tile => tile.level)).toEqual([2, 2, 2, 2]);
    expect(planes.underlay(ALL, 0.01)).toEqual([]);
    model.setPlane('z', 0);
    expect(planes.underlay(ALL, 1)).toEqual([]);
  });

  it('reads the visible channels of the plane shown', async () => {
    const { planes, model, pyramid } = setUp({ z: 5, channels: [{}, {}, {}] });
    model.setVisible(1, false);
    const tile = await planes.load({ x: 1, y: 0, level: 2 }, new AbortController().signal);
    expect(pyramid.asked).toEqual(['2/1/0/0@0,2', '2/1/0/2@0,2']);
    expect(tile.slots).toEqual([0, 2]);
    expect(planes.current(tile)).toBe(true);
    model.setVisible(1, true);
    expect(planes.current(tile)).toBe(false);
    model.setVisible(1, false);
    model.setVisible(0, false);
    expect(planes.current(tile)).toBe(true); // more than is shown is there
    model.setPlane('z', 3);
    expect(planes.current(tile)).toBe(false);
  });

  it('makes a damaged tile of a failure, and none of a cancellation', async () => {
    const failure = new BioImageError('BAD_CHUNK', say`broken`);
    const { planes } = setUp({ before: () => Promise.reject(failure) });
    const tile = await planes.load({ x: 0, y: 0, level: 0 }, new AbortController().signal);
    expect(tile.damaged).toBe(failure);
    const left = new AbortController();
    left.abort();
    await expect(planes.load({ x: 0, y: 0, level: 0 }, left.signal)).rejects.toBe(failure);
  });
});
