import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { MemoryStore } from '../../stores';
import { greyTags, tiffBytes } from '../../testing/tiffbytes';
import { openTiff, OTHERS, SCHEMES } from '../../tiff';
import type { PageScheme } from '../../tiff';
import { InlineDecoder } from '../decoder';

/** All pixels have this value, so that JPEG gives it back exactly. */
const VALUE = 77;
const PIXELS = new Uint8Array(64).fill(VALUE);

/** Codes of 9 bits from the most significant bit on. */
function nineBits(codes: readonly number[]): Uint8Array {
  const bits = codes.map(code => code.toString(2).padStart(9, '0')).join('');
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], part => parseInt(part.padEnd(8, '0'), 2));
}

/** The 64 pixels in every scheme: a new one needs a line here, or this does not compile. */
const WRITTEN: Readonly<Record<PageScheme, Uint8Array>> = {
  none: PIXELS,
  lzw: nineBits([256, ...PIXELS, 257]),
  deflate: deflateSync(PIXELS),
  packbits: Uint8Array.of(256 - 63, VALUE),
  // A frame of one raw block (RFC 8878, section 3.1.1).
  zstd: Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 64, ((64 << 3) & 255) | 1, 64 >> 5, 0, ...PIXELS),
  // Written by Pillow.
  jpeg: new Uint8Array(
    Buffer.from(
      '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAAIAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APjOv//Z',
      'base64'
    )
  )
};

/** Tag and scheme of all that the page decodes. */
const PAGE = SCHEMES.filter(({ by }) => by === 'browser').flatMap(
  ({ tags, id }) => tags.map((tag): [number, PageScheme] => [tag, id as PageScheme]) // of the page, as was just filtered
);

function file(tag: number, stored: Uint8Array): MemoryStore {
  const more = [
    { tag: 259, type: 3, values: [tag] },
    { tag: 279, type: 4, values: [stored.length] }
  ] as const;
  return new MemoryStore({ 'a.tif': tiffBytes([greyTags(8, 8, more)], stored).bytes });
}

async function decoded(tag: number, stored: Uint8Array): Promise<Uint8Array> {
  const store = file(tag, stored);
  const node = await openTiff(store, 'a.tif');
  const array = node.kind === 'image' ? node.levels[0].array : undefined;
  const place = await array?.locate?.([0, 0], store);
  const bytes = place?.range && (await store.getRange(place.key, place.range));
  if (!array || !place || !bytes) {
    throw new Error('there is no unit');
  }
  return new InlineDecoder().decode(array, bytes, undefined, place.more);
}

describe('Compressions of TIFF', () => {
  it.each(PAGE)('%i (%s) is decoded', async (tag, scheme) => {
    expect(await decoded(tag, WRITTEN[scheme])).toEqual(PIXELS);
  });

  it.each(PAGE.filter(([, scheme]) => scheme !== 'none'))(
    '%i (%s) of bytes that are cut or another thing is damage',
    async (tag, scheme) => {
      const cut = WRITTEN[scheme].slice(0, WRITTEN[scheme].length >> 1);
      for (const stored of [cut, Uint8Array.of(255, 0, 255, 0)]) {
        await expect(decoded(tag, stored)).rejects.toMatchObject({ code: 'BAD_CHUNK' });
      }
    }
  );

  it.each([...OTHERS])('%i (%s) is refused by its name', async (tag, name) => {
    await expect(openTiff(file(tag, PIXELS), 'a.tif')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(`the compression ${name}`)
    });
    expect(SCHEMES.some(({ tags }) => tags.includes(tag))).toBe(false);
  });

  it('are on the server those of the fixture', () => {
    const listed = JSON.parse(readFileSync(path.resolve('fixtures', 'tiffcodecs.json'), 'utf8')) as { name: string }[];
    const served = SCHEMES.filter(({ by }) => by === 'server').map(({ id }) => (id === 'jpegdeep' ? 'jpeg' : id));
    expect(served.sort()).toEqual(listed.map(({ name }) => name).sort());
  });

  it('has a tag for every scheme, and names numbers that nobody knows', async () => {
    expect([...new Set(PAGE.map(([, scheme]) => scheme))].sort()).toEqual(Object.keys(WRITTEN).sort());
    await expect(openTiff(file(4711, PIXELS), 'a.tif')).rejects.toMatchObject({
      message: expect.stringContaining('the compression number 4711')
    });
  });
});
