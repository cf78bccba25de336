import { systemFrame } from './v06';
import type { IVersion } from './version';

/** 1.0, a proposal that zarr-java writes: one `multiscale` with `levels`, collections of nodes. */
export const v10: IVersion = {
  id: '1.0-dev',
  names: /^1\.0(?![0-9])/,
  zarrFormat: 3,
  namespace: 'ome',
  versionIn: 'group',
  separator: '/',
  fixedAxes: false,
  multiscales: values => (values.multiscale === undefined ? undefined : [values.multiscale]),
  levels: multiscale => multiscale.levels,
  recognises: multiscale => Array.isArray(multiscale.levels),
  frame: multiscale => systemFrame(multiscale, multiscale.levels),
  headings: {}
};
