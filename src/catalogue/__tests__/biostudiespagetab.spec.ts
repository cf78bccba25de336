/* eslint-disable jupyter/no-untranslated-string -- titles of studies are data */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { IStudyDetails } from '../../entities';
import { BioImageError, say } from '../../core';
import { memoryRelay } from '../memory';
import { BioStudiesSource } from '../sources/biostudies/source';
import { reading } from '../../testing/reading';

const { signal } = new AbortController();
const MADE = path.resolve('fixtures', 'recorded', 'biostudies', 'made-by-project');
const made = (...name: string[]): unknown => JSON.parse(readFileSync(path.join(MADE, ...name), 'utf8')) as unknown;

function make(answers: Record<string, unknown>): { source: BioStudiesSource; asked: string[] } {
  const { relay, asked } = memoryRelay(answers);
  return { source: new BioStudiesSource(relay), asked };
}

/** The page of a study whose section is given. */
function pageOf(section: unknown, more: Record<string, unknown> = {}): Promise<IStudyDetails> {
  const study = { accno: 'S-BIAD1', type: 'submission', section, ...more };
  return make({ 'biostudies/api/v1/studies/S-BIAD1': study }).source.study('S-BIAD1', signal);
}
const attribute = (name: string, value?: unknown, more: object = {}): unknown => ({ name, value, ...more });

