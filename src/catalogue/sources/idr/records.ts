import type { FacetValues, IImageRecord } from '../../../entities';
import { dimensionsOf, facetValues, HAS_OME_ZARR } from '../../facets';
import { conversionReason, formatOf, zarrRoot } from '../../formats';
import type { IRewrite } from '../../source';
import type { KeyValue } from './containers';
import { facetOfKey } from './keys';
import type { IKnown } from './known';
import type { IStudyList } from './list';
import { imagePage } from './names';
import { omeroLsid, omeroNamed, omeroSize } from './omero';
import { withoutUndefined } from './omit';
import { placeOf, REASONS } from './places';
import type { IPlace } from './places';
import { SOURCE } from './studies';
import type { IIdrStudy } from './studies';

/** What is said of an image or plate by whoever lists it. */
export interface ISaid {
  readonly kind: 'image' | 'plate';
  readonly id: number;
  readonly title?: string;
  readonly description?: string;
  readonly size?: IImageRecord['size'];
  /** Where its OME-Zarr is, where no table knows. */
  readonly place?: IPlace;
  /** Id of the part of the study, as {@link IDataset} has it. */
  readonly dataset?: string;
  /** Annotations of the image. */
  readonly values?: readonly KeyValue[];
  readonly thumbnail?: string;
}

/** An object of the JSON API as what is said of it; `undefined` without a number. */
export function saidByOmero(kind: ISaid['kind'], value: unknown, rewrites: readonly IRewrite[]): ISaid | undefined {
  const named = omeroNamed(value);
  if (named === undefined) {
    return undefined;
  }
  const lsid = omeroLsid(value)?.replace(/[?#].*$/, '');
  return {
    kind,
    id: named.id,
    title: named.name,
    description: named.description,
    size: kind === 'image' ? omeroSize(value) : undefined,
    place: lsid === undefined || !/zarr/i.test(lsid) ? undefined : placeOf(zarrRoot(lsid) ?? lsid, rewrites)
  };
}

/** Values of an image's annotations as facets. */
function facetsOf(values: readonly KeyValue[], size: IImageRecord['size'], viewable: boolean): FacetValues {
  const facets: Record<string, string[]> = {};
  for (const [key, value] of values) {
    const facet = facetOfKey(key);
    if (facet !== undefined) {
      (facets[facet] ??= []).push(value);
    }
  }
  return facetValues({ ...facets, dimensions: dimensionsOf(size), ome_zarr: [viewable ? HAS_OME_ZARR : undefined] });
}

/** Why an image without an OME-Zarr is not shown, and whether it could be converted. */
function notShown(
  { kind, id }: ISaid,
  study: IIdrStudy | undefined
): Pick<IImageRecord, 'reason' | 'convertible' | 'format'> {
  const download = study?.download;
  const original = kind === 'image' && download?.image === id ? formatOf(download.original ?? '') : undefined;
  return original?.kind === 'convertible' || original?.kind === 'tiff'
    ? { reason: original.reason ?? conversionReason('TIFF'), convertible: true, format: original.format }
    : { reason: REASONS.none };
}

/** An image or plate of IDR as a record. */
export function recordOf(said: ISaid, list: IStudyList, study: IIdrStudy | undefined): IImageRecord {
  // A table's address is better than one from OMERO: it was looked after when storage moved.
  const known = list.known.get(said.kind, said.id);
  const place = known?.place ?? said.place;
  const owner =
    study ??
    list.byAccession.get(known?.accession ?? '') ??
    (said.kind === 'image' ? list.byImage.get(said.id) : undefined);
  const size = said.size ?? known?.size;
  const viewable = place !== undefined && place.reason === undefined;
  return withoutUndefined({
    id: `${said.kind}:${said.id}`,
    source: SOURCE,
    uri: place?.uri ?? '',
    formerUri: place?.formerUri,
    title: said.title ?? (place === undefined ? undefined : nameIn(place)) ?? `${said.kind} ${said.id}`,
    description: said.description,
    kind: known?.opens ?? said.kind,
    version: place?.version,
    viewable,
    ...(place === undefined ? notShown(said, owner) : { reason: place.reason, format: 'ome.zarr' }),
    licence: known?.licence ?? owner?.item.licence?.text,
    size,
    thumbnail: said.thumbnail,
    study: owner === undefined ? undefined : { accession: owner.item.accession, title: owner.item.title },
    dataset: said.dataset,
    page: imagePage(said.kind, said.id),
    facets: facetsOf(said.values ?? [], size, viewable)
  });
}

/** What a table alone knows of an image. */
export function recordOfKnown(known: IKnown, list: IStudyList): IImageRecord {
  return recordOf({ kind: known.kind, id: known.id }, list, list.byAccession.get(known.accession));
}

/** The name of the Zarr in an address, as people write it; the quoted form where that is no text. */
function nameIn({ uri, formerUri }: IPlace): string | undefined {
  const name = (uri === '' ? (formerUri ?? '') : uri).replace(/\/+$/, '').split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name) || undefined;
  } catch (error) {
    if (!(error instanceof URIError)) {
      throw error;
    }
    return name;
  }
}

/** The records with the pictures of those that are images, by number. */
export function withPictures(records: readonly IImageRecord[], pictures: ReadonlyMap<number, string>): IImageRecord[] {
  return records.map(record => {
    const thumbnail = pictures.get(imageNumber(record) ?? -1);
    return thumbnail === undefined ? record : { ...record, thumbnail };
  });
}

/** IDR's number of a record that is an image. */
export function imageNumber({ id }: IImageRecord): number | undefined {
  const [, digits] = /^image:(\d{1,15})$/.exec(id) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
