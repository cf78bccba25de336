import { say } from '../../../core';
import type { IFileEntry, IImageRecord, IPage, IQuery } from '../../../entities';
import type { MaxAge } from '../../age';
import { countOf, field, jsonOf, listOf, textOf } from '../../fields';
import { matchesText } from '../../listing';
import { questionOf } from '../../question';
import { Remembered } from '../../remembered';
import type { Relay } from '../../source';
import type { IStudyContext } from './filelists';
import { formatOf } from '../../formats';
import { canView, convertibleRecord, entryOf, ImageGatherer, zarrRecord } from './images';
import type { IListedZarr } from './images';
import { listedFile } from './pagetab';
import type { IListedFile } from './pagetab';

/** Rows per request while looking for images, and requests for one page of an answer. */
const ROWS = 1000;
const MAX_REQUESTS = 5;
/** Requests for the Zarr of a study: one that is given file by file has a row for every chunk. */
const MAX_SCAN = 20;
/** Studies whose Zarr are kept. */
const SCANNED = 4;
/** Entries on a page where nobody says how many. */
const PAGE = 50;

/** A file and the dataset it belongs to, '' where the table does not say that. */
interface IRow {
  readonly file: IListedFile;
  readonly dataset: string;
}

interface IZarrs {
  readonly zarrs: readonly { zarr: IListedZarr; dataset: string }[];
  readonly isComplete: boolean;
}

/**
 * Files and images of studies whose file lists are too large to be read whole: out of the archive's table of files, which
 * is paged and filtered by the service. Cursors: `t<row>` for files and for what cannot be viewed, `z<viewable before>`.
 */
export class FileTable {
  private readonly scans: Remembered<IZarrs>;

  constructor(
    private readonly relay: Relay,
    private readonly service: string,
    maxAge?: MaxAge
  ) {
    this.scans = new Remembered(SCANNED, maxAge);
  }

  async files(context: IStudyContext, query: IQuery, signal: AbortSignal): Promise<IPage<IFileEntry>> {
    const start = startOf(query.cursor, 't') ?? 0;
    const limit = limitOf(query);
    const isWhole = query.text.trim() === '';
    const { items, next, total } = await this.walk(
      context,
      query,
      { start, limit, rows: isWhole ? limit : ROWS },
      signal,
      row => entryOf({ ...context, dataset: row.dataset }, row.file)
    );
    return {
      items,
      ...(isWhole && total !== undefined ? { total } : {}),
      ...(next === undefined ? {} : { cursor: `t${next}` })
    };
  }

  async images(context: IStudyContext, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    const limit = limitOf(query);
    const text = query.text.trim();
    const { zarrs, isComplete } = await this.zarrs(context, query.dataset, signal);
    const viewable = zarrs.filter(
      ({ zarr }) => canView(zarr, context.place) && (text === '' || matchesText(zarr.path, text))
    );
    const first = startOf(query.cursor ?? 'z0', 'z') ?? viewable.length;
    const shown = viewable.slice(first, first + limit);
    const items = shown.map(({ zarr, dataset }) => zarrRecord({ ...context, dataset }, zarr));
    const notices = isComplete ? {} : { notices: [say`This study has too many files to look for all of its images.`] };
    if (first + items.length < viewable.length || items.length >= limit) {
      const cursor = first + items.length < viewable.length ? `z${first + items.length}` : 't0';
      return { items, cursor, ...notices };
    }
    const page = { start: startOf(query.cursor, 't') ?? 0, limit: limit - items.length, rows: ROWS };
    const rest = await this.walk(context, query, page, signal, ({ file, dataset }) =>
      otherOf({ ...context, dataset }, file)
    );
    return {
      items: [...items, ...rest.items],
      ...(rest.next === undefined ? {} : { cursor: `t${rest.next}` }),
      ...notices
    };
  }

  /** One image by its path; `undefined` where the table does not list it. */
  async image(context: IStudyContext, path: string, signal: AbortSignal): Promise<IImageRecord | undefined> {
    const { zarrs } = await this.zarrs(context, undefined, signal);
    const found = zarrs.find(({ zarr }) => zarr.path === path);
    if (found !== undefined) {
      return zarrRecord({ ...context, dataset: found.dataset }, found.zarr);
    }
    const { rows } = await this.rows(context.accession, { start: 0, length: ROWS, text: path }, signal);
    const row = rows.find(({ file }) => file.path === path);
    return row === undefined ? undefined : otherOf({ ...context, dataset: row.dataset }, row.file);
  }

