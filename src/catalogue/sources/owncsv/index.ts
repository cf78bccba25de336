import { BioImageError, say } from '../../../core';
import { decodeText, parseTable } from '../../csv';
import type { ITable } from '../../csv';
import { RecordSource, unique } from '../../records';
import type { IRecordList } from '../../records';
import type { ICatalogueEnvironment, ICatalogueSource, ISourceProvider } from '../../source';
import { placeOf } from './place';
import { PATH, rowReader } from './row';

/** How long a catalogue is believed, in ms: people edit theirs and look again. */
const MAX_AGE = 30_000;
/** Bytes of a catalogue: some 100,000 rows. */
const MAX_BYTES = 32 * 2 ** 20;

function readCatalogue(bytes: Uint8Array, address: string): ITable {
  if (bytes.length > MAX_BYTES) {
    throw new BioImageError('TOO_LARGE', say`This catalogue is too large to be read.`, { where: address });
  }
  const text = decodeText(bytes);
  // Spreadsheets save with whatever their language separates lists by.
  for (const separator of [',', ';', '\t'] as const) {
    const table = parseTable(text, separator);
    if (table.header.includes(PATH)) {
      return table;
    }
  }
  throw new BioImageError('CATALOGUE_BAD', say`This catalogue has no column “${PATH}”.`, {
    where: address,
    hint: say`A catalogue is a CSV file with a column “${PATH}”; see the manual for the others.`
  });
}

/** Reads a catalogue; NOT_FOUND where no store answers for it or the file is not there. */
async function load(
  environment: ICatalogueEnvironment,
  address: string,
  source: string,
  signal: AbortSignal
): Promise<IRecordList> {
  const [listed, moves] = await Promise.all([environment.stores(), environment.rewrites()]);
  const place = placeOf(address, listed);
  const bytes = await environment.read(place.store, place.key, signal);
  if (bytes === undefined) {
    throw new BioImageError('NOT_FOUND', say`This catalogue is not where the settings say.`, { where: address });
  }
  const { header, rows, rejected } = readCatalogue(bytes, address);
  const good = rows.map(rowReader(header, source, place, moves)).filter(entry => entry !== null);
  const { entries, repeated } = unique(good);
  const bad = rows.length - good.length + rejected.length;
  return {
    entries,
    complete: true,
    notices: [
      ...(bad === 1 ? [say`1 row of the catalogue without a path that can be opened.`] : []),
      ...(bad > 1 ? [say`${bad} rows of the catalogue without a path that can be opened.`] : []),
      ...(repeated === 1 ? [say`1 row of the catalogue with a path that is there already.`] : []),
      ...(repeated > 1 ? [say`${repeated} rows of the catalogue with a path that is there already.`] : [])
    ]
  };
}

/** A short name for each address: that of the file, with its folder where two have the same. */
function labelsOf(addresses: readonly string[]): string[] {
  const tail = (address: string, parts: number): string => address.split('/').slice(-parts).join('/');
  const name = (address: string): string => tail(address, 1).replace(/\.(csv|tsv|txt)$/i, '');
  return addresses.map(address => {
    const alone = addresses.filter(other => name(other) === name(address)).length === 1;
    return alone ? name(address) : tail(address, 2);
  });
}

/** Catalogues of the person's own: CSV files with the columns of BioFile Finder, in a store of the session. */
export const ownCatalogues: ISourceProvider = {
  id: 'csv',
  isOwn: true,
  create(environment) {
    const addresses = [...new Set((environment.ownCatalogues ?? []).map(one => one.trim()))].filter(one => one !== '');
    const labels = labelsOf(addresses);
    const sources = addresses.map((address, at): ICatalogueSource => {
      const id = `csv:${at + 1}`;
      const options = { id, label: labels[at], rank: 60 + at, maxAge: () => MAX_AGE };
      return new RecordSource(options, signal => load(environment, address, id, signal));
    });
    return Promise.resolve(sources);
  }
};
