import { placeOver } from '..';
import type { IImage } from '..';
import { imageOf } from './made';
import type { ILevelOf, Json } from './made';
import { reading } from '../../testing/reading';

const scale = (...by: number[]): Json => ({ type: 'scale', scale: by });
const shift = (...by: number[]): Json => ({ type: 'translation', translation: by });
const close = (found: readonly number[], expected: readonly number[]): void =>
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 9));

describe('the levels of a pyramid', () => {
  it.each<[string, string, readonly ILevelOf[], number[], number[]]>([
    [
      'three times smaller',
      'yx',
      [
        { shape: [90, 60], transformations: [scale(0.1, 0.1)] },
        { shape: [30, 20], transformations: [scale(0.3, 0.3)] }
      ],
      [3, 3],
      [0, 0]
    ],
    [
      'odd sizes',
      'yx',
      [
        { shape: [75, 133], transformations: [scale(2, 2)] },
        { shape: [37, 66], transformations: [scale(4, 4)] }
      ],
      [2, 2],
      [0, 0]
    ],
    [
      'anisotropic',
      'zyx',
      [
        { shape: [9, 64, 64], transformations: [scale(2, 0.5, 0.5)] },
        { shape: [9, 32, 16], transformations: [scale(2, 1, 2)] }
      ],
      [1, 2, 4],
      [0, 0, 0]
    ],
    [
      'z too',
      'zyx',
      [
        { shape: [9, 64, 64], transformations: [scale(2, 1, 1)] },
        { shape: [4, 32, 32], transformations: [scale(4, 2, 2)] }
      ],
      [2, 2, 2],
      [0, 0, 0]
    ],
    ['without scales', 'yx', [{ shape: [90, 60] }, { shape: [30, 20] }], [3, 3], [0, 0]],
    [
      'centres that are named',
      'yx',
      [
        { shape: [64, 64], transformations: [scale(2, 2), shift(10, 20)] },
        { shape: [32, 32], transformations: [scale(4, 4), shift(11, 21)] }
      ],
      [2, 2],
      [0, 0]
    ],
    [
      'taken from every second pixel, said by one axis',
      'yx',
      [
        { shape: [64, 64], transformations: [scale(1, 1), shift(0, 0)] },
        { shape: [32, 32], transformations: [scale(2, 2), shift(0, 0.5)] }
      ],
      [2, 2],
      [-0.5, 0]
    ],
    [
      'a part of a sequence',
      'yx',
      [
        { shape: [64, 64], transformations: [scale(2, 2)] },
        { shape: [32, 32], transformations: [{ type: 'sequence', transformations: [scale(4, 4), shift(1, 1)] }] }
      ],
      [2, 2],
      [0, 0]
    ]
  ])('%s', (_, names, levels, ratio, offset) => {
    const image = imageOf(names, levels);
    close(image.levels[1].ratio, ratio);
    close(image.levels[1].offset, offset);
    expect(image.levels[0].ratio.every(value => value === 1)).toBe(true);
  });

  it('keep whole ratios whole, whatever the division leaves', () => {
    const levels = [0.65, 1.95, 4.55].map((size, i) => ({
      shape: [[210, 70, 30][i], 210 / [1, 3, 7][i]],
      transformations: [scale(size, size)]
    }));
    expect(imageOf('yx', levels).levels.map(({ ratio }) => ratio)).toEqual([
      [1, 1],
      [3, 3],
      [7, 7]
    ]);
  });
});

