import { say } from '../../../core';
import type { Said } from '../../../core';
import type { IAuthor, IDataset, IPublication, IStudyDetails } from '../../../entities';
import { studyPage } from '../../accession';
import { doiAddress, doiOf, orcidOf } from '../../doi';
import { facetValues } from '../../facets';
import { dateOf, httpsOf } from '../../fields';
import { licenceOf } from '../../licence';
import { canView, imagesAmong } from './images';
import { allSections, safePath, valuesOf } from './pagetab';
import type { IAttribute, IListedFile, ISection, ISubmission } from './pagetab';
import type { IPlace } from './places';

/** A part of a study that has files: listed in it directly, or in file lists of their own. */
export interface IPart {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  /** Names of file lists in JSON, relative to the study's files. */
  readonly lists: readonly string[];
  readonly direct: readonly IListedFile[];
}

/** Sections whose own names say nothing about the files that happen to be listed in them. */
const UNNAMED = new Set(['study', 'author', 'organization', '']);
/** Title of a part without one of its own. */
const UNTITLED = 'Files of the study';
/** Sections that describe people, papers and files, and are shown in their own places. */
const ELSEWHERE = new Set(['author', 'organization', 'publication', 'funding', 'associations', 'study component']);
/** Attributes of the study and its sections that are shown in their own places, or mean nothing to a reader. */
const SHOWN = new Set([
  'title',
  'name',
  'description',
  'abstract',
  'keyword',
  'keywords',
  'license',
  'licence',
  'releasedate',
  'release date',
  'file list',
  'column 1',
  'column 3'
]);
/** More attributes than any page can show. */
const MAX_ATTRIBUTES = 300;

const first = (values: readonly string[]): string | undefined => values[0];
const firstOf = <T>(values: readonly string[], read: (value: string) => T | undefined): T | undefined =>
  values.map(read).find(value => value !== undefined);
const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** Name of a file list in JSON: the same list is there in other formats, and studies name any of them. */
function listName(value: string): string | undefined {
  const path = safePath(value);
  return path?.replace(/(\.pagetab)?\.(json|tsv|txt|xlsx?|csv)$/i, '').concat('.json');
}

/** The parts of a study that have files, with ids that are unique within it. */
export function partsOf({ section }: ISubmission): IPart[] {
  const parts: IPart[] = [];
  const ids = new Set<string>();
  for (const one of allSections(section)) {
    const lists = valuesOf(one.attributes, 'file list')
      .map(listName)
      .filter(name => name !== undefined);
    if (lists.length === 0 && one.files.length === 0) {
      continue;
    }
    let id = one.accession ?? `${one.type || 'section'}-${parts.length + 1}`;
    while (ids.has(id)) {
      id = `${id}-${parts.length + 1}`;
    }
    ids.add(id);
    const name = first(valuesOf(one.attributes, 'title', 'name'));
    const description = first(valuesOf(one.attributes, 'description', 'annotation overview'));
    const kind = one.type.charAt(0).toUpperCase() + one.type.slice(1);
    parts.push({
      id,
      title: UNNAMED.has(one.type) ? UNTITLED : (name ?? kind),
      ...(description === undefined || UNNAMED.has(one.type) ? {} : { description }),
      lists: unique(lists),
      direct: one.files
    });
  }
  return parts;
}

/** Authors in the order of the study, their affiliations looked up. E-mail addresses are not shown. */
function peopleOf(sections: readonly ISection[]): IAuthor[] {
  const organizations = sections.filter(({ type }) => type === 'organization');
  const nameOf = ({ attributes }: ISection): string | undefined => first(valuesOf(attributes, 'name'));
  const affiliation = ({ value, reference }: IAttribute): string | undefined => {
    const found = organizations.find(({ accession }) => accession === value);
    if (found !== undefined || !reference) {
      return found === undefined ? value : nameOf(found);
    }
    // The oldest studies refer to their one organization without giving it an accession.
    return organizations.length === 1 ? nameOf(organizations[0]) : undefined;
  };
  return sections
    .filter(({ type }) => type === 'author')
    .flatMap(({ attributes }) => {
      const name = first(valuesOf(attributes, 'name'));
      const orcid = firstOf(valuesOf(attributes, 'orcid'), orcidOf);
      const places = attributes.filter(one => one.name.toLowerCase() === 'affiliation').map(affiliation);
      const known = unique(places.filter(place => place !== undefined)).join('; ');
      return name === undefined
        ? []
        : [{ name, ...(orcid === undefined ? {} : { orcid }), ...(known === '' ? {} : { affiliation: known }) }];
    });
}

