import { isBioImageError } from '../../core';
import type { IStoreInfo } from '../../entities';
import { checkKey, encodeKey, joinKey, resolveUri } from '..';

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return isBioImageError(error) ? error.code : error;
  }
}

const store = (id: string, prefixes: string[], direct?: string): IStoreInfo => ({
  id,
  label: id,
  kind: 's3',
  prefixes,
  prefer: 'auto',
  absentIs403: false,
  access: {},
  ...(direct ? { direct } : {})
});

const STORES = [
  store('files', []),
  store(
    'idr',
    ['https://uk1s3.example.org/idr', 's3://idr', 'https://old.example.org/idr/'],
    'https://uk1s3.example.org/idr'
  ),
  store('idr-zarr', ['https://uk1s3.example.org/idr/zarr/v0.4', 's3://idr/zarr/v0.4']),
  store('lab', ['http://minio.lab:9000/data'])
];

/** Paths as they come from metadata, with what must come of them: a code, or the path of a URL. */
const PATHS: readonly [path: string, result: string][] = [
  // Paths to another host.
  ['./https:%2F%2Fevil.example%2Fx', 'PATH_DENIED'],
  ['https:%2F%2Fevil.example%2Fx', 'PATH_DENIED'],
  ['https:%252F%252Fevil.example%252Fx', 'PATH_DENIED'],
  ['//evil', 'PATH_DENIED'],
  ['/evil', 'PATH_DENIED'],
  ['https://evil.example/x', 'PATH_DENIED'],
  ['./data:%2C1', 'PATH_DENIED'],
  ['javascript:alert(1)', 'javascript%3Aalert(1)'],
  ['data:,1', 'data%3A%2C1'],
  // Paths that climb, and what could be taken for such.
  ['../0', 'PATH_DENIED'],
  ['0/..', 'PATH_DENIED'],
  ['%2e%2e/0', 'PATH_DENIED'],
  ['%2E./0', 'PATH_DENIED'],
  ['%252e%252e%252f', 'PATH_DENIED'],
  ['%25252525252e', 'PATH_DENIED'],
  ['..%2f0', 'PATH_DENIED'],
  ['a%5c..%5cb', 'PATH_DENIED'],
  ['a\\..\\b', 'PATH_DENIED'],
  ['a/./b', 'PATH_DENIED'],
  ['', 'PATH_DENIED'],
  ['a//b', 'PATH_DENIED'],
  ['a\0b', 'PATH_DENIED'],
  ['a%00b', 'PATH_DENIED'],
  ['a\nb', 'PATH_DENIED'],
  ['a\u0085b', 'PATH_DENIED'],
  ['a\u007fb', 'PATH_DENIED'],
  ['a\ud800b', 'BAD_REQUEST'],
  ['a'.repeat(256), 'BAD_REQUEST'],
  ['é'.repeat(128), 'BAD_REQUEST'],
  ['a/'.repeat(299) + 'a', 'BAD_REQUEST'],
  [`${'a'.repeat(250)}/`.repeat(20) + 'a', 'BAD_REQUEST'],
  // Names that only look dangerous.
  ['a?x', 'a%3Fx'],
  ['a#f', 'a%23f'],
  ['a%3Fx', 'a%253Fx'],
  ['100%', '100%25'],
  ['a%zz', 'a%25zz'],
  ['%', '%25'],
  ['~a', '~a'],
  ['...', '...'],
  ['....', '....'],
  ['．．', '%EF%BC%8E%EF%BC%8E'],
  ['..%c0%af', '..%25c0%25af'],
  ['.zattrs', '.zattrs'],
  ['a b/ü', 'a%20b/%C3%BC']
];

describe('checkKey and encodeKey', () => {
  it.each(PATHS)('make of %j: %s', (path, result) => {
    expect(outcome(() => encodeKey(checkKey(path)))).toBe(result);
    expect(outcome(() => encodeKey(joinKey('a/b', path)))).toBe(/^[A-Z_]+$/.test(result) ? result : `a/b/${result}`);
  });

  it.each(PATHS)('let no URL leave the store for %j', path => {
    const base = 'https://store.example/bucket/image.zarr';
    const key = outcome(() => checkKey(path));
    if (key !== path) {
      return;
    }
    const url = new URL(`${base}/${encodeKey(path)}`);
    expect([url.origin, url.search, url.hash]).toEqual(['https://store.example', '', '']);
    expect(url.pathname.startsWith('/bucket/image.zarr/')).toBe(true);
    expect(url.pathname.split('/').slice(3).map(decodeURIComponent).join('/')).toBe(path);
  });

  it('joins to the root of a store', () => {
    expect(joinKey('', 'a', 'b')).toBe('a/b');
    expect(joinKey('a', 'b/c')).toBe('a/b/c');
    expect(joinKey('a')).toBe('a');
    expect(outcome(() => joinKey(''))).toBe('PATH_DENIED');
    expect(outcome(() => joinKey('a', ''))).toBe('PATH_DENIED');
  });

  it('looks at a hostile key in good time', () => {
    expect(outcome(() => checkKey('%25'.repeat(1e5)))).toMatch(/PATH_DENIED|BAD_REQUEST/);
    expect(outcome(() => checkKey('/'.repeat(1e6)))).toBe('PATH_DENIED');
  });
});

