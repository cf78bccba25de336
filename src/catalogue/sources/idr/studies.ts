import type { Said } from '../../../core';
import type { FacetValues, IAuthor, IDataset, IPublication, IStudy, IStudyDetails } from '../../../entities';
import { doiOf } from '../../doi';
import { facetValues, HAS_OME_ZARR } from '../../facets';
import { dateOf, httpsOf, textOf } from '../../fields';
import { licenceOf } from '../../licence';
import { containerKey, shortName } from './containers';
import type { IContainer } from './containers';
import { STUDY_KEYS } from './keys';
import { studyPage } from './names';
import { withoutUndefined } from './omit';
import type { IDownload } from './tables';

/** Id of IDR as a source; its records name it. */
export const SOURCE = 'idr';

/** A study with what it was made of. */
export interface IIdrStudy {
  readonly item: IStudy;
  readonly containers: readonly IContainer[];
  readonly download?: IDownload;
  /** How many plates can be viewed, as far as the tables know. */
  readonly plates: number;
  /** What it is found by. */
  readonly words: string;
}

/** Headings in a container's description after which its own text begins. */
const HEADING = /\b(?:Study|Screen|Experiment|Project) Description\b:?/;
const HISTORY = /\bVersion History\b/;

/** Keys that have a field of their own on the page of a study; all the others are shown as they are. */
const OWN_FIELDS: readonly string[] = [
  'Study Title',
  'Publication Title',
  'Publication Authors',
  'Publication DOI',
  'PubMed ID',
  'License',
  'Release Date',
  'Data DOI'
];

/** A value holds a text and an address in one: `PMC4142622 https://…`. */
function withAddress(value: string): { value: string; url?: string } {
  const [, text, address] = /^(.*?)\s*\b(https?:\/\/\S+)$/s.exec(value) ?? [];
  const url = httpsOf(address);
  return url === undefined ? { value } : { value: text === '' ? url : text, url };
}

/** Values of a key over all containers of a study, each once. */
function valuesOf(containers: readonly IContainer[], key: string): string[] {
  const values = containers.flatMap(one => one.values.filter(([name]) => name === key).map(([, value]) => value));
  return [...new Set(values)];
}

/** `Hériché JK, Lees JG` → names; some lists are separated by semicolons or `and`. */
function peopleOf(containers: readonly IContainer[]): IAuthor[] {
  const names = valuesOf(containers, 'Publication Authors').flatMap(list => list.split(/[,;]|\s(?:and|&)\s/));
  return [...new Set(names.map(name => name.trim()).filter(name => name !== ''))].map(name => ({ name }));
}

/** What a container says about itself, without the title it repeats and the history of its upload. */
function abstractOf(description: string | undefined): string | undefined {
  if (description === undefined) {
    return undefined;
  }
  const heading = HEADING.exec(description);
  const text = heading === null ? description : description.slice(heading.index + heading[0].length);
  const end = HISTORY.exec(text)?.index ?? text.length;
  return text.slice(0, end).trim() || undefined;
}

/** A sum over containers; unknown where none of them says. */
function sumOf(containers: readonly IContainer[], field: 'images' | 'bytes'): number | undefined {
  const known = containers.map(one => one[field]).filter(value => value !== undefined);
  const sum = known.reduce((total, value) => total + value, 0);
  return known.length === 0 || !Number.isSafeInteger(sum) ? undefined : sum;
}

function facetsOf(
  containers: readonly IContainer[],
  licence: string | undefined,
  year: string | undefined,
  zarr: boolean
): FacetValues {
  return facetValues({
    organism: valuesOf(containers, STUDY_KEYS.organism),
    imaging_method: valuesOf(containers, STUDY_KEYS.imaging_method),
    study_type: valuesOf(containers, STUDY_KEYS.study_type),
    licence: [licence],
    year: [year],
    ome_zarr: [zarr ? HAS_OME_ZARR : undefined]
  });
}

/**
 * A study as a list shows it. `viewable` counts the images and the plates whose OME-Zarr is known, absent where no table
 * said so; `thumbnail` is the address of one of the images.
 */
