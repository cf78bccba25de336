import { tableOfDownloads } from '../sources/idr/tables';
import type { IDownload } from '../sources/idr/tables';
import { zarrAddressIn } from '../sources/idr/places';
import { IdrWorld, recorded, REWRITES } from './idrworld';
import { reading } from '../../testing/reading';

const { signal } = new AbortController();
const downloads: IDownload[] = [];

beforeAll(async () => {
  downloads.push(...(await tableOfDownloads(new IdrWorld().relay, REWRITES, signal)).downloads);
});

describe('the table of downloads of IDR', () => {
  it('has every recorded row', () => {
    const lines = recorded('idr', 'website', 'download_urls.tsv').trim().split(/\r?\n/).slice(1);
    expect(downloads.map(({ accession, image }) => `${accession} ${image}`)).toEqual(
      lines.map(line => line.split('\t').slice(0, 2).join(' '))
    );
  });

  it('has the sixteen viewable images that were counted from the raw file, at their new addresses', () => {
    const viewable = downloads.filter(({ place }) => place !== undefined && place.reason === undefined);
    expect(viewable).toHaveLength(16);
    for (const { place, converted, page } of viewable) {
      expect(place?.uri).toMatch(
        new RegExp(`^https://new\\.example/bioimaging-integrator-data/${converted}/[0-9a-f-]{36}/[0-9a-f-]{36}\\.zarr$`)
      );
      expect(place?.formerUri).toMatch(/^https:\/\/uk1s3\.embassy\.ebi\.ac\.uk\/bia-integrator-data\/.*\.zarr$/);
      expect(page).toContain(converted);
    }
  });

  it('has four more whose address is nowhere for anybody else, with the reason and the old address', () => {
    const rest = downloads.filter(({ place }) => place?.reason !== undefined);
    expect(rest.map(({ accession, place }) => [accession, place?.uri === '', place?.formerUri])).toEqual([
      [
        'idr0173',
        true,
        's3://uk1s3.embassy.ebi.ac.uk/bia-idr-integration/S-BIAD2216/microglia_zipped/HC/caudate/HC10/Patient_ImageStack_0000.ome.zarr'
      ],
      ['idr0170', true, '/bia-idr/S-BIAD1961/experimentA/RPM-TMA/RPM-TMA-1_ROI01_multichannel.zarr'],
      ['idr0168', true, '/bia-idr/S-BIAD1891/A375_6_ATP13A5_Z-stack_HF_01_2024-03-06_YunHao_23.31.23.zarr'],
      ['idr0138', false, undefined]
    ]);
    expect(rest.at(-1)?.place).toMatchObject({
      uri: expect.stringMatching(/^https:\/\/ftp\..*MMStack_Pos0\.ome\.zarr$/),
      reason: reading('download area')
    });
  });

  it('makes addresses of originals by the replacement of each row', () => {
    const original = (accession: string): string | undefined =>
      downloads.find(one => one.accession === accession)?.original;
    expect(original('idr0165')).toBe(
      'https://ftp.ebi.ac.uk/pub/databases/IDR/idr0165-duinkerken-hyperspectraledx/Figure1_Multichannel.ome.tif'
    );
    expect(original('idr0164')).toBe(
      'https://ftp.ebi.ac.uk/pub/databases/IDR/idr0164-alzubi-hdbr/ACE2-TMPRSS2/2021-06-22%2016.36.34-2-20PCW-KIDNEY.ndpi'
    );
    expect(original('idr0163')).toMatch(/^https:\/\/github\.com\/IDR\/idr0163-greenwald-tnbc\/blob\/main\//);
    expect(original('idr0168')).toBeUndefined();
  });

  it('tells of the image of a row what it could be converted from', async () => {
    const world = new IdrWorld();
    world.instead.set('idr/api/v0/m/images/15160018/', { data: { '@id': 15160018, Name: 'Figure1' } });
    expect(await world.source().image('image:15160018', signal)).toMatchObject({
      viewable: false,
      convertible: true,
      format: 'ome.tif',
      reason: reading('converted'),
      study: { accession: 'idr0165' }
    });
  });
});

describe('an address of an OME-Zarr in an answer of any shape', () => {
  it.each([
    [{ a: [{ b: 'https://x.example/a.zarr/0/0/0' }] }, 'https://x.example/a.zarr'],
    ['s3://x.example/b/a.ome.zarr/?anonymous=true', 's3://x.example/b/a.ome.zarr'],
    [['a.zarr', '/b/a.zarr', 'https://x.example/a.tif', null, 5], undefined],
    [null, undefined]
  ])('%j', (value, expected) => {
    expect(zarrAddressIn(value)).toBe(expected);
  });

  it('is looked for in a bounded part of it', () => {
    const long = Array.from({ length: 100_000 }, () => 'x');
    expect(zarrAddressIn([long, 'https://x.example/a.zarr'])).toBe('https://x.example/a.zarr');
    expect(zarrAddressIn([...long, 'https://x.example/a.zarr'])).toBeUndefined();
  });
});
