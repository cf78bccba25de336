import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BioImageError } from '../../core';
import type { IBatchItem, IStoreInfo } from '../../entities';
import { childOf, resolveUri } from '../../stores';
import { bytesOf, MemoryTransport, startObjectServer, type IObjectServer } from '../../testing';
import { madeValue, makeImage } from '../../testing/images';
import { projectPython } from '../../testing/sessionserver';
import { makeZip, zipOf } from '../../testing/zips';
import { containedIn } from '../containers';
import { InlineDecoder } from '../decoder';
import { openImage, type IOpened, type Route } from '../opening';

const IMAGE = makeImage({
  axes: ['c', 'y', 'x'],
  levels: [
    { path: '0', shape: [2, 64, 64], chunks: [1, 32, 32], scale: [1, 1, 1] },
    { path: '1', shape: [2, 32, 32], chunks: [1, 32, 32], scale: [1, 2, 2] }
  ]
});
const PLANE = { t: 0, z: 0, c: 1 };

const beside = (name: string): (readonly [string, Uint8Array])[] =>
  [...IMAGE].map(([key, bytes]) => [`${name}/${key}`, bytes] as const);

const OBJECTS = new Map<string, Uint8Array>([
  ['stored.zarr.zip', zipOf(IMAGE)],
  ['deep/deflated.ozx', zipOf(IMAGE, 8)],
  ['topped.zip', zipOf(IMAGE, 0, 'a b.zarr/')],
  ['readme.zip', zipOf(new Map([...beside('only.zarr'), ['readme.txt', bytesOf('read me')]]))],
  ['two.zip', zipOf(new Map([...beside('a.zarr'), ...beside('b/b.zarr'), ['c.tif', bytesOf('II*')]]))],
  ['none.zip', zipOf(new Map([['readme.txt', bytesOf('read me')]]))],
  ['left.zip', makeZip(['a/readme.txt', '../x/.zattrs'].map(name => ({ name, bytes: bytesOf('read me') })))],
  ['broken.zip', zipOf(IMAGE).subarray(0, 5000)],
  ['page.zip', bytesOf('<!doctype html><html></html>')],
  ['empty.tif', bytesOf('II*')],
  ...beside('folder.zip'),
  ...beside('plain.zarr'),
  ['gone.zarr/.zgroup', bytesOf('{"zarr_format": 2}')],
  ['gone.zarr/.zattrs', bytesOf('{"bioformats2raw.layout": 3}')],
  ['gone.zarr/OME/.zattrs', bytesOf('{"series": ["0", "1"]}')],
  ['well.zarr/.zgroup', bytesOf('{"zarr_format": 2}')],
  ['well.zarr/.zattrs', bytesOf('{"well": {"version": "0.4", "images": [{"path": "0"}]}}')]
]);

const id = 's';
const STORE: IStoreInfo = {
  id,
  label: id,
  kind: 's3',
  prefixes: ['https://data.example/bucket'],
  prefer: 'session',
  absentIs403: false,
  access: {}
};

/** The session's routes over the objects; its `open` tells that nothing is there, as the server does. */
class Session extends MemoryTransport {
  opened: string[] = [];
  override async open(...[, place]: unknown[]): Promise<ReadableStream<Uint8Array>> {
    this.opened.push(String(place));
    return super.batch('s', []);
  }
}

let server: IObjectServer;
beforeAll(async () => {
  server = await startObjectServer(OBJECTS);
});
afterAll(() => server.close());

interface IWays {
  session: Session;
  opened: IOpened;
}

async function open(key: string, route: Route): Promise<IWays> {
  const session = new Session(OBJECTS);
  const store: IStoreInfo = { ...STORE, prefer: route, direct: server.url };
  const place = resolveUri(`store:s/${key}`, [route === 'direct' ? store : { ...store, direct: undefined }]);
  const env = { decoder: new InlineDecoder(), ...(route === 'session' && { transport: session }) };
  const opened = await openImage(place, { width: 64, height: 64 }, env, {}, new AbortController().signal);
  return { session, opened };
}

const failureOf = (job: Promise<unknown>): Promise<BioImageError> =>
  job.then(
    () => Promise.reject(new Error('opened')),
    (error: BioImageError) => error
  );

