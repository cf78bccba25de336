import type { IFileEntry, IPage, IQuery } from '../../../entities';
import { countOf, field, httpsOf, textOf } from '../../fields';
import { matchesText } from '../../listing';
import type { BiaApi } from './api';
import type { IOpened } from './opened';
import { uuidOf } from './wire';

/** Files on a page where nobody says how many, and the most. */
const PAGE = 50;
const MAX_PAGE = 500;
/** Requests for one page while a filter leaves little of each answer, and files per request then. */
const MAX_REQUESTS = 5;
const FILTERED_PAGE = 1000;

/** A file and the uuid that the next page starts after. */
interface IFile {
  readonly uuid: string;
  readonly entry: IFileEntry;
}

/** An address out of a path that was never encoded: blanks are put right by the parser, these are not. */
function addressOf(value: unknown): string | undefined {
  const text = textOf(value)
    ?.replace(/%(?![0-9a-f]{2})/gi, '%25')
    .replace(/#/g, '%23')
    .replace(/\?/g, '%3F');
  return httpsOf(text);
}

/** A file of the archive; `undefined` where it has no uuid to page by, or no path. */
function fileOf(value: unknown): IFile | undefined {
  const uuid = uuidOf(field(value, 'uuid'));
  const path = textOf(field(value, 'file_path'));
  if (uuid === undefined || path === undefined) {
    return undefined;
  }
  const bytes = countOf(field(value, 'size_in_bytes'));
  const uri = addressOf(field(value, 'uri'));
  const kind = textOf(field(value, 'format')) === 'directory' ? 'folder' : 'file';
  return {
    uuid,
    entry: { path, kind, ...(bytes === undefined ? {} : { bytes }), ...(uri === undefined ? {} : { uri }) }
  };
}

/** One page of a study's files, dataset by dataset in the archive's order. Cursor: `<dataset>/<uuid of the last file>`. */
export async function filesOf(
  { study }: IOpened,
  api: BiaApi | undefined,
  query: IQuery,
  signal: AbortSignal
): Promise<IPage<IFileEntry>> {
  const datasets = (study.datasets ?? []).filter(({ uuid, files }) => files !== 0 && (query.dataset ?? uuid) === uuid);
  const limit = Math.min(Math.max(1, Math.floor(query.limit ?? PAGE)), MAX_PAGE);
  const text = query.text.trim();
  const counts = datasets.map(({ files }) => files);
  const isCounted = text === '' && !counts.includes(undefined);
  const total = isCounted ? { total: counts.reduce<number>((sum, one) => sum + (one ?? 0), 0) } : {};
  const items: IFileEntry[] = [];
  const [, place = '0', after] = /^(\d{1,4})\/([\w-]*)$/.exec(query.cursor ?? '') ?? [];
  let at = Number(place);
  let start = after === '' ? undefined : after;
  for (let requests = 0; api !== undefined && at < datasets.length; requests++) {
    if (items.length >= limit || requests >= MAX_REQUESTS) {
      return { items, ...total, cursor: `${at}/${start ?? ''}` };
    }
    const dataset = datasets[at].uuid;
    const size = text === '' ? limit - items.length : FILTERED_PAGE;
    const page = await api.page(`dataset/${dataset}/file_reference`, fileOf, { start, size }, signal);
    const found = page.items.filter(({ entry }) => text === '' || matchesText(entry.path, text));
    const some = found.slice(0, limit - items.length);
    items.push(...some.map(({ entry }) => ({ ...entry, dataset })));
    if (some.length < found.length) {
      return { items, ...total, cursor: `${at}/${some.at(-1)?.uuid ?? start ?? ''}` };
    }
    start = page.next;
    at += start === undefined ? 1 : 0;
  }
  return { items, ...total };
}
