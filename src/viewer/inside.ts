import { cleanText, isBioImageError } from '../core';
import type { IImage, INode } from '../ngff';
import type { IReadableStore, joinKey } from '../stores';
import { recognisedAlert } from './alert';
import type { IAction, IAlert, IInside } from './alert';
import type { IPreviewHost } from './types';

/** The part of a store below `root`, so that what lies there can be opened as if it were alone. */
function below(store: IReadableStore, root: string, join: typeof joinKey): IReadableStore {
  return {
    name: store.name,
    get: (key, options) => store.get(join(root, key), options),
    getRange: (key, range, options) => store.getRange(join(root, key), range, options)
  };
}

/**
 * Path of the first image of a well, as the well's own metadata name it. Where they do not, it is the well itself: its
 * preview says what is wrong.
 */
export async function firstField(store: IReadableStore, well: string, signal?: AbortSignal): Promise<string> {
  const [{ openNode }, { joinKey }] = await Promise.all([import('../ngff'), import('../stores')]);
  try {
    const node: INode = await openNode(below(store, well, joinKey), signal, { speculate: false });
    return node.kind === 'well' && node.fields.length > 0 ? `${well}/${node.fields[0].path}` : well;
  } catch (error) {
    if (!isBioImageError(error)) {
      throw error;
    }
    return well;
  }
}

/** Says what it is that cannot be drawn as a whole yet, and offers the images in it. */
export function insideAlert(
  node: Exclude<INode, IImage>,
  uri: string,
  store: IReadableStore,
  host: IPreviewHost,
  signal: AbortSignal
): IAlert {
  const { inside, ...alert } = recognisedAlert(node, host.trans);
  const images = inside.map(image => insideAction(image, uri, store, host, signal));
  return { ...alert, calm: true, actions: [], images };
}

/** The button of an image inside what was opened at `uri`; the field of a well is looked up once it is wanted. */
function insideAction(
  { name, path, well }: IInside,
  uri: string,
  store: IReadableStore,
  host: IPreviewHost,
  signal: AbortSignal
): IAction {
  const open = (key: string): void => host.open?.(`${uri.replace(/\/+$/, '')}/${key}`);
  const look = async (): Promise<void> => {
    const key = await firstField(store, path, signal);
    if (!signal.aborted) {
      open(key);
    }
  };
  return { label: cleanText(name), run: () => (well ? void look().catch(() => open(path)) : open(path)) };
}