/** Papers about the study; a DOI may be written in any way, a year be followed by anything. */
function publicationsOf(sections: readonly ISection[]): IPublication[] {
  return sections
    .filter(({ type }) => type === 'publication')
    .map(({ attributes }) => {
      const title = first(valuesOf(attributes, 'title'));
      const doi = firstOf(valuesOf(attributes, 'doi'), doiOf);
      const pubmed = first(valuesOf(attributes, 'pubmed id').filter(id => /^\d+$/.test(id)));
      const year = dateOf(first(valuesOf(attributes, 'year')));
      return {
        ...(title === undefined ? {} : { title }),
        ...(doi === undefined ? {} : { doi }),
        ...(pubmed === undefined ? {} : { pubmed }),
        ...(year === undefined ? {} : { year })
      };
    })
    .filter(one => Object.keys(one).length > 0);
}

/** Scientific names, without the common name that follows in brackets: `Mus musculus (mouse)` → `Mus musculus`. */
function organismsOf(sections: readonly ISection[]): string[] {
  const names = sections.flatMap(({ type, attributes }) => [
    ...valuesOf(attributes, 'organism'),
    ...(type === 'organism' ? valuesOf(attributes, 'scientific name') : [])
  ]);
  return unique(names.map(name => name.replace(/\s*\([^()]*\)\s*$/, '')).filter(name => name !== ''));
}

/** Imaging methods, which older studies name as attributes and newer ones as sections of terms. */
function methodsOf(sections: readonly ISection[]): string[] {
  return unique(
    sections.flatMap(({ type, attributes }) => [
      ...valuesOf(attributes, 'imaging method'),
      ...(type === 'imaging method' ? valuesOf(attributes, 'ontology value') : [])
    ])
  );
}

/** What else is worth reading: attributes of the study and of its biological and technical sections, then its links. */
function restOf(sections: readonly ISection[]): IStudyDetails['attributes'] {
  const rest: { name: string; value: string; url?: string }[] = [];
  const seen = new Set<string>();
  const add = (name: string, value: string, url?: string): void => {
    if (!seen.has(`${name}\n${value}`) && rest.length < MAX_ATTRIBUTES) {
      seen.add(`${name}\n${value}`);
      rest.push({ name, value, ...(url === undefined ? {} : { url }) });
    }
  };
  for (const { type, attributes } of sections) {
    if (!ELSEWHERE.has(type)) {
      for (const { name, value, qualifiers } of attributes.filter(one => !SHOWN.has(one.name.toLowerCase()))) {
        add(name, value, httpsOf(qualifiers.get('url')));
      }
    }
    if (type === 'funding') {
      add('Funding', [...valuesOf(attributes, 'agency'), ...valuesOf(attributes, 'grant_id')].join(' '));
    }
  }
  for (const { target, attributes } of sections.flatMap(({ links }) => links)) {
    const name = first(valuesOf(attributes, 'description', 'title')) ?? first(valuesOf(attributes, 'type')) ?? 'Link';
    const doi = doiOf(target);
    const empiar = /^EMPIAR-\d+$/i.test(target) ? `https://www.ebi.ac.uk/empiar/${target.toUpperCase()}/` : undefined;
    add(name, target, httpsOf(target) ?? (doi === undefined ? empiar : doiAddress(doi)));
  }
  return rest;
}

/** What a person should know before reading on: where the files come from, and what could not be read. */
function noticesOf({ attributes, section }: ISubmission): Said[] {
  const named = [...valuesOf(attributes, 'rootpath'), ...valuesOf(section.attributes, 'idr accession number')];
  const idr = unique(named.map(name => /\bidr\d{4}/i.exec(name)?.[0].toLowerCase()).filter(name => name !== undefined));
  const unusable = [...allSections(section)].flatMap(one =>
    valuesOf(one.attributes, 'file list').filter(name => listName(name) === undefined)
  );
  return [
    ...idr.map(
      name => say`These files came from the study ${name} of the Image Data Resource, which may show them as images.`
    ),
    ...unusable.map(() => say`A list of files has a name that cannot be asked for, and is left out.`)
  ];
}

