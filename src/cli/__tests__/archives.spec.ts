import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serveFolder, type IHttpFolder } from '../../testing/httpfolder';
import { projectPython } from '../../testing/sessionserver';
import { archived } from './archived';
import { compare, expectations, lines, table, type IExpected } from './expected';

/** Zips each folder of the collection into `target`: with its own name at the top or not, stored or deflated, in turn. */
const ZIPPING = `
import os, sys, zipfile
source, target = sys.argv[1:]
for i, name in enumerate(sorted(os.listdir(source))):
    root = os.path.join(source, name)
    if not os.path.isdir(root): continue
    method = zipfile.ZIP_DEFLATED if i % 2 else zipfile.ZIP_STORED
    with zipfile.ZipFile(os.path.join(target, name + ".zip"), "w", method, compresslevel=1) as out:
        for folder, _, files in os.walk(root):
            for file in files:
                path = os.path.join(folder, file)
                out.write(path, os.path.relpath(path, source if i % 3 else root))`;

const python = projectPython();
(table && python ? describe : describe.skip)('read over archives', () => {
  const root = table ? path.dirname(table) : '';
  const all = table ? expectations(table) : [];
  const expected = process.env.BIOIMAGE_CAMPAIGN === 'full' ? all : all.filter((_, i) => i % 10 === 0);
  let folder: string;
  let server: IHttpFolder;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'archives-'));
    execFileSync(python ?? '', ['-c', ZIPPING, root, folder]);
    server = await serveFolder(folder);
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const inArchive = ({ path: place }: IExpected): string => place.replace(/^([^/]+)\//, '$1.zip/');

  it('reads the archives of the collection bit by bit', async () => {
    const zipped = archived(all);
    const places = zipped.map(({ place }) => path.join(root, place));
    const { out } = await lines(places);
    compare(
      zipped.map(({ row }) => row),
      out,
      places
    );
    console.info(`archives of the collection: ${out.length} arrays`);
  }, 60_000);

  it('reads arrays of every folder out of archives of Python bit by bit', async () => {
    const places = expected.map(row => path.join(folder, inArchive(row)));
    const { out } = await lines(places);
    compare(expected, out, places);
    console.info(`archives made by Python: ${out.length} arrays of ${all.length}`);
  }, 300_000);

  it('reads them over HTTP by ranges, bit by bit', async () => {
    const places = expected.map(row => `${server.url}/${inArchive(row)}`);
    const { out } = await lines(places);
    compare(expected, out, places);
    expect(server.requests.filter(text => /^GET \S+$/.test(text))).toEqual([]);
    console.info(`archives over HTTP: ${out.length} arrays, ${server.requests.length} requests`);
  }, 300_000);
});
