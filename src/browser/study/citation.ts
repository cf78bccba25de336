import { cleanText } from '../../core';
import type { IStudyDetails } from '../../entities';
import { lineOf } from './line';
import { doiLink, safeLink } from './links';

/** What a citation is made from. */
export type ICited = Pick<IStudyDetails, 'accession' | 'title' | 'people' | 'doi' | 'released' | 'page'>;

/** Characters of a title and of a name in a citation. */
const TITLE_LENGTH = 500;
const NAME_LENGTH = 120;
/** Names written out in a text; of more, the first ones stand for all. */
const NAMES = 20;
/** Names in a BibTeX record; beyond them it says `others`, which styles print as "et al." */
const BIBTEX_NAMES = 1000;

/** Words that begin a family name: the name is sorted and cut with them (`van der Berg`). */
const PARTICLES = new Set(
  'af al auf bin da dal das de del della den der di dos du el ibn la le lo ten ter van vom von zu zum zur y'.split(' ')
);
/** A name with one of these is that of a group, not of a person. */
const GROUP =
  /\b(?:and|atlas|center|centre|collaboration|committee|consortium|core|department|facility|for|group|institut[eo]?|initiative|laboratory|network|of|program(?:me)?|project|society|team|the|university)\b/i;

/** A name taken apart. A group, or a person with a single name, has only a `family`. */
export interface IName {
  family: string;
  given?: string;
}

/** Initials as they stand behind a family name in `Doe JQ` or `Doe J.-Q.`: at most four capitals. */
function isInitials(word: string): boolean {
  const letters = word.replace(/[.-]/g, '');
  return letters.length >= 1 && letters.length <= 4 && /^\p{Lu}+$/u.test(letters);
}

/**
 * Takes a name apart as archives write it: `Family, Given`, `Given Family`, `Family IN`. What is no person's name stays
 * whole.
 */
export function nameOf(text: string): IName {
  const name = lineOf(text, NAME_LENGTH);
  const parts = name.split(',').map(part => part.trim());
  if (parts.length === 2 && parts[0] !== '' && parts[1] !== '') {
    return { family: parts[0], given: parts[1] };
  }
  const words = name.split(' ');
  if (parts.length > 1 || words.length === 1 || words.length > 6 || GROUP.test(name)) {
    return { family: name };
  }
  const last = words.length - 1;
  if (isInitials(words[last]) && !isInitials(words[0])) {
    return { family: words.slice(0, last).join(' '), given: words[last] };
  }
  // The family name is the last word with the particles before it; the first word is never one of them.
  let begin = last;
  while (begin > 1 && PARTICLES.has(words[begin - 1].toLowerCase())) {
    begin--;
  }
  return { family: words.slice(begin).join(' '), given: words.slice(0, begin).join(' ') };
}

/** Year of publication, where the date begins with one. */
function yearOf(released: string | undefined): string | undefined {
  return /^\d{4}(?=\D|$)/.exec(released ?? '')?.[0];
}

function titleOf({ title, accession }: ICited): string {
  return (lineOf(title, TITLE_LENGTH) || cleanText(accession)).replace(/[\s.]+$/, '');
}

/** Names that say something, in the archive's order. */
function namesOf({ people }: ICited, limit: number): IName[] {
  return people
    .slice(0, limit)
    .map(({ name }) => nameOf(name))
    .filter(({ family }) => family !== '');
}

/**
 * The study as a reference in a text: `Doe, J.; … (2023). Title [Data set]. Archive, accession. https://doi.org/…`.
 * `archive` is the name of the source; without a DOI the address of the archive's page ends it.
 */
export function citationText(study: ICited, archive: string): string {
  const names = namesOf(study, NAMES).map(({ family, given }) =>
    given === undefined ? family : `${family}, ${given}`
  );
  const authors = names.join('; ') + (study.people.length > NAMES ? ' et al.' : '');
  const link = doiLink(study.doi) ?? safeLink(study.page);
  const head = [authors, `(${yearOf(study.released) ?? 'n.d.'}).`].filter(Boolean).join(' ');
  const place = `${cleanText(archive, 60)}, ${cleanText(study.accession, 60)}.`;
  return [head, `${titleOf(study)} [Data set].`, place, link].filter(Boolean).join(' ');
}

/** How characters that TeX acts upon are written so that they are printed. */
const TEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  // A quote as a command, because a field may be delimited by quotes when other programs write the record again.
  '"': '\\textquotedbl{}'
};

/** Text as a BibTeX field holds it: it prints as it is and cannot end the field. */
export function texText(text: string): string {
  return text.replace(/[\\{}$&#%_~^"]/g, character => TEX[character]);
}

/** An address or a DOI, which styles take verbatim: what could end the field is percent-encoded instead of escaped. */
function verbatim(text: string): string {
  return text.replace(/[\\{}"\s]/g, character => encodeURIComponent(character));
}

/** `{Group}` or `Family, Given`; braces keep BibTeX from taking a group's name apart at a comma or an "and". */
function bibtexName({ family, given }: IName): string {
  const whole = (part: string): string => (/\band\b|,/i.test(part) ? `{${texText(part)}}` : texText(part));
  return given === undefined ? `{${texText(family)}}` : `${whole(family)}, ${whole(given)}`;
}

/** Key of the record: the accession without what keys may not have. */
function keyOf(accession: string): string {
  return accession.replace(/[^A-Za-z0-9:._-]/g, '').slice(0, 60) || 'study';
}

/**
 * The study as a BibTeX record. `@misc`, because styles without data sets know it too. Fields without a value are left
 * out; non-ASCII letters stay, as every BibTeX of today reads UTF-8.
 */
export function bibtex(study: ICited, archive: string): string {
  const names = namesOf(study, BIBTEX_NAMES).map(bibtexName);
  if (study.people.length > BIBTEX_NAMES) {
    names.push('others');
  }
  const doi = doiLink(study.doi) === undefined ? undefined : study.doi;
  const url = doiLink(study.doi) ?? safeLink(study.page);
  const publisher = texText(cleanText(archive, 60));
  const fields: [string, string | undefined][] = [
    ['author', names.length === 0 ? undefined : names.join(' and ')],
    // The inner braces keep the capitals of genes and species.
    ['title', `{${texText(titleOf(study))}}`],
    ['year', yearOf(study.released)],
    ['publisher', publisher],
    ['howpublished', `${publisher}, ${texText(cleanText(study.accession, 60))}`],
    ['note', 'Data set'],
    ['doi', doi === undefined ? undefined : verbatim(doi)],
    ['url', url === undefined ? undefined : verbatim(url)]
  ];
  const lines = fields.filter(([, value]) => value !== undefined).map(([name, value]) => `  ${name} = {${value}}`);
  return `@misc{${keyOf(study.accession)},\n${lines.join(',\n')}\n}\n`;
}
