import path from 'node:path';
import { FolderStore } from '../../cli/folder';
import { sharedPath } from '../../testing/shared';
import { openNode } from '..';
import type { IImage } from '..';
import { reading } from '../../testing/reading';

/** What is shown of an image: version, axes, level shapes, ratio of the coarsest level, first planes, channel labels. */
interface IExpected {
  version: string;
  axes: string;
  shapes: string[];
  ratio?: number[];
  t?: number;
  z?: number;
  channels?: string[];
  notices?: RegExp[];
}

const image = (name: string, expected: IExpected): [string, IExpected] => [name, expected];

/** The pictures that other viewers stumble over: which traps is told by the names beside them. */
const IMAGES: [string, IExpected][] = [
  image('ome-zarr-examples/valid/image-02.zarr', { version: '0.4', axes: 'yx', shapes: ['200x200'] }),
  image('ome-zarr-examples/valid/image-03.zarr', { version: '0.4', axes: 'zyx', shapes: ['2x100x100'], z: 1 }),
  image('fiji-java/2d_testing/2d_dataset_v4.ome.zarr', {
    version: '0.4',
    axes: 'yx',
    shapes: ['64x64', '32x32'],
    ratio: [2, 2]
  }),
  image('fiji-java/2d_testing/2d_dataset_v5.ome.zarr', {
    version: '0.5',
    axes: 'yx',
    shapes: ['64x64', '32x32'],
    ratio: [2, 2]
  }),
  image('fiji-java/3d_testing/xyc/3d_dataset_v4.ome.zarr', {
    version: '0.4',
    axes: 'cyx',
    shapes: ['3x64x64', '3x32x32'],
    ratio: [1, 2, 2],
    channels: ['Channel 0', 'Channel 1', 'Channel 2']
  }),
  image('fiji-java/3d_testing/xyt/3d_dataset_v5.ome.zarr', {
    version: '0.5',
    axes: 'tyx',
    shapes: ['4x64x64', '4x32x32'],
    ratio: [1, 2, 2]
  }),
  // z halves from level to level
  image('fiji-java/3d_testing/xyz/3d_dataset_v4.ome.zarr', {
    version: '0.4',
    axes: 'zyx',
    shapes: ['16x64x64', '8x32x32'],
    ratio: [2, 2, 2],
    z: 8
  }),
  image('fiji-java/4d_testing/xyzc/4d_dataset_v5.ome.zarr', {
    version: '0.5',
    axes: 'czyx',
    shapes: ['3x16x64x64', '3x8x32x32'],
    ratio: [1, 2, 2, 2],
    z: 8,
    channels: ['Channel 0', 'Channel 1', 'Channel 2']
  }),
  // the default plane is 71 of 16
  ...(['v4', 'v5'] as const).map(v =>
    image(`fiji-java/5d_testing/5d_dataset_${v}.ome.zarr`, {
      version: v === 'v4' ? '0.4' : '0.5',
      axes: 'tczyx',
      shapes: ['4x3x16x64x64', '4x3x8x32x32'],
      ratio: [1, 1, 2, 2, 2],
      t: 1,
      z: 8,
      notices: [/default plane/]
    })
  ),
  image('fiji-java/pyramid_testing/pyramid_v5.zarr', {
    version: '0.5',
    axes: 'zyx',
    shapes: ['500x1000x1000', '250x500x500', '250x250x250'],
    ratio: [2, 4, 4],
    z: 250
  }),
  image('fiji-java/single_resolution_testing/nested_multiscale_v4.ome.zarr', {
    version: '0.4',
    axes: 'yx',
    shapes: ['16x16', '8x8'],
    ratio: [2, 2]
  }),
  // omero without active, level 0 without chunks
  image('fractal/20200812-CardiomyocyteDifferentiation14-Cycle1_B_03_mip.zarr', {
    version: '0.4',
    axes: 'czyx',
    shapes: ['3x1x2160x2560', '3x1x1080x1280', '3x1x540x640', '3x1x270x320'],
    ratio: [1, 1, 8, 8]
  }),
  image('bia/converter-tests/hcs.ome.zarr/A/1/0', { version: '0.4', axes: 'tczyx', shapes: ['1x1x1x64x64'] }),
  image('bia/converter-tests/im06.ome.zarr/0', { version: '0.4', axes: 'tczyx', shapes: ['1x3x1x80x100'] }),
  image('nuclei-plk1/xy_8bit__nuclei_PLK1_control.ome.zarr', {
    version: '0.4',
    axes: 'tczyx',
    shapes: ['1x1x1x682x682', '1x1x1x341x341', '1x1x1x170x170']
  }),
  image('ome-zarr-py/v1', {
    version: '0.1',
    axes: 'tczyx',
    shapes: ['1x2x1x16x16'],
    channels: ['Channel 0', 'Channel 1']
  }),
  image('ome-zarr-py/v2', { version: '0.2', axes: 'tczyx', shapes: ['1x2x1x16x16'] }),
  // omero without window
  image('viv/ome-zarr/blobs_image_v05.ome.zarr', { version: '0.5-dev-spatialdata', axes: 'cyx', shapes: ['3x12x12'] }),
  image('viv/bioformats-zarr/data.zarr/0', {
    version: '0.1',
    axes: 'tczyx',
    shapes: ['1x3x1x167x439', '1x3x1x83x219']
  }),
  image('zarr-java/ome/v0.5', {
    version: '0.5',
    axes: 'tczyx',
    shapes: ['1x2x8x16x16', '1x2x4x8x8'],
    ratio: [1, 1, 2, 2, 2],
    z: 4
  }),
  image('zarr-java/ome/v0.4', {
    version: '0.4',
    axes: 'tczyx',
    shapes: ['1x2x8x16x16', '1x2x4x8x8'],
    ratio: [1, 1, 2, 2, 2],
    z: 4
  }),
  // multiscale and levels in the words of a later version
  image('zarr-java/ome/v1.0/image', {
    version: '1.0-dev',
    axes: 'zyx',
    shapes: ['8x16x16'],
    z: 4,
    notices: [/1\.0-dev/]
  }),
  image('zarr-java/ome/v0.6_scene/example1_instrument_registration.zarr/sampleA_instrument1', {
    version: '0.6.dev3',
    axes: 'zyx',
    shapes: ['4x4x4'],
    z: 2,
    notices: [/0\.6\.dev3/]
  }),
  image('zarr-java/ome/v0.5/labels/nuclei', { version: '0.5', axes: 'zyx', shapes: ['8x16x16'], z: 4 }),
  image('zarr-java/sharding_index_location/start', {
    version: '',
    axes: 'zyx',
    shapes: ['16x16x16'],
    z: 8,
    notices: [/plain Zarr array/]
  }),
  // not called channels, so not a colour picture
  image('zarr_implementations/zarr.zr/blosc', { version: '', axes: 'yxz', shapes: ['512x512x3'], z: 1 }),
  image('zarrita-fixtures/v3/data.zarr/1d.chunked.i2', { version: '', axes: 'rowaxis 0', shapes: ['1x4'] }),
  image('zarrita-fixtures/v3/data.zarr/3d.chunked.mixed.compressed.sharded.i2', {
    version: '',
    axes: 'zyx',
    shapes: ['3x3x3'],
    z: 1
  }),
  // the second level is of another data type
  image('ome-zarr-examples/warning/image-01.zarr', {
    version: '0.4',
    axes: 'yx',
    shapes: ['64x64'],
    notices: [/Level 1 is left out/]
  })
];

