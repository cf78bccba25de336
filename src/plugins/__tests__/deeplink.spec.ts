import { MemorySource } from '../../catalogue';
import { BioImageError, say } from '../../core';
import { makeDeepLink, readDeepLink, withoutDeepLink } from '../deeplink';
import { isArchivePage } from '../linktarget';

const link = (target: string, view?: string): string =>
  `?${new URLSearchParams({ bioimage: target, ...(view === undefined ? {} : { view }) }).toString()}`;

describe('a deep link', () => {
  it.each([
    ['https://a.example/x.zarr'],
    ['s3://bucket/x.zarr'],
    ['store:data/a b#%?.zarr'],
    ['images/x.zarr'],
    ['x.zarr'],
    ['x.ozx'],
    ['x.ome.tif'],
    ['a/\u00e9 \u{1f52c}.zarr']
  ])('opens %s', uri => {
    expect(readDeepLink(link(uri))).toEqual({ uri, ignored: [] });
  });

  it.each([
    'S-BIAD1492',
    'idr0062',
    'S-BSST744',
    'idr:0062',
    'idr:image:6001240',
    'screen:102',
    '10.6019/S-BIAD1492',
    'https://doi.org/10.6019/S-BIAD1492',
    'https://doi.org/10.6019%2FS-BIAD1492'
  ])('searches for %s', query => {
    expect(readDeepLink(link(query))).toEqual({ query, ignored: [] });
  });

  it.each([
    '//evil.example/x.zarr',
    '/\\evil.example/x.zarr',
    '\\\\evil\\x.zarr',
    'javascript:alert(1)//x.zarr',
    'JavaScript:alert(1)',
    'data:text/html,<script>/.zarr',
    'file:///etc/passwd/x.zarr',
    'http:\\\\evil/x.zarr',
    'https://user:word@evil.example/x.zarr',
    'https://',
    'store:data',
    'store:/x',
    'a:b:c:d',
    'JavaScript:alert',
    'data:text',
    '../../x.zarr',
    'a/../../x.zarr',
    '/etc/x.zarr',
    'a\nb/x.zarr',
    'a\u202eb/x.zarr',
    'two words',
    '<img src=x onerror=alert(1)>',
    '',
    'x'.repeat(100_000)
  ])('ignores %j with a notice', target => {
    expect(readDeepLink(link(target))).toEqual({ ignored: ['bioimage'] });
  });

  it('carries the view', () => {
    const selection = { level: 1, z: 3, c: [0, 2], region: [0, 10, 5, 20] };
    expect(readDeepLink(link('x.zarr', JSON.stringify(selection)))).toEqual({ uri: 'x.zarr', selection, ignored: [] });
  });

  it.each(['{', '[]', '{"z":-1}', '{"region":[5,5,0,1]}', '7', `{"z":${'1'.repeat(3000)}}`])(
    'opens the image and ignores the view %j',
    view => {
      expect(readDeepLink(link('x.zarr', view))).toEqual({ uri: 'x.zarr', ignored: ['view'] });
    }
  );

  it('drops fields of the view that it does not know', () => {
    expect(readDeepLink(link('x.zarr', '{"z":1,"__proto__":{"a":1},"evil":2}'))?.selection).toEqual({ z: 1 });
  });

  it('is none without its parameter', () => {
    expect(readDeepLink('?reset')).toBeNull();
    expect(readDeepLink('')).toBeNull();
  });

  it.each([
    ['?bioimage=x&view=%7B%7D', ''],
    ['?token=a%20b&bioimage=x&reset', '?token=a%20b&reset'],
    ['?BIOIMAGE=x', '?BIOIMAGE=x'],
    ['', '']
  ])('is taken out of %j and leaves the rest as it was', (search, rest) => {
    expect(withoutDeepLink(search)).toBe(rest);
  });

  it.each(['https://a.example/x.zarr', 'store:data/a b#%?&+;"\'${}\u{1f52c}.zarr', 'images/x.zarr'])(
    'reads back what was copied for %s',
    uri => {
      const selection = { z: 1, c: [2] };
      const made = new URL(makeDeepLink('https://hub.example/user/a%40b/lab', uri, selection));
      expect(made.pathname).toBe('/user/a%40b/lab');
      expect(readDeepLink(made.search)).toEqual({ uri, selection, ignored: [] });
    }
  );
});

describe('an address in a link', () => {
  const page = 'https://www.ebi.ac.uk/biostudies/studies/S-BIAD1492';
  const source = (id: string, known: (text: string) => boolean): MemorySource =>
    Object.assign(new MemorySource(id, id, []), {
      recognise: (text: string) => (known(text) ? { kind: 'study' as const, accession: 'S-BIAD1492' } : null)
    });
  const sources = [
    source('odd', () => {
      throw new Error('odd');
    }),
    source('a', text => text === page)
  ];

  it('is followed in the panel where a source recognises it, whatever another one throws, and opened else', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const populate = jest.fn(() => Promise.resolve());
    const asked = (uri: string): Promise<boolean> => isArchivePage(uri, { populate, sources });
    expect([await asked(page), await asked('https://a.example/image')]).toEqual([true, false]);
    expect(populate).toHaveBeenCalledTimes(2);
    // Nothing is waited for where the address is an image's own, or no page.
    expect([await asked(`${page}/x.zarr`), await asked('store:data/x')]).toEqual([false, false]);
    expect(populate).toHaveBeenCalledTimes(2);
    const failing = { populate: () => Promise.reject(new BioImageError('UPSTREAM_DOWN', say`No.`)), sources: [] };
    expect(await isArchivePage(page, failing)).toBe(false);
    warn.mockRestore();
  });
});
