import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ByteLru } from '../../core';
import type { IStoreInfo } from '../../entities';
import { resolveUri } from '../../stores';
import { projectPython, startSession, TokenTransport, type ISessionServer } from '../../testing/sessionserver';
import { sharedPath } from '../../testing/shared';
import { InlineDecoder } from '../decoder';
import { openImage, type IOpened } from '../opening';
import { bytesOf } from '../order';
import type { Pyramid } from '../pyramid';
import { ChunkReader, type IChunkData } from '../reader';
import { readRegion } from '../region';

const data = sharedPath('data');
const python = projectPython();

/** Images of several layouts: v2 with both separators, v3, 2-D to 5-D, bare arrays, shards with either index. */
const IMAGES = [
  'nuclei-plk1/xy_8bit__nuclei_PLK1_control.ome.zarr',
  'fractal/20200812-CardiomyocyteDifferentiation14-Cycle1_B_03_mip.zarr',
  'fiji-java/pyramid_testing/pyramid_v4.zarr',
  'fiji-java/pyramid_testing/pyramid_v5.zarr',
  'ome-zarr-examples/valid/image-01.zarr',
  'zarr_implementations/zarr.zr/gzip',
  'zarr-java/sharding_index_location/end',
  'zarr-java/sharding_index_location/start'
];

(data && python ? describe : describe.skip)('an image opened through a running session', () => {
  let server: ISessionServer;

  beforeAll(async () => {
    server = await startSession(python ?? '', 'known', data ?? '');
  }, 60_000);
  afterAll(() => server.stop());

  function open(path: string, transport: TokenTransport): Promise<IOpened> {
    const store: IStoreInfo = {
      id: 'known',
      label: path,
      kind: 'folder',
      prefixes: [],
      prefer: 'session',
      absentIs403: false,
      access: {}
    };
    const target = { uri: `store:known/${path}`, store, key: path };
    return openImage(
      target,
      { width: 512, height: 512 },
      { transport, decoder: new InlineDecoder() },
      {},
      new AbortController().signal
    );
  }

  it.each(IMAGES)(
    'comes with one request, coarsest level included: %s',
    async path => {
      const transport = new TokenTransport(server);
      const opened = await open(path, transport);
      const { node, pyramid, done } = opened;
      if (node.kind !== 'image' || !pyramid) {
        throw new Error(node.kind);
      }
      await done;
      const source = pyramid.levels[pyramid.levels.length - 1];
      const selection = { t: node.defaults.t, z: node.defaults.z, c: 0 };
      const tile = await source.tileAt(0, 0, selection);
      expect([tile.damaged, transport.opened.length, transport.batches]).toEqual([undefined, 1, []]);
      // The same pixels, read chunk by chunk.
      const { array } = node.levels[source.level];
      const reader = new ChunkReader(opened.store, array, new InlineDecoder(), new ByteLru<IChunkData>(1 << 26));
      const slices = array.shape.map((size, axis): [number, number] => {
        const at =
          axis === node.at.t
            ? selection.t
            : axis === node.at.z
              ? Math.floor(selection.z / node.levels[source.level].ratio[axis])
              : 0;
        return axis === node.at.y
          ? [0, tile.height]
          : axis === node.at.x
            ? [0, tile.width]
            : [Math.min(at, size - 1), Math.min(at, size - 1) + 1];
      });
      const { data: expected } = await readRegion(reader, slices);
      expect(Buffer.compare(bytesOf(tile.words), expected)).toBe(0);
      opened.dispose();
    },
    60_000
  );
});

/**
 * An image whose codec browsers lack, with a label of it, and the same in archives: stored, deflated, as shards, as a TIFF file, in
 * an archive in an archive.
 */
