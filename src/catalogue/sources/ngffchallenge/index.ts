import { BioImageError, isAbort, isBioImageError, saidTogether, say, toBioImageError } from '../../../core';
import type { Said, SaidPart } from '../../../core';
import { maxAgeOf } from '../../age';
import { decodeText, parseTable } from '../../csv';
import type { ITable } from '../../csv';
import { fromOf, textOf } from '../../fields';
import { RecordSource, unique } from '../../records';
import type { IEntry, IRecordList } from '../../records';
import type { IRewrite, ISourceProvider, Relay } from '../../source';
import { entryOf, withOwnTitles } from './row';

const SERVICE = 'ngff-challenge';
/** A proper name, the same in every language. */
const LABEL = 'NGFF challenge 2024';
/** The list that names the lists of everybody who took part. */
const ROOT = 'samples/ngff_samples.csv';
/** Lists within lists: the challenge's own has two levels below its root. */
const MAX_DEPTH = 3;
/** Files that are read, all levels together. */
const MAX_FILES = 100;
/** Rejected addresses that are named; the rest is counted. */
const MAX_NAMED = 5;

/** Path of a list within the catalogue's own repository, at any branch or tag; all others are somebody else's files. */
const OWN_LIST = /\/ome2024-ngff-challenge\/(?:refs\/(?:heads|tags)\/)?[\w.-]+\/(samples\/[\w-]+(?:\.[\w-]+)*\.csv)$/;

/** What has been read so far, and what has not. */
interface IReading {
  readonly relay: Relay;
  readonly rewrites: readonly IRewrite[];
  readonly signal: AbortSignal;
  readonly seen: Set<string>;
  readonly rejected: SaidPart[];
  badRows: number;
  complete: boolean;
}

/** A list; some have no header, and are a column of addresses. */
function readList(text: string, path: string): ITable {
  const table = parseTable(text, ',');
  if (table.header.includes('url')) {
    return table;
  }
  if (/^https?:\/\//i.test(table.header[0] ?? '')) {
    return parseTable(text, ',', ['url']);
  }
  throw new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: path });
}

/** What became of one list that another one names. A failure costs this list; who has gone gets nothing more. */
async function readNested(reading: IReading, path: string, group: string, depth: number): Promise<IEntry[]> {
  try {
    return (await readFile(reading, path, group, depth)).entries;
  } catch (error) {
    if (isAbort(error) || reading.signal.aborted) {
      throw error;
    }
    const failure = toBioImageError(error);
    // A list that is not there stays away; anything else may be better the next time.
    reading.complete &&= isBioImageError(error, 'NOT_FOUND') || isBioImageError(error, 'CATALOGUE_BAD');
    reading.rejected.push(say`${path} (${failure.said.message})`);
    return [];
  }
}

async function readFile(
  reading: IReading,
  path: string,
  group: string,
  depth: number
): Promise<{ entries: IEntry[]; from: Pick<IRecordList, 'from'> }> {
  reading.seen.add(path);
  const answer = await reading.relay(SERVICE, path, {}, reading.signal);
  const { rows, rejected } = readList(decodeText(answer.bytes), path);
  reading.badRows += rejected.length;
  // In the order of the rows, though the lists they name come when they come.
  const parts = rows.map(async (row): Promise<IEntry[]> => {
    const address = textOf(row.url) ?? '';
    const of = textOf(row.source) ?? group;
    if (/\.csv$/i.test(address)) {
      const nested = OWN_LIST.exec(address)?.[1];
      if (nested !== undefined && reading.seen.has(nested)) {
        // Named twice, or by itself: it is there already.
        return [];
      }
      if (nested === undefined || depth >= MAX_DEPTH || reading.seen.size >= MAX_FILES) {
        reading.rejected.push(address);
        return [];
      }
      reading.seen.add(nested);
      return readNested(reading, nested, of, depth + 1);
    }
    const entry = entryOf(row, of, SERVICE, reading.rewrites);
    reading.badRows += entry === null ? 1 : 0;
    return entry === null ? [] : [entry];
  });
  return { entries: (await Promise.all(parts)).flat(), from: fromOf(answer) };
}

function noticesOf({ rejected, badRows }: IReading): Said[] {
  const more = rejected.length - MAX_NAMED;
  const first = saidTogether(rejected.slice(0, MAX_NAMED), ', ');
  const named = more > 0 ? say`${first}, and ${more} more` : first;
  const lists = rejected.length;
  return [
    ...(lists === 1 ? [say`1 list of the catalogue could not be read: ${named}.`] : []),
    ...(lists > 1 ? [say`${lists} lists of the catalogue could not be read: ${named}.`] : []),
    ...(badRows === 1 ? [say`1 row of the catalogue could not be read.`] : []),
    ...(badRows > 1 ? [say`${badRows} rows of the catalogue could not be read.`] : [])
  ];
}

/** Images that were converted to OME-Zarr 0.5 by many institutes in the challenge of 2024. */
export const ngffChallenge: ISourceProvider = {
  id: SERVICE,
  async create(environment) {
    if (!(await environment.services()).includes(SERVICE)) {
      return [];
    }
    const options = { id: SERVICE, label: LABEL, rank: 50, maxAge: maxAgeOf(environment) };
    const source = new RecordSource(options, async signal => {
      const reading: IReading = {
        relay: environment.relay,
        rewrites: await environment.rewrites(),
        signal,
        seen: new Set(),
        rejected: [],
        badRows: 0,
        complete: true
      };
      const { entries, from } = await readFile(reading, ROOT, '', 0);
      return {
        entries: withOwnTitles(unique(entries).entries),
        notices: noticesOf(reading),
        complete: reading.complete,
        ...from
      };
    });
    return [source];
  }
};
