import type { FacetValues, IImageRecord } from '../../../entities';
import { studyPage } from '../../accession';
import { facetValues, HAS_OME_ZARR } from '../../facets';
import { formatOf, zarrRoot } from '../../formats';
import type { IListedFile } from './pagetab';
import { fileAddress } from './places';
import type { IPlace } from './places';

/** A Zarr among listed files: one folder or zip file, or all that is listed below its root. */
export interface IListedZarr {
  readonly path: string;
  /** Sum of what is listed; absent where a size is missing. */
  readonly bytes?: number;
  /** Listed as one folder, so that it may lie in the storage as a zip. */
  readonly isFolder: boolean;
  readonly isPlate: boolean;
}

export interface IFoundImages {
  /** In the order of the list; zipped ones among them. */
  readonly zarrs: readonly IListedZarr[];
  /** How many files are images of other formats. */
  readonly convertible: number;
}

/** `A/1/0/…` below the root of a Zarr: row, column and field of a plate (OME-Zarr 0.4 section 3.3). */
const WELL = /^[A-Z]{1,2}\/\d{1,2}\/\d+(\/|$)/;

/** The images among listed files. A Zarr that is given file by file is one image. */
export function imagesAmong(files: readonly IListedFile[]): IFoundImages {
  const zarrs = new Map<
    string,
    { path: string; bytes: number; isSized: boolean; isFolder: boolean; isPlate: boolean }
  >();
  let convertible = 0;
  for (const { path, kind, bytes } of files) {
    const format = formatOf(path);
    const root = format?.kind === 'zip' ? path : zarrRoot(path);
    if (root === undefined) {
      convertible += format !== undefined && kind === 'file' ? 1 : 0;
      continue;
    }
    const inside = path.slice(root.length + 1);
    const known = zarrs.get(root) ?? { path: root, bytes: 0, isSized: true, isFolder: true, isPlate: false };
    zarrs.set(root, {
      path: root,
      bytes: known.bytes + (bytes ?? 0),
      isSized: known.isSized && bytes !== undefined,
      isFolder: known.isFolder && inside === '',
      isPlate: known.isPlate || WELL.test(inside)
    });
  }
  const list = [...zarrs.values()].map(({ isSized, bytes, ...zarr }) => ({ ...zarr, ...(isSized ? { bytes } : {}) }));
  return { zarrs: list, convertible };
}

/** What an image's record is made with. */
export interface IRecordContext {
  readonly source: string;
  readonly accession: string;
  readonly title: string;
  readonly licence?: string;
  readonly place: IPlace;
  readonly dataset: string;
}

/** Id of an image: study, dataset and path, for a file may be listed in several datasets. */
export function imageId(accession: string, dataset: string, path: string): string {
  return [accession, dataset, path].map(encodeURIComponent).join('/');
}

/** Study, dataset and path out of an id; `undefined` where it is none of this source. */
export function readImageId(id: string): { accession: string; dataset: string; path: string } | undefined {
  const parts = id.split('/');
  if (parts.length !== 3 || parts.some(part => part === '' || !/^(?:[^%]|%[0-9A-F]{2})+$/i.test(part))) {
    return undefined;
  }
  const [accession, dataset, path] = parts.map(part => decodeURIComponent(part));
  return { accession, dataset, path };
}

function facetsOf(path: string, viewable: boolean): FacetValues {
  return facetValues({ file_type: [formatOf(path)?.format], ome_zarr: viewable ? [HAS_OME_ZARR] : [] });
}

function baseOf(
  { source, accession, title, licence, dataset }: IRecordContext,
  path: string
): Omit<IImageRecord, 'viewable'> {
  const at = path.lastIndexOf('/');
  const format = formatOf(path)?.format;
  return {
    id: imageId(accession, dataset, path),
    source,
    uri: '',
    title: path.slice(at + 1),
    ...(at === -1 ? {} : { description: path.slice(0, at) }),
    ...(licence === undefined ? {} : { licence }),
    ...(format === undefined ? {} : { format }),
    study: { accession, title },
    dataset,
    page: studyPage(accession)
  };
}

/** Why a Zarr cannot be opened where it lies; `undefined` where it can. */
function whyNot({ path, isFolder }: IListedZarr, { isZipped }: IPlace): string | undefined {
  return isFolder && isZipped && formatOf(path)?.kind === 'zarr'
    ? 'The archive stores this folder as a zip file, which has to be unpacked before it can be viewed.'
    : formatOf(path)?.reason;
}

/** True where the Zarr can be opened where it lies. */
export function canView(zarr: IListedZarr, place: IPlace): boolean {
  return whyNot(zarr, place) === undefined;
}

/** The record of a Zarr: it can be viewed where it lies in the storage file by file. */
export function zarrRecord(context: IRecordContext, zarr: IListedZarr): IImageRecord {
  const { path, bytes, isPlate } = zarr;
  const base = {
    ...baseOf(context, path),
    ...(bytes === undefined ? {} : { bytes }),
    ...(isPlate ? { kind: 'plate' as const } : {})
  };
  const reason = whyNot(zarr, context.place);
  return reason === undefined
    ? {
        ...base,
        uri: fileAddress(context.accession, context.place, path),
        viewable: true,
        facets: facetsOf(path, true)
      }
    : { ...base, viewable: false, convertible: true, reason, facets: facetsOf(path, false) };
}

/** The record of a file in another format; `undefined` where it is no image, or part of a Zarr. */
export function convertibleRecord(
  context: IRecordContext,
  { path, kind, bytes }: IListedFile
): IImageRecord | undefined {
  const format = formatOf(path);
  if (format?.kind !== 'convertible' || kind !== 'file' || zarrRoot(path) !== undefined) {
    return undefined;
  }
  const base = { ...baseOf(context, path), ...(bytes === undefined ? {} : { bytes }) };
  return { ...base, viewable: false, convertible: true, reason: format.reason, facets: facetsOf(path, false) };
}
