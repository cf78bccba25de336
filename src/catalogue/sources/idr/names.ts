import { doiOf } from '../../doi';
import type { IRecognised } from '../../source';

/** IDR's web site: pages about studies and images are linked there, and their addresses are recognised. */
const SITE = 'https://idr.openmicroscopy.org';
/** Registrant of the DOIs that IDR gives to its data. */
const DATA_DOI = /^10\.17867\//;

/** `idr0062`, `idr0062A`, `idr0062-blin-nuclearsegmentation`, `idr0062-blin-nuclearsegmentation/experimentA`. */
const ACCESSION = /^(idr\d{4})(?:[a-z]|-[\w.-]+(?:\/[\w.-]+)?)?$/i;
/** Compact identifier `idr:0062`, alone or after the address of a resolver. */
const COMPACT = /^(?:https?:\/\/identifiers\.org\/)?idr:(\d{4})$/i;
const IMAGE_ID = /^idr:(image|plate):(\d{1,15})$/i;
const SHOWN = /^(image|plate|screen|project)-(\d{1,15})(?:\||$)/i;

/** The page about a study. One that is known by a container alone is shown in the web client. */
export function studyPage(accession: string): string {
  return ACCESSION.test(accession)
    ? `${SITE}/study/${accession}/`
    : `${SITE}/webclient/?show=${accession.replace(':', '-')}`;
}

/** IDR's own viewer of an image, or the plate in its web client. */
export function imagePage(kind: 'image' | 'plate', id: number): string {
  return kind === 'image' ? `${SITE}/webclient/img_detail/${id}/` : `${SITE}/webclient/?show=plate-${id}`;
}

function named(kind: string, digits: string): IRecognised {
  const id = `${kind.toLowerCase()}:${Number(digits)}`;
  return /^(image|plate)$/i.test(kind) ? { kind: 'image', id } : { kind: 'study', accession: id };
}

/** What an address of IDR's site is the page of. */
function fromAddress({ pathname, searchParams }: URL): IRecognised | null {
  const viewer = /\/(?:webclient\/img_detail|webgateway\/img_detail|image)\/(\d{1,15})\/?/.exec(pathname)?.[1];
  const images = /^\d{1,15}/.exec(searchParams.get('images') ?? '')?.[0];
  if ((viewer ?? images) !== undefined) {
    return named('image', viewer ?? images ?? '');
  }
  const shown = SHOWN.exec(searchParams.get('show') ?? '');
  if (shown !== null) {
    return named(shown[1], shown[2]);
  }
  const query = /^(?:Name:)?(idr\d{4})/i.exec(searchParams.get('query') ?? '')?.[1];
  const study = /\/study\/(idr\d{4})(?:\/|$)/i.exec(pathname)?.[1] ?? query;
  return study === undefined ? null : { kind: 'study', accession: study.toLowerCase() };
}

/**
 * What a text names in IDR, by its form alone: an accession with or without the rest of its name, the number of an image
 * (`idr:image:1234`), a page of IDR's site, a DOI of its data. Studies that are not named by their accession are so by
 * their DOI or by one of their containers (`project:501`), which the page of the study accepts as well.
 */
export function recogniseIdr(text: string): IRecognised | null {
  const trimmed = text.trim().slice(0, 2048);
  const compact = COMPACT.exec(trimmed)?.[1];
  const accession = compact === undefined ? ACCESSION.exec(trimmed)?.[1] : `idr${compact}`;
  if (accession !== undefined) {
    return { kind: 'study', accession: accession.toLowerCase() };
  }
  const image = IMAGE_ID.exec(trimmed);
  if (image !== null) {
    return named(image[1], image[2]);
  }
  const doi = doiOf(trimmed);
  if (doi !== undefined && DATA_DOI.test(doi)) {
    return { kind: 'study', accession: doi };
  }
  if (!URL.canParse(trimmed)) {
    return null;
  }
  const url = new URL(trimmed);
  return url.hostname === new URL(SITE).hostname && /^https?:$/.test(url.protocol) ? fromAddress(url) : null;
}
