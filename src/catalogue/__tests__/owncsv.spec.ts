/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import settings from '../../../schema/catalogue.json';
import type { IImageRecord, IPage } from '../../entities';
import { outcomeOf } from '../../testing';
import { memoryEnvironment } from '..';
import type { ICatalogueSource } from '..';
import { ownCatalogues } from '../sources/owncsv';
import { contractOf } from './contract';

const OLD = 'https://old.example.org/data';
const NEW = 'https://objects.example.org/data';
const REWRITES = [{ from: OLD, to: NEW }];
const STORES = [
  { id: 'files', label: 'Files', prefixes: [] },
  { id: 'deep', label: 'Deep', prefixes: ['https://lab.example.org/bucket/deep/'] },
  { id: 'lab', label: 'Lab', prefixes: ['https://lab.example.org/bucket', 's3://lab'] }
];
const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const CSV = [
  'File Path,File Name,File Size,Thumbnail,Uploaded,Gene,Organism,License,Notes',
  `${OLD}/a.ome.zarr/,Mitosis,1200,"${PNG}",2024-05-01 12:00:00,TP53,Homo sapiens,CC-BY 4.0,in the dark`,
  's3://bucket/b c.zarr,,,https://evil.example/pixel.png,,,,,',
  'store:lab/d.zarr,,,,,,,,',
  'near/e.zarr,,,,,,,,',
  '../f.ome.tiff,,,,,,,,',
  '/root/g.zarr.zip,,,,,,,,',
  'x:y.zarr,,,,,,,,',
  './h,,,,,,,,',
  'notes.txt,,,,,,,,',
  '../../../out.zarr,,,,,,,,',
  'javascript:alert(1),,,,,,,,',
  'file:///etc/passwd,,,,,,,,',
  ',no path,,,,,,,',
  'near/e.zarr,twice,,,,,,,'
].join('\n');
const { signal } = new AbortController();

async function make(
  addresses: readonly string[],
  objects: Record<string, string>
): Promise<readonly ICatalogueSource[]> {
  return ownCatalogues.create({
    ...memoryEnvironment(STORES, {}, objects),
    rewrites: () => Promise.resolve(REWRITES),
    ownCatalogues: addresses
  });
}
async function whole(source: ICatalogueSource): Promise<IPage<IImageRecord>> {
  return (await source.search({ text: '', limit: 1000 }, signal)) as IPage<IImageRecord>;
}
const one = async (csv: string, address = 'tables/mine.csv'): Promise<ICatalogueSource> =>
  (await make([address], { [`files/${address}`]: csv }))[0];

contractOf({ name: 'a catalogue of one’s own', match: 'mitosis', make: () => one(CSV) });

