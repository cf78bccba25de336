import { BioImageError, isBioImageError, say } from '../core';
import type { ISelection } from '../entities';
import type { IImage, INode, IPlate, IWell } from '../ngff';
import { openNode, withAxes } from '../ngff';
import { containedIn, openArchive } from '../pixels';
import type { SnippetPacking } from '../snippets';
import type { IReadableStore, IResolved } from '../stores';
import { childOf, DirectStore, parentOf, segmentsOf, SessionStore, withCache, withRetry } from '../stores';
import type { IBioImagePreviews, IBioImageSession } from './tokens';

/** Metadata kept while one image is looked up, in bytes. */
const CACHE = 8 * 1024 * 1024;

/** An image's metadata and where it is. */
export interface ISnippetImage {
  image: IImage;
  /** The image itself, or the file that it is packed in. */
  resolved: IResolved;
  packing?: SnippetPacking;
}

/** Where in an address something is; the same as on the screen where nothing is said. */
function isOnScreen(selection: ISelection, shown: ISelection): boolean {
  return (['inside', 'well', 'field'] as const).every(
    part => selection[part] === undefined || selection[part] === shown[part]
  );
}

/**
 * The metadata of the image that code is wanted for: that of its open preview, else read now. A plate leads to the field
 * that the selection names, a collection to the series that it names, or to its only one.
 */
export async function snippetImage(
  uri: string,
  selection: ISelection,
  session: IBioImageSession,
  previews: IBioImagePreviews | null
): Promise<ISnippetImage> {
  const preview = previews?.find(uri) ?? null;
  if (preview?.image != null && preview.resolved !== null && isOnScreen(selection, preview.selection)) {
    return packed(planeOf(preview.image, selection), preview.resolved, session);
  }
  const resolved = await session.resolve(uri);
  if (resolved.store === null && preview?.resolved == null) {
    // An address that nobody confirmed: its preview asks first.
    throw new BioImageError('STORE_DENIED', say`No store of this session answers for this address.`, {
      hint: say`Open its preview first and confirm the host.`
    });
  }
  const { inside } = selection;
  const found = await find(inside === undefined ? resolved : childOf(resolved, inside), selection, session);
  return packed(planeOf(found.image, selection), found.resolved, session);
}

/** Of a plain array the axes that the selection shows. */
function planeOf(image: IImage, { plane }: ISelection): IImage {
  return plane !== undefined && image.version === '' ? withAxes(image, plane) : image;
}

async function storeAt({ store, key, direct }: IResolved, session: IBioImageSession): Promise<IReadableStore> {
  if (store !== null) {
    return withCache(withRetry(new SessionStore(await session.client(), store.id, key)), CACHE);
  }
  if (direct === undefined) {
    throw new BioImageError('STORE_DENIED', say`No store of this session answers for this address.`);
  }
  return withCache(withRetry(new DirectStore(direct)), CACHE);
}

/** The file that an address leads into, as a place, and what the address says after it; `null` where there is none. */
function fileOf(resolved: IResolved) {
  const contained = containedIn(segmentsOf(resolved));
  if (contained === undefined) {
    return null;
  }
  const below = contained.inner === '' ? 0 : contained.inner.split('/').length;
  const [file, folder] = [parentOf(resolved, below), parentOf(resolved, below + 1)];
  return file === null || folder === null ? null : { ...contained, place: file, folder };
}

/** What lies at a place, in a file or not. A folder may be called like a file: then there is no such file. */
async function nodeAt(place: IResolved, session: IBioImageSession): Promise<INode> {
  const file = fileOf(place);
  if (file !== null) {
    try {
      const { signal } = new AbortController();
      const content = await file.container.open(await storeAt(file.folder, session), file.file, file.inner, signal);
      return content.node;
    } catch (error) {
      if (!isBioImageError(error, 'NOT_FOUND') && !isBioImageError(error, 'PATH_DENIED')) {
        throw error;
      }
    }
  }
  return openNode(await storeAt(place, session));
}

async function find(
  place: IResolved,
  selection: ISelection,
  session: IBioImageSession
): Promise<{ image: IImage; resolved: IResolved }> {
  const node = await nodeAt(place, session);
  return node.kind === 'image'
    ? { image: node, resolved: place }
    : find(childOf(place, pathIn(node, selection)), selection, session);
}

/** Where code finds the image: the file that it lies in, and its place there. */
async function packed(image: IImage, resolved: IResolved, session: IBioImageSession): Promise<ISnippetImage> {
  const file = fileOf(resolved);
  if (file?.container.id === 'tiff' && image.zarrFormat === 0) {
    const palette = image.levels[0].array.codecs.includes('tiff.palette');
    const { describedBy } = image;
    const packing = { kind: 'tiff', series: Number(file.inner), ...(palette && { palette }), ...(describedBy && { describedBy }) } as const;
    return { image, resolved: file.place, packing };
  }
  if (file?.container.id === 'zip') {
    try {
      const { key } = await openArchive(await storeAt(file.folder, session), file.file, file.inner);
      return { image, resolved: file.place, packing: { kind: 'zip', inside: key } };
    } catch (error) {
      if (!isBioImageError(error, 'NOT_FOUND') && !isBioImageError(error, 'PATH_DENIED')) {
        throw error;
      }
    }
  }
  return { image, resolved };
}

/** The one place below a node where the selection leads; each step is nearer to an image, so this ends. */
function pathIn(node: Exclude<INode, IImage>, selection: ISelection): string {
  switch (node.kind) {
    case 'plate':
      return wellOf(node, selection);
    case 'well':
      return fieldOf(node, selection);
    case 'collection':
      if (node.series.length === 1) {
        return node.series[0].path;
      }
      throw new BioImageError('UNSUPPORTED', say`This is a collection of images, not one image.`, {
        hint: say`Insert code for one of its images.`
      });
    case 'group':
      throw new BioImageError('UNSUPPORTED', say`This is a Zarr group, not one image.`, {
        hint: say`Insert code for one of its arrays.`
      });
    default:
      return node satisfies never;
  }
}

function wellOf(plate: IPlate, selection: ISelection): string {
  const well = plate.wells.find(({ name, path }) => name === selection.well || path === selection.well);
  if (well === undefined) {
    const message =
      selection.well === undefined ? say`This is a plate, not one image.` : say`The plate has no such well.`;
    throw new BioImageError('BAD_REQUEST', message, {
      where: 'well',
      hint: say`Insert code for a field of one of its wells.`
    });
  }
  return well.path;
}

function fieldOf(well: IWell, selection: ISelection): string {
  const field = well.fields.at(selection.field ?? 0);
  if (field === undefined) {
    throw new BioImageError('BAD_REQUEST', say`The well has no such field.`, { where: 'field' });
  }
  return field.path;
}
