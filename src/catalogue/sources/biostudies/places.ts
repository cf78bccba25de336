import { countOf, dateOf, field, httpsOf, textOf } from '../../fields';

/** The archive's own site, which finds files wherever they lie; nothing is asked there here. */
const SITE = 'https://www.ebi.ac.uk/biostudies';
/** Public copy of the archive's files, in the two kinds of storage that a study can lie in. */
const COPY = { nfs: 'https://ftp.ebi.ac.uk/pub/databases/biostudies', fire: 'https://ftp.ebi.ac.uk/biostudies/fire' };

/** Where a study's files lie, and what the archive counts of them. */
export interface IPlace {
  /** Root of the study in the public copy, without a slash at the end. */
  readonly root: string;
  /** Folders that are listed as one entry lie there as a zip file, and some names are encoded in a way of their own. */
  readonly isZipped: boolean;
  readonly files?: number;
  readonly released?: string;
}

/**
 * Path of a study in the storage: prefix, its last three digits, accession, such as `S-BIAD/043/S-BIAD1043`. Right for
 * studies since 2022; older ones may lie elsewhere, which only `/info` knows.
 */
function relativePath(accession: string): string {
  const [, prefix, digits] = /^(.*?)(\d*)$/.exec(accession) ?? ['', accession, ''];
  return `${prefix}/${digits.slice(-3).padStart(3, '0')}/${accession}`;
}

/** The place that `/info` tells; an unknown study is answered with an empty object, and the place is computed then. */
export function placeOf(info: unknown, accession: string): IPlace {
  const files = countOf(field(info, 'files'));
  const milliseconds = countOf(field(info, 'released'));
  const isDate = milliseconds !== undefined && milliseconds > 0 && milliseconds < 8.64e15;
  const released = isDate ? dateOf(new Date(milliseconds).toISOString()) : undefined;
  const isZipped = field(info, 'hasZippedFolders') === true;
  const relative = textOf(field(info, 'relPath'))?.replace(/^\/+|\/+$/g, '') ?? relativePath(accession);
  const told = httpsOf(field(info, 'httpLink'))?.replace(/\/+$/, '');
  return {
    root: told ?? `${isZipped ? COPY.fire : COPY.nfs}/${relative.split('/').map(encodeURIComponent).join('/')}`,
    isZipped,
    ...(files === undefined ? {} : { files }),
    ...(released === undefined ? {} : { released })
  };
}

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** Characters that the zipped storage writes in a way of its own, which only the archive's site undoes. */
const ODD = /[#+=@$]/;

/** True where a path has no address in the public copy that can be told from here: only the archive's site finds it. */
export function isOnlyAtSite({ isZipped }: IPlace, path: string): boolean {
  return isZipped && ODD.test(path);
}

/** Where a file of a study can be fetched, by a browser at least: stores of a session do not answer for the archive's site. */
export function fileAddress(accession: string, place: IPlace, path: string): string {
  return isOnlyAtSite(place, path)
    ? `${SITE}/files/${encodeURIComponent(accession)}/${encoded(path)}`
    : `${place.root}/Files/${encoded(path)}`;
}
