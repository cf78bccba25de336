import type { Said } from '../../../core';
import type { IAuthor, IDataset, IPublication, IStudy, IStudyDetails } from '../../../entities';
import { imageStudyPage } from '../../accession';
import { doiOf, orcidOf } from '../../doi';
import { facetValues, HAS_OME_ZARR } from '../../facets';
import { dateOf, field, httpsOf, listOf, textOf, textsOf } from '../../fields';
import { licenceOf } from '../../licence';
import { plainOf, readAll } from './wire';
import type { IDatasetObject, IStudyObject } from './wire';

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** Sum of what is known of every part; `undefined` where a part does not say it. */
function sum(parts: readonly IDatasetObject[], key: 'images' | 'files' | 'bytes'): number | undefined {
  return parts.length > 0 && parts.every(one => one[key] !== undefined)
    ? parts.reduce((total, one) => total + (one[key] ?? 0), 0)
    : undefined;
}

/** A study as a list shows it: how many images it has, and how many of them the archive's own viewer shows. */
export function studyOf(study: IStudyObject, source: string): IStudy {
  const { accession, title, description, released, organisms, methods, datasets = [], nested } = study;
  const licence = licenceOf(study.licence);
  const authors = peopleOf(study.value).map(({ name }) => name);
  const images = sum(datasets, 'images') ?? nested?.length;
  // Some images open though nothing is recommended for them: none at all means that it is not known.
  const shown = nested?.filter(({ recommended }) => recommended !== undefined).length ?? 0;
  const viewable = images === 0 || shown > 0 ? shown : undefined;
  return {
    source,
    accession,
    title,
    ...(description === undefined ? {} : { description }),
    ...(images === undefined ? {} : { images }),
    ...(viewable === undefined ? {} : { viewable }),
    ...(authors.length === 0 ? {} : { authors }),
    ...(released === undefined ? {} : { released }),
    ...(licence === undefined ? {} : { licence }),
    page: imageStudyPage(accession),
    facets: facetValues({
      organism: organisms,
      imaging_method: methods,
      year: [released?.slice(0, 4)],
      licence: [licence?.text],
      ome_zarr: (viewable ?? 0) > 0 ? [HAS_OME_ZARR] : []
    })
  };
}

/** Authors in the order of the study; e-mail addresses are left where they are. */
function peopleOf(value: unknown): IAuthor[] {
  const people = readAll(field(value, 'author'), author => {
    const name = plainOf(field(author, 'display_name'));
    const orcid = orcidOf(field(author, 'orcid'));
    const places = readAll(field(author, 'affiliation'), place => plainOf(field(place, 'display_name')));
    return name === undefined
      ? undefined
      : {
          name,
          ...(orcid === undefined ? {} : { orcid }),
          ...(places.length === 0 ? {} : { affiliation: unique(places).join('; ') })
        };
  });
  return people.length > 0 ? people : textsOf(field(value, 'author_display_name')).map(name => ({ name }));
}

/** Papers about the study, as far as they are named. */
function publicationsOf(value: unknown): IPublication[] {
  return readAll(field(value, 'related_publication'), one => {
    const title = plainOf(field(one, 'title'));
    const doi = doiOf(field(one, 'doi'));
    const pubmed = /^\d+$/.exec(textOf(field(one, 'pubmed_id')) ?? '')?.[0];
    const year = dateOf(field(one, 'publication_year'));
    const known = {
      ...(title === undefined ? {} : { title }),
      ...(doi === undefined ? {} : { doi }),
      ...(pubmed === undefined ? {} : { pubmed }),
      ...(year === undefined ? {} : { year })
    };
    return Object.keys(known).length === 0 ? undefined : known;
  });
}

/** Names of the kinds of text that a study has beside its description. */
const TEXTS = { acknowledgement: 'Acknowledgement', funding_statement: 'Funding' } as const;

/** What else is worth reading: organisms, methods, texts, grants, links. */
function attributesOf(study: IStudyObject): IStudyDetails['attributes'] {
  const { value, organisms, methods } = study;
  const texts = Object.entries(TEXTS).flatMap(([key, name]) => {
    const text = plainOf(field(value, key));
    return text === undefined ? [] : [{ name, value: text }];
  });
  const grants = readAll(field(value, 'grant'), grant => {
    const funders = readAll(field(grant, 'funder'), funder => plainOf(field(funder, 'display_name')));
    const text = [...funders, plainOf(field(grant, 'id')) ?? ''].join(' ').trim();
    return text === '' ? undefined : { name: 'Grant', value: text };
  });
  const links = listOf(field(value, 'see_also')).flatMap(link => {
    const target = textOf(field(link, 'link'));
    const url = httpsOf(target);
    const name = plainOf(field(link, 'description')) ?? plainOf(field(link, 'link_type')) ?? 'Link';
    return target === undefined ? [] : [{ name, value: target, ...(url === undefined ? {} : { url }) }];
  });
  return [
    ...organisms.map(name => ({ name: 'Organism', value: name })),
    ...methods.map(name => ({ name: 'Imaging method', value: name })),
    ...texts,
    ...grants,
    ...links
  ];
}

/** A dataset as a study's page shows it; `viewable` is how many of its images can be viewed, where that is known. */
function datasetOf(
  { uuid, title, description, images, files, bytes }: IDatasetObject,
  viewable: number | undefined
): IDataset {
  return {
    id: uuid,
    title,
    ...(description === undefined ? {} : { description }),
    ...(images === undefined ? {} : { images }),
    ...(viewable === undefined ? {} : { viewable }),
    ...(files === undefined ? {} : { files }),
    ...(bytes === undefined ? {} : { bytes })
  };
}

/** The page of a study. `viewable` counts per dataset what can be viewed, absent where that could not be found out. */
export function detailsOf(
  study: IStudyObject,
  source: string,
  viewable: ReadonlyMap<string, number> | undefined,
  notices: readonly Said[]
): IStudyDetails {
  const datasets = study.datasets ?? [];
  const base = studyOf(study, source);
  const doi = doiOf(field(study.value, 'doi'));
  const files = sum(datasets, 'files');
  const bytes = sum(datasets, 'bytes');
  const shown = viewable === undefined ? base.viewable : [...viewable.values()].reduce((total, one) => total + one, 0);
  return {
    ...base,
    ...(shown === undefined ? {} : { viewable: shown }),
    ...(study.description === undefined ? {} : { abstract: study.description }),
    people: peopleOf(study.value),
    ...(doi === undefined ? {} : { doi }),
    keywords: unique(textsOf(field(study.value, 'keyword'))),
    publications: publicationsOf(study.value),
    datasets: datasets.map(one => {
      const own = one.nested?.filter(({ recommended }) => recommended !== undefined).length;
      return datasetOf(one, viewable === undefined ? own : (viewable.get(one.uuid) ?? 0));
    }),
    attributes: attributesOf(study),
    ...(files === undefined ? {} : { files }),
    ...(bytes === undefined ? {} : { bytes }),
    notices
  };
}
