import { BioImageError, cleanText, isBioImageError, saidTogether, say, throwIfAborted } from '../core';
import type { Said } from '../core';
import { openNode, type INode } from '../ngff';
import { below, openZip, withCache, topFolders, type IReadableStore, type IZip } from '../stores';
import { openTiff } from '../tiff';
import type { PartsDecoder } from './parts';
import { noServerDecoder, type IServerDecoder } from './remote';
import { withWholeShards } from './smallshards';

/** What an address leads to once all of its way is gone. */
export interface IContent {
  readonly node: INode;
  /** Rooted at what was opened; of a TIFF, at its folder. */
  readonly store: IReadableStore;
  readonly server: IServerDecoder;
  readonly notices: readonly Said[];
}

/** A file that holds images: found by its name. */
export interface IContainer {
  readonly id: 'zip' | 'tiff';
  /** A segment of an address of this form is such a file, and what follows lies in it. */
  readonly names: RegExp;
  /**
   * Opens `inner` ('' = the top) of the file `file` of `store`, which is rooted at the file's folder; `server` decodes parts of
   * the files of that folder.
   *
   * @throws NOT_FOUND, UNSUPPORTED, BAD_METADATA, what the store throws, or the signal's reason
   */
  open(
    store: IReadableStore,
    file: string,
    inner: string,
    signal: AbortSignal,
    server?: PartsDecoder | null
  ): Promise<IContent>;
}

/** All containers; whatever fits none is a Zarr hierarchy in the store itself. A new one is an entry here. */
export const CONTAINERS: readonly IContainer[] = [
  { id: 'zip', names: /\.(zip|ozx)$/i, open: openInZip },
  { id: 'tiff', names: /\.(tiff?|btf|tf[28]|svs|ndpi|scn|qptiff)$/i, open: openInTiff }
];

/** A path taken apart at the first container in it. */
export interface IContained {
  readonly container: IContainer;
  /** Key of the folder of the file; '' at the root. */
  readonly folder: string;
  readonly file: string;
  /** What follows, without slashes around it. */
  readonly inner: string;
}

/** The first container that `segments` lead through; undefined where there is none. */
export function containedIn(segments: readonly string[]): IContained | undefined {
  for (const [i, segment] of segments.entries()) {
    const container = CONTAINERS.find(({ names }) => names.test(segment));
    if (container) {
      const [folder, inner] = [segments.slice(0, i), segments.slice(i + 1)].map(part => part.join('/'));
      return { container, folder, file: segment, inner };
    }
  }
  return undefined;
}

/** The session reads only its own stores. */
export const NO_SESSION = noServerDecoder(
  say`the session could decode it only from one of its own stores`,
  say`Ask the operator of this service to add the store, or use the code snippet.`
);

const ENCODED_CACHE = 64 << 20; // bytes of encoded chunks and documents kept per image

/** A place in an archive. */
export interface IArchivePlace {
  /** All files of the archive, and the key of the place among them; '' is the top. */
  readonly files: IReadableStore;
  readonly key: string;
  readonly names: ReadonlySet<string>;
  readonly notices: readonly Said[];
  /** The archive itself. */
  readonly zip: IZip;
}

/**
 * Finds `inner` in the archive `file` of `store`: below its single top folder where it has one. '' is the Zarr hierarchy at the
 * top, else the only image in it.
 *
 * @throws NOT_FOUND (where '' is no image it names those that are), and as `openZip`
 */
export async function openArchive(
  store: IReadableStore,
  file: string,
  inner: string,
  signal?: AbortSignal
): Promise<IArchivePlace> {
  const zip = await openZip(store, file, signal);
  const { store: files, names, notices } = zip;
  throwIfAborted(signal);
  let place: ReturnType<typeof placeIn>;
  try {
    place = placeIn(names, inner);
  } catch (error) {
    throw isBioImageError(error, 'NOT_FOUND') ? withHint(error, notices) : error;
  }
  return { files, names, key: place.key, notices: [...notices, ...place.notices], zip };
}

