import { below, childOf } from '../stores';
import type { IOpening } from './opening';

/** A well of a plate that is open: its metadata are all that is read. */
export async function openWell({ opened, decoder, transport }: IOpening, path: string, signal: AbortSignal): Promise<IOpening> {
  const { openNode } = await import('../ngff');
  const store = below(opened.store, path);
  const node = await openNode(store, signal, { speculate: false });
  return {
    // store and decoder are those of the plate, which outlives its wells
    opened: {
      node,
      store,
      route: opened.route,
      place: childOf(opened.place, path),
      pyramidOf: (image, inner = '') => opened.pyramidOf(image, inner === '' ? path : `${path}/${inner}`),
      labels: () => Promise.resolve({ labels: [], failed: [] }),
      done: opened.done,
      dispose: () => undefined
    },
    decoder: {
      decode: (...args) => decoder.decode(...args),
      warm: codecs => decoder.warm(codecs),
      dispose: () => undefined
    },
    transport
  };
}
