/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BioImageError, say } from '../../core';
import type { IImageRecord, IPage } from '../../entities';
import { outcomeOf } from '../../testing';
import { memoryEnvironment, memoryRelay } from '..';
import type { ICatalogueSource } from '..';
import { ngffChallenge } from '../sources/ngffchallenge';
import { methodOf, organismOf } from '../sources/ngffchallenge/terms';
import { contractOf } from './contract';
import { reading } from '../../testing/reading';

const NEW = 'https://objects.example.org';
const REWRITES = [{ from: 'https://old.example.org/challenge-2024', to: `${NEW}/pub/challenge-2024` }];
const BASE = 'https://raw.example.org/ome/ome2024-ngff-challenge/main/samples';
const COLUMNS =
  'url,written,origin,shape,shards,chunks,dimension_names,license,name,description,organismId,fbbiId,wells,images';
const BY = 'https://creativecommons.org/licenses/by/4.0/';
const FILES: Readonly<Record<string, unknown>> = {
  'ngff_samples.csv': [
    'source,url',
    '',
    `IDR,${BASE}/idr.csv`,
    '',
    `Elsewhere,https://raw.example.org/someone/else/main/list.csv`,
    `Traversal,${BASE}/../secret.csv`,
    `Host, https://evil.example/ome2024-ngff-challenge-not/main/samples/idr.csv`,
    `Missing,${BASE}/missing.csv`,
    `Plain,${BASE}/plain.csv`,
    ''
  ].join('\n'),
  'idr.csv': `source,url\r\n\r\nIDR,${BASE}/plates.csv\r\nIDR, ${BASE}/images.csv\r\nIDR,${BASE}/ngff_samples.csv\r\nIDR,${BASE}/idr.csv\r\n`,
  'plates.csv': `${COLUMNS}\n${NEW}/idr0004/P170.ome.zarr,417816396.00000006,https://idr.example.org/?show=plate-1795,"2,10,510,672",,,"c,z,y,x",${BY},Rad52: P170,A screen,NCBI:txid4932,obo:FBbi_00000246,90,90\n`,
  'images.csv': [
    COLUMNS,
    `${NEW}/challenge-2024/c0e5d621.zarr,0,https://bst.example.org/studies/S-BIAD464,"163,2,1,1024,1024",,,,${BY},dataset name,dataset description,NCBI:txid424242,FBbi:00000243,,`,
    `${NEW}/idr0054/Tonsil 1.zarr,94540970,,"1,27,1,2700,2702",,,"t,c,z,y,x",,idr0054,,,NCIT_C182027,,`,
    `${NEW}/idr0054/Tonsil 2.zarr,,,"1,2",,,"t,c,z,y,x",,idr0054,,,odd id,,3`,
    'ftp://old.example.org/a.zarr,,,,,,,,,,,,,',
    ',,,,,,,,no address,,,,,',
    `${NEW}/idr0054/Tonsil 1.zarr/,,,,,,,,again,,,,,`
  ].join('\n'),
  'plain.csv': `${NEW}/layers/mouse/color\n${NEW}/idr/4007801.zarr\n`
};
const { signal } = new AbortController();

function relayOver(files: Readonly<Record<string, unknown>>): ReturnType<typeof memoryRelay> {
  return memoryRelay(
    Object.fromEntries(Object.entries(files).map(([name, body]) => [`ngff-challenge/samples/${name}`, body]))
  );
}
async function make(files = FILES): Promise<{ source: ICatalogueSource; asked: string[] }> {
  const { relay, asked } = relayOver(files);
  const environment = { ...memoryEnvironment([], {}), relay, rewrites: () => Promise.resolve(REWRITES) };
  const [source] = await ngffChallenge.create({ ...environment, services: () => Promise.resolve(['ngff-challenge']) });
  return { source, asked };
}
async function whole(source: ICatalogueSource): Promise<IPage<IImageRecord>> {
  return (await source.search({ text: '', limit: 1000 }, signal)) as IPage<IImageRecord>;
}

contractOf({ name: 'the challenge', match: 'idr0054', make: async () => (await make()).source });

