import { BioImageError, isBioImageError, say } from '../../../core';
import type { Said } from '../../../core';
import type { IPage } from '../../../entities';
import { fromOf } from '../../fields';
import type { BiaApi } from './api';
import { chosen } from './images';
import {
  countsOf,
  readAcquisition,
  readDataset,
  readImage,
  readRepresentation,
  readSample,
  readStudy,
  zarrUri
} from './wire';
import type { IDatasetObject, IImage, IRepresentation, IStudyObject } from './wire';

/** Pages of 1,000 representations that are looked through for a study's OME-Zarr. */
const FRAGMENT_PAGES = 3;
/** Pages of 1,000 images of a dataset that are looked through for what they recommend, before anything is listed. */
const IMAGE_PAGES = 2;
/** Datasets of which the first images are looked through. */
const FIRST_DATASETS = 20;
/** Recommended representations that lie elsewhere and are asked for, fifty to a request. */
const MAX_RECOMMENDED = 1000;
/** Images that are asked for their representations one by one, where no better way answers. */
const MAX_SINGLE = 25;
/** Pages of 1,000 datasets of a study. */
const DATASET_PAGES = 2;

/** An image with what opens it. */
export interface IViewable {
  readonly image: IImage;
  readonly representation: IRepresentation;
}

/** A study with all that its page, images and files are made of. */
export interface IOpened {
  readonly study: IStudyObject;
  /** Images that can be viewed, by uuid, in the order of their datasets. */
  readonly viewable: ReadonlyMap<string, IViewable>;
  /** False where not all images were looked at: more of them may be viewable. */
  readonly isComplete: boolean;
  /** Something failed: asking again may find more. */
  readonly isFailed: boolean;
  /** All images, where the study came as a search document. */
  readonly nested?: readonly IImage[];
  readonly notices: readonly Said[];
  readonly from: { from?: IPage<unknown>['from'] };
}

