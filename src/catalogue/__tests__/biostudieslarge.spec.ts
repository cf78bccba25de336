import type { IFileEntry, IImageRecord, IPage, IQuery } from '../../entities';
import { BioImageError, say } from '../../core';
import { startArchives } from '../../testing/archives';
import type { IArchives } from '../../testing/archives';
import { BioStudiesSource } from '../sources/biostudies/source';

const { signal } = new AbortController();
let archives: IArchives;
beforeAll(async () => {
  archives = await startArchives();
}, 30_000);
beforeEach(() => archives.control({}));
afterAll(() => archives.close());

/** With the relay's bound so low that no file list comes through; `rows` changes rows of the table. */
function make(): BioStudiesSource {
  return new BioStudiesSource((service, path, options, own) =>
    path.startsWith('files/')
      ? Promise.reject(new BioImageError('TOO_LARGE', say`too large`))
      : archives.relay(service, path, options, own)
  );
}

async function all<T>(ask: (query: IQuery) => Promise<IPage<T>>, query: Partial<IQuery> = {}): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ text: '', limit: 100, ...query, cursor });
    expect(page.items.length).toBeLessThanOrEqual(query.limit ?? 100);
    found.push(...page.items);
    ({ cursor } = page);
  } while (cursor !== undefined);
  return found;
}
const images = (source: BioStudiesSource, accession: string, query: Partial<IQuery> = {}): Promise<IImageRecord[]> =>
  all(one => source.images(accession, one, signal), query);
const files = (source: BioStudiesSource, accession: string, query: Partial<IQuery> = {}): Promise<IFileEntry[]> =>
  all(one => source.files(accession, one, signal), query);

describe('a study whose file lists are too large', () => {
  it('shows the same images out of the archive’s table of files', async () => {
    for (const accession of ['S-BIAD90001', 'S-BIAD90002', 'S-BIAD90003', 'S-BIAD1492']) {
      const usual = await images(new BioStudiesSource(archives.relay), accession);
      const source = make();
      const found = await images(source, accession);
      const essence = (list: IImageRecord[]) =>
        list.map(({ title, uri, viewable, bytes, reason }) => ({ title, uri, viewable, bytes, reason }));
      expect(essence(found)).toEqual(expect.arrayContaining(essence(usual)));
      expect(found).toHaveLength(usual.length);
      const flags = found.map(({ viewable }) => viewable);
      expect(flags).toEqual([...flags].sort((a, b) => Number(b) - Number(a)));
      expect((await images(source, accession, { limit: 2 })).map(({ id }) => id)).toEqual(found.map(({ id }) => id));
      for (const image of found) {
        expect(await source.image(image.id, signal)).toEqual(image);
      }
    }
  });

  it('shows its files page by page, with their number, each page one request', async () => {
    const source = make();
    const first = await source.files('S-BIAD90004', { text: '', limit: 100 }, signal);
    expect(first).toMatchObject({ total: 2000, cursor: 't100' });
    const asked = (await archives.requests()).filter(one => one.includes('api/v1/files'));
    expect(asked).toHaveLength(1);
    expect(await files(source, 'S-BIAD90004', { limit: 700 })).toHaveLength(2000);
  });

  it('is filtered by every word of a text', async () => {
    const source = make();
    expect((await files(source, 'S-BIAD90001', { text: 'RAW timelapse' })).map(({ path }) => path)).toEqual([
      'timelapse/raw/embryo#1+2.tif'
    ]);
    expect((await images(source, 'S-BIAD90001', { text: 'cells labels' })).map(({ title }) => title)).toEqual([
      'labels.ome.zarr'
    ]);
    expect(await files(source, 'S-BIAD90001', { text: 'nothing is called so' })).toEqual([]);
  });

  it('is asked for its lists once', async () => {
    const lists: string[] = [];
    const source = new BioStudiesSource((service, path, options, own) => {
      if (path.startsWith('files/')) {
        lists.push(path);
        return Promise.reject(new BioImageError('TOO_LARGE', say`too large`));
      }
      return archives.relay(service, path, options, own);
    });
    await source.images('S-BIAD90003', { text: '' }, signal);
    await source.files('S-BIAD90003', { text: '' }, signal);
    expect(lists).toEqual(['files/S-BIAD90003/plate.json']);
  });
});
