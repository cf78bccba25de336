import path from 'node:path';
import { ByteLru } from '../../core';
import { openTiff } from '../../tiff';
import { SessionStore } from '../../stores';
import { projectPython, startSession, TokenTransport, type ISessionServer } from '../../testing/sessionserver';
import { axesOf, hasPython, makeTiffs, wholeArray, type IExpectedTiff, type ITiffs } from '../../testing/tiffs';
import { InlineDecoder } from '../decoder';
import { PartsDecoder } from '../parts';
import { ChunkReader, type IChunkData } from '../reader';

const python = projectPython();

(python && hasPython() ? describe : describe.skip)('TIFF files in compressions that a page lacks', () => {
  let made: ITiffs;
  let server: ISessionServer;
  let transport: TokenTransport;

  beforeAll(async () => {
    made = makeTiffs([], 'served.py');
    server = await startSession(python ?? '', 'made', made.folder);
    transport = new TokenTransport(server);
  }, 90_000);

  afterAll(async () => {
    made.dispose();
    await server.stop();
  });

  /** What is wrong with a file; '' where all values are those that tifffile reads. */
  async function fault({ file, series }: IExpectedTiff): Promise<string> {
    const key = path.basename(file);
    const store = new SessionStore(transport, 'made', '');
    try {
      const image = await openTiff(store, key);
      const [expected] = series[0].levels;
      if (image.kind !== 'image') {
        return `${key} is a ${image.kind}`;
      }
      const { array } = image.levels[0];
      const found = `${axesOf(image)} ${array.shape.join('×')} ${array.dtype}`;
      const wanted = `${expected.axes} ${expected.shape.join('×')} ${expected.dtype}`;
      if (found !== wanted) {
        return `${key} is ${found}, not ${wanted}`;
      }
      const decoder = PartsDecoder.of(transport, 'made', '');
      const cache = new ByteLru<IChunkData>(1 << 20);
      const reader = new ChunkReader(store, array, new InlineDecoder(), cache, undefined, decoder);
      const bytes = await wholeArray(reader);
      const by = key.startsWith('palette') && !key.includes('png') ? 'browser' : 'server';
      return Buffer.compare(bytes, expected.bytes) !== 0
        ? `${key} differs`
        : array.decodedBy !== by
          ? `${key} is decoded by the ${array.decodedBy}`
          : '';
    } catch (error) {
      return `${key}: ${String(error)}`;
    }
  }

  it('are decoded by the server exactly as tifffile reads them', async () => {
    const faults: string[] = [];
    for (let at = 0; at < made.expected.length; at += 8) {
      faults.push(...(await Promise.all(made.expected.slice(at, at + 8).map(fault))));
    }
    expect(faults.filter(text => text !== '')).toEqual([]);
    expect(made.expected.length).toBeGreaterThan(100);
  }, 120_000);
});
