import { ByteLru } from '../../core';
import { MemoryStore } from '../../stores';
import { greyTags, tiffBytes, type ITag } from '../../testing/tiffbytes';
import { openTiff } from '../../tiff';
import { InlineDecoder } from '../decoder';
import { ChunkReader, type IChunkData } from '../reader';
import { readRegion } from '../region';

const [WIDTH, HEIGHT] = [4, 600];
const NONE = 1;
const PACKBITS = 32773;

/** One way to cut a page: rows of a strip, and their compression. */
interface ICut {
  readonly rows: number;
  readonly compression: number;
}

/** Value of a pixel: its row, its column and its page. */
const valueAt = (page: number, row: number, column: number): number => (row * 3 + column + page * 101) & 255;

/** The strips of a page; a PackBits row is one literal run. */
function stripsOf(page: number, { rows, compression }: ICut): Uint8Array[] {
  return Array.from({ length: Math.ceil(HEIGHT / rows) }, (_, strip) => {
    const count = Math.min(rows, HEIGHT - strip * rows);
    const lines = Array.from({ length: count }, (_row, i) => {
      const line = Array.from({ length: WIDTH }, (_column, x) => valueAt(page, strip * rows + i, x));
      return compression === PACKBITS ? [WIDTH - 1, ...line] : line;
    });
    return Uint8Array.from(lines.flat());
  });
}

function fileOf(cuts: readonly ICut[]): Uint8Array {
  const body: number[] = [];
  const pages = cuts.map((cut, page): ITag[] => {
    const strips = stripsOf(page, cut);
    const offsets = strips.map(strip => {
      const at = 8 + body.length;
      body.push(...strip);
      return at;
    });
    return greyTags(WIDTH, HEIGHT, [
      { tag: 259, type: 3, values: [cut.compression] },
      { tag: 273, type: 4, values: offsets },
      { tag: 278, type: 4, values: [cut.rows] },
      { tag: 279, type: 4, values: strips.map(({ length }) => length) }
    ]);
  });
  return tiffBytes(pages, Uint8Array.from(body)).bytes;
}

describe('Pages of one stack that are cut into strips otherwise than the first one', () => {
  const plain = (rows: number): ICut => ({ rows, compression: NONE });
  const packed = (rows: number): ICut => ({ rows, compression: PACKBITS });

  it.each<[string, readonly ICut[]]>([
    ['compressed in strips that the blocks of the first page cut through', [plain(10), packed(10), packed(600)]],
    ['not compressed where the first page is', [packed(10), plain(10), plain(599)]],
    ['in strips of other heights', [packed(10), packed(7), packed(300), packed(600)]],
    ['in one strip each', [plain(600), packed(600)]]
  ])('have their own values: %s', async (_, cuts) => {
    const store = new MemoryStore({ 'a.tif': fileOf(cuts) });
    const node = await openTiff(store, 'a.tif');
    const { array } = node.kind === 'image' ? node.levels[0] : { array: undefined };
    expect(array?.shape).toEqual([cuts.length, HEIGHT, WIDTH]);
    if (!array) {
      return;
    }
    const reader = new ChunkReader(store, array, new InlineDecoder(), new ByteLru<IChunkData>(1 << 20));
    const whole = await readRegion(
      reader,
      array.shape.map(size => [0, size])
    );
    const wrong = Array.from(whole.data.keys()).filter(i => {
      const [page, row] = [Math.floor(i / (WIDTH * HEIGHT)), Math.floor(i / WIDTH) % HEIGHT];
      return whole.data[i] !== valueAt(page, row, i % WIDTH);
    });
    expect(wrong).toEqual([]);
  });
});
