import { ByteLru } from '../../core';
import type { IStoreInfo } from '../../entities';
import { projectPython, startSession, TokenTransport, type ISessionServer } from '../../testing/sessionserver';
import { sharedPath } from '../../testing/shared';
import { InlineDecoder } from '../decoder';
import { openImage, type IOpened } from '../opening';
import { bytesOf } from '../order';
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