describe('PageTab', () => {
  it('made by the archive’s developers is read whole', async () => {
    const { source } = make({
      'biostudies/api/v1/studies/S-BIADTEST': made('biad_v4', 'S-BIADTEST.json'),
      'biostudies/api/v1/studies/S-BIADTEST/info': made('biad_v4', 'S-BIADTEST_INFO.json'),
      'biostudies/files/S-BIADTEST/file_list_study_component_1.json': made(
        'biad_v4',
        'file_list_study_component_1.json'
      ),
      'biostudies/files/S-BIADTEST/file_list_study_component_2.json': made(
        'biad_v4',
        'file_list_study_component_2.json'
      )
    });
    const details = await source.study('S-BIADTEST', signal);
    expect(details.files).toBe(7);
    expect(details.datasets.length).toBeGreaterThan(2);
    expect(details.licence?.text).toBe('CC0 1.0');
    expect(details.people[0]).toMatchObject({ name: 'Test Author1', affiliation: expect.any(String) as string });
    expect(details.facets?.organism).toEqual(expect.arrayContaining(['Homo sapiens', 'Mus musculus']));
    const page = await source.images('S-BIADTEST', { text: '' }, signal);
    expect(page.items.length).toBeGreaterThan(0);
    // Lists that were not given here cost themselves, and the page says so.
    expect(page).toMatchObject({
      exact: false,
      notices: expect.arrayContaining([reading('could not be read')]) as unknown
    });
  });

  it('with files listed directly counts them on the page', async () => {
    const { source, asked } = make({
      'biostudies/api/v1/studies/S-BSSTTEST': made('default_biostudies', 'S-BSSTTEST_files_direct.json')
    });
    const details = await source.study('S-BSSTTEST', signal);
    expect(details).toMatchObject({ images: 2, viewable: 0, files: 3, bytes: 3 * 1222831936 });
    expect(details.attributes).toContainEqual({
      name: 'Test link',
      value: 'https://www.testLink.com',
      url: 'https://www.testlink.com/'
    });
    expect(details.people.map(({ affiliation }) => affiliation)).toEqual([
      'Test organisation 1; Test organisation 2',
      'Test organisation 1'
    ]);
    expect((await source.images('S-BSSTTEST', { text: '' }, signal)).items.map(({ format }) => format)).toEqual([
      'czi',
      'czi'
    ]);
    expect(asked).toHaveLength(2);
  });

  it('has lists whose entries are objects, or arrays of objects, however deep', async () => {
    const details = await pageOf({
      type: 'Study',
      subsections: [
        [
          { type: 'Author', attributes: [attribute('Name', 'A')] },
          [{ type: 'author', attributes: [attribute('name', 'B')] }]
        ],
        { type: 'AUTHORS', attributes: [[attribute('Name', 'C')]] },
        null,
        'odd',
        [[]]
      ],
      links: [[{ url: '10.1000/182' }], { url: 'EMPIAR-1234' }, { url: null }, { url: 'javascript:alert(1)' }],
      files: [
        [{ path: 'a.tif', size: '12' }],
        { path: 'b.tif', size: 'unknown' },
        { size: 3 },
        { path: '../c.tif' },
        { path: 'half \ud800.tif' },
        { path: 7 }
      ]
    });
    expect(details.people.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
    expect(details.attributes).toEqual([
      { name: 'Link', value: '10.1000/182', url: 'https://doi.org/10.1000/182' },
      { name: 'Link', value: 'EMPIAR-1234', url: 'https://www.ebi.ac.uk/empiar/EMPIAR-1234/' },
      { name: 'Link', value: 'javascript:alert(1)' }
    ]);
    expect(details.datasets).toEqual([
      { id: 'study-1', title: 'Files of the study', images: 2, viewable: 2, files: 2 }
    ]);
  });

  it('spells types of sections in many ways, repeats attributes, and leaves values out', async () => {
    const details = await pageOf(
      {
        type: 'STUDY',
        attributes: [
          attribute('TITLE', 'Second title'),
          attribute('Description', null),
          attribute('Abstract', 'What it is about'),
          attribute('Organism', 'Mus musculus (mouse)'),
          attribute('Organism', 'Danio rerio'),
          attribute('Organism'),
          attribute('License', 'CC-BY 4.0', { valqual: [[{ name: 'URL', value: 'http://a.example/' }], null] }),
          attribute('Keywords', 'one; two;; one'),
          attribute('Strain', 'C3H'),
          attribute('Strain', 'C3H')
        ],
        subsections: [
          { type: 'organisation', accno: 'o1', attributes: [attribute('Name', 'Here')] },
          { type: 'Organization', accno: 'o2', attributes: [attribute('Name', 'There')] },
          {
            type: 'author',
            attributes: [
              attribute('Name', 'A'),
              attribute('E-mail', 'a@example.org'),
              attribute('ORCID', 'https://orcid.org/0000-0002-1825-0097'),
              attribute('Affiliation', 'o2', { reference: true }),
              attribute('affiliation', 'o9', { reference: true }),
              attribute('affiliation', 'Somewhere')
            ]
          },
          {
            type: 'Image Acquisition',
            subsections: [{ type: 'imaging method', attributes: [attribute('Ontology Value', 'TIRF')] }]
          },
          {
            type: 'Image acquisition',
            attributes: [attribute('Imaging method', 'TIRF'), attribute('Imaging Method', 'FRAP')]
          },
          {
            type: 'Publication',
            attributes: [attribute('DOI', 'https://doi.org/DOI: 10.26508/lsa.1'), attribute('Year', '2009?')]
          },
          { type: 'Publication', attributes: [attribute('Pubmed ID', 'unknown')] },
          { type: 'Funding', attributes: [attribute('Agency', 'NIH'), attribute('grant_id', 'X1')] }
        ]
      },
      { attributes: [attribute('ReleaseDate', 'soon'), attribute('DOI', 'doi:10.6019/S-BIAD1')] }
    );
    expect(details).toMatchObject({
      title: 'Second title',
      abstract: 'What it is about',
      doi: '10.6019/S-BIAD1',
      licence: { text: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
      keywords: ['one', 'two'],
      people: [{ name: 'A', orcid: '0000-0002-1825-0097', affiliation: 'There; Somewhere' }],
      publications: [{ doi: '10.26508/lsa.1', year: '2009' }],
      facets: { organism: ['Mus musculus', 'Danio rerio'], imaging_method: ['TIRF', 'FRAP'], licence: ['CC BY 4.0'] }
    });
    expect(details.released).toBeUndefined();
    expect(details.attributes.filter(({ name }) => name === 'Strain')).toHaveLength(1);
    expect(details.attributes).toContainEqual({ name: 'Funding', value: 'NIH X1' });
    expect(JSON.stringify(details)).not.toContain('example.org');
  });

  it('whose files came from IDR says so', async () => {
    const details = await pageOf(
      { type: 'Study' },
      { attributes: [attribute('RootPath', 'idr0079'), attribute('Title', 'T')] }
    );
    expect(details.notices.map(String)).toContainEqual(reading('idr0079'));
    const [other] = (await pageOf({ type: 'Study' }, { attributes: [attribute('RootPath', 'S-IMDR0067')] })).notices;
    expect(other).not.toContain('IMDR');
  });

  it('that names file lists outside the study’s own files never asks for them', async () => {
    const part = (name: unknown): unknown => ({
      type: 'Study Component',
      accno: 'same',
      attributes: [attribute('File List', name)]
    });
    const study = {
      section: {
        type: 'Study',
        subsections: ['../../x.json', 'a/./b.tsv', 'a\\b', '', 'c.xlsx', '/d/e.pagetab.tsv', 'f'].map(part)
      }
    };
    const { source, asked } = make({ 'biostudies/api/v1/studies/S-BIAD1': study });
    const { datasets, notices } = await source.study('S-BIAD1', signal);
    expect(new Set(datasets.map(({ id }) => id)).size).toBe(3);
    expect(notices.filter(text => String(text).includes('left out'))).toHaveLength(3);
    await expect(source.files('S-BIAD1', { text: '' }, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(asked.filter(one => one.includes('/files/'))).toEqual([
      'biostudies/files/S-BIAD1/c.json',
      'biostudies/files/S-BIAD1/d/e.json',
      'biostudies/files/S-BIAD1/f.json'
    ]);
  });

  it.each([['null'], ['[]'], ['"text"'], ['{"section": []}'], ['<html>'], ['']])(
    'that is %j is no study',
    async text => {
      const { source } = make({ 'biostudies/api/v1/studies/S-BIAD1': text });
      await expect(source.study('S-BIAD1', signal)).rejects.toMatchObject({ code: 'CATALOGUE_BAD' });
    }
  );
});

describe('a total that is an estimate', () => {
  it('may be too low: a full page is followed by another', async () => {
    const hits = [{ accession: 'S-BIAD1' }, { accession: 'S-BIAD1' }, { title: 'without an accession' }];
    const answer = { hits, totalHits: 2, isTotalHitsExact: false };
    const { source } = make({ 'biostudies/api/v1/bioimages/search': answer });
    const page = await source.search({ text: 'x', limit: 3 }, signal);
    expect(page).toMatchObject({ items: [{ accession: 'S-BIAD1' }], total: 2, exact: false, cursor: '2/3' });
    expect(await source.search({ text: 'x', limit: 4 }, signal)).not.toHaveProperty('cursor');
  });
});

describe('where files lie', () => {
  const section = { type: 'Study', files: [{ path: 'x.zarr', type: 'directory' }, { path: 'a b/#1.tif' }] };
  const first = async (info: unknown): Promise<(string | undefined)[]> => {
    const { source } = make({
      'biostudies/api/v1/studies/S-BIAD43': { section },
      ...(info === undefined ? {} : { 'biostudies/api/v1/studies/S-BIAD43/info': info })
    });
    return (await source.files('S-BIAD43', { text: '' }, signal)).items.map(({ uri }) => uri);
  };
  const NFS = 'https://ftp.ebi.ac.uk/pub/databases/biostudies';

  it('is told by /info, computed from the accession where that says nothing, and then the page says so', async () => {
    const told = { httpLink: 'https://ftp.ebi.ac.uk/pub/databases/biostudies/S-BIAD/S-BIAD0-99/S-BIAD43/' };
    expect(await first(told)).toEqual([
      `${NFS}/S-BIAD/S-BIAD0-99/S-BIAD43/Files/x.zarr`,
      `${NFS}/S-BIAD/S-BIAD0-99/S-BIAD43/Files/a%20b/%231.tif`
    ]);
    expect((await first({ relPath: 'S-BIAD/S-BIAD0-99/S-BIAD43' }))[0]).toBe(
      `${NFS}/S-BIAD/S-BIAD0-99/S-BIAD43/Files/x.zarr`
    );
    expect((await first({}))[0]).toBe(`${NFS}/S-BIAD/043/S-BIAD43/Files/x.zarr`);
    expect((await first({ httpLink: 'javascript:alert(1)', released: 'x', files: -1 }))[0]).toBe(
      `${NFS}/S-BIAD/043/S-BIAD43/Files/x.zarr`
    );
    expect((await first(undefined))[0]).toBe(`${NFS}/S-BIAD/043/S-BIAD43/Files/x.zarr`);
    const { notices } = await make({ 'biostudies/api/v1/studies/S-BIAD43': { section } }).source.study(
      'S-BIAD43',
      signal
    );
    expect(notices.map(String)).toEqual([reading('did not say where')]);
  });

  it('is a zip for folders in the storage of the kind that keeps them so', async () => {
    const { source } = make({
      'biostudies/api/v1/studies/S-BIAD43': { section },
      'biostudies/api/v1/studies/S-BIAD43/info': { hasZippedFolders: true }
    });
    expect(await source.study('S-BIAD43', signal)).toMatchObject({ images: 2, viewable: 1 });
    const { items } = await source.images('S-BIAD43', { text: '' }, signal);
    const root = 'https://ftp.ebi.ac.uk/biostudies/fire/S-BIAD/043/S-BIAD43/Files/';
    expect(items.map(({ viewable, uri }) => [viewable, uri.replace(root, '')])).toEqual([
      [true, 'x.zarr.zip'],
      [false, '']
    ]);
  });

  it('has names that only the archive’s site finds: what is called so cannot be viewed, and says why', async () => {
    const files = ['a#1.ome.zarr', 'b.ome.zarr'].map(name => ({ path: `${name}/zarr.json`, size: 2, type: 'file' }));
    const { source } = make({
      'biostudies/api/v1/studies/S-BIAD43': { section: { type: 'Study', files } },
      'biostudies/api/v1/studies/S-BIAD43/info': { hasZippedFolders: true }
    });
    expect(await source.study('S-BIAD43', signal)).toMatchObject({ images: 2, viewable: 1 });
    const { items } = await source.images('S-BIAD43', { text: '' }, signal);
    expect(items.map(({ title, uri, viewable }) => [title, viewable, uri])).toEqual([
      ['b.ome.zarr', true, 'https://ftp.ebi.ac.uk/biostudies/fire/S-BIAD/043/S-BIAD43/Files/b.ome.zarr'],
      ['a#1.ome.zarr', false, '']
    ]);
    expect(items[1]).toMatchObject({ reason: reading('only the archive’s site') });
  });

  it('is asked again after a failure of /info alone', async () => {
    let fails = true;
    const { relay } = memoryRelay({
      'biostudies/api/v1/studies/S-BIAD43': { section },
      'biostudies/api/v1/studies/S-BIAD43/info': { files: 9 }
    });
    const source = new BioStudiesSource((service, at, options, own) =>
      fails && at.endsWith('/info')
        ? Promise.reject(new BioImageError('UPSTREAM_DOWN', say`down`))
        : relay(service, at, options, own)
    );
    expect((await source.study('S-BIAD43', signal)).files).toBe(2);
    fails = false;
    expect((await source.study('S-BIAD43', signal)).files).toBe(9);
  });
});

describe('a Zarr in a list of files', () => {
  const listed = async (paths: readonly string[]): Promise<unknown[]> => {
    const files = paths.map(name => ({ path: name, size: 2, type: 'file' }));
    const { source } = make({ 'biostudies/api/v1/studies/S-BIAD1': { section: { type: 'Study', files } } });
    const { items } = await source.images('S-BIAD1', { text: '' }, signal);
    return items.map(({ title, kind, bytes, viewable }) => [title, kind, bytes, viewable]);
  };

  it('that is given file by file is one image, with the sum of its sizes', async () => {
    expect(
      await listed([
        'a/x.ome.zarr/.zattrs',
        'a/x.ome.zarr/0/.zarray',
        'a/x.ome.zarr/0/0/0',
        'b.tif',
        'a/y.ZARR/zarr.json'
      ])
    ).toEqual([
      ['x.ome.zarr', undefined, 6, true],
      ['y.ZARR', undefined, 2, true],
      ['b.tif', undefined, 2, true]
    ]);
  });

  it('is a plate where it has wells', async () => {
    expect(await listed(['p.zarr/.zattrs', 'p.zarr/A/1/0/.zattrs'])).toEqual([['p.zarr', 'plate', 4, true]]);
  });

  it('hides pictures inside it, and Zarr inside Zarr', async () => {
    expect(await listed(['x.zarr/thumb.png', 'x.zarr/labels/y.zarr/0', 'z.ozx', 'w.ome.zarr.zip'])).toEqual([
      ['x.zarr', undefined, 4, true],
      ['z.ozx', undefined, 2, true],
      ['w.ome.zarr.zip', undefined, 2, true]
    ]);
  });
});
