import { BioImageError, cleanText, isBioImageError, say } from '../core';
import type { ICollection, INode } from '../ngff';
import type { IReadableStore } from '../stores';
import { readAperio } from './aperio';
import { badTiff } from './bytes';
import { TAG } from './directory';
import { TiffFile } from './file';
import { buildTiffImage } from './image';
import { readImageJ } from './imagej';
import { readOme, trimmed } from './ome';
import { readPlain } from './pages';
import type { IContents } from './plan';
import { withSparse } from './sparse';

/** Requests that opening a file may take; a hostile one could lead through all of its bytes. */
const MOST_REQUESTS = 60;
/** Bytes of a description that are looked at; OME-XML has a bound of its own. */
const MAX_DESCRIPTION = 16 * 1024 * 1024;

async function contentsOf(store: IReadableStore, file: TiffFile, signal?: AbortSignal): Promise<IContents> {
  const { key } = file.bytes;
  const first = await file.directory(0, signal);
  if (!first) {
    throw badTiff(key, say`it has no directory`);
  }
  const length = first.length(TAG.ImageDescription);
  if (length > MAX_DESCRIPTION) {
    throw badTiff(key, say`its description has more than ${MAX_DESCRIPTION >> 20} MiB`);
  }
  const description = (await first.raw(TAG.ImageDescription, MAX_DESCRIPTION, signal)) ?? new Uint8Array();
  const head = new TextDecoder('latin1').decode(description.subarray(0, 8192));
  if (looksLikeOme(description)) {
    const found = await describedByXml(store, file, description, signal);
    if (found) {
      return found;
    }
  }
  if (head.startsWith('ImageJ=')) {
    return readImageJ(file, first, head, signal);
  }
  return head.startsWith('Aperio') ? readAperio(file, head, signal) : readPlain(file, signal);
}

/** What OME-XML tells; where it cannot be read the pages are shown as those of any file: the pixels do not depend on it. */
async function describedByXml(
  store: IReadableStore,
  file: TiffFile,
  description: Uint8Array,
  signal?: AbortSignal
): Promise<IContents | null> {
  try {
    return await readOme(store, file, description, signal);
  } catch (error) {
    if (!isBioImageError(error, 'BAD_METADATA')) {
      throw error;
    }
    const plain = await readPlain(file, signal);
    const notice = say`The OME-XML cannot be read; the pages are shown without it. ${error.said.message}`;
    return { ...plain, notices: [notice, ...plain.notices] };
  }
}

/** By its first and its last element, for comments may stand between. */
function looksLikeOme(description: Uint8Array): boolean {
  const bytes = trimmed(description);
  const text =
    new TextDecoder('latin1').decode(bytes.subarray(-64)) + new TextDecoder('latin1').decode(bytes.subarray(0, 4096));
  const plain = text.replaceAll('\0', ''); // UTF-16
  return /<\/(\w{1,20}:)?OME\s*>/.test(plain) || (/^\s*<|\ufeff/.test(plain) && /<(\w{1,20}:)?OME[\s>]/.test(plain));
}

function collectionOf(key: string, { images, notices }: IContents): ICollection {
  return {
    kind: 'collection',
    version: '',
    path: '',
    name: cleanText(key.slice(key.lastIndexOf('/') + 1)),
    series: images.map(({ name, size }, i) => ({ path: String(i), name: cleanText(name), ...(size && { size }) })),
    notices
  };
}

/**
 * Opens the TIFF file `key` of `store` (rooted at the file's folder, for companions of a multi-file OME-TIFF): an image,
 * or a collection of the images in it, whose series have the paths `0`, `1`, …; `series` opens one of these.
 *
 * Directories are read lazily by ranges. The arrays of the levels have `zarrFormat` 0, `locate` and codecs `tiff.*`.
 * Throws BAD_METADATA naming tag and directory, UNSUPPORTED, NOT_FOUND, what the store throws, or the signal's reason.
 */
export async function openTiff(
  store: IReadableStore,
  key: string,
  series?: number,
  signal?: AbortSignal
): Promise<INode> {
  const file = await TiffFile.open(store, key, MOST_REQUESTS, signal);
  const contents = await contentsOf(store, file, signal);
  const { images, mainFirst, notices } = contents;
  if (series === undefined && images.length !== 1 && !mainFirst) {
    return collectionOf(key, contents);
  }
  const found = images.at(series ?? 0);
  if (!found) {
    throw new BioImageError('NOT_FOUND', say`There is no image ${series ?? 0} in ${key}.`, { where: key });
  }
  const plan = await withSparse(await found.open(signal), signal);
  file.bytes.most = Infinity; // from here on a read is for a plane that somebody looks at
  return buildTiffImage({ ...plan, notices: [...plan.notices, ...notices] });
}
