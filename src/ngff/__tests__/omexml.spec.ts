import { omeImages, readOmeXml, unitName } from '../omexml';
import { readXml } from '../xml';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const REFUSED = expect.objectContaining({ code: 'BAD_METADATA' }) as Error;
const PIXELS = 'DimensionOrder="XYCZT" SizeX="5" SizeY="4" SizeZ="3" SizeC="2" SizeT="1" Type="uint8"';

function utf16(text: string, big: boolean, mark: boolean): Uint8Array {
  const units = Array.from((mark ? '\ufeff' : '') + text, character => character.charCodeAt(0));
  return Uint8Array.from(units.flatMap(unit => (big ? [unit >> 8, unit & 255] : [unit & 255, unit >> 8])));
}

describe('OME-XML', () => {
  it('gives names and sizes in order, with and without a prefix', () => {
    const text = `<?xml version="1.0"?><!-- <Image Name="no"/> --><OME:OME xmlns:OME="x"><OME:Image ID="Image:0" Name="a &lt;b&gt; &#181;m">
      <OME:Pixels ${PIXELS}/></OME:Image><OME:Image Name='second'/></OME:OME>`;
    expect(omeImages(encode(text))).toEqual([
      { name: 'a <b> µm', size: { x: 5, y: 4, z: 3, c: 2, t: 1 } },
      { name: 'second' }
    ]);
  });

  it('reads sizes, channels and the places of planes', () => {
    const text = `<OME UUID="urn:uuid:1"><Image Name="i"><Pixels ${PIXELS} PhysicalSizeX="0.5" PhysicalSizeY="500" PhysicalSizeYUnit="nm"
      PhysicalSizeZ="NaN" TimeIncrement="2" TimeIncrementUnit="min">
      <Channel Name="DAPI" Color="65535"/><Channel Color="-16776961" SamplesPerPixel="3"/><Channel Color="-2147483648"/>
      <TiffData IFD="3" FirstZ="1" FirstC="1" PlaneCount="2"><UUID FileName="b.ome.tif"> urn:uuid:2 </UUID></TiffData><TiffData/>
      </Pixels><Pixels SizeX="broken"/></Image></OME>`;
    const { uuid, images } = readOmeXml(encode(text));
    expect(uuid).toBe('urn:uuid:1');
    expect(images).toEqual([
      {
        name: 'i',
        order: 'XYCZT',
        type: 'uint8',
        size: { x: 5, y: 4, z: 3, c: 2, t: 1 },
        physical: {
          x: { value: 0.5, unit: 'micrometer' },
          y: { value: 500, unit: 'nanometer' },
          t: { value: 2, unit: 'minute' }
        },
        channels: [
          { name: 'DAPI', samples: 1, color: '0000FF' },
          { name: '', samples: 3, color: 'FF0000' },
          { name: '', samples: 1 }
        ],
        tiffData: [
          { ifd: 3, planeCount: 2, first: { z: 1, c: 1, t: 0 }, uuid: 'urn:uuid:2', fileName: 'b.ome.tif' },
          { first: { z: 0, c: 0, t: 0 } }
        ]
      }
    ]);
  });

  it('names the companion of a file that has no metadata of its own', () => {
    const text = '<OME><BinaryOnly MetadataFile="x.companion.ome" UUID="urn:uuid:9"/></OME>';
    expect(readOmeXml(encode(text))).toEqual({ images: [], metadataFile: 'x.companion.ome' });
  });

  it.each([
    ['UTF-8 with a mark', (text: string) => Uint8Array.of(0xef, 0xbb, 0xbf, ...encode(text))],
    ['UTF-16 little-endian with a mark', (text: string) => utf16(text, false, true)],
    ['UTF-16 big-endian with a mark', (text: string) => utf16(text, true, true)],
    ['UTF-16 without a mark', (text: string) => utf16(text, false, false)],
    ['Windows-1252', (text: string) => Uint8Array.from(text, character => character.charCodeAt(0))]
  ])('reads %s', (_, bytes) => {
    const [image] = readOmeXml(bytes(`<OME><Image Name="5 \u00b5l"><Pixels ${PIXELS}/></Image></OME>`)).images;
    expect(image.name).toBe('5 \u00b5l');
  });

  it.each([
    ['an entity bomb', '<!DOCTYPE o [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><OME><Image Name="&b;"/></OME>'],
    ['an external entity', '<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><OME><Image Name="&x;"/></OME>'],
    ['an entity nobody declared', '<OME><Image Name="&b;"/></OME>'],
    ['a cut document', '<OME><Image Name="a">'],
    ['a cut tag', '<OME><Image Name="a'],
    ['a cut comment', '<OME><!-- '],
    ['crossed elements', '<OME><Image></OME></Image>'],
    ['a size of zero', `<OME><Image><Pixels ${PIXELS.replace('"5"', '"0"')}/></Image></OME>`],
    ['a size beyond all bounds', `<OME><Image><Pixels ${PIXELS.replace('"5"', '"4294967296"')}/></Image></OME>`],
    ['a missing size', '<OME><Image><Pixels SizeX="1"/></Image></OME>'],
    ['an order that is none', `<OME><Image><Pixels ${PIXELS.replace('XYCZT', 'XYCCT')}/></Image></OME>`],
    ['a thousand levels', '<a>'.repeat(1000) + '</a>'.repeat(1000)]
  ])('refuses %s', (_, text) => {
    expect(() => readOmeXml(encode(text))).toThrow(REFUSED);
  });

  it('does not look into a document of more than 8 MiB', () => {
    const text = `<OME><A>${'x'.repeat(8 << 20)}</A></OME>`;
    expect(() => readOmeXml(encode(text))).toThrow(REFUSED);
  });

  it('takes 8 MiB of annotations in a second', () => {
    const text = `<OME><Image Name="i"><Pixels ${PIXELS}/></Image><S>${'<A ID="1" B="2"/>'.repeat(450_000)}</S></OME>`;
    const start = performance.now();
    expect(readOmeXml(encode(text)).images).toHaveLength(1);
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it('keeps literal text and drops what only looks like markup', () => {
    const heard: string[] = [];
    readXml('<a><![CDATA[<b>&amp;]]> & </a>', 'x', {
      open: name => heard.push(`+${name}`),
      text: text => heard.push(text),
      close: name => heard.push(`-${name}`)
    });
    expect(heard).toEqual(['+a', '<b>&amp;', ' & ', '-a']);
  });

  it('knows no unit for pixels', () => {
    expect(unitName('pixel')).toBeUndefined();
    expect(unitName('µm')).toBe('micrometer');
  });
});
