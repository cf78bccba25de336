import { readFileSync } from 'node:fs';
import path from 'node:path';
import { memoryEnvironment } from '..';
import type { ICatalogueEnvironment, ICatalogueSource, IRelayAnswer, Relay, RelayQuery } from '..';
import { BioImageError, say } from '../../core';
import { parseTable } from '../csv';
import { IdrSource } from '../sources/idr/source';

/** Text of a recorded file. */
export function recorded(...parts: string[]): string {
  return readFileSync(path.resolve(process.cwd(), 'fixtures', 'recorded', ...parts), 'utf8');
}

export const json = (...parts: string[]): Record<string, unknown> =>
  JSON.parse(recorded('idr', ...parts)) as Record<string, unknown>;

const NEW = 'https://new.example';
const OLD = 'https://uk1s3.embassy.ebi.ac.uk';
export const REWRITES = [
  { from: `${OLD}/bia-integrator-data`, to: `${NEW}/bioimaging-integrator-data` },
  { from: `${OLD}/idr/zarr`, to: `${NEW}/idr/zarr` }
];

/** Rows in the shape of the table of samples; the real one may not be carried. */
export const SAMPLE_TABLE = [
  'OME-NGFF version,File Path,SizeX,SizeY,SizeZ,SizeC,SizeT,Axes,Wells,Fields,License,Study,DOI,Date added,Representative Image ID,Thumbnail',
  `0.1,${NEW}/idr/zarr/v0.1/6001240.zarr,271,275,236,2,1,XYZCT,,,CC BY 4.0,idr0062,,2020-11-04,6001240,`,
  `0.4,${NEW}/idr/zarr/v0.4/idr0062A/6001240.zarr,271,275,236,2,,XYZC,,,CC BY 4.0,idr0062,,2022-06-21,6001240,`,
  `0.4,${NEW}/idr/zarr/v0.4/idr0001A/2551.zarr,1376,1040,16,2,1,XYZC,96,6,CC BY 4.0,idr0001,,2022-07-06,1230059,`,
  `0.5,${NEW}/idr/zarr/v0.5/idr0010/76-45.ome.zarr,,520,1,2,1,XYZCT,384,1,CC BY 4.0,idr0010,,2024-11-21,1921421,`,
  `0.4,${NEW}/idr/zarr/v0.4/nowhere.zarr,1,1,1,1,1,XYZCT,,,CC BY 4.0,idr0062,,2024-11-21,,`,
  ''
].join('\n');

export interface IAsked {
  service: string;
  path: string;
  query: RelayQuery;
  body?: unknown;
}

interface IObject {
  '@id': number;
  Name?: string;
  [key: string]: unknown;
}

/** Containers as the JSON API lists them, from the recorded table of studies, and two projects without children. */
function containersOf(kind: 'project' | 'screen'): IObject[] {
  const rows = parseTable(recorded('idr', 'website', 'studies.tsv'), '\t').rows;
  const mine = rows.filter(row => row.Container.startsWith('screen') === (kind === 'screen'));
  const objects = mine.map(row => ({
    '@id': Number(row['Internal ID']),
    '@type': `http://www.openmicroscopy.org/Schemas/OME/2016-06#${kind === 'screen' ? 'Screen' : 'Project'}`,
    Name: `${row.Study}/${row.Container}`,
    'omero:childCount': Number(row.Sets)
  }));
  const empty = { '@id': 99_001, Name: 'idr0062-blin-nuclearsegmentation', 'omero:childCount': 0 };
  return kind === 'project' ? [...objects, empty, { ...empty, '@id': 99_002 }] : objects;
}

const annotationOf = (parentClass: string, id: number, values: unknown): unknown => ({
  id,
  ns: 'idr.openmicroscopy.org/study/info',
  link: { id: 1, parent: { id, class: parentClass, name: 'container' } },
  class: 'MapAnnotationI',
  values
});