describe('an address', () => {
  it.each<[string, unknown]>([
    ['a.zarr/0', undefined],
    ['a.zip', ['zip', '', 'a.zip', '']],
    ['x/a.OZX/0/1', ['zip', 'x', 'a.OZX', '0/1']],
    ['a.ome.tif/2', ['tiff', '', 'a.ome.tif', '2']],
    ['a.zip/b.tiff/1', ['zip', '', 'a.zip', 'b.tiff/1']],
    ['a.svs', ['tiff', '', 'a.svs', '']],
    ['a.tf8', ['tiff', '', 'a.tf8', '']],
    ['a.zipper/b.tifx', undefined]
  ])('%s leads into %j', (address, expected) => {
    const found = containedIn(address.split('/'));
    expect(found && [found.container.id, found.folder, found.file, found.inner]).toEqual(expected);
  });
});

describe.each<Route>(['session', 'direct'])('through the route %s', route => {
  it.each([
    'stored.zarr.zip',
    'stored.zarr.zip/',
    'stored.zarr.zip/.zattrs',
    'deep/deflated.ozx',
    'topped.zip',
    'topped.zip/a b.zarr',
    'readme.zip',
    'two.zip/a.zarr',
    'two.zip/b/b.zarr',
    'folder.zip'
  ])('the image of %s is drawn from the pixels of the formula', async address => {
    const { opened, session } = await open(address, route);
    expect(opened.node.kind).toBe('image');
    const tile = await opened.pyramid?.levels[0].area({ x0: 0, y0: 0, x1: 64, y1: 64 }, PLANE);
    expect([tile?.damaged, tile?.words.every((word, i) => word === madeValue(0, [1, i >> 6, i & 63]))]).toEqual([
      undefined,
      true
    ]);
    expect(session.opened.length).toBe(route === 'session' && address === 'folder.zip' ? 1 : 0);
    opened.dispose();
  });

  it('opens what lies in an archive by its own address', async () => {
    const { opened } = await open('topped.zip/1', route);
    expect([opened.node.kind, opened.node.kind === 'image' && opened.node.levels[0].array.shape]).toEqual([
      'image',
      [2, 32, 32]
    ]);
    const { opened: whole } = await open('topped.zip', route);
    const child = childOf(whole.place, '1');
    expect([child.uri, child.key]).toEqual(['store:s/topped.zip/1', 'topped.zip/1']);
  });

  it('opens what is above a number where nothing is, and says so', async () => {
    for (const address of ['plain.zarr/7', 'topped.zip/7/', 'stored.zarr.zip/3']) {
      const { opened } = await open(address, route);
      expect(opened.node.kind).toBe('image');
      expect(String(opened.node.notices.at(-1))).toMatch(/There is nothing at \/[73]; what lies above it is shown/);
      expect(opened.place.key).toBe(address.replace(/\/\d\/?$/, ''));
      expect(opened.place.uri).toBe(`store:s/${opened.place.key}`);
    }
  });

  it('does not lead from an image that is not there to what names it, which would lead back', async () => {
    expect((await open('gone.zarr', route)).opened.node.kind).toBe('collection');
    expect((await failureOf(open('gone.zarr/0', route))).code).toBe('NOT_FOUND');
    expect((await open('gone.zarr/2', route)).opened.node.kind).toBe('collection');
    expect((await failureOf(open('well.zarr/0', route))).code).toBe('NOT_FOUND');
    expect((await open('well.zarr/1', route)).opened.node.kind).toBe('well');
  });

  it.each<[string, string, RegExp]>([
    ['nothing.zip', 'NOT_FOUND', /no such archive/],
    ['nothing.zarr/0', 'NOT_FOUND', /nothing at this address/],
    ['stored.zarr.zip/x', 'NOT_FOUND', /nothing at this address/],
    ['two.zip', 'NOT_FOUND', /no image at the top/],
    ['none.zip', 'NOT_FOUND', /no image at the top/],
    ['broken.zip', 'BAD_CHUNK', /cut off/],
    ['page.zip', route === 'direct' ? 'UPSTREAM_BAD' : 'UNSUPPORTED', /page|no zip archive/],
    ['empty.tif/x', 'NOT_FOUND', /numbers/]
  ])('%s fails with %s', async (address, code, words) => {
    const error = await failureOf(open(address, route));
    expect([error.code, words.test(error.message), error.hint.length > 10]).toEqual([code, true, true]);
  });

  it('says what was left out of an archive where something is missing in it', async () => {
    for (const address of ['left.zip', 'left.zip/a']) {
      const { code, hint } = await failureOf(open(address, route));
      expect([code, hint]).toEqual(['NOT_FOUND', expect.stringMatching(/^1 files .* are left out: .*\. \S/)]);
    }
  });

  it('names the images of an archive that holds several', async () => {
    const { hint } = await failureOf(open('two.zip', route));
    expect(hint).toBe('It holds a.zarr, b/b.zarr, c.tif: add one of these names to the address, after a slash.');
  });
});

