import { startObjectServer, type IObjectServer } from '../../testing';
import { makeImage } from '../../testing/images';
import { InlineDecoder } from '../decoder';
import { openImage, type IOpened, type IOpenEnvironment } from '../opening';

/** Inner chunks are 256 × 256 pixels of uint16, 128 KiB, as they are. */
const INNER = 256;

interface IShardedLevel {
  readonly shape: readonly [number, number];
  readonly shard: number;
}

/** A shard of 2 MiB, which is read in parts; one of 512 KiB, which is read whole; and the coarsest level. */
const LEVELS: readonly IShardedLevel[] = [
  { shape: [2048, 1024], shard: 1024 },
  { shape: [1024, 512], shard: 512 },
  { shape: [512, 256], shard: 512 }
];

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** The byte that fills inner chunk (y, x) of a level. */
const filling = (level: number, y: number, x: number): number => 1 + level * 60 + y * 4 + x;

function shardOf(level: number, shard: number, row: number, column: number): Uint8Array {
  const side = shard / INNER;
  const bytes = INNER * INNER * 2;
  const out = new Uint8Array(side * side * (bytes + 16));
  const index = new DataView(out.buffer, side * side * bytes);
  for (let i = 0; i < side * side; i++) {
    out.fill(filling(level, row * side + Math.floor(i / side), column * side + (i % side)), i * bytes, (i + 1) * bytes);
    index.setBigUint64(16 * i, BigInt(i * bytes), true);
    index.setBigUint64(16 * i + 8, BigInt(bytes), true);
  }
  return out;
}

function sharded(): Map<string, Uint8Array> {
  const objects = new Map<string, Uint8Array>();
  const codecs = [{ name: 'bytes', configuration: { endian: 'little' } }];
  const axes = ['y', 'x'].map(name => ({ name, type: 'space' }));
  const datasets = LEVELS.map((_, k) => ({
    path: `${k}`,
    coordinateTransformations: [{ type: 'scale', scale: [2 ** k, 2 ** k] }]
  }));
  const ome = { version: '0.5', multiscales: [{ axes, datasets }] };
  objects.set('zarr.json', json({ zarr_format: 3, node_type: 'group', attributes: { ome } }));
  LEVELS.forEach(({ shape, shard }, level) => {
    const configuration = { chunk_shape: [INNER, INNER], codecs, index_codecs: codecs };
    objects.set(
      `${level}/zarr.json`,
      json({
        zarr_format: 3,
        node_type: 'array',
        shape,
        data_type: 'uint16',
        fill_value: 0,
        chunk_grid: { name: 'regular', configuration: { chunk_shape: [shard, shard] } },
        chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
        codecs: [{ name: 'sharding_indexed', configuration }]
      })
    );
    for (let row = 0; row * shard < shape[0]; row++) {
      for (let column = 0; column * shard < shape[1]; column++) {
        objects.set(`${level}/c/${row}/${column}`, shardOf(level, shard, row, column));
      }
    }
  });
  return objects;
}

const PLANE = { t: 0, z: 0, c: 0 };

async function open(server: IObjectServer, env: Partial<IOpenEnvironment> = {}): Promise<IOpened> {
  const where = { uri: server.url, store: null, key: '', direct: server.url };
  const all: IOpenEnvironment = { decoder: new InlineDecoder(), ...env };
  return openImage(where, { width: 800, height: 600 }, all, {}, new AbortController().signal);
}

/** Reads every tile of a level at once, and returns the words in their upper left corners. */
async function corners({ pyramid }: IOpened, level: number): Promise<number[][]> {
  const source = pyramid?.levels[level];
  if (!source) {
    throw new Error('no such level');
  }
  const [columns, rows] = [Math.ceil(source.width / source.tile[0]), Math.ceil(source.height / source.tile[1])];
  return Promise.all(
    Array.from({ length: rows }, (_, y) =>
      Promise.all(Array.from({ length: columns }, async (__, x) => (await source.tileAt(x, y, PLANE)).words[0]))
    )
  );
}

