import { isBioImageError } from '../../core';
import { buildNode } from '..';
import type { IImage } from '..';

export type Json = Record<string, unknown>;

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

export interface ILevelOf {
  readonly shape: readonly number[];
  readonly transformations?: readonly Json[];
}

/** An image of these levels, as 0.5 writes it or, with `systems`, as 0.6 does. */
export function imageOf(names: string, levels: readonly ILevelOf[], more: Json = {}, unit = 'micrometer'): IImage {
  const axes = [...names].map(name => ({
    name,
    type: name === 't' ? 'time' : name === 'c' ? 'channel' : 'space',
    ...('zyx'.includes(name) && { unit })
  }));
  const datasets = levels.map(({ transformations }, i) => ({
    path: String(i),
    ...(transformations && { coordinateTransformations: transformations })
  }));
  const frame = 'coordinateSystems' in more ? {} : { axes };
  const documents = new Map<string, Uint8Array | null>([
    ['.zattrs', null],
    [
      'zarr.json',
      bytes({
        zarr_format: 3,
        node_type: 'group',
        attributes: {
          ome: { version: 'version' in more ? more.version : '0.5', multiscales: [{ ...frame, datasets, ...more }] }
        }
      })
    ]
  ]);
  levels.forEach(({ shape }, i) =>
    documents.set(
      `${i}/zarr.json`,
      bytes({
        zarr_format: 3,
        node_type: 'array',
        shape,
        data_type: 'uint8',
        chunk_grid: { name: 'regular', configuration: { chunk_shape: shape.map(size => Math.min(64, size)) } },
        fill_value: 0,
        codecs: [{ name: 'bytes' }]
      })
    )
  );
  const built = buildNode(documents);
  if (!('node' in built) || built.node.kind !== 'image') {
    throw new Error('no image');
  }
  return built.node;
}

/** Code of the failure, or the failure itself where it is not ours; `nothing` where there is none. */
export function codeOf(run: () => unknown): string {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return isBioImageError(error) ? error.code : String(error);
  }
}
