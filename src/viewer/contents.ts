import { BioImageError, say } from '../core';
import type { INode } from '../ngff';
import type { IContent, IContentOptions } from './content';
import { ImageContent } from './imagecontent';

/** What shows each kind of node; loaded with the first one of its kind. */
const CONTENTS: { [K in INode['kind']]: (node: Extract<INode, { kind: K }>, options: IContentOptions) => Promise<IContent> } = {
  image: async (node, options) => {
    const [module, { withAxes }] = await Promise.all([options.stage(), import('../ngff')]);
    const { pyramid } = options.opened;
    if (!pyramid) {
      throw new BioImageError('INTERNAL', say`The image was opened without its pixels.`);
    }
    return new ImageContent(options, module, node, pyramid, withAxes);
  },
  plate: async (node, options) => (await import('./plate')).plateContent(node, options),
  well: async (node, options) => (await import('./plate')).wellContent(node, options),
  collection: async (node, options) => (await import('./collection')).collectionContent(node, options),
  group: async (node, options) => (await import('./tree')).treeContent(node, options)
};

/** Makes what shows a node. Rejects where its code cannot be loaded. */
export function makeContent<K extends INode['kind']>(node: Extract<INode, { kind: K }>, options: IContentOptions): Promise<IContent> {
  return CONTENTS[node.kind](node, options);
}
