import { BioImageError, say } from '../../core';
import { outcomeOf } from '../../testing';
import { locate, sampleByImageNumber } from '..';
import { parseTable } from '../csv';

const OLD = 'https://old.example.org';
const NEW = 'https://objects.example.org';
const REWRITES = [
  { from: `${OLD}/idr/zarr`, to: `${NEW}/idr/zarr` },
  { from: `${OLD}/challenge`, to: `${NEW}/pub/challenge` },
  { from: 'https://objects-int.example.org', to: NEW }
];
const TABLE = parseTable(
  [
    'OME-NGFF version,File Path,Wells',
    `0.1,${OLD}/idr/zarr/v0.1/6.zarr,`,
    `0.4,${NEW}/idr/zarr/v0.4/idr0044A/4007801.zarr,`,
    `0.5,${NEW}/idr/zarr/v0.5/6.ome.zarr/,`,
    `0.4,${NEW}/idr/zarr/v0.4/idr0062A/6.zarr,`,
    `0.4,${NEW}/idr/zarr/v0.4/idr0001A/422.zarr,96`,
    `0.5,${NEW}/idr/zarr/v0.5/ExpA_1.zarr,`,
    `0.5,${NEW}/idr/zarr/v0.5/6_labels.zarr,`,
    '0.5,,'
  ].join('\n'),
  ','
);
const SAMPLES = sampleByImageNumber(TABLE, REWRITES);
const { signal } = new AbortController();

/** Looks for an address where only `there` exists; `asked` is what was probed, in order. */
async function look(uri: string, there: readonly string[]): Promise<{ found: unknown; asked: string[] }> {
  const asked: string[] = [];
  const probe = (address: string): Promise<boolean> => {
    asked.push(address);
    return Promise.resolve(there.includes(address));
  };
  const samples = () => Promise.resolve(SAMPLES);
  const found = await locate(uri, { rewrites: REWRITES, probe, samples }, signal).catch((error: unknown) => error);
  return { found, asked };
}

describe('samples by the number of their image', () => {
  it('are the newest version first, and plates apart', () => {
    expect(Object.fromEntries(SAMPLES)).toEqual({
      '6': [`${NEW}/idr/zarr/v0.5/6.ome.zarr`, `${NEW}/idr/zarr/v0.4/idr0062A/6.zarr`, `${NEW}/idr/zarr/v0.1/6.zarr`],
      '4007801': [`${NEW}/idr/zarr/v0.4/idr0044A/4007801.zarr`],
      'plate 422': [`${NEW}/idr/zarr/v0.4/idr0001A/422.zarr`]
    });
  });
});

describe('where an image is', () => {
  it('is where the table of moves says, after one question', async () => {
    const formerUri = `${OLD}/challenge/a.zarr/`;
    const uri = `${NEW}/pub/challenge/a.zarr`;
    expect(await look(formerUri, [uri])).toEqual({ found: { uri, formerUri, by: 'moved' }, asked: [uri] });
  });

  it('is where it was given, where nothing has moved', async () => {
    const uri = `${NEW}/pub/b.zarr/0`;
    expect(await look(`${uri}//`, [uri])).toEqual({ found: { uri, by: 'given' }, asked: [uri] });
  });

  it('is not asked for on hosts that the table does not know', async () => {
    for (const uri of [
      'https://elsewhere.example/a.zarr',
      'folder/a.zarr',
      'store:data/a.zarr',
      's3://bucket/a.zarr'
    ]) {
      expect(await look(uri, [])).toEqual({ found: { uri, by: 'given' }, asked: [] });
    }
  });

  it('may be a bucket that kept its name on the new host', async () => {
    const uri = `${NEW}/challenge/a.zarr`;
    expect(await look(uri, [uri])).toEqual({
      found: { uri, by: 'given' },
      asked: [`${NEW}/pub/challenge/a.zarr`, uri]
    });
  });

  it('is another copy of the same image, where this one was not moved', async () => {
    const formerUri = `${OLD}/idr/zarr/v0.1/4007801.zarr`;
    const uri = `${NEW}/idr/zarr/v0.4/idr0044A/4007801.zarr`;
    expect(await look(formerUri, [uri])).toEqual({
      found: { uri, formerUri, by: 'sample' },
      asked: [`${NEW}/idr/zarr/v0.1/4007801.zarr`, uri]
    });
  });

  it('is the newest copy that is there', async () => {
    const copies = SAMPLES.get('6') ?? [];
    const { found, asked } = await look(`${OLD}/idr/zarr/v0.3/6.zarr`, [copies[1], copies[2]]);
    expect(found).toMatchObject({ uri: copies[1], by: 'sample' });
    expect(asked).toEqual([`${NEW}/idr/zarr/v0.3/6.zarr`, copies[0], copies[1]]);
  });

  it('takes a plate for a plate', async () => {
    const plate = `${NEW}/idr/zarr/v0.4/idr0001A/422.zarr`;
    expect((await look(`${OLD}/idr/zarr/v0.1/plates/422.zarr`, [plate])).found).toMatchObject({ uri: plate });
    const image = (await look(`${OLD}/idr/zarr/v0.1/plates/4007801.zarr`, SAMPLES.get('4007801') ?? [])).found;
    expect(image).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes a number for one of IDR’s in IDR’s own bucket only', async () => {
    expect((await look(`${NEW}/pub/6.zarr`, SAMPLES.get('6') ?? [])).found).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('ends as moved or removed with the address that was given', async () => {
    const uri = `${OLD}/lost/bucket/a.zarr/?`.slice(0, -2);
    const { found } = await look(uri, []);
    expect(found).toBeInstanceOf(BioImageError);
    expect(found).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`moved or removed. Its address was ${uri}`) as string
    });
  });

  it('is not known while storage cannot be asked, except that of a host that has been left', async () => {
    const probe = () => Promise.reject(new BioImageError('UPSTREAM_DOWN', say`down`));
    const ask = (uri: string) => outcomeOf(locate(uri, { rewrites: REWRITES, probe }, signal));
    expect(await ask(`${OLD}/challenge/a.zarr`)).toBe('UPSTREAM_DOWN');
    expect(await ask(`${OLD}/lost/a.zarr`)).toBe('NOT_FOUND');
  });

  it('is nobody’s question any more after an abort', async () => {
    const controller = new AbortController();
    const probe = () => {
      controller.abort();
      return Promise.reject(new BioImageError('UPSTREAM_DOWN', say`down`));
    };
    expect(await outcomeOf(locate(`${OLD}/lost/a.zarr`, { rewrites: REWRITES, probe }, controller.signal))).toBe(
      'ABORTED'
    );
    expect(await outcomeOf(locate(`${OLD}/lost/a.zarr`, { rewrites: REWRITES, probe }, controller.signal))).toBe(
      'ABORTED'
    );
  });
});
