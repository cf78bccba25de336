import { isBioImageError, say, throwIfAborted } from '../../../core';
import type { BioImageError, Said } from '../../../core';
import type { IFileEntry, IImageRecord, IPage, IQuery } from '../../../entities';
import type { MaxAge } from '../../age';
import { matchesText } from '../../listing';
import { pause, pieces } from '../../pieces';
import { Remembered } from '../../remembered';
import type { Relay } from '../../source';
import { canView, convertibleRecord, entryOf, ImageGatherer, imagesAmong, zarrRecord } from './images';
import type { IFoundImages, IRecordContext } from './images';
import { listedFiles } from './pagetab';
import type { IListedFile } from './pagetab';
import type { IPart } from './study';

/** File lists kept at a time: each may have 10^5 entries, about 20 MB of memory. */
const LISTS = 2;
/** Lists of which the images are kept: few where files are of other formats, which are only counted. */
const SCANNED = 32;
/** Entries on a page where nobody says how many. */
const PAGE = 50;
/** Files walked over in one go. */
const WALK = 5000;

const most = (limit: number | undefined): number => Math.max(1, Math.floor(limit ?? PAGE));

/** What images and files of a study are made with; the dataset is that of the part they are in. */
export type IStudyContext = Omit<IRecordContext, 'dataset'>;

/** One list of files of a study: a file list, or what a section lists itself. */
interface IUnit {
  readonly part: IPart;
  /** Name of the file list; absent for what is listed in the study. */
  readonly list?: string;
}

/** The lists of a study, or of one of its datasets, in the order of the study. */
function unitsOf(parts: readonly IPart[], dataset: string | undefined): IUnit[] {
  return parts
    .filter(({ id }) => dataset === undefined || id === dataset)
    .flatMap(part => [...(part.direct.length === 0 ? [] : [{ part }]), ...part.lists.map(list => ({ part, list }))]);
}

/** A list that has been read, and which images it has. */
interface IReadList {
  readonly files: readonly IListedFile[];
  readonly images: IFoundImages;
}

/** Collects what could not be read, so that one bad list does not cost the others. */
class Losses {
  readonly notices: Said[] = [];
  private last: BioImageError | undefined;

  /** What `read` gives, or `null` where the catalogue failed, which is noted. Anything else is thrown on. */
  async attempt<T>(what: string, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      // A list that is too large is read in another way, by whoever asked.
      if (!isBioImageError(error) || error.code === 'TOO_LARGE') {
        throw error;
      }
      this.last = error;
      this.notices.push(say`The list of files “${what}” could not be read: ${error.said.message}`);
      return null;
    }
  }

  /** Nothing at all could be read: the failure is the answer. */
  throwIfAll(count: number): void {
    if (this.last !== undefined && this.notices.length >= count) {
      throw this.last;
    }
  }

  get found(): { notices?: readonly Said[] } {
    return this.notices.length === 0 ? {} : { notices: this.notices };
  }
}

/**
 * Files and images of studies, page by page out of their file lists. A list is one answer of up to 10^5 entries; the last
 * two are kept, and of the others which images they have. Rejects with TOO_LARGE where a list is too large to be read.
 */
export class FileLists {
  private readonly lists: Remembered<IReadList>;
  private readonly scans: Remembered<IFoundImages>;

  constructor(
    private readonly relay: Relay,
    private readonly service: string,
    maxAge?: MaxAge
  ) {
    this.lists = new Remembered(LISTS, maxAge);
    this.scans = new Remembered(SCANNED, maxAge);
  }

