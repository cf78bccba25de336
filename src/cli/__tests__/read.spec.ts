import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serveFolder, type IHttpFolder } from '../../testing/httpfolder';
import { projectPython, startSession, type ISessionServer } from '../../testing/sessionserver';
import { greyTags, tiffBytes } from '../../testing/tiffbytes';
import { makeZip } from '../../testing/zips';
import { readSlices } from '../read';
import { archived } from './archived';
import { compare, expectations, lines, table } from './expected';

(table ? describe : describe.skip)('read over the collection of real arrays', () => {
  const root = table ? path.dirname(table) : '';
  const expected = table ? expectations(table) : [];
  let server: IHttpFolder;

  beforeAll(async () => {
    server = await serveFolder(root);
  });
  afterAll(() => server.close());

  it('reads every array bit by bit from the folder', async () => {
    const places = expected.map(row => path.join(root, row.path));
    const { status, out } = await lines(places);
    compare(expected, out, places);
    expect(status).toBe(0);
    const [chunks, absent] = (['read', 'absent'] as const).map(name =>
      out.reduce((sum, line) => sum + line.chunks[name], 0)
    );
    console.info(`folder: ${out.length} arrays of ${expected.length}, ${chunks} chunks read, ${absent} absent`);
    // Where nothing is sharded a chunk is a file.
    const plain = expected.flatMap((row, i) =>
      /shard/.test(row.path) || row.present === 0 ? [] : [[out[i].chunks.read, row.present]]
    );
    expect(plain.filter(([found, present]) => found !== present)).toEqual([]);
  }, 300_000);

  it('reads every array bit by bit over HTTP', async () => {
    const places = expected.map(row => `${server.url}/${row.path}`);
    const { status, out } = await lines(places);
    compare(expected, out, places);
    expect(status).toBe(0);
    console.info(`http: ${out.length} arrays of ${expected.length}, ${server.requests.length} requests`);
  }, 300_000);

  it.each(['zarr-java/sharding_index_location/start', 'zarrita-fixtures/v3/data.zarr/1d.contiguous.f2.le'])(
    'reads what stock readers miss: %s',
    async place => {
      const row = expected.find(entry => entry.path === place);
      const { out } = await lines([path.join(root, place)]);
      expect(out[0]).toMatchObject({ sha256: row?.sha256, dtype: row?.dtype });
    }
  );
});

const python = projectPython();
(table && python ? describe : describe.skip)('read through a running session', () => {
  const expected = table ? expectations(table) : [];
  let session: ISessionServer;

  beforeAll(async () => {
    session = await startSession(python ?? '', 'known', path.dirname(table ?? ''));
  }, 60_000);
  afterAll(() => session.stop());

  it('reads every array bit by bit', async () => {
    const places = expected.map(row => row.path);
    const { status, out } = await lines([
      '--route',
      'session',
      '--server',
      `${session.url}/lab`,
      '--token',
      session.token,
      '--store',
      'known',
      ...places
    ]);
    compare(expected, out, places);
    expect(status).toBe(0);
    console.info(`session: ${out.length} arrays of ${expected.length}`);
  }, 300_000);

  it('reads arrays in archives bit by bit', async () => {
    const zipped = archived(expected);
    const route = ['--route', 'session', '--server', session.url, '--token', session.token, '--store', 'known'];
    const places = zipped.map(({ place }) => place);
    const { out } = await lines([...route, ...places]);
    compare(
      zipped.map(({ row }) => row),
      out,
      places
    );
  }, 60_000);

  it('tells a wrong token and a store that is not there', async () => {
    const route = ['--route', 'session', '--server', session.url];
    const {
      out: [denied]
    } = await lines([...route, '--token', 'wrong', '--store', 'known', expected[0].path]);
    expect(denied.error?.code).toBe('SESSION_ENDED');
    const {
      out: [unknown]
    } = await lines([...route, '--token', session.token, '--store', 'other', expected[0].path]);
    expect(['STORE_DENIED', 'NOT_FOUND']).toContain(unknown.error?.code);
    const nowhere = ['--route', 'session', '--server', 'http://127.0.0.1:1', '--token', 'any', '--store', 'known'];
    const {
      out: [silent]
    } = await lines([...nowhere, expected[0].path]);
    expect(silent.error?.code).toBe('UPSTREAM_DOWN');
  }, 60_000);
});

