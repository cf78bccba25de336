/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { readFileSync } from 'node:fs';
import { BioImageError, say } from '../../core';
import type { IImageRecord } from '../../entities';
import { outcomeOf, sharedPath } from '../../testing';
import { memoryEnvironment, memoryRelay } from '..';
import type { ICatalogueSource } from '..';
import { ngffSamples } from '../sources/ngffsamples';
import { contractOf } from './contract';

const OLD = 'https://old.example.org/idr/zarr';
const NEW = 'https://objects.example.org/idr/zarr';
const REWRITES = [{ from: OLD, to: NEW }];
const HEADER =
  'OME-NGFF version,File Path,SizeX,SizeY,SizeZ,SizeC,SizeT,Axes,Wells,Fields,License,Study,DOI,Date added,Representative Image ID,Thumbnail,Keywords';
const TABLE = [
  HEADER,
  `0.1,${NEW}/v0.1/plates/422.zarr,1344,1024,1,2,329,XYZCT,96,1,CC BY 4.0,idr0002,https://doi.org/10.5281/zenodo.5741293,2020-12-01,179693,${NEW}/v0.1/plates/422.zarr/E/4/0/,`,
  `0.4,${OLD}/v0.4/idr0062A/6001240.zarr,271,275,236,2,,XYZC,,,CC BY 4.0,idr0062,,2022-06-21,6001240,,nuclei`,
  `0.4,${NEW}/v0.4/idr0048A/9846151.zarr/,2947,5192,1402,3,1,XYZCT,,,CC BY 4.0,idr0048,,2023-01-12,9846151,${NEW}/v0.4/idr0048A/9846151.zarr/0/,`,
  `0.2,${NEW}/v0.2/idr0070A/9838562.zarr,,,,,,,,,CC0 1.0,idr0070,,2022-10-14,9838562,,`,
  `0.5,${NEW}/v0.5/idr0157/Asterella gracilis SWE/IMG 1033.ome.zarr,8192,5464,80,3,1,XYZCT,,,CC BY 4.0,idr0157,,2024-11-21,15154182,,`,
  `0.5,${NEW}/v0.5/idr0062A/6001240_labels.zarr,271,275,236,2,,XYZC,,,CC BY 4.0,idr0062,,2024-11-21,6001240,,`,
  '0.5,,,,,,,,,,,idr0001,,,,,',
  `0.4,${NEW}/v0.4/idr0062A/6001240.zarr,1,1,,,,,,,CC BY 4.0,idr0062,,,,,twice`
].join('\r\n');
const { signal } = new AbortController();

async function make(table: unknown): Promise<{ source: ICatalogueSource; asked: string[] }> {
  const { relay, asked } = memoryRelay({ 'ngff-samples/_data/table.csv': table });
  const services = () => Promise.resolve(['ngff-samples']);
  const [source] = await ngffSamples.create({
    ...memoryEnvironment([], {}),
    relay,
    services,
    rewrites: () => Promise.resolve(REWRITES)
  });
  return { source, asked };
}
const all = async (table: string): Promise<IImageRecord[]> =>
  (await (await make(table)).source.search({ text: '' }, signal)).items as IImageRecord[];

contractOf({ name: 'the samples of IDR', match: 'idr0062', make: async () => (await make(TABLE)).source });

