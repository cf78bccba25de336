import { BioImageError, invalid, isAbort, say, throwIfAborted, toBioImageError } from '../core';
import type { Said } from '../core';
import { buildNode, openNode, type IImage, type INode } from '../ngff';
import { below, joinKey, type IReadableStore } from '../stores';
import { signalsFrom } from './plane';
import type { Pyramid } from './pyramid';

/** A label image laid over an image. */
export interface ILabelImage {
  /** Its path in the group of labels; unique there. */
  readonly name: string;
  readonly image: IImage;
  readonly pyramid: Pyramid;
}

/** The label images of an image, in the order of the metadata. */
export interface ILabelImages {
  readonly labels: readonly ILabelImage[];
  readonly failed: readonly { readonly name: string; readonly error: BioImageError }[];
}

/** Of an image without label images. */
export const NO_LABELS: ILabelImages = { labels: [], failed: [] };

const MOST = 64; // label images read
const DEEPEST = 8; // of lists of labels in lists of labels

/** Names of the documents that decide what a group is, by Zarr format. */
const DOCUMENTS = { 2: '.zattrs', 3: 'zarr.json' } as const;
const OTHERS = ['zarr.json', '.zattrs', '.zgroup', '.zarray'];

/** Asks only for documents of one Zarr format: in a hierarchy those of the other are not there, and each costs a request. */
function ofFormat(store: IReadableStore, format: 2 | 3): IReadableStore {
  const other = format === 2 ? /(^|\/)zarr\.json$/ : /(^|\/)\.z(attrs|array|group)$/;
  return {
    name: store.name,
    get: async (key, options) => (other.test(key) ? undefined : store.get(key, options)),
    getRange: (key, range, options) => store.getRange(key, range, options)
  };
}

/** What the group at `path` lists; null where there is no such group or it lists nothing. */
async function listed(
  store: IReadableStore,
  path: string,
  format: 2 | 3,
  signal: AbortSignal
): Promise<string[] | null> {
  const bytes = await store.get(joinKey(path, DOCUMENTS[format]), { signal });
  if (!bytes) {
    return null;
  }
  const documents = new Map<string, Uint8Array | null>(OTHERS.map(key => [key, null]));
  const built = buildNode(documents.set(DOCUMENTS[format], bytes));
  return 'node' in built && built.node.kind === 'collection' ? built.node.series.map(series => series.path) : null;
}

/** What stands where a label image should. */
const KINDS: Readonly<Record<Exclude<INode['kind'], 'image'>, Said>> = {
  plate: say`is a plate`,
  well: say`is a well`,
  collection: say`is a collection`,
  group: say`is a group`
};

/** Ids are whole numbers (OME-Zarr 0.4, section 2.6); other values would be drawn as ids they are not. */
function checked(node: INode): IImage {
  if (node.kind !== 'image') {
    throw invalid(undefined, KINDS[node.kind], { subject: say`a label` });
  }
  const { dtype } = node.levels[0].array;
  if (!/int/.test(dtype) && dtype !== 'bool') {
    throw invalid(undefined, say`are of type ${dtype}, not whole numbers`, {
      subject: say`labels`,
      hint: say`Ids are whole numbers; open the label image by itself to see its values.`
    });
  }
  return node;
}

/**
 * Opens the label images of `image`, whose store is `store`: what `labels` lists, and lists in these, at most 64. One that cannot
 * be read is told in `failed`.
 *
 * @param pyramidOf - over the store below a path
 * @throws what the store throws for the list itself, BAD_METADATA for a list that is none, or the signal's reason
 */
export async function openLabels(
  image: IImage,
  store: IReadableStore,
  pyramidOf: (image: IImage, path: string, store: IReadableStore) => Pyramid,
  signal: AbortSignal
): Promise<ILabelImages> {
  if (image.zarrFormat === 0 || image.version === '') {
    return NO_LABELS;
  }
  const format = image.zarrFormat;
  const first = (await listed(store, 'labels', format, signal)) ?? [];
  const labels: ILabelImage[] = [];
  const failed: { name: string; error: BioImageError }[] = [];
  const seen = new Set<string>();
  let left = MOST;
  const leave = signalsFrom(signal);

  const openOne = async (name: string): Promise<() => Promise<void>> => {
    try {
      if (name.split('/').length > DEEPEST) {
        throw invalid(undefined, say`are in one another without end`, { subject: say`lists of labels` });
      }
      const path = joinKey('labels', name);
      const own = below(store, path);
      const node = await openNode(ofFormat(own, format), leave.next(), { speculate: false });
      if (node.kind === 'collection') {
        return () => openAll(node.series.map(series => `${name}/${series.path}`));
      }
      const label = checked(node);
      labels.push({ name, image: label, pyramid: pyramidOf(label, path, own) });
    } catch (error) {
      throwIfAborted(signal);
      if (isAbort(error)) {
        throw error;
      }
      failed.push({ name, error: toBioImageError(error) });
    }
    return () => Promise.resolve();
  };

  const openAll = async (names: readonly string[]): Promise<void> => {
    const fresh = names.filter(name => !seen.has(name) && seen.add(name));
    const taken = fresh.slice(0, Math.max(0, left));
    left -= taken.length;
    const refused = fresh.length - taken.length;
    if (refused > 0) {
      const text = say`Too many label images to show at once (${refused} more than the ${MOST} that are read).`;
      failed.push({ name: fresh[taken.length], error: new BioImageError('TOO_LARGE', text) });
    }
    const deeper = await Promise.all(taken.map(openOne));
    for (const more of deeper) {
      await more();
    }
  };

  await openAll(first).finally(leave.done);
  const order = [...seen];
  const at = ({ name }: { name: string }): number => order.indexOf(name);
  return { labels: labels.sort((a, b) => at(a) - at(b)), failed: failed.sort((a, b) => at(a) - at(b)) };
}