  /** A page of files, in the order of the study. `text` filters by path. Cursor: `<list>/<place in it>`. */
  async files(
    context: IStudyContext,
    parts: readonly IPart[],
    query: IQuery,
    signal: AbortSignal
  ): Promise<IPage<IFileEntry>> {
    const units = unitsOf(parts, query.dataset);
    const limit = most(query.limit);
    const losses = new Losses();
    const items: IFileEntry[] = [];
    let { unit, place } = positionOf(query.cursor);
    let own: number | undefined;
    while (unit < units.length && items.length < limit) {
      const { part } = units[unit];
      const all = await losses.attempt(nameOf(units[unit]), () => this.load(context.accession, units[unit], signal));
      const found = await take(
        all ?? [],
        { place, limit: limit - items.length, text: query.text },
        file => entryOf({ ...context, dataset: part.id }, file),
        signal
      );
      items.push(...found.items);
      own = all?.length;
      [unit, place] = found.place === undefined ? [unit + 1, 0] : [unit, found.place];
    }
    losses.throwIfAll(units.length);
    return {
      items,
      ...totalOf(query, units.length, own, context.place.files),
      ...(unit < units.length ? { cursor: `${unit}/${place}` } : {}),
      ...losses.found
    };
  }

  /**
   * A page of images: those that can be viewed first (folders of Zarr, then files), then the others list by list. Every list is looked through once
   * before the first page. Cursor: `v/<viewable ones before>`, then as for files.
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
    // Records are made for the page alone: a list may have 10^5 of them.
    const openable = units.flatMap(({ part }, at) =>
      (scans[at]?.zarrs ?? [])
        .filter(zarr => canView(zarr, context.place) && (text === '' || matchesText(zarr.path, text)))
        .map(zarr => ({ zarr, dataset: part.id }))
    );
    // Folders of Zarr first: of a large file less is read at a time, and a study may have thousands of plain TIFF files.
    const viewable = [...openable.filter(({ zarr }) => !zarr.isFile), ...openable.filter(({ zarr }) => zarr.isFile)];
    const start = Number(/^v\/(\d{1,9})$/.exec(query.cursor ?? 'v/0')?.[1] ?? viewable.length);
    const items = viewable
      .slice(start, start + limit)
      .map(({ zarr, dataset }) => zarrRecord({ ...context, dataset }, zarr));
    const total = scans.reduce((sum, scan) => sum + (scan === null ? 0 : scan.zarrs.length + scan.convertible), 0);
    const page = {
      ...(text === '' ? { total } : {}),
      ...(losses.notices.length === 0 ? {} : { exact: false }),
      ...losses.found
    };
    if (start + items.length < viewable.length) {
      return { items, ...page, cursor: `v/${start + items.length}` };
    }
    const rest = await this.others(context, { units, scans, limit: limit - items.length }, query, signal);
    return { items: [...items, ...rest.items], ...page, ...(rest.cursor === undefined ? {} : { cursor: rest.cursor }) };
  }

  /** How many images the datasets have whose lists have all been looked through; the others are left out. No request. */
  async counts(
    { accession, place }: IStudyContext,
    parts: readonly IPart[],
    signal: AbortSignal
  ): Promise<Map<string, { images: number; viewable: number }>> {
    const known = new Map<string, { images: number; viewable: number }>();
    for (const part of parts) {
      const scans = await Promise.all(
        unitsOf([part], undefined).map(unit => this.scans.peek(scanKey(accession, unit), signal))
      );
      const found = scans.filter(scan => scan !== undefined);
      if (found.length === scans.length) {
        const zarrs = found.flatMap(scan => scan.zarrs);
        known.set(part.id, {
          images: found.reduce((sum, { convertible }) => sum + convertible, zarrs.length),
          viewable: zarrs.filter(zarr => canView(zarr, place)).length
        });
      }
    }
    return known;
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

  /** Images that cannot be viewed, from where the cursor says on; a page may have room for none of them. */
  private async others(
    context: IStudyContext,
    { units, scans, limit }: { units: readonly IUnit[]; scans: readonly (IFoundImages | null)[]; limit: number },
    query: IQuery,
    signal: AbortSignal
  ): Promise<{ items: IImageRecord[]; cursor?: string }> {
    const items: IImageRecord[] = [];
    let { unit, place } = positionOf(query.cursor);
    while (unit < units.length) {
      const outOfReach = scans[unit]?.zarrs.filter(zarr => !canView(zarr, context.place)) ?? [];
      if (outOfReach.length > 0 || (scans[unit]?.convertible ?? 0) > 0) {
        if (items.length >= limit) {
          return { items, cursor: `${unit}/${place}` };
        }
        const own = { ...context, dataset: units[unit].part.id };
        // These come before the files of their list, which they are part of.
        const all = [...outOfReach, ...(await this.load(context.accession, units[unit], signal))];
        const found = await take(
          all,
          { place, limit: limit - items.length, text: query.text },
          one => ('isFile' in one ? zarrRecord(own, one) : convertibleRecord(own, one)),
          signal
        );
        items.push(...found.items);
        if (found.place !== undefined) {
          return { items, cursor: `${unit}/${found.place}` };
        }
      }
      [unit, place] = [unit + 1, 0];
    }
    return { items };
  }

  /** Which images a list has; kept longer than the list itself. */
  private scan(accession: string, unit: IUnit, signal: AbortSignal): Promise<IFoundImages> {
    return this.scans.get(
      scanKey(accession, unit),
      async own => (await this.read(accession, unit, own)).images,
      signal
    );
  }

  private async load(accession: string, unit: IUnit, signal: AbortSignal): Promise<readonly IListedFile[]> {
    return (await this.read(accession, unit, signal)).files;
  }

  private async read(accession: string, { part, list }: IUnit, signal: AbortSignal): Promise<IReadList> {
    throwIfAborted(signal);
    if (list === undefined) {
      return { files: part.direct, images: imagesAmong(part.direct) };
    }
    const make = async (own: AbortSignal): Promise<IReadList> => {
      const { bytes } = await this.relay(this.service, `files/${accession}/${list}`, {}, own);
      const files: IListedFile[] = [];
      const gatherer = new ImageGatherer();
      for await (const piece of pieces(bytes, list, own)) {
        for (const file of listedFiles(piece)) {
          files.push(file);
          gatherer.add(file);
        }
      }
      return { files, images: gatherer.found };
    };
    return this.lists.get(`${accession}\n${list}`, make, signal);
  }
}

/**
 * Up to `limit` items out of a list, from a place on: what matches the text and `make` makes something of. The place where
 * the next page begins is `undefined` at the end of the list, so that a page costs no more than what it walks over.
 */
async function take<S extends { readonly path: string }, T>(
  all: readonly S[],
  { place, limit, text }: { place: number; limit: number; text: string },
  make: (one: S) => T | undefined,
  signal: AbortSignal
): Promise<{ items: T[]; place?: number }> {
  const words = text.trim();
  const items: T[] = [];
  for (let at = place; at < all.length; at++) {
    if (at % WALK === WALK - 1) {
      await pause(signal);
    }
    const one = words === '' || matchesText(all[at].path, words) ? make(all[at]) : undefined;
    if (one !== undefined) {
      if (items.length >= limit) {
        return { items, place: at };
      }
      items.push(one);
    }
  }
  return { items };
}

const scanKey = (accession: string, { part, list = '' }: IUnit): string => [accession, part.id, list].join('\n');

const nameOf = ({ part, list }: IUnit): string => list ?? part.title;

/** Where a page begins; a cursor that is not of this form begins at the beginning. */
function positionOf(cursor: string | undefined): { unit: number; place: number } {
  const [, unit = '0', place = '0'] = /^(\d{1,5})\/(\d{1,9})$/.exec(cursor ?? '') ?? [];
  return { unit: Number(unit), place: Number(place) };
}

/** The length of the only list, else what the archive counts of the whole study; with a text nobody knows. */
function totalOf(
  { text, dataset }: IQuery,
  units: number,
  own: number | undefined,
  counted: number | undefined
): { total?: number; exact?: boolean } {
  if (text.trim() !== '') {
    return {};
  }
  if (units < 2) {
    return units === 0 ? { total: 0 } : own === undefined ? {} : { total: own };
  }
  return dataset !== undefined || counted === undefined ? {} : { total: counted, exact: false };
}