describe('the table of samples', () => {
  it('is no source where the relay does not know its service', async () => {
    expect(await ngffSamples.create(memoryEnvironment([], {}))).toEqual([]);
  });

  it('lists every row once, newest version first', async () => {
    const items = await all(TABLE);
    expect(items.map(({ version, title, kind }) => [version, title, kind])).toEqual([
      ['0.5', 'IMG 1033.ome.zarr', 'image'],
      ['0.5', '6001240_labels.zarr', 'image'],
      ['0.4', '6001240.zarr', 'image'],
      ['0.4', '9846151.zarr', 'collection'],
      ['0.2', '9838562.zarr', 'image'],
      ['0.1', '422.zarr', 'plate']
    ]);
  });

  it('rewrites addresses, drops slashes at the end and encodes blanks', async () => {
    const [blanks, , moved, slash] = await all(TABLE);
    expect(blanks.uri).toBe(`${NEW}/v0.5/idr0157/Asterella%20gracilis%20SWE/IMG%201033.ome.zarr`);
    expect([moved.uri, moved.formerUri]).toEqual([
      `${NEW}/v0.4/idr0062A/6001240.zarr`,
      `${OLD}/v0.4/idr0062A/6001240.zarr`
    ]);
    expect([slash.uri, slash.formerUri]).toEqual([`${NEW}/v0.4/idr0048A/9846151.zarr`, undefined]);
  });

  it('reads sizes, licences, studies and dimensions, and leaves out what a row does not say', async () => {
    const items = await all(TABLE);
    expect(items[2]).toEqual({
      id: `${NEW}/v0.4/idr0062A/6001240.zarr`,
      source: 'ngff-samples',
      uri: `${NEW}/v0.4/idr0062A/6001240.zarr`,
      formerUri: `${OLD}/v0.4/idr0062A/6001240.zarr`,
      title: '6001240.zarr',
      description: 'idr0062',
      kind: 'image',
      version: '0.4',
      viewable: true,
      licence: 'CC BY 4.0',
      size: { x: 271, y: 275, z: 236, c: 2 },
      format: 'ome.zarr',
      study: { accession: 'idr0062' },
      facets: { licence: ['CC BY 4.0'], ome_zarr: ['yes'], dimensions: ['3D', 'several channels'] }
    });
    expect(items[4].facets).toEqual({ licence: ['CC0 1.0'], ome_zarr: ['yes'] });
    expect(items[5]).toMatchObject({
      page: 'https://doi.org/10.5281/zenodo.5741293',
      facets: { dimensions: ['2D', 'time series', 'several channels'] }
    });
  });

  it('counts rows without an address in a notice', async () => {
    const page = await (await make(TABLE)).source.search({ text: '' }, signal);
    expect(page.notices?.map(String)).toEqual(['1 row of the table could not be read.']);
  });

  it('filters, and counts what one more choice would add', async () => {
    const { source } = await make(TABLE);
    const page = await source.search({ text: '', filters: { dimensions: ['3D'], licence: ['cc by 4.0'] } }, signal);
    expect(page.total).toBe(4);
    const licence = page.facets?.find(({ id }) => id === 'licence');
    expect(licence?.values).toEqual([{ value: 'CC BY 4.0', label: 'CC BY 4.0', count: 4 }]);
    const dimensions = page.facets?.find(({ id }) => id === 'dimensions');
    expect(dimensions?.values.map(({ value, count }) => [value, count])).toEqual([
      ['several channels', 5],
      ['3D', 4],
      ['2D', 1],
      ['time series', 1]
    ]);
  });

  it('is found by words of any column, in any order', async () => {
    const { source } = await make(TABLE);
    const found = async (text: string) =>
      (await source.search({ text }, signal)).items.map(item => (item as IImageRecord).title);
    expect(await found('nuclei 0.4')).toEqual(['6001240.zarr']);
    expect(await found('SWE asterella')).toEqual(['IMG 1033.ome.zarr']);
    expect(await found('179693')).toEqual(['422.zarr']);
  });

  it('gives one image by its id', async () => {
    const { source } = await make(TABLE);
    expect(await source.image?.(`${NEW}/v0.1/plates/422.zarr`, signal)).toMatchObject({ kind: 'plate' });
    expect(await outcomeOf(source.image?.('nothing', signal) ?? Promise.resolve())).toBe('NOT_FOUND');
  });

  it('is asked for once, and again after a failure', async () => {
    const { source, asked } = await make(TABLE);
    await Promise.all([source.search({ text: '' }, signal), source.search({ text: 'idr' }, signal)]);
    await source.search({ text: '' }, signal);
    expect(asked).toEqual(['ngff-samples/_data/table.csv']);
    const failing = await make(new BioImageError('UPSTREAM_DOWN', say`down`));
    expect(await outcomeOf(failing.source.search({ text: '' }, signal))).toBe('UPSTREAM_DOWN');
    expect(await outcomeOf(failing.source.search({ text: '' }, signal))).toBe('UPSTREAM_DOWN');
    expect(failing.asked).toHaveLength(2);
  });

  it.each(['<!DOCTYPE html><html>sign in</html>', '', '{"Error": "x"}', 'a,b\n1,2\n', '\u0000\uffff'])(
    'is nothing else: %j',
    async body => {
      expect(await outcomeOf((await make(body)).source.search({ text: '' }, signal))).toBe('CATALOGUE_BAD');
    }
  );

  const real = sharedPath('fixtures', 'recorded', 'ngff-catalogues', 'idr-ome-ngff-samples.csv');
  (real === null ? it.skip : it)('is read whole where it is the recorded one', async () => {
    const items = await all(readFileSync(real ?? '', 'utf8'));
    const counts: Record<string, number> = {};
    for (const { version, kind, licence } of items) {
      for (const name of [`v${version}`, String(kind), String(licence)]) {
        counts[name] = (counts[name] ?? 0) + 1;
      }
    }
    expect(items.length).toBe(101);
    expect(counts).toEqual({
      'v0.1': 51,
      'v0.2': 3,
      'v0.3': 14,
      'v0.4': 23,
      'v0.5': 10,
      image: 82,
      plate: 13,
      collection: 6,
      'CC BY 4.0': 96,
      'CC0 1.0': 3,
      'CC BY-NC-SA 3.0': 2
    });
  });
});
