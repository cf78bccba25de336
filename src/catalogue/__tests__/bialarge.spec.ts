/* eslint-disable jupyter/no-untranslated-string -- titles of studies are data */
import { BioImageError, say, throwIfAborted } from '../../core';
import type { Relay } from '..';
import { BiaApi } from '../sources/bia/api';
import { BiaSearch } from '../sources/bia/search';
import { BiaSource } from '../sources/bia/source';
import { reading } from '../../testing/reading';

const { signal } = new AbortController();
const uuid = (kind: number, at: number): string => `00000000-0000-4000-800${kind}-${String(at).padStart(12, '0')}`;
const study = { uuid: uuid(0, 1), accession_id: 'S-BIAD1', title: 'T' };
const HOST = 'https://livingobjects.ebi.ac.uk/elsewhere';

interface IWorld {
  /** Images of each dataset. */
  readonly images: readonly number[];
  /** Places of images, counted through all datasets, that are there as OME-Zarr. */
  readonly viewable: readonly number[];
}

/** Images of all datasets, each with the place it has among them. */
const imagesOf = ({ images, viewable }: IWorld): Record<string, unknown>[] =>
  images
    .flatMap((count, dataset) => Array.from({ length: count }, () => dataset))
    .map((dataset, at) => ({
      uuid: uuid(2, at),
      submission_dataset_uuid: uuid(1, dataset),
      label: `image ${at}`,
      additional_metadata: viewable.includes(at)
        ? [{ name: 'recommended_vizarr_representation', value: { recommended_vizarr_representation: uuid(3, at) } }]
        : []
    }));
const madeOf = (at: number): Record<string, unknown> => ({
  uuid: uuid(3, at),
  representation_of_uuid: uuid(2, at),
  image_format: '.ome.zarr',
  file_uri: [`${HOST}/${at}.ome.zarr`]
});

/** A relay that pages as the services do, over a study whose OME-Zarr lie where no address with its accession finds them. */
function world(what: IWorld, isUp = true): { source: BiaSource; asked: string[] } {
  const asked: string[] = [];
  const images = imagesOf(what);
  const made = new Map(what.viewable.map(at => [uuid(3, at), madeOf(at)]));
  const datasets = what.images.map((image_count, at) => ({ uuid: uuid(1, at), title: `D${at}`, image_count }));
  const relay: Relay = (service, path, { query = {} }, own) => {
    throwIfAborted(own);
    asked.push(`${service}/${path}`);
    const answer = (value: unknown): ReturnType<Relay> =>
      Promise.resolve({
        bytes: new TextEncoder().encode(JSON.stringify(value)),
        type: 'application/json',
        from: 'service'
      });
    const page = (all: readonly Record<string, unknown>[]): ReturnType<Relay> =>
      answer(
        all.filter(one => String(one.uuid) > String(query.start_from_uuid ?? '')).slice(0, Number(query.page_size))
      );
    const hits = (all: readonly Record<string, unknown>[]): ReturnType<Relay> => {
      const [at, size] = [Number(query['pagination.page']) - 1, Number(query['pagination.page_size'])];
      const some = all.slice(at * size, (at + 1) * size).map(one => ({ _source: one }));
      return answer({ hits: { total: { value: all.length, relation: 'eq' }, hits: some } });
    };
    const parts = path.split('/');
    if (service === 'bia-search') {
      const own_ = images.filter(one => one.submission_dataset_uuid === query.query);
      const full = own_.map(one => {
        const at = images.indexOf(one);
        return { ...one, representation: what.viewable.includes(at) ? [madeOf(at)] : [] };
      });
      return hits(path.endsWith('study') ? [{ ...study, dataset: datasets }] : full);
    }
    if (!isUp) {
      return Promise.reject(new BioImageError('UPSTREAM_DOWN', say`down`));
    }
    if (path === 'search/study/accession') {
      return answer(study);
    }
    if (path.endsWith('/dataset')) {
      return page(datasets);
    }
    if (path.endsWith('/stats')) {
      return answer({ image_count: what.images[datasets.findIndex(one => one.uuid === parts[1])] });
    }
    if (path.endsWith('/image')) {
      return page(images.filter(one => one.submission_dataset_uuid === parts[1]));
    }
    if (path === 'search/image_representation') {
      return page([...made].filter(([one]) => (query.filter_uuid as string[]).includes(one)).map(([, one]) => one));
    }
    return page([]);
  };
  return {
    source: new BiaSource(new BiaApi(relay), new BiaSearch(relay), () => Promise.resolve([])),
    asked
  };
}

describe('a study of many images, through the API', () => {
  it('shows those that open however far behind they come, and counts them', async () => {
    const { source } = world({ images: [250, 1200], viewable: [150, 240, 260, 1440] });
    const { datasets, viewable, notices } = await source.study('S-BIAD1', signal);
    expect([viewable, datasets.map(one => one.viewable), notices]).toEqual([4, [2, 2], []]);
    const { items, total } = await source.images('S-BIAD1', { text: '', limit: 6 }, signal);
    expect(items.map(({ title }) => title).slice(0, 4)).toEqual([150, 240, 260, 1440].map(at => `image ${at}`));
    expect([items.map(one => one.viewable), total]).toEqual([[true, true, true, true, false, false], 1450]);
  });

  it('looks into more than ten datasets', async () => {
    const { source } = world({ images: Array.from({ length: 15 }, () => 2), viewable: [28] });
    expect(await source.study('S-BIAD1', signal)).toMatchObject({ viewable: 1, notices: [] });
  });

  it.each([
    { case: 'of a dataset', images: [2500], viewable: [3, 2400] },
    { case: 'in datasets', images: Array.from({ length: 25 }, () => 1), viewable: [3, 24] }
  ])('claims no number where not all $case were looked at, and is not asked again for that', async what => {
    const { source, asked } = world(what);
    const details = await source.study('S-BIAD1', signal);
    expect(details.viewable).toBeUndefined();
    expect(details.notices.map(String)).toEqual([reading('may be viewable')]);
    const before = asked.length;
    await source.study('S-BIAD1', signal);
    expect(asked).toHaveLength(before);
    // The other one opens when its turn comes.
    let cursor: string | undefined;
    let found = 0;
    do {
      const page = await source.images('S-BIAD1', { text: '', limit: 500, cursor }, signal);
      found += page.items.filter(one => one.viewable).length;
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(found).toBe(2);
  });
});

describe('a study of many images, out of the search alone', () => {
  it('is read to the end of its pages', async () => {
    const { source } = world({ images: [130, 100, 250], viewable: [120, 225, 470] }, false);
    const { datasets, viewable } = await source.study('S-BIAD1', signal);
    expect([viewable, datasets.map(one => one.viewable)]).toEqual([3, [1, 1, 1]]);
    const { items, total, exact } = await source.images('S-BIAD1', { text: '', limit: 4 }, signal);
    expect(items.map(one => one.viewable)).toEqual([true, true, true, false]);
    expect([total, exact]).toEqual([480, undefined]);
  });

  it('says so where it is not, and claims no number', async () => {
    const { source, asked } = world({ images: [5000, 5], viewable: [120, 5001] }, false);
    const details = await source.study('S-BIAD1', signal);
    expect(details.viewable).toBeUndefined();
    expect(details.notices.join()).toContain('may be viewable');
    expect(await source.images('S-BIAD1', { text: '' }, signal)).toMatchObject({ exact: false });
    expect(asked.filter(one => one.endsWith('website/image')).length).toBeLessThanOrEqual(30);
  });
});
