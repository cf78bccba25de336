import type { IImageRecord, IPage, IQuery } from '../../../entities';
import { matchesText } from '../../listing';
import type { BiaApi } from './api';
import { recordOf } from './images';
import type { IRecordContext } from './images';
import type { IOpened } from './opened';
import { readImage, readRepresentation } from './wire';
import type { IImage } from './wire';

/** Images on a page where nobody says how many, and the most. */
const PAGE = 50;
const MAX_PAGE = 500;
/** Requests for one page while a filter leaves little of each answer. */
const MAX_REQUESTS = 5;
/** Images per request while filtering. */
const FILTERED_PAGE = 200;

/** What an image is found by: its names, and what the submitter says of its file. */
const wordsOf = ({ uuid, label = '', pattern = '', attributes }: IImage): string =>
  [label, pattern, uuid, ...attributes.map(({ value }) => value)].join(' ');

/**
 * One page of a study's images: those that can be viewed, then the others dataset by dataset. Cursor: `v/<images before>`,
 * then `<dataset>/<uuid of the last image>`.
 */
export async function imagesOf(
  opened: IOpened,
  api: BiaApi | undefined,
  context: IRecordContext,
  query: IQuery,
  signal: AbortSignal
): Promise<IPage<IImageRecord>> {
  const { viewable, nested } = opened;
  const limit = Math.min(Math.max(1, Math.floor(query.limit ?? PAGE)), MAX_PAGE);
  const text = query.text.trim();
  const passes = (image: IImage): boolean =>
    (query.dataset === undefined || image.dataset === query.dataset) &&
    (text === '' || matchesText(wordsOf(image), text));
  const first = [...viewable.values()].filter(({ image }) => passes(image));
  const records = first.map(({ image, representation }) => recordOf(image, [representation], context));
  const [, offset] = /^v\/(\d{1,9})$/.exec(query.cursor ?? 'v/0') ?? [];
  if (nested !== undefined) {
    // Out of a search document: all images are known, and nothing more can be asked for.
    const others = nested.filter(image => !viewable.has(image.uuid) && passes(image));
    const all = [...records, ...others.map(image => recordOf(image, [], context))];
    const end = Number(offset ?? 0) + limit;
    return {
      items: all.slice(end - limit, end),
      total: all.length,
      ...(opened.isComplete ? {} : { exact: false }),
      ...(end < all.length ? { cursor: `v/${end}` } : {})
    };
  }
  const items = offset === undefined ? [] : records.slice(Number(offset), Number(offset) + limit);
  const shown = offset === undefined ? records.length : Number(offset) + items.length;
  const total = totalOf(opened, query, text);
  if (shown < records.length) {
    return { items, ...total, cursor: `v/${shown}` };
  }
  const rest = await othersOf(
    opened,
    api,
    context,
    { from: query.cursor, dataset: query.dataset, text, limit: limit - items.length, passes },
    signal
  );
  return { items: [...items, ...rest.items], ...total, ...(rest.cursor === undefined ? {} : { cursor: rest.cursor }) };
}

/** How many images there are, as the archive counts them; with a text nobody knows. */
function totalOf({ study }: IOpened, { dataset }: IQuery, text: string): { total?: number } {
  const counts = (study.datasets ?? [])
    .filter(({ uuid }) => dataset === undefined || uuid === dataset)
    .map(({ images }) => images);
  return text !== '' || counts.includes(undefined)
    ? {}
    : { total: counts.reduce<number>((sum, one) => sum + (one ?? 0), 0) };
}

/** Which of the images that cannot be viewed are wanted. */
interface IOthers {
  readonly from: string | undefined;
  readonly dataset: string | undefined;
  readonly text: string;
  readonly limit: number;
  readonly passes: (image: IImage) => boolean;
}

/** Images beside those that can be viewed, dataset by dataset, as the API pages through them. */
async function othersOf(
  { study, viewable }: IOpened,
  api: BiaApi | undefined,
  context: IRecordContext,
  { from, dataset, text, limit, passes }: IOthers,
  signal: AbortSignal
): Promise<{ items: IImageRecord[]; cursor?: string }> {
  const datasets = (study.datasets ?? []).filter(
    ({ uuid, images }) => images !== 0 && (dataset === undefined || uuid === dataset)
  );
  const items: IImageRecord[] = [];
  const [, place = '0', after] = /^(\d{1,4})\/([\w-]*)$/.exec(from ?? '') ?? [];
  let at = Number(place);
  let start = after === '' ? undefined : after;
  for (let requests = 0; api !== undefined && at < datasets.length; requests++) {
    if (items.length >= limit || requests >= MAX_REQUESTS) {
      return { items, cursor: `${at}/${start ?? ''}` };
    }
    const size = text === '' ? limit - items.length : FILTERED_PAGE;
    const page = await api.page(`dataset/${datasets[at].uuid}/image`, readImage, { start, size }, signal);
    const wanted = page.items.filter(image => !viewable.has(image.uuid) && passes(image));
    const some = wanted.slice(0, limit - items.length);
    // An image that was not among the first of its dataset may have a form elsewhere, which it recommends.
    const uuids = some.flatMap(({ recommended }) => recommended ?? []);
    const made = await api.named('image_representation', uuids, readRepresentation, signal);
    items.push(...some.map(image => recordOf(image, made, context)));
    if (some.length < wanted.length) {
      return { items, cursor: `${at}/${some.at(-1)?.uuid ?? start ?? ''}` };
    }
    start = page.next;
    at += start === undefined ? 1 : 0;
  }
  return { items };
}
