import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ByteLru } from '../../core';
import { readArray } from '../../ngff';
import { SessionStore } from '../../stores';
import { codecCases, type ICodecCase } from '../../testing/codeccases';
import { projectPython, startSession, TokenTransport, type ISessionServer } from '../../testing/sessionserver';
import { InlineDecoder } from '../decoder';
import { ChunkReader, type IChunkData } from '../reader';
import { SessionDecoder } from '../remote';

const python = projectPython();
const ALL = (codecCases() ?? []).filter(({ by }) => by === 'server');
// One type of each codec, or all of them.
const CASES =
  process.env.BIOIMAGE_CAMPAIGN === 'full'
    ? ALL
    : ALL.filter(({ codec }, i) => ALL.findIndex(other => other.codec === codec) === i);

if (!python || CASES.length === 0) {
  it('decodes by a running server what a browser lacks: no Python environment here', () => undefined);
} else {
  let folder: string;
  let server: ISessionServer;
  let transport: TokenTransport;

  const nameOf = (number: number): string => `${String(number).padStart(3, '0')} ${CASES[number].codec}`;

  /** The chunk of a case through the reader that tiles are made from. */
  const read = async (one: ICodecCase, name: string): Promise<IChunkData> => {
    const array = readArray(name, one.document);
    const decoder = new SessionDecoder(transport, 'made', '');
    const store = new SessionStore(transport, 'made', '');
    const cache = new ByteLru<IChunkData>(1 << 20);
    return new ChunkReader(store, array, new InlineDecoder(), cache, undefined, decoder).chunk(
      array.shape.map(() => 0)
    );
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'decoded-'));
    CASES.forEach(({ document, chunk }, i) => {
      const array = readArray('', document);
      const key = path.join(folder, nameOf(i), array.objectKey(array.shape.map(() => 0)));
      mkdirSync(path.dirname(key), { recursive: true });
      writeFileSync(key, chunk);
      const file = document.zarr_format === 2 ? '.zarray' : 'zarr.json';
      writeFileSync(path.join(folder, nameOf(i), file), JSON.stringify(document));
    });
    server = await startSession(python, 'made', folder);
    transport = new TokenTransport(server);
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('decodes by a running server what a browser lacks, bit by bit', async () => {
    const wrong: string[] = [];
    await Promise.all(
      CASES.map(async (one, i) => {
        const { words, absent } = await read(one, nameOf(i));
        const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
        if (absent || Buffer.compare(bytes, one.expected) !== 0) {
          wrong.push(`${one.codec} ${one.dtype}`);
        }
      })
    );
    expect(wrong).toEqual([]);
    console.info(
      `${CASES.length} chunks of ${new Set(CASES.map(({ codec }) => codec)).size} codecs decoded by the server`
    );
  }, 120_000);

  it('tells damage and absence', async () => {
    const [bz2] = CASES.keys();
    const array = path.join(folder, nameOf(bz2));
    const key = path.join(array, readArray('', CASES[bz2].document).objectKey([0, 0]));
    writeFileSync(key, CASES[bz2].chunk.subarray(0, 20));
    await expect(read(CASES[bz2], nameOf(bz2))).rejects.toMatchObject({ code: 'BAD_CHUNK' });
    rmSync(key);
    expect((await read(CASES[bz2], nameOf(bz2))).absent).toBe(true);
  }, 60_000);
}