const OTHERS: [string, Record<string, unknown>][] = [
  ['ome-zarr-examples/invalid/image-01.zarr', { kind: 'group', zarrFormat: 2 }],
  ['zarrita-fixtures/v3/data.zarr', { kind: 'group', zarrFormat: 3 }],
  [
    'zarr-java/ome/v0.6_scene/example1_instrument_registration.zarr',
    { kind: 'collection', series: [{ path: 'sampleA_instrument2' }, { path: 'sampleA_instrument1' }] }
  ],
  ['zarr-java/ome/v1.0', { kind: 'collection', name: 'test_collection', series: [{ path: 'image' }] }],
  [
    'fiji-java/bioformats2raw_testing/bf2raw_dataset_v5.ome.zarr',
    { kind: 'collection', series: [{ path: '0' }, { path: '1' }] }
  ],
  ['bia/converter-tests/im06.ome.zarr', { kind: 'collection', series: [{ path: '0' }] }],
  ['ome-zarr-py/bf2raw/fake-series-2.zarr', { kind: 'collection', series: [{ path: '0' }, { path: '1' }] }],
  ['viv/bioformats-zarr/data.zarr', { kind: 'collection', series: [{ path: '0' }] }],
  ['zarr-java/ome/v0.5/labels', { kind: 'collection', series: [{ path: 'nuclei' }] }],
  ['bia/converter-tests/hcs.ome.zarr', { kind: 'plate', rows: ['A', 'B'], columns: ['1', '2'] }],
  ['ome-zarr-py/bf2raw/plate-rows-2.zarr', { kind: 'plate', rows: ['A', 'B'], columns: ['1'] }],
  ['zarr-java/ome/v0.5_hcs', { kind: 'plate', version: '0.5' }],
  ['ome-zarr-examples/valid/plate-01.zarr', { kind: 'plate' }],
  [
    'bia/converter-tests/hcs.ome.zarr/A/1',
    {
      kind: 'well',
      fields: [
        { path: '0', acquisition: 0 },
        { path: '1', acquisition: 0 }
      ]
    }
  ]
];

