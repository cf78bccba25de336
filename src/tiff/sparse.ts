import { isBioImageError } from '../core';
import type { Directory } from './directory';
import { unitGrid, unitTags, type IFormat } from './format';
import type { IPlan } from './plan';

/** Strips of one directory whose lengths are looked at; beyond, a plane of 65,536 rows, strips are gathered unseen. */
const MOST_STRIPS = 65_536;

/**
 * The plan with those levels marked whose first plane lacks some of its strips. Costs no request that the first pixels
 * would not make.
 */
export async function withSparse(plan: IPlan, signal?: AbortSignal): Promise<IPlan> {
  const formats = await Promise.all(
    plan.formats.map(async (format, level) => ({ ...format, sparse: await lacksStrips(plan, format, level, signal) }))
  );
  return { ...plan, formats };
}

async function lacksStrips(plan: IPlan, format: IFormat, level: number, signal?: AbortSignal): Promise<boolean> {
  const strips = unitGrid(format).down * (format.planar ? format.samples : 1);
  if (format.tile || strips === 1 || strips > MOST_STRIPS) {
    return false;
  }
  try {
    const page = await plan.page(level, { t: 0, c: 0, z: 0 }, signal);
    return page !== null && page.shift === 0 && (await hasGap(page.directory, format, strips, signal));
  } catch (error) {
    if (isBioImageError(error)) {
      return false; // whoever reads the plane is told
    }
    throw error;
  }
}

/** A strip of length 0, or none at all, is not there. */
async function hasGap(directory: Directory, format: IFormat, strips: number, signal?: AbortSignal): Promise<boolean> {
  const [, lengths] = unitTags(format);
  return directory.count(lengths) >= strips && (await directory.slice(lengths, 0, strips, signal)).includes(0);
}
