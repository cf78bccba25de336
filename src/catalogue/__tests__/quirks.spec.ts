/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import { existsSync } from 'node:fs';
import { BioImageError, say } from '../../core';
import type { IImageRecord, IPage } from '../../entities';
import { openNode } from '../../ngff';
import { DirectStore } from '../../stores';
import { outcomeOf } from '../../testing';
import { startArchives } from '../../testing/archives';
import type { IArchives } from '../../testing/archives';
import { locate, memoryEnvironment, PROVIDERS, rewritten, StoreSource } from '..';
import type { Probe } from '..';
import { sampleCopies } from '../samplecopies';

const NEW = 'https://livingobjects.ebi.ac.uk';
const OLD = 'https://uk1s3.embassy.ebi.ac.uk';
const IMAGE = `${NEW}/idr/zarr/v0.4/idr0062A/6001240.zarr`;
const IMAGE_V3 = `${NEW}/idr/zarr/v0.5/idr0062A/6001240_labels.zarr`;
const { signal } = new AbortController();

let archives: IArchives;
beforeAll(async () => {
  archives = await startArchives();
}, 30_000);
beforeEach(() => archives.control({}));
afterAll(() => archives.close());

/** Where the doubles have what the archives have at an address. */
const doubled = (address: string): string =>
  address.replace(NEW, `${archives.url}/storage`).replace(OLD, `${archives.url}/old-storage`);

/**
 * As a page of another origin reads: an answer without CORS headers, and a request whose preflight is refused, look like a
 * network that is down. Counts what was asked.
 */
function pageFetch(): { fetch: typeof fetch; asked: string[] } {
  const asked: string[] = [];
  const failed = (): TypeError => new TypeError('Failed to fetch');
  return {
    asked,
    fetch: async (input, init = {}) => {
      const headers = new Headers(init.headers);
      // Of our headers only a range with a first byte needs no preflight (Fetch standard, CORS-safelisted request-header).
      const isSimple = [...headers].every(([name, value]) => name === 'range' && /^bytes=\d+-\d*$/.test(value));
      if (!isSimple) {
        asked.push('OPTIONS');
        const preflight = await fetch(input, { method: 'OPTIONS' });
        if (!preflight.ok) {
          throw failed();
        }
      }
      asked.push(init.method ?? 'GET');
      const response = await fetch(input, init);
      if (response.headers.get('access-control-allow-origin') !== '*') {
        throw failed();
      }
      return response;
    }
  };
}

/** Whether there is an image, asked for without a browser in between, as the session's server does. */
const probe: Probe = async (uri, gone) => {
  const found = await Promise.all(
    ['zarr.json', '.zattrs', '.zgroup'].map(key => fetch(`${doubled(uri)}/${key}`, { signal: gone }))
  );
  return found.some(({ ok }) => ok);
};
const find = (uri: string, moves = archives.rewrites) =>
  locate(uri, { rewrites: moves, probe, samples: gone => sampleCopies(environment(), gone) }, signal);

function environment(): Parameters<typeof sampleCopies>[0] & ReturnType<typeof memoryEnvironment> {
  return {
    ...memoryEnvironment([], {}),
    relay: archives.relay,
    services: () => Promise.resolve(archives.services),
    rewrites: () => Promise.resolve(archives.rewrites)
  };
}
async function catalogue(id: string): Promise<IPage<IImageRecord>> {
  const provider = PROVIDERS.find(one => one.id === id);
  const [source] = (await provider?.create(environment())) ?? [];
  return (await source.search({ text: '', limit: 1000 }, signal)) as IPage<IImageRecord>;
}

/** The storage has the sample images of this project, where these have been made. */
const withImages = existsSync('.cache/samples') ? it : it.skip;

