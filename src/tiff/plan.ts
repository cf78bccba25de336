import { BioImageError, say } from '../core';
import type { Said } from '../core';
import type { ISeries } from '../ngff';
import type { Directory } from './directory';
import { TAG } from './directory';
import type { TiffFile } from './file';
import { readFormat, sameArray, type IFormat } from './format';

/** Where one plane lies: a directory, and bytes between its pixels and the ones that are meant. */
export interface IPage {
  readonly directory: Directory;
  readonly shift: number;
}

/** Indices of a plane; all 0 where the image has no such axis. `c` counts directories, not samples of a pixel. */
export interface IPlaneAt {
  readonly t: number;
  readonly c: number;
  readonly z: number;
}

/** One image of a file, as far as it takes to make its levels. */
export interface IPlan {
  readonly name: string;
  /** Numbers of planes. */
  readonly planes: IPlaneAt;
  /** Per level, finest first; at least one. */
  readonly formats: readonly IFormat[];
  /** Directory of a plane on a level; `null` where the file (or one of its files) does not have it. */
  page(level: number, at: IPlaneAt, signal?: AbortSignal): Promise<IPage | null>;
  /** Size of a pixel, in `unit`s (UDUNITS-2). */
  readonly physical: { readonly [axis in 'x' | 'y' | 'z' | 't']?: { readonly value: number; readonly unit?: string } };
  /** One entry per channel, samples counted; empty where nothing is known of them. */
  readonly channels: readonly IChannelHint[];
  /** File that is named in errors and as the object of the levels. */
  readonly key: string;
  readonly notices: readonly Said[];
  /** The file says that its values are measurements: a palette is only a way to look at them. */
  readonly measured?: boolean;
  /** The file beside it that describes the set it belongs to. */
  readonly describedBy?: string;
}

/** What the metadata says of one channel. */
export interface IChannelHint {
  readonly label?: string;
  /** Six hexadecimal digits. */
  readonly color?: string;
  readonly window?: { readonly start: number; readonly end: number };
}

/** One image of a file before it is opened. */
export interface IFound {
  /** '' where there is none. */
  readonly name: string;
  readonly size?: ISeries['size'];
  open(signal?: AbortSignal): Promise<IPlan>;
}

/** What a file holds. */
export interface IContents {
  readonly images: readonly IFound[];
  /** The first image is the one that is meant, the others are beside it (a label, a macro picture). */
  readonly mainFirst: boolean;
  readonly notices: readonly Said[];
}

/** Levels of one plane: the directory itself and the sub-directories of reduced images. */
export interface ILevels {
  readonly formats: readonly IFormat[];
  /** Position among the sub-directories, by level; level 0 has none. */
  readonly sub: readonly number[];
  readonly notices: readonly Said[];
}

/** A reduced image is smaller, and otherwise the same. */
export function reduces(full: IFormat, next: IFormat): boolean {
  return (
    next.width <= full.width &&
    next.height <= full.height &&
    next.width * next.height < full.width * full.height &&
    next.samples === full.samples &&
    next.planar === full.planar &&
    next.dtype === full.dtype &&
    next.palette === full.palette
  );
}

/** Reads the formats of a directory and of its reduced images; one that does not go with it is left out. */
export async function readLevels(file: TiffFile, directory: Directory, signal?: AbortSignal): Promise<ILevels> {
  const first = readFormat(directory);
  const offsets = directory.list(TAG.SubIFDs).slice(0, 32);
  const subs = await Promise.all(offsets.map(offset => file.at(offset, signal)));
  const formats = [first];
  const sub = [-1];
  const notices: Said[] = [];
  subs.forEach((directoryOfLevel, i) => {
    const format = readFormat(directoryOfLevel);
    if (reduces(formats[formats.length - 1], format)) {
      formats.push(format);
      sub.push(i);
    } else {
      notices.push(say`Reduced image ${i} is left out: it is not a smaller version of the image.`);
    }
  });
  return { formats, sub, notices };
}

/** The directory of a plane's level. Throws BAD_CHUNK where it is not what the image's first plane says. */
export async function pageOfLevel(
  file: TiffFile,
  main: Directory,
  levels: ILevels,
  level: number,
  signal?: AbortSignal
): Promise<IPage> {
  const offset = level === 0 ? main.offset : main.list(TAG.SubIFDs).at(levels.sub[level]);
  if (offset === undefined) {
    throw otherwise(file.bytes.key, say`has no such reduced image`);
  }
  const directory = level === 0 ? main : await file.at(offset, signal);
  return { directory, shift: 0 };
}

function otherwise(key: string, why: Said): BioImageError {
  return new BioImageError('BAD_CHUNK', say`A part of the image is damaged: a plane ${why}.`, { where: key });
}

/** The format of one plane, which must fit the array that the first plane made. Throws BAD_CHUNK. */
export function formatOfPlane(directory: Directory, expected: IFormat): IFormat {
  const format = readFormat(directory);
  const tiles = format.tile?.width === expected.tile?.width && format.tile?.height === expected.tile?.height;
  if (!sameArray(format, expected) || !tiles) {
    throw otherwise(directory.bytes.key, say`is stored in another way than the first one`);
  }
  return format;
}
