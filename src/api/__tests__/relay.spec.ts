import { ServerConnection } from '@jupyterlab/services';
import { outcomeOf } from '../../testing';
import { BioImageClient } from '..';

/** A client whose network answers always the same; requests are recorded as they would go out. */
function makeClient(answer: () => Response) {
  const requests: Request[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost:8888/user/ada/',
    token: 'secret-token',
    fetch: input => {
      requests.push(input as Request); // makeRequest always hands over one
      return Promise.resolve(answer());
    }
  });
  return { client: new BioImageClient(settings), requests };
}

const { signal } = new AbortController();
const ok = (headers: Record<string, string> = {}): Response =>
  new Response('{"a":1}', { headers: { 'content-type': 'application/json; charset=utf-8', ...headers } });

describe('a relayed request', () => {
  it('keeps the order of its parameters, repeats lists and encodes every piece once', async () => {
    const { client, requests } = makeClient(() => ok());
    const query = { query: 'light sheet & more', page: 2, ids: ['1', '2'], left: undefined };
    await client.relay('biostudies', 'api/v1/bioimages/search', { query }, signal);
    await client.relay('idr', 'a b/c?d#e', {}, signal);
    const base = 'http://localhost:8888/user/ada/bioimage/catalogues';
    expect(requests.map(({ url }) => url)).toEqual([
      `${base}/biostudies/api/v1/bioimages/search?query=light%20sheet%20%26%20more&page=2&ids=1&ids=2`,
      `${base}/idr/a%20b/c%3Fd%23e`
    ]);
  });

  it('sends a body as JSON with POST', async () => {
    const { client, requests } = makeClient(() => ok());
    await client.relay('idr', 'searchengine/api/v1/resources/submitquery/', { body: { resource: 'image' } }, signal);
    expect(requests[0].method).toBe('POST');
    expect(requests[0].headers.get('content-type')).toBe('application/json');
    await expect(requests[0].json()).resolves.toEqual({ resource: 'image' });
  });

  it.each([
    [{}, { from: 'service' }],
    [{ 'X-BioImage-From': 'cache', Age: '3600' }, { from: 'cache', age: 3600 }],
    [{ 'X-BioImage-From': 'recorded', Age: 'soon' }, { from: 'recorded' }],
    [{ 'X-BioImage-From': 'elsewhere' }, { from: 'service' }]
  ])('tells where the answer comes from: %j', async (headers, expected) => {
    const { client } = makeClient(() => ok(headers));
    const { bytes, ...rest } = await client.relay('bia', 'study/1', {}, signal);
    expect(new TextDecoder().decode(bytes)).toBe('{"a":1}');
    expect(rest).toEqual({ type: 'application/json', ...expected });
  });

  it.each([
    [{ contact: 'ada@example.org', cacheHours: 1.5 }, 'ada@example.org', '5400'],
    [{ contact: '' }, null, null],
    [{ contact: 'a\r\nX-Evil: 1', cacheHours: 0 }, null, '0'],
    [{ contact: 'ada lovelace <a@example.org>' }, null, null]
  ])('carries the manners a person has set: %j', async (manners, contact, age) => {
    const { client, requests } = makeClient(() => ok());
    client.manners = manners;
    await client.relay('bia', 'study/1', {}, signal);
    expect(requests[0].headers.get('X-BioImage-Contact')).toBe(contact);
    expect(requests[0].headers.get('X-BioImage-Max-Age')).toBe(age);
  });

  it('rejects with the failure that the server names', async () => {
    const failure = { code: 'CATALOGUE_BAD', message: 'Not understood.', hint: 'Later.', id: '0123abcd' };
    const { client } = makeClient(() => new Response(JSON.stringify(failure), { status: 502, headers: { 'content-type': 'application/json' } }));
    await expect(outcomeOf(client.relay('bia', 'study/1', {}, signal))).resolves.toContain('CATALOGUE_BAD');
  });
});

describe('what the relay knows', () => {
  it('is read field by field', async () => {
    const answer = { services: [{ id: 'bia', more: 1 }], rewrites: [['https://a/', 'https://b/']] };
    const { client } = makeClient(() => new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } }));
    await expect(client.catalogues()).resolves.toEqual({
      services: ['bia'],
      rewrites: [{ from: 'https://a/', to: 'https://b/' }]
    });
  });

  it.each([{}, { services: [1], rewrites: [] }, { services: [], rewrites: [['a']] }])('is refused when odd: %j', async answer => {
    const { client } = makeClient(() => new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } }));
    await expect(outcomeOf(client.catalogues())).resolves.toContain('UPSTREAM_BAD');
  });
});
