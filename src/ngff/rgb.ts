import type { IArray } from './array';
import type { IAxes } from './axes';
import { record } from './versions';
import type { Json } from './versions';

/** Red, green and blue as `omero` writes them. */
const PRIMARIES = ['FF0000', '00FF00', '0000FF'];

function listed(omero: Json | undefined): readonly Json[] {
  return Array.isArray(omero?.channels) ? omero.channels.map(record) : [];
}

function isPrimary({ color }: Json, index: number): boolean {
  return typeof color === 'string' && color.replace('#', '').toUpperCase() === PRIMARIES[index];
}

/** Whether a window shows a byte as it is, or there is none. */
function isWhole({ window }: Json): boolean {
  const { start, end } = record(window);
  return (start === undefined || start === 0) && (end === undefined || end === 255);
}

/**
 * One picture of red, green and blue (and alpha), by the axes and the metadata, never by a length of 3 or 4 alone: bytes
 * whose last axis is one of channels of that length, which no writer but of colour pictures makes, unless the metadata
 * gives the channels other colours; or three channels which `omero` calls a colour picture, in the primary colours and at
 * full range, so that nothing that the metadata says of contrast is lost.
 */
export function isRgb({ dtype, shape }: IArray, { axes, at }: IAxes, omero: Json | undefined): boolean {
  if (dtype !== 'uint8' || at.c === undefined || axes[at.c].type !== 'channel') {
    return false;
  }
  const count = shape[at.c];
  const channels = listed(omero).slice(0, 3);
  const primary = channels.length === 3 && channels.every(isPrimary);
  if (at.c === axes.length - 1 && (count === 3 || count === 4)) {
    return primary || !channels.some(({ color }) => typeof color === 'string');
  }
  const model = record(omero?.rdefs).model;
  return count === 3 && model === 'color' && primary && channels.every(isWhole) && channels.every(isShown);
}

const isShown = ({ active }: Json): boolean => active !== false;
