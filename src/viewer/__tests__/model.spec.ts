import type { IChannel } from '../../ngff';
import { boundsFor, fallbackRange, moveEnd, windowRange } from '../stage/contrast';
import { ViewModel } from '../stage/model';
import type { ViewChange } from '../stage/model';
import { fakeImage } from './fakes';

const WINDOW = { min: 0, max: 1000, start: 100, end: 500 };

function named(...labels: string[]): { label: string }[] {
  return labels.map(label => ({ label }));
}

function watched(model: ViewModel): ViewChange[] {
  const changes: ViewChange[] = [];
  model.changed.connect((_, change) => changes.push(change));
  return changes;
}

describe('ViewModel', () => {
  it('starts at the plane and the channels of the metadata', () => {
    const model = new ViewModel(fakeImage({ z: 5, t: 3, channels: [...named('DAPI'), { ...named('GFP')[0], active: false }, {}] }));
    expect(model.plane).toEqual({ t: 0, z: 2 });
    expect(model.visible).toEqual([0, 2]);
    expect(model.channels.map(channel => channel.label)).toEqual(['DAPI', 'GFP', 'Channel 2']);
    expect(model.pinned).toBeUndefined();
  });

  it('starts at a selection, clipped to the image', () => {
    const image = fakeImage({ z: 5, t: 3, channels: [{}, {}, {}] });
    const model = new ViewModel(image, { level: 1, t: 9, z: 1, c: [2, 7] });
    expect(model.plane).toEqual({ t: 2, z: 1 });
    expect(model.visible).toEqual([2]);
    expect(model.pinned).toBe(1);
    expect(new ViewModel(image, { level: 99 }).pinned).toBe(2);
    expect(new ViewModel(image, { c: [40] }).visible).toEqual([0, 1, 2]);
  });

  it('tells what has changed, and nothing where nothing has', () => {
    const model = new ViewModel(fakeImage({ z: 5, channels: [{ window: WINDOW }, {}] }));
    const changes = watched(model);
    model.setPlane('z', 2);
    model.setPlane('z', 3);
    model.setPlane('z', 99);
    model.setVisible(1, false);
    model.setColor(0, 'ff00aa');
    model.setColor(0, 'red;background:url(//x)');
    model.setEnd(0, 'minimum', 200);
    model.setEnd(0, 'minimum', NaN);
    model.pin(2);
    model.pin(2);
    expect(changes).toEqual(['plane', 'plane', 'visible', 'tint', 'tint', 'level']);
    expect(model.plane.z).toBe(4);
    expect(model.channels[0].color).toBe('FF00AA');
    expect(model.channels[0].range).toEqual([200, 500]);
  });

  it('takes contrast from omero, else from the pixels, and resets to what it was first', () => {
    const model = new ViewModel(fakeImage({ dtype: 'uint16', channels: [{ window: WINDOW }, {}] }));
    expect(model.channels.map(channel => channel.range)).toEqual([[100, 500], undefined]);
    model.setRange(1, [40, 90]);
    model.setRange(1, [50, 60]);
    model.setEnd(0, 'maximum', 999);
    model.setVisible(0, false);
    model.reset();
    expect(model.channels.map(channel => channel.range)).toEqual([[100, 500], [40, 90]]);
    expect(model.visible).toEqual([0, 1]);
  });

  it('does not stretch over an empty range', () => {
    const model = new ViewModel(fakeImage({ dtype: 'uint16' }));
    model.setRange(0, [7, 7]);
    expect(model.channels[0].range).toEqual([0, 65535]);
  });

  it('needs no contrast for labels', () => {
    const model = new ViewModel(fakeImage({ dtype: 'uint32', imageLabel: true }));
    expect(model.channels[0].range).toBeDefined();
    expect(model.channels[0].bounds).toBeUndefined();
  });

  it('takes over what a selection names, and nothing else', () => {
    const model = new ViewModel(fakeImage({ z: 9, t: 4, channels: named('a', 'b', 'c') }), { t: 1, level: 1 });
    const changes: string[] = [];
    model.changed.connect((_, change) => changes.push(change));
    model.select({ z: 99, c: [2, 7] });
    expect([model.plane, model.visible, model.pinned]).toEqual([{ t: 1, z: 8 }, [2], 1]);
    model.select({ t: 0, level: 0, c: [7] });
    expect([model.plane, model.visible, model.pinned]).toEqual([{ t: 0, z: 8 }, [2], 0]);
    model.select({ t: 0, z: 8, c: [2], level: 0 });
    expect(changes).toEqual(['plane', 'visible', 'plane', 'level']);
  });

  it('shows names of channels as text', () => {
    const model = new ViewModel(fakeImage({ channels: named('a\u202eb', '   ', 'x'.repeat(500)) }));
    expect(model.channels[0].label).toBe('a⟨U+202E⟩b');
    expect(model.channels[1].label).toBe('Channel 1');
    expect(Array.from(model.channels[2].label)).toHaveLength(80);
  });

  it('colours one channel white and others apart', () => {
    const colors = (n: number) => new ViewModel(fakeImage({ channels: Array.from({ length: n }, () => ({})) })).channels.map(c => c.color);
    expect(colors(1)).toEqual(['FFFFFF']);
    expect(new Set(colors(3)).size).toBe(3);
    expect(new Set(colors(6)).size).toBe(6);
  });
});

describe('contrast', () => {
  const channel = (window?: IChannel['window']): IChannel => ({ index: 0, active: true, ...named('x')[0], window });

  it('takes a window only where it can be drawn', () => {
    expect(windowRange(channel(WINDOW))).toEqual([100, 500]);
    expect(windowRange(channel({ ...WINDOW, start: 500 }))).toBeUndefined();
    expect(windowRange(channel({ ...WINDOW, end: NaN }))).toBeUndefined();
    expect(windowRange(channel())).toBeUndefined();
  });

  it('bounds sliders by the type where it is small, else by the window, else around the pixels', () => {
    expect(boundsFor('uint8', [10, 20], channel(WINDOW))).toEqual({ low: 0, high: 255, step: 1 });
    expect(boundsFor('uint16', [100, 500], channel(WINDOW))).toEqual({ low: 0, high: 1000, step: 1 });
    expect(boundsFor('uint16', [100, 2000], channel(WINDOW)).high).toBe(2000);
    expect(boundsFor('uint16', [100, 200], channel())).toEqual({ low: 50, high: 300, step: 1 });
    expect(boundsFor('uint16', [1, 60000], channel())).toEqual({ low: 0, high: 65535, step: 1 });
    const float = boundsFor('float32', [-1, 1], channel());
    expect(float).toEqual({ low: -2, high: 3, step: 0.005 });
  });

  it('keeps minimum below maximum', () => {
    const bounds = { low: 0, high: 100, step: 1 };
    expect(moveEnd([10, 20], 'minimum', 15, bounds)).toEqual([15, 20]);
    expect(moveEnd([10, 20], 'minimum', 20, bounds)).toEqual([20, 21]);
    expect(moveEnd([10, 20], 'minimum', 500, bounds)).toEqual([99, 100]);
    expect(moveEnd([10, 20], 'maximum', 5, bounds)).toEqual([4, 5]);
    expect(moveEnd([10, 20], 'maximum', -5, bounds)).toEqual([0, 1]);
  });

  it('falls back to the range of the type', () => {
    expect(fallbackRange('int16')).toEqual([-32768, 32767]);
    expect(fallbackRange('uint8')).toEqual([0, 255]);
    expect(fallbackRange('float32')).toEqual([0, 1]);
  });
});
