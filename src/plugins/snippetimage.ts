import { BioImageError } from '../core';
import type { ISelection } from '../entities';
import type { IImage, INode, IPlate, IWell } from '../ngff';
import { openNode } from '../ngff';
import type { IReadableStore, IResolved } from '../stores';
import { DirectStore, joinKey, SessionStore, withCache, withRetry } from '../stores';
import type { IBioImagePreviews, IBioImageSession } from './tokens';

/** Metadata kept while one image is looked up, in bytes. */
const CACHE = 8 * 1024 * 1024;

/** An image's metadata and where it is. */
export interface ISnippetImage {
  image: IImage;
  resolved: IResolved;
  /** The image's place below what was resolved; '' for itself. */
  path: string;
}

/**
 * The metadata of the image that code is wanted for: that of its open preview, else read now. A plate leads to the field
 * that the selection names, a collection with one image to that image.
 */
export async function snippetImage(
  uri: string,
  selection: ISelection,
  session: IBioImageSession,
  previews: IBioImagePreviews | null
): Promise<ISnippetImage> {
  const preview = previews?.find(uri) ?? null;
  const wanted = selection.well === undefined && selection.field === undefined;
  if (wanted && preview?.image != null && preview.resolved !== null) {
    return { image: preview.image, resolved: preview.resolved, path: '' };
  }
  const resolved = await session.resolve(uri);
  if (resolved.store === null && preview?.resolved == null) {
    // An address that nobody confirmed: its preview asks first.
    throw new BioImageError('STORE_DENIED', 'No store of this session answers for this address.', {
      hint: 'Open its preview first and confirm the host.'
    });
  }
  return find(await storeFor(resolved, session, ''), resolved, selection, session, '');
}

async function storeFor(resolved: IResolved, session: IBioImageSession, path: string): Promise<IReadableStore> {
  const { store, direct } = resolved;
  const key = [resolved.key, path].filter(part => part !== '').join('/');
  if (store !== null) {
    return withCache(new SessionStore(await session.client(), store.id, key), CACHE);
  }
  if (direct === undefined) {
    throw new BioImageError('STORE_DENIED', 'No store of this session answers for this address.');
  }
  const below = path === '' ? direct : `${direct}/${path.split('/').map(encodeURIComponent).join('/')}`;
  return withCache(withRetry(new DirectStore(below)), CACHE);
}

async function find(
  store: IReadableStore,
  resolved: IResolved,
  selection: ISelection,
  session: IBioImageSession,
  path: string
): Promise<ISnippetImage> {
  const node = await openNode(store);
  if (node.kind === 'image') {
    return { image: node, resolved, path };
  }
  const below = path === '' ? childOf(node, selection) : joinKey(path, childOf(node, selection));
  return find(await storeFor(resolved, session, below), resolved, selection, session, below);
}

/** The one place below a node where the selection leads; each step is nearer to an image, so this ends. */
function childOf(node: Exclude<INode, IImage>, selection: ISelection): string {
  switch (node.kind) {
    case 'plate':
      return wellOf(node, selection);
    case 'well':
      return fieldOf(node, selection);
    case 'collection':
      if (node.series.length === 1) {
        return node.series[0].path;
      }
      throw new BioImageError('UNSUPPORTED', 'This is a collection of images, not one image.', {
        hint: 'Insert code for one of its images.'
      });
    case 'group':
      throw new BioImageError('UNSUPPORTED', 'This is a Zarr group, not one image.', {
        hint: 'Insert code for one of its arrays.'
      });
    default:
      return node satisfies never;
  }
}

function wellOf(plate: IPlate, selection: ISelection): string {
  const well = plate.wells.find(({ name, path }) => name === selection.well || path === selection.well);
  if (well === undefined) {
    const message = selection.well === undefined ? 'This is a plate, not one image.' : 'The plate has no such well.';
    throw new BioImageError('BAD_REQUEST', message, { where: 'well', hint: 'Insert code for a field of one of its wells.' });
  }
  return well.path;
}

function fieldOf(well: IWell, selection: ISelection): string {
  const field = well.fields.at(selection.field ?? 0);
  if (field === undefined) {
    throw new BioImageError('BAD_REQUEST', 'The well has no such field.', { where: 'field' });
  }
  return field.path;
}
