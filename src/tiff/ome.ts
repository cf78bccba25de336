import { BioImageError, cleanText, isBioImageError, say } from '../core';
import type { Said } from '../core';
import { readOmeXml, type IOmeImage, type IOmeXml } from '../ngff';
import { checkKey, type IReadableStore } from '../stores';
import { badTiff } from './bytes';
import { TiffFile } from './file';
import type { IFormat } from './format';
import {
  pageOfLevel,
  readLevels,
  type IChannelHint,
  type IContents,
  type IFound,
  type ILevels,
  type IPage,
  type IPlan,
  type IPlaneAt
} from './plan';

/** Files of an image that are looked for at once when it is opened, so that missing ones can be told. */
const LOOKED_FOR = 24;
/** Requests that opening one more file of an image may cost. */
const MOST_PER_FILE = 32;

/** Planes that follow each other in one file. */
interface IRun {
  /** Position of the first in the order of the dimensions. */
  readonly start: number;
  readonly end: number;
  /** Main directory of the first. */
  readonly ifd: number;
  /** Key of the file; `null` for a name that leads elsewhere. */
  readonly key: string | null;
}

/** The files of an OME-TIFF, opened when a plane of them is asked for. */
class Files {
  private readonly _store: IReadableStore;
  private readonly _open = new Map<string, Promise<TiffFile | null>>();

  constructor(store: IReadableStore, own: TiffFile) {
    this._store = store;
    this._open.set(own.bytes.key, Promise.resolve(own));
  }

  /** `null` where there is no such file. */
  get(key: string): Promise<TiffFile | null> {
    const known = this._open.get(key);
    if (known) {
      return known;
    }
    // Without a signal: several planes wait for the same file, and it is one small read.
    const opening = TiffFile.open(this._store, key, MOST_PER_FILE).catch((error: unknown) => {
      if (isBioImageError(error, 'NOT_FOUND')) {
        return null;
      }
      this._open.delete(key); // what failed otherwise may come another time
      throw error;
    });
    this._open.set(key, opening);
    return opening;
  }
}

/** Folder of a key, with its slash; '' for the root. */
function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** A file beside the opened one or in a folder there; `null` where the name leads elsewhere. */
function beside(own: string, name: string): string | null {
  try {
    return checkKey(folderOf(own) + name);
  } catch (error) {
    if (isBioImageError(error)) {
      return null;
    }
    throw error;
  }
}

/** The document of the companion file, where the file's own only points to it. */
async function withCompanion(store: IReadableStore, key: string, xml: IOmeXml, signal?: AbortSignal): Promise<IOmeXml> {
  if (xml.images.length > 0 || xml.metadataFile === undefined) {
    return xml;
  }
  const companion = beside(key, xml.metadataFile);
  const described =
    companion === null
      ? undefined
      : /\.tiff?$/i.test(companion)
        ? await masterXml(store, companion, signal)
        : await companionXml(store, companion, signal);
  if (!described) {
    throw new BioImageError('NOT_FOUND', say`There is no file ${xml.metadataFile}, which describes this image.`, {
      where: key,
      hint: say`Put the file that describes the image beside it.`
    });
  }
  // The identifier of that document is its own, and not the opened file's.
  return { images: described.images, metadataFile: xml.metadataFile };
}

async function companionXml(store: IReadableStore, key: string, signal?: AbortSignal): Promise<IOmeXml | undefined> {
  const bytes = await store.get(key, { signal });
  return bytes && readOmeXml(bytes, key);
}

/** Metadata may stand in another TIFF file of the set. */
async function masterXml(store: IReadableStore, key: string, signal?: AbortSignal): Promise<IOmeXml> {
  const file = await TiffFile.open(store, key, MOST_PER_FILE, signal);
  const description = await (await file.directory(0, signal))?.raw(270, 16 * 1024 * 1024, signal);
  return readOmeXml(trimmed(description ?? new Uint8Array()), key);
}

/** Without the NUL bytes that end a text in TIFF. */
export function trimmed(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) {
    end -= 1;
  }
  // UTF-16 ends its last character with a NUL of its own.
  return bytes.subarray(0, bytes[1] === 0 && end % 2 === 1 ? Math.min(end + 1, bytes.length) : end);
}