describe('quirks of object storage', () => {
  withImages('images are of Zarr v2 and v3', async () => {
    const formats = [IMAGE, IMAGE_V3].map(async address => {
      const node = await openNode(new DirectStore(doubled(address), { fetch: pageFetch().fetch }));
      return [node.kind, node.kind === 'image' && node.zarrFormat];
    });
    expect(await Promise.all(formats)).toEqual([
      ['image', 2],
      ['image', 3]
    ]);
  });

  withImages('an object that is not there has no CORS headers, and looks like a network that is down', async () => {
    const store = new DirectStore(doubled(IMAGE), { fetch: pageFetch().fetch });
    expect(await outcomeOf(store.get('zarr.json'))).toBe('UPSTREAM_DOWN');
    expect(await store.get('.zattrs')).toBeDefined();
    // Without a page in between it is what it is.
    expect(await new DirectStore(doubled(IMAGE)).get('zarr.json')).toBeUndefined();
  });

  withImages.each([403, 405])('a preflight is refused with %d, and never provoked', async status => {
    await archives.control({ storage: { preflight: status } });
    expect((await fetch(`${doubled(IMAGE)}/.zattrs`, { method: 'OPTIONS' })).status).toBe(status);
    const { fetch: read, asked } = pageFetch();
    const store = new DirectStore(doubled(IMAGE), { fetch: read });
    const whole = await store.get('.zattrs');
    expect(await store.getRange('.zattrs', { start: 2, end: 12 })).toEqual(whole?.subarray(2, 12));
    expect(await store.getRange('.zattrs', { suffix: 5 })).toEqual(whole?.subarray(-5));
    expect(asked).toEqual(['GET', 'GET', 'GET']);
  });

  withImages('HEAD is allowed, and tells the size for the end of an object', async () => {
    const { fetch: read, asked } = pageFetch();
    const store = new DirectStore(doubled(IMAGE), { fetch: read });
    expect((await store.getRange('.zattrs', { suffix: 5 }))?.length).toBe(5);
    expect(asked).toEqual(['HEAD', 'GET']);
  });

  it('the old host is gone', async () => {
    expect((await fetch(`${doubled(`${OLD}/idr/zarr/v0.4/idr0062A/6001240.zarr`)}/.zattrs`)).status).toBe(410);
    const lost = `${OLD}/bia-idr/S-BIAD1891/a.zarr/0`;
    await expect(find(lost)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(lost) as string
    });
  });

  withImages('the old host sends on what has moved, which nobody waits for', async () => {
    await archives.control({ 'old-storage': { mode: 'redirect' } });
    const old = IMAGE.replace(NEW, OLD);
    const store = new DirectStore(doubled(old), { fetch: pageFetch().fetch });
    expect(await outcomeOf(store.get('.zattrs'))).not.toBe('ok');
    expect(await find(old)).toEqual({ uri: IMAGE, formerUri: old, by: 'moved' });
    // Once for the object; a further question without its answer tells a host that refuses pages from one that is down.
    const asked = (await archives.requests()).filter(one => one.includes('/old-storage/'));
    expect(asked.filter(one => one.startsWith('GET'))).toHaveLength(1);
  });

  withImages('not everything has moved: another copy of the image is found by its number', async () => {
    const formerUri = `${OLD}/idr/zarr/v0.1/4007801.zarr`;
    const uri = `${NEW}/idr/zarr/v0.4/idr0044A/4007801.zarr`;
    expect(await find(formerUri)).toEqual({ uri, formerUri, by: 'sample' });
  });

  it('a bucket may be part of the host’s name', () => {
    const address = 'https://bioimaging-01-pub.livingobjects.ebi.ac.uk/phase1test/EMPIAR-10326-IM1.ome.zarr';
    const uri = `${NEW}/bioimaging-01-pub/phase1test/EMPIAR-10326-IM1.ome.zarr`;
    expect(rewritten(address, archives.rewrites)).toEqual({ uri });
  });

  /** Pages of the bucket `idr`, as the session's server reads them. */
  const list: ConstructorParameters<typeof StoreSource>[2] = async (_store, folder, _page, gone) => {
    const prefix = folder === '' ? '' : `${folder}/`;
    const answer = await fetch(`${archives.url}/storage/idr?list-type=2&delimiter=/&prefix=${prefix}`, {
      signal: gone
    });
    if (!answer.ok) {
      throw new BioImageError('UPSTREAM_DENIED', say`The store refuses to list this folder.`);
    }
    const folders = (await answer.text()).matchAll(/<Prefix>([^<]+)\/<\/Prefix><\/CommonPrefixes>/g);
    return { items: [...folders].map(([, key]) => ({ name: key.slice(prefix.length), kind: 'folder' as const })) };
  };

  it('buckets can be listed: images are known by their names, with one request for a folder', async () => {
    const source = new StoreSource('idr', 'IDR', list);
    const { items } = await source.browse('zarr/v0.4/idr0062A', { text: '' }, signal);
    expect(items).toEqual([expect.objectContaining({ title: '6001240.zarr', kind: 'image', viewable: true })]);
    expect(await archives.requests()).toHaveLength(1);
  });

  it('buckets cannot be listed: that is what is said, and an address is found all the same', async () => {
    await archives.control({ storage: { listing: false } });
    const source = new StoreSource('idr', 'IDR', list);
    expect(await outcomeOf(source.browse('zarr/v0.4/idr0062A', { text: '' }, signal))).toBe('UPSTREAM_DENIED');
    expect(await outcomeOf(source.search({ text: 'cells' }, signal))).toBe('UPSTREAM_DENIED');
    expect(rewritten(`${IMAGE}/`, archives.rewrites)).toEqual({ uri: IMAGE });
  });
});

