import { IBioImageCatalogue } from 'jupyterlab-bioimage';

/** The images that this source knows; a real one would ask a service. */
const IMAGES = [
  { id: 'cells', title: 'Cells from our own list', uri: 'store:samples/cells-2d.ome.zarr' },
  { id: 'stack', title: 'A stack from our own list', uri: 'store:samples/stack-zt.ome.zarr' }
];

/** A source: an id, a name, and one page of what matches a text. */
const source = {
  id: 'own-source-example',
  label: 'Our own list',
  rank: 60,
  landing: 'items',
  search: async ({ text, cursor, limit = 100 }, signal) => {
    signal.throwIfAborted();
    const found = IMAGES.filter(({ title }) => title.toLowerCase().includes(text.trim().toLowerCase()));
    const start = Number(cursor ?? 0);
    const items = found
      .slice(start, start + limit)
      .map(image => ({ ...image, source: 'own-source-example', kind: 'image', viewable: true }));
    return { items, total: found.length, ...(start + limit < found.length ? { cursor: String(start + limit) } : {}) };
  }
};

export default {
  id: 'own-source-example:source',
  description: 'Adds a source of images to the bioimage panel.',
  autoStart: true,
  requires: [IBioImageCatalogue],
  activate: (_app, catalogue) => {
    catalogue.add(source);
  }
};
