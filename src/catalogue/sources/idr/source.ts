import { BioImageError, isBioImageError, say, throwIfAborted } from '../../../core';
import type { IImageRecord, IPage, IQuery, IStudyDetails, ISuggestion } from '../../../entities';
import { maxAgeOf } from '../../age';
import { jsonOf } from '../../fields';
import type { CatalogueItem, ICatalogueEnvironment, ICatalogueSource } from '../../source';
import { StudyImages } from './images';
import { IMAGE_FACETS, STUDY_FACETS } from './keys';
import { StudyList } from './list';
import type { IStudyList } from './list';
import { recogniseIdr } from './names';
import { IDR, omeroObject } from './omero';
import { ownerOf } from './owner';
import { placeOf, zarrAddressIn } from './places';
import type { IPlace } from './places';
import { recordOf, recordOfKnown, saidByOmero } from './records';
import { findStudy, IdrSearch } from './search';
import { datasetOf, detailsOf, SOURCE } from './studies';
import type { IIdrStudy } from './studies';
import { suggestStudies, suggestValues } from './suggest';
import { thumbnails } from './thumbnails';

/** Datasets of one project that are listed as parts of a study; a project with more is one part. */
const MAX_DATASETS = 200;

/** Characters of what is typed that are looked for. */
const MAX_TYPED = 200;

/** The Image Data Resource. */
export class IdrSource implements ICatalogueSource {
  readonly id = SOURCE;
  readonly label = 'IDR';
  readonly rank = 20;
  readonly filters = [...STUDY_FACETS, ...IMAGE_FACETS];

  constructor(
    private readonly environment: ICatalogueEnvironment,
    services: readonly string[],
    now?: () => number
  ) {
    this.list = new StudyList(environment, services, now);
    this.images_ = new StudyImages(environment);
    this.search_ = new IdrSearch(environment.relay, maxAgeOf(environment));
  }

  async search(query: IQuery, signal: AbortSignal): Promise<IPage<CatalogueItem>> {
    return this.search_.page(await this.list.get(signal), query, signal);
  }

  recognise(text: string): ReturnType<typeof recogniseIdr> {
    return recogniseIdr(text);
  }

  /** Costs a request per project of up to 200 datasets; what of them cannot be read is said in `notices`. */
  async study(accession: string, signal: AbortSignal): Promise<IStudyDetails> {
    const list = await this.list.get(signal);
    const study = studyIn(list, accession);
    const parts = await Promise.all(
      study.containers.map(async container => {
        if (container.kind === 'screen' || (container.children ?? 0) > MAX_DATASETS) {
          return { datasets: [datasetOf(container)] };
        }
        try {
          const datasets = await this.images_.parts(container, signal);
          return {
            datasets: datasets.length === 0 || datasets.length > MAX_DATASETS ? [datasetOf(container)] : datasets
          };
        } catch (error) {
          if (!isBioImageError(error)) {
            throw error;
          }
          return {
            datasets: [datasetOf(container)],
            notice: say`The datasets of ${container.name} could not be read.`
          };
        }
      })
    );
    throwIfAborted(signal);
    const notices = parts.map(({ notice }) => notice).filter(notice => notice !== undefined);
    return detailsOf(
      study,
      parts.flatMap(({ datasets }) => datasets),
      [...list.notices, ...notices]
    );
  }

  async images(accession: string, query: IQuery, signal: AbortSignal): Promise<IPage<IImageRecord>> {
    const list = await this.list.get(signal);
    return this.images_.page(studyIn(list, accession), list, query, signal);
  }

  /** `image:<number>` or `plate:<number>`. Its record says where its OME-Zarr is, by the tables or by IDR itself. */
  async image(id: string, signal: AbortSignal): Promise<IImageRecord> {
    const [, kind, digits] = /^(image|plate):(\d{1,15})$/.exec(id) ?? [];
    if (kind !== 'image' && kind !== 'plate') {
      throw new BioImageError('NOT_FOUND', say`IDR has no such image.`, { where: id.slice(0, 100) });
    }
    const list = await this.list.get(signal);
    const known = list.known.get(kind, Number(digits));
    const { relay } = this.environment;
    const rewrites = await this.environment.rewrites();
    try {
      const { data } = await omeroObject(relay, `${kind}s/${digits}`, signal);
      const said = saidByOmero(kind, data, rewrites);
      if (said === undefined) {
        throw new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: id });
      }
      const needsPlace = known === undefined && said.place === undefined && kind === 'image';
      const [place, pictures, owner] = await Promise.all([
        needsPlace ? this.placeByDownloads(said.id, signal) : said.place,
        kind === 'image' ? thumbnails(relay, [said.id], signal) : undefined,
        known === undefined ? ownerOf(relay, said, list, signal) : undefined
      ]);
      const thumbnail = pictures?.get(said.id);
      return recordOf({ ...said, place, thumbnail, dataset: owner?.dataset }, list, owner?.study);
    } catch (error) {
      // The tables know it: it can be opened, whatever the service says about it.
      if (known !== undefined && isBioImageError(error)) {
        return recordOfKnown(known, list);
      }
      throw error;
    }
  }

  async suggest(text: string, signal: AbortSignal): Promise<readonly ISuggestion[]> {
    // A pasted text may have breaks of lines, which no value has.
    const trimmed = text.trim().replace(/\s+/g, ' ').slice(0, MAX_TYPED);
    throwIfAborted(signal);
    const studies = suggestStudies(this.list.peek, trimmed);
    return [...(await suggestValues(this.environment.relay, trimmed, signal)), ...studies];
  }

  /** What IDR's page of downloads says of an image that no table knows; its shape is not promised, and it may be a page. */
  private async placeByDownloads(id: number, signal: AbortSignal): Promise<IPlace | undefined> {
    try {
      const answer = await this.environment.relay(IDR, `image/${id}/download_urls/`, {}, signal);
      const address = zarrAddressIn(jsonOf(answer, 'download_urls'));
      return address === undefined ? undefined : placeOf(address, await this.environment.rewrites());
    } catch (error) {
      if (!isBioImageError(error)) {
        throw error;
      }
      return undefined;
    }
  }

  private readonly list: StudyList;
  private readonly images_: StudyImages;
  private readonly search_: IdrSearch;
}

function studyIn(list: IStudyList, accession: string): IIdrStudy {
  const study = findStudy(list, accession);
  if (study === undefined) {
    throw new BioImageError('NOT_FOUND', say`IDR has no such study.`, { where: accession.slice(0, 100) });
  }
  return study;
}
