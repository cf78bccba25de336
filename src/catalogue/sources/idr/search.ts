import { BioImageError, isBioImageError, say, throwIfAborted, within } from '../../../core';
import type { Said } from '../../../core';
import type { IImageRecord, IPage, IQuery } from '../../../entities';
import type { MaxAge } from '../../age';
import { countFacets, passes } from '../../facets';
import { listOf } from '../../fields';
import { matchesText } from '../../listing';
import { Remembered } from '../../remembered';
import type { CatalogueItem, Relay } from '../../source';
import { parseContainerKey } from './containers';
import { IMAGE_FACETS, imageFilters, STUDY_FACETS } from './keys';
import type { ImageFacet } from './keys';
import type { IStudyList } from './list';
import { recogniseIdr } from './names';
import { imageNumber, recordOf, withPictures } from './records';
import { engineQuery, findContainers, findImages } from './searchengine';
import type { IEngineContainer, IEnginePage, IEngineQuery } from './searchengine';
import { dataDoiOf } from './studies';
import type { IIdrStudy } from './studies';
import { canBeValue, valueMeant } from './suggest';
import { thumbnails } from './thumbnails';

const PAGE = 100;
/** Containers that a question about images can name; a wider one is not asked. */
const MAX_NAMED = 50;
/** How long studies that are known wait for images that may be meant as well, in ms. */
const PATIENCE = 4_000;
/** Answers of the search engine that are kept: a page of a thousand hits makes several pages of the panel. */
const REMEMBERED = 8;

/** Where the images go on: `b` reaches the engine's page, `o` is the place in it, `n` how many came before. */
interface IImagesAt {
  readonly b?: readonly unknown[];
  readonly o: number;
  readonly n: number;
}

/** Images of a page. */
interface IHits {
  readonly items: readonly IImageRecord[];
  /** Of all pages together. */
  readonly size: number;
  /** Cursor of what follows. */
  readonly next?: string;
  /** Why there are none, in words. */
  readonly notice?: Said;
}

const NO_IMAGES: IHits = { items: [], size: 0 };

/** A cursor is a number of studies, or `images` and where these go on; anything else begins at the beginning. */
function readCursor(cursor: string | undefined): { studies: number; images?: IImagesAt } {
  if (cursor !== undefined && /^\d{1,9}$/.test(cursor)) {
    return { studies: Number(cursor) };
  }
  const [, offset, count, bookmark] = /^images\.(\d{1,9})\.(\d{1,9})\.(.*)$/s.exec(cursor ?? '') ?? [];
  if (offset === undefined) {
    return { studies: 0 };
  }
  const b = bookmark === '' ? undefined : bookmarkOf(bookmark);
  return { studies: Infinity, images: { o: Number(offset), n: Number(count), ...(b === undefined ? {} : { b }) } };
}

function bookmarkOf(text: string): readonly unknown[] | undefined {
  try {
    const list = listOf(JSON.parse(text));
    return list.length === 0 ? undefined : list;
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
    return undefined;
  }
}

function writeCursor({ b, o, n }: IImagesAt): string {
  return `images.${o}.${n}.${b === undefined ? '' : JSON.stringify(b)}`;
}

/** The study that a name means: an accession, the DOI of its data, one of its containers. */
export function findStudy(list: IStudyList, name: string): IIdrStudy | undefined {
  const low = name.toLowerCase();
  const byName =
    list.byAccession.get(low) ?? (parseContainerKey(low) === undefined ? undefined : list.byContainer.get(low));
  return (
    byName ?? (low.startsWith('10.') ? list.studies.find(study => dataDoiOf(study)?.toLowerCase() === low) : undefined)
  );
}

/**
 * Searches the list of studies without asking anybody. Filters that only images have go to the search engine, and so do
 * one or two words by themselves: they may be a gene, which no study is described by.
 */
export class IdrSearch {
  constructor(
    private readonly relay: Relay,
    maxAge?: MaxAge
  ) {
    this.meant = new Remembered(REMEMBERED, maxAge);
    this.containers = new Remembered(REMEMBERED, maxAge);
    this.pages = new Remembered(REMEMBERED, maxAge);
  }

  async page(list: IStudyList, query: IQuery, signal: AbortSignal): Promise<IPage<CatalogueItem>> {
    throwIfAborted(signal);
    const filters = imageFilters(query.filters);
    const text = query.text.trim();
    const named = recogniseIdr(text);
    const one = named?.kind === 'study' ? findStudy(list, named.accession) : undefined;
    // A name that means one study is not looked for in the words of the others.
    const byText =
      one === undefined ? list.studies.filter(({ words }) => text === '' || matchesText(words, text)) : [one];
    const matching = filters.length === 0 ? byText : await this.withImages(list, byText, filters, signal);
    const found = matching.filter(({ item }) => passes(item.facets, query.filters, STUDY_FACETS));
    const at = readCursor(query.cursor);
    const limit = Math.max(1, query.limit ?? PAGE);
    const studies = found.slice(at.studies, at.studies + limit).map(({ item }) => item);
    const end = Math.min(at.studies + studies.length, found.length);
    const room = limit - studies.length;
    const isGuess = one === undefined && !isFiltered(query) && canBeValue(text);
    const hits = await this.tryImages(at.images, isGuess ? PATIENCE : undefined, async () => {
      const images = isGuess ? await this.imagesMeant(text, signal) : this.imagesQuery(filters, found, query);
      return images === undefined ? NO_IMAGES : this.imagePage(list, images, at.images, room, signal);
    });
    const notices = [...list.notices, ...(hits.notice === undefined ? [] : [hits.notice])];
    const next = end < found.length && at.images === undefined ? String(end) : hits.next;
    return {
      items: [...studies, ...hits.items],
      total: found.length + hits.size,
      exact: hits.notice === undefined,
      ...(next === undefined ? {} : { cursor: next }),
      facets: countFacets(
        matching.map(({ item }) => item),
        STUDY_FACETS,
        query.filters
      ),
      ...(notices.length === 0 ? {} : { notices }),
      ...(list.from === undefined ? {} : { from: list.from })
    };
  }