/** A part as a dataset of the page. */
function datasetOf({ id, title, description, lists, direct }: IPart, place: IPlace): IDataset {
  const base = { id, title, ...(description === undefined ? {} : { description }) };
  if (lists.length > 0) {
    return base;
  }
  // Only what is listed in the study itself is counted here: reading every file list would delay the page.
  const { zarrs, convertible } = imagesAmong(direct);
  const sizes = direct.map(({ bytes }) => bytes);
  return {
    ...base,
    images: zarrs.length + convertible,
    viewable: zarrs.filter(zarr => canView(zarr, place)).length,
    files: direct.length,
    ...(sizes.includes(undefined) ? {} : { bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) })
  };
}

/** Keywords, one per attribute, or several in one with semicolons; a single one may be a list with commas. */
function keywordsOf(attributes: readonly IAttribute[]): string[] {
  const given = valuesOf(attributes, 'keyword', 'keywords').flatMap(value => value.split(/\s*;\s*/));
  const words = given.length === 1 ? given[0].split(/\s*,\s*/) : given;
  return unique(words.filter(word => word !== ''));
}

/** The page of a study out of its PageTab and of where its files lie. */
export function detailsOf(submission: ISubmission, place: IPlace, source: string): IStudyDetails {
  const { accession, attributes, section } = submission;
  const sections = [...allSections(section)];
  const own = section.attributes;
  const licence = own.find(({ name }) => /^licen[cs]e$/i.test(name));
  const known = licenceOf(licence?.value, licence?.qualifiers.get('url'));
  const people = peopleOf(sections);
  const datasets = partsOf(submission).map(part => datasetOf(part, place));
  const abstract = first(valuesOf(own, 'description')) ?? first(valuesOf(own, 'abstract'));
  const doi = firstOf(valuesOf(attributes, 'doi'), doiOf);
  const dates = [...valuesOf(attributes, 'releasedate'), ...valuesOf(own, 'releasedate', 'release date')];
  const released = firstOf(dates, dateOf) ?? place.released;
  return {
    source,
    accession,
    title: first([...valuesOf(attributes, 'title'), ...valuesOf(own, 'title')]) ?? accession,
    ...(abstract === undefined ? {} : { abstract, description: abstract }),
    ...countsOf(datasets, place),
    authors: people.map(({ name }) => name),
    ...(released === undefined ? {} : { released }),
    ...(known === undefined ? {} : { licence: known }),
    page: studyPage(accession),
    facets: facetValues({
      organism: organismsOf(sections),
      imaging_method: methodsOf(sections),
      year: [released?.slice(0, 4)],
      licence: [known?.text]
    }),
    people,
    ...(doi === undefined ? {} : { doi }),
    keywords: keywordsOf(own),
    publications: publicationsOf(sections),
    datasets,
    attributes: restOf(sections),
    notices: noticesOf(submission)
  };
}

/** Numbers of the whole study: images only where every part is counted, files as `/info` or the parts tell. */
function countsOf(
  datasets: readonly IDataset[],
  place: IPlace
): Pick<IStudyDetails, 'images' | 'viewable' | 'files' | 'bytes'> {
  const sum = (key: 'images' | 'viewable' | 'files' | 'bytes'): number | undefined =>
    datasets.length > 0 && datasets.every(one => one[key] !== undefined)
      ? datasets.reduce((total, one) => total + (one[key] ?? 0), 0)
      : undefined;
  const counts = {
    images: sum('images'),
    viewable: sum('viewable'),
    files: place.files ?? sum('files'),
    bytes: sum('bytes')
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined));
}

/** The page with what is known of its datasets by now. */
export function withCounts(
  details: IStudyDetails,
  known: ReadonlyMap<string, { images: number; viewable: number }>,
  place: IPlace
): IStudyDetails {
  const datasets = details.datasets.map(one => ({ ...one, ...known.get(one.id) }));
  return { ...details, datasets, ...countsOf(datasets, place) };
}