describe('transformations that are no scale', () => {
  const [sine, cosine] = [Math.sin(0.3), Math.cos(0.3)];
  const turned = (size: number): Json => ({
    type: 'affine',
    affine: [
      [size * cosine, -size * sine, 5],
      [size * sine, size * cosine, 6]
    ]
  });

  it('that all levels share are left out of the picture: pixel size by the columns, and a notice', () => {
    const image = imageOf('yx', [
      { shape: [75, 101], transformations: [turned(0.5)] },
      { shape: [37, 50], transformations: [turned(1)] }
    ]);
    close(image.levels[1].ratio, [2, 2]);
    close(image.levels[1].scale, [1, 1]);
    close(image.levels[0].scale, [0.5, 0.5]);
    close(image.levels[1].offset, [0, 0]);
    expect(image.notices.map(String)).toContainEqual(reading(/turned or sheared/));
    expect(image.calibrated).toBe(true);
  });

  it('that turn levels against each other leave the sizes, and a notice', () => {
    const image = imageOf('yx', [
      { shape: [75, 101], transformations: [scale(0.5, 0.5)] },
      { shape: [37, 50], transformations: [turned(1)] }
    ]);
    close(image.levels[1].ratio, [75 / 37, 101 / 50]);
    expect(image.notices.map(String)).toContainEqual(reading(/turned against each other/));
  });

  it.each<[string, Json]>([
    [
      'a rotation',
      {
        type: 'rotation',
        rotation: [
          [cosine, -sine],
          [sine, cosine]
        ]
      }
    ],
    ['a mapping of axes', { type: 'mapAxis', mapAxis: [1, 0] }],
    [
      'parts by dimension',
      {
        type: 'byDimension',
        transformations: [
          { inputAxes: [1], outputAxes: [0], transformation: scale(3) },
          {
            inputAxes: [0],
            outputAxes: [1],
            transformation: { type: 'sequence', transformations: [scale(2), shift(7)] }
          }
        ]
      }
    ],
    ['a bijection', { type: 'bijection', forward: turned(2), inverse: turned(0.5) }]
  ])('of the whole multiscale change no ratio: %s', (_, whole) => {
    const image = imageOf(
      'yx',
      [
        { shape: [75, 101], transformations: [scale(0.5, 0.5)] },
        { shape: [37, 50], transformations: [scale(1, 1)] }
      ],
      { coordinateTransformations: [whole] }
    );
    close(image.levels[1].ratio, [2, 2]);
    expect(image.notices.filter(notice => /not used/.test(String(notice)))).toEqual([]);
  });

  it('by dimension give the size of a pixel along its own axis', () => {
    const whole = {
      type: 'byDimension',
      transformations: [
        { inputAxes: [1], outputAxes: [0], transformation: scale(3) },
        { inputAxes: [0], outputAxes: [1], transformation: scale(2) }
      ]
    };
    const image = imageOf('yx', [{ shape: [8, 8], transformations: [scale(1, 1)] }], {
      coordinateTransformations: [whole]
    });
    expect(image.levels[0].scale).toEqual([2, 3]);
  });

  it.each<[string, Json]>([
    ['a field of displacements', { type: 'displacements', path: 'field' }],
    [
      'a matrix of the wrong size',
      {
        type: 'affine',
        affine: [
          [1, 0, 0, 0],
          [0, 1, 0, 0]
        ]
      }
    ],
    ['a matrix in a file', { type: 'affine', path: 'matrix' }],
    [
      'a flat matrix',
      {
        type: 'affine',
        affine: [
          [0, 0, 1],
          [0, 0, 1]
        ]
      }
    ],
    [
      'an axis made twice',
      {
        type: 'byDimension',
        transformations: [
          { inputAxes: [0], outputAxes: [0], transformation: scale(1) },
          { inputAxes: [1], outputAxes: [0], transformation: scale(1) }
        ]
      }
    ],
    ['an axis that is not there', { type: 'mapAxis', mapAxis: [0, 2] }],
    [
      'itself without end',
      Array.from({ length: 60 }).reduce<Json>(inner => ({ type: 'sequence', transformations: [inner] }), scale(1, 1))
    ]
  ])('are not used where they cannot be: %s', (_, odd) => {
    const image = imageOf('yx', [{ shape: [8, 8], transformations: [scale(2, 2), odd] }]);
    expect(image.levels[0].scale).toEqual([2, 2]);
    expect(image.notices.map(String)).toContainEqual(reading(/not used/));
  });
});

describe('coordinate systems (0.6)', () => {
  const axes = (unit?: string): Json[] => ['y', 'x'].map(name => ({ name, type: 'space', ...(unit && { unit }) }));
  const level = { shape: [8, 8], transformations: [{ ...scale(2, 2), input: { path: '0' }, output: { name: 'own' } }] };
  const onwards = { ...scale(10, 10), input: { name: 'own' }, output: { name: 'world' } };

  it('are told in the one that the levels lead into', () => {
    const systems = [
      { name: 'world', axes: axes('meter') },
      { name: 'own', axes: axes('micrometer') }
    ];
    const image = imageOf('yx', [level], {
      version: '0.6rc0',
      coordinateSystems: systems,
      coordinateTransformations: [onwards]
    });
    expect([image.levels[0].scale, image.axes[0].unit]).toEqual([[2, 2], 'micrometer']);
    expect(image.notices.map(String)).toContainEqual(reading(/1 more coordinate system/));
  });

  it('are followed one step where only the next one has units', () => {
    const systems = [
      { name: 'own', axes: axes() },
      { name: 'world', axes: axes('meter') }
    ];
    const image = imageOf('yx', [level], {
      version: '0.6rc0',
      coordinateSystems: systems,
      coordinateTransformations: [onwards]
    });
    expect([image.levels[0].scale, image.axes[0].unit]).toEqual([[20, 20], 'meter']);
  });
});

