import { say } from '../../../core';
import type { Said } from '../../../core';
import type { FacetValues, IFileEntry, IImageRecord } from '../../../entities';
import { studyPage } from '../../accession';
import { facetValues, HAS_OME_ZARR } from '../../facets';
import { decodedOf } from '../../fields';
import { formatOf, zarrRoot } from '../../formats';
import type { IListedFile } from './pagetab';
import { fileAddress, isOnlyAtSite } from './places';
import type { IPlace } from './places';

/** An image that can be opened, among listed files: one folder or file, or all that is listed below the root of a Zarr. */
export interface IListedZarr {
  readonly path: string;
  /** Sum of what is listed; absent where a size is missing. */
  readonly bytes?: number;
  /** Listed as one folder, so that it may lie in the storage as a zip. */
  readonly isFolder: boolean;
  readonly isPlate: boolean;
  /** One file: a zipped Zarr or a TIFF. */
  readonly isFile: boolean;
}

/** The images among the files of one list. */
export interface IFoundImages {
  /** In the order of the list, TIFF files among them. */
  readonly zarrs: readonly IListedZarr[];
  /** How many files are images of other formats. */
  readonly convertible: number;
}

/** `A/1/0/…` below the root of a Zarr: row, column and field of a plate (OME-Zarr 0.4 section 3.3). */
const WELL = /^[A-Z]{1,2}\/\d{1,2}\/\d+(\/|$)/;

/** A Zarr while its files are gathered. */
type Gathered = { -readonly [key in keyof IListedZarr]: IListedZarr[key] } & { isSized: boolean };

/** Gathers the images among files. A Zarr that is given file by file is one image. */
export class ImageGatherer {
  private readonly zarrs = new Map<string, Gathered>();
  private convertible = 0;

  /** One more file of the list, in any order. */
  add({ path, kind, bytes }: IListedFile): void {
    const format = formatOf(path);
    const isFile = kind === 'file' && (format?.kind === 'zip' || format?.kind === 'tiff');
    const root = zarrRoot(path) ?? (isFile ? path : undefined);
    if (root === undefined) {
      this.convertible += format !== undefined && kind === 'file' ? 1 : 0;
      return;
    }
    const inside = path.slice(root.length + 1);
    const zarr = this.zarrs.get(root) ?? {
      path: root,
      bytes: 0,
      isSized: true,
      isFolder: true,
      isPlate: false,
      isFile: isFile && root === path
    };
    zarr.bytes = (zarr.bytes ?? 0) + (bytes ?? 0);
    zarr.isSized &&= bytes !== undefined;
    zarr.isFolder &&= inside === '';
    zarr.isPlate ||= WELL.test(inside);
    this.zarrs.set(root, zarr);
  }

  /** What has been gathered so far. */
  get found(): IFoundImages {
    const zarrs = [...this.zarrs.values()].map(({ isSized, bytes, ...zarr }) => ({
      ...zarr,
      ...(isSized ? { bytes } : {})
    }));
    return { zarrs, convertible: this.convertible };
  }
}

/** The images among a few files. */
export function imagesAmong(files: readonly IListedFile[]): IFoundImages {
  const gatherer = new ImageGatherer();
  files.forEach(file => gatherer.add(file));
  return gatherer.found;
}

/** What an image's record is made with. */
export interface IRecordContext {
  readonly source: string;
  readonly accession: string;
  readonly title: string;
  readonly licence?: string;
  readonly place: IPlace;
  /** '' where it is not known. */
  readonly dataset: string;
}

/** Stands for a dataset that is not known, in an id. */
const NO_DATASET = '~';

/** Id of an image: study, dataset and path, for a file may be listed in several datasets. */
function imageId(accession: string, dataset: string, path: string): string {
  return [accession, dataset === '' ? NO_DATASET : dataset, path].map(encodeURIComponent).join('/');
}

/** Study, dataset and path out of an id; `undefined` where it is none of this source. */
export function readImageId(id: string): { accession: string; dataset: string; path: string } | undefined {
  const parts = id.split('/').map(decodedOf);
  const [accession, dataset, path] = parts;
  return parts.length !== 3 || !accession || !dataset || !path ? undefined : { accession, dataset, path };
}

/** Values that the panel filters listed images by. */
function facetsOf(path: string, isZarr: boolean): FacetValues {
  return facetValues({ file_type: [formatOf(path)?.format], ome_zarr: isZarr ? [HAS_OME_ZARR] : [] });
}

/** What all records of a path have. */
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
    ...(dataset === '' ? {} : { dataset }),
    page: studyPage(accession)
  };
}

/** True where it can be opened where it lies. */
export function canView(zarr: IListedZarr, place: IPlace): boolean {
  return reasonOf(zarr, place) === undefined;
}

/** Why it cannot be opened where it lies. */
function reasonOf({ path }: IListedZarr, place: IPlace): Said | undefined {
  return isOnlyAtSite(place, path) ? ODD_NAME : undefined;
}

/** Where an image can be read: a folder that is listed as one entry lies in one kind of storage as an archive file. */
function addressOf({ accession, place }: IRecordContext, { path, isFile, isFolder }: IListedZarr): string {
  const address = fileAddress(accession, place, path);
  return place.isZipped && isFolder && !isFile ? `${address}.zip` : address;
}

/** The record of an image that is opened where it lies. */
export function zarrRecord(context: IRecordContext, zarr: IListedZarr): IImageRecord {
  const { path, bytes, isPlate } = zarr;
  const base = {
    ...baseOf(context, path),
    ...(bytes === undefined ? {} : { bytes }),
    ...(isPlate ? { kind: 'plate' as const } : {})
  };
  const reason = reasonOf(zarr, context.place);
  return reason === undefined
    ? {
        ...base,
        uri: addressOf(context, zarr),
        viewable: true,
        facets: facetsOf(path, formatOf(path)?.kind !== 'tiff')
      }
    : { ...base, viewable: false, reason, facets: facetsOf(path, false) };
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

const ODD_NAME = say`Its name has one of # + = @ $, which this storage writes in its own way: only the archive’s site finds it.`;

/** A file as a study's table shows it. */
export function entryOf(context: IRecordContext, { path, kind, bytes }: IListedFile): IFileEntry {
  const [zarr] = imagesAmong([{ path, kind, bytes }]).zarrs as (IFoundImages['zarrs'][number] | undefined)[];
  const isImage = zarr !== undefined && zarr.path === path && canView(zarr, context.place);
  return {
    path,
    kind,
    ...(bytes === undefined ? {} : { bytes }),
    uri: fileAddress(context.accession, context.place, path),
    ...(context.dataset === '' ? {} : { dataset: context.dataset }),
    ...(isImage ? { image: zarrRecord(context, zarr) } : {})
  };
}
