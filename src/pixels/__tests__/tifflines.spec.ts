import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { IBatchItem, IStoreInfo } from '../../entities';
import { childOf, resolveUri } from '../../stores';
import { answerItem, encodeFrame, MemoryTransport, startObjectServer, streamOf } from '../../testing';
import type { IObjectServer } from '../../testing';
import { sharedPath } from '../../testing/shared';
import { zipOf } from '../../testing/zips';
import { InlineDecoder } from '../decoder';
import { openImage, type IOpened, type Route } from '../opening';

const data = sharedPath('data', 'ome-tiff');
const id = 's';

/** The files of the collection under their own paths, and one of them in an archive, stored and deflated. */
function objects(): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const root = data ?? '';
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const file = path.join(entry.parentPath, entry.name);
      found.set(path.relative(root, file), new Uint8Array(readFileSync(file)));
    }
  }
  const svs = new Map([['slides/a.svs', found.get('wsi/CMU-1-Small-Region.svs') ?? new Uint8Array()]]);
  return found.set('stored.zip', zipOf(svs)).set('deflated.zip', zipOf(svs, 8));
}

/** The session's routes over the objects, in large pieces: these are of megabytes. */
class Session extends MemoryTransport {
  constructor(private readonly _all: ReadonlyMap<string, Uint8Array>) {
    super(_all);
  }

  override async batch(_store: string, items: readonly IBatchItem[]): Promise<ReadableStream<Uint8Array>> {
    this.batches.push([...items]);
    return streamOf([...items.map((item, i) => answerItem(this._all, i, item)), encodeFrame({ end: items.length })]);
  }
}

(data ? describe : describe.skip)('TIFF files by both routes', () => {
  let server: IObjectServer;
  let all: Map<string, Uint8Array>;

  beforeAll(async () => {
    all = objects();
    server = await startObjectServer(all);
  });
  afterAll(() => server.close());

  interface IWay {
    opened: IOpened;
    /** Reads of the far side so far; each range of a batch counts. */
    reads: () => number;
    requests: () => number;
  }

  async function open(key: string, route: Route): Promise<IWay> {
    const session = new Session(all);
    const common = { id, label: id, kind: 's3' as const, prefixes: [], absentIs403: false, access: {} };
    const store: IStoreInfo = { ...common, prefer: route, ...(route === 'direct' && { direct: server.url }) };
    const from = server.requests.length;
    const env = { decoder: new InlineDecoder(), ...(route === 'session' && { transport: session }) };
    const place = resolveUri(`store:s/${key}`, [store]);
    const opened = await openImage(place, { width: 512, height: 512 }, env, {}, new AbortController().signal);
    const direct = (): number => server.requests.length - from;
    return {
      opened,
      reads: () => (route === 'direct' ? direct() : session.batches.flat().length),
      requests: () => (route === 'direct' ? direct() : session.batches.length)
    };
  }

  /** Every level's middle, 256 pixels around it, as raw words. */
  async function middles({ opened }: IWay): Promise<Buffer[]> {
    const { node, pyramid } = opened;
    if (node.kind !== 'image' || !pyramid) {
      throw new Error(node.kind);
    }
    const { t, z } = node.defaults;
    const out: Buffer[] = [];
    for (const level of pyramid.levels) {
      const [x, y] = [level.width >> 1, level.height >> 1];
      const tile = await level.area({ x0: x - 128, y0: y - 128, x1: x + 128, y1: y + 128 }, { t, z, c: 0 });
      expect(tile.damaged).toBeUndefined();
      out.push(Buffer.from(tile.words.buffer, tile.words.byteOffset, tile.words.byteLength));
    }
    return out;
  }

  it.each([
    'ome-artificial/multi-channel-z-series.ome.tif',
    'ome-artificial/4D-series.ome.tif',
    'wsi/CMU-1-Small-Region.svs',
    'multifile/companion/multifile-Z3.ome.tiff',
    'imagej-hyperstack/xyzct-mitosis.tif',
    'not-ome/nonometif.tif',
    'he/he1.tiff'
  ])('give the same pixels: %s', async key => {
    const [direct, session] = [await open(key, 'direct'), await open(key, 'session')];
    const opening = [direct.requests(), session.requests()];
    const [a, b] = [await middles(direct), await middles(session)];
    expect(a.map((bytes, i) => Buffer.compare(bytes, b[i]))).toEqual(a.map(() => 0));
    expect(a[0].some(byte => byte !== a[0][0])).toBe(true);
    console.info(
      `${key}: ${opening.join(' and ')} requests to open, ${direct.requests()} and ${session.requests()} with the middle of ${a.length} levels`
    );
    direct.opened.dispose();
    session.opened.dispose();
  });

  it('ask for neighbouring tiles together', async () => {
    for (const route of ['direct', 'session'] as const) {
      const way = await open('wsi/CMU-1-Small-Region.svs', route);
      const source = way.opened.pyramid?.levels[0];
      await source?.area({ x0: 0, y0: 0, x1: 10, y1: 10 }, { t: 0, z: 0, c: 0 });
      const before = way.reads();
      // A row of tiles of 240 pixels, which lie side by side in the file.
      await source?.area({ x0: 240, y0: 0, x1: 2160, y1: 240 }, { t: 0, z: 0, c: 0 });
      expect(way.reads() - before).toBe(1);
      way.opened.dispose();
    }
  });

  it.each(['direct', 'session'] as const)('are read in archives too, by the route %s', async route => {
    const plain = await middles(await open('wsi/CMU-1-Small-Region.svs', route));
    for (const key of ['stored.zip', 'stored.zip/slides/a.svs', 'stored.zip/a.svs', 'deflated.zip/slides/a.svs/0']) {
      const packed = await middles(await open(key, route));
      expect(packed.map((bytes, i) => Buffer.compare(bytes, plain[i]))).toEqual(plain.map(() => 0));
    }
  });

  it('open one image of several by its number, also as what lies inside', async () => {
    const way = await open('multipos/181003_multi_pos_time_course_1_MMStack.ome.tif', 'direct');
    const { node, place } = way.opened;
    if (node.kind !== 'collection') {
      throw new Error(node.kind);
    }
    const second = childOf(place, node.series[1].path);
    const { opened } = await open(second.key, 'session');
    expect([opened.node.kind, opened.place.key.endsWith('.ome.tif/1')]).toEqual(['image', true]);
    expect(await opened.labels()).toEqual({ labels: [], failed: [] });
  });
});
