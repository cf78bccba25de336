import { type BioImageError, isBioImageError, say } from '../core';
import type { Said } from '../core';
import type { Directory } from './directory';
import { TAG } from './directory';
import type { TiffFile } from './file';
import { readFormat, sameArray, type IFormat } from './format';
import { pageOfLevel, readLevels, reduces, type IContents, type IFound, type IPage, type IPlan } from './plan';
import { readShaped } from './shaped';

/** Directories that are followed where nothing tells how many there are. */
const MAX_PAGES = 10_000;
/** Requests that following them may take where every directory lies behind the one before, as in a file that grew by pages. */
const MOST_FORWARD = 512;
/** Requests that are left for what comes after following them. */
const RESERVED = 12;

/** A main directory and how its pixels are stored. */
export interface IPageFormat {
  readonly index: number;
  readonly directory: Directory;
  readonly format: IFormat;
}

/** What all directories of a file are; those that cannot be read are left out and told. */
export async function readPages(
  file: TiffFile,
  signal?: AbortSignal
): Promise<{ pages: IPageFormat[]; notices: Said[] }> {
  const pages: IPageFormat[] = [];
  const notices: Said[] = [];
  const most = file.bytes.most;
  let failed: BioImageError | undefined;
  for (let index = 0; index < MAX_PAGES; index++) {
    file.bytes.most = file.forward ? MOST_FORWARD : most;
    if (file.bytes.requests > file.bytes.most - RESERVED) {
      notices.push(say`Only the first ${index} pages are shown: the list of all of them is spread over the file.`);
      break;
    }
    const directory = await file.directory(index, signal);
    if (!directory) {
      break;
    }
    try {
      const format = readFormat(directory);
      if (!format.mask) {
        pages.push({ index, directory, format });
      }
    } catch (error) {
      if (!isBioImageError(error)) {
        throw error;
      }
      failed ??= error;
      notices.push(say`Page ${index} is left out: ${error.said.message}`);
    }
  }
  if (pages.length === 0 && failed) {
    throw failed;
  }
  return { pages, notices };
}

/** Pages of equal size and type that follow each other. */
type Group = readonly IPageFormat[];

function grouped(pages: readonly IPageFormat[]): Group[] {
  const groups: IPageFormat[][] = [];
  for (const page of pages) {
    const last = groups.at(-1);
    if (last && sameArray(last[0].format, page.format) && last[0].format.reduced === page.format.reduced) {
      last.push(page);
    } else {
      groups.push([page]);
    }
  }
  return groups;
}

/** Sides of a reduced image: both reduced by about the same factor. */
function sameShape(full: IFormat, next: IFormat): boolean {
  const [x, y] = [full.width / next.width, full.height / next.height];
  return Math.abs(x - y) <= Math.max(x, y) * 0.05 + 2 / Math.min(next.width, next.height);
}

/** Whether `group` holds smaller versions of the images of which `levels` are known. */
function continues(levels: readonly Group[], group: Group): boolean {
  const [full, finer] = [levels[0][0].format, levels[levels.length - 1][0].format];
  const { format } = group[0];
  const said = format.reduced || (format.tile !== null && full.tile !== null);
  return said && group.length === levels[0].length && reduces(finer, format) && sameShape(full, format);
}

/**
 * Puts reduced images behind the image they belong to: those that say so (bit 0 of NewSubfileType), and tiled ones that
 * follow in the same shape, as whole-slide scanners write them, thumbnails in between or not.
 */
function pyramids(groups: readonly Group[]): Group[][] {
  const out: Group[][] = [];
  for (const group of groups) {
    const levels = [...out].reverse().find(known => continues(known, group));
    if (levels) {
      levels.push(group);
    } else {
      out.push([group]);
    }
  }
  return out;
}

/**
 * An image of pages that follow each other; `levels` finest first, all of as many pages. Shown along z where they do not
 * tell what they are.
 */
export function pagesImage(
  file: TiffFile,
  levels: readonly Group[],
  more: Pick<IPlan, 'name' | 'physical'> & { readonly notices?: readonly Said[] }
): IFound {
  const [first] = levels;
  const { format } = first[0];
  return {
    name: more.name,
    size: { x: format.width, y: format.height, z: first.length, c: format.samples, t: 1 },
    async open(signal): Promise<IPlan> {
      const [below, shaped] = await Promise.all([
        levels.length > 1 ? null : readLevels(file, first[0].directory, signal),
        readShaped(first[0].directory, format, first.length, signal)
      ]);
      const notices = [...(more.notices ?? []), ...(below?.notices ?? []), ...(shaped?.notices ?? [])];
      const planes = shaped?.planes ?? { t: 1, c: 1, z: first.length };
      const order = shaped?.order ?? ['z'];
      const stride = shaped?.stride ?? 0;
      if (first.length > 1 && !shaped) {
        notices.push(say`Nothing tells what the ${first.length} pages of this file are; they are shown along z.`);
      }
      return {
        name: more.name,
        planes,
        // Planes without a directory have no reduced images either.
        formats: stride > 0 ? [format] : below ? below.formats : levels.map(([page]) => page.format),
        physical: more.physical,
        channels: [],
        key: file.bytes.key,
        notices,
        async page(level, at, signalOfPage): Promise<IPage> {
          const index = order.reduce((position, axis) => position * planes[axis] + at[axis], 0);
          if (stride > 0) {
            return { directory: first[0].directory, shift: index * stride };
          }
          return below
            ? pageOfLevel(file, first[index].directory, below, level, signalOfPage)
            : { directory: levels[level][index].directory, shift: 0 };
        }
      };
    }
  };
}

const CENTIMETRE = 10_000; // micrometres
const INCH = 25_400; // micrometres

/** Resolution in pixels per inch or centimetre; printers' defaults (up to 2400 per inch) say nothing about a specimen. */
function resolutionOf(directory: Directory): IPlan['physical'] {
  const unit = directory.value(TAG.ResolutionUnit);
  const factor = unit === 3 ? CENTIMETRE : unit === 2 ? INCH : undefined;
  const size = (tag: number): number | undefined => {
    const value = (factor ?? NaN) / (directory.value(tag) ?? NaN);
    return value > 0 && value < INCH / 2400 ? value : undefined;
  };
  const [x, y] = [size(TAG.XResolution), size(TAG.YResolution)];
  return x && y ? { x: { value: x, unit: 'micrometer' }, y: { value: y, unit: 'micrometer' } } : {};
}

/** The images of a file that says nothing about them but its directories. */
export async function readPlain(file: TiffFile, signal?: AbortSignal): Promise<IContents> {
  const { pages, notices } = await readPages(file, signal);
  const images = pyramids(grouped(pages)).map(levels =>
    pagesImage(file, levels, { name: '', physical: resolutionOf(levels[0][0].directory) })
  );
  return { images, mainFirst: false, notices };
}
