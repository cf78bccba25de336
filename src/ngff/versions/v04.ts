import { plainFrame } from './version';
import type { IVersion } from './version';

/** 0.4: axes with types and units, coordinate transformations, series of bioformats2raw. */
export const v04: IVersion = {
  id: '0.4',
  names: /^0\.4(?![0-9])/,
  zarrFormat: 2,
  namespace: '',
  versionIn: 'parts',
  separator: '/',
  fixedAxes: false,
  multiscales: values => values.multiscales,
  levels: multiscale => multiscale.datasets,
  recognises: multiscale => Array.isArray(multiscale.datasets),
  frame: plainFrame,
  headings: {}
};
