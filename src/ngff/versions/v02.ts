import { EARLY_HEADINGS, IN_ZARR_2 } from './version';
import type { IVersion } from './version';

/** 0.2: keys with slashes, else as 0.1. */
export const v02: IVersion = {
  ...IN_ZARR_2,
  id: '0.2',
  names: /^0\.2(?![0-9])/,
  fixedAxes: true,
  headings: EARLY_HEADINGS
};