const expected = (level: number): number[][] =>
  Array.from({ length: LEVELS[level].shape[0] / INNER }, (_, y) =>
    Array.from({ length: LEVELS[level].shape[1] / INNER }, (__, x) => filling(level, y, x) * 257)
  );

describe('a sharded image by the direct route', () => {
  let server: IObjectServer;
  let image: IOpened;
  const since = (from: number): string[] =>
    server.requests.slice(from).map(({ method, url, range }) => `${method} ${url}${range ? ` ${range}` : ''}`);

  beforeAll(async () => {
    server = await startObjectServer(sharded());
    image = await open(server);
  });
  afterAll(async () => {
    image.dispose();
    await server.close();
  });

  it('has its coarsest shard with the opening', async () => {
    expect(await corners(image, 2)).toEqual(expected(2));
    expect(since(0).filter(text => text.includes('/2/c/'))).toEqual(['GET /2/c/0/0']);
  });

  it('reads a small shard whole, once for all of its tiles', async () => {
    const from = server.requests.length;
    expect(await corners(image, 1)).toEqual(expected(1));
    expect(since(from).sort()).toEqual(['GET /1/c/0/0', 'GET /1/c/1/0']);
  });

  it('reads the neighbouring chunks of a large shard in one request after its size and its index', async () => {
    const from = server.requests.length;
    expect(await corners(image, 0)).toEqual(expected(0));
    const bytes = 2 * INNER * INNER * 16;
    const one = (shard: string): string[] => [
      `HEAD ${shard}`,
      `GET ${shard} bytes=${bytes}-${bytes + 255}`,
      `GET ${shard} bytes=0-${bytes - 1}`
    ];
    const made = since(from);
    expect(made.filter(text => text.includes('/c/0/0'))).toEqual(one('/0/c/0/0'));
    expect(made.filter(text => text.includes('/c/1/0'))).toEqual(one('/0/c/1/0'));
    expect(made).toHaveLength(6);
  });

  it('lets one tile go without the others of its request', async () => {
    const again = await open(server);
    const source = again.pyramid?.levels[0];
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const tiles = controllers.map(({ signal }, x) => source?.tileAt(x, 0, PLANE, signal));
    const left = tiles[1]?.catch((error: Error) => error.name);
    setTimeout(() => controllers[1].abort(), 1);
    expect(await left).toBe('AbortError');
    const words = await Promise.all([0, 2, 3].map(async x => (await tiles[x])?.words[0]));
    expect(words).toEqual([0, 2, 3].map(x => filling(0, 0, x) * 257));
    again.dispose();
  });
});

describe('layouts', () => {
  let server: IObjectServer;

  beforeAll(async () => {
    const levels = [0, 1].map(k => ({
      path: `scale${k}`,
      shape: [6, 64 >> k, 64 >> k],
      chunks: [1, 32, 32],
      scale: [1, 1 << k, 1 << k]
    }));
    server = await startObjectServer(makeImage({ axes: ['z', 'y', 'x'], levels }));
  });
  afterAll(() => server.close());

  it('are remembered by origin, so that the next image is probed for them', async () => {
    const layouts: IOpenEnvironment['layouts'] = new Map();
    /** The first six documents that an opening asks for. */
    const probed = async (): Promise<string[]> => {
      const from = server.requests.length;
      const opened = await open(server, { layouts });
      await opened.pyramid?.contrast(0, 0, 3);
      opened.dispose();
      const documents = server.requests.slice(from).map(({ url }) => url);
      return documents.filter(url => /(json|zattrs|zarray)$/.test(url)).slice(0, 6);
    };
    expect(await probed()).not.toContain('/scale0/.zarray');
    expect([...layouts]).toEqual([[server.url, { zarrFormat: 2, levels: ['scale0', 'scale1'] }]]);
    expect((await probed()).sort()).toEqual([
      '/.zattrs',
      '/0/.zarray',
      '/0/zarr.json',
      '/scale0/.zarray',
      '/scale1/.zarray',
      '/zarr.json'
    ]);
  });
});
