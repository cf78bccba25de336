import { plainFrame } from './version';
import type { IVersion } from './version';

/** 0.5: as 0.4 in Zarr v3, everything under `ome`. */
export const v05: IVersion = {
  id: '0.5',
  names: /^0\.5(?![0-9])/,
  zarrFormat: 3,
  namespace: 'ome',
  versionIn: 'group',
  separator: '/',
  fixedAxes: false,
  multiscales: values => values.multiscales,
  levels: multiscale => multiscale.datasets,
  recognises: multiscale => Array.isArray(multiscale.datasets),
  frame: plainFrame,
  headings: { 'image-label': '"labels" metadata' }
};
