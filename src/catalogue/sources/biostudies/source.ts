import { BioImageError, isBioImageError, say, throwIfAborted } from '../../../core';
import type { IFileEntry, IImageRecord, IPage, IQuery, IStudy, IStudyDetails } from '../../../entities';
import type { MaxAge } from '../../age';
import { accessionIn } from '../../accession';
import { decodedOf, field, fromOf, httpsOf, jsonOf } from '../../fields';
import { Remembered } from '../../remembered';
import type { ICatalogueSource, IRecognised, Relay, RelayQuery } from '../../source';
import { FileLists } from './filelists';
import type { IStudyContext } from './filelists';
import { FileTable } from './filetable';
import { readImageId } from './images';
import { readSubmission } from './pagetab';
import type { ISubmission } from './pagetab';
import { placeOf } from './places';
import { FILTERS, filterParameters, pageOf, plainQuery, readFacets, readHits } from './search';
import { detailsOf, partsOf, withCounts } from './study';
import type { IPart } from './study';

/** Service of the relay that this source asks; without it there is no source. */
export const SERVICE = 'biostudies';
/** Service of the public copy of the archive, where some answers only point to. */
const COPY = 'biostudies-ftp';
/** The collection that is searched: studies with images. */
const COLLECTION = 'api/v1/bioimages';
/** Values asked of each facet. */
const FACET_VALUES = 20;
/** Studies kept opened: paging through images and files asks for the same one. */
const OPENED = 8;

/** A study that has been read, with what its page, images and files are made of. */
interface IOpened {
  /** The archive has said where the files lie. */
  readonly isPlaced: boolean;
  readonly details: IStudyDetails;
  readonly parts: readonly IPart[];
  readonly context: IStudyContext;
  /** Where the study itself came from. */
  readonly from: ReturnType<typeof fromOf>;
}

/** Studies of BioStudies in its collection of images. */
export class BioStudiesSource implements ICatalogueSource {
  readonly id = 'biostudies';
  readonly label = 'BioStudies';
  readonly rank = 30;
  readonly filters = FILTERS;
  private readonly opened: Remembered<IOpened>;
  /** Studies of which the archive has not said where they lie. */
  private readonly unplaced = new Set<string>();
  /** Studies whose file lists are too large to be read. */
  private readonly large = new Set<string>();
  private readonly lists: FileLists;
  private readonly table: FileTable;

  constructor(
    private readonly relay: Relay,
    maxAge?: MaxAge
  ) {
    this.opened = new Remembered(OPENED, maxAge);
    this.lists = new FileLists(relay, SERVICE, maxAge);
    this.table = new FileTable(relay, SERVICE, maxAge);
  }

  async search(query: IQuery, signal: AbortSignal): Promise<IPage<IStudy>> {
    throwIfAborted(signal);
    const at = pageOf(query.cursor, query.limit);
    const text = plainQuery(query.text);
    const asked: RelayQuery = { ...(text === '' ? {} : { query: text }), ...filterParameters(query.filters) };
    // Counts belong to the whole answer and are asked for once, with its first page.
    const facets = query.cursor === undefined ? this.facets(asked, signal) : undefined;
    const parameters = { query: { ...asked, page: at.page, pageSize: at.size } };
    const [answer, counted] = await Promise.all([
      this.relay(SERVICE, `${COLLECTION}/search`, parameters, signal),
      facets
    ]);
    const { items, total, exact, more } = readHits(jsonOf(answer, 'search'), this.id, at);
    return {
      items,
      ...(total === undefined ? {} : { total, exact }),
      ...(more ? { cursor: `${at.page + 1}/${at.size}` } : {}),
      ...(counted === undefined ? {} : { facets: counted }),
      ...fromOf(answer)
    };
  }

  /** Accessions of any collection: the service has their pages too. */
  recognise(text: string): IRecognised | null {
    const accession = accessionIn(text);
    return accession === undefined ? null : { kind: 'study', accession };
  }

  async study(accession: string, signal: AbortSignal): Promise<IStudyDetails> {
    const key = accession.toUpperCase();
    // Whoever opens the page again asks again for what the archive could not say.
    if (this.unplaced.delete(key)) {
      this.opened.forget(key);
    }
    const { details, context, parts } = await this.open(accession, signal);
    // Whoever has seen the images has had every list looked through.
    return withCounts(details, await this.lists.counts(context, parts, signal), context.place);
  }

  async images(accession: string, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    const { context, parts, from } = await this.open(accession, signal);
    const page = await this.either(
      context,
      () => this.lists.images(context, parts, query, signal),
      () => this.table.images(context, query, signal)
    );
    return { ...page, ...from };
  }

