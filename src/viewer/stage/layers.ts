import type { ILayerOptions } from './drawnlayer';

/** Whether the same layers lie in the same order: one that is the same object is the same layer. */
export function sameLayers(drawn: readonly ILayerOptions[], wanted: readonly ILayerOptions[]): boolean {
  return drawn.length === wanted.length && wanted.every((layer, index) => layer === drawn[index]);
}
