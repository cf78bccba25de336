import type { IRewrite, IRelayAnswer, Relay } from '../../source';
import { decodeText, parseTable } from '../../csv';
import { countOf, httpsOf, textOf } from '../../fields';
import { zarrRoot } from '../../formats';
import { accessionOf } from './containers';
import type { IContainer } from './containers';
import { placeOf } from './places';
import type { IPlace } from './places';

/** Id of the service that has the tables of IDR's site. */
export const TABLES = 'idr-tables';

/** The columns of `studies.tsv` that are used. */
const COLUMNS = {
  study: 'Study',
  container: 'Container',
  id: 'Internal ID',
  sets: 'Sets',
  images: '5D Images',
  bytes: 'Size',
  sample: 'Sample Type'
} as const;

async function table(relay: Relay, name: string, signal: AbortSignal) {
  const answer = await relay(TABLES, `_data/${name}`, {}, signal);
  return { rows: parseTable(decodeText(answer.bytes), '\t').rows, answer };
}

/**
 * Containers as the table of published studies lists them: names and numbers of images, without titles or annotations. It
 * is what is left where IDR itself does not answer.
 */
export async function tableOfStudies(
  relay: Relay,
  signal: AbortSignal
): Promise<{ containers: IContainer[]; answer: IRelayAnswer }> {
  const { rows, answer } = await table(relay, 'studies.tsv', signal);
  const containers: IContainer[] = [];
  for (const row of rows) {
    const study = textOf(row[COLUMNS.study]);
    const id = countOf(row[COLUMNS.id]);
    if (study !== undefined && id !== undefined) {
      const part = textOf(row[COLUMNS.container]);
      const sample = textOf(row[COLUMNS.sample]);
      containers.push({
        kind: /^screen/i.test(part ?? '') ? 'screen' : 'project',
        id,
        name: part === undefined ? study : `${study}/${part}`,
        children: countOf(row[COLUMNS.sets]),
        images: countOf(row[COLUMNS.images]),
        bytes: countOf(row[COLUMNS.bytes]),
        values: sample === undefined ? [] : [['Sample Type', sample]]
      });
    }
  }
  return { containers, answer };
}

/** What the table of downloads says of one study: the folder of its files, and the place of its first image. */
export interface IDownload {
  readonly accession: string;
  /** Number of the image that stands for the study in this table. */
  readonly image: number;
  /** Folder or page from which its files are downloaded. */
  readonly folder?: string;
  /** Page of the study in another archive. */
  readonly page?: string;
  /** Accession there, where its images were converted. */
  readonly converted?: string;
  /** Address of the original, where the table makes one. */
  readonly original?: string;
  /** There where the image is an OME-Zarr. */
  readonly place?: IPlace;
}

/** `client_path` as an address, by the row's own replacement. */
function original(row: Readonly<Record<string, string>>): string | undefined {
  const path = textOf(row.client_path);
  const from = textOf(row.replace_this);
  const to = textOf(row.with_this);
  const address = path !== undefined && from !== undefined && to !== undefined ? path.replace(from, () => to) : path;
  return address === undefined ? undefined : httpsOf(encodeURI(address.replace(/%(?![0-9A-F]{2})/gi, '%25')));
}

/** The table of downloads, one row a study. */
export async function tableOfDownloads(
  relay: Relay,
  rewrites: readonly IRewrite[],
  signal: AbortSignal
): Promise<{ downloads: IDownload[]; answer: IRelayAnswer }> {
  const { rows, answer } = await table(relay, 'download_urls.tsv', signal);
  const downloads: IDownload[] = [];
  for (const row of rows) {
    const accession = accessionOf(textOf(row.idrid) ?? '');
    const image = countOf(row.image_id);
    if (accession !== undefined && image !== undefined) {
      downloads.push({
        accession,
        image,
        folder: httpsOf(row.download_url),
        page: httpsOf(row.bia_url),
        converted: textOf(row.bia_ngff_id),
        original: original(row),
        place: textOf(row.is_zarr) === 'True' ? zarrOf(row, rewrites) : undefined
      });
    }
  }
  return { downloads, answer };
}

/**
 * Where a row's OME-Zarr is. The path that IDR imported from is the better address where it is one of the web: what is
 * noted about the image otherwise is a path in the storage of IDR's own machines.
 */
function zarrOf(row: Readonly<Record<string, string>>, rewrites: readonly IRewrite[]): IPlace | undefined {
  const path = textOf(row.client_path);
  const noted = textOf(row.external_info);
  const address = path !== undefined && /^https?:/i.test(path) ? path : (noted ?? original(row) ?? path);
  if (address === undefined) {
    return undefined;
  }
  const root = zarrRoot(address.replace(/[?#].*$/, ''));
  return placeOf(root ?? address, rewrites);
}
