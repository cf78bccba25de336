import { cleanText, invalid, say } from '../core';
import { decodeXml, readXml } from './xml';

/** One channel of an OME image. */
export interface IOmeChannel {
  /** '' where there is none. */
  readonly name: string;
  /** Six hexadecimal digits; absent where it is not given, or cannot be seen. */
  readonly color?: string;
  /** Samples per pixel: 3 for colour pictures. */
  readonly samples: number;
}

/** Where some planes lie (OME-TIFF specification, "The TiffData element"). */
export interface IOmeTiffData {
  readonly ifd?: number;
  readonly planeCount?: number;
  readonly first: { readonly z: number; readonly c: number; readonly t: number };
  readonly uuid?: string;
  /** Untrusted. */
  readonly fileName?: string;
}

/** One `Image` and its first `Pixels`. */
export interface IOmeImage {
  readonly name: string;
  readonly size: { readonly x: number; readonly y: number; readonly z: number; readonly c: number; readonly t: number };
  /** The five axes, fastest first, such as `XYZCT`. */
  readonly order: string;
  /** Pixel type in the words of the schema, such as `uint16` or `float`; untrusted. */
  readonly type?: string;
  /** UDUNITS-2 names of the units; absent where there is no size, or none that can be used. */
  readonly physical: { readonly [axis in 'x' | 'y' | 'z' | 't']?: { readonly value: number; readonly unit?: string } };
  readonly channels: readonly IOmeChannel[];
  readonly tiffData: readonly IOmeTiffData[];
}

/** An OME-XML document. */
export interface IOmeXml {
  readonly uuid?: string;
  /** The file that holds the metadata instead of this document; untrusted. */
  readonly metadataFile?: string;
  readonly images: readonly IOmeImage[];
}

/** Longer axes than this are beyond every format. */
const MAX_SIZE = 2 ** 31;

/** Symbols of OME's units (OME schema 2016-06, UnitsLength and UnitsTime) as UDUNITS-2 names. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['km', 'kilometer'],
  ['m', 'meter'],
  ['dm', 'decimeter'],
  ['cm', 'centimeter'],
  ['mm', 'millimeter'],
  ['µm', 'micrometer'],
  ['μm', 'micrometer'],
  ['um', 'micrometer'],
  ['nm', 'nanometer'],
  ['pm', 'picometer'],
  ['Å', 'angstrom'],
  ['in', 'inch'],
  ['ft', 'foot'],
  ['d', 'day'],
  ['h', 'hour'],
  ['min', 'minute'],
  ['s', 'second'],
  ['ms', 'millisecond'],
  ['µs', 'microsecond'],
  ['μs', 'microsecond'],
  ['us', 'microsecond'],
  ['ns', 'nanosecond'],
  ['ps', 'picosecond']
]);

/** UDUNITS-2 name of a unit's symbol; `undefined` for pixels, reference frames and whatever is not known. */
export function unitName(symbol: string): string | undefined {
  return UNITS.get(symbol.trim());
}

type Attributes = ReadonlyMap<string, string>;
type Draft = { -readonly [K in keyof IOmeImage]: IOmeImage[K] } & {
  channels: IOmeChannel[];
  tiffData: IOmeTiffData[];
};

function whole(attributes: Attributes, name: string, where: string, least: number): number | undefined {
  const text = attributes.get(name)?.trim();
  if (text === undefined || text === '') {
    return undefined;
  }
  const value = /^-?\d{1,12}$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= MAX_SIZE)) {
    throw invalid(`${where}/@${name}`, say`is not a whole number from ${least} to ${MAX_SIZE}`);
  }
  return value;
}

function physical(
  attributes: Attributes,
  name: string,
  fallback: string
): { value: number; unit?: string } | undefined {
  const text = attributes.get(name);
  const value = text === undefined || text.trim() === '' ? NaN : Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    return undefined;
  }
  const unit = unitName(attributes.get(`${name}Unit`) ?? fallback);
  return { value, ...(unit && { unit }) };
}

/** Signed 32-bit number of red, green, blue, alpha. Fully transparent and black ones would hide the channel. */
function color(text: string | undefined): string | undefined {
  const value = text !== undefined && /^-?\d{1,10}$/.test(text.trim()) ? Number(text) : 0;
  const bits = value >>> 0;
  const rgb = bits >>> 8;
  return (bits & 255) === 0 || rgb === 0 ? undefined : rgb.toString(16).padStart(6, '0').toUpperCase();
}

function readPixels(image: Draft, attributes: Attributes, where: string): void {
  const size = (axis: string): number => {
    const value = whole(attributes, `Size${axis}`, where, 1);
    if (value === undefined) {
      throw invalid(`${where}/@Size${axis}`, say`is missing`);
    }
    return value;
  };
  const order = (attributes.get('DimensionOrder') ?? 'XYZCT').trim();
  if (!/^XY(ZCT|ZTC|CZT|CTZ|TZC|TCZ)$/.test(order)) {
    throw invalid(`${where}/@DimensionOrder`, say`is not XY and an order of Z, C and T`);
  }
  image.order = order;
  image.type = attributes.get('Type')?.trim();
  image.size = { x: size('X'), y: size('Y'), z: size('Z'), c: size('C'), t: size('T') };
  const [x, y, z, t] = [
    physical(attributes, 'PhysicalSizeX', 'µm'),
    physical(attributes, 'PhysicalSizeY', 'µm'),
    physical(attributes, 'PhysicalSizeZ', 'µm'),
    physical(attributes, 'TimeIncrement', 's')
  ];
  image.physical = { ...(x && { x }), ...(y && { y }), ...(z && { z }), ...(t && { t }) };
}

