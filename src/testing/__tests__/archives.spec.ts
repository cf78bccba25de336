import { startArchives, type IArchives } from '..';
import { field, jsonOf, listOf } from '../../catalogue/fields';
import { sharedPath } from '../shared';

const { signal } = new AbortController();

describe('the doubles of the archives', () => {
  let archives: IArchives;
  const ask = async (service: string, place: string, query = {}, body?: unknown): Promise<unknown> =>
    jsonOf(await archives.relay(service, place, { query, body }, signal), service);
  const code = (service: string, place: string, query = {}): Promise<unknown> =>
    archives.relay(service, place, { query }, signal).then(
      () => 'answered',
      (error: unknown) => field(error, 'code')
    );

  beforeAll(async () => {
    archives = await startArchives();
  }, 30_000);
  beforeEach(() => archives.control({}));
  afterAll(() => archives.close());

  it('answer as the services do, and tell what was asked', async () => {
    const answer = await ask('biostudies', 'api/v1/bioimages/search', { query: 'zebrafish', pageSize: 1 });
    expect(listOf(field(answer, 'hits'))).toHaveLength(1);
    const found = await ask('idr', 'searchengine/api/v1/resources/submitquery/', {}, { query_details: {} });
    expect(field(found, 'Error')).toContain('query_details');
    expect(await archives.requests()).toEqual([
      'GET /biostudies/api/v1/bioimages/search?query=zebrafish&pageSize=1',
      'POST /idr/searchengine/api/v1/resources/submitquery/ {"query_details":{}}'
    ]);
  });

  it('encode what a path means', async () => {
    expect(listOf(await ask('biostudies', 'files/S-BIAD90001/cells (1).json'))).toHaveLength(6);
  });

  it.each([
    ['NOT_FOUND', 'biostudies', 'api/v1/studies/S-BIAD0', {}],
    ['UPSTREAM_DENIED', 'biostudies', 'api/v1/studies/S-BIAD90403', {}],
    ['CATALOGUE_BAD', 'bia', 'search/study', {}],
    ['CATALOGUE_BAD', 'idr', 'webgateway/archived_files/1/', {}],
    ['STORE_DENIED', 'elsewhere', '', {}],
    ['UPSTREAM_DOWN', 'idr', 'api/v0/m/screens/', { fail: { idr: 503 } }],
    ['BUSY', 'bia', 'search/study', { fail: { bia: 429 } }],
    ['CATALOGUE_BAD', 'bia', 'search/study', { fail: { bia: { status: 200, body: '<html></html>' } } }]
  ])('failures become %s: %s/%s', async (wanted, service, place, settings) => {
    await archives.control(settings);
    expect(await code(service, place)).toBe(wanted);
  });

  it('count requests that were given up', async () => {
    await archives.control({ delay: { bia: 30 } });
    const leaving = new AbortController();
    const asked = archives.relay('bia', 'search/study', { query: { page_size: 1 } }, leaving.signal);
    const outcome = expect(asked).rejects.toBe('enough');
    while ((await archives.requests()).length === 0) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    leaving.abort('enough');
    await outcome;
    for (let tries = 0; tries < 200 && (await archives.aborted()).length === 0; tries++) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    expect(await archives.aborted()).toEqual(['GET /bia/search/study?page_size=1']);
  });

  const recorded = sharedPath('fixtures', 'recorded');
  (recorded === null ? it.skip : it)(
    'read recorded files that the project does not carry',
    async () => {
      const more = await startArchives({ shared: recorded ?? undefined });
      const table = await more.relay('ngff-samples', '_data/table.csv', {}, signal);
      expect(new TextDecoder().decode(table.bytes).trim().split('\n')).toHaveLength(102);
      await more.close();
    },
    30_000
  );
});