describe('the catalogue of the challenge', () => {
  it('is no source where the relay does not know its service', async () => {
    expect(await ngffChallenge.create(memoryEnvironment([], {}))).toEqual([]);
  });

  it('follows lists within lists in their order, each once, and reads none of anybody else', async () => {
    const { source, asked } = await make();
    const { items, notices } = await whole(source);
    expect(items.map(({ title, kind }) => `${title} (${kind})`)).toEqual([
      'Rad52: P170 (plate)',
      'c0e5d621.zarr (image)',
      'Tonsil 1.zarr: idr0054 (image)',
      'Tonsil 2.zarr: idr0054 (collection)',
      'mouse/color (image)',
      '4007801.zarr (image)'
    ]);
    expect(asked.map(one => path.basename(one)).sort()).toEqual(Object.keys(FILES).concat('missing.csv').sort());
    expect(String(notices?.[0])).toContain('4 lists of the catalogue could not be read');
    expect(String(notices?.[0])).toContain('someone/else/main/list.csv');
    expect(String(notices?.[0])).toContain('evil.example');
    expect(String(notices?.[0])).toContain('samples/../secret.csv');
    expect(String(notices?.[0])).toContain('samples/missing.csv (There is nothing at this address.)');
    expect(String(notices?.[1])).toBe('2 rows of the catalogue could not be read.');
  });

  it('reads a row field by field', async () => {
    const { items } = await whole((await make()).source);
    expect(items[0]).toEqual({
      id: `${NEW}/idr0004/P170.ome.zarr`,
      source: 'ngff-challenge',
      uri: `${NEW}/idr0004/P170.ome.zarr`,
      title: 'Rad52: P170',
      description: 'A screen',
      kind: 'plate',
      version: '0.5',
      viewable: true,
      licence: 'CC BY 4.0',
      size: { c: 2, z: 10, y: 510, x: 672 },
      bytes: 417816396,
      format: 'ome.zarr',
      study: { accession: 'idr0004' },
      page: 'https://idr.example.org/?show=plate-1795',
      facets: {
        organism: ['Saccharomyces cerevisiae'],
        imaging_method: ['fluorescence microscopy'],
        licence: ['CC BY 4.0'],
        ome_zarr: ['yes'],
        dimensions: ['3D', 'several channels']
      }
    });
  });

  it('rewrites rows on the new host with the old bucket, and keeps what they said', async () => {
    const { items } = await whole((await make()).source);
    expect(items[1]).toMatchObject({
      uri: `${NEW}/pub/challenge-2024/c0e5d621.zarr`,
      formerUri: `${NEW}/challenge-2024/c0e5d621.zarr`,
      study: { accession: 'S-BIAD464' },
      size: { t: 163, c: 2, z: 1, y: 1024, x: 1024 },
      description: 'IDR',
      facets: { organism: ['NCBI:txid424242'], imaging_method: ['bright-field microscopy'] }
    });
    expect(items[1].bytes).toBeUndefined();
    expect(items[3]).toMatchObject({ size: { y: 1, x: 2 }, facets: { imaging_method: ['odd id'] } });
  });

  it('loses a list that fails, and asks again for one that may come back', async () => {
    const down = new BioImageError('UPSTREAM_DOWN', say`The service does not answer.`);
    const { source, asked } = await make({ ...FILES, 'plates.csv': down });
    expect((await whole(source)).total).toBe(5);
    await whole(source);
    expect(asked.filter(one => one.endsWith('plates.csv'))).toHaveLength(2);
    const missing = await make();
    await whole(missing.source);
    await whole(missing.source);
    expect(missing.asked.filter(one => one.endsWith('missing.csv'))).toHaveLength(1);
  });

  it('fails where its root does', async () => {
    const outcome = async (root: unknown) =>
      outcomeOf((await make({ 'ngff_samples.csv': root })).source.search({ text: '' }, signal));
    expect(await outcome(new BioImageError('UPSTREAM_SLOW', say`slow`))).toBe('UPSTREAM_SLOW');
    expect(await outcome('<html>')).toBe('CATALOGUE_BAD');
  });

  it('goes down three levels and no further', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 6 }, (_none, at) => [
        at === 0 ? 'ngff_samples.csv' : `level${at}.csv`,
        `url\n${NEW}/${at}.zarr\n${BASE}/level${at + 1}.csv\n`
      ])
    );
    const { items, notices } = await whole((await make(chain)).source);
    expect(items.map(({ title }) => title)).toEqual(['0.zarr', '1.zarr', '2.zarr', '3.zarr']);
    expect(String(notices?.[0])).toContain('level4.csv');
  });

  it('reads a hundred lists and no more', async () => {
    const names = Array.from({ length: 150 }, (_none, at) => `many${at}.csv`);
    const files = Object.fromEntries(names.map((name, at) => [name, `url\n${NEW}/${at}.zarr\n`]));
    const { source, asked } = await make({
      ...files,
      'ngff_samples.csv': `url\n${names.map(name => `${BASE}/${name}`).join('\n')}`
    });
    const { total, notices } = await whole(source);
    expect([total, asked.length]).toEqual([99, 100]);
    expect(String(notices?.[0])).toContain('51 lists');
  });

  it('asks nothing more for somebody who has gone', async () => {
    const controller = new AbortController();
    const { relay, asked } = relayOver(FILES);
    const [source] = await ngffChallenge.create({
      ...memoryEnvironment([], {}),
      services: () => Promise.resolve(['ngff-challenge']),
      relay: async (...request) => {
        const answer = await relay(...request);
        if (request[1].endsWith('idr.csv')) {
          controller.abort();
          await new Promise(resolve => setTimeout(resolve));
        }
        return answer;
      }
    });
    expect(await outcomeOf(source.search({ text: '' }, controller.signal))).toBe('ABORTED');
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(asked.some(one => /plates|images/.test(one))).toBe(false);
  });

  it('is read whole where it is the recorded one', async () => {
    const folder = path.resolve('fixtures/recorded/ngff-catalogues/challenge-2024');
    const [source] = await ngffChallenge.create({
      ...memoryEnvironment([], {}),
      services: () => Promise.resolve(['ngff-challenge']),
      rewrites: () =>
        Promise.resolve([
          {
            from: 'https://uk1s3.embassy.ebi.ac.uk/ebi-ngff-challenge-2024',
            to: 'https://livingobjects.ebi.ac.uk/bioimaging-01-pub/ebi-ngff-challenge-2024'
          }
        ]),
      relay: (_service, name) => {
        try {
          return Promise.resolve({
            bytes: readFileSync(path.join(folder, path.basename(name))),
            type: 'text/plain',
            from: 'service'
          });
        } catch (cause) {
          return Promise.reject(new BioImageError('NOT_FOUND', say`There is nothing at this address.`, { cause }));
        }
      }
    });
    const { items, notices } = await whole(source);
    const kinds = items.map(({ kind }) => kind);
    expect([items.length, kinds.filter(kind => kind === 'plate').length]).toEqual([217, 66]);
    expect(items.filter(({ formerUri }) => formerUri !== undefined)).toHaveLength(10);
    expect(items.filter(({ uri }) => uri.includes('/bioimaging-01-pub/ebi-ngff-challenge-2024/'))).toHaveLength(10);
    // Two are in another repository, eleven were not recorded.
    expect(notices?.map(String)).toEqual([reading(/^13 lists .*KOMP_adult_lacZ\.csv/)]);
  });
});

describe('ids of ontologies', () => {
  it.each([
    ['NCBI:txid9606', 'Homo sapiens'],
    ['http://purl.obolibrary.org/obo/NCBITaxon_10090', 'Mus musculus'],
    ['NCBI:txid1', 'NCBI:txid1'],
    ['constructor', 'constructor'],
    [undefined, undefined]
  ])('%s is the organism %s', (id, name) => {
    expect(organismOf(id)).toBe(name);
  });

  it.each([
    ['obo:FBbi_00000369', 'light sheet fluorescence microscopy'],
    ['obo:FBbi:00000246', 'fluorescence microscopy'],
    ['FBbi:00000243', 'bright-field microscopy'],
    ['obo:FBbi_00001004', 'FBbi:00001004'],
    ['NCIT_C182027', 'multiplexed ion beam imaging'],
    ['microscopy', 'microscopy'],
    [undefined, undefined]
  ])('%s is the method %s', (id, name) => {
    expect(methodOf(id)).toBe(name);
  });
});
