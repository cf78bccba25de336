import { cleanText, formatQuantity } from '../../core';
import type { IImage } from '../../ngff';
import { indexAtLevel } from '../../ngff';
import { jsonValue, type PixelValue } from '../../pixels';
import type { IPlane } from './content';

/** Longest name or text of a property of an id, in characters. */
const MAX_PROPERTY = 60;

/** What a label image holds there. */
export interface ILabelReading {
  readonly name: string;
  /** Name of its controls. */
  readonly label: string;
  /** Decimal text; `null` where there is no data. */
  readonly id: string | null;
  readonly properties: readonly (readonly [string, string])[];
}

/** One pixel under the pointer. */
export interface IReadout {
  /** The level read. */
  readonly level: number;
  /** Position in pixels of that level; axes the image does not have are left out. */
  readonly index: { t?: number; z?: number; y: number; x: number };
  /** Indices of the visible channels. */
  readonly channels: readonly number[];
  /** They are not read, and will not be: that would be too much. */
  readonly unread?: boolean;
  /** One raw value per visible channel, in that order; `undefined` while they are being read. */
  readonly values?: readonly PixelValue[];
  /** The label images shown; absent where none is, or while they are being read. */
  readonly labels?: readonly ILabelReading[];
}

/** The ids there, and what is known of them, each cut so that one long property does not hide the rest. */
export function labelsText(labels: readonly ILabelReading[], noData: string): string {
  return labels
    .map(({ label, id, properties }) => {
      const known = properties.map(([name, text]) => `${cleanText(name, MAX_PROPERTY)}: ${cleanText(text, MAX_PROPERTY)}`).join(', ');
      return `${label} ${id ?? noData}${known ? ` (${known})` : ''}`;
    })
    .join('  ');
}

/** The attributes of the element that shows the value. */
export function readoutAttributes(readout: IReadout): Record<string, string> {
  return readout.values
    ? {
        'data-level': String(readout.level),
        'data-index': JSON.stringify(readout.index),
        'data-channels': JSON.stringify(readout.channels),
        'data-values': JSON.stringify(readout.values.map(jsonValue)),
        ...(readout.labels?.length ? { 'data-labels': JSON.stringify(Object.fromEntries(readout.labels.map(({ name, id }) => [name, id]))) } : {})
      }
    : {};
}

/** The place of a pixel along the image's axes, in pixels of `level`. Axis order: t, z, y, x; t or z where the level reaches there. */
export function pixelIndex(image: IImage, level: number, plane: IPlane, x: number, y: number): IReadout['index'] {
  const along = (axis: 't' | 'z'): number | null => (image.at[axis] === undefined ? null : indexAtLevel(image, level, axis, plane[axis]));
  const [t, z] = [along('t'), along('z')];
  return {
    ...(t === null ? {} : { t }),
    ...(z === null ? {} : { z }),
    y,
    x
  };
}

/** Physical coordinates of the middle of a pixel: translation + index × scale of its level, x first as people say it. */
export function physical(image: IImage, { level, index }: IReadout): string {
  const { scale, translation } = image.levels[level];
  const parts: string[] = [];
  for (const name of ['x', 'y', 'z'] as const) {
    const axis = image.at[name];
    const place = index[name];
    if (axis === undefined || place === undefined) {
      continue;
    }
    const value = translation[axis] + place * scale[axis];
    if (Number.isFinite(value)) {
      parts.push(`${name} ${formatQuantity(value, image.axes[axis].unit)}`);
    }
  }
  return parts.join(', ');
}

/** Place in pixels, for copying: `t=0, z=3, y=12, x=45, level=1`. */
export function placeText({ index, level }: IReadout): string {
  const axes = (['t', 'z', 'y', 'x'] as const).filter(name => index[name] !== undefined);
  return [...axes.map(name => `${name}=${index[name]}`), `level=${level}`].join(', ');
}
