/* eslint-disable jupyter/no-untranslated-string -- titles of studies are data */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BioImageError, say } from '../../core';
import type { IStudy } from '../../entities';
import { memoryRelay } from '../memory';
import { BiaApi } from '../sources/bia/api';
import { BiaSearch } from '../sources/bia/search';
import { BiaSource } from '../sources/bia/source';
import { reading } from '../../testing/reading';

const recorded = (...name: string[]): Record<string, unknown> => {
  const file = path.resolve('fixtures', 'recorded', 'bia-search', ...name);
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
};
const { signal } = new AbortController();
const uuid = (at: number): string => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;

function make(answers: Record<string, unknown>): { source: BiaSource; asked: string[] } {
  const { relay, asked } = memoryRelay(answers);
  return { source: new BiaSource(new BiaApi(relay), new BiaSearch(relay), () => Promise.resolve([])), asked };
}

/** What a search makes of documents. */
async function found(documents: readonly unknown[], more: object = {}): Promise<readonly IStudy[]> {
  const hits = { total: { value: documents.length, relation: 'eq' }, hits: documents.map(one => ({ _source: one })) };
  const { source } = make({ 'bia-search/website/browse/study': { hits, ...more } });
  return (await source.search({ text: 'x' }, signal)).items;
}
const study = {
  uuid: uuid(1),
  accession_id: 'S-BIAD1',
  title: 'T',
  licence: 'https://creativecommons.org/licenses/by/4.0/'
};

describe('a search document of the BioImage Archive', () => {
  it('costs a field where the field is odd, and itself only without a name', async () => {
    const odd = [null, 7, 'text', [], {}, { nested: [null] }];
    for (const value of odd) {
      const document = {
        ...study,
        title: value,
        author: value,
        dataset: [value, { uuid: uuid(2), image_count: value, image: [value], acquisition_process: value }],
        release_date: value,
        keyword: value
      };
      const items = await found([document]);
      expect(items).toHaveLength(1);
      expect(items[0].accession).toBe('S-BIAD1');
      expect(items[0].title).toBe(typeof value === 'number' || typeof value === 'string' ? String(value) : 'S-BIAD1');
    }
    expect(await found([{ ...study, accession_id: null }, { ...study, uuid: 'x' }, null, study, study])).toHaveLength(
      1
    );
  });

  it('counts what it knows: images of all datasets, and those that the archive’s viewer shows', async () => {
    const image = (at: number, recommended: boolean): unknown => ({
      uuid: uuid(at),
      submission_dataset_uuid: uuid(2),
      additional_metadata: recommended
        ? [{ name: 'recommended_vizarr_representation', value: { recommended_vizarr_representation: uuid(at + 100) } }]
        : []
    });
    const dataset = (count: unknown, image_: unknown): unknown => ({
      uuid: uuid(2),
      image_count: count,
      image: image_
    });
    const of = async (...datasets: unknown[]): Promise<unknown> => {
      const [{ images, viewable, facets = {} }] = await found([{ ...study, dataset: datasets }]);
      return [images, viewable, facets.ome_zarr];
    };
    expect(await of(dataset(3, [image(1, true), image(2, true), image(3, false)]))).toEqual([3, 2, ['yes']]);
    // Nothing is recommended, which is not to say that nothing opens.
    expect(await of(dataset(1, [image(1, false)]))).toEqual([1, undefined, undefined]);
    expect(await of(dataset(0, []))).toEqual([0, 0, undefined]);
    expect(await of(dataset(4, undefined), dataset('2', undefined))).toEqual([6, undefined, undefined]);
    expect(await of(dataset(4, undefined), dataset(null, undefined))).toEqual([undefined, undefined, undefined]);
  });

  it('made by the archive’s developers is read whole, and opens without the API', async () => {
    const made = (name: string): unknown[] => Object.values(recorded('export-test', name));
    const studies = made('bia-study-metadata.json');
    const [item] = await found(studies);
    expect(item).toMatchObject({
      accession: 'S-BIADTEST',
      images: 2,
      licence: { text: 'CC0 1.0' },
      facets: { organism: ['Homo sapiens', 'Mus musculus'], imaging_method: ['confocal microscopy'] }
    });
    const hits = (documents: unknown[]): unknown => ({
      hits: { total: { value: documents.length }, hits: documents.map(one => ({ _source: one })) }
    });
    const { relay } = memoryRelay({
      'bia-search/website/browse/study': hits(studies),
      'bia-search/website/image': hits(made('bia-image-metadata.json'))
    });
    const source = new BiaSource(undefined, new BiaSearch(relay), () => Promise.resolve([]));
    const details = await source.study('S-BIADTEST', signal);
    expect(details.datasets).toHaveLength(3);
    expect(details.people.map(({ name }) => name)).toEqual(item.authors);
    const { items, total } = await source.images('S-BIADTEST', { text: '' }, signal);
    expect([items.length, total]).toEqual([2, 2]);
    expect(items.every(({ viewable, reason }) => !viewable && reason !== undefined)).toBe(true);
  });

  it('leads to the archive’s own page of the study', async () => {
    const [own, empiar] = await found([study, { ...study, accession_id: 'EMPIAR-10326' }]);
    expect(own.page).toBe('https://www.ebi.ac.uk/biostudies/bioimages/studies/S-BIAD1');
    expect(empiar.page).toBe('https://www.ebi.ac.uk/empiar/EMPIAR-10326/');
  });

  it('of the flat kind is read as well', async () => {
    const [flat] = await found([
      {
        ...study,
        organism_scientific_name: ['Homo sapiens'],
        imaging_method: ['TIRF'],
        author_display_name: ['A', 'B'],
        image: []
      }
    ]);
    expect(flat).toMatchObject({
      authors: ['A', 'B'],
      facets: { organism: ['Homo sapiens'], imaging_method: ['TIRF'] }
    });
  });

  it.each([['[]'], ['{}'], ['{"hits": []}'], ['null'], ['<html>']])('is no document in the answer %j', async answer => {
    const { source } = make({ 'bia-search/website/browse/study': answer });
    await expect(source.search({ text: 'x' }, signal)).rejects.toMatchObject({ code: 'CATALOGUE_BAD' });
  });
});

