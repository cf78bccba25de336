import { STEADY } from './version';
import type { IVersion } from './version';

/** 0.5: as 0.4 in Zarr v3, everything under `ome`. */
export const v05: IVersion = {
  ...STEADY,
  id: '0.5',
  names: /^0\.5(?![0-9])/,
  zarrFormat: 3,
  namespace: 'ome',
  versionIn: 'group',
  separator: '/',
  fixedAxes: false,
  headings: { 'image-label': '"labels" metadata' }
};