async function openInZip(
  store: IReadableStore,
  file: string,
  inner: string,
  signal: AbortSignal,
  server: PartsDecoder | null = null
): Promise<IContent> {
  const place = await openArchive(store, file, inner, signal);
  try {
    return await openAt(place, server?.inside(file, place.zip) ?? null, signal);
  } catch (error) {
    throw isBioImageError(error, 'NOT_FOUND') ? withHint(error, place.notices) : error;
  }
}

/** What was left out of an archive may be what was looked for. */
function withHint(error: BioImageError, notices: readonly Said[]): BioImageError {
  const { code, said, where } = error;
  return notices.length === 0
    ? error
    : new BioImageError(code, said.message, { hint: saidTogether([...notices, said.hint]), where, cause: error });
}

/** What lies at a place in an archive. */
async function openAt(
  { files, names, key, notices }: IArchivePlace,
  server: PartsDecoder | null,
  signal: AbortSignal
): Promise<IContent> {
  const within = containedIn(key.split('/'));
  if (within && names.has([within.folder, within.file].filter(part => part !== '').join('/'))) {
    const { folder, file, inner } = within;
    const content = await within.container.open(below(files, folder), file, inner, signal, server?.below(folder));
    return { ...content, notices: [...notices, ...content.notices] };
  }
  const cached = withCache(below(files, key), ENCODED_CACHE);
  // Files that are not there cost nothing here, and what is read ahead is wanted.
  const node = await openNode(cached, signal, { speculate: true });
  return {
    node,
    store: node.kind === 'image' ? withWholeShards(cached, node) : cached,
    server: server?.below(key) ?? NO_SESSION,
    notices
  };
}

/** Where `inner` lies in an archive of these files: below its top folder, or beginning with that. */
function placeIn(names: ReadonlySet<string>, inner: string): { key: string; notices: readonly Said[] } {
  const { folders, zarr } = topFolders(names);
  if (inner !== '') {
    const holds = (key: string): boolean => names.has(key) || [...names].some(name => name.startsWith(`${key}/`));
    const keys = folders.map(folder => (folder === '' ? inner : `${folder}/${inner}`));
    return { key: keys.find(holds) ?? inner, notices: [] };
  }
  if (zarr) {
    return { key: folders[folders.length - 1], notices: [] };
  }
  const images = imagesIn(names);
  if (images.length === 1) {
    return {
      key: images[0],
      notices: [say`The archive holds other files beside the image ${cleanText(images[0], 80)}.`]
    };
  }
  const first = images
    .slice(0, 5)
    .map(name => cleanText(name, 80))
    .join(', ');
  const more = images.length - 5;
  const listed = more > 0 ? say`${first} and ${more} more` : first;
  throw new BioImageError('NOT_FOUND', say`There is no image at the top of this archive.`, {
    hint:
      images.length > 0
        ? say`It holds ${listed}: add one of these names to the address, after a slash.`
        : say`Check the address: no file in it is known as an image.`
  });
}

/** Topmost Zarr hierarchies and image files of an archive. */
function imagesIn(names: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  const inside = (name: string): boolean => {
    for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
      if (found.has(name.slice(0, at))) {
        return true;
      }
    }
    return false;
  };
  const roots = [...names].flatMap(name => /^(.+)\/(zarr\.json|\.zgroup|\.zattrs|\.zarray)$/.exec(name)?.[1] ?? []);
  const files = [...names].filter(name => CONTAINERS.some(({ id, names: form }) => id === 'tiff' && form.test(name)));
  for (const name of [...new Set([...roots, ...files])].sort((a, b) => a.length - b.length)) {
    if (!inside(name)) {
      found.add(name);
    }
  }
  return [...found].sort();
}

async function openInTiff(
  store: IReadableStore,
  file: string,
  inner: string,
  signal: AbortSignal,
  server: PartsDecoder | null = null
): Promise<IContent> {
  if (inner !== '' && !/^\d{1,6}$/.test(inner)) {
    throw new BioImageError('NOT_FOUND', say`There is nothing at this address: images in a TIFF file are numbers.`, {
      hint: say`Open the file itself, or one of its images by a number after the slash, such as /0.`
    });
  }
  const cached = withCache(store, ENCODED_CACHE);
  const node = await openTiff(cached, file, inner === '' ? undefined : Number(inner), signal);
  return { node, store: cached, server: server ?? NO_SESSION, notices: [] };
}