describe('a catalogue of one’s own', () => {
  it('is there for every address in the settings, named by its file', async () => {
    const sources = await make(['a/mine.csv', ' b/mine.csv ', 'https://x.example/other.TSV', 'a/mine.csv', ''], {});
    expect(sources.map(({ id, label, rank }) => [id, label, rank])).toEqual([
      ['csv:1', 'a/mine.csv', 60],
      ['csv:2', 'b/mine.csv', 61],
      ['csv:3', 'other', 62]
    ]);
    expect(await make([], {})).toEqual([]);
    expect(await ownCatalogues.create(memoryEnvironment(STORES, {}))).toEqual([]);
  });

  it('takes addresses of the web, of buckets and stores, and paths beside it', async () => {
    const { items } = await whole(await one(CSV));
    expect(items.map(({ uri, viewable, convertible }) => [uri, viewable, convertible])).toEqual([
      [`${NEW}/a.ome.zarr`, true, undefined],
      ['s3://bucket/b c.zarr', true, undefined],
      ['store:lab/d.zarr', true, undefined],
      ['tables/near/e.zarr', true, undefined],
      ['f.ome.tiff', true, undefined],
      ['root/g.zarr.zip', true, undefined],
      ['tables/h', true, undefined],
      ['tables/notes.txt', false, undefined]
    ]);
    expect(items.filter(({ viewable, reason }) => viewable === (reason !== undefined))).toEqual([]);
  });

  it('says what it left out', async () => {
    expect((await whole(await one(CSV))).notices).toEqual([
      '5 rows of the catalogue without a path that can be opened.',
      '1 row of the catalogue with a path that is there already.'
    ]);
  });

  it('has the columns of BioFile Finder, and searches all the others', async () => {
    const source = await one(CSV);
    const { items, facets } = await whole(source);
    expect(items[0]).toEqual({
      id: `${NEW}/a.ome.zarr`,
      source: 'csv:1',
      uri: `${NEW}/a.ome.zarr`,
      formerUri: `${OLD}/a.ome.zarr/`,
      title: 'Mitosis',
      kind: 'image',
      viewable: true,
      format: 'ome.zarr',
      licence: 'CC BY 4.0',
      bytes: 1200,
      thumbnail: PNG,
      facets: { organism: ['Homo sapiens'], year: ['2024'], licence: ['CC BY 4.0'], ome_zarr: ['yes'], gene: ['TP53'] }
    });
    expect(facets?.find(({ id }) => id === 'gene')?.values).toEqual([{ value: 'TP53', label: 'TP53', count: 1 }]);
    const found = await source.search({ text: 'DARK the' }, signal);
    expect(found.items.map(({ title }) => title)).toEqual(['Mitosis']);
  });

  it('is filtered by columns that are facets, whatever their case', async () => {
    const source = await one('File Path,cell line,Compound\na.zarr,HeLa,taxol\nb.zarr,U2OS,taxol\nc.zarr,HeLa,\n');
    const page = await source.search({ text: '', filters: { cell_line: ['hela'], compound: ['taxol'] } }, signal);
    expect(page.items.map(({ title }) => title)).toEqual(['a.zarr']);
    expect(page.facets?.map(({ id, values }) => [id, values.map(({ value, count }) => `${value} ${count}`)])).toEqual([
      ['ome_zarr', ['yes 1']],
      ['compound', ['taxol 1']],
      ['cell_line', ['HeLa 1', 'U2OS 1']]
    ]);
    expect(source.filters).toContain('cell_line');
  });

  it('says beforehand what is not read: addresses that no store answers for, and addresses of pictures', async () => {
    const [source] = await make(['https://elsewhere.example/mine.csv'], {});
    await expect(source.search({ text: '' }, signal)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining('only where a store of this session answers for it')
    });
    const { description } = settings.properties.catalogues;
    expect(description).toContain('an address that a store of this session answers for');
    expect(description).toContain('addresses of pictures are not followed');
  });

  it('asks nobody for a thumbnail', async () => {
    const { items } = await whole(await one(CSV));
    expect(items.filter(({ thumbnail }) => thumbnail !== undefined)).toHaveLength(1);
    const odd = ['data:text/html;base64,AAAA', 'data:image/svg+xml;base64,AAAA', `data:image/png,<svg>`, ''];
    const table = `File Path,Thumbnail\n${odd.map((picture, at) => `${at}.zarr,"${picture}"`).join('\n')}`;
    expect((await whole(await one(table))).items.map(({ thumbnail }) => thumbnail)).toEqual(odd.map(() => undefined));
  });

  it.each([
    ['a path of the file browser', 'tables/mine.csv', 'files/tables/mine.csv', 'tables/a.zarr'],
    ['a path with a leading slash', '/tables/mine.csv', 'files/tables/mine.csv', 'tables/a.zarr'],
    ['a file in the root', 'mine.csv', 'files/mine.csv', 'a.zarr'],
    ['a store', 'store:lab/t/mine.csv', 'lab/t/mine.csv', 'store:lab/t/a.zarr'],
    [
      'an address a store answers for',
      'https://lab.example.org/bucket/t%20x/mine.csv',
      'lab/t x/mine.csv',
      'store:lab/t x/a.zarr'
    ],
    [
      'the store with the longest prefix',
      'https://lab.example.org/bucket/deep/mine.csv',
      'deep/mine.csv',
      'store:deep/a.zarr'
    ],
    ['a bucket a store answers for', 's3://lab/t/mine.csv', 'lab/t/mine.csv', 'store:lab/t/a.zarr']
  ])('may be %s', async (_what, address, object, uri) => {
    const [source] = await make([address], { [object]: 'File Path\na.zarr\n' });
    expect((await whole(source)).items.map(item => item.uri)).toEqual([uri]);
  });

  it('has addresses with a query that are not opened', async () => {
    const { items } = await whole(await one('File Path\nhttps://x.example/a.zarr?key=1\ns3://x/a.zarr?b#c.zarr\n'));
    expect(items.map(({ viewable, reason }) => [viewable, reason && String(reason).includes('secret')])).toEqual([
      [false, true],
      [true, undefined]
    ]);
  });

  it('names a path that could be a scheme in its store', async () => {
    const { items } = await whole(await one('File Path\nsub/c:d.zarr\n'));
    expect(items.map(({ uri }) => uri)).toEqual(['store:files/tables/sub/c:d.zarr']);
  });

  it.each([
    'https://elsewhere.example/mine.csv',
    'store:none/mine.csv',
    '../mine.csv',
    'https://lab.example.org/bucket-not/mine.csv',
    'tables/absent.csv',
    'javascript:alert(1)'
  ])('says so where it cannot be read: %s', async address => {
    const [source] = await make([address], { 'files/mine.csv': CSV });
    const error = await source.search({ text: '' }, signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'NOT_FOUND',
      where: address,
      message: expect.stringContaining('catalogue') as string
    });
  });

  it.each(['', 'path,name\na,b\n', '<html></html>', '{"a": 1}'])('says so where it is none: %j', async text => {
    const error = await (await one(text)).search({ text: '' }, signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CATALOGUE_BAD', message: expect.stringContaining('“File Path”') as string });
  });

  it.each([
    ['semicolons', 'File Path;Gene\na.zarr;x\n'],
    ['tabs', 'File Path\tGene\na.zarr\tx\n'],
    ['a byte order mark', '\u00ef\u00bb\u00bfFile Path,Gene\r\na.zarr,x\r\n']
  ])('may come from a spreadsheet with %s', async (_what, text) => {
    const { items } = await whole(await one(text));
    expect(items.map(({ uri, facets }) => [uri, facets?.gene])).toEqual([['tables/a.zarr', ['x']]]);
  });

  it('is read again after half a minute, and not before', async () => {
    jest.useFakeTimers();
    try {
      let reads = 0;
      const [source] = await ownCatalogues.create({
        ...memoryEnvironment(STORES, {}),
        ownCatalogues: ['mine.csv'],
        read: () => Promise.resolve(new TextEncoder().encode(`File Path\n${'x'.repeat(++reads)}.zarr\n`))
      });
      await whole(source);
      jest.advanceTimersByTime(29_000);
      expect((await whole(source)).items[0].title).toBe('x.zarr');
      jest.advanceTimersByTime(2_000);
      expect((await whole(source)).items[0].title).toBe('xx.zarr');
    } finally {
      jest.useRealTimers();
    }
  });

  it('of 20,000 rows is read and searched in a moment', async () => {
    const rows = Array.from({ length: 20_000 }, (_none, at) => `folder/${at}.zarr,Cell ${at},gene ${at % 100}`);
    const source = await one(`File Path,File Name,Gene\n${rows.join('\n')}`);
    const times: number[] = [];
    for (const text of ['', 'cell 999', 'gene 7 cell']) {
      const start = performance.now();
      await source.search({ text, limit: 200 }, signal);
      times.push(Math.round(performance.now() - start));
    }
    process.stdout.write(`20,000 rows: read ${times[0]} ms, searched ${times.slice(1).join(' and ')} ms\n`);
    expect(times[0]).toBeLessThan(10_000);
    expect(Math.max(...times.slice(1))).toBeLessThan(2_000);
  });

  it('is refused above 32 MB', async () => {
    const [source] = await ownCatalogues.create({
      ...memoryEnvironment(STORES, {}),
      ownCatalogues: ['mine.csv'],
      read: () => Promise.resolve(new Uint8Array(32 * 2 ** 20 + 1))
    });
    expect(await outcomeOf(source.search({ text: '' }, signal))).toBe('TOO_LARGE');
  });
});