  /** Of the studies those with images that have what is wanted. */
  private async withImages(
    list: IStudyList,
    studies: readonly IIdrStudy[],
    filters: readonly (readonly [ImageFacet, readonly string[]])[],
    signal: AbortSignal
  ): Promise<readonly IIdrStudy[]> {
    const query = engineQuery(filters);
    const work = async (inner: AbortSignal): Promise<IEngineContainer[]> =>
      (await findContainers(this.relay, query, inner)).containers;
    const containers = await this.containers.get(JSON.stringify(query), work, signal);
    const wanted = new Set(containers.map(({ key }) => list.byContainer.get(key)));
    return studies.filter(study => wanted.has(study));
  }

  /**
   * What is asked about images: those that have what is wanted, within the studies found. With words in the search box the
   * studies are what is meant, and with `ome_zarr` the engine cannot say which of its images count.
   */
  private imagesQuery(
    filters: readonly (readonly [ImageFacet, readonly string[]])[],
    found: readonly IIdrStudy[],
    query: IQuery
  ): IEngineQuery | undefined {
    if (
      filters.length === 0 ||
      found.length === 0 ||
      query.text.trim() !== '' ||
      (query.filters?.ome_zarr ?? []).length > 0
    ) {
      return undefined;
    }
    // The engine does not know these facets: it is told the containers that pass them.
    const isNarrowed = STUDY_FACETS.some(facet => (query.filters?.[facet] ?? []).length > 0);
    const names = isNarrowed ? found.flatMap(({ containers }) => containers.map(({ name }) => name)) : [];
    return names.length > MAX_NAMED ? undefined : engineQuery(filters, names);
  }

  /** Images that have the text as a value: a gene is typed more often than chosen. */
  private async imagesMeant(text: string, signal: AbortSignal): Promise<IEngineQuery | undefined> {
    const work = (inner: AbortSignal): ReturnType<typeof valueMeant> => valueMeant(this.relay, text, inner);
    const meant = await this.meant.get(text.toLowerCase(), work, signal);
    return meant === undefined ? undefined : engineQuery([meant]);
  }

  /** The first images, or a word about them where they cannot be had: the studies that were found are shown in any case. */
  private async tryImages(
    at: IImagesAt | undefined,
    patience: number | undefined,
    work: () => Promise<IHits>
  ): Promise<IHits> {
    try {
      return at === undefined && patience !== undefined
        ? await within(work(), patience, () => new BioImageError('UPSTREAM_SLOW', say`IDR’s search engine takes long.`))
        : await work();
    } catch (error) {
      // Whoever asks for more images gets no studies to look at, and is told what happened.
      if (at !== undefined || !isBioImageError(error)) {
        throw error;
      }
      return { ...NO_IMAGES, notice: say`The images themselves are missing: IDR’s search engine did not answer.` };
    }
  }

  private async imagePage(
    list: IStudyList,
    query: IEngineQuery,
    from: IImagesAt | undefined,
    room: number,
    signal: AbortSignal
  ): Promise<IHits> {
    const at = from ?? { o: 0, n: 0 };
    const key = JSON.stringify([query, at.b ?? null]);
    const page = await this.pages.get(key, inner => findImages(this.relay, query, at.b, inner), signal);
    const hits = page.images.slice(at.o, at.o + room);
    const records = hits.map(({ id, name, containerKey, container, dataset, values }) => {
      const study =
        list.byContainer.get(containerKey ?? '') ?? list.byAccession.get(container?.slice(0, 7).toLowerCase() ?? '');
      const said = {
        kind: 'image' as const,
        id,
        title: name,
        values,
        ...(dataset === undefined ? {} : { dataset: `dataset:${dataset}` })
      };
      return recordOf(said, list, study);
    });
    const numbers = records.map(imageNumber).filter(number => number !== undefined);
    const pictures = numbers.length === 0 ? new Map<number, string>() : await thumbnails(this.relay, numbers, signal);
    const next = nextOf(page, at, hits.length);
    return {
      items: withPictures(records, pictures),
      size: page.size,
      ...(next === undefined ? {} : { next: writeCursor(next) })
    };
  }

  private readonly meant: Remembered<Awaited<ReturnType<typeof valueMeant>>>;
  private readonly containers: Remembered<IEngineContainer[]>;
  private readonly pages: Remembered<IEnginePage>;
}

/** Whether a value is chosen of a facet that IDR knows. */
function isFiltered({ filters }: IQuery): boolean {
  return [...STUDY_FACETS, ...IMAGE_FACETS].some(facet => (filters?.[facet] ?? []).length > 0);
}

/** Where the images go on after `count` more of a page; `undefined` where all have come. */
function nextOf(page: IEnginePage, at: IImagesAt, count: number): IImagesAt | undefined {
  const n = at.n + count;
  if (at.o + count < page.images.length) {
    return { ...at, o: at.o + count, n };
  }
  return page.bookmark === undefined || n >= page.size ? undefined : { b: page.bookmark, o: 0, n };
}
