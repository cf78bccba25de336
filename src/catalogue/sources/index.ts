import type { ISourceProvider } from '../source';
import { bia } from './bia';
import { biostudies } from './biostudies';
import { idr } from './idr';
import { ngffChallenge } from './ngffchallenge';
import { ngffSamples } from './ngffsamples';
import { ownCatalogues } from './owncsv';
import { samples } from './samples';
import { stores } from './stores';

/** The built-in sources: one file and one line each. */
export const PROVIDERS: readonly ISourceProvider[] = [
  idr,
  bia,
  biostudies,
  ngffSamples,
  ngffChallenge,
  ownCatalogues,
  samples,
  stores
];
