import { rewritten } from '..';

const OLD = 'https://old.example.org';
const NEW = 'https://objects.example.org';
const REWRITES = [
  { from: `${OLD}/integrator`, to: `${NEW}/bio-integrator` },
  { from: `${OLD}/idr/zarr`, to: `${NEW}/idr/zarr` },
  { from: `${OLD}/idr/zarr/v9`, to: `${NEW}/elsewhere/v9` },
  { from: `${OLD}/challenge`, to: `${NEW}/pub/challenge` },
  { from: 'https://objects-int.example.org', to: NEW }
];
const at = (uri: string): string => rewritten(uri, REWRITES).uri;

describe('an address from before the move', () => {
  it('becomes the new one, and is remembered', () => {
    const formerUri = `${OLD}/integrator/S-1/a.zarr/0`;
    expect(rewritten(formerUri, REWRITES)).toEqual({ uri: `${NEW}/bio-integrator/S-1/a.zarr/0`, formerUri });
  });

  it.each([
    ['the longest prefix decides', `${OLD}/idr/zarr/v9/1.zarr`, `${NEW}/elsewhere/v9/1.zarr`],
    ['the bucket itself', `${OLD}/integrator`, `${NEW}/bio-integrator`],
    ['a prefix of a name is no prefix', `${OLD}/integrator-data/1.zarr`, `${OLD}/integrator-data/1.zarr`],
    ['a bucket that nobody knows', `${OLD}/other/1.zarr`, `${OLD}/other/1.zarr`],
    ['slashes at the end and doubled ones', `${OLD}//integrator//a.zarr//0//`, `${NEW}/bio-integrator/a.zarr/0`],
    ['upper case in the host', 'HTTPS://Old.Example.org/integrator/A.zarr', `${NEW}/bio-integrator/A.zarr`],
    ['plain http', 'http://old.example.org/integrator/a.zarr', `${NEW}/bio-integrator/a.zarr`],
    [
      'a bucket in the name of the old host',
      'https://integrator.old.example.org/a.zarr',
      `${NEW}/bio-integrator/a.zarr`
    ],
    ['a bucket in the name of the new host', 'https://a-01-pub.objects.example.org/a.zarr', `${NEW}/a-01-pub/a.zarr`],
    ['a bucket with dots', 'https://a.b.objects.example.org/a.zarr', `${NEW}/a.b/a.zarr`],
    ['an internal host', 'https://objects-int.example.org/pub/a.zarr', `${NEW}/pub/a.zarr`],
    [
      'an internal host with the old bucket',
      'https://objects-int.example.org/challenge/a.zarr',
      `${NEW}/pub/challenge/a.zarr`
    ],
    ['the new host with the old bucket', `${NEW}/challenge/a.zarr`, `${NEW}/pub/challenge/a.zarr`],
    [
      'a host in place of a bucket',
      's3://old.example.org/integrator/a.ome.zarr/?anonymous=true',
      `${NEW}/bio-integrator/a.ome.zarr`
    ],
    ['a metadata document', `${OLD}/integrator/a.zarr/.zattrs`, `${NEW}/bio-integrator/a.zarr`],
    ['a document of a series', `${NEW}/pub/a.zarr/0/zarr.json`, `${NEW}/pub/a.zarr/0`],
    ['metadata of the original', `${NEW}/pub/a.zarr/OME/METADATA.ome.xml`, `${NEW}/pub/a.zarr`],
    ['blanks', `${NEW}/pub/a b.zarr`, `${NEW}/pub/a%20b.zarr`]
  ])('is looked up: %s', (_what, uri, now) => {
    expect(at(uri)).toBe(now);
  });

  it.each([
    `${NEW}/pub/challenge/a.zarr`,
    `${NEW}/pub/a.zarr/`,
    'https://a-01.objects.example.org/a.zarr',
    `${NEW}/idr/zarr/v0.4/1.zarr`
  ])('is no former one where nothing has moved: %s', uri => {
    expect(rewritten(uri, REWRITES).formerUri).toBeUndefined();
  });

  it.each([
    '',
    'folder/a.zarr',
    'store:data//a.zarr/',
    's3://bucket/a.zarr',
    `${OLD}/integrator/a.zarr?key=1`,
    'javascript:alert(1)',
    'https:',
    'https://'
  ])('is nothing else: %p', uri => {
    expect(rewritten(uri, REWRITES).formerUri).toBeUndefined();
    expect(rewritten(uri, REWRITES).uri.startsWith(uri.slice(0, 7))).toBe(true);
  });

  it('is where the longest prefix says, and not where a shorter one would have it from there', () => {
    const nested = [
      { from: `${OLD}/a`, to: `${NEW}/x` },
      { from: `${OLD}/a/b`, to: `${NEW}/a/b` }
    ];
    expect(rewritten(`${OLD}/a/b/1.zarr`, nested).uri).toBe(`${NEW}/a/b/1.zarr`);
    expect(rewritten(`${OLD}/a/c/1.zarr`, nested).uri).toBe(`${NEW}/x/c/1.zarr`);
  });

  it('stays where it is without a table, and where the table turns in a circle', () => {
    expect(rewritten(`${OLD}/integrator/a.zarr/`, [])).toEqual({ uri: `${OLD}/integrator/a.zarr` });
    const circle = [
      { from: `${OLD}/a`, to: `${NEW}/b` },
      { from: `${NEW}/b`, to: `${OLD}/a` }
    ];
    expect(rewritten(`${OLD}/a/1`, circle).uri).toMatch(/\/[ab]\/1$/);
    expect(at('https://old.example.org.evil.example/integrator/a.zarr')).toBe(
      'https://old.example.org.evil.example/integrator/a.zarr'
    );
    expect(
      rewritten(`${OLD}/a`, [
        { from: 'odd', to: 'odd' },
        { from: '', to: NEW }
      ]).uri
    ).toBe(`${OLD}/a`);
  });
});
