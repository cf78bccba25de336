import { MemoryStore, type ByteRange, type IReadableStore } from '../../stores';
import { outcomeOf } from '../../testing/outcome';
import { greyTags, tiffBytes, type ITag, type ITiffOptions } from '../../testing/tiffbytes';
import { openTiff } from '..';
import { reading } from '../../testing/reading';

const PIXELS = new Uint8Array(64).map((_, i) => i);

/** Opens `bytes` and counts the requests. */
async function opened(bytes: Uint8Array): Promise<{ outcome: string; requests: number }> {
  const store = new MemoryStore({ 'a.tif': bytes });
  let requests = 0;
  const counting: IReadableStore = {
    name: 'counting',
    get: key => store.get(key),
    getRange(key, range) {
      requests += 1;
      return store.getRange(key, range);
    }
  };
  const outcome = await outcomeOf(openTiff(counting, 'a.tif'));
  return { outcome, requests };
}

const file = (directories: ITag[][], options?: ITiffOptions): Uint8Array =>
  tiffBytes(directories, PIXELS, options).bytes;
const one = (...more: ITag[]): Uint8Array => file([greyTags(8, 8, more)]);
const description = (text: string): ITag => ({ tag: 270, type: 2, values: text });

describe('A hostile TIFF file', () => {
  const first = tiffBytes([greyTags(8, 8)], PIXELS).offsets[0];

  it.each<[string, Uint8Array]>([
    ['directories in a circle of one', file([greyTags(8, 8)], { last: first })],
    ['directories in a circle of three', file([greyTags(8, 8), greyTags(8, 8), greyTags(8, 8)], { last: first })],
    ['a first directory beyond the file', file([], { last: 1e6 })],
    ['no directory at all', file([])],
    ['a second directory beyond the file', file([greyTags(8, 8)], { last: 4e9 })],
    ['a directory in the middle of the pixels', file([], { last: 40 })],
    [
      '2^32 tiles',
      one({ tag: 256, type: 4, values: [2 ** 20] }, { tag: 257, type: 4, values: [2 ** 20] }, ...tiles(16, 2 ** 32 - 1))
    ],
    [
      '10^9 strips',
      one(
        { tag: 257, type: 4, values: [1e9] },
        { tag: 278, type: 4, values: [1] },
        { tag: 273, type: 4, values: [], count: 1e9, offset: 8 }
      )
    ],
    [
      'offsets of its tiles beyond the file',
      one({ tag: 256, type: 4, values: [16000] }, { tag: 257, type: 4, values: [16000] }, ...tiles(16, 1e6))
    ],
    ['fewer strips than it needs', one({ tag: 278, type: 4, values: [1] })],
    ['10^9 sizes of samples', one({ tag: 258, type: 3, values: [], count: 1e9, offset: 8 })],
    ['2^31 samples', one({ tag: 277, type: 4, values: [2 ** 31] })],
    ['no pixels', one({ tag: 256, type: 4, values: [0] })],
    ['a description beyond the file', one({ tag: 270, type: 2, values: '', count: 1e6, offset: 1e6 })],
    ['a description of 4 GiB', one({ tag: 270, type: 2, values: '', count: 2 ** 32 - 1, offset: 8 })],
    ['reduced images beyond the file', one({ tag: 330, type: 4, values: [1e6, 2e6] })],
    ['another beginning', Uint8Array.of(...new TextEncoder().encode('<!DOCTYPE html><html><body>login</body></html>'))],
    ['nothing but its header', Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0)],
    ['a 64-bit offset beyond all files', file([], { big: true, last: Number.MAX_SAFE_INTEGER })]
  ])('with %s is refused', async (_, bytes) => {
    const start = performance.now();
    const { outcome, requests } = await opened(bytes);
    expect(outcome).toBe('BAD_METADATA');
    expect(requests).toBeLessThanOrEqual(64);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('with a reduced image that is the image itself opens without it', async () => {
    const bytes = one({ tag: 330, type: 4, values: [first] });
    const node = await openTiff(new MemoryStore({ 'a.tif': bytes }), 'a.tif');
    expect(node).toMatchObject({ kind: 'image', notices: [reading(/Reduced image 0 is left out/)] });
  });

  it.each([256 * 1024, 8 * 1024])(
    'with directories for ever, %i bytes apart, ends after at most 512 requests',
    async step => {
      const { bytes } = tiffBytes([greyTags(8, 8)], PIXELS);
      let requests = 0;
      const endless: IReadableStore = {
        name: 'endless',
        get: () => Promise.resolve(undefined),
        getRange(_key: string, range: ByteRange) {
          requests += 1;
          const { start, end } = range as { start: number; end: number };
          const out = new Uint8Array(end - start);
          for (let n = Math.floor(start / step); n * step < end; n++) {
            const copy = bytes.slice();
            new DataView(copy.buffer).setUint32(4, first, true);
            new DataView(copy.buffer).setUint32(bytesOfNext(bytes), (n + 1) * step + first, true);
            copy.forEach((byte, i) => {
              const at = n * step + i - start;
              if (at >= 0 && at < out.length) {
                out[at] = byte;
              }
            });
          }
          return Promise.resolve(out);
        }
      };
      const node = await openTiff(endless, 'a.tif');
      expect(requests).toBeLessThanOrEqual(512);
      expect(node).toMatchObject({
        kind: 'image',
        notices: [expect.anything(), reading(/^Only the first \d+ pages/)]
      });
    }
  );

  it.each(['../secret.tif', '/etc/passwd', 'a/../../b.tif', '..', 'C:\\b.tif', '%2e%2e%2fb.tif'])(
    'that names %s as one of its files reads nothing there',
    async name => {
      const xml = `<OME><Image Name="i"><Pixels DimensionOrder="XYZCT" SizeX="8" SizeY="8" SizeZ="2" SizeC="1" SizeT="1" Type="uint8">
        <TiffData IFD="0"/><TiffData IFD="0" FirstZ="1"><UUID FileName="${name}">urn:uuid:2</UUID></TiffData></Pixels></Image></OME>`;
      const asked = new Set<string>();
      const store = new MemoryStore({ 'a.tif': one(description(xml)) });
      const watching: IReadableStore = {
        name: 'watching',
        get: key => store.get(key),
        getRange(key, range) {
          asked.add(key);
          return store.getRange(key, range);
        }
      };
      const node = await openTiff(watching, 'a.tif');
      expect([...asked]).toEqual(['a.tif']);
      expect(node).toMatchObject({ kind: 'image', notices: [reading(/outside of the folder/)] });
      const array = node.kind === 'image' ? node.levels[0].array : undefined;
      expect(await array?.locate?.([1, 0, 0], store)).toBeNull();
    }
  );
});

/** Tags of square tiles, `count` of them by what is listed. */
function tiles(side: number, count: number): ITag[] {
  return [
    { tag: 322, type: 4, values: [side] },
    { tag: 323, type: 4, values: [side] },
    { tag: 324, type: 4, values: [], count, offset: 8 },
    { tag: 325, type: 4, values: [], count, offset: 8 }
  ];
}

/** Place of the link to the next directory in a file of one directory. */
function bytesOfNext(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer);
  const at = view.getUint32(4, true);
  return at + 2 + view.getUint16(at, true) * 12;
}