const REFUSED: [string, string][] = [
  ['ome-zarr-examples/invalid/image-02.zarr', 'BAD_METADATA'],
  ['ome-zarr-examples/invalid/image-03.zarr', 'NOT_FOUND'],
  ['LICENSES', 'NOT_FOUND']
];

const data = sharedPath('data');
const over = data === null ? describe.skip : describe;
const at = (name: string): FolderStore => new FolderStore(path.join(data ?? '', name));

function wrong(opened: IImage): string[] {
  const problems: string[] = [];
  const { t, z } = opened.at;
  const shape = opened.levels[0].array.shape;
  if (opened.defaults.z >= (z === undefined ? 1 : shape[z]) || opened.defaults.t >= (t === undefined ? 1 : shape[t])) {
    problems.push('first plane outside');
  }
  if (opened.channels.length !== (opened.at.c === undefined ? 1 : shape[opened.at.c])) {
    problems.push('channels');
  }
  if (!opened.channels.some(({ active }) => active)) {
    problems.push('nothing visible');
  }
  if (
    opened.channels.some(
      ({ window }) => window && !(window.min <= window.start && window.start < window.end && window.end <= window.max)
    )
  ) {
    problems.push('window');
  }
  if (opened.levels.some(({ ratio }) => ratio[opened.at.y] < 1 || ratio[opened.at.x] < 1)) {
    problems.push('ratio');
  }
  return problems;
}

over('opening the images that other viewers stumble over (../shared/data)', () => {
  it.each(IMAGES)('%s', async (name, expected) => {
    const opened = await openNode(at(name), undefined, { speculate: false });
    if (opened.kind !== 'image') {
      throw new Error(`a ${opened.kind}`);
    }
    expect(wrong(opened)).toEqual([]);
    expect(opened.axes.map(axis => axis.name).join('')).toBe(expected.axes);
    expect(opened.levels.map(({ array }) => array.shape.join('x'))).toEqual(expected.shapes);
    const { version, ratio, t = 0, z = 0, channels, notices } = expected;
    expect(opened).toMatchObject({ version, defaults: { t, z } });
    if (ratio) {
      expect(opened.levels[opened.levels.length - 1].ratio).toEqual(ratio);
    }
    if (channels) {
      expect(opened.channels.map(({ label }) => label)).toEqual(channels);
    }
    for (const notice of notices ?? []) {
      expect(opened.notices.map(String)).toContainEqual(reading(notice));
    }
  });

  it.each(OTHERS)('%s', async (name, expected) => {
    expect(await openNode(at(name), undefined, { speculate: false })).toMatchObject(expected);
  });

  it.each(REFUSED)('%s is refused', async (name, code) => {
    await expect(openNode(at(name), undefined, { speculate: false })).rejects.toMatchObject({ code });
  });
});
