import { BioImageError, isBioImageError, say } from '../../../core';
import { fromOf } from '../../fields';
import { viewableOf } from './opened';
import type { IOpened } from './opened';
import type { BiaSearch } from './search';
import { readImage, readStudy } from './wire';
import type { IDatasetObject, IImage } from './wire';

/** Image documents on a page, which is the most that the search gives. */
const IMAGES = 100;
/** Pages of images asked for, of all datasets together. */
const PAGES = 30;
/** Datasets whose images are asked for. */
const DATASETS = 20;

/**
 * Opens a study out of the search, whose documents hold datasets with counts and images: for sessions that cannot reach the
 * API. The search has the representations of those images alone that can be viewed.
 */
export async function openDocument(
  index: BiaSearch | undefined,
  accession: string,
  signal: AbortSignal
): Promise<IOpened> {
  const found = await index?.find('study', { text: accession, limit: 20 }, signal);
  const study = found?.documents.map(readStudy).find(one => one?.accession.toUpperCase() === accession);
  if (index === undefined || found === undefined || study === undefined) {
    throw new BioImageError('NOT_FOUND', say`The BioImage Archive has no such study.`, { where: accession });
  }
  const datasets = study.datasets ?? [];
  const filled = datasets.filter(({ images }) => images !== 0);
  const images: IImage[] = [];
  let isCut = filled.length > DATASETS;
  let isFailed = false;
  let left = PAGES;
  for (const dataset of filled.slice(0, DATASETS)) {
    try {
      const found = await imagesOfDataset(index, dataset, left, signal);
      images.push(...found.images);
      left -= found.pages;
      isCut ||= found.isCut;
    } catch (error) {
      if (!isBioImageError(error)) {
        throw error;
      }
      isFailed = true;
    }
  }
  const viewable = viewableOf(
    images,
    images.flatMap(({ representations }) => representations),
    datasets
  );
  const known = new Map([...(study.nested ?? []), ...images].map(image => [image.uuid, image]));
  const own = new Set(datasets.map(({ uuid }) => uuid));
  return {
    study,
    viewable,
    isComplete: !isCut && !isFailed,
    isFailed,
    nested: [...known.values()].filter(({ dataset }) => own.has(dataset)),
    notices: [
      say`The archive’s API cannot be reached: this is what its search knows of the study, without its files.`,
      ...(isCut ? [say`The study has more images than the search was asked for: more of them may be viewable.`] : [])
    ],
    from: fromOf(found.answer)
  };
}

/**
 * Images of a dataset, up to `pages` pages. A uuid is looked for as words: images of other datasets may follow, and behind
 * a page without one of its own there are none.
 */
async function imagesOfDataset(
  index: BiaSearch,
  { uuid, images: count = Infinity }: IDatasetObject,
  pages: number,
  signal: AbortSignal
): Promise<{ images: IImage[]; pages: number; isCut: boolean }> {
  const images: IImage[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page++) {
    const found = await index.find('image', { text: uuid, limit: IMAGES, cursor }, signal);
    const own = found.documents.flatMap(document => readImage(document) ?? []).filter(one => one.dataset === uuid);
    images.push(...own);
    ({ cursor } = found);
    if (cursor === undefined || own.length === 0 || images.length >= count) {
      return { images, pages: page + 1, isCut: false };
    }
  }
  return { images, pages, isCut: true };
}
