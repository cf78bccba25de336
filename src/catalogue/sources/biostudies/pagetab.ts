import { BioImageError, say } from '../../../core';
import { countOf, field, listOf, objectOf, textOf } from '../../fields';

/** One attribute of a section; what has no value is not kept. */
export interface IAttribute {
  readonly name: string;
  readonly value: string;
  /** The value is the accession of another section. */
  readonly reference: boolean;
  /** What qualifies the value, such as the address of a licence or the term of an ontology: name in lower case → value. */
  readonly qualifiers: ReadonlyMap<string, string>;
}

/** A file or folder that a study lists, relative to its `Files/`. */
export interface IListedFile {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly bytes?: number;
}

/** A link of a section. */
export interface ILink {
  /** An address, or an accession of another archive. */
  readonly target: string;
  readonly attributes: readonly IAttribute[];
}

/** A part of a study in PageTab: everything is a section, people and papers as well as datasets. */
export interface ISection {
  /** Lower case and in one spelling; see {@link sectionType}. */
  readonly type: string;
  readonly accession?: string;
  readonly attributes: readonly IAttribute[];
  readonly sections: readonly ISection[];
  readonly links: readonly ILink[];
  readonly files: readonly IListedFile[];
}

/** A study in PageTab. */
export interface ISubmission {
  readonly accession: string;
  readonly attributes: readonly IAttribute[];
  readonly section: ISection;
}

/** Characters of a path; file systems allow no more. */
const MAX_PATH = 4096;

/** Studies of fifteen years write the same types in several ways. */
const SPELLINGS: Readonly<Record<string, string>> = {
  organisation: 'organization',
  organizations: 'organization',
  annotation: 'annotations',
  authors: 'author'
};

/** The type of a section in lower case and in one spelling. */
function sectionType(value: unknown): string {
  const type = (textOf(value) ?? '').toLowerCase();
  return Object.hasOwn(SPELLINGS, type) ? SPELLINGS[type] : type;
}

/** Entries of a list each of which may be an object, or an array of objects where the study has a table. */
function* entries(value: unknown): Generator<unknown> {
  for (const one of listOf(value)) {
    if (Array.isArray(one)) {
      yield* entries(one);
    } else if (objectOf(one) !== undefined) {
      yield one;
    }
  }
}

function qualifiersOf(value: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const one of entries(value)) {
    const name = textOf(field(one, 'name'))?.toLowerCase();
    const text = textOf(field(one, 'value'));
    if (name !== undefined && text !== undefined) {
      found.set(name, text);
    }
  }
  return found;
}

function attributesOf(value: unknown): IAttribute[] {
  const found: IAttribute[] = [];
  for (const one of entries(value)) {
    const name = textOf(field(one, 'name'));
    const text = textOf(field(one, 'value'));
    // Templates leave names without a value behind, as null or as nothing.
    if (name !== undefined && text !== undefined) {
      const qualifiers = qualifiersOf(field(one, 'valqual'));
      found.push({ name, value: text, reference: field(one, 'reference') === true, qualifiers });
    }
  }
  return found;
}

/** What must not be in a path, or has to be put right: control characters, backslashes, odd slashes, `.` and `..`. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const ODD = /[\u0000-\u001f\\]|\/\/|^\/|\/$|(?:^|\/)\.\.?(?:\/|$)/;

/** Half a character, of which no address can be made. */
const HALF = /\p{Surrogate}/u;

/**
 * A path that can be asked for: no `.` or `..` part, no backslash, no control characters, no half ones; slashes around it and doubled
 * ones are dropped, blanks are part of a name.
 */
export function safePath(value: unknown): string | undefined {
  const given = typeof value === 'string' && value.length <= MAX_PATH ? value : '';
  const path = ODD.test(given) ? given.replace(/\/{2,}/g, '/').replace(/^\/|\/$/g, '') : given;
  return path.trim() === '' || ODD.test(path) || HALF.test(path) ? undefined : path;
}

/** One entry of a list of files, in a study or in a file list; `undefined` where it has no path that can be asked for. */
export function listedFile(value: unknown): IListedFile | undefined {
  const path = safePath(field(value, 'path'));
  if (path === undefined) {
    return undefined;
  }
  const bytes = countOf(field(value, 'size'));
  const kind = textOf(field(value, 'type'))?.toLowerCase() === 'directory' ? 'folder' : 'file';
  return { path, kind, ...(bytes === undefined ? {} : { bytes }) };
}

/** All files of a list, or of a piece of one; those without a usable path are left out. */
export function listedFiles(value: unknown): IListedFile[] {
  const found: IListedFile[] = [];
  for (const one of entries(value)) {
    const file = listedFile(one);
    if (file !== undefined) {
      found.push(file);
    }
  }
  return found;
}

function linksOf(value: unknown): ILink[] {
  const found: ILink[] = [];
  for (const one of entries(value)) {
    const target = textOf(field(one, 'url'));
    if (target !== undefined) {
      found.push({ target, attributes: attributesOf(field(one, 'attributes')) });
    }
  }
  return found;
}

function sectionOf(value: unknown): ISection {
  const accession = textOf(field(value, 'accno'));
  return {
    type: sectionType(field(value, 'type')),
    ...(accession === undefined ? {} : { accession }),
    attributes: attributesOf(field(value, 'attributes')),
    sections: [...entries(field(value, 'subsections'))].map(sectionOf),
    links: linksOf(field(value, 'links')),
    files: listedFiles(field(value, 'files'))
  };
}

/** The study in a page of PageTab JSON; CATALOGUE_BAD where it is something else. Odd fields cost themselves alone. */
export function readSubmission(value: unknown, accession: string): ISubmission {
  const section = objectOf(field(value, 'section'));
  if (section === undefined) {
    throw new BioImageError('CATALOGUE_BAD', say`The catalogue’s answer was not understood.`, { where: 'section' });
  }
  return {
    accession: textOf(field(value, 'accno')) ?? accession,
    attributes: attributesOf(field(value, 'attributes')),
    section: sectionOf(section)
  };
}

/** Values of the attributes with one of the names, whatever the case, in the order of the study. */
export function valuesOf(attributes: readonly IAttribute[], ...names: readonly string[]): string[] {
  return attributes.filter(({ name }) => names.includes(name.toLowerCase())).map(({ value }) => value);
}

/** A section and all below it, in the order of the study. */
export function* allSections(section: ISection): Generator<ISection> {
  yield section;
  for (const child of section.sections) {
    yield* allSections(child);
  }
}
