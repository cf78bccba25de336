import { complaintsOf } from '..';
import type { IComplaint } from '..';
import { reading } from '../../testing/reading';

type Json = Record<string, unknown>;

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const said = (documents: Json): Promise<IComplaint[]> =>
  complaintsOf(new Map(Object.entries(documents).map(([key, value]) => [key, value === null ? null : bytes(value)])));

const v3 = (ome: unknown): Json => ({ 'zarr.json': { zarr_format: 3, node_type: 'group', attributes: { ome } } });
const axes = ['y', 'x'].map(name => ({ name, type: 'space' }));
const datasets = [{ path: '0', coordinateTransformations: [{ type: 'scale', scale: [1, 1] }] }];
const multiscale = { axes, datasets };

describe('complaints of the specification', () => {
  it('are none about what is right, about plain Zarr, unknown versions and what cannot be read', async () => {
    expect(await said(v3({ version: '0.5', multiscales: [multiscale] }))).toEqual([]);
    expect(await said({ 'zarr.json': null, '.zattrs': { anything: 1 } })).toEqual([]);
    expect(await said(v3({ version: '9.9', multiscales: 7 }))).toEqual([]);
    expect(await said({ 'zarr.json': '{bad' })).toEqual([]);
    expect(await said({ 'zarr.json': null, '.zattrs': null })).toEqual([]);
  });

  it('have document, pointer, rule and the place in the specification', async () => {
    const wrong = { axes: [{ name: 'x', type: 'space' }], datasets: [{ path: 7 }] };
    expect(await said(v3({ version: '0.5', multiscales: [wrong] }))).toEqual(
      expect.arrayContaining([
        {
          pointer: 'zarr.json#/attributes/ome/multiscales/0/axes',
          rule: '"axes" must have at least 2 entries. (OME-Zarr 0.5, "axes" metadata)'
        },
        {
          pointer: 'zarr.json#/attributes/ome/multiscales/0/datasets/0',
          rule: 'Entry 0 of "datasets" must have "coordinateTransformations". (OME-Zarr 0.5, "multiscales" metadata)'
        },
        {
          pointer: 'zarr.json#/attributes/ome/multiscales/0/datasets/0/path',
          rule: '"path" must be of type string. (OME-Zarr 0.5, "multiscales" metadata)'
        }
      ])
    );
  });

  it('of Zarr v2 point into .zattrs, with the words of the version that is named', async () => {
    const image = { version: '0.3', axes: ['q', 'x'], datasets };
    expect(await said({ 'zarr.json': null, '.zattrs': { multiscales: [image] } })).toEqual([
      {
        pointer: '.zattrs#/multiscales/0/axes/0',
        rule: reading(/^Entry 0 of "axes" must .*\(OME-Zarr 0\.3, "multiscales" metadata\)$/)
      }
    ]);
  });

  it('tell what the prose demands and what the arrays at hand contradict, but nothing of what was not read', async () => {
    const array = {
      zarr_format: 3,
      node_type: 'array',
      shape: [4],
      data_type: 'uint8',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [4] } },
      fill_value: 0,
      codecs: [{ name: 'bytes' }]
    };
    const levels = ['0', '1', '2'].map(path => ({ ...datasets[0], path }));
    const rules = await said({
      ...v3({ version: '0.5', multiscales: [{ axes: [axes[0], { name: 'y', type: 'space' }], datasets: levels }] }),
      '0/zarr.json': array,
      '1/zarr.json': null
    });
    const text = rules.map(({ pointer, rule }) => `${pointer} ${String(rule)}`).join('\n');
    expect(text).toMatch(/axes "axes" must not have two axes of one name \(y\)/);
    expect(text).toMatch(/array 0, which has 1 dimensions for 2 axes/);
    expect(text).toMatch(/datasets\/1\/path .*array 1 is not there/);
    expect(text).not.toMatch(/array 2/);
  });

  it('are bounded, however many mistakes there are', async () => {
    const wells = Array.from({ length: 3000 }, () => ({ path: 7 }));
    const plate = { version: '0.5', plate: { rows: [{ name: 'A' }], columns: [{ name: '1' }], wells } };
    const complaints = await said(v3(plate));
    expect(complaints.length).toBeGreaterThan(50);
    expect(complaints.length).toBeLessThanOrEqual(200);
  });
});