  /** Up to `limit` items made of rows, from a row on; `next` is the row where the following page begins. */
  private async walk<T>(
    { accession }: IStudyContext,
    { text, dataset }: IQuery,
    { start, limit, rows }: { start: number; limit: number; rows: number },
    signal: AbortSignal,
    make: (row: IRow) => T | undefined
  ): Promise<{ items: T[]; next?: number; total?: number }> {
    const items: T[] = [];
    // The service looks for the text as a whole: it is given the longest word, the others are looked for here.
    const [word = ''] = questionOf(text)
      .split(' ')
      .sort((a, b) => b.length - a.length);
    let at = start;
    for (let requests = 0; requests < MAX_REQUESTS; requests++) {
      const page = await this.rows(accession, { start: at, length: rows, text: word, dataset }, signal);
      for (const [offset, row] of page.rows.entries()) {
        const item = text.trim() === '' || matchesText(row.file.path, text.trim()) ? make(row) : undefined;
        if (item !== undefined && items.length >= limit) {
          return { items, next: at + offset, total: page.total };
        }
        items.push(...(item === undefined ? [] : [item]));
      }
      at += page.count;
      if (page.count < rows || page.count === 0 || (page.total !== undefined && at >= page.total)) {
        return { items, total: page.total };
      }
      if (items.length >= limit) {
        return { items, next: at, total: page.total };
      }
    }
    return { items, next: at };
  }

  private zarrs(context: IStudyContext, dataset: string | undefined, signal: AbortSignal): Promise<IZarrs> {
    const key = `${context.accession}\n${dataset ?? ''}`;
    return this.scans.get(key, own => this.scan(context.accession, dataset, own), signal);
  }

  private async scan(accession: string, dataset: string | undefined, signal: AbortSignal): Promise<IZarrs> {
    const gatherer = new ImageGatherer();
    const datasets = new Map<string, string>();
    let start = 0;
    for (let requests = 0; requests < MAX_SCAN; requests++) {
      const { rows, count, total } = await this.rows(accession, { start, length: ROWS, text: 'zarr', dataset }, signal);
      for (const row of rows) {
        gatherer.add(row.file);
        datasets.set(row.file.path, row.dataset);
      }
      start += count;
      if (count < ROWS || (total !== undefined && start >= total)) {
        return { zarrs: named(gatherer, datasets), isComplete: true };
      }
    }
    return { zarrs: named(gatherer, datasets), isComplete: false };
  }

  private async rows(
    accession: string,
    { start, length, text, dataset }: { start: number; length: number; text: string; dataset?: string },
    signal: AbortSignal
  ): Promise<{ rows: IRow[]; count: number; total?: number }> {
    const query = {
      start,
      length,
      'search[value]': text === '' ? undefined : text,
      'columns[0][name]': dataset === undefined ? undefined : 'Section',
      'columns[0][search][value]': dataset
    };
    const answer = jsonOf(await this.relay(this.service, `api/v1/files/${accession}`, { query }, signal), 'files');
    const data = listOf(field(answer, 'data'));
    const total = countOf(field(answer, 'recordsFiltered'));
    const rows = data.flatMap(value => {
      const file = listedFile(value);
      return file === undefined ? [] : [{ file, dataset: textOf(field(value, 'Section')) ?? dataset ?? '' }];
    });
    return { rows, count: data.length, ...(total === undefined ? {} : { total }) };
  }
}

/** Zarr with the dataset of one of their files. */
function named(gatherer: ImageGatherer, datasets: ReadonlyMap<string, string>): IZarrs['zarrs'] {
  const byRoot = new Map<string, string>();
  for (const [path, dataset] of datasets) {
    const parts = path.split('/');
    parts.forEach((_part, at) => byRoot.set(parts.slice(0, at + 1).join('/'), dataset));
  }
  const zarrs = gatherer.found.zarrs.filter(({ path }) => !isTiff(path));
  return zarrs.map(zarr => ({ zarr, dataset: byRoot.get(zarr.path) ?? '' }));
}

/** TIFF files come row by row: they may be all that a study has. */
const isTiff = (path: string): boolean => formatOf(path)?.kind === 'tiff';

/** A row of an image that is not among the Zarr that were searched for: a TIFF, one in another format, or out of reach. */
function otherOf(context: IStudyContext & { readonly dataset: string }, file: IListedFile): IImageRecord | undefined {
  const gatherer = new ImageGatherer();
  gatherer.add(file);
  const zarr = gatherer.found.zarrs.at(0);
  if (zarr === undefined) {
    return convertibleRecord(context, file);
  }
  const isMissing = isTiff(zarr.path) || !canView(zarr, context.place);
  return zarr.path === file.path && isMissing ? zarrRecord(context, zarr) : undefined;
}

const limitOf = ({ limit = PAGE }: IQuery): number => Math.min(Math.max(1, Math.floor(limit)), ROWS);

function startOf(cursor: string | undefined, kind: 't' | 'z'): number | undefined {
  const digits = cursor !== undefined && cursor.startsWith(kind) ? cursor.slice(1) : '';
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
}
