import type { IImageRecord } from '../../../entities';
import { dimensionsOf, facetValues, HAS_OME_ZARR } from '../../facets';
import { countOf, httpsOf, imageAddressOf, textOf } from '../../fields';
import { licenceOf } from '../../licence';
import { rewritten } from '../../moved';
import { openable } from '../../records';
import type { IEntry } from '../../records';
import type { IRewrite } from '../../source';
import { methodOf, organismOf } from './terms';

/** Version of OME-Zarr that the challenge was about. */
const VERSION = '0.5';

/** What the challenge's tool writes where nobody named anything. */
const UNNAMED = ['dataset name', 'dataset description'];

const named = (value: unknown): string | undefined => {
  const text = textOf(value);
  return text === undefined || UNNAMED.includes(text.toLowerCase()) ? undefined : text;
};

/** Axis order where a row has none: that of a five-dimensional image, or its last axes. */
const ORDER = ['t', 'c', 'z', 'y', 'x'];

function sizeOf(row: Record<string, string>): IImageRecord['size'] {
  const shape = (textOf(row.shape) ?? '').split(',').map(countOf);
  const names = (textOf(row.dimension_names) ?? '').split(',').map(name => name.trim().toLowerCase());
  const order = names.length === shape.length && names[0] !== '' ? names : ORDER.slice(-shape.length);
  const size: Record<string, number> = {};
  order.forEach((name, at) => {
    const extent = shape[at];
    if (ORDER.includes(name) && extent !== undefined) {
      size[name] = extent;
    }
  });
  return Object.keys(size).length === 0 ? undefined : size;
}

/** `origin` and the path tell the study: an accession of the archives, or IDR's own number. */
function studyOf(origin: string | undefined, uri: string): IImageRecord['study'] {
  const accession =
    /\b(S-[A-Z]{3,8}\d+|EMPIAR-\d+)\b/.exec(origin ?? '')?.[1] ?? /\/(idr\d{4})[A-Z]?(?=\/)/.exec(uri)?.[1];
  return accession === undefined ? undefined : { accession };
}

function kindOf(row: Record<string, string>): IImageRecord['kind'] {
  return (countOf(row.wells) ?? 0) > 0 ? 'plate' : (countOf(row.images) ?? 0) > 1 ? 'collection' : 'image';
}

/** Sizes are written with fractions and as 0 where they were not measured. */
function bytesOf(value: unknown): number | undefined {
  const bytes = Math.round(Number(textOf(value)));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** The name of a Zarr; where the last part of the path is that of a layer (`…/mouse/color`), with what it is a layer of. */
function fileOf(address: string): string {
  const parts = address.replace(/\/+$/, '').split('/').slice(3);
  return parts.slice(/\.zarr$/i.test(address.replace(/\/+$/, '')) ? -1 : -2).join('/');
}

/**
 * Records with titles that tell them apart: where several have one name, that of the file comes first, so that what differs
 * is read in a narrow panel, too.
 */
export function withOwnTitles(entries: readonly IEntry[]): IEntry[] {
  const counts = new Map<string, number>();
  entries.forEach(({ record: { title } }) => counts.set(title, (counts.get(title) ?? 0) + 1));
  return entries.map(({ record, words }) => {
    const file = fileOf(record.uri).replaceAll('%20', ' ');
    const isAlone = counts.get(record.title) === 1 || record.title.includes(file);
    return isAlone ? { record, words } : { record: { ...record, title: `${file}: ${record.title}` }, words };
  });
}

/** A row that names an image; `null` where its address is none. `group` is whose images these are. */
export function entryOf(
  row: Record<string, string>,
  group: string,
  source: string,
  rewrites: readonly IRewrite[]
): IEntry | null {
  const address = imageAddressOf(row.url);
  if (address === undefined) {
    return null;
  }
  const where = rewritten(address, rewrites);
  const origin = httpsOf(row.origin);
  const size = sizeOf(row);
  const licence = licenceOf(row.license)?.text;
  const file = fileOf(address);
  const record: IImageRecord = {
    id: where.uri,
    source,
    ...where,
    title: named(row.name) ?? file,
    description: named(row.description) ?? group,
    kind: kindOf(row),
    version: VERSION,
    ...openable(where.uri),
    licence,
    size,
    bytes: bytesOf(row.written),
    format: 'ome.zarr',
    study: studyOf(origin, address),
    page: origin,
    facets: facetValues({
      organism: [organismOf(textOf(row.organismId))],
      imaging_method: [methodOf(textOf(row.fbbiId))],
      licence: [licence],
      ome_zarr: [HAS_OME_ZARR],
      dimensions: dimensionsOf(size)
    })
  };
  return { record, words: [group, ...Object.values(row)].join(' ') };
}