describe('requests', () => {
  const since = (from: number): string[] =>
    server.requests.slice(from).map(({ method, range }) => `${method} ${range ?? ''}`);

  it('to an archive are its size and its directory, then one a file', async () => {
    const from = server.requests.length;
    const { opened } = await open('stored.zarr.zip', 'direct');
    const documents = server.requests.length - from;
    await opened.pyramid?.levels[0].area({ x0: 0, y0: 0, x1: 64, y1: 64 }, PLANE);
    // HEAD, the end, the root document, both arrays together with what is read ahead.
    expect([
      since(from)
        .slice(0, 2)
        .map(text => text.slice(0, 4)),
      documents <= 6
    ]).toEqual([['HEAD', 'GET '], true]);
    // The chunks of the tile lie side by side and travel together.
    expect(server.requests.length - from - documents).toBe(1);
    opened.dispose();
  });

  it('through the session batch, and neighbours are one item', async () => {
    const { opened, session } = await open('stored.zarr.zip', 'session');
    const before = session.batches.length;
    await opened.pyramid?.levels[0].area({ x0: 0, y0: 0, x1: 64, y1: 64 }, PLANE);
    const items: IBatchItem[] = session.batches.slice(before).flat();
    expect([session.batches.length - before, items.length]).toEqual([1, 1]);
    opened.dispose();
  });
});

describe('an image whose codec only the server has', () => {
  it.each([
    ['session', 'the server part of this extension is too old to decode it.'],
    ['direct', 'the session could decode it only from one of its own stores.']
  ] as const)('is refused in an archive by the %s route, with the reason', async (route, reason) => {
    const { opened } = await open('stored.zarr.zip', route);
    if (opened.node.kind !== 'image') {
      throw new Error(opened.node.kind);
    }
    const levels = opened.node.levels.map(level => ({
      ...level,
      array: { ...level.array, decodedBy: 'server' as const, codecs: ['bz2'] }
    }));
    const tile = await opened.pyramidOf({ ...opened.node, levels }).levels[0].tileAt(0, 0, PLANE);
    expect(tile.damaged).toMatchObject({
      code: 'UNSUPPORTED',
      message: `This format is not supported: codec bz2; browsers lack it, and ${reason}`,
      hint: expect.stringContaining('code snippet')
    });
  });
});

const python = projectPython();
(python ? describe : describe.skip)('archives of zarr-python', () => {
  const script = `
import sys, warnings, numpy as np, zarr
warnings.simplefilter("ignore")
from zarr.storage import ZipStore
for name, form, shards in (("v2", 2, None), ("v3", 3, None), ("sharded", 3, (1, 128, 128))):
    store = ZipStore(sys.argv[1] + "/" + name + ".zip", mode="w")
    group = zarr.open_group(store, mode="w", zarr_format=form)
    data = (np.arange(2 * 300 * 200).reshape(2, 300, 200) * 40503 >> 7).astype("uint16")
    more = {"shards": shards} if shards else {}
    array = group.create_array("0", shape=data.shape, chunks=(1, 32, 64), dtype="uint16", **more)
    array[:] = data
    multiscale = {"version": "0.4", "name": "x", "axes": [{"name": n, "type": t} for n, t in (("c", "channel"), ("y", "space"), ("x", "space"))],
        "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 1]}]}]}
    if form == 2: group.attrs["multiscales"] = [multiscale]
    else: group.attrs["ome"] = {"version": "0.5", "multiscales": [multiscale]}
    store.close()
`;
  let folder: string;
  let files: IObjectServer;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'zips-'));
    execFileSync(python ?? '', ['-c', script, folder]);
    const names = ['v2', 'v3', 'sharded'];
    files = await startObjectServer(
      new Map(names.map(name => [`${name}.zip`, new Uint8Array(readFileSync(path.join(folder, `${name}.zip`)))]))
    );
  }, 60_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await files.close();
  });

  it.each(['v2', 'v3', 'sharded'])('read as they were written: %s', async name => {
    const where = { uri: '', store: null, key: '', direct: `${files.url}/${name}.zip` };
    const env = { decoder: new InlineDecoder() };
    const opened = await openImage(where, { width: 64, height: 64 }, env, {}, new AbortController().signal);
    const tile = await opened.pyramid?.levels[0].area({ x0: 0, y0: 0, x1: 200, y1: 300 }, PLANE);
    const wrong = tile?.words.findIndex((word, i) => word !== ((((60_000 + i) * 40_503) / 128) & 0xffff));
    expect([tile?.damaged, wrong]).toEqual([undefined, -1]);
    opened.dispose();
  });
});
