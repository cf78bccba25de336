import { EARLY_HEADINGS, IN_ZARR_2 } from './version';
import type { IVersion } from './version';

/** 0.3: axes of any number, as plain names. */
export const v03: IVersion = {
  ...IN_ZARR_2,
  id: '0.3',
  names: /^0\.3(?![0-9])/,
  headings: EARLY_HEADINGS
};
