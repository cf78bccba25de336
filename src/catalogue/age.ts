import type { ICatalogueEnvironment } from './source';

/** For how long an answer is used again at the moment, in ms. */
export type MaxAge = () => number;

/** What belongs to one look is asked for once, however short the person's setting: pages, a study's images and files. */
export const ONE_LOOK = 30_000; // ms

/** Used where nobody says how long: for the life of the page. */
export const forEver: MaxAge = () => Infinity;

/** The person's setting, read at each use, but no less than {@link ONE_LOOK}. */
export function maxAgeOf(environment: Pick<ICatalogueEnvironment, 'maxAge'>): MaxAge {
  return () => Math.max(ONE_LOOK, environment.maxAge?.() ?? Infinity);
}
