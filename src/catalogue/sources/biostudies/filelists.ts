import { isBioImageError, throwIfAborted } from '../../../core';
import type { BioImageError } from '../../../core';
import type { IFileEntry, IImageRecord, IPage, IQuery } from '../../../entities';
import { jsonOf } from '../../fields';
import { matchesText } from '../../listing';
import { Remembered } from '../../remembered';
import type { Relay } from '../../source';
import { canView, convertibleRecord, imagesAmong, zarrRecord } from './images';
import type { IFoundImages, IRecordContext } from './images';
import { listedFiles } from './pagetab';
import type { IListedFile } from './pagetab';
import { fileAddress } from './places';
import type { IPart } from './study';

/** File lists kept at a time: each may have 10^5 entries, about 20 MB of memory. */
const LISTS = 2;
/** Lists of which the images are kept: few where files are of other formats, which are only counted. */
const SCANNED = 32;
/** Entries on a page where nobody says how many. */
const PAGE = 50;
/** Files looked at between two looks whether anybody still wants the answer. */
const most = (limit: number | undefined): number => Math.max(1, Math.floor(limit ?? PAGE));

/** What images and files of a study are made with; the dataset is that of the part they are in. */
export type IStudyContext = Omit<IRecordContext, 'dataset'>;

/** One list of files of a study: a file list, or what a section lists itself. */
interface IUnit {
  readonly part: IPart;
  /** Name of the file list; absent for what is listed in the study. */
  readonly list?: string;
}

function unitsOf(parts: readonly IPart[], dataset: string | undefined): IUnit[] {
  return parts
    .filter(({ id }) => dataset === undefined || id === dataset)
    .flatMap(part => [...(part.direct.length === 0 ? [] : [{ part }]), ...part.lists.map(list => ({ part, list }))]);
}

/** Collects what could not be read, so that one bad list does not cost the others. */
class Losses {
  readonly notices: string[] = [];
  private last: BioImageError | undefined;

  /** What `read` gives, or `null` where the catalogue failed, which is noted. Anything else is thrown on. */
  async attempt<T>(what: string, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      if (!isBioImageError(error)) {
        throw error;
      }
      this.last = error;
      this.notices.push(`The list of files “${what}” could not be read: ${error.message}`);
      return null;
    }
  }

  /** Nothing at all could be read: the failure is the answer. */
  throwIfAll(count: number): void {
    if (this.last !== undefined && this.notices.length >= count) {
      throw this.last;
    }
  }

  get found(): { notices?: readonly string[] } {
    return this.notices.length === 0 ? {} : { notices: this.notices };
  }
}

/**
 * Files and images of studies, page by page out of their file lists. A list is one answer of up to 10^5 entries; the last
 * two are kept, and of the others which images they have.
 */
export class FileLists {
  private readonly lists = new Remembered<readonly IListedFile[]>(LISTS);
  private readonly scans = new Remembered<IFoundImages>(SCANNED);

  constructor(private readonly relay: Relay) {}

  /** A page of files, in the order of the study. `text` filters by path. Cursor: `<list>/<files before>`. */
  async files(
    context: IStudyContext,
    parts: readonly IPart[],
    query: IQuery,
    signal: AbortSignal
  ): Promise<IPage<IFileEntry>> {
    const units = unitsOf(parts, query.dataset);
    const limit = most(query.limit);
    const text = query.text.trim();
    const losses = new Losses();
    const items: IFileEntry[] = [];
    let { unit, offset } = positionOf(query.cursor);
    let total: number | undefined;
    let left = unit < units.length;
    while (left && items.length < limit) {
      const { part } = units[unit];
      const all = await losses.attempt(nameOf(units[unit]), () => this.load(context.accession, units[unit], signal));
      const found = (all ?? []).filter(({ path }) => text === '' || matchesText(path, text));
      const page = found.slice(offset, offset + limit - items.length);
      items.push(...page.map(file => entryOf({ ...context, dataset: part.id }, file)));
      offset += page.length;
      total = units.length === 1 ? found.length : undefined;
      if (offset >= found.length) {
        [unit, offset] = [unit + 1, 0];
      }
      left = unit < units.length;
    }
    losses.throwIfAll(units.length);
    const counted = text === '' && query.dataset === undefined ? context.place.files : undefined;
    return {
      items,
      ...totalOf(total, counted, units.length),
      ...(left ? { cursor: `${unit}/${offset}` } : {}),
      ...losses.found
    };
  }

  /**
   * A page of images: those that can be viewed first, then the others list by list. Every list is looked through once
   * before the first page. Cursor: as for files, with the list −1 for what can be viewed, written as `v`.
   */
  async images(
    context: IStudyContext,
    parts: readonly IPart[],
    query: IQuery,
    signal: AbortSignal
  ): Promise<IPage<IImageRecord>> {
    const units = unitsOf(parts, query.dataset);
    const limit = most(query.limit);
    const text = query.text.trim();
    const losses = new Losses();
    const scans: (IFoundImages | null)[] = [];
    for (const unit of units) {
      scans.push(await losses.attempt(nameOf(unit), () => this.scan(context.accession, unit, signal)));
    }
    losses.throwIfAll(units.length);
    const viewable = units.flatMap(({ part }, at) =>
      (scans[at]?.zarrs ?? [])
        .filter(zarr => canView(zarr, context.place) && (text === '' || matchesText(zarr.path, text)))
        .map(zarr => zarrRecord({ ...context, dataset: part.id }, zarr))
    );
    const start = /^v\/(\d{1,9})$/.exec(query.cursor ?? 'v/0')?.[1];
    const items = start === undefined ? [] : viewable.slice(Number(start), Number(start) + limit);
    const shown = start === undefined ? Infinity : Number(start) + items.length;
    const count = { total: undefined as number | undefined };
    let cursor = shown < viewable.length ? `v/${shown}` : undefined;
    if (cursor === undefined) {
      const rest = await this.others(
        context,
        { units, scans, text, from: query.cursor, limit: limit - items.length },
        signal
      );
      items.push(...rest.items);
      ({ cursor } = rest);
      count.total = rest.total === undefined ? undefined : rest.total + viewable.length;
    }
    const all = scans.reduce((sum, scan) => sum + (scan === null ? 0 : scan.zarrs.length + scan.convertible), 0);
    return {
      items,
      ...(text === '' ? { total: all } : count.total === undefined ? {} : { total: count.total }),
      ...(losses.notices.length === 0 ? {} : { exact: false }),
      ...(cursor === undefined ? {} : { cursor }),
      ...losses.found
    };
  }

