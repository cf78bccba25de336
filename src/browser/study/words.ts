import type { TranslationBundle } from '@jupyterlab/translation';

import { cleanText, localised } from '../../core';
import type { IImageRecord, IPage } from '../../entities';

/** Decimal units, as storage is sold and archives count. */
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** A size in bytes with three digits and its unit: `530 GB`; `null` for what is no size. */
export function bytesText(bytes: number | undefined): string | null {
  if (bytes === undefined || !Number.isFinite(bytes) || bytes < 0) {
    return null;
  }
  let step = 0;
  let value = bytes;
  // 999.5 would be written as 1000 of the smaller unit
  while (value >= 999.5 && step < UNITS.length - 1) {
    value /= 1000;
    step++;
  }
  return `${Number(value.toPrecision(3))} ${UNITS[step]}`;
}

/** A count that can be one: archives have been seen to say -1 for "unknown". */
export function counted(count: number | undefined): number | undefined {
  return count !== undefined && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** "n files" as far as it is known; '≥' stands for "at least". */
export function filesText(files: number | undefined, exact: boolean, trans: TranslationBundle): string | null {
  const count = counted(files);
  return count === undefined ? null : trans._n('%2 file', '%2 files', count, (exact ? '' : '≥ ') + countText(count));
}

/** A count with separators of thousands as the browser writes them. */
export function countText(count: number): string {
  return count.toLocaleString();
}

/** How many images there are and how many of them can be viewed, as far as that is known; '≥' stands for "at least". */
export function viewableText(
  counts: { images?: number; viewable?: number; exact?: boolean },
  trans: TranslationBundle
): string | null {
  const images = counted(counts.images);
  const viewable = counted(counts.viewable);
  const about = counts.exact === false ? '≥ ' : '';
  if (images === undefined) {
    return viewable === undefined
      ? null
      : trans._n('%2 image can be viewed', '%2 images can be viewed', viewable, about + countText(viewable));
  }
  return viewable === undefined
    ? trans._n('%2 image', '%2 images', images, about + countText(images))
    : trans._n(
        '%2 of %3 image can be viewed',
        '%2 of %3 images can be viewed',
        images,
        countText(viewable),
        about + countText(images)
      );
}

/** Pixels of level 0 as `x × y × z × c × t`; axes of length one at the end are left out. */
export function dimensionsText(size: IImageRecord['size']): string | null {
  if (size?.x === undefined || size.y === undefined) {
    return null;
  }
  // The order people speak in, not that of the array.
  const rest: string[] = [];
  for (const axis of ['z', 'c', 't'] as const) {
    const length = size[axis];
    if (length !== undefined && length > 1) {
      rest.push(`${length} ${axis}`);
    }
  }
  return [`${size.x} × ${size.y}`, ...rest].join(' × ');
}

/** Why an image cannot be viewed. */
function reasonText({ reason }: IImageRecord, trans: TranslationBundle): string {
  return reason === undefined ? trans.__('Cannot be viewed') : localised(trans, reason);
}

/** What stands under an image's title: its size, or why it cannot be viewed and where it used to be. */
export function imageDetail(image: IImageRecord, trans: TranslationBundle): string {
  if (!image.viewable) {
    const why = reasonText(image, trans);
    const former = image.formerUri === undefined ? null : trans.__('formerly at %1', image.formerUri);
    return [why, former].filter(Boolean).join(' · ');
  }
  return [dimensionsText(image.size), bytesText(image.bytes === 0 ? undefined : image.bytes), image.description]
    .filter(Boolean)
    .join(' · ');
}

/** Short words on an image: what it is, its version, whether it could be converted. */
export function imageBadges(image: IImageRecord, trans: TranslationBundle): string[] {
  const badges: string[] = [];
  if (image.kind === 'plate') {
    badges.push(trans.__('Plate'));
  } else if (image.kind === 'collection') {
    badges.push(trans.__('Collection'));
  }
  if (image.viewable) {
    badges.push(image.version === undefined ? 'OME-Zarr' : `OME-Zarr ${cleanText(image.version, 12)}`);
  } else if (image.convertible === true) {
    badges.push(trans.__('Convertible'));
  }
  return badges;
}

/** Where an answer came from, when not from the archive itself just now; `null` where it did. */
export function fromText(from: IPage<unknown>['from'], trans: TranslationBundle): string | null {
  if (from === undefined) {
    return null;
  }
  if (from.kind === 'recorded') {
    return trans.__('Recorded sample');
  }
  const hours = Math.floor((from.age ?? 0) / 3600);
  // Answers are kept for a day by rule; only older ones are worth a word.
  return hours < 24 ? null : trans._n('Copy from %1 hour ago', 'Copy from %1 hours ago', hours);
}

/** A date as the archive wrote it, where it begins like one. */
export function dateText(released: string | undefined): string | null {
  return released !== undefined && /^\d{4}(?:-\d{2}(?:-\d{2})?)?$/.test(released) && !released.startsWith('0000')
    ? released
    : null;
}