/** Where each plane lies, sorted; of two that claim the same plane the later one in the document holds. */
function runsOf(image: IOmeImage, planes: IPlaneAt, before: number, own: string, xml: IOmeXml): IRun[] {
  const total = planes.t * planes.c * planes.z;
  if (image.tiffData.length === 0) {
    return [{ start: 0, end: total, ifd: before, key: own }];
  }
  const names = new Set(image.tiffData.map(({ fileName }) => fileName));
  const ownName = own.slice(folderOf(own).length).toLowerCase();
  const keyOf = ({ fileName, uuid }: IOmeImage['tiffData'][number]): string | null => {
    // One file that was renamed still names itself as it was called.
    const renamed = names.size === 1 && xml.uuid === undefined;
    if (
      fileName === undefined ||
      fileName.toLowerCase() === ownName ||
      (uuid !== undefined && uuid === xml.uuid) ||
      renamed
    ) {
      return own;
    }
    return beside(own, fileName);
  };
  const runs = image.tiffData
    .filter(({ first }) => first.z < planes.z && first.c < planes.c && first.t < planes.t)
    .map(data => {
      const start = positionOf(data.first, planes, image.order);
      const count = data.planeCount ?? (data.ifd === undefined ? total : 1);
      return { start, end: Math.min(total, start + count), ifd: data.ifd ?? 0, key: keyOf(data) };
    });
  return runs.sort((a, b) => a.start - b.start);
}

/** Position of a plane in the order of the dimensions, x and y left out. */
function positionOf(at: IPlaneAt, planes: IPlaneAt, order: string): number {
  const [fast, middle, slow] = Array.from(order.slice(2).toLowerCase()) as ('t' | 'c' | 'z')[]; // checked with the document
  return at[fast] + planes[fast] * (at[middle] + planes[middle] * at[slow]);
}

/** The last run that begins at or before `position` and holds it. */
function runAt(runs: readonly IRun[], position: number): IRun | undefined {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle].start <= position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (let i = low - 1; i >= 0; i--) {
    if (runs[i].end > position) {
      return runs[i];
    }
  }
  return undefined;
}

/** Planes along the channel axis: samples of a pixel are counted in SizeC (OME schema, "SamplesPerPixel"). */
function channelPlanes(image: IOmeImage, samples: number): number {
  return samples > 1 && image.size.c % samples === 0 ? image.size.c / samples : image.size.c;
}

/** The same as the document alone tells it: a channel of three samples is one plane. */
function storedChannels({ size, channels }: IOmeImage): number {
  const samples = channels.reduce((sum, channel) => sum + channel.samples, 0);
  return samples === size.c ? channels.length : size.c;
}

/** One entry per channel, samples counted. White is the schema's default and says nothing where several have it. */
function hintsOf(image: IOmeImage, count: number): IChannelHint[] {
  const white = image.channels.length > 1 && image.channels.every(({ color }) => color === 'FFFFFF');
  const listed = image.channels.flatMap(({ name, color, samples }): IChannelHint[] => {
    const hint = { ...(name !== '' && { label: name }), ...(color && !white && samples === 1 && { color }) };
    return Array.from({ length: Math.min(samples, count) }, () => hint);
  });
  return listed.length === count && listed.some(hint => Object.keys(hint).length > 0) ? listed : [];
}

/** The first plane that is there, tried in the opened file first; it says how all are stored. */
async function firstPlane(
  files: Files,
  runs: readonly IRun[],
  own: string,
  signal?: AbortSignal
): Promise<{ file: TiffFile; levels: ILevels }> {
  const keys = [...new Set([own, ...runs.map(({ key }) => key)])];
  let without: { file: string; page: number } | undefined;
  for (const key of keys.slice(0, LOOKED_FOR)) {
    const run = runs.find(candidate => candidate.key === key);
    const file = key === null || !run ? null : await files.get(key);
    const directory = run && (await file?.directory(run.ifd, signal));
    if (file && directory) {
      return { file, levels: await readLevels(file, directory, signal) };
    }
    if (file && run) {
      without ??= { file: file.bytes.key, page: run.ifd };
    }
  }
  if (without) {
    throw badTiff(without.file, say`OME-XML names page ${without.page}, which the file does not have`);
  }
  throw new BioImageError('NOT_FOUND', say`None of the files that hold the planes of this image is there.`, {
    where: own
  });
}

