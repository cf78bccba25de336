import { say } from '../core';
import { unitName } from '../ngff';
import { TAG, type Directory } from './directory';
import type { TiffFile } from './file';
import { readLevels, type IChannelHint, type IContents, type IPage, type IPlan, type IPlaneAt } from './plan';
import { rowBytes } from './units';

/** Lines of `name=value` after `ImageJ=…` (ij.io.FileInfo). */
function readFields(description: string): ReadonlyMap<string, string> {
  const lines = description.split('\n').map(line => /^([\w ]{1,40})=(.*)$/.exec(line.trim()));
  return new Map(lines.filter(match => match !== null).map(match => [match[1], match[2]] as const));
}

function whole(fields: ReadonlyMap<string, string>, name: string): number {
  const value = Number(fields.get(name) ?? 1);
  return Number.isInteger(value) && value >= 1 && value <= 2 ** 31 ? value : 1;
}

/** ImageJ writes `micron`, `um`, `\u00B5m` with or without the escape, or a symbol. */
function unitOf(text: string | undefined): string | undefined {
  const plain = text?.replace(/\\u00B5/i, 'µ').trim();
  return plain === undefined ? undefined : /^micron/i.test(plain) ? 'micrometer' : unitName(plain);
}

/** Resolution is pixels per unit. */
function physicalOf(directory: Directory, fields: ReadonlyMap<string, string>): IPlan['physical'] {
  const unit = unitOf(fields.get('unit'));
  const size = (tag: number): number | undefined => {
    const value = 1 / (directory.value(tag) ?? NaN);
    return value > 0 && Number.isFinite(value) ? value : undefined;
  };
  const [x, y] = [size(TAG.XResolution), size(TAG.YResolution)];
  const z = Number(fields.get('spacing'));
  const t = Number(fields.get('finterval'));
  if (!unit) {
    return t > 0 ? { t: { value: t, unit: 'second' } } : {};
  }
  return {
    ...(x && { x: { value: x, unit } }),
    ...(y && { y: { value: y, unit } }),
    ...(Number.isFinite(z) && z !== 0 && { z: { value: Math.abs(z), unit } }),
    ...(t > 0 && { t: { value: t, unit: 'second' } })
  };
}

/**
 * The display range is that of the channel that was looked at last, so it is used where there is only one. Of calibrated
 * images it is in calibrated values.
 */
function hintsOf(fields: ReadonlyMap<string, string>, count: number): IChannelHint[] {
  const [start, end] = [Number(fields.get('min') ?? NaN), Number(fields.get('max') ?? NaN)];
  return count === 1 && start < end && Number.isFinite(end - start) && !fields.has('cf')
    ? [{ window: { start, end } }]
    : [];
}

/**
 * A stack of ImageJ: planes in the order channel, slice, frame, fastest first. Files over 4 GB have one directory, behind
 * whose plane all others follow; so may smaller ones.
 */
export async function readImageJ(
  file: TiffFile,
  first: Directory,
  description: string,
  signal?: AbortSignal
): Promise<IContents> {
  const fields = readFields(description);
  const levels = await readLevels(file, first, signal);
  const [format] = levels.formats;
  const images = whole(fields, 'images');
  const planes = sizesOf(fields, images);
  const notices = [...levels.notices];
  const contiguous = images > 1 && first.next === 0 && format.compression === 'none';
  const planeBytes = format.height * rowBytes(format.width, format.samples, format.bits);
  if (fields.has('cf')) {
    notices.push(say`ImageJ keeps a calibration of the values with this image; the stored values are shown.`);
  }
  const { key } = file.bytes;
  const plan: IPlan = {
    name: '',
    planes,
    formats: images > 1 ? levels.formats.slice(0, 1) : levels.formats,
    physical: physicalOf(first, fields),
    channels: hintsOf(fields, planes.c * format.samples),
    key,
    notices,
    measured: true,
    async page(_level, at, signalOfPage): Promise<IPage | null> {
      const index = at.c + planes.c * (at.z + planes.z * at.t);
      if (contiguous) {
        return { directory: first, shift: index * planeBytes };
      }
      const directory = await file.directory(index, signalOfPage);
      return directory ? { directory, shift: 0 } : null;
    }
  };
  return { images: [{ name: '', open: () => Promise.resolve(plan) }], mainFirst: true, notices: [] };
}

/** Old versions give only the number of images; where the numbers contradict each other that one is believed. */
function sizesOf(fields: ReadonlyMap<string, string>, images: number): IPlaneAt {
  const [c, z, t] = [whole(fields, 'channels'), whole(fields, 'slices'), whole(fields, 'frames')];
  return c * z * t === images ? { c, z, t } : { c: 1, z: images, t: 1 };
}
