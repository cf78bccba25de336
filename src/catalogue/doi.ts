import { textOf } from './fields';

/** A DOI inside any text: registrant of 4–9 digits, then anything without blanks, quotes or angle brackets (ISO 26324). */
const DOI = /\b(10\.\d{4,9}(?:\.\d+)*\/[^\s"'<>]+)/;
/** DOIs that the BioImage Archive gives to its studies end in the accession. */
const STUDY_DOI = /^10\.6019\/(S-[A-Z]{3,8}\d+)$/i;

/**
 * The bare DOI in a text, however it is written: `https://doi.org/10.…`, `doi:10.…`, `https://doi.org/DOI: 10.…`.
 * Punctuation that ends a sentence is no part of it.
 */
export function doiOf(value: unknown): string | undefined {
  const text = textOf(value)?.slice(0, 2048);
  const found = DOI.exec(text === undefined ? '' : decoded(text))?.[1].replace(/[.,;:]+$/, '');
  if (found === undefined) {
    return undefined;
  }
  // A closing bracket belongs to the text around it unless the DOI itself opens one, as older ones do.
  return found.endsWith(')') && !found.includes('(') ? found.slice(0, -1) : found;
}

/** The address that resolves a bare DOI: `#` and `?` may be part of it and must not begin a fragment or query. */
export function doiAddress(doi: string): string {
  return `https://doi.org/${encodeURI(doi).replace(/#/g, '%23').replace(/\?/g, '%3F')}`;
}

/** A DOI in an address may be percent-encoded (`10.6019%2FS-BIAD1`). */
function decoded(text: string): string {
  return text.replace(/%2F/gi, '/');
}

/** The accession of the study that a DOI of the BioImage Archive names, upper case; `undefined` for any other DOI. */
export function studyOfDoi(value: unknown): string | undefined {
  return STUDY_DOI.exec(doiOf(value) ?? '')?.[1].toUpperCase();
}

/** The sixteen digits of an ORCID iD in groups of four, from the bare form or an address. */
export function orcidOf(value: unknown): string | undefined {
  return /(?:^|\D)(\d{4}-\d{4}-\d{4}-\d{3}[\dX])$/.exec((textOf(value) ?? '').toUpperCase().replace(/\/$/, ''))?.[1];
}