/** Answers of IDR's services in their shapes, over recorded values; every request is noted. */
export class IdrWorld {
  readonly asked: IAsked[] = [];
  /** What to answer instead, by `<service>/<path>`: an object as JSON, a text as it is, an error as a rejection. */
  readonly instead = new Map<string, unknown>();
  /** Most items of a page of the JSON API. */
  maxLimit = 1000;
  hasMeta = true;
  readonly projects = containersOf('project');
  readonly screens = containersOf('screen');
  readonly annotations: unknown[] = [
    annotationOf('ScreenI', 102, json('omero', 'annotations_screen_102_values.json').values),
    annotationOf('ProjectI', 102, [['Study Title', 'A project with the number of a screen']]),
    annotationOf('ProjectI', this.numberOf('idr0062'), [
      ['Study Title', 'Nuclear segmentation'],
      ['Organism', 'Mus musculus'],
      ['Imaging Method', 'confocal microscopy'],
      ['Study Type', '3D'],
      ['License', 'CC BY 4.0 https://creativecommons.org/licenses/by/4.0/'],
      ['Publication Authors', 'Blin G, Sadurska D and Lowell S'],
      ['Data DOI', '10.17867/10000117 https://doi.org/10.17867/10000117'],
      ['Release Date', '2019-07-01'],
      ['BioStudies Accession', 'S-BIAD9 https://www.ebi.ac.uk/biostudies/studies/S-BIAD9'],
      ['External URL', 'www.example.org/<b>'],
      ['Odd', null]
    ])
  ];
  /** Objects of lists inside containers, by path. */
  readonly lists = new Map<string, IObject[]>();

  /** Number of the first container of a study. */
  numberOf(accession: string): number {
    const found = [...this.projects, ...this.screens].find(one => one.Name?.startsWith(accession));
    return found?.['@id'] ?? -1;
  }

  readonly relay: Relay = (service, place, { query = {}, body }, signal) => {
    signal.throwIfAborted();
    this.asked.push({ service, path: place, query, ...(body === undefined ? {} : { body }) });
    const key = `${service}/${place}`;
    const answer = this.instead.has(key) ? this.instead.get(key) : this.answer(service, place, query);
    if (answer instanceof Error) {
      return Promise.reject(answer);
    }
    if (answer === undefined) {
      return Promise.reject(new BioImageError('NOT_FOUND', say`There is nothing at this address.`));
    }
    const isText = typeof answer === 'string';
    const reply: IRelayAnswer = {
      bytes: new TextEncoder().encode(isText ? answer : JSON.stringify(answer)),
      type: isText ? 'text/html' : 'application/json',
      from: 'service'
    };
    return Promise.resolve(reply);
  };

  /** Paths asked for, in order. */
  get paths(): string[] {
    return this.asked.map(({ service, path: place }) => `${service}/${place}`);
  }

  environment(services = ['idr', 'idr-tables', 'ngff-samples']): ICatalogueEnvironment {
    return {
      ...memoryEnvironment([], {}),
      relay: this.relay,
      services: () => Promise.resolve(services),
      rewrites: () => Promise.resolve(REWRITES)
    };
  }

  source(services = ['idr', 'idr-tables', 'ngff-samples'], now?: () => number): IdrSource & ICatalogueSource {
    return new IdrSource(this.environment(services), services, now);
  }

  private answer(service: string, place: string, query: RelayQuery): unknown {
    if (service === 'idr-tables') {
      return recorded('idr', 'website', place.replace('_data/', ''));
    }
    if (service === 'ngff-samples') {
      return SAMPLE_TABLE;
    }
    const list = /^api\/v0\/m\/(.*)\/$/.exec(place)?.[1];
    if (list !== undefined) {
      const all = list === 'projects' ? this.projects : list === 'screens' ? this.screens : this.lists.get(list);
      return all === undefined ? undefined : this.page(all, query);
    }
    switch (place) {
      case 'webclient/api/annotations/':
        return this.annotationsOf(query);
      case 'searchengine/api/v1/resources/image/searchvalues/':
        return { data: [] };
      case 'searchengine/api/v1/resources/container_images/':
        return { Error: null, results: { results: this.counts() } };
      default:
        return undefined;
    }
  }

  private annotationsOf(query: RelayQuery): unknown {
    const limit = Number(query.limit);
    const start = (Number(query.page) - 1) * limit;
    return { annotations: this.annotations.slice(start, start + limit), experimenters: [] };
  }

  private page(all: readonly IObject[], query: RelayQuery): unknown {
    const limit = Math.min(Number(query.limit ?? 200), this.maxLimit);
    const offset = Number(query.offset ?? 0);
    const meta = { offset, limit, maxLimit: this.maxLimit, totalCount: all.length };
    return { data: all.slice(offset, offset + limit), ...(this.hasMeta ? { meta } : {}) };
  }

  private counts(): unknown[] {
    const { rows } = parseTable(recorded('idr', 'website', 'studies.tsv'), '\t');
    return rows.map(row => ({
      id: Number(row['Internal ID']),
      name: `${row.Study}/${row.Container}`,
      data_source: 'idr',
      type: row.Container.startsWith('screen') ? 'screen' : 'project',
      'image count': Number(row['5D Images'])
    }));
  }
}
