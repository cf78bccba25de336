/* eslint-disable jupyter/no-untranslated-string -- titles of studies are data */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { IImageRecord, IPage, IQuery } from '../../entities';
import { sharedPath } from '../../testing';
import { memoryRelay } from '../memory';
import { BioStudiesSource } from '../sources/biostudies/source';

const RECORDED = path.resolve('fixtures', 'recorded', 'biostudies');
const { signal } = new AbortController();

/** Files of a folder of recorded answers, and of the same folder in the collection beside the project. */
function recordedStudies(): Map<string, string> {
  const folders = [sharedPath('fixtures', 'recorded', 'biostudies', 'studies'), path.join(RECORDED, 'studies')];
  return new Map(
    folders
      .filter(folder => folder !== null)
      .flatMap(folder => readdirSync(folder).map(name => [name.replace('.json', ''), path.join(folder, name)]))
  );
}

const STUDIES = recordedStudies();
const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8')) as unknown;
const fileList = (name: string): unknown => json(path.join(RECORDED, 'file-lists', 'S-BIAD1492', name));

/** Every recorded answer under the address at which the service gives it. */
function recorded(): Record<string, unknown> {
  return {
    ...Object.fromEntries(
      [...STUDIES].map(([accession, file]) => [`biostudies/api/v1/studies/${accession}`, json(file)])
    ),
    'biostudies/files/S-BIAD1492/bbc024_images.json': fileList('bbc024_images.json'),
    'biostudies/files/S-BIAD1492/bbc024_masks.json': fileList('bbc024_masks.json')
  };
}

const make = (answers: Record<string, unknown>): { source: BioStudiesSource; asked: string[] } => {
  const { relay, asked } = memoryRelay(answers);
  return { source: new BioStudiesSource(relay), asked };
};

async function pages<T>(ask: (query: IQuery) => Promise<IPage<T>>, query: IQuery): Promise<IPage<T>[]> {
  const found: IPage<T>[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ ...query, cursor });
    found.push(page);
    ({ cursor } = page);
  } while (cursor !== undefined && found.length < 1000);
  return found;
}

const allImages = async (
  source: BioStudiesSource,
  accession: string,
  query: Partial<IQuery> = {}
): Promise<IImageRecord[]> =>
  (await pages(one => source.images(accession, one, signal), { text: '', limit: 7, ...query })).flatMap(
    ({ items }) => items
  );

/** Rows of the counts made from the raw files: accession → images, viewable, and what the note says. */
function expectedCounts(): Map<
  string,
  { images: number; viewable: number; datasets: number; recorded: number; lists: number }
> {
  const lines = readFileSync(path.resolve('fixtures', 'recorded-counts.tsv'), 'utf8').split('\n');
  return new Map(
    lines
      .map(line => line.split('\t'))
      .filter(([source]) => source === 'biostudies')
      .map(([, accession, images, viewable, , note]) => {
        const noted = (name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(note)?.[1]);
        const counts = { datasets: noted('datasets'), recorded: noted('recorded'), lists: noted('filelists') };
        return [accession, { images: Number(images), viewable: Number(viewable), ...counts }];
      })
  );
}

describe('recorded studies of BioStudies', () => {
  const table: string[] = [];
  afterAll(() => {
    process.stdout.write(`study\timages\tviewable\tdatasets\tlists read of named\n${table.join('\n')}\n`);
  });

  for (const [accession, counts] of expectedCounts()) {
    const known = STUDIES.has(accession) ? it : it.skip;
    known(`${accession} loads whole, with as many images as its files hold`, async () => {
      const { source } = make(recorded());
      const details = await source.study(accession, signal);
      expect(details.title).not.toBe(accession);
      expect(details.datasets).toHaveLength(counts.datasets);
      expect(new Set(details.datasets.map(({ id }) => id)).size).toBe(counts.datasets);
      // S-BIAD1261 names its author by an e-mail address alone, which is not shown.
      expect(details.people.length > 0).toBe(accession !== 'S-BIAD1261');
      expect(details.abstract).toBeDefined();
      expect(details.released).toMatch(/^\d{4}-\d\d-\d\d$/);
      const images = counts.recorded === 0 && counts.lists > 0 ? [] : await allImages(source, accession);
      const viewable = images.filter(image => image.viewable).length;
      table.push(
        [accession, images.length, viewable, details.datasets.length, `${counts.recorded} of ${counts.lists}`].join(
          '\t'
        )
      );
      expect([images.length, viewable]).toEqual([counts.images, counts.viewable]);
      expect(new Set(images.map(({ id }) => id)).size).toBe(images.length);
    });
  }
});

describe('the page of a study', () => {
  it('shows what PageTab says in its many ways', async () => {
    const { source } = make(recorded());
    const details = await source.study('S-BIAD1492', signal);
    expect(details).toMatchObject({
      source: 'biostudies',
      accession: 'S-BIAD1492',
      title: 'Synthetic images and segmentation masks simulating HL-60 cell nucleus in 3D',
      released: '2024-11-26',
      doi: '10.1101/2023.12.07.570699',
      licence: { text: 'CC BY 3.0', url: 'https://creativecommons.org/licenses/by/3.0/' },
      keywords: ['segmentation', 'synthetic data', 'nucleus'],
      page: 'https://www.ebi.ac.uk/biostudies/studies/S-BIAD1492',
      facets: { year: ['2024'], organism: ['simulated data'], imaging_method: ['simulated fluorescence microscopy'] }
    });
    expect(details.people.at(-1)).toEqual({
      name: 'Teresa Zulueta-Coarasa',
      orcid: '0000-0002-0456-6912',
      affiliation: 'European Bioinformatics Institute'
    });
    expect(details.publications).toEqual([
      {
        title: 'Generation of digital phantoms of cell nuclei and simulation of image formation in 3D image cytometry',
        doi: '10.1002/cyto.a.20714',
        year: '2009'
      }
    ]);
    expect(details.datasets.map(({ id, title }) => [id, title])).toEqual([
      ['Annotations-1', 'Ground truth segmentation masks'],
      ['Study Component-1', 'Simulated fluorescence images']
    ]);
    expect(details.attributes).toContainEqual({
      name: 'A link to an EMPIAR entry',
      value: 'EMPIAR-11380',
      url: 'https://www.ebi.ac.uk/empiar/EMPIAR-11380/'
    });
    expect(JSON.stringify(details)).not.toContain('@');
  });
});