const MAKING = `
import importlib, importlib.util, os, sys, zipfile, warnings, numcodecs, numpy as np, tifffile, zarr
warnings.simplefilter("ignore")
root = sys.argv[1]
def image(path, labels=None):
    group = zarr.open_group(path, mode="w", zarr_format=2)
    data = (np.arange(3 * 200 * 150).reshape(3, 200, 150) * 40503 >> 7).astype("uint16")
    group.create_array("0", shape=data.shape, chunks=(1, 64, 64), dtype="uint16", compressors=numcodecs.BZ2(1))[:] = data
    axes = [{"name": n, "type": t} for n, t in (("c", "channel"), ("y", "space"), ("x", "space"))]
    scale = [{"type": "scale", "scale": [1, 1, 1]}]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}]
image(root + "/a.zarr")
zarr.open_group(root + "/a.zarr/labels", mode="w", zarr_format=2).attrs["labels"] = ["n"]
image(root + "/a.zarr/labels/n")
def archive(name, folder, how):
    with zipfile.ZipFile(root + "/" + name, "w", how) as out:
        for here, _, files in os.walk(root + "/" + folder):
            for file in files: out.write(os.path.join(here, file), os.path.relpath(os.path.join(here, file), root + "/" + folder))
archive("a.zarr.zip", "a.zarr", zipfile.ZIP_STORED)
archive("deflated.zarr.zip", "a.zarr", zipfile.ZIP_DEFLATED)
data = zarr.open_array(root + "/a.zarr/0", mode="r")[:]
group = zarr.open_group(root + "/s.zarr", mode="w", zarr_format=3)
numcodecs3 = importlib.import_module("zarr.codecs.numcodecs" if importlib.util.find_spec("zarr.codecs.numcodecs") else "numcodecs.zarr3")
group.create_array("0", shape=data.shape, chunks=(1, 64, 64), shards=(1, 256, 192), dtype="uint16", compressors=numcodecs3.BZ2(level=1))[:] = data
axes = [{"name": n, "type": t} for n, t in (("c", "channel"), ("y", "space"), ("x", "space"))]
levels = [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 1]}]}]
group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": levels}]}
archive("s.ozx", "s.zarr", zipfile.ZIP_STORED)
archive("s-deflated.ozx", "s.zarr", zipfile.ZIP_DEFLATED)
tifffile.imwrite(root + "/t.ome.tif", data, ome=True, metadata={"axes": "CYX"}, compression="lzma", photometric="minisblack")
for name, files, how in (
    ("tiff.zip", ["t.ome.tif"], zipfile.ZIP_STORED),
    ("tiff-deflated.zip", ["t.ome.tif"], zipfile.ZIP_DEFLATED),
    ("outer.zip", ["a.zarr.zip"], zipfile.ZIP_STORED),
    ("outer-inner.zip", ["deflated.zarr.zip"], zipfile.ZIP_STORED),
    ("outer-deflated.zip", ["a.zarr.zip"], zipfile.ZIP_DEFLATED),
    ("twice.zip", ["deflated.zarr.zip"], zipfile.ZIP_DEFLATED),
):
    with zipfile.ZipFile(root + "/" + name, "w", how) as out:
        for file in files: out.write(root + "/" + file, "a folder/" + file)`;

(python ? describe : describe.skip)('codecs, labels and archives through a running session', () => {
  let folder: string;
  let server: ISessionServer;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'codecs-'));
    execFileSync(python ?? '', ['-c', MAKING, folder]);
    server = await startSession(python ?? '', 's', folder);
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function open(key: string): Promise<{ opened: IOpened; transport: TokenTransport }> {
    const id = 's';
    const common = { id, label: id, kind: 'folder' as const, prefixes: [], absentIs403: false, access: {} };
    const transport = new TokenTransport(server);
    const target = resolveUri(`store:s/${key}`, [{ ...common, prefer: 'session' }]);
    const env = { transport, decoder: new InlineDecoder() };
    const opened = await openImage(target, { width: 256, height: 256 }, env, {}, new AbortController().signal);
    return { opened, transport };
  }

  /** Places where channel 1 is not what was written. */
  async function wrong(pyramid: Pyramid | undefined): Promise<unknown> {
    const tile = await pyramid?.levels[0].area({ x0: 0, y0: 0, x1: 150, y1: 200 }, { t: 0, z: 0, c: 1 });
    return tile?.damaged ?? tile?.words.findIndex((word, i) => word !== ((((30_000 + i) * 40_503) / 128) & 0xffff));
  }

  it('give the pixels that were written, with one request for the chunks of a view', async () => {
    const { opened, transport } = await open('a.zarr');
    await opened.done;
    expect(await wrong(opened.pyramid)).toBe(-1);
    expect(transport.decoded).toEqual([12]);
    const { labels, failed } = await opened.labels();
    expect([labels.map(({ name }) => name), failed]).toEqual([['n'], []]);
    expect(await wrong(labels[0].pyramid)).toBe(-1);
    expect(transport.decoded).toEqual([12, 12]);
    opened.dispose();
  }, 60_000);

  it('lead from a number that is not there to the image', async () => {
    const { opened } = await open('a.zarr/7');
    expect([opened.node.kind, opened.place.key]).toEqual(['image', 'a.zarr']);
    opened.dispose();
  }, 60_000);

  it.each([
    'a.zarr.zip',
    'deflated.zarr.zip',
    's.ozx',
    's-deflated.ozx',
    't.ome.tif',
    'tiff.zip/a folder/t.ome.tif',
    'tiff-deflated.zip/a folder/t.ome.tif',
    'outer.zip/a folder/a.zarr.zip',
    'outer-inner.zip/a folder/deflated.zarr.zip',
    'outer-deflated.zip/a folder/a.zarr.zip'
  ])('give the same pixels in one file: %s', async key => {
    const { opened, transport } = await open(key);
    expect(opened.node.kind === 'image' && opened.node.levels[0].array.decodedBy).toBe('server');
    expect(await wrong(opened.pyramid)).toBe(-1);
    expect(transport.decoded.length).toBeLessThanOrEqual(4);
    opened.dispose();
  }, 60_000);

  it('reach labels in an archive', async () => {
    const { opened } = await open('deflated.zarr.zip');
    const { labels } = await opened.labels();
    expect(await wrong(labels[0].pyramid)).toBe(-1);
    opened.dispose();
  }, 60_000);

  it('are refused where they are packed twice, with the next step', async () => {
    const { opened } = await open('twice.zip/a folder/deflated.zarr.zip');
    const tile = await opened.pyramid?.levels[0].area({ x0: 0, y0: 0, x1: 9, y1: 9 }, { t: 0, z: 0, c: 1 });
    expect(tile?.damaged).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('packed twice') });
    opened.dispose();
  }, 60_000);
});
