import { plainFrame } from './version';
import type { IVersion } from './version';

/** 0.2: keys with slashes, else as 0.1. */
export const v02: IVersion = {
  id: '0.2',
  names: /^0\.2(?![0-9])/,
  zarrFormat: 2,
  namespace: '',
  versionIn: 'parts',
  separator: '/',
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
