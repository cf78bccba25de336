import { BioImageError, say } from '../../core';
import type { ILabelImages } from '../../pixels';
import { Labels } from '../stage/labels';
import { fakeImage, FakePyramid } from './fakes';
import type { IFakeOptions } from './fakes';

const LEVELS = [
  { width: 100, height: 80, tile: [50, 40] as [number, number], scale: 1, offset: 0 },
  { width: 25, height: 20, tile: [50, 40] as [number, number], scale: 4, offset: 0 }
];

function label(name: string, options: IFakeOptions = {}) {
  const pyramid = new FakePyramid({ levels: LEVELS, dtype: 'int64', imageLabel: true, ...options });
  return { name, image: pyramid.image, pyramid: pyramid.real, fake: pyramid };
}

/** Labels over an image of 200 × 160 pixels: a label pixel is two of them. */
function setUp(found: ILabelImages | Error, wanted?: string[], plane = { t: 0, z: 0 }) {
  const image = fakeImage({ levels: [{ width: 200, height: 160, tile: [200, 160], scale: 1, offset: 0 }], z: 4 });
  let asked = 0;
  const load = async (): Promise<ILabelImages> => {
    asked++;
    if (found instanceof Error) {
      throw found;
    }
    return found;
  };
  const labels = new Labels({ image, wanted, load, plane: () => plane, nameless: 'Labels' });
  return { labels, asked: () => asked };
}

const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve));
const drawn = { exact: true, contents: [] };

describe('labels', () => {
  it('are asked for once, and hidden until somebody wants them', async () => {
    const { labels, asked } = setUp({ labels: [label('nuclei')], failed: [] });
    expect(asked()).toBe(0);
    expect(labels.settled).toBe(true);
    labels.start();
    labels.start();
    await settle();
    expect(asked()).toBe(1);
    expect(labels.model.items.map(({ name, shown }) => [name, shown])).toEqual([['nuclei', false]]);
    expect(labels.layers).toEqual([]);
    labels.model.setShown('nuclei', true);
    expect(labels.layers).toHaveLength(1);
    expect(labels.exact(new Map())).toBe(false);
    expect(labels.exact(new Map([[labels.layers[0].id, drawn]]))).toBe(true);
  });

  it('that are wanted leave the view inexact until they are drawn', async () => {
    const { labels } = setUp({ labels: [label('nuclei'), label('cells')], failed: [] }, ['cells', 'gone']);
    expect(labels.exact(new Map())).toBe(false);
    expect(labels.model.shown).toEqual(['cells', 'gone']);
    labels.start();
    await settle();
    expect(labels.model.shown).toEqual(['cells']);
    expect(labels.exact(new Map())).toBe(false);
    expect(labels.exact(new Map([['labels/cells', drawn]]))).toBe(true);
  });

  it('that cannot be opened are told, and keep nothing waiting', async () => {
    const broken = setUp({ labels: [], failed: [{ name: 'cells', error: new BioImageError('BAD_METADATA', say`no axes`) }] }, ['cells']).labels;
    broken.start();
    await settle();
    expect(broken.model.failed.map(one => [one.label, one.cause])).toEqual([['cells', 'no axes']]);
    expect(broken.exact(new Map())).toBe(true);
    const down = setUp(new BioImageError('UPSTREAM_DOWN', say`offline`), ['cells']).labels;
    down.start();
    await settle();
    expect(down.model.failed.map(one => one.cause)).toEqual(['offline']);
    expect(down.exact(new Map())).toBe(true);
  });

  it('lie over the image in its places, and are read there with all 64 bits', async () => {
    const value = ({ x, y }: { x: number; y: number }): bigint => -(2n ** 62n) - BigInt(y * 1000 + x);
    const { labels } = setUp({ labels: [label('nuclei', { value })], failed: [] }, ['nuclei']);
    labels.start();
    await settle();
    const [layer] = labels.layers;
    expect(layer.levels.map(({ scale, offset }) => [scale, offset])).toEqual([
      [[2, 2], [0, 0]],
      [[8, 8], [0, 0]]
    ]);
    expect(layer.format).toBe('rg32uint');
    expect(labels.readAt(41, 21, 1)).toMatchObject([{ name: 'nuclei', id: String(-(2n ** 62n) - 10020n) }]);
    expect(labels.readAt(250, 21, 1)).toEqual([]);
    expect(layer.tiles.choose({ left: 0, top: 0, right: 200, bottom: 160 }, 1 / 8)).toEqual([{ x: 0, y: 0, level: 1 }]);
  });

  it('follow the plane of the image, to none where they have none', async () => {
    const plane = { t: 0, z: 0 };
    const { labels } = setUp({ labels: [label('nuclei', { z: 4 })], failed: [] }, ['nuclei'], plane);
    labels.start();
    await settle();
    const [layer] = labels.layers;
    const content = await layer.load({ x: 0, y: 0, level: 0 }, new AbortController().signal);
    expect(layer.current(content)).toBe(true);
    plane.z = 3;
    expect(layer.current(content)).toBe(false);
    expect((await layer.load({ x: 0, y: 0, level: 0 }, new AbortController().signal)).plane).toEqual({ t: 0, z: 3 });
  });

  it('tell the properties of an id', async () => {
    const one = label('nuclei', { value: () => 7n });
    const image = { ...one.image, label: { colors: new Map(), properties: new Map([['7', [['area', '33']] as const]]) } };
    const { labels } = setUp({ labels: [{ ...one, image }], failed: [] }, ['nuclei']);
    labels.start();
    await settle();
    expect(labels.readAt(0, 0, 1)).toMatchObject([{ name: 'nuclei', id: '7', properties: [['area', '33']] }]);
  });

  it('opened alone are their own image', () => {
    const image = { ...fakeImage({ imageLabel: true }), label: { colors: new Map(), properties: new Map([['3', [['kind', 'cell']] as const]]) } };
    const load = (): Promise<ILabelImages> => Promise.reject(new Error('asked'));
    const labels = new Labels({ image, load, plane: () => ({ t: 0, z: 0 }), nameless: 'Labels' });
    labels.start(); // there are none over labels
    expect(labels.alone).toBe(true);
    expect(labels.layers).toEqual([]);
    expect(labels.reading(3).properties).toEqual([['kind', 'cell']]);
    expect(labels.reading(null).id).toBeNull();
    expect(new Float32Array(labels.look(true).data.buffer)[0]).toBe(1);
    expect(new Float32Array(labels.look(false).data.buffer)[0]).toBe(0);
  });
});