  /** One image by dataset and path; `undefined` where it is not listed. */
  async image(
    context: IStudyContext,
    parts: readonly IPart[],
    { dataset, path }: { dataset: string; path: string },
    signal: AbortSignal
  ): Promise<IImageRecord | undefined> {
    const own = { ...context, dataset };
    for (const unit of unitsOf(parts, dataset)) {
      const zarr = (await this.scan(context.accession, unit, signal)).zarrs.find(one => one.path === path);
      if (zarr !== undefined) {
        return zarrRecord(own, zarr);
      }
      const file = (await this.load(context.accession, unit, signal)).find(one => one.path === path);
      const record = file === undefined ? undefined : convertibleRecord(own, file);
      if (record !== undefined) {
        return record;
      }
    }
    return undefined;
  }

  /** Images that cannot be viewed, from a place on; the first page may begin with none of them. */
  private async others(
    context: IStudyContext,
    page: { units: IUnit[]; scans: (IFoundImages | null)[]; text: string; from: string | undefined; limit: number },
    signal: AbortSignal
  ): Promise<{ items: IImageRecord[]; cursor?: string; total?: number }> {
    const { units, scans, text, limit } = page;
    const items: IImageRecord[] = [];
    let total: number | undefined;
    let { unit, offset } = positionOf(page.from);
    while (unit < units.length) {
      const scan = scans[unit];
      if (scan !== null && hasOthers(scan, context)) {
        if (items.length >= limit) {
          return { items, cursor: `${unit}/${offset}` };
        }
        const found = await this.othersOf(context, units[unit], scan, text, signal);
        const some = found.slice(offset, offset + limit - items.length);
        items.push(...some);
        offset += some.length;
        total = units.length === 1 ? found.length : undefined;
        if (offset < found.length) {
          return { items, cursor: `${unit}/${offset}`, total };
        }
      }
      [unit, offset] = [unit + 1, 0];
    }
    return { items, total };
  }

  private async othersOf(
    context: IStudyContext,
    unit: IUnit,
    { zarrs }: IFoundImages,
    text: string,
    signal: AbortSignal
  ): Promise<IImageRecord[]> {
    const own = { ...context, dataset: unit.part.id };
    const matches = ({ path }: { path: string }): boolean => text === '' || matchesText(path, text);
    const zipped = zarrs
      .filter(zarr => !canView(zarr, context.place) && matches(zarr))
      .map(zarr => zarrRecord(own, zarr));
    const files = await this.load(context.accession, unit, signal);
    const rest = files.filter(matches).map(file => convertibleRecord(own, file));
    return [...zipped, ...rest.filter(record => record !== undefined)];
  }

  private scan(accession: string, unit: IUnit, signal: AbortSignal): Promise<IFoundImages> {
    const key = [accession, unit.part.id, unit.list ?? ''].join('\n');
    return this.scans.get(key, async own => imagesAmong(await this.load(accession, unit, own)), signal);
  }

  private async load(accession: string, { part, list }: IUnit, signal: AbortSignal): Promise<readonly IListedFile[]> {
    throwIfAborted(signal);
    return list === undefined
      ? part.direct
      : this.lists.get(
          `${accession}\n${list}`,
          async own => listedFiles(jsonOf(await this.relay('biostudies', `files/${accession}/${list}`, {}, own), list)),
          signal
        );
  }
}

function hasOthers({ zarrs, convertible }: IFoundImages, { place }: IStudyContext): boolean {
  return convertible > 0 || zarrs.some(zarr => !canView(zarr, place));
}

const nameOf = ({ part, list }: IUnit): string => list ?? part.title;

/** Where a page begins; a cursor that is not of this form begins at the beginning. */
function positionOf(cursor: string | undefined): { unit: number; offset: number } {
  const [, unit = '0', offset = '0'] = /^(\d{1,5})\/(\d{1,9})$/.exec(cursor ?? '') ?? [];
  return { unit: Number(unit), offset: Number(offset) };
}

/** The exact total of one list, else what the archive counts of the whole study. */
function totalOf(
  own: number | undefined,
  counted: number | undefined,
  units: number
): { total?: number; exact?: boolean } {
  if (units === 0) {
    return { total: 0 };
  }
  return own === undefined ? (counted === undefined ? {} : { total: counted, exact: false }) : { total: own };
}

function entryOf(context: IRecordContext, { path, kind, bytes }: IListedFile): IFileEntry {
  const [zarr] = imagesAmong([{ path, kind, bytes }]).zarrs as (IFoundImages['zarrs'][number] | undefined)[];
  const isImage = zarr !== undefined && zarr.path === path && canView(zarr, context.place);
  return {
    path,
    kind,
    ...(bytes === undefined ? {} : { bytes }),
    uri: fileAddress(context.accession, context.place, path),
    dataset: context.dataset,
    ...(isImage ? { image: zarrRecord(context, zarr) } : {})
  };
}
