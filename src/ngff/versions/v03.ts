import { plainFrame } from './version';
import type { IVersion } from './version';

/** 0.3: axes of any number, as plain names. */
export const v03: IVersion = {
  id: '0.3',
  names: /^0\.3(?![0-9])/,
  zarrFormat: 2,
  namespace: '',
  versionIn: 'parts',
  separator: '/',
  fixedAxes: false,
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
