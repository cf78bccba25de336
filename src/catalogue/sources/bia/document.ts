import { BioImageError, isBioImageError } from '../../../core';
import { fromOf } from '../../fields';
import { viewableOf } from './opened';
import type { IOpened } from './opened';
import type { BiaSearch } from './search';
import { readImage, readStudy } from './wire';
import type { IImage } from './wire';

/** Image documents asked for per dataset. */
const IMAGES = 100;
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
    throw new BioImageError('NOT_FOUND', 'The BioImage Archive has no such study.', { where: accession });
  }
  const datasets = study.datasets ?? [];
  const filled = datasets.filter(({ images }) => images !== 0);
  const images: IImage[] = [];
  let isComplete = filled.length <= DATASETS;
  for (const { uuid } of filled.slice(0, DATASETS)) {
    try {
      // A uuid is looked for as words: what belongs to other datasets is left out afterwards.
      const page = await index.find('image', { text: uuid, limit: IMAGES }, signal);
      images.push(...page.documents.map(readImage).filter(image => image !== undefined));
    } catch (error) {
      if (!isBioImageError(error)) {
        throw error;
      }
      isComplete = false;
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
    isComplete,
    nested: [...known.values()].filter(({ dataset }) => own.has(dataset)),
    notices: ['The archive’s API cannot be reached: this is what its search knows of the study, without its files.'],
    from: fromOf(found.answer)
  };
}
