import { plainFrame } from './version';
import type { IVersion } from './version';

/** 0.1: 2020: Zarr v2, keys with dots, neither axes nor scales. */
export const v01: IVersion = {
  id: '0.1',
  names: /^0\.1(?![0-9])/,
  zarrFormat: 2,
  namespace: '',
  versionIn: 'parts',
  separator: '.',
  fixedAxes: true,
  multiscales: values => values.multiscales,
  levels: multiscale => multiscale.datasets,
  recognises: multiscale => Array.isArray(multiscale.datasets),
  frame: plainFrame,
  headings: {
    axes: '"multiscales" metadata',
    coordinateTransformations: '"multiscales" metadata',
    'bioformats2raw.layout': 'Images'
  }
};
