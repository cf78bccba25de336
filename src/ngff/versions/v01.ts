import { EARLY_HEADINGS, IN_ZARR_2 } from './version';
import type { IVersion } from './version';

/** 0.1: 2020: Zarr v2, keys with dots, neither axes nor scales. */
export const v01: IVersion = {
  ...IN_ZARR_2,
  id: '0.1',
  names: /^0\.1(?![0-9])/,
  separator: '.',
  fixedAxes: true,
  headings: EARLY_HEADINGS
};
