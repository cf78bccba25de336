import { isBioImageError } from '../../core';
import { buildNode, noticesOf } from '..';
import { imageOf } from './made';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function whereOf(documents: Record<string, unknown>): string | undefined {
  try {
    buildNode(new Map(Object.entries(documents).map(([key, value]) => [key, value === null ? null : bytes(value)])));
    return 'nothing';
  } catch (error) {
    return isBioImageError(error) ? error.where : String(error);
  }
}

const v3 = (ome: unknown): Record<string, unknown> => ({ 'zarr.json': { attributes: { ome } } });
const v2 = (values: unknown): Record<string, unknown> => ({ 'zarr.json': null, '.zattrs': values });
const array = { zarr_format: 2, shape: [4, 4], chunks: [4, 0], dtype: '|u1', order: 'C', fill_value: 0 };
const datasets = [{ path: '0' }];
const arrayV3 = {
  zarr_format: 3,
  node_type: 'array',
  shape: [4, 4],
  data_type: 'uint16',
  chunk_grid: { name: 'regular', configuration: { chunk_shape: [4, 4] } },
  chunk_key_encoding: { name: 'default' },
  fill_value: 0
};
const little = { name: 'bytes', configuration: { endian: 'little' } };
const bigIndex = {
  name: 'sharding_indexed',
  configuration: {
    chunk_shape: [2, 2],
    codecs: [little],
    index_codecs: [{ name: 'bytes', configuration: { endian: 'big' } }]
  }
};

describe('metadata that is refused', () => {
  it.each<[string, Record<string, unknown>]>([
    ['zarr.json#/attributes/ome/multiscales', v3({ multiscales: 7 })],
    [
      'zarr.json#/attributes/ome/multiscales/0/datasets/1/path',
      v3({ multiscales: [{ datasets: [...datasets, { path: '../x' }] }] })
    ],
    ['.zattrs#/plate/rows/0/name', v2({ plate: { rows: [{}], columns: [], wells: [] } })],
    ['.zattrs#/well/images', v2({ well: {} })],
    [
      'zarr.json#/attributes/multiscales/0/datasets',
      { 'zarr.json': { attributes: { multiscales: [{ datasets: [] }] } } }
    ],
    ['0/.zarray#/chunks/1', { ...v2({ multiscales: [{ datasets }] }), '0/.zarray': array }],
    [
      '.zattrs#/multiscales/0/axes',
      { ...v2({ multiscales: [{ datasets, axes: ['x'] }] }), '0/.zarray': { ...array, chunks: [4, 4] } }
    ],
    ...(
      [
        ['/compressor/id', { compressor: { id: 7 } }],
        ['/compressor/id', { compressor: { id: 'none-such' } }],
        ['/compressor', { compressor: 'zlib' }],
        ['/filters', { filters: 7 }],
        ['/filters/0/astype', { filters: [{ id: 'delta', dtype: '<u2', astype: 7 }] }],
        ['/dtype', { dtype: '<c8' }],
        ['/chunks', { chunks: [1 << 20, 1 << 20] }]
      ] as const
    ).map(([at, more]): [string, Record<string, unknown>] => [
      `0/.zarray#${at}`,
      { ...v2({ multiscales: [{ datasets }] }), '0/.zarray': { ...array, chunks: [4, 4], dtype: '<u2', ...more } }
    ]),
    ...(
      [
        ['/codecs/0/name', [{ name: 'none-such' }]],
        ['/codecs', [{ name: 'bytes' }, { name: 'gzip' }, { name: 'gzip' }]],
        ['/codecs/0/configuration/endian', [{ name: 'bytes', configuration: { endian: 'middle' } }]],
        ['/codecs/0/configuration/index_codecs', [bigIndex]],
        ['/codecs', [bigIndex, { name: 'gzip' }]]
      ] as const
    ).map(([at, codecs]): [string, Record<string, unknown>] => [
      `zarr.json#${at}`,
      { 'zarr.json': { ...arrayV3, codecs } }
    ]),
    ['zarr.json#/attributes/ome', { 'zarr.json': { attributes: { ome: 7 } } }]
  ])('is told at %s', (where, documents) => {
    expect(whereOf(documents)).toBe(where);
  });
});

describe('notices about what is shown', () => {
  it('have the place that they are about', () => {
    const odd = { type: 'displacements', path: 'field' };
    const image = imageOf('cyx', [{ shape: [300, 8, 8], transformations: [odd] }], { axes: ['c', 'x', 'x'] });
    expect(noticesOf(image).map(({ pointer }) => pointer)).toEqual([
      'zarr.json#/attributes/ome/multiscales/0/axes',
      'zarr.json#/attributes/ome/multiscales/0/axes',
      'zarr.json#/attributes/ome/multiscales/0/datasets',
      'zarr.json#/attributes/ome/omero/channels'
    ]);
    expect(noticesOf(image).map(({ rule }) => rule)).toEqual(image.notices);
  });
});