describe('quirks of catalogues', () => {
  it('lists are nested, and name lists of others', async () => {
    const { items, notices } = await catalogue('ngff-challenge');
    const asked = (await archives.requests()).map(one => one.replace(/^.*\/samples\//, ''));
    expect(asked[0]).toBe('ngff_samples.csv');
    expect(asked.indexOf('idr_samples.csv')).toBeLessThan(asked.indexOf('idr0004_samples.csv'));
    expect(new Set(asked).size).toBe(asked.length);
    expect(items.length).toBe(217);
    expect(String(notices?.[0])).toContain('KOMP_adult_lacZ.csv');
    expect(asked.filter(one => one.includes('KOMP'))).toEqual([]);
  });

  it('there are blank lines between rows', async () => {
    const { bytes } = await archives.relay('ngff-challenge', 'samples/ngff_samples.csv', {}, signal);
    expect(new TextDecoder().decode(bytes)).toMatch(/\n\r?\n/);
    expect((await catalogue('ngff-challenge')).notices?.filter(one => String(one).includes('rows'))).toEqual([]);
  });

  it('some lists have no header', async () => {
    const { bytes } = await archives.relay('ngff-challenge', 'samples/jax_samples.csv', {}, signal);
    expect(new TextDecoder().decode(bytes).startsWith('https://')).toBe(true);
  });

  withImages('rows are stale: what they say is not there, what they become is', async () => {
    const { items } = await catalogue('ngff-challenge');
    const stale = items.filter(({ formerUri }) => formerUri !== undefined);
    expect(stale.length).toBe(10);
    for (const { uri, formerUri = '' } of stale) {
      expect([await probe(formerUri, signal), await probe(uri, signal)]).toEqual([false, true]);
      expect(await find(formerUri)).toMatchObject({ uri, formerUri, by: 'moved' });
    }
  });

  it('lists that were named are not there (404), and cost themselves only', async () => {
    expect(await outcomeOf(archives.relay('ngff-challenge', 'samples/idr0090_samples.csv', {}, signal))).toBe(
      'NOT_FOUND'
    );
    expect(String((await catalogue('ngff-challenge')).notices?.[0])).toContain('samples/idr0090_samples.csv');
  });

  it('cells are empty, paths have blanks and slashes at the end', async () => {
    const { items } = await catalogue('ngff-samples');
    const { bytes } = await archives.relay('ngff-samples', '_data/table.csv', {}, signal);
    const text = new TextDecoder().decode(bytes);
    expect(text).toMatch(/,,,/);
    expect(text).toMatch(/\.zarr\/,/);
    expect(text).toMatch(/https:[^,\n]* [^,\n]*\.zarr/);
    expect(items.filter(({ uri }) => /\/$|\s/.test(uri))).toEqual([]);
    expect(items.filter(({ size }) => Object.values(size ?? {}).includes(0))).toEqual([]);
    expect(items.some(({ kind }) => kind === 'plate')).toBe(true);
  });
});
