import { studyOfDoi } from './doi';

/** `S-BIAD1492` and its older relatives, and images of electron microscopy that are kept for EMPIAR. */
const ACCESSION = /^(?:S-[A-Z]{3,8}\d{1,7}|EMPIAR-\d{3,7})$/i;
/** Those of them that the BioImage Archive has. */
const IMAGES = /^(?:S-(?:BIAD|BSST|BSMS)|EMPIAR)/;
/** Pages of the archives that end in an accession, and persistent addresses of the kind `biostudies:S-BIAD1`. */
const PAGE =
  /^https?:\/\/(?:[\w-]+\.)*(?:ebi\.ac\.uk|bioimagearchive\.org|identifiers\.org)\/(?:[^?#]*[/:])?([\w-]+?)(?:\.html)?\/?(?:[?#].*)?$/i;
/** Longest text that is looked at. */
const MAX_TEXT = 2048;

/** The accession that a text names, in upper case: itself, a DOI of the archive, or the address of a study's page. */
export function accessionIn(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_TEXT) {
    return undefined;
  }
  const named = PAGE.exec(trimmed)?.[1] ?? trimmed;
  return ACCESSION.test(named) ? named.toUpperCase() : studyOfDoi(trimmed);
}

/** True for accessions whose prefix stands for studies of the BioImage Archive. */
export function isImageStudy(accession: string): boolean {
  return IMAGES.test(accession);
}

const EMPIAR = /^EMPIAR-\d+$/;
const SITE = 'https://www.ebi.ac.uk';

const empiarPage = (accession: string): string => `${SITE}/empiar/${accession}/`;

/** The page about a study in BioStudies, for people to follow; EMPIAR has its studies itself. */
export function studyPage(accession: string): string {
  return EMPIAR.test(accession) ? empiarPage(accession) : `${SITE}/biostudies/studies/${encodeURIComponent(accession)}`;
}

/**
 * The page about a study in the BioImage Archive: its own collection on the site of BioStudies, which has a page for every
 * study. Its galleries have pages for some studies alone, in forms that differ.
 */
export function imageStudyPage(accession: string): string {
  return EMPIAR.test(accession)
    ? empiarPage(accession)
    : `${SITE}/biostudies/bioimages/studies/${encodeURIComponent(accession)}`;
}