describe('a label image laid over an image', () => {
  const base = imageOf('czyx', [
    { shape: [2, 10, 100, 80], transformations: [scale(1, 2, 0.5, 0.5)] },
    { shape: [2, 10, 50, 40], transformations: [scale(1, 2, 1, 1)] }
  ]);
  const planes = (label: IImage, ...at: number[]): (number | null)[] =>
    at.map(z => placeOver(label, base).planeAt('z', z));

  it('of its own size lies pixel on pixel, without an axis of channels', () => {
    const label = imageOf('zyx', [
      { shape: [10, 100, 80], transformations: [scale(2, 0.5, 0.5)] },
      { shape: [10, 50, 40], transformations: [scale(2, 1, 1)] }
    ]);
    const { levels, notices } = placeOver(label, base);
    expect(levels).toEqual([
      { scale: [1, 1], offset: [0, 0] },
      { scale: [2, 2], offset: [0, 0] }
    ]);
    expect(notices.map(String)).toEqual([]);
    expect(planes(label, 0, 9)).toEqual([0, 9]);
  });

  it('of half the size is stretched, by scale or by size; along x otherwise than along y', () => {
    const label = imageOf('zyx', [{ shape: [5, 25, 40], transformations: [scale(4, 2, 1)] }]);
    expect(placeOver(label, base).levels).toEqual([{ scale: [2, 4], offset: [0, 0] }]);
    expect(planes(label, 0, 1, 2, 9)).toEqual([0, 0, 1, 4]);
    const bare = imageOf('zyx', [{ shape: [5, 25, 40] }]);
    expect(placeOver(bare, base).levels).toEqual([{ scale: [2, 4], offset: [0, 0] }]);
    expect(planes(bare, 0, 1, 2, 9)).toEqual([0, 0, 1, 4]);
  });

  it('in other units is measured in those of the image', () => {
    const label = imageOf('yx', [{ shape: [50, 40], transformations: [scale(1000, 1000)] }], {}, 'nanometer');
    expect(placeOver(label, base).levels).toEqual([{ scale: [2, 2], offset: [0, 0] }]);
  });

  it('of one plane, or without the axis, belongs to every plane', () => {
    expect(planes(imageOf('zyx', [{ shape: [1, 100, 80], transformations: [scale(2, 0.5, 0.5)] }]), 0, 9)).toEqual([
      0, 0
    ]);
    expect(planes(imageOf('yx', [{ shape: [100, 80] }]), 0, 9)).toEqual([0, 0]);
  });

  it('of a part lies where its translation says, and nowhere else', () => {
    const label = imageOf('zyx', [{ shape: [3, 20, 20], transformations: [scale(2, 0.5, 0.5), shift(8, 10, 5)] }]);
    expect(placeOver(label, base).levels).toEqual([{ scale: [1, 1], offset: [10, 20] }]);
    expect(planes(label, 3, 4, 6, 7)).toEqual([null, 0, 2, null]);
  });

  it('is laid by its size where its scale was left at 1', () => {
    const label = imageOf('zyx', [{ shape: [10, 100, 80], transformations: [scale(1, 1, 1)] }]);
    const { levels, notices } = placeOver(label, base);
    expect(levels).toEqual([{ scale: [1, 1], offset: [0, 0] }]);
    expect(notices.map(String)).toContainEqual(reading(/contradicts its size/));
    expect(planes(label, 9)).toEqual([9]);
  });

  it('with fewer times is not there at the later ones', () => {
    const over = imageOf('tyx', [{ shape: [5, 8, 8] }]);
    const label = imageOf('tyx', [{ shape: [3, 8, 8] }]);
    expect([0, 2, 3].map(t => placeOver(label, over).planeAt('t', t))).toEqual([0, 2, null]);
  });
});