async function openPlan(
  files: Files,
  image: IOmeImage,
  own: string,
  before: number,
  xml: IOmeXml,
  signal?: AbortSignal
): Promise<IPlan> {
  const { size } = image;
  const guess = runsOf(image, { t: size.t, c: size.c, z: size.z }, before, own, xml);
  const others = [...new Set(guess.map(({ key }) => key))].filter(key => key !== own && key !== null);
  const [{ levels }, ...found] = await Promise.all([
    firstPlane(files, guess, own, signal),
    ...others.slice(0, LOOKED_FOR).map(async key => ({ key, file: await files.get(key ?? '') }))
  ]);
  const [format] = levels.formats;
  const planes = { t: size.t, c: channelPlanes(image, format.samples), z: size.z };
  const runs = runsOf(image, planes, before, own, xml);
  const missing = found.filter(({ file }) => file === null).map(({ key }) => key);
  return {
    name: image.name,
    planes,
    formats: levels.formats,
    physical: image.physical,
    channels: hintsOf(image, planes.c * format.samples),
    key: own,
    measured: true,
    ...(xml.metadataFile !== undefined && { describedBy: xml.metadataFile }),
    notices: [...levels.notices, ...noticesOf(image, format, missing, others.length, guess)],
    async page(level, at, signalOfPage): Promise<IPage | null> {
      const position = positionOf(at, planes, image.order);
      const run = runAt(runs, position);
      const file = run?.key ? await files.get(run.key) : null;
      if (file) {
        file.bytes.most = Infinity; // somebody looks at this plane
      }
      const main = run && (await file?.directory(run.ifd + position - run.start, signalOfPage));
      return file && main ? pageOfLevel(file, main, levels, level, signalOfPage) : null;
    }
  };
}

/** Pixel types of the schema whose names are not those of Zarr (OME schema 2016-06, PixelType). */
const TYPES: Readonly<Record<string, string>> = { bit: 'bool', float: 'float32', double: 'float64' };

function noticesOf(
  { size, type }: IOmeImage,
  { width, height, dtype }: IFormat,
  missing: readonly (string | null)[],
  files: number,
  runs: readonly IRun[]
): Said[] {
  const notices: Said[] = [];
  if (size.x !== width || size.y !== height) {
    notices.push(say`OME-XML tells of ${size.x} × ${size.y} pixels, the file has ${width} × ${height}.`);
  }
  if (type !== undefined && (TYPES[type] ?? type) !== dtype) {
    notices.push(say`OME-XML tells of ${cleanText(type, 20)} pixels, the file has ${dtype}.`);
  }
  if (missing.length > 0) {
    notices.push(
      say`${missing.length} of the ${files} other files of this image are missing; their planes are shown as no data.`
    );
  }
  if (runs.some(({ key }) => key === null)) {
    notices.push(say`Some planes are said to be in files outside of the folder; they are shown as no data.`);
  }
  return notices;
}

/**
 * The images of an OME-TIFF (OME-TIFF specification; OME schema 2016-06). `description` is the first directory's.
 *
 * @throws BAD_METADATA, UNSUPPORTED, NOT_FOUND for a companion that is not there
 */
export async function readOme(
  store: IReadableStore,
  file: TiffFile,
  description: Uint8Array,
  signal?: AbortSignal
): Promise<IContents | null> {
  const { key } = file.bytes;
  const xml = await withCompanion(store, key, readOmeXml(trimmed(description), `${key}: OME-XML`), signal);
  const usable = xml.images.filter(({ size }) => size.x > 0);
  const files = new Files(store, file);
  let before = 0;
  const images = usable.map((image): IFound => {
    const first = before;
    before += image.size.z * image.size.t * storedChannels(image);
    return {
      name: image.name,
      size: image.size,
      open: signalOfImage => openPlan(files, image, key, first, xml, signalOfImage)
    };
  });
  return images.length > 0 ? { images, mainFirst: false, notices: [] } : null;
}
