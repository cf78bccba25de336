import { say } from '../../../core';
import type { FacetId, IImageRecord } from '../../../entities';
import { facetValues, HAS_OME_ZARR } from '../../facets';
import { countOf, dateOf, imageAddressOf, textOf } from '../../fields';
import { formatOf, zarrRoot } from '../../formats';
import { licenceOf } from '../../licence';
import { rewritten } from '../../moved';
import { openable } from '../../records';
import type { IEntry } from '../../records';
import type { IRewrite } from '../../source';
import { relativeUri } from './place';
import type { IPlace } from './place';

/** Columns that BioFile Finder knows; the first has to be there. */
export const PATH = 'File Path';
const KNOWN = { name: 'File Name', size: 'File Size', thumbnail: 'Thumbnail', uploaded: 'Uploaded' } as const;

/** Columns that are facets, by their name in lower case. */
const FACET_COLUMNS: Readonly<Record<string, FacetId>> = {
  organism: 'organism',
  species: 'organism',
  'imaging method': 'imaging_method',
  modality: 'imaging_method',
  gene: 'gene',
  compound: 'compound',
  phenotype: 'phenotype',
  'cell line': 'cell_line',
  antibody: 'antibody',
  sirna: 'sirna'
};

/** Pictures that need no request. 300 kB are more than a thumbnail has. */
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]{1,400000}$/;

/** Whether it can be viewed, from the name alone: what has no ending may well be a Zarr. */
function viewing(path: string): Pick<IImageRecord, 'viewable' | 'convertible' | 'reason' | 'format'> {
  const found = formatOf(path);
  if (zarrRoot(path) !== undefined || found?.kind === 'zarr') {
    return { viewable: true, format: found?.format ?? 'zarr' };
  }
  if (found !== undefined) {
    const { kind, reason, format } = found;
    return kind === 'convertible' ? { viewable: false, reason, format, convertible: true } : { viewable: true, format };
  }
  const name = path.slice(path.lastIndexOf('/') + 1);
  return /\.[a-z0-9]{1,5}$/i.test(name)
    ? { viewable: false, reason: say`Files of this kind are not images that can be viewed.` }
    : { viewable: true };
}

/** The address that a `File Path` means: of the web, of a bucket, of a store, or a path beside the catalogue. */
function addressOf(path: string, place: IPlace, rewrites: readonly IRewrite[]): Partial<ReturnType<typeof rewritten>> {
  if (imageAddressOf(path) !== undefined) {
    return rewritten(path, rewrites);
  }
  if (/^store:[^/]+\/./.test(path)) {
    return { uri: path.replace(/\/+$/, '') };
  }
  // Whatever else looks like a scheme is no path: `file:`, `data:`, `javascript:`, `C:\`.
  return /^[a-z][a-z0-9+.-]*:/i.test(path) ? {} : { uri: relativeUri(path, place) ?? undefined };
}

/** The columns of one catalogue, looked up once: names of what is no path may be written in any case. */
function columnsOf(header: readonly string[]): {
  first: (...wanted: readonly string[]) => string;
  facets: readonly (readonly [FacetId, string])[];
  searched: readonly string[];
} {
  const named = header.filter(name => name !== '');
  return {
    first: (...wanted) => named.find(name => wanted.includes(name.toLowerCase())) ?? '',
    facets: named.flatMap(name => {
      const lower = name.toLowerCase();
      return Object.hasOwn(FACET_COLUMNS, lower) ? [[FACET_COLUMNS[lower], name] as const] : [];
    }),
    searched: named.filter(name => name !== KNOWN.thumbnail)
  };
}

/**
 * Reads the rows of a catalogue at `place` with these columns as records; `null` stands for a row that names nothing that
 * could be opened.
 */
export function rowReader(
  header: readonly string[],
  source: string,
  place: IPlace,
  rewrites: readonly IRewrite[]
): (row: Record<string, string>) => IEntry | null {
  const { first, facets, searched } = columnsOf(header);
  const [licences, descriptions] = [first('license', 'licence'), first('description')];
  return row => {
    const path = textOf(row[PATH]);
    const { uri, formerUri } = path === undefined ? {} : addressOf(path, place, rewrites);
    if (path === undefined || uri === undefined) {
      return null;
    }
    const seen = { ...viewing(path.replace(/\/+$/, '')), ...(openable(uri).viewable ? {} : openable(uri)) };
    const licence = licenceOf(row[licences])?.text;
    const picture = row[KNOWN.thumbnail] as string | undefined;
    const record: IImageRecord = {
      id: uri,
      source,
      uri,
      ...(formerUri === undefined ? {} : { formerUri }),
      title: textOf(row[KNOWN.name]) ?? path.replace(/\/+$/, '').split('/').at(-1) ?? path,
      description: textOf(row[descriptions]),
      kind: 'image',
      ...seen,
      licence,
      bytes: countOf(row[KNOWN.size]),
      ...(picture !== undefined && PICTURE.test(picture) ? { thumbnail: picture } : {}),
      facets: facetValues({
        ...Object.fromEntries(facets.map(([id, name]) => [id, [textOf(row[name])]])),
        licence: [licence],
        year: [dateOf(row[KNOWN.uploaded])?.slice(0, 4)],
        ome_zarr: seen.viewable ? [HAS_OME_ZARR] : []
      })
    };
    return { record, words: searched.map(name => row[name] ?? '').join(' ') };
  };
}
