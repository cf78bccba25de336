import { buildNode, withAxes, withPosition } from '..';
import type { IImage } from '..';
import { codeOf, imageOf } from './made';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function bare(shape: readonly number[], names?: readonly (string | null)[], type = 'uint8'): IImage {
  const document = {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: type,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: shape.map(() => 4) } },
    fill_value: 0,
    codecs: [{ name: 'bytes' }],
    ...(names && { dimension_names: names })
  };
  const built = buildNode(
    new Map([
      ['zarr.json', bytes(document)],
      ['.zattrs', null]
    ])
  );
  if (!('node' in built) || built.node.kind !== 'image') {
    throw new Error('no image');
  }
  return built.node;
}

describe('an array without OME-Zarr metadata', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('of %i axes is drawn by its last two', rank => {
    const image = bare(Array.from({ length: rank }, (_, i) => i + 2));
    const { at, levels, others } = image;
    const drawn = levels[0].array.shape;
    expect([at.y, at.x]).toEqual([drawn.length - 2, drawn.length - 1]);
    expect(drawn).toHaveLength(Math.max(2, rank));
    expect(others).toEqual(Array.from({ length: Math.max(0, rank - 5) }, (_, axis) => ({ axis, index: 0 })));
  });

  it.each([0, 10])('of %i axes is refused', rank => {
    expect(() => bare(Array.from({ length: rank }, () => 2))).toThrow(/not supported/);
  });

  it('of one axis is one row whose chunks lie where they lay', () => {
    const { array } = bare([10]).levels[0];
    expect([array.shape, array.chunks, array.objectKey([0, 2])]).toEqual([[1, 10], [1, 4], 'c/2']);
  });

  it('is a colour picture only where its last axis is called so', () => {
    expect(bare([20, 30, 3]).rgb).toBe(false);
    expect(bare([20, 30, 3], ['y', 'x', 'c']).rgb).toBe(true);
    expect(bare([20, 30, 4], ['y', 'x', 'c']).rgb).toBe(true);
    expect(bare([20, 30, 5], ['y', 'x', 'c']).rgb).toBe(false);
    expect(bare([20, 30, 3], ['y', 'x', 'c'], 'uint16').rgb).toBe(false);
    expect(bare([3, 20, 30], ['c', 'y', 'x']).rgb).toBe(false);
    expect(bare([20, 3, 30], ['y', 'c', 'x']).rgb).toBe(false);
  });

  it.each([
    [[100, 90, 3], 'y, x, z'],
    [[3, 100, 90], 'z, y, x'],
    [[100, 3, 90], 'z, y, x'], // no two long ones side by side
    [[5, 100, 90, 3], 'c, y, x, z'],
    [[100, 90, 3, 2], 'y, x, c, z'],
    [[2, 2, 2, 100, 90, 4], 'axis 0, t, c, y, x, z'],
    [[100, 90, 8], 'z, y, x'],
    [[4, 5, 3], 'z, y, x'],
    [[2, 90], 'y, x']
  ])('of %j without names is taken for %s', (shape, names) => {
    const image = bare(shape);
    expect(image.axes.map(({ name }) => name).join(', ')).toBe(names);
    expect([image.axes[image.at.y].name, image.axes[image.at.x].name]).toEqual(['y', 'x']);
    expect(image.rgb).toBe(false);
    expect(image.notices.join(' ')).toContain(`The axes are not named; ${names} are assumed`);
  });

  it('is not guessed where it has names', () => {
    expect(bare([100, 90, 3], ['a', 'b', 'd']).at).toMatchObject({ y: 1, x: 2 });
  });

  it('keeps dimension names, which tell the plane', () => {
    const { at } = bare([5, 6, 7], ['x', 'q', 'y']);
    expect([at.y, at.x]).toEqual([2, 0]);
  });
});

describe('another plane of an array', () => {
  const image = bare([2, 3, 4, 5, 6, 7], ['a', 'b', 'c', 'd', 'y', 'x']);

  it('has the axes that were asked for, and sliders for what is left over', () => {
    const { at, others, channels } = withAxes(image, { y: 0, x: 5 });
    expect([at.y, at.x, at.c]).toEqual([0, 5, 2]);
    expect([at.z, at.t]).toEqual([4, 3]); // the longest ones
    expect(others).toEqual([{ axis: 1, index: 0 }]);
    expect(channels).toHaveLength(4);
  });

  it('stands where it was asked to', () => {
    const { defaults, others } = withAxes(image, { y: 0, x: 5, at: [0, 2, 0, 4, 3, 0] });
    expect([defaults, others]).toEqual([{ z: 3, t: 4 }, [{ axis: 1, index: 2 }]]);
  });

  it('leaves an image as it is where it asks for what is shown', () => {
    const shown = imageOf('tczyx', [{ shape: [3, 2, 9, 40, 50] }]);
    expect(withAxes(shown, { y: 3, x: 4 })).toEqual(shown);
    expect(withAxes(shown, { y: 4, x: 3 }).at).toMatchObject({ t: 0, c: 1, z: 2, y: 4, x: 3 });
    expect(withAxes(shown, { y: 2, x: 4 }).at).toMatchObject({ t: 0, c: 1, z: 3, y: 2, x: 4 });
  });

  it.each([
    [{ y: 1, x: 1 }],
    [{ y: 6, x: 0 }],
    [{ y: 0, x: -1 }],
    [{ y: 0.5, x: 1 }],
    [{ y: 0, x: 5, at: [0] }],
    [{ y: 0, x: 5, at: [0, 3, 0, 0, 0, 0] }]
  ])('is refused where there is none: %j', plane => {
    expect(codeOf(() => withAxes(image, plane))).toBe('BAD_REQUEST');
  });

  it('moves along what is left over, and along nothing else', () => {
    const shown = withAxes(image, { y: 0, x: 5 });
    expect(withPosition(shown, 1, 2).others).toEqual([{ axis: 1, index: 2 }]);
    for (const [axis, index] of [
      [1, 3],
      [1, -1],
      [1, 0.5],
      [0, 0],
      [4, 0],
      [9, 0]
    ]) {
      expect(codeOf(() => withPosition(shown, axis, index))).toBe('BAD_REQUEST');
    }
  });
});