  async files(accession: string, query: IQuery, signal: AbortSignal): Promise<IPage<IFileEntry>> {
    const { context, parts, from } = await this.open(accession, signal);
    const page = await this.either(
      context,
      () => this.lists.files(context, parts, query, signal),
      () => this.table.files(context, query, signal)
    );
    return { ...page, ...from };
  }

  async image(id: string, signal: AbortSignal): Promise<IImageRecord> {
    throwIfAborted(signal);
    const place = readImageId(id);
    if (place !== undefined) {
      const { context, parts } = await this.open(place.accession, signal);
      const found = await this.either(
        context,
        () => this.lists.image(context, parts, place, signal),
        () => this.table.image(context, place.path, signal)
      );
      if (found !== undefined) {
        return found;
      }
    }
    throw new BioImageError('NOT_FOUND', say`This study lists no such image.`, { where: id.slice(0, 200) });
  }

  /** Out of the study's file lists, or out of the archive's table of files where one of them is too large. */
  private async either<T>({ accession }: IStudyContext, lists: () => Promise<T>, table: () => Promise<T>): Promise<T> {
    if (!this.large.has(accession)) {
      try {
        return await lists();
      } catch (error) {
        if (!isBioImageError(error, 'TOO_LARGE')) {
          throw error;
        }
        this.large.add(accession);
      }
    }
    return table();
  }

  /** How many studies of the whole answer have each value; `undefined` where the service cannot say it. */
  private async facets(asked: RelayQuery, signal: AbortSignal): Promise<IPage<IStudy>['facets']> {
    try {
      const query = { ...asked, limit: FACET_VALUES };
      return readFacets(jsonOf(await this.relay(SERVICE, `${COLLECTION}/facets`, { query }, signal), 'facets'));
    } catch (error) {
      // Counts are an extra: the studies are shown without them.
      if (isBioImageError(error)) {
        return undefined;
      }
      throw error;
    }
  }

  private async open(accession: string, signal: AbortSignal): Promise<IOpened> {
    throwIfAborted(signal);
    if (!/^[A-Z0-9][\w-]{0,63}$/i.test(accession)) {
      throw new BioImageError('NOT_FOUND', say`This is no name of a study.`, { where: accession.slice(0, 64) });
    }
    const key = accession.toUpperCase();
    const opened = await this.opened.get(key, own => this.load(accession, own), signal);
    if (!opened.isPlaced) {
      this.unplaced.add(key);
    }
    return opened;
  }

  private async load(accession: string, signal: AbortSignal): Promise<IOpened> {
    const [{ submission, from }, info] = await Promise.all([
      this.submission(accession, signal),
      this.info(accession, signal)
    ]);
    const place = placeOf(info, submission.accession);
    const details = detailsOf(submission, place, this.id);
    const { title, licence } = details;
    return {
      isPlaced: info !== undefined,
      details: info === undefined ? { ...details, notices: [...details.notices, NO_INFO] } : details,
      parts: partsOf(submission),
      from,
      context: {
        source: this.id,
        accession: submission.accession,
        title,
        ...(licence === undefined ? {} : { licence: licence.text }),
        place
      }
    };
  }

  /** The study as PageTab: given at once, or by its address in the public copy. */
  private async submission(
    accession: string,
    signal: AbortSignal
  ): Promise<{ submission: ISubmission; from: IOpened['from'] }> {
    const given = await this.relay(SERVICE, `api/v1/studies/${accession}`, {}, signal);
    const answer = jsonOf(given, 'study');
    const link = httpsOf(field(answer, 'ftpHttp_link'));
    if (link === undefined || field(answer, 'section') !== undefined) {
      return { submission: readSubmission(answer, accession), from: fromOf(given) };
    }
    // The folder is called like the study, in the spelling that counts in the copy.
    const { pathname } = new URL(link);
    const folder = (decodedOf(pathname) ?? pathname).replace(/^\/+|\/+$/g, '');
    const name = folder.slice(folder.lastIndexOf('/') + 1);
    const copy = await this.relay(COPY, `${folder}/${name}.json`, {}, signal);
    return { submission: readSubmission(jsonOf(copy, 'study'), accession), from: fromOf(copy) };
  }

  /** Where the files lie; `undefined` where the archive cannot say it. */
  private async info(accession: string, signal: AbortSignal): Promise<unknown> {
    try {
      return jsonOf(await this.relay(SERVICE, `api/v1/studies/${accession}/info`, {}, signal), 'info');
    } catch (error) {
      if (isBioImageError(error)) {
        return undefined;
      }
      throw error;
    }
  }
}

const NO_INFO = say`The archive did not say where the files of this study lie; their addresses are computed and may be wrong.`;