describe('read', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'read-'));
    const meta = {
      zarr_format: 2,
      shape: [3, 5],
      chunks: [2, 2],
      dtype: '<i2',
      fill_value: -7,
      order: 'C',
      filters: null,
      compressor: null
    };
    await mkdir(path.join(folder, 'a'));
    await writeFile(path.join(folder, 'a', '.zarray'), JSON.stringify(meta));
    await writeFile(path.join(folder, 'a', '0.1'), new Uint8Array(Int16Array.of(1, 2, 3, 4).buffer));
    await mkdir(path.join(folder, 'big'));
    await writeFile(
      path.join(folder, 'big', '.zarray'),
      JSON.stringify({ ...meta, shape: [1], chunks: [1], dtype: '<u8', fill_value: 0 })
    );
    await writeFile(path.join(folder, 'big', '0'), new Uint8Array(BigUint64Array.of(2n ** 64n - 1n).buffer));
    await mkdir(path.join(folder, 'nan'));
    await writeFile(
      path.join(folder, 'nan', '.zarray'),
      JSON.stringify({ ...meta, shape: [2], chunks: [2], dtype: '<f4', fill_value: 'NaN' })
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('cuts a region and reads absent chunks as the fill value', async () => {
    const { status, out } = await lines(['--region', '0:2,1:4', path.join(folder, 'a')]);
    expect(status).toBe(0);
    expect(out[0]).toMatchObject({ shape: [2, 3], min: -7, max: 4, chunks: { shape: [2, 2], read: 1, absent: 1 } });
  });

  it('prints 64-bit integers and non-finite numbers as texts', async () => {
    const { out } = await lines([path.join(folder, 'big'), path.join(folder, 'nan')]);
    expect(out[0]).toMatchObject({ min: '18446744073709551615', max: '18446744073709551615' });
    expect(out[1]).toMatchObject({ min: 'NaN', max: 'NaN', chunks: { read: 0, absent: 1 } });
  });

  it('reads an archive, and a folder whose name is that of one', async () => {
    const from = path.join(folder, 'a');
    await mkdir(path.join(folder, 'b.zip'));
    await writeFile(path.join(folder, 'b.zip', '.zarray'), await readFile(path.join(from, '.zarray')));
    const zip = makeZip([{ name: 'x/.zarray', bytes: await readFile(path.join(from, '.zarray')) }]);
    await writeFile(path.join(folder, 'c.zip'), zip);
    await writeFile(path.join(folder, 'd.zip'), zip.subarray(0, 100));
    const places = ['b.zip', 'c.zip', 'c.zip/x', 'd.zip', 'e.zip'].map(name => path.join(folder, name));
    const { out } = await lines(places);
    expect(out.map(line => line.error?.code ?? line.min)).toEqual([-7, -7, -7, 'BAD_CHUNK', 'NOT_FOUND']);
  });

  it('says what the archive or the TIFF file lacks, and not that there is no such folder', async () => {
    await writeFile(path.join(folder, 'r.zip'), makeZip([{ name: 'r.txt', bytes: new Uint8Array(3) }]));
    await writeFile(path.join(folder, 't.tif'), tiffBytes([greyTags(8, 8)], new Uint8Array(64)).bytes);
    const { out } = await lines(['r.zip', 't.tif/9', 'none.zip'].map(name => path.join(folder, name)));
    expect(out.map(line => [line.error?.code, line.error?.message])).toEqual([
      ['NOT_FOUND', 'There is no image at the top of this archive.'],
      ['NOT_FOUND', 'There is no image 9 in t.tif.'],
      ['NOT_FOUND', 'There is nothing at this address: no such archive.']
    ]);
  });

  it('goes on after a failure and tells it by the exit status', async () => {
    const { status, out } = await lines([path.join(folder, 'nothing'), path.join(folder, 'big')]);
    expect(status).toBe(1);
    expect(out[0]).toMatchObject({ path: path.join(folder, 'nothing'), error: { code: 'NOT_FOUND' } });
    expect(out[1].sha256).toHaveLength(64);
  });

  it('refuses a region of another number of axes', async () => {
    const { status, out } = await lines(['--region', '0:1', path.join(folder, 'a')]);
    expect([status, out[0].error?.code]).toEqual([1, 'BAD_REQUEST']);
  });

  it.each<[string | undefined, [number, number][]]>([
    [
      undefined,
      [
        [0, 3],
        [0, 5]
      ]
    ],
    [
      '1:2, 3:',
      [
        [1, 2],
        [3, 5]
      ]
    ],
    [
      ':,:99',
      [
        [0, 3],
        [0, 5]
      ]
    ],
    [
      '2:1,0:0',
      [
        [1, 1],
        [0, 0]
      ]
    ]
  ])('reads the region %s', (region, slices) => {
    expect(readSlices(region, [3, 5])).toEqual(slices);
  });
});
