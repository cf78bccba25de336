import { BioImageError, say } from '../../core';
import type { IImageRecord } from '../../entities';
import { maxAgeOf } from '../age';
import { decodeText, parseTable } from '../csv';
import type { ITable } from '../csv';
import { dimensionsOf, facetValues, HAS_OME_ZARR } from '../facets';
import { countOf, fromOf, httpsOf, imageAddressOf, textOf } from '../fields';
import { licenceOf } from '../licence';
import { rewritten } from '../moved';
import { openable, RecordSource, unique } from '../records';
import type { IEntry } from '../records';
import type { IRewrite, ISourceProvider } from '../source';

/** Id of the service and of the source. */
export const SAMPLE_SERVICE = 'ngff-samples';
/** A proper name, the same in every language. */
const LABEL = 'IDR OME-NGFF samples';
/** The table's place below the service's root. */
export const SAMPLE_TABLE = '_data/table.csv';

/** The table of IDR's OME-Zarr samples; CATALOGUE_BAD where the text is something else. */
export function readSampleTable(text: string): ITable {
  const table = parseTable(text, ',');
  if (!table.header.includes('File Path')) {
    throw new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: SAMPLE_TABLE });
  }
  return table;
}

function kindOf(row: Record<string, string>, uri: string): IImageRecord['kind'] {
  if ((countOf(row.Wells) ?? 0) > 0 || /\/plates\//.test(uri)) {
    return 'plate';
  }
  // A picture from inside it is that of its first series: it is a collection of them.
  const picture = textOf(row.Thumbnail)?.replace(/\/+$/, '');
  return picture !== undefined && picture.replaceAll(' ', '%20').startsWith(`${uri}/`) ? 'collection' : 'image';
}

/** One row as a record; `null` where it has no address that could be opened. */
function entryOf(row: Record<string, string>, rewrites: readonly IRewrite[]): IEntry | null {
  const address = imageAddressOf(row['File Path']);
  if (address === undefined) {
    return null;
  }
  const where = rewritten(address, rewrites);
  const size = {
    x: countOf(row.SizeX),
    y: countOf(row.SizeY),
    z: countOf(row.SizeZ),
    c: countOf(row.SizeC),
    t: countOf(row.SizeT)
  };
  const licence = licenceOf(row.License)?.text;
  const study = textOf(row.Study);
  const record: IImageRecord = {
    id: where.uri,
    source: SAMPLE_SERVICE,
    ...where,
    title: address.replace(/\/+$/, '').split('/').at(-1) ?? address,
    description: study,
    kind: kindOf(row, where.uri),
    version: textOf(row['OME-NGFF version']),
    ...openable(where.uri),
    licence,
    size,
    format: 'ome.zarr',
    study: study === undefined ? undefined : { accession: study },
    page: httpsOf(row.DOI),
    facets: facetValues({ licence: [licence], dimensions: dimensionsOf(size), ome_zarr: [HAS_OME_ZARR] })
  };
  return { record, words: Object.values(row).join(' ') };
}

/** OME-Zarr samples of the Image Data Resource, newest version of the format first. */
export const ngffSamples: ISourceProvider = {
  id: SAMPLE_SERVICE,
  async create(environment) {
    if (!(await environment.services()).includes(SAMPLE_SERVICE)) {
      return [];
    }
    const options = { id: SAMPLE_SERVICE, label: LABEL, rank: 40, maxAge: maxAgeOf(environment) };
    const source = new RecordSource(options, async signal => {
      const [answer, moves] = await Promise.all([
        environment.relay(SAMPLE_SERVICE, SAMPLE_TABLE, {}, signal),
        environment.rewrites()
      ]);
      const { rows, rejected } = readSampleTable(decodeText(answer.bytes));
      const read = rows.map(row => entryOf(row, moves)).filter(entry => entry !== null);
      const { entries } = unique(read);
      const version = ({ record }: IEntry): number => Number(record.version ?? 0) || 0;
      const lost = rows.length - read.length + rejected.length;
      return {
        entries: entries.sort((a, b) => version(b) - version(a)),
        notices:
          lost === 0
            ? []
            : lost === 1
              ? [say`1 row of the table could not be read.`]
              : [say`${lost} rows of the table could not be read.`],
        complete: true,
        ...fromOf(answer)
      };
    });
    return [source];
  }
};
