import { BioImageError, isBioImageError, say, throwIfAborted } from '../../../core';
import type { IFileEntry, IImageRecord, IPage, IQuery, IStudy, IStudyDetails } from '../../../entities';
import { accessionIn, isImageStudy } from '../../accession';
import type { MaxAge } from '../../age';
import { fromOf } from '../../fields';
import { licenceOf } from '../../licence';
import { rewritten } from '../../moved';
import { Remembered } from '../../remembered';
import type { ICatalogueEnvironment, ICatalogueSource, IRecognised, IRewrite } from '../../source';
import type { BiaApi } from './api';
import { openDocument } from './document';
import { filesOf } from './files';
import { recordOf } from './images';
import type { IRecordContext } from './images';
import { imagesOf } from './listing';
import { openThroughApi } from './opened';
import type { IOpened } from './opened';
import type { BiaSearch } from './search';
import { FILTERS, isConverted } from './search';
import { detailsOf, studyOf } from './study';
import { readDataset, readImage, readRepresentation, readStudy, uuidOf, zarrUri } from './wire';

/** Studies kept opened: paging through images and files asks for the same one. */
const OPENED = 8;
/** Representations of one image. */
const REPRESENTATIONS = 50;
/** Pages about an image end in its uuid. */
const IMAGE_PAGE =
  /^https?:\/\/(?:[\w-]+\.)*(?:ebi\.ac\.uk|bioimagearchive\.org)\/[^?#]*\/image\/([\w-]{36})\/?(?:[?#].*)?$/i;

/** Studies and images of the BioImage Archive, through its API and its search. */
export class BiaSource implements ICatalogueSource {
  readonly id = 'bia';
  readonly label = 'BioImage Archive';
  readonly rank = 10;
  readonly filters = FILTERS;
  private readonly opened: Remembered<IOpened>;
  /** Studies of which something could not be looked up just now. */
  private readonly failed = new Set<string>();

  /** Either service may be missing: without the search only accessions are found, without the API files are not listed. */
  constructor(
    private readonly api: BiaApi | undefined,
    private readonly index: BiaSearch | undefined,
    private readonly rewrites: ICatalogueEnvironment['rewrites'],
    maxAge?: MaxAge
  ) {
    this.opened = new Remembered(OPENED, maxAge);
  }

  async search(query: IQuery, signal: AbortSignal): Promise<IPage<IStudy>> {
    throwIfAborted(signal);
    const text = query.text.trim();
    if (this.index === undefined) {
      return this.byAccession(text, signal);
    }
    const found = await this.index.find('study', { ...query, text }, signal);
    const studies = new Map(
      found.documents
        .map(readStudy)
        .filter(study => study !== undefined)
        .map(study => [study.accession, study])
    );
    // Facets have their keys in lower case: these documents are where the spelling is learnt.
    for (const { organisms, methods } of studies.values()) {
      this.index.learn([...organisms, ...methods]);
    }
    const items = [...studies.values()].map(study => studyOf(study, this.id));
    const page = { ...(found.cursor === undefined ? {} : { cursor: found.cursor }), ...fromOf(found.answer) };
    const wanted = isConverted(query.filters);
    if (wanted !== undefined && !(wanted && found.isNewer)) {
      // The service cannot choose these, so its numbers are those of all.
      return { items: items.filter(study => isThatWay(study, wanted)), ...page };
    }
    return {
      items,
      ...page,
      ...(found.total === undefined ? {} : { total: found.total, exact: found.exact }),
      ...(query.cursor === undefined ? { facets: found.facets } : {})
    };
  }

  recognise(text: string): IRecognised | null {
    const image = uuidOf(IMAGE_PAGE.exec(text.trim().slice(0, 2048))?.[1]);
    if (image !== undefined) {
      return { kind: 'image', id: image };
    }
    const accession = accessionIn(text);
    return accession !== undefined && isImageStudy(accession) ? { kind: 'study', accession } : null;
  }

  async study(accession: string, signal: AbortSignal): Promise<IStudyDetails> {
    const key = accession.trim().toUpperCase();
    // Whoever opens the page again asks again for what could not be looked up.
    if (this.failed.delete(key)) {
      this.opened.forget(key);
    }
    const { study, viewable, isComplete, notices } = await this.open(key, signal);
    const counts = new Map<string, number>();
    for (const { image } of viewable.values()) {
      counts.set(image.dataset, (counts.get(image.dataset) ?? 0) + 1);
    }
    const details = detailsOf(study, this.id, isComplete ? counts : undefined, notices);
    const picture = [...viewable.values()].at(0);
    const address = picture === undefined ? undefined : zarrUri(picture.representation);
    return address === undefined ? details : { ...details, thumbnail: rewritten(address, await this.moves()).uri };
  }

  async images(accession: string, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    const opened = await this.open(accession, signal);
    const context = await this.contextOf(opened);
    const page = await imagesOf(opened, this.api, context, query, signal);
    return { ...page, ...opened.from };
  }

  async files(accession: string, query: IQuery, signal: AbortSignal): Promise<IPage<IFileEntry>> {
    const opened = await this.open(accession, signal);
    return { ...(await filesOf(opened, this.api, query, signal)), ...opened.from };
  }

  async image(id: string, signal: AbortSignal): Promise<IImageRecord> {
    throwIfAborted(signal);
    const uuid = uuidOf(id);
    if (uuid === undefined || this.api === undefined) {
      throw new BioImageError('NOT_FOUND', say`The BioImage Archive has no such image.`, { where: id.slice(0, 64) });
    }
    const path = `image/${uuid}`;
    const [value, made, rewrites] = await Promise.all([
      this.api.one(path, signal),
      this.api.page(`${path}/image_representation`, readRepresentation, { size: REPRESENTATIONS }, signal),
      this.moves()
    ]);
    const image = readImage(value);
    if (image === undefined) {
      throw new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: 'image' });
    }
    const study = await this.studyOfDataset(image.dataset, signal);
    return recordOf(image, made.items, { source: this.id, rewrites, ...(study === undefined ? {} : { study }) });
  }

  /** The study that a dataset belongs to; without it the image is shown all the same. */
  private async studyOfDataset(dataset: string, signal: AbortSignal): Promise<IRecordContext['study']> {
    try {
      const value = dataset === '' ? undefined : await this.api?.one(`dataset/${dataset}`, signal);
      const parent = readDataset(value)?.study;
      const study = parent === undefined ? undefined : readStudy(await this.api?.one(`study/${parent}`, signal));
      return study === undefined ? undefined : aboutStudy(study);
    } catch (error) {
      if (isBioImageError(error)) {
        return undefined;
      }
      throw error;
    }
  }

  private async contextOf({ study }: IOpened): Promise<IRecordContext> {
    return { source: this.id, rewrites: await this.moves(), study: aboutStudy(study) };
  }

  /** Where storage has moved; without that table addresses stay as the archive gives them. */
  private async moves(): Promise<readonly IRewrite[]> {
    try {
      return await this.rewrites();
    } catch (error) {
      if (isBioImageError(error)) {
        return [];
      }
      throw error;
    }
  }

  private async open(accession: string, signal: AbortSignal): Promise<IOpened> {
    throwIfAborted(signal);
    const name = accession.trim().toUpperCase();
    if (!/^[A-Z0-9][\w-]{0,63}$/.test(name)) {
      throw new BioImageError('NOT_FOUND', say`This is no name of a study.`, { where: accession.slice(0, 64) });
    }
    const opened = await this.opened.get(name, own => this.load(name, own), signal);
    if (opened.isFailed) {
      this.failed.add(name);
    }
    return opened;
  }

  /** Through the API, or out of the search where the API cannot be reached. */
  private async load(accession: string, signal: AbortSignal): Promise<IOpened> {
    if (this.api === undefined) {
      return openDocument(this.index, accession, signal);
    }
    try {
      return await openThroughApi(this.api, accession, signal);
    } catch (error) {
      if (this.index === undefined || !isBioImageError(error) || error.code === 'NOT_FOUND') {
        throw error;
      }
      try {
        return await openDocument(this.index, accession, signal);
      } catch (again) {
        // The first failure says more about the archive than what its search says on top of it.
        throw isBioImageError(again) ? error : again;
      }
    }
  }

  /** Without a search service only accessions are found. */
  private async byAccession(text: string, signal: AbortSignal): Promise<IPage<IStudy>> {
    const named = this.recognise(text);
    const notices = [say`The search of the BioImage Archive is not set up here: only accessions are found.`];
    if (named?.kind !== 'study') {
      return { items: [], total: 0, notices };
    }
    try {
      const { study, viewable, isComplete } = await this.open(named.accession, signal);
      const item = studyOf(study, this.id);
      return { items: [isComplete ? { ...item, viewable: viewable.size } : item], total: 1, notices };
    } catch (error) {
      if (isBioImageError(error, 'NOT_FOUND')) {
        return { items: [], total: 0, notices };
      }
      throw error;
    }
  }
}

/** Whether it is known that a study has something that can be viewed, or that it has nothing. */
const isThatWay = ({ viewable }: IStudy, wanted: boolean): boolean => viewable !== undefined && viewable > 0 === wanted;

/** What an image's record says of its study. */
function aboutStudy({
  accession,
  title,
  licence
}: NonNullable<ReturnType<typeof readStudy>>): NonNullable<IRecordContext['study']> {
  const known = licenceOf(licence);
  return { accession, title, ...(known === undefined ? {} : { licence: known.text }) };
}