describe('facets of the BioImage Archive', () => {
  const buckets = (...keys: [string, number][]): unknown => ({
    buckets: keys.map(([key, doc_count]) => ({ key, doc_count }))
  });
  const facets = {
    scientific_name: { filtered: { inner: buckets(['mus musculus', 2], ['homo sapiens', 3], ['', 9], ['none', 0]) } },
    imaging_method: { ...(buckets(['spinning disk', 1]) as object), sum_other_doc_count: 5 },
    licence: buckets(
      ['https://creativecommons.org/licenses/by/4.0/', 2],
      ['https://creativecommons.org/licenses/by/4.0/legalcode', 1]
    ),
    release_date: {
      buckets: [
        { key: 1, key_as_string: '2024-01-01T00:00:00.000Z', doc_count: 3 },
        { key: 2, doc_count: 1 }
      ]
    },
    annotation_method: 'odd'
  };

  it('are spelled as documents spell them, merged where they mean the same, and turned back for a filter', async () => {
    const hits = { total: { value: 0, relation: 'eq' }, hits: [] };
    const { source, asked } = make({ 'bia-search/website/browse/study': { hits, facets } });
    const page = await source.search({ text: 'x' }, signal);
    expect(
      page.facets?.map(({ id, values, exact }) => [id, exact, values.map(({ value, count }) => `${value} ${count}`)])
    ).toEqual([
      ['organism', true, ['Homo sapiens 3', 'Mus musculus 2']],
      ['imaging_method', false, ['spinning disk 1']],
      ['year', true, ['2024 3']],
      ['licence', true, ['CC BY 4.0 3']]
    ]);
    await source.search({ text: '', filters: { licence: ['CC BY 4.0'], gene: ['ade8'] } }, signal);
    const { searchParams } = new URL(`https://a.example/${asked.at(-1)}`);
    expect(searchParams.getAll('facet.licence')).toEqual([
      'https://creativecommons.org/licenses/by/4.0/',
      'https://creativecommons.org/licenses/by/4.0/legalcode'
    ]);
    expect([...searchParams.keys()].filter(name => name.includes('gene'))).toEqual([]);
  });
});