export function studyOf(
  accession: string,
  containers: readonly IContainer[],
  known: { download?: IDownload; viewable?: { images: number; plates: number }; thumbnail?: string }
): IIdrStudy {
  const { images = 0, plates = 0 } = known.viewable ?? {};
  const first = (key: string): string | undefined => valuesOf(containers, key).at(0);
  const released = dateOf(first('Release Date'));
  const licence = licenceOf(first('License'));
  const title = first('Study Title') ?? first('Publication Title') ?? containers[0].name;
  const people = peopleOf(containers);
  const description = containers.map(one => abstractOf(one.description)).find(text => text !== undefined);
  const item: IStudy = {
    source: SOURCE,
    accession,
    title,
    description,
    images: sumOf(containers, 'images'),
    // A plate has many of the images that are counted beside it, and nobody says how many.
    viewable: plates > 0 ? undefined : known.viewable?.images,
    authors: people.map(({ name }) => name),
    released,
    licence,
    thumbnail: known.thumbnail,
    page: studyPage(accession),
    facets: facetsOf(containers, licence?.text, released?.slice(0, 4), images + plates > 0)
  };
  const said = containers.flatMap(({ name, values }) => [
    name,
    // Names of files match what nobody means.
    ...values.filter(([key]) => key !== 'Annotation File').map(([, value]) => value)
  ]);
  const words = [...new Set([accession, title, description ?? '', licence?.text ?? '', ...said])].join(' ');
  return {
    item: withoutUndefined(item),
    containers,
    words,
    plates,
    ...(known.download === undefined ? {} : { download: known.download })
  };
}

function publicationOf(containers: readonly IContainer[]): IPublication[] {
  const first = (key: string): string | undefined => valuesOf(containers, key).at(0);
  const publication = withoutUndefined({
    title: first('Publication Title'),
    doi: doiOf(first('Publication DOI')),
    pubmed: /^\d{1,9}\b/.exec(first('PubMed ID') ?? '')?.[0]
  });
  return Object.keys(publication).length === 0 ? [] : [publication];
}

/** A container as a part of its study. */
export function datasetOf(container: IContainer): IDataset {
  const { kind, id, name, description, images, bytes, children } = container;
  const plates =
    kind === 'screen' && children !== undefined ? `${children} ${children === 1 ? 'plate' : 'plates'}. ` : '';
  const text = textOf(`${plates}${abstractOf(description) ?? ''}`);
  return withoutUndefined({
    id: containerKey(kind, id),
    title: shortName(name),
    description: text,
    images,
    bytes
  });
}

function attributesOf({ containers, download, plates }: IIdrStudy): IStudyDetails['attributes'] {
  const keys = [...new Set(containers.flatMap(({ values }) => values.map(([key]) => key)))];
  const annotated = keys
    .filter(key => !OWN_FIELDS.includes(key))
    .flatMap(name => valuesOf(containers, name).map(value => ({ name, ...withAddress(value) })));
  const links = [
    { name: 'Download', url: download?.folder },
    { name: 'Also in', url: download?.page }
  ].flatMap(({ name, url }) => (url === undefined ? [] : [{ name, value: url, url }]));
  const viewable = plates === 0 ? [] : [{ name: 'Plates that can be viewed', value: String(plates) }];
  return [...viewable, ...annotated, ...links];
}

/** The page of a study. `datasets` are its parts, `notices` what could not be read. */
export function detailsOf(study: IIdrStudy, datasets: readonly IDataset[], notices: readonly Said[]): IStudyDetails {
  const { item, containers } = study;
  return withoutUndefined({
    ...item,
    abstract: item.description,
    people: peopleOf(containers),
    doi: doiOf(valuesOf(containers, 'Data DOI').at(0)) ?? undefined,
    keywords: [],
    publications: publicationOf(containers),
    datasets,
    attributes: attributesOf(study),
    bytes: sumOf(containers, 'bytes'),
    notices
  });
}

/** The bare DOI of a study's data. */
export function dataDoiOf({ containers }: IIdrStudy): string | undefined {
  return doiOf(valuesOf(containers, 'Data DOI').at(0));
}