function readTiffData(attributes: Attributes, where: string): IOmeTiffData {
  const ifd = whole(attributes, 'IFD', where, 0);
  // Before 2007-06 the count was called NumPlanes.
  const planeCount = whole(attributes, 'PlaneCount', where, 0) ?? whole(attributes, 'NumPlanes', where, 0);
  const first = (axis: string): number => whole(attributes, `First${axis}`, where, 0) ?? 0;
  return {
    ...(ifd !== undefined && { ifd }),
    ...(planeCount !== undefined && { planeCount }),
    first: { z: first('Z'), c: first('C'), t: first('T') }
  };
}

/** Collects what is needed while a document goes by. */
class OmeReader {
  readonly images: Draft[] = [];
  uuid: string | undefined;
  metadataFile: string | undefined;
  private readonly _path: string[] = [];
  private _pixels = 0;
  private _text: string | null = null;

  open(name: string, attributes: Attributes): void {
    this._path.push(name);
    const path = this._path.slice(1).join('/');
    const image = this.images.at(-1);
    const where = `OME-XML: Image[${this.images.length - 1}]/Pixels`;
    if (this._path.length === 1) {
      this.uuid = attributes.get('UUID');
    } else if (path === 'BinaryOnly') {
      this.metadataFile = attributes.get('MetadataFile');
    } else if (path === 'Image') {
      this._pixels = 0;
      this.images.push({
        name: cleanText(attributes.get('Name') ?? ''),
        size: { x: 0, y: 0, z: 0, c: 0, t: 0 },
        order: 'XYZCT',
        physical: {},
        channels: [],
        tiffData: []
      });
    } else if (path === 'Image/Pixels' && image) {
      this._pixels += 1;
      if (this._pixels === 1) {
        readPixels(image, attributes, where);
      }
    } else if (this._pixels === 1 && image && path === 'Image/Pixels/Channel') {
      const shade = color(attributes.get('Color'));
      image.channels.push({
        name: cleanText(attributes.get('Name') ?? '', 80),
        samples: whole(attributes, 'SamplesPerPixel', `${where}/Channel[${image.channels.length}]`, 1) ?? 1,
        ...(shade && { color: shade })
      });
    } else if (this._pixels === 1 && image && path === 'Image/Pixels/TiffData') {
      image.tiffData.push(readTiffData(attributes, `${where}/TiffData[${image.tiffData.length}]`));
    } else if (this._pixels === 1 && image && path === 'Image/Pixels/TiffData/UUID') {
      this._text = '';
      const fileName = attributes.get('FileName');
      this._name(image, fileName === undefined ? {} : { fileName });
    }
  }

  text(text: string): void {
    if (this._text !== null && this._text.length < 200) {
      this._text += text;
    }
  }

  close(name: string): void {
    const image = this.images.at(-1);
    if (this._text !== null && name === 'UUID' && image) {
      const uuid = this._text.trim();
      this._text = null;
      this._name(image, uuid === '' ? {} : { uuid });
    }
    this._path.pop();
  }

  /** Adds to the TiffData that is open. */
  private _name(image: Draft, more: Pick<IOmeTiffData, 'uuid' | 'fileName'>): void {
    const last = image.tiffData.pop();
    if (last) {
      image.tiffData.push({ ...last, ...more });
    }
  }
}

/**
 * Reads an OME-XML document of any version of the schema; order of the images as in the document. Further `Pixels` of an
 * image (schemas before 2010) and whatever is not needed to show it are passed over.
 *
 * @param where - names the document in errors
 * @throws BAD_METADATA for a document over 8 MiB, one with a document type, one that is no XML, sizes that are none
 */
export function readOmeXml(bytes: Uint8Array, where = 'OME-XML'): IOmeXml {
  const reader = new OmeReader();
  readXml(decodeXml(bytes, where), where, reader);
  return {
    images: reader.images,
    ...(reader.uuid && { uuid: reader.uuid }),
    ...(reader.metadataFile && { metadataFile: reader.metadataFile })
  };
}

/**
 * Names and sizes of the images of an OME-XML document, in its order, which is that of the series of a bioformats2raw layout
 * (layout 3). `size` is absent where an image has no `Pixels`. Throws as {@link readOmeXml}.
 */
export function omeImages(bytes: Uint8Array): readonly { name: string; size?: IOmeImage['size'] }[] {
  return readOmeXml(bytes).images.map(({ name, size }) => ({ name, ...(size.x > 0 && { size }) }));
}