describe('resolveUri', () => {
  const resolve = (uri: string) =>
    outcome(() => {
      const { store: found, key, direct } = resolveUri(uri, STORES);
      return `${found?.id ?? 'none'} | ${key} | ${direct ?? ''}`;
    });

  it.each([
    ['https://uk1s3.example.org/idr/a/b.zarr', 'idr | a/b.zarr | https://uk1s3.example.org/idr/a/b.zarr'],
    ['https://uk1s3.example.org/idr/zarr/v0.4/b.zarr/', 'idr-zarr | b.zarr | '],
    ['https://uk1s3.example.org/idr/zarr/v0.40/b', 'idr | zarr/v0.40/b | https://uk1s3.example.org/idr/zarr/v0.40/b'],
    ['https://old.example.org/idr/a', 'idr | a | https://uk1s3.example.org/idr/a'],
    ['HTTPS://UK1S3.Example.org:443/idr/a', 'idr | a | https://uk1s3.example.org/idr/a'],
    ['https://uk1s3.example.org/idr', 'idr |  | https://uk1s3.example.org/idr'],
    ['https://uk1s3.example.org/idr///', 'idr |  | https://uk1s3.example.org/idr'],
    ['https://uk1s3.example.org/idr/a%20b/c%3Fd', 'idr | a b/c?d | https://uk1s3.example.org/idr/a%20b/c%3Fd'],
    ['https://uk1s3.example.org/idr/a%253Fx', 'idr | a%3Fx | https://uk1s3.example.org/idr/a%253Fx'],
    ['https://uk1s3.example.org/i%64r/a', 'idr | a | https://uk1s3.example.org/idr/a'],
    ['s3://idr/a/b.zarr', 'idr | a/b.zarr | https://uk1s3.example.org/idr/a/b.zarr'],
    ['s3://idr/a%20b?c#d', 'idr | a%20b?c#d | https://uk1s3.example.org/idr/a%2520b%3Fc%23d'],
    ['s3://idr/zarr/v0.4/x', 'idr-zarr | x | '],
    ['store:idr/a b?c', 'idr | a b?c | https://uk1s3.example.org/idr/a%20b%3Fc'],
    ['store:idr/a%3Fx/', 'idr | a%3Fx | https://uk1s3.example.org/idr/a%253Fx'],
    ['store:idr/a.zarr/.zattrs', 'idr | a.zarr | https://uk1s3.example.org/idr/a.zarr'],
    ['store:idr/zarr.json', 'idr |  | https://uk1s3.example.org/idr'],
    ['https://uk1s3.example.org/idr/a.zarr/0/.zarray/', 'idr | a.zarr/0 | https://uk1s3.example.org/idr/a.zarr/0'],
    ['s3://idr/a.zarr/.zgroup', 'idr | a.zarr | https://uk1s3.example.org/idr/a.zarr'],
    ['https://other.example/a.zarr/zarr.json', 'none |  | https://other.example/a.zarr'],
    ['https://other.example/a.zarr/my.zattrs', 'none |  | https://other.example/a.zarr/my.zattrs'],
    ['a.zarr/.zmetadata', 'files | a.zarr | '],
    ['store:idr', 'idr |  | https://uk1s3.example.org/idr'],
    ['store:idr/', 'idr |  | https://uk1s3.example.org/idr'],
    ['folder/a.zarr', 'files | folder/a.zarr | '],
    ['10:30.zarr/', 'files | 10:30.zarr | '],
    ['time:1.zarr', 'files | time:1.zarr | '],
    ['http://minio.lab:9000/data/x', 'lab | x | '],
    ['https://other.example/a/b c', 'none |  | https://other.example/a/b%20c'],
    ['https://other.example:8443/', 'none |  | https://other.example:8443'],
    ['https://bücher.example/a', 'none |  | https://xn--bcher-kva.example/a']
  ])('leads %s to %s', (uri, expected) => {
    expect(resolve(uri)).toBe(expected);
    expect(resolveUri(uri, STORES).uri).toBe(uri);
  });

  it.each([
    ['https://uk1s3.example.org/idr-secret/a', 'none |  | https://uk1s3.example.org/idr-secret/a'],
    ['https://uk1s3.example.org@evil/idr/a', 'STORE_DENIED'],
    ['https://user:secret@uk1s3.example.org/idr/a', 'STORE_DENIED'],
    ['https://uk1s3.example.org\\@evil/idr/a', 'STORE_DENIED'],
    ['https://uk1s3.example.org%2eevil/idr/a', 'STORE_DENIED'],
    ['https://evil#uk1s3.example.org/idr/a', 'BAD_REQUEST'],
    ['https://uk1s3.example.org/idr/a?X-Amz-Signature=1', 'BAD_REQUEST'],
    ['https://uk1s3.example.org/idr/a#', 'BAD_REQUEST'],
    ['https://uk1s3.example.org/idr/../secret', 'PATH_DENIED'],
    ['https://uk1s3.example.org/idr/%2e%2e/secret', 'PATH_DENIED'],
    ['https://uk1s3.example.org/idr/%252e%252e/secret', 'PATH_DENIED'],
    ['https://uk1s3.example.org/idr/a%2Fb', 'PATH_DENIED'],
    ['https://uk1s3.example.org/idr/a%5Cb', 'PATH_DENIED'],
    ['https://uk1s3.example.org/idr/a\\b', 'PATH_DENIED'],
    ['https://uk1s3.example.org/idr//a', 'PATH_DENIED'],
    ['https://uk1s3.example.org/idr/a\tb', 'PATH_DENIED'],
    ['https://uk1s3.example.org/idr/100%', 'BAD_REQUEST'],
    ['https:///a', 'STORE_DENIED'],
    ['https://a b/c', 'STORE_DENIED'],
    ['https://a:99999/c', 'BAD_REQUEST'],
    ['http://other.example/a', 'STORE_DENIED'],
    ['http://uk1s3.example.org/idr/a', 'STORE_DENIED'],
    ['s3://unlisted/a', 'STORE_DENIED'],
    ['s3://../a', 'BAD_REQUEST'],
    ['s3://idr/../a', 'PATH_DENIED'],
    ['store:none/a', 'STORE_DENIED'],
    ['store:/a', 'STORE_DENIED'],
    ['store:idr//a', 'PATH_DENIED'],
    ['store:idr/../a', 'PATH_DENIED'],
    ['file:///etc/passwd', 'STORE_DENIED'],
    ['FILE:/etc/passwd', 'STORE_DENIED'],
    ['javascript:alert(1)', 'STORE_DENIED'],
    ['data:text/html,x', 'STORE_DENIED'],
    ['gopher://x/y', 'STORE_DENIED'],
    ['git+ssh://x/y', 'STORE_DENIED'],
    [' https://uk1s3.example.org/idr/a', 'BAD_REQUEST'],
    ['\thttps://uk1s3.example.org/idr/a', 'BAD_REQUEST'],
    ['https://uk1s3.example.org/idr/a\n', 'BAD_REQUEST'],
    ['ht\ntps://uk1s3.example.org/idr/a', 'PATH_DENIED'],
    ['', 'BAD_REQUEST'],
    ['/etc/passwd', 'PATH_DENIED'],
    ['//host/share', 'PATH_DENIED'],
    ['C:\\x', 'PATH_DENIED'],
    ['../x', 'PATH_DENIED']
  ])('makes of %j: %s', (uri, expected) => {
    expect(resolve(uri)).toBe(expected);
  });

  it.each(PATHS)('keeps the path %j below the store by its id', (path, result) => {
    const found = outcome(() => resolveUri(`store:idr/x/${path}`, STORES).direct);
    const root = 'https://uk1s3.example.org/idr/x';
    // Slashes and a document of Zarr at the end of an address mean nothing.
    const expected = path === '' || path === '.zattrs' ? root : `${root}/${result}`;
    expect(found).toBe(/^[A-Z_]+$/.test(result) && path !== '' ? result : expected);
  });

  it('needs the store of files for a plain path', () => {
    expect(outcome(() => resolveUri('a.zarr', [STORES[1]]))).toBe('STORE_DENIED');
  });

  it('says nothing of the address in its error', () => {
    for (const uri of ['https://user:hunter2@a/b', 'https://a/b?token=hunter2', 'store:hunter2/a', 'a/../hunter2']) {
      try {
        resolveUri(uri, STORES);
        throw new Error('not refused');
      } catch (error) {
        expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
      }
    }
  });
});