describe('a list of the API', () => {
  it('that never moves on ends', async () => {
    const same = Array.from({ length: 2 }, () => ({ uuid: uuid(1), file_path: 'a.tif' }));
    const { source, asked } = make({
      'bia/search/study/accession': study,
      [`bia/study/${uuid(1)}/dataset`]: [{ uuid: uuid(2), submitted_in_study_uuid: uuid(1), title: 'D' }],
      [`bia/dataset/${uuid(2)}/file_reference`]: same,
      [`bia/dataset/${uuid(2)}/image`]: []
    });
    let cursor: string | undefined;
    let pages = 0;
    do {
      ({ cursor } = await source.files('S-BIAD1', { text: '', limit: 2, cursor }, signal));
    } while (cursor !== undefined && ++pages < 20);
    expect(pages).toBeLessThan(3);
    expect(asked.filter(one => one.includes('file_reference')).length).toBeLessThan(4);
  });

  it('of something else is a bad answer, and costs the study no more than that list', async () => {
    const { source } = make({
      'bia/search/study/accession': study,
      [`bia/study/${uuid(1)}/dataset`]: [{ uuid: uuid(2), title: 'D' }, { title: 'without a uuid' }],
      [`bia/dataset/${uuid(2)}/image`]: { detail: 'odd' },
      [`bia/dataset/${uuid(2)}/stats`]: { image_count: 'many', file_reference_count: 5 }
    });
    const details = await source.study('S-BIAD1', signal);
    expect(details.datasets).toEqual([{ id: uuid(2), title: 'D', files: 5 }]);
    expect(details.notices.map(String)).toEqual([reading('may be viewable')]);
    await expect(source.images('S-BIAD1', { text: '' }, signal)).rejects.toMatchObject({ code: 'CATALOGUE_BAD' });
  });
});

describe('files of the BioImage Archive', () => {
  it('have addresses that were never encoded, which are put right', async () => {
    const file = (at: number, uri: unknown): unknown => ({
      uuid: uuid(at),
      file_path: `f${at}`,
      uri,
      size_in_bytes: '12'
    });
    const root = 'https://www.ebi.ac.uk/biostudies/files/S-BIAD1';
    const { source } = make({
      'bia/search/study/accession': study,
      [`bia/study/${uuid(1)}/dataset`]: [{ uuid: uuid(2), title: 'D' }],
      [`bia/dataset/${uuid(2)}/file_reference`]: [
        file(1, `${root}/a b/c#1.tif`),
        file(2, `${root}/50%.tif`),
        file(3, `${root}/a%20b?.tif`),
        file(4, 'ftp://a.example/x'),
        file(5, null)
      ]
    });
    const { items } = await source.files('S-BIAD1', { text: '', limit: 10 }, signal);
    expect(items.map(({ uri }) => uri)).toEqual([
      `${root}/a%20b/c%231.tif`,
      `${root}/50%25.tif`,
      `${root}/a%20b%3F.tif`,
      undefined,
      undefined
    ]);
    expect(items.every(({ bytes }) => bytes === 12)).toBe(true);
  });
});

describe('what the BioImage Archive recognises', () => {
  it.each([
    [`https://www.bioimagearchive.org/bioimage-archive/image/${uuid(7)}`, { kind: 'image', id: uuid(7) }],
    [
      `https://alpha.bioimagearchive.org/bioimage-archive/image/${uuid(7).toUpperCase()}/?x=1`,
      { kind: 'image', id: uuid(7) }
    ],
    ['S-BIAD7', { kind: 'study', accession: 'S-BIAD7' }],
    ['EMPIAR-10326', { kind: 'study', accession: 'EMPIAR-10326' }],
    ['S-EPMC3372839', null],
    [uuid(7), null],
    [`https://evil.example/image/${uuid(7)}`, null]
  ])('in %s is %j', (text, expected) => {
    expect(make({}).source.recognise(text)).toEqual(expected);
  });
});

describe('a failure of the search', () => {
  it('is handed on as it is, and changes nothing for the next question', async () => {
    const down = new BioImageError('UPSTREAM_DOWN', say`down`);
    const { source, asked } = make({ 'bia-search/website/browse/study': down });
    await expect(source.search({ text: 'x' }, signal)).rejects.toBe(down);
    await expect(source.search({ text: 'x' }, signal)).rejects.toBe(down);
    expect(asked.every(one => one.startsWith('bia-search/website/browse/study'))).toBe(true);
  });
});
