import { IN_ZARR_2 } from './version';
import type { IVersion } from './version';

/** 0.4: axes with types and units, coordinate transformations, series of bioformats2raw. */
export const v04: IVersion = {
  ...IN_ZARR_2,
  id: '0.4',
  names: /^0\.4(?![0-9])/,
  headings: {}
};