/** What `ask` gives, or `undefined` where the catalogue failed: an extra that the study can do without. */
async function optional<T>(ask: Promise<T>): Promise<T | undefined> {
  try {
    return await ask;
  } catch (error) {
    if (isBioImageError(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Opens a study through the API: itself, its datasets with their counts, its organisms and methods, its OME-Zarr. */
export async function openThroughApi(api: BiaApi, accession: string, signal: AbortSignal): Promise<IOpened> {
  const { value, answer } = await api.study(accession, signal);
  const study = readStudy(value);
  if (study === undefined) {
    throw new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: 'study' });
  }
  const { items: datasets } = await api.all(
    `study/${study.uuid}/dataset`,
    readDataset,
    { pages: DATASET_PAGES },
    signal
  );
  const linked = (key: string): string[] => [...new Set(datasets.flatMap(one => one.linked.get(key) ?? []))];
  const [counts, samples, acquisitions] = await Promise.all([
    Promise.all(datasets.map(({ uuid }) => optional(api.one(`dataset/${uuid}/stats`, signal)))),
    optional(api.named('bio_sample', linked('bio_sample_uuid'), readSample, signal)),
    optional(
      api.named('image_acquisition_protocol', linked('image_acquisition_protocol_uuid'), readAcquisition, signal)
    )
  ]);
  const counted = datasets.map((one, at) => ({ ...one, ...countsOf(counts[at]) }));
  const found = await findViewable(api, study.accession, counted, signal);
  const lost = counts.filter(one => one === undefined).length;
  return {
    study: {
      ...study,
      datasets: counted,
      organisms: [...new Set([...study.organisms, ...(samples ?? []).flat()])],
      methods: [...new Set([...study.methods, ...(acquisitions ?? []).flat()])]
    },
    ...found,
    notices: [
      ...(lost === 0 ? [] : [say`The archive did not say how many files and images some datasets have.`]),
      ...(found.isComplete ? [] : [say`Not all images could be looked up: more of them may be viewable than is said.`])
    ],
    from: fromOf(answer)
  };
}

/**
 * The images of a study that are there as OME-Zarr. Their addresses have the accession in them, so one request finds most;
 * those that lie elsewhere are found through what the first images of each dataset recommend.
 */
async function findViewable(
  api: BiaApi,
  accession: string,
  datasets: readonly IDatasetObject[],
  signal: AbortSignal
): Promise<Pick<IOpened, 'viewable' | 'isComplete' | 'isFailed'>> {
  const filled = datasets.filter(({ images }) => images !== 0);
  const fragment = { file_uri: `integrator-data/${accession}/` };
  const path = 'search/image_representation/file_uri_fragment';
  const [byAddress, ...firsts] = await Promise.all([
    optional(api.all(path, readRepresentation, { pages: FRAGMENT_PAGES, query: fragment }, signal)),
    ...filled
      .slice(0, FIRST_DATASETS)
      .map(({ uuid }) => optional(api.all(`dataset/${uuid}/image`, readImage, { pages: IMAGE_PAGES }, signal)))
  ]);
  const images = new Map(firsts.flatMap(page => page?.items ?? []).map(image => [image.uuid, image]));
  const zarrs = (byAddress?.items ?? []).filter(one => zarrUri(one) !== undefined);
  const known = new Set(zarrs.map(({ uuid }) => uuid));
  const recommended = [...images.values()].flatMap(({ recommended: uuid }) =>
    uuid === undefined || known.has(uuid) ? [] : [uuid]
  );
  const asked = recommended.slice(0, MAX_RECOMMENDED);
  const others = await optional(api.named('image_representation', asked, readRepresentation, signal));
  const single =
    byAddress === undefined
      ? await singly(api, [...images.values()], signal)
      : { items: [], isCut: false, isFailed: false };
  const all = [...zarrs, ...(others ?? []), ...single.items];
  const unknown = [...new Set(all.map(({ image }) => image))].filter(uuid => !images.has(uuid));
  const more = await optional(api.named('image', unknown, readImage, signal));
  const every = [...images.values(), ...(more ?? [])];
  const isFailed =
    others === undefined || more === undefined || single.isFailed || [byAddress, ...firsts].includes(undefined);
  const isCut =
    filled.length > FIRST_DATASETS ||
    recommended.length > MAX_RECOMMENDED ||
    single.isCut ||
    [byAddress, ...firsts].some(page => page?.complete === false);
  return { viewable: viewableOf(every, all, datasets), isComplete: !isFailed && !isCut, isFailed };
}

/** Representations asked for image by image, for those that recommend none. */
async function singly(
  api: BiaApi,
  images: readonly IImage[],
  signal: AbortSignal
): Promise<{ items: IRepresentation[]; isCut: boolean; isFailed: boolean }> {
  const asked = images.filter(({ recommended }) => recommended === undefined);
  const items: IRepresentation[] = [];
  let isFailed = false;
  for (const { uuid } of asked.slice(0, MAX_SINGLE)) {
    const page = await optional(
      api.page(`image/${uuid}/image_representation`, readRepresentation, { size: MAX_SINGLE }, signal)
    );
    items.push(...(page?.items ?? []));
    isFailed ||= page === undefined;
  }
  return { items, isCut: asked.length > MAX_SINGLE, isFailed };
}

/** Images of the datasets that have an OME-Zarr among the representations: in the order of the datasets, then of uuids. */
export function viewableOf(
  images: readonly IImage[],
  representations: readonly IRepresentation[],
  datasets: readonly IDatasetObject[]
): Map<string, IViewable> {
  const order = new Map(datasets.map(({ uuid }, at) => [uuid, at]));
  const byImage = new Map<string, IRepresentation[]>();
  for (const one of representations) {
    byImage.set(one.image, [...(byImage.get(one.image) ?? []), one]);
  }
  const found = images.flatMap(image => {
    const representation = chosen(image, byImage.get(image.uuid) ?? []);
    return representation !== undefined && order.has(image.dataset) ? [{ image, representation }] : [];
  });
  const place = ({ image }: IViewable): number => order.get(image.dataset) ?? 0;
  found.sort((a, b) => place(a) - place(b) || (a.image.uuid < b.image.uuid ? -1 : 1));
  return new Map(found.map(one => [one.image.uuid, one]));
}
